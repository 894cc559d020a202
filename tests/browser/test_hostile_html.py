"""Hostile HTML in a real browser: sent as people send posts, stored, read back; nothing runs or calls anywhere."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page

from lti_tool.access import Role
from lti_tool.boards import get_post_facts, reply
from lti_tool.core.errors import Invalid
from lti_tool.core.ids import new_public_id
from lti_tool.core.richtext import TAGS, clean, render
from lti_tool.texts import prepare
from tests.browser.conftest import HOST, person_at
from tests.factories.house import Browser, House

A_PAGE = 100
TITLE_AT_MOST = 140
SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "xss.json"
OWN = json.loads((Path(__file__).parents[1] / "unit" / "hostile.json").read_text(encoding="utf-8"))
COLLECTED = json.loads(SHARED.read_text(encoding="utf-8")) if SHARED.exists() else {}
FAMILIES = {f"our own, {name}": texts for name, texts in OWN.items()} | COLLECTED

# Runs before any script of the page: whoever gets as far as to call one of these has got through.
TRAPS = """
window.ran = [];
for (const name of ['alert', 'confirm', 'prompt', 'print']) window[name] = (...said) => { ran.push(name + said) };
window.name = '';
window.reports = [];
document.addEventListener('securitypolicyviolation',
  event => reports.push(event.violatedDirective + ' ' + event.blockedURI + ' ' + event.sample));
"""
# What a reader does: point at everything, and step into everything. Then: what stands in the posts at all?
HANDLE = """() => {
  const inside = [...document.querySelectorAll('.gr-text *')];
  for (const element of inside)
    for (const kind of ['mouseover', 'mousemove', 'mouseenter', 'focus', 'pointerenter', 'animationend', 'wheel'])
      element.dispatchEvent(new Event(kind, {bubbles: true}));
  return inside.map(element =>
    [element.localName, element.getAttributeNames(), element.namespaceURI.endsWith('xhtml'), element.href || '']);
}"""


class Watched:
    """Somebody at a browser that notices everything: scripts that run, what the policy reports, who is called."""

    def __init__(self, who: Browser, context: BrowserContext) -> None:
        self.foreign: list[str] = []
        self.dialogs: list[str] = []
        person_at(context, who, self.foreign)
        context.add_init_script(TRAPS)
        self.page: Page = context.new_page()
        self.page.on("dialog", lambda dialog: (self.dialogs.append(dialog.message), dialog.dismiss()))
        self.page.on("popup", lambda popup: self.dialogs.append(f"popup {popup.url}"))

    def is_quiet(self) -> None:
        """Nothing ran, nothing was reported, nothing was fetched from elsewhere, and this is still our page."""
        assert self.page.evaluate("ran") == []
        assert self.page.evaluate("reports") == []
        assert not self.foreign
        assert not self.dialogs
        assert self.page.url.startswith(HOST)


class Reader(Watched):
    """Somebody of a course with a board on which nothing is checked first."""

    def __init__(self, house: House, context: BrowserContext) -> None:
        trust = house.trust()
        self.house, self.course = house, house.course(trust)
        here = self.course.id
        self.tutor = house.person(trust, "Dr Helen Marsh", {here: Role.TUTOR})
        self.reader = house.person(trust, "Sam Okafor", {here: Role.LEARNER})
        self.board = house.board(self.course, self.tutor, moderated=False)
        super().__init__(house.browser(self.reader, self.course), context)

    def thread_of(self, texts: list[str]) -> tuple[str, int]:
        """A thread with a reply of each text; returns its address and how many were taken."""
        question = self.house.question(self.tutor, self.course, self.board, "Hostile")
        taken = 0
        with self.house.database.transaction() as db:
            actor = self.house.actor(db, self.tutor, self.course)
            facts = get_post_facts(db, actor, question)
            for text in texts:
                try:
                    prepared = prepare(text)
                except Invalid:
                    continue  # empty or too long: refused, and stored nowhere
                reply(db, actor, facts, None, prepared, new_public_id())
                taken += 1
        return f"{HOST}/threads/{facts.thread_public_id}", taken

    def read(self, address: str) -> int:
        """Open it and handle everything on it; returns how many texts stand there."""
        self.page.goto(address)
        for name, attributes, is_html, href in self.page.evaluate(HANDLE):
            assert name in TAGS, name
            assert is_html
            assert set(attributes) <= {"href", "rel", "target", "start"}
            assert not href or href.startswith(("http://", "https://", "mailto:"))
        self.is_quiet()
        return self.page.locator(".gr-text").count()


@pytest.fixture
def reader(house: House, new_context: Callable[..., BrowserContext]) -> Iterator[Reader]:
    settings = house.database.notes["settings"]
    house.database.notes["settings"] = replace(settings, posts_per_hour=10_000)
    return Reader(house, new_context())


def test_nothing_of_it_runs_and_nothing_is_reported(reader: Reader) -> None:
    texts = [text for family in FAMILIES.values() for text in family]
    if SHARED.exists():
        assert len(texts) > 3000
    stood = 0
    for first in range(0, len(texts), A_PAGE):
        address, taken = reader.thread_of(texts[first : first + A_PAGE])
        assert reader.read(address) == taken + 1
        stood += taken
    assert stood > 0.9 * len(texts)


@pytest.mark.parametrize("family", FAMILIES)
def test_one_of_each_family_through_the_real_form(reader: Reader, family: str) -> None:
    """As title and as text, seen in the preview and then sent. What the identifier check stops comes back as typed."""
    typed = next(text for text in FAMILIES[family] if "<" in text and len(text) < TITLE_AT_MOST)
    page = reader.page
    page.goto(f"{HOST}/boards/{reader.board}/ask")
    page.get_by_label("Question", exact=True).fill(typed)
    page.locator("#text").fill(typed)
    page.get_by_role("button", name="Preview").click()
    reader.is_quiet()
    assert page.locator("#text").input_value() == typed
    page.get_by_role("button", name="Send question").click()
    reader.is_quiet()
    shown = page.get_by_role("heading", level=1).inner_text()
    assert shown == " ".join(typed.split()) or page.locator("#text").input_value() == typed
    reader.read(page.url)


def test_cleaning_what_was_cleaned_changes_nothing() -> None:
    for text in (text for family in FAMILIES.values() for text in family):
        html = render(text)
        assert clean(html) == html
