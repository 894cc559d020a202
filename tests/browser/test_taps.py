"""How much it takes: taps and page loads to ask on a phone, keys and requests to decide. Each is counted as it happens.

A load is a page of Grand Round that a browser has shown: redirects between are not seen by anybody. A request is what
a key makes the browser send by itself, without the redirect that answers it.
"""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Frame, Locator, Page, Request, expect

from tests.browser.conftest import HOST, person_at
from tests.browser.visitor import Visitor, told
from tests.factories.demo import Demo
from tests.factories.house import House
from tests.factories.pages import Term

pytestmark = pytest.mark.browser
PHONE = 390
COURSE, BOARD = "Cardiology ST4", "Ask cardiology"
MOST_TAPS, MOST_LOADS = 4, 3
MOST_KEYS, MOST_REQUESTS = 2, 1


class Thumb:
    """Taps and counts them, and the pages of the tool that came of it."""

    def __init__(self, page: Page, tool: str) -> None:
        self.taps = 0
        self.loads: list[str] = []
        self.tool = tool
        page.on("framenavigated", self._note)

    def _note(self, frame: Frame) -> None:
        if frame.url.startswith(self.tool):
            self.loads.append(frame.url)

    def tap(self, what: Locator) -> None:
        """One tap."""
        self.taps += 1
        what.tap()


def test_asking_from_the_course_page_on_a_phone(demo: Demo, new_visitor: Callable[[int], Visitor]) -> None:
    visitor = new_visitor(PHONE)
    question = "Why is the T wave upright in lead V1 of a child?"
    visitor.be("Mina Farrow")
    visitor.page.get_by_role("main").get_by_role("link", name=COURSE, exact=True).click()
    thumb = Thumb(visitor.page, demo.tool)
    thumb.tap(visitor.page.get_by_role("main").get_by_role("link", name=BOARD, exact=True))
    title = visitor.page.get_by_role("textbox", name="Ask a question")
    thumb.tap(title)
    visitor.page.keyboard.type(question)
    thumb.tap(visitor.page.get_by_role("textbox", name="Your text"))
    visitor.page.keyboard.type("It is downright in adults. I should like to know **when** it turns.")
    thumb.tap(visitor.page.get_by_role("button", name="Send question"))
    expect(told(visitor.page, "It waits for a tutor")).to_be_visible()
    expect(visitor.page.get_by_role("heading", level=1, name=question)).to_be_visible()
    assert thumb.taps <= MOST_TAPS
    assert len(thumb.loads) <= MOST_LOADS, thumb.loads
    assert len(thumb.loads) >= 2  # the counting works: the board, and the question that was sent
    assert visitor.complaints == []


@pytest.fixture
def helen(house: House, chromium: Chromium) -> Iterator[tuple[Term, Page]]:
    """A tutor whose queue holds several posts."""
    term = Term(house)
    context = chromium.new_context()
    person_at(context, house.browser(term.helen, term.course), [])
    yield term, context.new_page()
    context.close()


def test_deciding_by_keyboard(helen: tuple[Term, Page]) -> None:
    term, page = helen
    page.goto(f"{HOST}/courses/{term.course.public_id}/waiting")
    heading = page.get_by_role("article").get_by_role("heading", level=2)
    pressed, sent, lost = 0, 0, 0
    requests: list[Request] = []
    page.on("request", lambda request: requests.append(request) if request.is_navigation_request() else None)
    decided = 0
    yes = page.get_by_role("button", name=re.compile("^(Approve|Keep it)"))
    while heading.count() and yes.count() and decided < 3:
        before = heading.text_content()
        requests.clear()
        page.wait_for_load_state()
        page.keyboard.press("a")
        pressed += 1
        expect(told(page, "The author is told")).to_be_visible()
        if heading.count():
            expect(heading).not_to_have_text(str(before))
        page.wait_for_load_state()
        sent += sum(request.redirected_from is None for request in requests)
        lost += page.evaluate("document.activeElement === document.body")
        decided += 1
    assert decided >= 2
    assert pressed <= MOST_KEYS * decided
    assert sent <= MOST_REQUESTS * decided
    assert lost == 0
