"""A real Chromium, in front of the app under test or of a running demo.

Chromium is the system's own (`make test` installs Debian's), or the one that CHROMIUM names; nothing is downloaded.
Third-party cookies are blocked, as in the browsers of most people who will come.

- `person_at` answers a context's requests from Flask's test client, so that nothing listens anywhere. The address is
  https, so that cookies, CSP and secure contexts behave as in a hospital; a request to any other host is noted.
- `demo` is `lti-tool demo` on free ports, started once for each worker with nothing there before; `new_visitor` makes
  people who walk through it.
"""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import BrowserContext, Route, sync_playwright

from tests.browser.visitor import Visitor
from tests.factories.demo import Demo, running_demo
from tests.factories.house import Browser

HOST = "https://grand-round.test"
NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--test-third-party-cookie-phaseout",
]
PHONE_AT_MOST = 500
PHONE_AGENT = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Mobile Safari/537.36"
)
WAIT_MILLISECONDS = 15_000
LONGEST_TEST_SECONDS = 150.0
CLOSES_WITHIN_SECONDS = 20.0


def find_chromium() -> str | None:
    """Where a Chromium is."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


def get_chromium() -> str:
    """The same; without one the test is skipped, except in continuous integration, where it fails."""
    path = find_chromium()
    if path is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("no Chromium is installed: sudo apt install chromium")
    return path


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    """The browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=get_chromium(), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A running demo. Tests share it, so each writes things with words of its own."""
    with running_demo(tmp_path_factory.mktemp("demo") / "var") as demo:
        yield demo


@contextmanager
def ended(context: BrowserContext, folder: Path) -> Iterator[BrowserContext]:
    """A browser with a profile of its own, closed at the end whatever happens.

    Playwright waits for ever for a browser that answers no more, so that one is killed after a while: a test then fails
    in plain sight, and the rest go on.
    """
    patience = threading.Timer(LONGEST_TEST_SECONDS, _kill_browser_of, [folder])
    patience.start()
    try:
        yield context
    finally:
        patience.cancel()
        closing = threading.Timer(CLOSES_WITHIN_SECONDS, _kill_browser_of, [folder])
        closing.start()
        context.close()
        closing.cancel()


def _kill_browser_of(folder: Path) -> None:
    for process in psutil.process_iter(["cmdline"]):
        if any(str(folder) in word for word in process.info["cmdline"] or ()):
            with suppress(psutil.Error):
                process.kill()


@pytest.fixture
def new_context(chromium: Chromium) -> Iterator[Callable[..., BrowserContext]]:
    """Makes contexts of a width: browsers of their own, without cookies, narrow ones as a phone. Closed at the end."""
    made: list[BrowserContext] = []

    def make(width: int = 1280, **options: object) -> BrowserContext:
        made.append(context_of(chromium, width, **options))
        return made[-1]

    yield make
    for context in made:
        context.close()


@pytest.fixture
def new_visitor(demo: Demo, new_context: Callable[..., BrowserContext]) -> Callable[..., Visitor]:
    """Makes people at a browser of a width, in front of the running demo."""
    return lambda width=1280, **options: Visitor(demo, new_context(width, **options).new_page())


def context_of(chromium: Chromium, width: int, **options: object) -> BrowserContext:
    """A context of this width; narrow ones say that they are a phone."""
    is_phone = width <= PHONE_AT_MOST
    usual: dict[str, object] = {"viewport": {"width": width, "height": 844 if is_phone else 900}, "locale": "en-GB"}
    usual |= {"timezone_id": "Europe/London", "reduced_motion": "reduce"}
    if is_phone:
        usual |= {"user_agent": PHONE_AGENT, "is_mobile": True, "has_touch": True}
    context = chromium.new_context(**(usual | options))  # type: ignore[arg-type]  # options of new_context
    context.set_default_timeout(WAIT_MILLISECONDS)
    return context


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
