"""Templates: each is read without fault, says what it takes, is used, and leaves logic to Python."""

import re
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import meta, nodes

from lti_tool.paths import folder
from lti_tool.web.templating import configure

ROOT = folder("templates")
TEMPLATES = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.html"))
PAGES = [name for name in TEMPLATES if not name.startswith("macros/") and name not in ("layout.html", "bar.html")]
CODE = "\n".join(path.read_text(encoding="utf-8") for path in Path(__file__).parents[2].glob("lti_tool/**/*.py"))
ALL = {name: (ROOT / name).read_text(encoding="utf-8") for name in TEMPLATES}
PARTIAL = {"boards/fields.html", "boards/people.html", "boards/reacted.html", "search/similar.html", "texts/found.html"}
FORBIDDEN = {
    r"\|\s*safe\b": "nothing is safe but what richtext has made",
    r"\bstyle=|\son[a-z]+=": "the CSP refuses it",
    r"<script(?![^>]*src=)": "the CSP refuses it",
    r"\{%-?\s*autoescape": "everything is escaped",
    r"href=\"/|action=\"/|src=\"/": "addresses come from page_url and static_url",
    r"https?://": "nothing is fetched from elsewhere",
    r"<(?:textarea|input(?=[^>]*type=\"text\"))(?![^>]*autocomplete=\"off\")": "Back would show it to anybody",
    r"\.role\b|actor\.duties": "ask the policy table: may(actor, …)",
}


@pytest.fixture(scope="module")
def environment():
    app = Flask(__name__, template_folder=str(ROOT), static_folder=None)
    configure(app)
    return app.jinja_env


@pytest.mark.parametrize("name", TEMPLATES)
def test_it_is_read_without_fault(name, environment):
    environment.get_template(name)


@pytest.mark.parametrize("name", TEMPLATES)
def test_it_says_what_it_is_for(name):
    assert re.match(r"\{#[^#]{15,}#\}", ALL[name], re.DOTALL), "begin with a comment: what it is, what it takes"


@pytest.mark.parametrize("name", TEMPLATES)
def test_it_holds_nothing_forbidden(name):
    text = re.sub(r"\{#.*?#\}", "", ALL[name], flags=re.DOTALL)
    for pattern, why in FORBIDDEN.items():
        assert not re.search(pattern, text), f"{pattern}: {why}"


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_a_title_and_one_heading(name):
    if name in PARTIAL:
        return
    text = ALL[name]
    assert text.count("{% extends ") == 1
    if '{% extends "layout.html" %}' in text:
        assert "{% block title %}" in text
        assert text.count("<h1") == 1


@pytest.mark.parametrize("name", TEMPLATES)
def test_it_is_used(name):
    users = [text for other, text in ALL.items() if other != name]
    assert f'"{name}"' in CODE or any(f'"{name}"' in text for text in users)


@pytest.mark.parametrize("name", [name for name in TEMPLATES if name.startswith("macros/")])
def test_every_macro_is_used(name, environment):
    tree = environment.parse(ALL[name])
    for macro in tree.find_all(nodes.Macro):
        calls = sum(len(re.findall(rf"\b{macro.name}\b", text)) for text in ALL.values())
        assert calls > 1, macro.name


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_import_is_used(name, environment):
    tree = environment.parse(ALL[name])
    for imported in tree.find_all(nodes.FromImport):
        for word in imported.names:
            alias = word if isinstance(word, str) else word[1]
            assert len(re.findall(rf"\b{alias}\b", ALL[name])) > 1, alias


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_word_that_people_read_passes_through_gettext(name, environment):
    """Words between tags, outside of any braces, would stay English for ever."""
    text = "".join(value if kind == "data" else "§" for _line, kind, value in environment.lex(ALL[name]))
    text = re.sub(r"<[^>]*>", "§", text)
    words = [part.strip() for part in text.split("§") if re.search(r"[A-Za-z]{2,}", part)]
    assert [word for word in words if word != "– Grand Round"] == []


def test_references_between_templates_exist(environment):
    for name in TEMPLATES:
        for other in meta.find_referenced_templates(environment.parse(ALL[name])):
            assert other in TEMPLATES, (name, other)
