"""Every page in real Chromium, wide and narrow: axe finds nothing serious, nothing sticks out, nothing is refused.

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


@pytest.mark.parametrize("width", [1280, 390])
def test_every_page_in_a_browser(house: House, chromium: Chromium, width: int) -> None:
    visits = list(all_pages(Term(house)))
    foreign: list[str] = []
    wrong: dict[str, list[str]] = {}
    looked_at: set[str] = set()  # what is written is the same on a phone: there axe looks at one page of each kind
    for visit in visits:
        context = chromium.new_context(viewport={"width": width, "height": 900}, reduced_motion="reduce")
        person_at(context, visit.who, foreign)
        page = context.new_page()
        refused: list[str] = []
        page.on("console", lambda message, kept=refused: kept.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error, kept=refused: kept.append(str(error)))
        show(page, visit)
        kind = visit.name.partition("-")[0]
        found = sticks_out(page) + (axe(page) if width > 500 or kind not in looked_at else [])
        looked_at.add(kind)
        found += [text for text in refused if "status of 4" not in text]
        if found:
            wrong[visit.name] = found
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / f"{visit.name}-{width}.png", full_page=True)
        context.close()
    assert not foreign
    assert not wrong


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
