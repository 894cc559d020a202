"""Takes the pictures of the guides (`make docs`): a fresh demo, on a desk and on a phone, into docs/pictures.

Each scene walks to a page as a person would; the picture is what stands on the screen then.
"""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from PIL import Image
from playwright.sync_api import expect, sync_playwright

from tests.browser.conftest import FLAGS, context_of, find_chromium
from tests.browser.setup_pictures import SCENES as SETUP_SCENES
from tests.browser.setup_pictures import take_setup_pictures
from tests.browser.visitor import Room, Visitor, bar_link
from tests.conftest import empty_tables
from tests.factories.demo import ROOT, running_demo

PICTURES = ROOT / "docs" / "pictures"
WIDTHS = (1280, 390)
SETTLES_MILLISECONDS = 500
COURSE, NAMED, HIDDEN, UNSET = "Cardiology ST4", "Ask cardiology", "Ask without fear", "Journal club board"
QUESTION = "Does magnesium help in torsades when its level is normal?"
DOUBTFUL = "Mr Thackeray came to us on 14 November with chest pain and stayed on ward 7 bed 12 over the weekend."
TEXT = "The level was 0.9, and it was given all the same. I should like to understand **why** before the next one."


def people(visitor: Visitor) -> None:
    """The front page of the pretend VLE."""
    visitor.page.goto(visitor.vle)


def board(visitor: Visitor) -> None:
    """A board inside the VLE."""
    visitor.be("Priya Nadar")
    visitor.open(COURSE, NAMED)


def thread(visitor: Visitor) -> None:
    """A question with its answers."""
    visitor.be("Priya Nadar")
    room = visitor.open(COURSE, NAMED)
    room.get_by_role("link", name="Atrial fibrillation and a new stent").click()
    expect(room.get_by_role("heading", level=2, name="Replies")).to_be_visible()


def asking(visitor: Visitor, question: str) -> Room:
    """Begin a question on the board; the rest of the composer comes by itself, or by the button before scripts run."""
    room = visitor.open(COURSE, NAMED)
    room.get_by_role("textbox", name="Ask a question").fill(question)
    visitor.page.wait_for_timeout(SETTLES_MILLISECONDS * 3)
    button = room.get_by_role("button", name="Ask", exact=True)
    if button.is_visible():
        button.click()
    return room


def composer(visitor: Visitor) -> None:
    """Writing a question."""
    visitor.be("Mina Farrow")
    room = asking(visitor, QUESTION)
    room.get_by_role("textbox", name="Your text").fill(TEXT)


def findings(visitor: Visitor) -> None:
    """What the check found, before anybody else has read it."""
    visitor.be("Mina Farrow")
    room = asking(visitor, "When is it too late for an urgent angiogram?")
    room.get_by_role("textbox", name="Your text").fill(DOUBTFUL)
    room.get_by_role("button", name="Send question").click()
    heading = room.get_by_role("heading", level=2, name=re.compile("^Check"))
    expect(heading).to_be_visible()
    heading.scroll_into_view_if_needed()


def pseudonymous(visitor: Visitor) -> None:
    """A thread in which nobody carries their name."""
    visitor.be("Ela Birch")
    room = visitor.open(COURSE, HIDDEN)
    room.get_by_role("link", name="I nod when I have not heard the murmur").click()
    expect(room.get_by_role("heading", level=2, name="Replies")).to_be_visible()


def home(visitor: Visitor) -> None:
    """A student's own front page."""
    visitor.be("Ela Birch")
    room = visitor.open(COURSE, NAMED)
    bar_link(room, "Home").click()
    expect(room.get_by_role("heading", level=1, name=re.compile("^Today"))).to_be_visible()


def inbox(visitor: Visitor) -> None:
    """What somebody was told."""
    visitor.be("Priya Nadar")
    room = visitor.open(COURSE, NAMED)
    bar_link(room, "Inbox").click()
    expect(room.get_by_role("heading", level=1, name="Inbox")).to_be_visible()


def waiting(visitor: Visitor) -> None:
    """The tutor's queue, with a post that was reported."""
    visitor.be("Dr Helen Marsh")
    room = visitor.open(COURSE, NAMED)
    bar_link(room, "Waiting").click()
    expect(room.get_by_role("heading", level=1, name="Waiting for a decision")).to_be_visible()


def returning(visitor: Visitor) -> None:
    """A tutor returns a post with a note."""
    waiting(visitor)
    room = visitor.room()
    room.get_by_role("link", name="Cardioversion: why three weeks").click()
    room.get_by_role("button", name="Return").click()
    note = room.get_by_role("textbox", name="What should the author change?")
    note.fill("Good question. Say which anticoagulant you mean: the answer differs a little.")
    note.scroll_into_view_if_needed()


def log(visitor: Visitor) -> None:
    """The public log of decisions."""
    waiting(visitor)
    room = visitor.room()
    room.get_by_role("link", name="The public log").click()
    expect(room.get_by_role("heading", level=1, name="What moderators decided")).to_be_visible()


def figures(visitor: Visitor) -> None:
    """How long decisions took, and whether the check was right."""
    waiting(visitor)
    room = visitor.room()
    room.get_by_role("link", name="Figures").first.click()
    expect(room.get_by_role("heading", level=1, name="Figures of moderation")).to_be_visible()


def teaching(visitor: Visitor) -> None:
    """A week of teaching, with a session that moved and one that is cancelled."""
    visitor.be("Sam Okafor")
    room = visitor.open(COURSE, "When is teaching?")
    expect(room.get_by_role("heading", level=1, name=re.compile("^Teaching"))).to_be_visible()


def phone(visitor: Visitor) -> None:
    """A link by which one's own phone follows the teaching."""
    teaching(visitor)
    room = visitor.room()
    room.get_by_role("link", name="Put this on my phone").click()
    expect(room.get_by_role("heading", level=1, name="Put this on my phone")).to_be_visible()
    if room.get_by_role("button", name="Make my link").count():
        room.get_by_role("button", name="Make my link").click()
    expect(room.get_by_role("link", name="Add to iPhone, iPad or Mac")).to_be_visible()


def chooser(visitor: Visitor) -> None:
    """A tutor says what an activity opens."""
    visitor.be("Dr Helen Marsh")
    visitor.open(COURSE, UNSET)


SCENES: Mapping[str, Callable[[Visitor], None]] = {
    scene.__name__: scene
    for scene in (
        people,
        board,
        thread,
        composer,
        findings,
        pseudonymous,
        home,
        inbox,
        waiting,
        returning,
        log,
        figures,
        teaching,
        phone,
        chooser,
    )
}


def main() -> None:
    """Take every picture anew, and say of which day they are."""
    shutil.rmtree(PICTURES, ignore_errors=True)
    PICTURES.mkdir(parents=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        running_demo(Path(folder) / "var") as demo,
        sync_playwright() as driver,
    ):
        browser = driver.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        for width in WIDTHS:
            for name, scene in SCENES.items():
                visitor = Visitor(demo, context_of(browser, width).new_page())
                scene(visitor)
                visitor.page.wait_for_timeout(SETTLES_MILLISECONDS)
                visitor.page.screenshot(path=PICTURES / f"{name}-{width}.png")
                visitor.page.context.close()
                print(f"{name}-{width}", flush=True)  # it takes minutes
        (Path(folder) / "setup").mkdir()
        take_setup_pictures(browser, Path(folder) / "setup", empty_tables(Path(folder)), PICTURES)
        browser.close()
    for picture in PICTURES.glob("*.png"):
        make_small(picture)
    (PICTURES / "README.md").write_text(described(), encoding="utf-8")


def make_small(picture: Path) -> None:
    """Keep 256 colours, of which a page has enough: a third of the bytes, for whoever clones the house."""
    with Image.open(picture) as whole:
        whole.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(picture, optimize=True)


def described() -> str:
    """The list of the pictures, with the commit that they show."""
    done = subprocess.run(
        ["git", "log", "-1", "--format=%h of %cs"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    lines = [f"- {name}: {(scene.__doc__ or '').rstrip('.')}" for name, scene in SCENES.items()]
    lines += [f"- {name}: {words} (on a desk only)" for name, words in SETUP_SCENES.items()]
    return (
        "# Pictures\n\nTaken by `make docs` from a fresh demo of the commit "
        f"{done.stdout.strip()}, at {WIDTHS[0]} and {WIDTHS[1]} pixels.\n"
        "Everybody and everything in them is invented.\n\n" + "\n".join(lines) + "\n"
    )


if __name__ == "__main__":
    main()
