"""The queue with a keyboard, with a thumb, and without scripts."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect

from tests.browser.conftest import HOST, person_at
from tests.factories.house import House
from tests.factories.pages import Term

pytestmark = pytest.mark.browser
THUMB_PIXELS = 44


@pytest.fixture
def term(house: House) -> Term:
    return Term(house)


def page_of(term: Term, chromium: Chromium, **options) -> Iterator[Page]:
    context = chromium.new_context(**options)
    person_at(context, term.house.browser(term.rhys, term.course), [])
    yield context.new_page()
    context.close()


@pytest.fixture
def rhys(term: Term, chromium: Chromium) -> Iterator[Page]:
    yield from page_of(term, chromium)


@pytest.fixture
def phone(term: Term, chromium: Chromium) -> Iterator[Page]:
    yield from page_of(term, chromium, viewport={"width": 390, "height": 800}, java_script_enabled=False)


def item(term: Term, post: str) -> str:
    return f"{HOST}/courses/{term.course.public_id}/waiting/{post}"


def test_two_keys_and_one_request_decide(term: Term, rhys: Page) -> None:
    rhys.goto(item(term, term.fresh))
    rhys.wait_for_load_state()
    rhys.keyboard.press("5")
    expect(rhys.get_by_role("heading", name="New <script>")).to_be_visible()
    sent: list[str] = []
    rhys.on("request", lambda request: sent.append(request.method) if request.is_navigation_request() else None)
    rhys.keyboard.press("x")
    rhys.keyboard.press("5")
    expect(rhys.get_by_role("status")).to_contain_text("Rejected.")
    assert sent.count("POST") == 1
    rhys.get_by_role("button", name="Undo").click()
    expect(rhys.get_by_role("status")).to_contain_text("Undone.")
    expect(rhys.get_by_role("heading", name="New <script>")).to_be_visible()


def test_the_heading_of_the_next_item_has_the_focus(term: Term, rhys: Page) -> None:
    """Where a decision leads carries the same mark as the list's links (functional/test_queue.py)."""
    rhys.goto(f"{HOST}/courses/{term.course.public_id}/waiting")
    rhys.wait_for_load_state()
    rhys.keyboard.press("j")
    expect(rhys.locator("#item-h")).to_be_focused()
    expect(rhys.locator("#item-h")).to_have_text("A reply by Priya Nadar")


def test_a_question_mark_lists_the_keys_and_they_are_switched_off(term: Term, rhys: Page) -> None:
    rhys.goto(item(term, term.fresh))
    rhys.wait_for_load_state()
    rhys.keyboard.press("?")
    off = rhys.get_by_role("button", name="Switch keys off")
    expect(off).to_be_visible()
    off.click()
    rhys.goto(item(term, term.fresh))
    rhys.wait_for_load_state()
    rhys.keyboard.press("a")
    expect(rhys.get_by_role("button", name="Approve", exact=False).first).to_be_visible()
    assert term.house.facts(term.rhys, term.course, term.fresh).state == "pending"


def test_on_a_phone_list_and_item_are_two_pages_for_a_thumb(term: Term, phone: Page) -> None:
    phone.goto(f"{HOST}/courses/{term.course.public_id}/waiting")
    expect(phone.get_by_role("article")).to_be_hidden()
    phone.get_by_role("link", name="New <script>").click()
    expect(phone.get_by_role("navigation", name="Waiting")).to_be_hidden()
    places = phone.locator(".gr-decide button:visible, .gr-decide summary:visible")
    assert places.count() == 4
    for number in range(4):
        box = places.nth(number).bounding_box()
        assert box is not None
        assert box["height"] >= THUMB_PIXELS
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390


def test_without_scripts_an_undo_is_one_press(term: Term, phone: Page) -> None:
    phone.goto(item(term, term.fresh))
    phone.get_by_role("button", name="Approve", exact=True).click()
    phone.get_by_role("button", name="Undo").click()
    expect(phone.get_by_role("status")).to_contain_text("Undone.")
    assert term.house.facts(term.rhys, term.course, term.fresh).state == "pending"
