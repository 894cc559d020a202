"""The identifier check while somebody types: it comes by itself, says so politely, and leaves the box alone."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect

from lti_tool.access import Role
from tests.browser.conftest import HOST, person_at
from tests.factories.house import House

pytestmark = pytest.mark.browser
TEXT = "NHS number 943 476 5919. Mr Thackeray was pain free."


@pytest.fixture
def page(house: House, chromium: Chromium) -> Iterator[Page]:
    """A composer on a phone."""
    trust = house.trust()
    course = house.course(trust)
    helen = house.person(trust, "Dr Helen Marsh", {course.id: Role.TUTOR})
    sam = house.person(trust, "Sam Okafor", {course.id: Role.LEARNER})
    board = house.board(course, helen, moderated=False)
    context = chromium.new_context(viewport={"width": 390, "height": 800})
    person_at(context, house.browser(sam, course), [])
    page = context.new_page()
    page.goto(f"{HOST}/boards/{board}/ask")
    yield page
    context.close()


def caret(page: Page) -> list[int]:
    return page.evaluate("[document.activeElement.selectionStart, document.activeElement.selectionEnd]")


def test_findings_come_while_one_types_and_the_caret_stays(page: Page) -> None:
    box = page.get_by_role("textbox", name="Your text")
    box.click()
    page.keyboard.type(TEXT)
    for _step in range(10):
        page.keyboard.press("ArrowLeft")
    before, scrolled = caret(page), page.evaluate("scrollY")
    expect(page.get_by_role("heading", name="Check these 2 before sending")).to_be_visible()
    expect(box).to_be_focused()
    assert caret(page) == before
    assert page.evaluate("scrollY") == scrolled
    expect(box).to_have_value(TEXT)
    told = page.locator("#found-told")
    expect(told).to_have_attribute("role", "status")
    expect(told).to_have_text("2 places may name a patient. 1 must change before you send.")
    expect(page.get_by_role("button", name="Send question")).to_be_enabled()


def test_typing_on_does_not_disturb_who_answers_a_finding(page: Page) -> None:
    box = page.get_by_role("textbox", name="Your text")
    box.fill(TEXT)
    page.get_by_text("This is not a patient").click()
    why = page.get_by_label("It is")
    expect(why).to_be_visible()
    with page.expect_response("**/check") as checked:
        box.press_sequentially(" It fell.")
    assert checked.value.status == 204
    expect(why).to_be_visible()


def test_choosing_why_asks_for_no_new_check(page: Page) -> None:
    page.get_by_role("textbox", name="Your text").fill(TEXT)
    page.get_by_text("This is not a patient").click()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/check") else None)
    why = page.get_by_label("It is")
    why.focus()
    why.select_option("a member of staff")
    page.wait_for_timeout(2500)
    expect(why).to_be_focused()
    assert asked == []


def test_one_tap_takes_it_out_and_enter_accepts_nothing(page: Page) -> None:
    title, box = page.get_by_role("textbox", name="Question"), page.get_by_role("textbox", name="Your text")
    title.fill("When is it too late?")
    box.fill(TEXT)
    take_out = page.get_by_role("button", name="Take it out")
    expect(take_out).to_be_visible()
    with page.expect_navigation():
        title.press("Enter")
    expect(box).to_have_value(TEXT)
    with page.expect_navigation():
        take_out.click()
    expect(box).to_have_value("Mr Thackeray was pain free.")


def test_when_the_words_are_gone_the_findings_go(page: Page) -> None:
    box = page.get_by_role("textbox", name="Your text")
    box.fill(TEXT)
    heading = page.get_by_role("heading", name="Check these 2 before sending")
    expect(heading).to_be_visible()
    box.fill("She was pain free.")
    expect(heading).to_be_hidden()
    expect(page.locator("#found-told")).to_have_text("Nothing is left that may name a patient.")


def test_a_name_is_offered_after_an_at_and_put_in_by_one_tap(page: Page) -> None:
    box = page.get_by_role("textbox", name="Your text")
    box.click()
    page.keyboard.type("What do you think, @hel")
    page.get_by_role("button", name="@Dr Helen Marsh").click()
    expect(box).to_have_value("What do you think, @Dr Helen Marsh ")
    expect(box).to_be_focused()
    expect(page.get_by_role("button", name="@Dr Helen Marsh")).to_have_count(0)
