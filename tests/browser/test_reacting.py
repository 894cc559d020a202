"""Reacting in a real browser: one tap, and the line alone changes; by keyboard; and without scripts."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from lti_tool.access import Role
from tests.browser.conftest import HOST, person_at
from tests.factories.house import House

pytestmark = pytest.mark.browser


@pytest.fixture
def thread(house: House) -> tuple[House, str, object, object]:
    """A question of Sam's on a board with names, and Priya who reads it."""
    trust = house.trust()
    course = house.course(trust)
    sam, priya = (house.person(trust, name, {course.id: Role.LEARNER}) for name in ("Sam Okafor", "Priya Nadar"))
    helen = house.person(trust, "Dr Helen Marsh", {course.id: Role.TUTOR})
    board = house.board(course, helen, moderated=False)
    post = house.question(sam, course, board, "When to stop clopidogrel?")
    house.answer(sam, course, post)
    address = f"{HOST}/threads/{house.facts(sam, course, post).thread_public_id}"
    return house, address, priya, course


def opened(thread, context: BrowserContext) -> Page:
    house, address, priya, course = thread
    person_at(context, house.browser(priya, course), [])
    page = context.new_page()
    page.goto(address)
    return page


def test_one_tap_changes_the_line_and_nothing_else(thread, new_context: Callable[..., BrowserContext]) -> None:
    page = opened(thread, new_context(390))
    page.evaluate("document.body.dataset.sameDocument = 'yes'")
    line = page.get_by_role("group", name="Reactions to the post by Sam Okafor").first
    line.get_by_text("React").click()
    line.get_by_role("button", name="Same for me").click()
    pressed = line.get_by_role("button", name="Same for me 1", pressed=True)
    expect(pressed).to_be_visible()
    line.get_by_text("React").click()
    line.get_by_role("button", name="Useful").click()
    expect(line.get_by_role("button", name="Useful 1", pressed=True)).to_be_visible()
    expect(line.get_by_role("button", name="Same for me 1")).to_have_count(0)
    assert page.evaluate("document.body.dataset.sameDocument") == "yes", "no page was loaded"
    page.reload()
    expect(page.get_by_role("button", name="Useful 1", pressed=True)).to_have_count(1)


def test_by_keyboard_the_place_is_kept(thread, new_context: Callable[..., BrowserContext]) -> None:
    page = opened(thread, new_context())
    line = page.get_by_role("group", name="Reactions to the post by Sam Okafor").first
    line.get_by_text("React").press("Enter")
    button = line.get_by_role("button", name="Agree")
    button.press("Enter")
    expect(line.get_by_role("button", name="Agree 1", pressed=True)).to_be_focused()
    expect(page.locator(".htmx-swapping, .htmx-settling, .htmx-added")).to_have_count(0)
    page.keyboard.press("Enter")
    expect(line.get_by_role("button", name="Agree 1")).to_have_count(0)


def test_without_scripts_the_page_comes_back_at_the_post(thread, new_context: Callable[..., BrowserContext]) -> None:
    page = opened(thread, new_context(java_script_enabled=False))
    line = page.get_by_role("group", name="Reactions to the post by Sam Okafor").last
    line.get_by_text("React").click()
    line.get_by_role("button", name="Please explain").click()
    expect(page.get_by_role("button", name="Please explain 1", pressed=True)).to_be_visible()
