"""The pictures of docs/moodle-setup.md: a VLE and a tool that meet for the first time, on a desk.

One walk through all of it, as an administrator and a teacher go; each picture is what stands on the screen then.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import context_of
from tests.browser.connecting import COURSE, Connecting, invite_to, line
from tests.browser.site import running_site

Taker = Callable[[Page, str], None]

WIDTH = 1280
SETTLES_MILLISECONDS = 500
SCENES: Mapping[str, str] = {
    "setup-paste": "The administrator of a VLE pastes the address",
    "setup-connect": "The tool asks once",
    "setup-pending": "The tool is pending",
    "setup-usage": "Its settings: shown in the activity chooser",
    "setup-privacy": "Its settings: services, names, and grades left to the teacher",
    "setup-chooser": "A teacher adds an activity",
    "setup-select": "The teacher chooses in the tool",
    "setup-course": "The activities in the course",
    "setup-checklist": "The checklist of the connection, with everything that a launch can prove",
    "setup-blocked": "What a new Moodle does not call",
    "setup-copy": "A course is copied",
    "setup-roles": "Who is in the course, and what the tool is told of them",
}


def take_setup_pictures(browser: Browser, folder: Path, tables: Path, pictures: Path) -> None:
    """Take them all. `tables` is a database that has them, and no more; `folder` is for what the two write."""

    def take(page: Page, name: str) -> None:
        assert name in SCENES
        page.wait_for_timeout(SETTLES_MILLISECONDS)
        page.screenshot(path=pictures / f"{name}-{WIDTH}.png")

    with running_site(folder, tables, is_https=False, is_connected=False) as site:
        tab = Connecting(site, context_of(browser, WIDTH).new_page())
        checklist = context_of(browser, WIDTH).new_page()
        invite = invite_to(site)
        tab.open_tools()
        tab.paste(invite)
        take(tab.page, "setup-paste")
        frame = tab.add()
        expect(frame.get_by_role("button", name="Connect")).to_be_visible()
        take(tab.page, "setup-connect")
        frame.get_by_role("button", name="Connect").click()
        expect(tab.card()).to_contain_text("Pending")
        take(tab.page, "setup-pending")
        _settings(tab, take)
        _course(tab, take)
        checklist.goto(invite.checklist)
        expect(line(checklist, "Names arrive")).to_contain_text("Done")
        take(checklist, "setup-checklist")
        _copy_and_roles(tab, take)
        tab.open_http_security()
        tab.page.get_by_role("button", name="Put in what a new Moodle has").click()
        take(tab.page, "setup-blocked")


def _settings(tab: Connecting, take: Taker) -> None:
    tab.activate()
    tab.choose_usage()
    tab.page.get_by_label("Tool configuration usage").focus()
    tab.page.get_by_label("Tool configuration usage").evaluate("field => field.scrollIntoView({block: 'center'})")
    take(tab.page, "setup-usage")
    tab.page.get_by_label("Accept grades from the tool").focus()
    take(tab.page, "setup-privacy")
    tab.save_settings()


def _course(tab: Connecting, take: Taker) -> None:
    tab.add_board("Ask cardiology")
    tab.open_chooser()
    take(tab.page, "setup-chooser")
    frame = tab.select_content()
    tab.tick(frame, "The case board", "The teaching programme")
    take(tab.page, "setup-select")
    tab.put(frame)
    section = tab.page.get_by_role("heading", level=2, name="Ask and answer")
    section.evaluate("heading => heading.parentElement.scrollIntoView({block: 'start'})")
    take(tab.page, "setup-course")
    for name in tab.activities():
        tab.open(COURSE, name)


def _copy_and_roles(tab: Connecting, take: Taker) -> None:
    tab.open_course("Course reuse")
    take(tab.page, "setup-copy")
    tab.open_course("Participants")
    tab.page.get_by_role("link", name="Edit enrolment of Sam Okafor").click()
    tab.page.get_by_label("Role").select_option("Non-editing teacher")
    tab.page.get_by_role("button", name="Save changes").click()
    tab.open_course("Participants")
    take(tab.page, "setup-roles")
