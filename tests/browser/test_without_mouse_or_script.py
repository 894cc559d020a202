"""Every page is worked by keyboard alone, and every page works without JavaScript."""

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page

from tests.browser.conftest import person_at
from tests.browser.test_every_page import show
from tests.factories.house import House
from tests.factories.pages import PageVisit, Term, all_pages

pytestmark = pytest.mark.browser

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
# What keeps a page from being worked where no script runs: a form shows fields or has buttons, and none is seen that
# sends it. A form that stands ready for buttons this reader has none of asks nothing of anybody.
UNSENDABLE = """() => {
  for (const part of document.querySelectorAll('details')) part.open = true;
  const seen = (one) => one.checkVisibility({visibilityProperty: true});
  const wrong = [];
  for (const form of document.forms) {
    const buttons = [...form.elements].filter((one) => one.matches('button[type=submit]'));
    const fields = [...form.elements].filter((one) => one.matches('input, select, textarea') && seen(one));
    if ((buttons.length || fields.length) && !buttons.some(seen)) wrong.push(`cannot be sent: ${form.action}`);
  }
  for (const one of document.querySelectorAll('button:not([type=submit]), markdown-toolbar'))
    if (seen(one)) wrong.push(`needs scripts: ${one.textContent}`);
  if (document.querySelectorAll('h1').length !== 1) wrong.push('not one heading');
  return wrong;
}"""


def every_page(house: House, chromium: Chromium, *, scripts: bool):
    """Each page opened in a context of its own."""
    for visit in list(all_pages(Term(house))):
        context = chromium.new_context(viewport={"width": 1280, "height": 900}, java_script_enabled=scripts)
        person_at(context, visit.who, [])
        page = context.new_page()
        show(page, visit)
        yield visit, page
        context.close()


def test_every_control_is_reached_by_tab_and_shows_it(house: House, chromium: Chromium) -> None:
    wrong: dict[str, list[str]] = {}
    for visit, page in every_page(house, chromium, scripts=True):
        if found := what_tab_misses(page):
            wrong[visit.name] = found
    assert not wrong


def what_tab_misses(page: Page) -> list[str]:
    """The controls that Tab does not reach, from the first to the last, and those whose focus cannot be seen."""
    wanted = page.evaluate(MARK)
    dates = page.evaluate(WATCH)
    for _step in range(len(wanted) + dates * STOPS_OF_A_DATE + 1):
        page.keyboard.press("Tab")
    stops = page.evaluate("window.stops")
    missed = [f"not reached: {name}" for number, name in enumerate(wanted) if str(number) not in stops]
    return missed + [f"focus not seen: {wanted[int(number)]}" for number, is_seen in stops.items() if not is_seen]


def test_every_form_can_be_sent_without_scripts(house: House, chromium: Chromium) -> None:
    """The check itself runs beside the page, whose own scripts do not."""
    wrong = {visit.name: page.evaluate(UNSENDABLE) for visit, page in every_page(house, chromium, scripts=False)}
    assert not {name: found for name, found in wrong.items() if found}


def test_a_tutor_decides_without_scripts(house: House, chromium: Chromium) -> None:
    term = Term(house)
    context = chromium.new_context(java_script_enabled=False)
    person_at(context, house.browser(term.helen, term.course), [])
    page = context.new_page()
    show(
        page,
        PageVisit(
            "queue", house.browser(term.helen, term.course), f"/courses/{term.course.public_id}/waiting/{term.fresh}"
        ),
    )
    page.get_by_role("button", name="Return with note").click()
    page.get_by_label("What should the author change?").fill("Say which board.")
    page.get_by_role("button", name="Return it").click()
    assert page.get_by_role("status").filter(has_text="Returned with a note").count() == 1
    context.close()
