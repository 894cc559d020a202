"""Search in a real browser: the key that leads to its box, and the questions that appear while one types."""

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect

from tests.browser.conftest import HOST, person_at
from tests.factories.house import House
from tests.factories.pages import Term

pytestmark = pytest.mark.browser


@pytest.fixture
def term(house: House) -> Term:
    return Term(house)


@pytest.fixture
def page(term: Term, chromium: Chromium) -> Page:
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    person_at(context, term.house.browser(term.priya, term.course), [])
    yield context.new_page()
    context.close()


def test_a_slash_goes_to_the_box_and_a_word_finds(term: Term, page: Page) -> None:
    page.goto(f"{HOST}/boards/{term.named}")
    page.keyboard.press("/")
    box = page.get_by_role("searchbox", name="Search boards, cases and teaching")
    expect(box).to_be_focused()
    expect(box).to_have_value("")
    page.keyboard.type("inhibitors/stents")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="AF and a new stent").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("P2Y12")


def test_a_slash_is_a_slash_where_keys_are_off(term: Term, page: Page) -> None:
    page.goto(f"{HOST}/courses/{term.course.public_id}/search")
    page.get_by_role("button", name="Switch keys off").click()
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox", name="Search boards, cases and teaching")).not_to_be_focused()


def test_similar_questions_appear_while_one_types_and_go_with_the_words(term: Term, page: Page) -> None:
    page.goto(f"{HOST}/boards/{term.named}")
    title = page.get_by_role("textbox", name="Ask a question")
    title.press_sequentially("The P2Y12 inhibitor after a stent", delay=5)
    similar = page.get_by_role("link", name="AF and a new stent: when does the P2Y12 inhibitor stop?")
    expect(page.get_by_text("Already asked?")).to_be_visible()
    expect(similar.first).to_be_visible()
    title.fill("Zzz")
    expect(page.get_by_text("Already asked?")).to_have_count(0)
