"""On a board the rest of the composer comes beneath the field with the first letter, and nothing is lost on the way."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, Route, expect

from lti_tool.access import Role
from tests.browser.conftest import HOST, person_at
from tests.factories.house import House

pytestmark = pytest.mark.browser
SCRIPTS = re.compile(r"/static/.*\.js")
WORDS = "The troponin rose over three hours."


@pytest.fixture
def page(house: House, chromium: Chromium) -> Iterator[Page]:
    """A board."""
    trust = house.trust()
    course = house.course(trust)
    helen = house.person(trust, "Dr Helen Marsh", {course.id: Role.TUTOR})
    sam = house.person(trust, "Sam Okafor", {course.id: Role.LEARNER})
    context = chromium.new_context()
    person_at(context, house.browser(sam, course), [])
    page = context.new_page()
    page.goto(f"{HOST}/boards/{house.board(course, helen, moderated=False)}")
    yield page
    context.close()


def test_it_comes_with_the_first_letter_and_the_cursor_stays(page: Page) -> None:
    title, box = page.get_by_role("textbox", name="Ask a question"), page.get_by_role("textbox", name="Your text")
    title.focus()
    expect(box).to_have_count(0)
    page.keyboard.type("When is it too late?")
    expect(box).to_be_visible()
    expect(title).to_be_focused()
    expect(title).to_have_value("When is it too late?")
    expect(page.get_by_role("button", name="Ask", exact=True)).to_be_hidden()
    box.fill(WORDS)
    page.get_by_role("button", name="Send question").click()
    expect(page.get_by_role("heading", level=1, name="When is it too late?")).to_be_visible()
    expect(page.get_by_text(WORDS)).to_be_visible()


def test_enter_in_the_field_goes_to_the_composer_with_all_that_is_typed(page: Page) -> None:
    title, box = page.get_by_role("textbox", name="Ask a question"), page.get_by_role("textbox", name="Your text")
    title.press_sequentially("When?")
    box.fill(WORDS)
    with page.expect_navigation():
        title.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Ask a question")).to_be_visible()
    expect(page.get_by_role("textbox", name="Question")).to_have_value("When?")
    expect(box).to_have_value(WORDS)


def test_a_draft_goes_on_beneath_the_field(page: Page) -> None:
    title, box = page.get_by_role("textbox", name="Ask a question"), page.get_by_role("textbox", name="Your text")
    title.press_sequentially("When?")
    box.fill(WORDS)
    page.get_by_role("button", name="Save draft").click()
    title.press_sequentially(" ")
    expect(box).to_have_value(WORDS)
    expect(title).to_have_value("When?")


def test_who_types_before_the_scripts_have_come_gets_the_composer_when_they_do(page: Page) -> None:
    """On a slow PC the field is there long before them."""
    held: list[Route] = []

    def hold(script: Route) -> None:
        held.append(script)

    page.route(SCRIPTS, hold)
    page.reload(wait_until="commit")
    title = page.get_by_role("textbox", name="Ask a question")
    title.press_sequentially("When?")
    expect(page.get_by_role("textbox", name="Your text")).to_have_count(0)
    for script in held:
        script.fallback()
    expect(page.get_by_role("textbox", name="Your text")).to_be_visible()
    expect(title).to_have_value("When?")
