"""What scripts add, by keyboard; and that everything works without them."""

import gzip
from collections.abc import Iterator

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
def sam(term: Term, chromium: Chromium) -> Iterator[Page]:
    """A trainee's page."""
    context = chromium.new_context()
    person_at(context, term.house.browser(term.sam, term.course), [])
    yield context.new_page()
    context.close()


@pytest.fixture
def helen(term: Term, chromium: Chromium) -> Iterator[Page]:
    """A tutor's page."""
    context = chromium.new_context()
    person_at(context, term.house.browser(term.helen, term.course), [])
    yield context.new_page()
    context.close()


@pytest.fixture
def sam_without_scripts(term: Term, chromium: Chromium) -> Iterator[Page]:
    """A trainee's page in a browser that runs no scripts."""
    context = chromium.new_context(java_script_enabled=False)
    person_at(context, term.house.browser(term.sam, term.course), [])
    yield context.new_page()
    context.close()


def test_r_goes_to_the_reply_and_is_a_letter_once_there(term: Term, sam: Page) -> None:
    sam.goto(f"{HOST}/threads/{term.thread_of(term.question)}")
    box = sam.get_by_label("Your reply")
    sam.keyboard.press("r")
    expect(box).to_be_focused()
    expect(box).to_have_value("")
    sam.keyboard.press("r")
    expect(box).to_have_value("r")


def test_keys_can_be_switched_off_and_on_again(term: Term, sam: Page) -> None:
    thread = f"{HOST}/threads/{term.thread_of(term.question)}"
    sam.goto(thread)
    sam.get_by_role("button", name="Switch keys off").click()
    sam.goto(thread)
    sam.keyboard.press("r")
    expect(sam.get_by_label("Your reply")).not_to_be_focused()
    sam.get_by_role("button", name="Switch keys on").click()
    sam.goto(thread)
    sam.keyboard.press("r")
    expect(sam.get_by_label("Your reply")).to_be_focused()


def press(page: Page, key: str) -> None:
    """Press a key once the page listens: one that is pressed while its script still loads is lost."""
    page.wait_for_load_state()
    page.keyboard.press(key)


def test_the_queue_is_worked_by_keys(term: Term, helen: Page) -> None:
    helen.goto(f"{HOST}/courses/{term.course.public_id}/waiting")
    heading = helen.get_by_role("article").get_by_role("heading", level=2)
    expect(heading).to_have_text("Where is the pacing box kept?")
    press(helen, "j")
    expect(heading).to_have_text("A reply by Priya Nadar")
    press(helen, "j")
    expect(heading).to_have_text("Is it too late to ask?")
    press(helen, "k")
    expect(heading).to_have_text("A reply by Priya Nadar")
    press(helen, "Control+a")
    expect(heading).to_have_text("A reply by Priya Nadar")
    press(helen, "a")
    expect(helen.get_by_role("status")).to_contain_text("Approved")
    helen.goto(f"{HOST}/courses/{term.course.public_id}/waiting/{term.fresh}")
    press(helen, "r")
    note = helen.get_by_label("What should the author change?")
    expect(note).to_be_visible()
    note.fill("Say which patient group.")
    helen.get_by_role("button", name="Return it").click()
    expect(helen.get_by_role("status")).to_contain_text("Returned")


def test_the_toolbar_is_worked_by_keyboard(term: Term, sam: Page) -> None:
    sam.goto(f"{HOST}/boards/{term.hidden}/ask")
    sam.get_by_label("Question").focus()
    reached = []
    for _ in range(5):
        sam.keyboard.press("Tab")
        reached.append(sam.evaluate("document.activeElement.textContent.trim() || document.activeElement.id"))
    assert reached == ["Bold", "List", "Link", "Quote", "text"]
    sam.get_by_role("button", name="Bold").focus()
    sam.keyboard.press("Enter")
    box = sam.get_by_label("Your text")
    expect(box).to_be_focused()
    sam.keyboard.type("stop")
    expect(box).to_have_value("**stop**")
    box.fill("one\ntwo")
    box.select_text()
    sam.get_by_role("button", name="List").focus()
    sam.keyboard.press("Space")
    expect(box).to_have_value("- one\n- two")


def test_a_draft_is_saved_while_typing_and_waits_on_home(term: Term, sam: Page) -> None:
    sam.goto(f"{HOST}/boards/{term.hidden}/ask")
    sam.get_by_label("Your text").fill("A half-written thought")
    expect(sam.locator("#draft")).to_contain_text("Draft saved", timeout=8000)
    sam.goto(f"{HOST}/boards/{term.hidden}/ask")
    expect(sam.get_by_label("Your text")).to_have_value("A half-written thought")
    sam.goto(f"{HOST}/courses/{term.course.public_id}/drafts")
    expect(sam.get_by_role("link", name="A half-written thought")).to_be_visible()


def test_a_draft_that_cannot_be_saved_says_so(term: Term, sam: Page) -> None:
    sam.goto(f"{HOST}/boards/{term.hidden}/ask")
    sam.route("**/drafts", lambda route: route.abort())
    sam.get_by_label("Your text").fill("Typed in the lift")
    expect(sam.locator("#draft")).to_contain_text("Not saved", timeout=8000)
    expect(sam.get_by_label("Your text")).to_have_value("Typed in the lift")


def test_what_is_wrong_is_read_first_and_leads_to_its_field(term: Term, sam: Page) -> None:
    sam.goto(f"{HOST}/boards/{term.hidden}/ask")
    sam.get_by_label("Your text").fill("Kept to the letter:  two spaces")
    sam.get_by_role("button", name="Send question").click()
    expect(sam.locator(".nhsuk-error-summary")).to_be_focused()
    expect(sam.get_by_label("Your text")).to_have_value("Kept to the letter:  two spaces")
    sam.get_by_role("link", name="Write your question in one sentence.").press("Enter")
    expect(sam.get_by_label("Question")).to_be_focused()


def test_a_question_is_asked_without_scripts(term: Term, sam_without_scripts: Page) -> None:
    page = sam_without_scripts
    page.goto(f"{HOST}/boards/{term.named}")
    page.get_by_label("Ask a question").fill("When is it too late?")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_label("Question")).to_have_value("When is it too late?")
    expect(page.get_by_text("Bold")).to_be_hidden()
    page.get_by_label("Your text").fill("On **day** four?")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("region", name="Exactly what would appear")).to_contain_text("On day four?")
    expect(page.get_by_label("Your text")).to_have_value("On **day** four?")
    page.get_by_role("button", name="Send question").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("When is it too late?")
    expect(page.get_by_role("status")).to_contain_text("waits for a tutor")
    expect(page.get_by_role("article").first).to_contain_text("Only you and the moderators see this.")


@pytest.mark.parametrize("path", ["/boards/{term.named}", "/boards/{term.hidden}/ask"])
def test_the_first_view_is_light(term: Term, chromium: Chromium, path: str) -> None:
    """At most 100 kB over the wire, gzipped as lightly as our server does, with nothing in the browser's cache."""
    context = chromium.new_context()
    who = term.house.browser(term.sam, term.course)
    person_at(context, who, [])
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.removeprefix(HOST)))
    page.goto(HOST + path.format(term=term))
    page.wait_for_load_state("networkidle")
    context.close()
    assert sum(map(zipped, (who.get(one).get_data() for one in asked if one.startswith("/")))) <= 100_000
    assert len(asked) <= 7  # the page, two style sheets, three scripts, and the cross of the search box


def zipped(body: bytes) -> int:
    return len(gzip.compress(body, compresslevel=1))
