"""Connecting a VLE as its administrator would, and what a teacher then puts into a course; both run as they really do.

Nobody has told the tool of the VLE, nor the VLE of the tool: one address goes from whoever runs the tool to the
administrator, and everything else follows from the pages.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.connecting import COURSE, TOOL, Connecting, invite_to, line
from tests.browser.site import Site, running_site

pytestmark = pytest.mark.browser
BOARD, CASES, TEACHING = "Ask the team", "The case board", "The teaching programme"
MARKS = "A column of marks in the VLE’s grade book"
REGISTERED = "Registered in the VLE"
TURNS_GREEN = (
    REGISTERED,
    "Switched on, and opened once",
    "We can read the VLE’s keys",
    "Both clocks agree",
    "Names arrive",
    "The VLE may show us in its pages",
    "The VLE can read our keys",
    "The roster can be read",
)


@pytest.fixture
def site(tmp_path: Path, empty_database_file: Path) -> Iterator[Site]:
    with running_site(tmp_path, empty_database_file, is_https=False, is_connected=False) as site:
        yield site


def test_a_vle_is_connected_and_filled(site: Site, new_context: Callable[..., BrowserContext]) -> None:
    invite = invite_to(site)
    checklist = new_context().new_page()
    checklist.goto(invite.checklist)
    expect(line(checklist, REGISTERED)).to_contain_text("Waiting")
    tab = Connecting(site, new_context().new_page())
    tab.register(invite)
    expect(line(checklist, REGISTERED)).to_contain_text("Done")
    is_offered_only_when_shown(tab)
    tab.add_board(BOARD)
    tab.open_chooser()
    frame = tab.select_content()
    tab.tick(frame, CASES, TEACHING)
    frame.get_by_text("More", exact=True).click()
    tab.tick(frame, MARKS)
    tab.put(frame)
    expect(tab.page.get_by_role("main").get_by_role("heading", level=3)).to_have_count(3)
    names = tab.activities()
    has_columns(tab, names[1:], names[0])
    opens_for_a_student(tab, names)
    turns_green(checklist)
    a_copy_starts_anew(tab, names)
    assert [said for said in tab.complaints if "favicon" not in said] == []


def test_an_address_connects_once(site: Site, new_context: Callable[..., BrowserContext]) -> None:
    invite = invite_to(site)
    tab = Connecting(site, new_context().new_page())
    tab.register(invite)
    tab.open_tools()
    tab.paste(invite)
    frame = tab.add()
    expect(frame.get_by_text("This address has been used already")).to_be_visible()
    expect(frame.get_by_text("The code lets the team find what happened")).to_be_visible()
    tab.page.get_by_role("link", name="Go back to Manage tools").click()
    expect(tab.card()).to_have_count(1)


def test_a_private_address_needs_the_key_pasted(site: Site, new_context: Callable[..., BrowserContext]) -> None:
    """As in a hospital: a new Moodle calls no private address, so it cannot read the tool's keys by itself."""
    invite = invite_to(site)
    checklist = new_context().new_page()
    tab = Connecting(site, new_context().new_page())
    tab.open_http_security()
    tab.page.get_by_role("button", name="Put in what a new Moodle has").click()
    expect(tab.page.get_by_label("cURL blocked hosts list")).to_have_value(re.compile("localhost"))
    tab.register(invite)
    checklist.goto(invite.checklist)
    expect(line(checklist, "The VLE can read our keys")).to_contain_text("Wrong")
    expect(line(checklist, "The VLE can read our keys")).to_contain_text("lti-tool keys show --pem")
    tab.activate()
    tab.choose_usage()
    tab.save_settings()
    cannot_choose(tab)
    tab.open_tools()
    tab.card().get_by_role("link", name="Edit").click()
    tab.page.get_by_label("Public key type").select_option("RSA key")
    tab.page.get_by_label("Public key", exact=True).fill(site.run("keys", "show", "--pem"))
    tab.save_settings()
    tab.add_board(BOARD)
    assert tab.activities() == [BOARD]


def cannot_choose(tab: Connecting) -> None:
    """Launches work, but what comes back is not believed, and says so."""
    tab.open_chooser()
    frame = tab.select_content()
    tab.tick(frame, CASES)
    frame.get_by_role("button", name="Put this into the course").click()
    expect(frame.get_by_role("alert")).to_contain_text("public keys, or they cannot be fetched")
    frame.get_by_role("link", name="Continue").click()
    expect(tab.page.get_by_role("heading", level=1, name=f"Adding a new {TOOL}")).to_be_visible()


def is_offered_only_when_shown(tab: Connecting) -> None:
    """A teacher finds nothing while the tool is pending, nor while it is active and not shown."""
    nothing = tab.page.get_by_text("No external tool is shown here.")
    tab.open_chooser()
    expect(nothing).to_be_visible()
    tab.open_tools()
    tab.activate()
    tab.open_chooser()
    expect(nothing).to_be_visible()
    tab.open_tools()
    tab.choose_usage()
    expect(tab.page.get_by_label("Accept grades from the tool")).to_have_value("2")
    tab.save_settings()


def has_columns(tab: Connecting, names: list[str], other: str) -> None:
    """Grades are delegated: there is a column where it was asked for, and none elsewhere."""
    tab.open_course("Grades")
    for name in names:
        expect(tab.page.get_by_role("columnheader", name=name)).to_contain_text("out of 100")
    expect(tab.page.get_by_role("columnheader", name=other)).to_have_count(0)


def opens_for_a_student(tab: Connecting, names: list[str]) -> None:
    """Each of the three opens a page of its own."""
    assert names[0] == BOARD
    tab.be("Priya Nadar")
    seen = []
    for name in names:
        tab.open(COURSE, name)
        seen.append(tab.room().get_by_role("heading", level=1).first.inner_text())
    assert seen[0] == BOARD
    assert "case" in seen[1].lower()
    assert "teaching" in seen[2].lower()


def turns_green(checklist: Page) -> None:
    """Without a reload: the page looks again by itself. Only scores wait, until somebody gets a mark."""
    for title in TURNS_GREEN:
        expect(line(checklist, title)).to_contain_text("Done")
    expect(checklist.get_by_text("Wrong", exact=True)).to_have_count(0)


def a_copy_starts_anew(tab: Connecting, names: list[str]) -> None:
    """A copied link leads to nobody else's board: the teacher chooses. What each course has one of opens by itself."""
    tab.be("Dr Helen Marsh")
    tab.open_course("Course reuse")
    tab.page.get_by_role("button", name="Copy and view").click()
    copy = f"{COURSE} copy 1"
    expect(tab.page.get_by_role("heading", level=1, name=copy)).to_be_visible()
    tab.open(copy, names[0])
    expect(tab.room().get_by_text("This activity was copied from another course.")).to_be_visible()
    tab.open(copy, names[1])
    tab.expect_bar(copy, "Dr Helen Marsh")
    expect(tab.room().get_by_text("This activity was copied from another course.")).to_have_count(0)
