"""web.templating: templates are compiled once for all apps of a process, and again when they have changed."""

from pathlib import Path

import pytest
from flask import Flask

from lti_tool.paths import folder
from lti_tool.web.templating import OurEnvironment, compile_templates, configure


def an_app(templates: Path) -> Flask:
    app = Flask("lti_tool", template_folder=str(templates), static_folder=None)
    configure(app)
    return app


def test_what_was_compiled_before_is_not_compiled_again(monkeypatch: pytest.MonkeyPatch) -> None:
    compile_templates()
    monkeypatch.setattr(OurEnvironment, "compile", lambda *_given: pytest.fail("it was compiled again"))
    environment = an_app(folder("templates")).jinja_env
    assert environment.get_template("boards/thread.html").name == "boards/thread.html"


def test_a_changed_template_is_compiled_again(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    for words in ("Good morning", "Good evening"):
        page.write_text(words, encoding="utf-8")
        assert an_app(tmp_path).jinja_env.get_template("page.html").render() == words
