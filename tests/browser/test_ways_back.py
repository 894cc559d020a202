"""A link from a message, in real Chromium: it leads through the VLE to its thing, whatever happens to cookies.

The browser opens the link in a tab, where the tool is nobody's third party, and the VLE then shows the tool in a frame,
where it is. A browser that lets frames have cookies carries the way over; one that does not has been told what to do.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import expect

from tests.browser.cookies import Cookies, open_browser
from tests.browser.site import Site, running_site
from tests.browser.tabs import Tab
from tests.browser.test_transports import ASK_HEART, HEART, PRIYA, RHYS, open_board

pytestmark = pytest.mark.browser
UNSET = "Journal club board"


@pytest.fixture(scope="module")
def site(chromium: Chromium, tmp_path_factory: pytest.TempPathFactory, empty_database_file: Path) -> Iterator[Site]:
    """The tool and the VLE."""
    with running_site(tmp_path_factory.mktemp("site"), empty_database_file, is_https=False) as site:
        yield site


@pytest.fixture(scope="module")
def board(site: Site, chromium: Chromium, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The public id of a board that a tutor has opened."""
    folder = tmp_path_factory.mktemp("tutor")
    with open_browser(chromium.browser_type, folder, site, Cookies.ALLOWED) as context:
        tutor = Tab(site, context.new_page())
        tutor.be(RHYS)
        tutor.open(HEART, ASK_HEART)
        open_board(tutor, ASK_HEART)
        return tutor.frame.url.rpartition("/")[2]


@pytest.mark.parametrize("cookies", list(Cookies), ids=lambda one: one.name.lower())
def test_a_link_from_a_message(site: Site, board: str, cookies: Cookies, chromium: Chromium, tmp_path: Path) -> None:
    with open_browser(chromium.browser_type, tmp_path, site, cookies) as context:
        tab = Tab(site, context.new_page())
        tab.be(PRIYA)
        link = f"{site.tool}/go/{board}"
        tab.page.goto(link)
        expect(tab.page.get_by_role("heading", level=1)).to_have_text(re.compile(f"^Open {HEART} in "))
        tab.page.get_by_role("button", name=f"Open {HEART}").click()
        expect(tab.page.get_by_role("heading", level=1)).to_have_text(HEART)
        assert tab.page.url.startswith(f"{site.vle}/course/view.php?id=")
        tab.page.get_by_role("main").get_by_role("link", name=UNSET, exact=True).click()
        tab.come_in()
        if cookies is not Cookies.ALLOWED:
            tab.expect_heading("Not ready yet")
            tab.room().get_by_role("navigation").get_by_role("link", name="Home").click()
            tab.follow("Came by a link?")
            tab.room().get_by_label("Paste the address of the link").fill(link)
            tab.room().get_by_role("button", name="Go there").click()
        tab.expect_heading(ASK_HEART)
        tab.open(HEART, UNSET)
        tab.expect_heading("Not ready yet")
