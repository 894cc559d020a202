"""Hostile HTML wherever people type beyond title and text, through the real forms in a real browser.

An alias is not among these fields: it is drawn from our own lists and never comes from input, as the last test shows.
"""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext
from sqlalchemy import select

from lti_tool.boards.authors import BIRDS, COLOURS
from lti_tool.boards.models import BoardAlias
from tests.browser.conftest import HOST
from tests.browser.test_hostile_html import FAMILIES, Reader, Watched
from tests.factories.files import screenshot
from tests.factories.house import House

LONGEST = {"option": 140, "board": 100, "cohort": 60, "tag": 30}
OPEN_ALL = "document.querySelectorAll('main details').forEach(each => { each.open = true })"


@pytest.fixture
def reader(house: House, new_context: Callable[..., BrowserContext]) -> Iterator[Reader]:
    return Reader(house, new_context())


@pytest.fixture
def tutor(reader: Reader, new_context: Callable[..., BrowserContext]) -> Watched:
    return Watched(reader.house.browser(reader.tutor, reader.course), new_context())


def typed_of(family: str, longest: int) -> str:
    """Something of this family in one line that still has a tag in it."""
    lines = [" ".join(text.split()) for text in FAMILIES[family] if "<" in text]
    return min((line for line in lines if "<" in line), key=lambda line: (len(line) > longest, len(line)))[:longest]


def show(who: Watched, path: str) -> None:
    """Open a page of ours with everything that can be unfolded."""
    who.page.goto(f"{HOST}{path}")
    who.page.evaluate(OPEN_ALL)


def read(who: Watched, path: str) -> str:
    """What stands on a page, to somebody who unfolds everything."""
    show(who, path)
    who.is_quiet()
    return who.page.locator("main").inner_text()


def press(who: Watched, name: str) -> None:
    """Press a button; whatever comes back is quiet."""
    who.page.get_by_role("button", name=name, exact=True).click()
    who.page.wait_for_load_state()
    who.is_quiet()


@pytest.mark.parametrize("family", FAMILIES)
def test_as_name_and_words_of_a_file_and_as_an_option_of_a_poll(reader: Reader, family: str) -> None:
    typed, page = typed_of(family, LONGEST["option"]), reader.page
    show(reader, f"/boards/{reader.board}/ask")
    page.locator("#title").fill("What is this?")
    page.locator("#text").fill("See the picture.")
    page.locator("#options").fill(f"{typed}\nSomething else")
    page.locator("#file").set_input_files({"name": typed, "mimeType": "image/png", "buffer": screenshot()})
    press(reader, "Add it")
    page.get_by_label("What does picture 1 show?").fill(typed)
    press(reader, "Preview")
    assert page.locator("#options").input_value() == f"{typed}\nSomething else"
    press(reader, "Send question")
    if page.locator("#options").count():  # the identifier check has something to say: the words come back as typed
        assert page.locator("#options").input_value() == f"{typed}\nSomething else"
        assert page.get_by_label("What does picture 1 show?").input_value() == typed
        return
    assert page.get_by_text(typed, exact=True).count() >= 1
    assert typed in [image.get_attribute("alt") for image in page.locator("main img").all()]


@pytest.mark.parametrize("family", FAMILIES)
def test_as_a_reference(reader: Reader, family: str) -> None:
    typed, page = typed_of(family, LONGEST["option"]), reader.page
    question = reader.house.question(reader.tutor, reader.course, reader.board)
    thread = reader.house.facts(reader.reader, reader.course, question).thread_public_id
    show(reader, f"/threads/{thread}")
    page.locator("#text").fill("So says the guideline.")
    page.locator("#references").fill(typed)
    press(reader, "Send reply")
    for link in page.locator(".gr-main a").all():
        assert (link.get_attribute("href") or "").startswith(("/", "#", "https://", "http://"))


@pytest.mark.parametrize("family", FAMILIES)
def test_as_what_tutors_name(reader: Reader, tutor: Watched, family: str) -> None:
    """The name and the purpose of a board, its rules and tags, and a cohort; seen by the tutor and by a reader."""
    page, board, course = tutor.page, f"/boards/{reader.board}", f"/courses/{reader.course.public_id}"
    taken = set()
    for path, field, what in (
        (f"{board}/settings", "title", "board"),
        (f"{board}/settings", "purpose", "board"),
        (f"{board}/settings/rules", "rules", "option"),
        (f"{board}/tags", "tags", "tag"),
        (f"{course}/cohorts", "name", "cohort"),
    ):
        typed = typed_of(family, LONGEST[what])
        show(tutor, path)
        form = page.locator(f"form:has(#{field})")
        form.locator(f"#{field}").fill(typed)
        form.get_by_role("button").first.click()
        page.wait_for_load_state()
        tutor.is_quiet()
        if not page.locator(".nhsuk-error-summary").count():  # else it names a person: refused, and nowhere
            taken.add(typed)
    stands = read(tutor, f"{course}/cohorts")
    for path in (board, f"{board}/ask", f"{course}/boards", f"{course}/"):
        stands += read(reader, path)
    assert taken
    assert not [typed for typed in taken if typed not in stands], "it stands there as it was typed, letter by letter"


def test_an_alias_never_comes_from_input(house: House, reader: Reader) -> None:
    board = house.board(reader.course, reader.tutor, pseudonymous=True, moderated=False)
    form = {
        "title": "When?",
        "text": "Soon.",
        "do": "send",
        "alias": "<img src=x onerror=alert(1)>",
        "author": "<b>x</b>",
    }
    assert house.browser(reader.reader, reader.course).post(f"/boards/{board}/ask", form).status_code == 303
    with house.database.transaction() as db:
        colour, bird = db.scalars(select(BoardAlias.alias)).one().split(" ")
    assert (colour in COLOURS, bird in BIRDS) == (True, True)
