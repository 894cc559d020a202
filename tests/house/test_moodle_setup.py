"""The guide for the administrator of a VLE says what is so: faults, commands, pictures, and the words to press."""

import re
from pathlib import Path

import click

from lti_tool.cli import main
from lti_tool.launch.faults import Fault

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "moodle-setup.md").read_text(encoding="utf-8")
VLE = ROOT / "lti_tool" / "demo_platform"
ONLY_IN_MOODLE = {
    "Backup",
    "Restore",
    "Course › More › Course reuse",
    "More › LTI External tools",
    "Show in activity chooser",
}
"""Words of Moodle that the pretend VLE has no page for."""


def test_every_fault_of_the_table_is_one_that_the_log_writes():
    table = GUIDE.split("| word in the log |")[1].split("\n\n")[0]
    named = set(re.findall(r"`([A-Z_]{4,})`", table))
    assert len(named) > 10
    assert named <= set(Fault.__members__)


def test_every_command_exists():
    commands = set(re.findall(r"lti-tool ([a-z]+ [a-z]+)", GUIDE))
    assert len(commands) >= 8
    for group, command in (found.split() for found in commands):
        found = main.get_command(click.Context(main), group)
        assert isinstance(found, click.Group), group
        assert command in found.commands, f"{group} {command}"


def test_every_picture_is_shown_once():
    shown = re.findall(r"\(pictures/(setup-[a-z]+)-1280\.png\)", GUIDE)
    there = {path.name.removesuffix("-1280.png") for path in (ROOT / "docs" / "pictures").glob("setup-*.png")}
    assert len(shown) == len(set(shown))
    assert set(shown) == there


def test_the_words_to_press_are_those_of_the_pretend_vle():
    pages = "".join(path.read_text(encoding="utf-8") for path in (VLE / "templates").glob("*.html"))
    code = "".join(path.read_text(encoding="utf-8") for path in VLE.glob("*.py"))
    said = plain(re.sub(r"<[^>]+>", " ", pages) + pages + code)
    words = {" ".join(found.split()) for found in re.findall(r"\*\*(.+?)\*\*", GUIDE, re.DOTALL)}
    assert len(words) > 30
    for phrase in words - ONLY_IN_MOODLE:
        for word in phrase.split(" › "):
            assert plain(word) in said, phrase


def plain(text: str) -> str:
    """Without the difference between typewriter's and printer's marks."""
    return " ".join(text.replace("’", "'").replace("…", "...").split())
