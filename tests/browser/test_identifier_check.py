"""The identifier check in a real browser, with scripts and without: what Enter and the buttons beside a finding do."""

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect

from lti_tool.access import Role
from tests.browser.conftest import HOST, person_at
from tests.factories.house import House

pytestmark = pytest.mark.browser
TITLE = "When is it too late?"
TEXT = "NHS number 943 476 5919. Mr Thackeray was pain free."


@pytest.fixture
def board(house: House) -> tuple[House, str, object, object]:
    trust = house.trust()
    course = house.course(trust)
    helen = house.person(trust, "Dr Helen Marsh", {course.id: Role.TUTOR})
    sam = house.person(trust, "Sam Okafor", {course.id: Role.LEARNER})
    return house, house.board(course, helen, moderated=False), sam, course


def open_composer(board, chromium: Chromium, *, scripts: bool) -> Page:
    house, public_id, sam, course = board
    context = chromium.new_context(viewport={"width": 390, "height": 800}, java_script_enabled=scripts)
    person_at(context, house.browser(sam, course), [])
    page = context.new_page()
    page.goto(f"{HOST}/boards/{public_id}/ask")
    page.get_by_role("textbox", name="Question").fill(TITLE)
    page.get_by_role("textbox", name="Your text").fill(TEXT)
    page.get_by_role("button", name="Send question").click()
    expect(page.get_by_role("heading", name="Not sent yet: it may name a patient")).to_be_visible()
    return page


@pytest.mark.parametrize("scripts", [True, False])
def test_enter_in_the_title_accepts_nothing(board, chromium: Chromium, scripts: bool) -> None:
    page = open_composer(board, chromium, scripts=scripts)
    with page.expect_navigation():
        page.get_by_role("textbox", name="Question").press("Enter")
    expect(page.get_by_role("textbox", name="Your text")).to_have_value(TEXT)
    page.context.close()


@pytest.mark.parametrize("scripts", [True, False])
def test_one_taken_out_one_explained_and_sent(board, chromium: Chromium, scripts: bool) -> None:
    page = open_composer(board, chromium, scripts=scripts)
    page.get_by_role("button", name="Take it out").click()
    box = page.get_by_role("textbox", name="Your text")
    expect(box).to_have_value("Mr Thackeray was pain free.")
    page.get_by_text("This is not a patient").click()
    page.get_by_label("It is").select_option("a member of staff")
    page.get_by_role("button", name="Keep my words").click()
    expect(page.get_by_text("You say that it is a member of staff.")).to_be_visible()
    page.get_by_role("button", name="Send for review").click()
    expect(page.get_by_text("It waits for a tutor").first).to_be_visible()
    page.context.close()
