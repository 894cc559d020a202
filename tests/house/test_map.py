"""`docs/map.md` answers "where is…": every file exists, and every name stands in it."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROWS = re.findall(
    r"^\| (Where[^|]+\?) \| `([^`]+)` \| `([^`]+)` \|$", (ROOT / "docs/map.md").read_text("utf-8"), re.MULTILINE
)


def test_the_map_answers_twenty_questions():
    assert len(ROWS) >= 20
    assert len({question for question, _path, _name in ROWS}) == len(ROWS)


@pytest.mark.parametrize(("question", "path", "name"), ROWS, ids=[row[0] for row in ROWS])
def test_where_is(question, path, name):
    text = (ROOT / path).read_text("utf-8")
    called = re.escape(name)
    defined = rf"^\s*(?:def|class) {called}\b|^{called}\b.*[=:]|^\[+{called}\]+|^ *{called}$"
    assert re.search(defined, text, re.MULTILINE), f"{name} is not in {path}"


def test_every_room_is_on_the_map():
    text = (ROOT / "docs/map.md").read_text("utf-8")
    for package in (ROOT / "lti_tool").iterdir():
        if (package / "__init__.py").exists():
            assert re.search(rf"\b{package.name}\b", text), package.name
