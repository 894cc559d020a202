"""The language of the interface: every sentence passes through gettext, so that Welsh can follow."""

import gettext as _gettext

translations: _gettext.NullTranslations = _gettext.NullTranslations()


def gettext(message: str) -> str:
    """The sentence in the reader's language."""
    return translations.gettext(message)


def ngettext(singular: str, plural: str, number: int) -> str:
    """The sentence in the reader's language and the right number."""
    return translations.ngettext(singular, plural, number)
