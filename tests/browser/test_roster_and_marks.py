"""What the services of a VLE are for, seen from both sides: somebody leaves a course, and a tutor gives a mark."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, expect

from tests.browser.connecting import COURSE, Connecting, invite_to
from tests.browser.site import Site, running_site

pytestmark = pytest.mark.browser
CASES, MARKS = "The case board", "A column of marks in the VLE’s grade book"
LOOKS, BETWEEN_LOOKS_MILLISECONDS = 40, 1_000


@pytest.fixture
def site(tmp_path: Path, empty_database_file: Path) -> Iterator[Site]:
    with running_site(tmp_path, empty_database_file, is_https=False, is_connected=False) as site:
        yield site


def test_somebody_leaves_and_somebody_gets_a_mark(site: Site, new_context: Callable[..., BrowserContext]) -> None:
    tab = Connecting(site, new_context().new_page())
    activity = add_a_marked_activity(tab, site)
    is_known_before_coming(tab, activity)
    suspend(tab, "Sam Okafor")
    has_left(tab, activity)
    mark(tab, activity, "Priya Nadar", "70")
    stands_in_the_grade_book(tab, activity, "70")


def add_a_marked_activity(tab: Connecting, site: Site) -> str:
    """Connect, and put one thing with a column into the course; its name."""
    tab.register(invite_to(site))
    tab.activate()
    tab.choose_usage()
    tab.save_settings()
    tab.open_chooser()
    frame = tab.select_content()
    tab.tick(frame, CASES)
    frame.get_by_text("More", exact=True).click()
    tab.tick(frame, MARKS)
    frame.get_by_role("button", name="Put this into the course").click()
    expect(tab.page.get_by_label("Accept grades from the tool")).to_be_checked()
    tab.page.get_by_role("button", name="Save and return to course").click()
    expect(tab.page.get_by_role("heading", level=1, name=COURSE)).to_be_visible()
    return tab.activities()[0]


def open_list(tab: Connecting, activity: str, link: str) -> None:
    """As a tutor, from the activity to a list of the course."""
    tab.be("Dr Helen Marsh")
    tab.open(COURSE, activity)
    tab.room().get_by_role("navigation", name="Grand Round").get_by_role("link", name="Boards").click()
    tab.follow(link)


def person(tab: Connecting, name: str) -> Locator:
    """The row of somebody among the people of the course."""
    return tab.room().get_by_role("row").filter(has_text=name)


def until(tab: Connecting, look: Callable[[], None], is_so: Callable[[], bool]) -> None:
    """Look again and again: what the worker does takes a moment."""
    for _look in range(LOOKS):
        look()
        if is_so():
            return
        tab.page.wait_for_timeout(BETWEEN_LOOKS_MILLISECONDS)
    raise AssertionError("it has not come about")


def is_known_before_coming(tab: Connecting, activity: str) -> None:
    """The roster was read at the first launch, so people are there who have never come."""

    def look() -> None:
        open_list(tab, activity, "People in this course")
        tab.expect_heading("People in this course")

    until(tab, look, lambda: person(tab, "Sam Okafor").count() == 1)
    expect(person(tab, "Sam Okafor")).to_contain_text("not yet")


def suspend(tab: Connecting, name: str) -> None:
    """In the VLE, by a teacher."""
    tab.open_course("Participants")
    tab.page.get_by_role("link", name=f"Edit enrolment of {name}").click()
    tab.page.get_by_label("Status").select_option("Suspended")
    tab.page.get_by_role("button", name="Save changes").click()
    expect(tab.page.get_by_role("row").filter(has_text=name)).to_contain_text("Suspended")


def has_left(tab: Connecting, activity: str) -> None:
    """The next reading finds out; a tutor need not wait for it."""
    open_list(tab, activity, "People in this course")
    tab.room().get_by_role("button", name="Update from the VLE now").click()

    def look() -> None:
        open_list(tab, activity, "People in this course")
        tab.expect_heading("People in this course")
        expect(person(tab, "Priya Nadar")).to_have_count(1)

    until(tab, look, lambda: person(tab, "Sam Okafor").count() == 0)


def mark(tab: Connecting, activity: str, name: str, points: str) -> None:
    """A tutor gives a mark to somebody who has never come."""
    open_list(tab, activity, "What the activities of this course open")
    tab.follow(f"Marks {activity}")
    tab.room().get_by_label(name).fill(points)
    tab.room().get_by_role("button", name="Save and send to the VLE").click()
    expect(tab.room().get_by_label(name)).to_have_value(points)


def stands_in_the_grade_book(tab: Connecting, activity: str, points: str) -> None:
    """The teacher sees it in the column of the activity, and the learner their own."""
    row = tab.page.get_by_role("row").filter(has_text="Priya Nadar")
    until(tab, lambda: tab.open_course("Grades"), lambda: points in row.inner_text())
    tab.be("Priya Nadar")
    tab.open_course("Grades")
    expect(tab.page.get_by_role("row").filter(has_text=activity)).to_contain_text(points)
