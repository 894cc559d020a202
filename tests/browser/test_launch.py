"""A VLE of another site frames us, in real Chromium, with both in this process so that a test can reach behind them.

VLE and tool are two hosts of this machine (127.0.0.1 and localhost), which to a browser are two sites. How a launch
arrives when the browser keeps fewer and fewer cookies is in `test_transports.py`.
"""

import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import BrowserContext, BrowserType, FrameLocator, Page, expect
from werkzeug.serving import BaseWSGIServer, make_server

from lti_tool.app import create_app, open_database
from lti_tool.core import clock
from lti_tool.demo_platform import VleConfig, create_vle
from lti_tool.launch import PlatformDraft, connect_platform
from lti_tool.launch.queries import all_platforms
from lti_tool.launch.registering import switch_platform
from tests.browser.conftest import FLAGS, ended, get_chromium
from tests.browser.cookies import POLICY_FLAG
from tests.conftest import make_settings
from tests.factories.house import House

pytestmark = pytest.mark.browser
LEARNER = "Priya Nadar"
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
def browser_with(kind: BrowserType, folder: Path, preferences: dict[str, object]) -> Iterator[BrowserContext]:
    """Chromium with settings of its own. `kind` comes from the one Playwright that a process may have."""
    (folder / "Default").mkdir(parents=True)
    (folder / "Default" / "Preferences").write_text(json.dumps(preferences))
    flags = [flag for flag in FLAGS if flag != POLICY_FLAG]
    context = kind.launch_persistent_context(str(folder), executable_path=get_chromium(), args=flags)
    with ended(context, folder):
        yield context


def open_activity(page: Page, site: Site, person: str, activity: str) -> FrameLocator:
    page.goto(site.vle_url)
    page.get_by_role("button", name=person).click()
    page.get_by_role("link", name="Cardiology ST4").first.click()
    page.get_by_role("link", name=activity).first.click()
    return page.frame_locator("#contentframe")


def test_a_refusal_can_be_read_in_the_frame(site: Site, chromium: Chromium, tmp_path: Path) -> None:
    with browser_with(chromium.browser_type, tmp_path / "chromium", {}) as context:
        page = context.new_page()
        with site.house.database.transaction() as db:
            switch_platform(db, find_name(site), is_enabled=False, now=clock.now())
        frame = open_activity(page, site, LEARNER, "Journal club board")
        expect(frame.get_by_role("heading", name="We could not open Grand Round")).to_be_visible()
        expect(frame.get_by_text("is switched off")).to_be_visible()


def find_name(site: Site) -> str:
    with site.house.database.reading() as db:
        return all_platforms(db)[0].platform.name
