"""What we say in documents is there: links lead somewhere, pictures are all shown in their list, commands exist."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\]\((?!https?:)([^)#]*)(#[^)]*)?\)")
MAKE = re.compile(r"`(?:[A-Z_]+=\S+ )*make ([a-z-]+)`")


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def anchors(document: Path) -> set[str]:
    """The anchors that a reader of the document can jump to, as forges make them from headings."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_links_lead_somewhere(document):
    for target, anchor in LINK.findall(document.read_text(encoding="utf-8")):
        place = (document.parent / target).resolve() if target else document
        assert place.exists(), target
        assert not anchor or anchor[1:] in anchors(place), target + anchor


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_commands_of_make_exist(document):
    goals = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(MAKE.findall(document.read_text(encoding="utf-8"))) <= goals


def test_every_picture_is_in_the_list_and_there_in_its_widths():
    pictures = ROOT / "docs" / "pictures"
    listed = set(re.findall(r"^- ([a-z-]+): ", (pictures / "README.md").read_text(encoding="utf-8"), re.MULTILINE))
    assert listed
    assert {path.name for path in pictures.glob("*.png")} == {
        f"{scene}-{width}.png" for scene in listed for width in ((1280,) if scene.startswith("setup-") else (1280, 390))
    }


def test_make_alone_says_what_there_is():
    said = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert {line.split()[1] for line in said.splitlines()} >= {"demo", "demo-reset", "test", "check", "lint", "docs"}
