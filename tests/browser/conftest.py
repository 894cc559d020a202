"""Real Chromium in front of the app under test: every request goes to Flask's test client, so nothing listens anywhere.

The address is https, so that cookies, CSP and secure contexts behave as in a hospital; a request to any other host
fails the test.
"""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import BrowserContext, Route, sync_playwright

from tests.factories.house import Browser

HOST = "https://grand-round.test"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    """Debian's Chromium, or the one that CHROMIUM names. Nothing is downloaded."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if path is None:
        pytest.skip("no Chromium is installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


def person_at(context: BrowserContext, who: Browser, foreign: list[str]) -> None:
    """Answer this context's requests as the app answers this person. Addresses elsewhere are noted and refused."""

    def answer(route: Route) -> None:
        request = route.request
        if not request.url.startswith(f"{HOST}/"):
            foreign.append(request.url)
            route.abort()
            return
        headers = {key: value for key, value in request.headers.items() if key not in ("host", "cookie")}
        response = who.client.open(
            request.url.removeprefix(HOST).partition("#")[0],
            method=request.method,
            headers={"Sec-Fetch-Site": "same-origin"} | headers,
            data=request.post_data_buffer or b"",
            follow_redirects=True,
        )
        route.fulfill(status=response.status_code, headers=dict(response.headers), body=response.get_data())

    context.route("**/*", answer)
