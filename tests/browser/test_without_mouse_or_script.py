"""Every page is worked by keyboard alone, and every page works without JavaScript."""

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Locator, Page

from tests.browser.conftest import person_at
from tests.browser.test_every_page import show
from tests.factories.house import House
from tests.factories.pages import PageVisit, Term, all_pages

pytestmark = pytest.mark.browser
MOST_STOPS = 150

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
# Where the focus is, and whether it can be seen there: an outline, a shadow or another ground than without it.
FOCUS = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const look = getComputedStyle(one), label = one.labels && one.labels[0];
  const shown = (style) => style.outlineStyle !== 'none' && style.outlineWidth !== '0px' || style.boxShadow !== 'none';
  const around = label ? [getComputedStyle(label), getComputedStyle(label, '::before')] : [];
  const name = one.type === 'radio' ? document.querySelector(`[name="${one.name}"][data-stop]`) : one;
  return {stop: name && name.dataset.stop, seen: [look, ...around].some(shown)};
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
    """The controls that Tab does not reach, those whose focus cannot be seen, and a trap if there is one."""
    wanted = page.evaluate(MARK)
    page.evaluate("() => { document.body.tabIndex = -1; document.body.focus(); }")
    reached, unseen, last = set(), [], None
    for _step in range(MOST_STOPS):
        page.keyboard.press("Tab")
        focus = page.evaluate(FOCUS)
        if focus is None or (focus["stop"] in reached and focus["stop"] != last):
            break
        last = focus["stop"]  # the day, the month and the year of a date are stops within one control
        if focus["stop"] is not None:
            reached.add(focus["stop"])
            if not focus["seen"]:
                unseen.append(wanted[int(focus["stop"])])
    missed = [name for number, name in enumerate(wanted) if str(number) not in reached]
    return [f"not reached: {name}" for name in missed] + [f"focus not seen: {name}" for name in unseen]


def test_every_form_can_be_sent_without_scripts(house: House, chromium: Chromium) -> None:
    for visit, page in every_page(house, chromium, scripts=False):
        assert page.locator("h1").count() == 1, visit.name
        closed = page.locator("details:not([open]) > summary:visible")
        while closed.count():
            closed.first.click()
        for form in page.locator("form").all():
            assert can_be_sent(page, form), visit.name
        assert page.locator("button:visible:not([type=submit])").count() == 0, (
            f"{visit.name}: a button that needs scripts"
        )
        assert page.locator("markdown-toolbar:visible").count() == 0, f"{visit.name}: a toolbar that does nothing"


def can_be_sent(page: Page, form: Locator) -> bool:
    """Whether a button that is seen sends it; a form that stands ready for buttons this reader has none of asks
    nothing of anybody."""
    own = form.get_attribute("id") or "none"
    buttons = form.locator("button[type=submit]").or_(page.locator(f'button[form="{own}"]'))
    if not buttons.count() and not form.locator("input:visible, select:visible, textarea:visible").count():
        return True
    return any(button.is_visible() for button in buttons.all())


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
