"""Whole launches in real Chromium: a VLE of another site frames us, and the browser keeps fewer and fewer cookies.

VLE and tool are two hosts of this machine (127.0.0.1 and localhost), which to a browser are two sites.
"""

import json
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, FrameLocator, Page, expect, sync_playwright
from werkzeug.serving import BaseWSGIServer, make_server

from lti_tool.app import create_app, open_database
from lti_tool.core import clock
from lti_tool.demo_platform import VleConfig, create_vle
from lti_tool.launch import PlatformDraft, connect_platform
from lti_tool.launch.queries import all_platforms
from lti_tool.launch.registering import switch_platform
from tests.browser.conftest import FLAGS
from tests.conftest import make_settings
from tests.factories.house import House

pytestmark = pytest.mark.browser
LEARNER, TUTOR = "Priya Nadar", "Dr Helen Marsh"
BLOCK_THIRD_PARTIES = {"profile": {"cookie_controls_mode": 1, "block_third_party_cookies": True}}
BLOCK_ALL_OF_OURS = {"profile": {"content_settings": {"exceptions": {"cookies": {"localhost,*": {"setting": 2}}}}}}


@dataclass
class Site:
    """A tool and a VLE that know each other."""

    house: House
    vle_url: str
    tool_url: str


@contextmanager
def running(server: BaseWSGIServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield
    server.shutdown()
    thread.join()
    server.server_close()


def _later(_environ: object, _start: object) -> list[bytes]:
    raise RuntimeError("not made yet")


def server() -> BaseWSGIServer:
    return make_server("127.0.0.1", 0, _later, threaded=True)  # type: ignore[arg-type]  # its app comes when the port is known


@pytest.fixture
def site(tmp_path: Path, empty_database_file: Path) -> Iterator[Site]:
    """Tool and VLE, each on a free port."""
    shutil.copy(empty_database_file, tmp_path / "grand-round.db")
    tool, vle = server(), server()
    tool_url, vle_url = f"http://localhost:{tool.server_port}", f"http://127.0.0.1:{vle.server_port}"
    settings = make_settings(tmp_path, base_url=tool_url)
    database = open_database(settings)
    tool_app = create_app(settings, database)
    vle_app = create_vle(VleConfig(vle_url, tool_url, tmp_path / "vle"))
    tool.app, vle.app = tool_app, vle_app
    with running(tool), running(vle):
        told = vle_app.test_client().get("/demo/registration.json").get_json()
        trust = told.pop("trust")
        draft = PlatformDraft(keys_url=told.pop("jwks_url"), deployments=(told.pop("deployment_id"),), **told)
        with database.transaction() as db:
            connect_platform(db, trust, draft, clock.now())
        yield Site(House(tool_app, database), vle_url, tool_url)
    database.close()


@contextmanager
def browser_with(folder: Path, preferences: dict[str, object]) -> Iterator[BrowserContext]:
    """Debian's Chromium with settings of its own. Nothing is downloaded."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if path is None:
        pytest.skip("no Chromium is installed")
    (folder / "Default").mkdir(parents=True)
    (folder / "Default" / "Preferences").write_text(json.dumps(preferences))
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(str(folder), executable_path=path, args=FLAGS)
        yield context
        context.close()


def open_activity(page: Page, site: Site, person: str, activity: str) -> FrameLocator:
    page.goto(site.vle_url)
    page.get_by_role("button", name=person).click()
    page.get_by_role("link", name="Cardiology ST4").first.click()
    page.get_by_role("link", name=activity).first.click()
    return page.frame_locator("#contentframe")


def address_in_frame(page: Page, site: Site) -> str:
    return next(frame.url for frame in page.frames if frame.url.startswith(site.tool_url))


@pytest.mark.parametrize(
    ("preferences", "in_path", "asks"),
    [({}, False, False), (BLOCK_THIRD_PARTIES, False, False), (BLOCK_ALL_OF_OURS, True, True)],
    ids=["ordinary", "third-party cookies blocked", "all our cookies blocked"],
)
def test_a_launch_arrives(
    site: Site, tmp_path: Path, preferences: dict[str, object], in_path: bool, asks: bool
) -> None:
    with browser_with(tmp_path / "chromium", preferences) as context:
        page = context.new_page()
        frame = open_activity(page, site, LEARNER, "Journal club board")
        if asks:
            frame.get_by_role("button", name=f"Continue as {LEARNER} in Cardiology ST4").click()
        expect(frame.get_by_role("heading", name="Not ready yet")).to_be_visible()
        assert ("/v/" in address_in_frame(page, site)) is in_path
        frame.get_by_role("link", name="Boards").click()
        expect(frame.get_by_role("heading", name="Boards", exact=True)).to_be_visible()


@pytest.mark.parametrize("preferences", [{}, BLOCK_ALL_OF_OURS], ids=["ordinary", "all our cookies blocked"])
def test_a_tutor_chooses_and_goes_on_in_a_new_window(
    site: Site, tmp_path: Path, preferences: dict[str, object]
) -> None:
    with browser_with(tmp_path / "chromium", preferences) as context:
        page = context.new_page()
        frame = open_activity(page, site, TUTOR, "Journal club board")
        if preferences:
            frame.get_by_role("button", name=f"Continue as {TUTOR}").click()
        frame.get_by_label("Name of the board").fill("Journal club")
        frame.get_by_label("Names are shown").check()
        frame.get_by_role("button", name="Open the board and put it here").click()
        expect(frame.get_by_role("heading", name="Journal club", exact=True)).to_be_visible()
        frame.get_by_role("link", name="Open in a new window").click()
        with context.expect_page() as opened:
            frame.get_by_role("main").get_by_role("link", name="Open in a new window").click()
        window = opened.value
        expect(window.get_by_role("heading", name="Journal club", exact=True)).to_be_visible()
        assert ("/v/" in window.url) is bool(preferences)
        window.reload()
        expect(window.get_by_role("heading", name="Journal club", exact=True)).to_be_visible()


def test_an_address_with_a_visit_in_it_asks_whoever_types_it(site: Site, tmp_path: Path) -> None:
    with browser_with(tmp_path / "chromium", BLOCK_ALL_OF_OURS) as context:
        page = context.new_page()
        frame = open_activity(page, site, LEARNER, "Journal club board")
        frame.get_by_role("button", name=f"Continue as {LEARNER}").click()
        expect(frame.get_by_role("heading", name="Not ready yet")).to_be_visible()
        typed = context.new_page()
        typed.goto(address_in_frame(page, site))
        expect(typed.get_by_role("heading", name="Not ready yet")).not_to_be_visible()
        typed.get_by_role("button", name=f"Continue as {LEARNER}").click()
        expect(typed.get_by_role("heading", name="Not ready yet")).to_be_visible()


def test_a_refusal_can_be_read_in_the_frame(site: Site, tmp_path: Path) -> None:
    with browser_with(tmp_path / "chromium", {}) as context:
        page = context.new_page()
        with site.house.database.transaction() as db:
            switch_platform(db, find_name(site), is_enabled=False, now=clock.now())
        frame = open_activity(page, site, LEARNER, "Journal club board")
        expect(frame.get_by_role("heading", name="We could not open Grand Round")).to_be_visible()
        expect(frame.get_by_text("is switched off")).to_be_visible()


def find_name(site: Site) -> str:
    with site.house.database.reading() as db:
        return all_platforms(db)[0].platform.name
