"""The pretend VLE's own pages in real Chromium: axe finds nothing serious, nothing sticks out, nothing is refused.

With PICTURES=<folder> in the environment each page is also photographed there.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.site import running
from tests.browser.test_every_page import axe, sticks_out
from tests.factories.demo import free_port

PICTURES = os.environ.get("PICTURES")
ALEX, RHYS, PRIYA = "Alex Reid", "Dr Rhys Pennant", "Priya Nadar"
EDITING = "/course/view.php?id=3"
PAGES = {
    ALEX: {
        "my-courses": "/my/courses.php",
        "administration": "/admin/search.php",
        "http-security": "/admin/settings.php?section=httpsecurity",
        "tools": "/mod/lti/toolconfigure.php",
        "tool-settings": "/mod/lti/typessettings.php?id=1",
        "tool-by-hand": "/mod/lti/typessettings.php",
        "tool-delete": "/mod/lti/delete.php?id=1",
    },
    RHYS: {
        "course": "/course/view.php?id=2",
        "editing": EDITING,
        "chooser": "/course/modchooser.php?course=3&section=0",
        "new-activity": "/course/modedit.php?add=lti&typeid=1&course=3&section=0",
        "delete": "/course/mod.php?delete=5",
        "participants": "/user/index.php?id=3",
        "enrolment": "/enrol/editenrolment.php?id=3&user=7",
        "grades": "/grade/report/index.php?id=3",
        "no-grades": "/grade/report/index.php?id=2",
        "copy": "/backup/copy.php?id=3",
        "not-allowed": "/mod/lti/toolconfigure.php",
    },
    PRIYA: {
        "student-participants": "/user/index.php?id=3",
        "student-grades": "/grade/report/index.php?id=3",
    },
}
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def vle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A VLE whose tool is not there: these pages do not need it."""
    folder, port = tmp_path_factory.mktemp("vle"), free_port()
    address = f"http://127.0.0.1:{port}"
    command = ["lti_tool.demo_platform", "--port", str(port), "--url", address, "--var", str(folder / "var")]
    with running(command, os.environ, folder / "vle.log", port):
        yield address


def be(page: Page, vle: str, name: str) -> None:
    page.goto(vle)
    page.get_by_role("button", name=name).click()
    expect(page.get_by_role("heading", level=1, name="My courses")).to_be_visible()


@pytest.mark.parametrize("width", [1280, 390])
def test_every_page_of_the_vle(vle: str, new_context: Callable[..., BrowserContext], width: int) -> None:
    page = new_context(width).new_page()
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: refused.append(str(error)))
    wrong: dict[str, list[str]] = {}
    page.goto(vle)
    look(page, "front", width, wrong)
    for person, pages in PAGES.items():
        be(page, vle, person)
        for name, address in pages.items():
            page.goto(f"{vle}{address}")
            if name == "editing" and page.get_by_role("switch", name="Edit mode", checked=False).count():
                page.get_by_role("switch", name="Edit mode").click()
                expect(page.get_by_role("switch", name="Edit mode", checked=True)).to_be_visible()
            look(page, name, width, wrong)
    assert not wrong
    assert [text for text in refused if "status of 403" not in text] == []


def look(page: Page, name: str, width: int, wrong: dict[str, list[str]]) -> None:
    if found := axe(page) + sticks_out(page):
        wrong[name] = found
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"vle-{name}-{width}.png", full_page=True)
