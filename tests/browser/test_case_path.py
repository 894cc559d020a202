"""The whole path of a case in a real browser, by label and role, wide and on a phone: written, reviewed, answered."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from lti_tool.access import Role
from lti_tool.people import Course, Person
from tests.browser.conftest import HOST, person_at
from tests.browser.test_every_page import axe, sticks_out
from tests.factories.house import House

pytestmark = pytest.mark.browser
TITLE = "Weak legs and a slow pulse"
ENDING = "Calcium went in within four minutes, and the QRS narrowed."


class Ward:
    """A course with an author, two tutors and readers, each at a browser of one width."""

    def __init__(self, house: House, new_context: Callable[..., BrowserContext], width: int) -> None:
        self.house, self.new_context, self.width = house, new_context, width
        trust = house.trust()
        self.course, self.other = house.course(trust), house.course(trust, "F1 Medicine")
        here = self.course.id
        self.sam = house.person(trust, "Sam Okafor", {here: Role.LEARNER})
        self.priya = house.person(trust, "Priya Nadar", {here: Role.LEARNER})
        self.helen = house.person(trust, "Dr Helen Marsh", {here: Role.TUTOR})
        self.rhys = house.person(trust, "Dr Rhys Pennant", {here: Role.TUTOR})
        self.jon = house.person(trust, "Jon Whitlock", {self.other.id: Role.LEARNER})
        self.foreign: list[str] = []

    def page(self, who: Person, course: Course | None = None) -> Page:
        context = self.new_context(self.width)
        person_at(context, self.house.browser(who, course or self.course), self.foreign)
        page = context.new_page()
        page.goto(f"{HOST}/courses/{(course or self.course).public_id}/cases")
        return page


def is_sound(page: Page) -> None:
    """Nothing that axe calls serious, nothing to be scrolled sideways."""
    assert axe(page) + sticks_out(page) == []


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def follow(page: Page, name: str) -> None:
    page.get_by_role("link", name=name).first.click()


def write(page: Page) -> None:
    """Sam keeps a line between two patients, and completes the rest."""
    follow(page, "Write a case")
    page.get_by_label("Speciality").select_option("Cardiology")
    page.get_by_label("What did you learn?").fill("A slow, broad ECG is potassium until the gas says otherwise.")
    press(page, "Save")
    expect(page.get_by_text("Only you see it")).not_to_have_count(0)
    follow(page, "Story")
    page.get_by_label("Title").fill(TITLE)
    page.get_by_label("Where it happened").select_option("Emergency department")
    page.get_by_label("stage of life").select_option("Older adult")
    page.get_by_label("What was known").fill("Two days of weak legs. The rate was 38, without P waves.")
    is_sound(page)
    press(page, "Save and go on")
    follow(page, "Question")
    page.get_by_label("What do you ask?").fill("What do you give first?")
    page.get_by_label("Answers to choose from").fill("Atropine\nCalcium gluconate\nInsulin with glucose")
    press(page, "Save and go on")
    follow(page, "Answer and learning points")
    page.get_by_label("Calcium gluconate").check(force=True)
    page.get_by_label("What happened, and why").fill(ENDING)
    page.get_by_label("How certain is it?").select_option("Certain")
    press(page, "Save and go on")
    follow(page, "Consent")
    page.get_by_label("There is no patient: I made the case up").check(force=True)
    press(page, "Save and go on")
    expect(page.get_by_text("Complete", exact=True)).to_have_count(4)
    follow(page, "Check and send")
    is_sound(page)
    press(page, "Send to a tutor")
    expect(page.get_by_text("In review")).to_be_visible()


def tick(page: Page, label: str) -> None:
    page.goto(page.url.split("/courses/")[0] + page.get_by_role("link", name="Waiting").get_attribute("href"))
    follow(page, TITLE)
    page.get_by_label(label).check(force=True)
    is_sound(page)
    press(page, "Keep my ticks")


@pytest.mark.parametrize("width", [1280, 390])
def test_a_case_from_its_author_to_its_readers(house: House, new_context, width: int) -> None:
    ward = Ward(house, new_context, width)
    write(ward.page(ward.sam))
    early = ward.page(ward.priya)
    expect(early.get_by_text(TITLE)).to_have_count(0)
    tick(ward.page(ward.helen), "Clinical")
    early.reload()
    expect(early.get_by_text(TITLE)).to_have_count(0)
    rhys = ward.page(ward.rhys)
    tick(rhys, "Privacy")
    expect(rhys.get_by_text("Published. The author is told.")).to_be_visible()

    priya = ward.page(ward.priya)
    follow(priya, TITLE)
    assert ENDING not in priya.content()
    is_sound(priya)
    press(priya, "Commit answer")
    expect(priya.get_by_role("alert")).to_contain_text("Choose one of the answers.")
    priya.get_by_label("Insulin with glucose").check(force=True)
    press(priya, "Commit answer")
    expect(priya.get_by_text(ENDING)).to_be_visible()
    expect(priya.get_by_text("Best answer")).to_be_visible()
    is_sound(priya)
    follow(priya, "Discussion")
    priya.get_by_label("Your reply").fill("Before the gas is back?")
    press(priya, "Send reply")
    expect(priya.get_by_text("Waiting for a tutor")).to_be_visible()
    follow(priya, "the case")
    expect(priya.get_by_role("heading", name=TITLE)).to_be_visible()

    follow(rhys, "Cases")
    follow(rhys, TITLE)
    press(rhys, "Show it to the whole trust")
    jon = ward.page(ward.jon, ward.other)
    expect(jon.get_by_text("From Cardiology ST4")).to_be_visible()
    is_sound(jon)
    follow(rhys, "Consent was withdrawn")
    press(rhys, "Take it down now")
    jon.reload()
    expect(jon.get_by_text(TITLE)).to_have_count(0)
    assert priya.goto(priya.url).status == 404
    assert ward.foreign == []
