"""Every page in real Chromium, wide and then narrow: axe finds nothing serious, nothing sticks out, nothing is refused;
and each is worked by keyboard alone.

With PICTURES=<folder> in the environment each page is also photographed there.
"""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page

from tests.browser.conftest import HOST, person_at
from tests.factories.house import House
from tests.factories.pages import PageVisit, Term, all_pages, open_page

AXE = Path(__file__).with_name("vendor") / "axe.min.js"
PICTURES = os.environ.get("PICTURES")
pytestmark = pytest.mark.browser


PARTS = 2  # of the pages, so that two workers share them
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 900}
# Marks what a person can use, in reading order; radios of one name are one stop, as browsers have it.
MARK = """() => {
  const seen = new Set();
  const wanted = [];
  for (const one of document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')) {
    if (one.type === 'hidden' || one.disabled) continue;
    if (one.closest('details:not([open])') && one.tagName !== 'SUMMARY') continue;
    if (!one.checkVisibility({visibilityProperty: true})) continue;
    if (one.type === 'radio') { if (seen.has(one.name)) continue; seen.add(one.name); }
    one.dataset.stop = wanted.length;
    wanted.push((one.type === 'radio' ? `radio ${one.name}` : one.textContent.trim() || one.name).slice(0, 40));
  }
  return wanted;
}"""
# Notes of each control that takes the focus whether that can be seen there: an outline, a shadow or another ground than
# without it.
WATCH = """() => {
  window.stops = {};
  document.addEventListener('focusin', ({target: one}) => {
    const look = getComputedStyle(one), label = one.labels && one.labels[0];
    const outlined = (style) => style.outlineStyle !== 'none' && style.outlineWidth !== '0px';
    const shown = (style) => outlined(style) || style.boxShadow !== 'none';
    const around = label ? [getComputedStyle(label), getComputedStyle(label, '::before')] : [];
    const name = one.type === 'radio' ? document.querySelector(`[name="${one.name}"][data-stop]`) : one;
    if (name && name.dataset.stop) window.stops[name.dataset.stop] = [look, ...around].some(shown);
  });
  document.body.tabIndex = -1;
  document.body.focus();
  return document.querySelectorAll('[type=date], [type=time], [type=datetime-local]').length;
}"""
STOPS_OF_A_DATE = 6  # day, month, year, hour, minute, and the button beside them


@pytest.mark.parametrize("part", range(PARTS))
def test_every_page_in_a_browser(house: House, chromium: Chromium, part: int) -> None:
    foreign: list[str] = []
    wrong: dict[str, list[str]] = {}
    looked_at: set[str] = set()  # what is written is the same on a phone: there axe looks at one page of each kind
    for visit in pages_of(house, part):
        context = chromium.new_context(viewport=WIDE, reduced_motion="reduce")
        person_at(context, visit.who, foreign)
        page = context.new_page()
        refused: list[str] = []
        page.on("console", lambda message, kept=refused: kept.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error, kept=refused: kept.append(str(error)))
        show(page, visit)
        found = faults_of(page, visit.name, 1280) + axe(page)
        page.set_viewport_size(NARROW)
        kind = visit.name.partition("-")[0]
        found += faults_of(page, visit.name, 390) + ([] if kind in looked_at else axe(page))
        page.set_viewport_size(WIDE)
        looked_at.add(kind)
        found += what_tab_misses(page) + [text for text in refused if "status of 4" not in text]
        if found:
            wrong[visit.name] = found
        context.close()
    assert not foreign
    assert not wrong


def pages_of(house: House, part: int) -> list[PageVisit]:
    """One of `PARTS` parts of all pages."""
    return list(all_pages(Term(house)))[part::PARTS]


def faults_of(page: Page, name: str, width: int) -> list[str]:
    """What sticks out at this width, where a picture is taken if one is wanted."""
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}-{width}.png", full_page=True)
    return [f"{width}: {fault}" for fault in sticks_out(page)]


def what_tab_misses(page: Page) -> list[str]:
    """The controls that Tab does not reach, from the first to the last, and those whose focus cannot be seen."""
    wanted = page.evaluate(MARK)
    dates = page.evaluate(WATCH)
    for _step in range(len(wanted) + dates * STOPS_OF_A_DATE + 1):
        page.keyboard.press("Tab")
    stops = page.evaluate("window.stops")
    missed = [f"not reached: {name}" for number, name in enumerate(wanted) if str(number) not in stops]
    return missed + [f"focus not seen: {wanted[int(number)]}" for number, is_seen in stops.items() if not is_seen]


def show(page: Page, visit: PageVisit) -> None:
    """Open the page; one that answers a form is put in place of that form's answer."""
    if visit.form:
        answer = open_page(visit)
        page.route(f"{HOST}{visit.path}", lambda route: route.fulfill(
            status=200, headers=dict(answer.headers), body=answer.get_data()
        ))  # fmt: skip
    page.goto(f"{HOST}{visit.path}")
    page.wait_for_load_state("load")


def axe(page: Page) -> list[str]:
    """What axe calls serious or critical, and headings out of order."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{fault['id']}: {node['html'][:120]} {node['failureSummary'][:200]}"
        for fault in result["violations"]
        for node in fault["nodes"]
        if fault["impact"] in ("serious", "critical") or fault["id"] in ("heading-order", "region")
    ]


def sticks_out(page: Page) -> list[str]:
    """Whether the page must be scrolled sideways."""
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [f"{wide} px too wide"] if wide > 0 else []
