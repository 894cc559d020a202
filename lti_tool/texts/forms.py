"""From what was typed to what can be stored: checked, rendered and cleaned before any lock is taken."""

from dataclasses import dataclass

from markupsafe import Markup

from lti_tool.core.errors import Invalid
from lti_tool.core.language import gettext as _
from lti_tool.core.richtext import RENDER_VERSION, plain, render
from lti_tool.texts.rules import SOURCE_LENGTH, TITLE_LENGTH


@dataclass(frozen=True, slots=True)
class Prepared:
    """A text that is ready to become a revision."""

    title: str
    source: str
    html: Markup
    render_version: int


def prepare(source: str, title: str | None = None) -> Prepared:
    """Check, render and clean. `title` None means that this text has none. Raises Invalid with a sentence a field."""
    source = _tidy(source)
    problems = (_title_problem(title) if title is not None else {}) | _text_problem(source)
    html = Markup("") if problems else render(source)
    if not problems and not plain(html).strip():
        problems = {"text": _("Nothing of this would be visible. Write it in words.")}
    if problems:
        raise Invalid(_("Not sent yet. Your text is safe."), problems)
    return Prepared(" ".join((title or "").split()), source, html, RENDER_VERSION)


def _tidy(source: str) -> str:
    return source.replace("\r\n", "\n").replace("\x00", "").strip()


def _text_problem(source: str) -> dict[str, str]:
    if not source:
        return {"text": _("Write your text.")}
    if len(source) > SOURCE_LENGTH:
        return {"text": _("Shorten your text to %(most)d characters.") % {"most": SOURCE_LENGTH}}
    return {}


def _title_problem(title: str) -> dict[str, str]:
    if not title.strip():
        return {"title": _("Write your question in one sentence.")}
    if len(title) > TITLE_LENGTH:
        return {"title": _("Shorten your question to %(most)d characters.") % {"most": TITLE_LENGTH}}
    return {}
