"""Every page works without JavaScript."""

import pytest
from playwright.sync_api import Browser as Chromium

from tests.browser.conftest import person_at
from tests.browser.test_every_page import PARTS, WIDE, pages_of, show
from tests.factories.house import House
from tests.factories.pages import PageVisit, Term

pytestmark = pytest.mark.browser

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


@pytest.mark.parametrize("part", range(PARTS))
def test_every_form_can_be_sent_without_scripts(house: House, chromium: Chromium, part: int) -> None:
    """The check itself runs beside the page, whose own scripts do not."""
    wrong: dict[str, list[str]] = {}
    for visit in pages_of(house, part):
        context = chromium.new_context(viewport=WIDE, java_script_enabled=False)
        person_at(context, visit.who, [])
        page = context.new_page()
        show(page, visit)
        if found := page.evaluate(UNSENDABLE):
            wrong[visit.name] = found
        context.close()
    assert not wrong


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
