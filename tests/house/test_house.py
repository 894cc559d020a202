"""The house itself: its doors, its floors, its furniture, and one home for each dangerous call."""

import ast
import configparser
import re
import subprocess
import sys
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

from lti_tool.core.settings import Settings

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "lti_tool"
CODE = [path for path in sorted(PACKAGE.rglob("*.py")) if "migrations/versions" not in path.as_posix()]
HOUSE = [path for path in CODE if "demo_platform" not in path.parts]
ROOMS = [path.parent for path in CODE if path.name == "__init__.py" and (path.parent / "views.py").exists()]
FURNITURE = {"__init__", "rules", "models", "queries", "actions", "forms", "views", "jobs"}
LONGEST_FILE = 350
LONGEST_FUNCTION = 40

# What may be said in one place only, and where.
HOMES = {
    r"datetime\.now\(|\.utcnow\(": {"core/clock.py"},
    r"\.commit\(": {"core/db.py", "migrations/env.py"},
    r"^\w.*\baliased\(": {"core/db.py"},  # a module keeps those of `again`
    r"^(from|import) huey": {"journal/worker.py"},
    r"^(from|import) (bleach|nh3|markdown_it)": {"core/richtext.py"},
    r"^(from|import) (urllib3|requests|http\.client)": {"core/outbound.py"},
    r"^(from|import) (joserfc|jwt)": {"launch/jose.py", "launch/protocol.py", "launch/keys.py"},
    r"^(from|import) smtplib": {"notifications/mailer.py"},
    r"^(from|import) icalendar": {"feeds/ics.py", "programme/importing.py"},
    r"^(from|import) PIL": {"confidentiality/images.py"},
    r"_external=True": set(),
    r"url_for\(": {"web/addresses.py"},
    r"\|\s*safe\b": set(),
    r"\bprint\(": set(),
}


def name(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", CODE, ids=name)
def test_every_module_says_what_it_is_for(path):
    assert ast.get_docstring(tree(path)), "begin with a docstring: what, and why"


@pytest.mark.parametrize("path", CODE, ids=name)
def test_files_and_functions_are_small_enough_to_know(path):
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= LONGEST_FILE
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno - node.lineno < LONGEST_FUNCTION + 1, node.name


@pytest.mark.parametrize("path", HOUSE, ids=name)
def test_dangerous_calls_have_one_home(path):
    text = path.read_text(encoding="utf-8")
    for pattern, homes in HOMES.items():
        if name(path) not in homes:
            assert not re.search(pattern, text, re.MULTILINE), pattern


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)
def test_a_room_has_the_same_furniture_or_a_reason(room):
    docstring = ast.get_docstring(tree(room / "__init__.py")) or ""
    for path in room.glob("*.py"):
        if room.name != "web" and path.stem not in FURNITURE:
            assert f"{path.stem}.py" in docstring, f"{name(path)}: give the reason in the room's docstring"


@pytest.mark.parametrize("path", HOUSE, ids=name)
def test_rooms_are_entered_by_their_doors(path):
    rooms = {room.name for room in ROOMS if room.name != "web"} | {"people", "journal", "access", "launch"}
    mine = path.relative_to(PACKAGE).parts[0]
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("lti_tool."):
            parts = node.module.split(".")
            assert len(parts) < 3 or parts[1] not in rooms or parts[1] == mine, f"{node.module}: use the door"


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)
def test_views_translate_and_do_nothing_else(room):
    text = (room / "views.py").read_text(encoding="utf-8")
    assert not re.search(r"\.execute\(|\.scalars?\(|Role\.|has_role", text), "queries and roles live elsewhere"


@pytest.mark.parametrize("path", [p for p in HOUSE if p.name == "queries.py"], ids=name)
def test_every_query_takes_the_database_first_and_writes_nothing(path):
    for node in tree(path).body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and "Session" in ast.dump(node.args):
            assert node.args.args[0].arg == "db", node.name
    assert not re.search(r"\b(insert|update|delete)\(|db\.add", path.read_text(encoding="utf-8"))


def test_rules_are_pure():
    for path in HOUSE:
        if path.name == "rules.py":
            assert not re.search(
                r"^(from|import) (flask|sqlalchemy)|clock\.now", path.read_text(encoding="utf-8"), re.MULTILINE
            )


def test_imports_go_down_only():
    command = [str(Path(sys.executable).with_name("lint-imports")), "--config", "setup.cfg", "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_packages_that_are_installed_are_those_that_exist():
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    listed = set(config["options"]["packages"].split())
    found = {"lti_tool.config"}
    for path in PACKAGE.rglob("*.py"):
        found.add(".".join(path.parent.relative_to(ROOT).parts))
    for path in (ROOT / "templates").rglob("*.html"):
        found.add(".".join(("lti_tool", *path.parent.relative_to(ROOT).parts)))
    assert listed == found


def test_every_setting_is_explained():
    text = (ROOT / "config" / "default.toml").read_text(encoding="utf-8")
    values = tomllib.loads(text)
    assert set(values) == {field.name for field in fields(Settings)}
    blocks = [block for block in text.split("\n\n") if "=" in block]
    assert all(block.startswith("#") for block in blocks)


def test_no_word_of_where_it_was_made():
    places = ["/" + "work/", "/tmp/" + "gr", "/" + "root/", "registry\\.npmjs", "files\\.python" + "hosted"]
    words = re.compile("|".join(places))
    kinds = {".py", ".md", ".toml", ".cfg", ".json", ".html", ".js", ".css", ".sh", ""}
    done = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    for path in filter(None, done.stdout.split("\n")):
        file = ROOT / path
        if file.suffix in kinds and file.is_file():
            assert not words.search(file.read_text(encoding="utf-8", errors="ignore")), path
