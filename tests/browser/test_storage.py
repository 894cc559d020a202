"""A VLE that lends us storage (LTI Client Side postMessages): our scripts ask it, and believe nobody else."""

import html
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect

from lti_tool.core import clock
from lti_tool.launch import PlatformDraft, connect_platform
from lti_tool.launch.registering import add_frame
from tests.browser.test_launch import BLOCK_ALL_OF_OURS, Site, browser_with, site
from tests.factories.platform import PretendPlatform
from tests.factories.vle import TRUST, says, served

pytestmark = pytest.mark.browser
__all__ = ["site"]

KEEPER = """<!doctype html><title>VLE</title><script>
const kept = {};
window.told = [];
window.addEventListener("message", (event) => {
  const { subject, message_id, key, value } = event.data;
  window.told.push(subject);
  if (subject === "lti.put_data") kept[key] = value;
  event.source.postMessage({ subject: `${subject}.response`, message_id, key, value: kept[key] }, event.origin);
});
</script><iframe id="tool" src="FRAME" width="900" height="700"></iframe>"""
POSTED = """<!doctype html><title>VLE</title><form method="post" action="{launch}">
<input name="id_token" value="{token}"><input name="state" value="{state}"></form>
<script>document.forms[0].submit()</script>"""


class LendingVle:
    """A page around our frame that keeps small values, and an authorisation endpoint that signs at once."""

    def __init__(self, tool_url: str) -> None:
        self.tool_url = tool_url
        self.platform = PretendPlatform(tool_url=tool_url)

    def talk(self, handler: BaseHTTPRequestHandler) -> None:
        path = urlsplit(handler.path)
        page = {"/certs": self.platform.key_set, "/auth": lambda: self.sign(path.query), "/": self.keeper}[path.path]()
        kind = "application/json" if path.path == "/certs" else "text/html"
        says(page, **{"Content-Type": kind})(handler)

    def keeper(self) -> bytes:
        target = quote(f"{self.tool_url}/lti/launch", safe="")
        query = f"iss={quote(self.platform.issuer, safe='')}&login_hint=7&target_link_uri={target}"
        frame = f"{self.tool_url}/lti/login?{query}&lti_storage_target=_parent"
        return KEEPER.replace("FRAME", html.escape(frame)).encode()

    def sign(self, query: str) -> bytes:
        asked = {name: values[0] for name, values in parse_qs(query).items()}
        token = self.platform.sign(self.platform.claims(clock.now().timestamp(), asked["nonce"]))
        launch = f"{self.tool_url}/lti/launch"
        return POSTED.format(launch=launch, token=token, state=html.escape(asked["state"])).encode()


@contextmanager
def lending(site: Site, binding: str = "ask") -> Iterator[tuple[str, LendingVle]]:
    """The VLE on a free port, connected; returns its address and itself."""
    vle = LendingVle(site.tool_url)
    with served(vle.talk) as address:
        vle.platform = replace(vle.platform, issuer=address, keys_url=f"{address}/certs")
        draft = PlatformDraft(
            name="Lending",
            issuer=address,
            client_id=vle.platform.client_id,
            auth_url=f"{address}/auth",
            token_url=f"{address}/token",
            keys_url=vle.platform.keys_url,
            deployments=("1",),
        )
        with site.house.database.transaction() as db:
            connect_platform(db, TRUST, draft, clock.now()).binding = binding
        yield address, vle


def told(page: Page) -> list[str]:
    found: list[str] = page.evaluate("window.told")
    return found


@pytest.mark.parametrize("binding", ["ask", "require"])
def test_without_cookies_the_storage_presses_the_button(
    site: Site, chromium: Chromium, tmp_path: Path, binding: str
) -> None:
    with (
        lending(site, binding) as (vle_url, _vle),
        browser_with(chromium.browser_type, tmp_path / "chromium", BLOCK_ALL_OF_OURS) as context,
    ):
        page = context.new_page()
        page.goto(vle_url)
        frame = page.frame_locator("#tool")
        expect(frame.get_by_role("heading", name="Not ready yet")).to_be_visible()
        assert told(page) == ["lti.put_data", "lti.get_data"]


def test_a_page_of_another_origin_is_neither_asked_nor_believed(site: Site, chromium: Chromium, tmp_path: Path) -> None:
    with (
        lending(site) as (_address, vle),
        served(vle.talk, "127.0.0.2") as other,
        browser_with(chromium.browser_type, tmp_path / "chromium", BLOCK_ALL_OF_OURS) as context,
    ):
        with site.house.database.transaction() as db:
            add_frame(db, "Lending", other)
        page = context.new_page()
        page.goto(other)
        button = page.frame_locator("#tool").get_by_role("button", name="Continue as Ada Example in Cardiology ST4")
        expect(button).to_be_visible()
        page.wait_for_timeout(1500)
        expect(button).to_be_visible()
        assert told(page) == []
