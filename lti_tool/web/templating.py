"""How templates are read: everything escaped, unknown names an error, gettext in every text, our filters and globals.

Templates hold no logic beyond `if` and `for`. What they may call: `_`, `ngettext`, `page_url`, `static_url`, `may`,
`csrf_field`, `nhsuk`, and the filters of `lti_tool.web.formatting`.
"""

from datetime import datetime, timedelta
from functools import lru_cache
from gettext import NullTranslations
from types import CodeType
from typing import Any

from flask import Flask
from flask.templating import Environment as FlaskEnvironment
from flask_wtf.csrf import generate_csrf
from jinja2 import Environment, StrictUndefined
from jinja2.bccache import Bucket, BytecodeCache
from markupsafe import Markup

from lti_tool.access import may
from lti_tool.core import clock, language
from lti_tool.core.richtext import excerpt
from lti_tool.paths import folder
from lti_tool.web import formatting
from lti_tool.web.addresses import page_url, static_url
from lti_tool.web.components import OneGlobals, nhsuk


class Compiled(BytecodeCache):
    """What templates compile to, kept in memory for all apps of this process and of those that are forked from it."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key, bucket.checksum] = bucket.code


OPTIONS = {
    "autoescape": True,
    "undefined": StrictUndefined,
    "trim_blocks": True,
    "lstrip_blocks": True,
    "extensions": ["jinja2.ext.i18n"],
    "bytecode_cache": Compiled(),
}


class OurEnvironment(OneGlobals, FlaskEnvironment):
    """Flask's, which knows from which folder a template comes."""


def configure(app: Flask) -> None:
    """Set the app's templates up. Must come before anything that reads `app.jinja_env`."""
    app.jinja_environment = OurEnvironment
    app.jinja_options = dict(OPTIONS)
    furnish(app.jinja_env)


def compile_templates() -> None:
    """Compile every template, for all processes that are forked afterwards. It takes a second, and a tenth of one from
    the first who opens a page where it was not done."""
    bare = Flask("lti_tool", template_folder=str(folder("templates")), static_folder=None)
    configure(bare)
    for name in bare.jinja_env.list_templates():
        bare.jinja_env.get_template(name)


def furnish(environment: Environment) -> None:
    """Give an environment our words, filters and globals."""
    environment.install_gettext_callables(  # type: ignore[attr-defined]  # added by the i18n extension
        lambda message: language.gettext(message),
        lambda singular, plural, number: language.ngettext(singular, plural, number),
        newstyle=True,
    )
    environment.globals |= {"gettext": sentence, "_": sentence}
    environment.filters |= {
        "when": lambda moment: formatting.when(moment, clock.now()),
        "stamp": lambda moment: formatting.stamp(moment, clock.now()),
        "soon": lambda moment: formatting.soon(moment, clock.now()),
        "since": _since,
        "at_time": formatting.at_time,
        "long_day": formatting.long_day,
        "whole_day": formatting.whole_day,
        "span": formatting.span,
        "minutes": lambda minutes: formatting.span(timedelta(minutes=minutes)),
        "iso": formatting.iso,
        "excerpt": excerpt,
    }
    environment.globals |= {
        "csrf_field": csrf_field,
        "may": may,
        "nhsuk": nhsuk,
        "page_url": page_url,
        "static_url": static_url,
    }


def sentence(message: str, **values: Any) -> Markup:
    """A sentence in the reader's language, with values escaped into it. Jinja's own way costs three times as much,
    and a page says hundreds."""
    said = _sentence(language.translations, message)
    return said % values if values else said


@lru_cache(maxsize=10_000)
def _sentence(translations: NullTranslations, message: str) -> Markup:
    return Markup(translations.gettext(message))  # noqa: S704 - a sentence of ours, and values are escaped into it


def _since(moment: datetime) -> str:
    return formatting.span(clock.now() - moment)


def csrf_field() -> Markup:
    """The hidden field that every POST form carries."""
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(generate_csrf())
