"""web.components: the design system's macros escape whatever they are given, which they do not by themselves."""

import re
from pathlib import Path

import pytest
from markupsafe import Markup

from lti_tool.web.components import nhsuk

TEMPLATES = Path(__file__).parents[2] / "templates"
EVIL = "<script>alert('x')</script>\" onfocus=\"alert(1)"
ITEM = {"value": EVIL, "text": EVIL, "hint": {"text": EVIL}}
CALLS = {
    "input": {
        "name": "f", "value": EVIL, "label": {"text": EVIL}, "hint": {"text": EVIL}, "errorMessage": {"text": EVIL},
    },
    "textarea": {
        "name": "f", "value": EVIL, "label": {"text": EVIL}, "hint": {"text": EVIL}, "errorMessage": {"text": EVIL},
    },
    "radios": {
        "name": "f", "idPrefix": "f", "value": EVIL, "items": [ITEM], "fieldset": {"legend": {"text": EVIL}},
        "hint": {"text": EVIL}, "errorMessage": {"text": EVIL},
    },
}  # fmt: skip


def test_every_component_that_templates_use_is_tried_here() -> None:
    used = set()
    for path in TEMPLATES.rglob("*.html"):
        used |= set(re.findall(r'nhsuk\(\s*"([a-z-]+)"', path.read_text(encoding="utf-8")))
    assert used == set(CALLS)


@pytest.mark.parametrize("name", CALLS)
def test_what_somebody_typed_stays_words(name: str) -> None:
    html = nhsuk(name, **CALLS[name])
    assert isinstance(html, Markup)
    assert html.count("&lt;script&gt;") >= 4
    assert "<script" not in html
    assert not re.search(r'(?<!&#34;) onfocus="', html)


def test_html_must_be_markup() -> None:
    with pytest.raises(TypeError):
        nhsuk("button", html="<b>x</b>")
    assert "<b>x</b>" in nhsuk("button", html=Markup("<b>x</b>"))


def test_the_composer_keeps_what_was_typed_to_the_letter() -> None:
    typed = 'a\n\n  & <b> "q"'
    assert Markup.escape(typed) in nhsuk("textarea", name="f", value=typed, label={"text": "x"})
