"""From the VLE's course page to an answer, in real Chromium with real processes, whatever happens to cookies.

The VLE and the tool are on two sites, so the tool's frame is a third party. Where its partitioned cookie comes back,
the visit travels in it; where no cookie does, the person presses "Continue as …" once and the visit travels in the
path. Journeys run over http on loopback (as the demo does) and over https (as hospitals do); the rest over https.
"""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import BrowserContext, expect

from tests.browser.conftest import get_chromium
from tests.browser.cookies import OWN_FLAGS, Cookies, open_browser
from tests.browser.site import OUTSIDE_NAME, Site, running_site
from tests.browser.tabs import CONTINUE, IN_PATH, Notes, Tab

pytestmark = pytest.mark.browser

HEART, MEDICINE = "Cardiology ST4", "F1 Medicine"
ASK_HEART, ASK_MEDICINE = "Ask cardiology", "Ask medicine"
PRIYA, TOM, RHYS = "Priya Nadar", "Tom Ashdown", "Dr Rhys Pennant"
SETTINGS = [(scheme, cookies) for scheme in ("http", "https") for cookies in Cookies]


def name(setting: tuple[str, Cookies]) -> str:
    """For the list of tests."""
    return f"{setting[0]}-{setting[1].name.lower()}"


over_https = pytest.mark.parametrize("setting", SETTINGS[len(Cookies) :], ids=name, indirect=True)


@pytest.fixture(scope="module", params=SETTINGS, ids=name)
def setting(request: pytest.FixtureRequest) -> tuple[str, Cookies]:
    """How the two are reached, and what the person's browser does with cookies. Tests of one run after each other."""
    return request.param


@pytest.fixture(scope="module")
def open_site(
    chromium: Chromium, tmp_path_factory: pytest.TempPathFactory, empty_database_file: Path
) -> Iterator[Callable[[str], Site]]:
    """Opens the tool and the VLE of a scheme, once, with a board in each of two courses."""
    with ExitStack() as stack:
        sites: dict[str, Site] = {}

        def open_once(scheme: str) -> Site:
            if scheme not in sites:
                folder = tmp_path_factory.mktemp(scheme)
                running = running_site(folder, empty_database_file, is_https=scheme == "https")
                sites[scheme] = stack.enter_context(running)
                with open_browser(chromium.browser_type, folder / "tutor", sites[scheme], Cookies.ALLOWED) as context:
                    furnish(Tab(sites[scheme], context.new_page()))
            return sites[scheme]

        yield open_once


def furnish(tutor: Tab) -> None:
    """Open a board in each of the courses."""
    tutor.be(RHYS)
    for course, board in ((HEART, ASK_HEART), (MEDICINE, ASK_MEDICINE)):
        tutor.open(course, board)
        open_board(tutor, board)


def open_board(tutor: Tab, board: str) -> None:
    """The first to open an activity says what people find there."""
    tutor.expect_heading("What should people find here?")
    tutor.room().get_by_label("Name of the board").fill(board)
    tutor.room().get_by_label("Names are shown").check()
    tutor.room().get_by_role("button", name="Open the board and put it here").click()
    tutor.expect_heading(board)


@pytest.fixture(scope="module")
def site(setting: tuple[str, Cookies], open_site: Callable[[str], Site]) -> Site:
    """The tool and the VLE."""
    return open_site(setting[0])


@pytest.fixture(scope="module")
def cookies(setting: tuple[str, Cookies]) -> Cookies:
    """What the person's browser does with cookies."""
    return setting[1]


@pytest.fixture(scope="module")
def profile(
    site: Site, cookies: Cookies, chromium: Chromium, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BrowserContext]:
    """The person's browser."""
    with open_browser(chromium.browser_type, tmp_path_factory.mktemp("profile"), site, cookies) as context:
        yield context


@pytest.fixture
def notes(profile: BrowserContext) -> Iterator[Notes]:
    """What the person's browser asks for."""
    notes = Notes()
    profile.on("request", notes.add)
    yield notes
    profile.remove_listener("request", notes.add)


@pytest.fixture
def new_tab(profile: BrowserContext, site: Site, notes: Notes) -> Iterator[Callable[[], Tab]]:
    """Opens tabs of the person's browser, which has been nowhere before. Whatever a test does there, nothing leaks."""
    profile.clear_cookies()
    yield lambda: Tab(site, profile.new_page())
    leaks = notes.leaks(site.tool)
    for page in profile.pages[1:]:
        page.close()
    assert not leaks


@pytest.fixture(scope="module")
def other_machine(chromium: Chromium) -> Iterator[Chromium]:
    """A browser elsewhere, with cookies as they come."""
    browser = chromium.browser_type.launch(executable_path=get_chromium(), args=OWN_FLAGS)
    yield browser
    browser.close()


@pytest.fixture
def elsewhere(site: Site, other_machine: Chromium) -> Iterator[Tab]:
    """Somebody at another machine."""
    context = other_machine.new_context()
    yield Tab(site, context.new_page())
    context.close()


WHAT_THE_FRAME_MAY_KEEP = """() => {
    document.cookie = "plain=1; Secure; SameSite=None";
    document.cookie = "partitioned=1; Secure; SameSite=None; Partitioned";
    const kept = document.cookie.split("; ").filter(Boolean).map((one) => one.split("=")[0]).sort();
    try { localStorage.setItem("stored", "1"); kept.push("stored"); } catch {}
    return kept;
}"""


def test_the_browser_does_with_cookies_what_it_was_told(
    cookies: Cookies, new_tab: Callable[[], Tab], site: Site
) -> None:
    """Or the other tests would prove nothing."""
    tab = new_tab()
    tab.be(PRIYA)
    tab.open(HEART, ASK_HEART)
    kept = tab.frame.evaluate(WHAT_THE_FRAME_MAY_KEEP)
    assert (
        kept
        == {
            Cookies.ALLOWED: ["partitioned", "plain", "stored"],
            Cookies.NO_THIRD_PARTY: ["partitioned"],
            Cookies.NONE: [],
        }[cookies]
    )


def test_from_the_course_page_to_the_answer(
    cookies: Cookies, new_tab: Callable[[], Tab], elsewhere: Tab, request: pytest.FixtureRequest
) -> None:
    title = f"Which dose? {request.node.name}"
    priya = new_tab()
    priya.be(PRIYA)
    priya.open(HEART, ASK_HEART)
    assert priya.was_asked == (cookies is Cookies.NONE)
    priya.ask(ASK_HEART, title)
    assert priya.is_in_path == (cookies is Cookies.NONE)
    expect(priya.room().get_by_role("article")).to_contain_text("Only you and the moderators see this.")
    priya.follow(f"Back to {ASK_HEART}")
    priya.expect_heading(ASK_HEART)
    priya.follow(title)
    priya.expect_heading(title)

    elsewhere.be(RHYS)
    elsewhere.open(HEART, ASK_HEART)
    elsewhere.follow(title)
    elsewhere.follow("Decide on the post by Priya Nadar")
    elsewhere.expect_heading("Waiting for a decision")
    elsewhere.room().get_by_role("button", name="Approve", exact=True).click()
    expect(elsewhere.room().get_by_role("status")).to_contain_text("Approved")

    priya.reload_frame()
    priya.expect_heading(title)
    expect(priya.room().get_by_text("Nobody has replied yet.")).to_be_visible()
    assert priya.is_in_path == (cookies is Cookies.NONE)


def test_back_and_reload_stay_inside(cookies: Cookies, new_tab: Callable[[], Tab]) -> None:
    """A launch cannot be repeated, so neither may lead to one; a reload of the whole page is a launch of its own.

    The button "Continue as …" stands on a page of ours before the first. It has been used, and says so.
    """
    priya = new_tab()
    priya.be(PRIYA)
    priya.open(HEART, ASK_HEART)
    priya.reload_frame()
    priya.expect_heading(ASK_HEART)
    priya.follow("Home")
    expect(priya.room().get_by_role("heading", level=1)).to_contain_text("Today, ")
    priya.follow("Boards")
    priya.expect_heading("Boards")
    priya.go(-1)
    expect(priya.room().get_by_role("heading", level=1)).to_contain_text("Today, ")
    priya.go(-1)
    priya.expect_heading(ASK_HEART)
    priya.go(1)
    expect(priya.room().get_by_role("heading", level=1)).to_contain_text("Today, ")
    priya.reload_frame()
    expect(priya.room().get_by_role("heading", level=1)).to_contain_text("Today, ")
    priya.go(-1)
    priya.expect_heading(ASK_HEART)
    if cookies is Cookies.NONE:
        priya.go(-1)
        priya.expect_heading("We could not open Grand Round")
        expect(priya.room().get_by_text("it lets in once")).to_be_visible()
        priya.go(1)
        priya.expect_heading(ASK_HEART)
    priya.page.reload()
    priya.come_in()
    priya.expect_heading(ASK_HEART)


@over_https
def test_two_tabs_in_two_courses_never_mix(new_tab: Callable[[], Tab], request: pytest.FixtureRequest) -> None:
    heart, medicine = (f"{where}? {request.node.name}" for where in ("Heart", "Medicine"))
    first = new_tab()
    first.be(PRIYA)
    first.open(HEART, ASK_HEART)
    first.write(ASK_HEART, heart, "Typed before the second tab was opened.")
    second = new_tab()
    second.open(MEDICINE, ASK_MEDICINE)
    first.turn_to()
    first.send(heart)
    first.expect_bar(HEART, PRIYA)
    second.turn_to()
    second.ask(ASK_MEDICINE, medicine)
    second.expect_bar(MEDICINE, PRIYA)
    for tab, board, mine, other in ((first, ASK_HEART, heart, medicine), (second, ASK_MEDICINE, medicine, heart)):
        tab.turn_to()
        tab.follow(f"Back to {board}")
        tab.expect_heading(board)
        expect(tab.room().get_by_role("link", name=mine, exact=True)).to_be_visible()
        expect(tab.room().get_by_role("link", name=other, exact=True)).to_have_count(0)


@over_https
def test_another_persons_launch_ends_the_first_visit_and_loses_no_text(
    cookies: Cookies, new_tab: Callable[[], Tab], elsewhere: Tab
) -> None:
    """Where no cookie is kept nothing tells the tool that two tabs are one browser: then each stays whose it was."""
    title, words = f"Mine? {cookies.name}", f"Between two patients. {cookies.name}"
    first = new_tab()
    first.be(PRIYA)
    first.open(HEART, ASK_HEART)
    first.write(ASK_HEART, title, words)
    second = new_tab()
    second.be(TOM)
    second.open(HEART, ASK_HEART)
    second.expect_bar(HEART, TOM)
    first.turn_to()
    if cookies is Cookies.NONE:
        first.send(title)
        first.expect_bar(HEART, PRIYA)
        second.expect_sees_nothing_of(words)
        return
    first.room().get_by_role("button", name="Send question").click()
    first.expect_heading("Saved, not sent")
    first.expect_sees_nothing_of(words)
    first.go(-1)
    first.expect_heading(ASK_HEART)
    first.expect_bar(HEART, TOM)
    first.expect_sees_nothing_of(words)
    second.turn_to()
    second.follow("Home")
    second.expect_sees_nothing_of(title)
    elsewhere.be(PRIYA)
    elsewhere.open(HEART, ASK_HEART)
    elsewhere.follow("Home")
    elsewhere.follow(title)
    expect(elsewhere.room().get_by_label("Your text")).to_have_value(words)


@over_https
def test_a_new_window_lets_in_once(
    cookies: Cookies, new_tab: Callable[[], Tab], profile: BrowserContext, elsewhere: Tab
) -> None:
    priya = new_tab()
    priya.be(PRIYA)
    priya.open(HEART, ASK_HEART)
    priya.follow("Open in a new window")
    priya.expect_heading("Go on somewhere else")
    phone = priya.room().get_by_text(re.compile("^https://")).inner_text()
    with profile.expect_page() as opened:
        priya.room().get_by_role("main").get_by_role("link", name="Open in a new window").click()
    window = opened.value
    expect(window.get_by_role("heading", level=1)).to_have_text(ASK_HEART)
    expect(window.get_by_role("banner")).to_contain_text(PRIYA)
    assert bool(IN_PATH.search(window.url)) == (cookies is Cookies.NONE)
    window.reload()
    window.get_by_role("link", name="Home").click()
    expect(window.get_by_role("heading", level=1)).to_contain_text("Today, ")

    elsewhere.page.goto(phone)
    elsewhere.page.get_by_role("button", name=CONTINUE).click()
    expect(elsewhere.page.get_by_role("heading", level=1)).to_have_text(ASK_HEART)
    expect(elsewhere.page.get_by_role("banner")).to_contain_text(PRIYA)
    elsewhere.page.goto(phone)
    expect(elsewhere.page.get_by_role("heading", level=1)).to_have_text("We could not open Grand Round")
    priya.follow("Home")
    expect(priya.room().get_by_role("heading", level=1)).to_contain_text("Today, ")


@over_https
def test_finish_ends_the_visit(new_tab: Callable[[], Tab]) -> None:
    priya = new_tab()
    priya.be(PRIYA)
    priya.open(HEART, ASK_HEART)
    priya.follow("Home")
    expect(priya.room().get_by_role("heading", level=1)).to_contain_text("Today, ")
    priya.room().get_by_role("button", name="Finish").click()
    priya.expect_heading("You have finished")
    priya.go(-1)
    priya.expect_heading("Your visit is over")
    expect(priya.room().get_by_role("banner")).to_have_count(0)
    priya.open(HEART, ASK_HEART)
    priya.expect_heading(ASK_HEART)


@over_https
def test_the_address_of_a_visit_that_is_typed_shows_nobodys_page(
    cookies: Cookies, new_tab: Callable[[], Tab], profile: BrowserContext
) -> None:
    """A path with a visit in it may be found in the history of a ward PC. Without it there is no visit at all."""
    priya = new_tab()
    priya.be(PRIYA)
    priya.open(HEART, ASK_HEART)
    window = profile.new_page()
    window.goto(priya.frame.url)
    expect(window.get_by_role("banner")).to_have_count(0)
    if cookies is Cookies.NONE:
        expect(window.get_by_role("button", name=f"Continue as {PRIYA}")).to_be_visible()
        window.get_by_role("button", name=f"Continue as {PRIYA}").click()
        expect(window.get_by_role("heading", level=1)).to_have_text(ASK_HEART)
    else:
        expect(window.get_by_role("heading", level=1)).to_have_text("Your visit is over")


@pytest.fixture(scope="module")
def outside() -> Iterator["Outside"]:
    """Somebody else's web server."""
    server = Outside()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


class Outside(ThreadingHTTPServer):
    """Keeps what it was asked: request lines and headers."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.asked: list[str] = []


class Answer(BaseHTTPRequestHandler):
    """Answers everything with one page, which no other page may frame (as most sites do)."""

    def do_GET(self) -> None:
        assert isinstance(self.server, Outside)
        self.server.asked.append(f"{self.requestline}\n{self.headers}")
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("X-Frame-Options", "DENY")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>Guideline</title><h1>The guideline</h1>")

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def test_a_link_to_elsewhere_opens_there_and_tells_nothing(
    site: Site,
    new_tab: Callable[[], Tab],
    profile: BrowserContext,
    outside: Outside,
    notes: Notes,
    request: pytest.FixtureRequest,
) -> None:
    priya = new_tab()
    priya.be(PRIYA)
    priya.open(HEART, ASK_HEART)
    address = f"http://{OUTSIDE_NAME}:{outside.server_port}/{request.node.name}"
    priya.ask(ASK_HEART, f"Guideline {request.node.name}", f"It says so in {address} on page 4.")
    with profile.expect_page() as opened:
        priya.room().get_by_role("link", name=address).click()
    expect(opened.value.get_by_role("heading", level=1)).to_have_text("The guideline")
    asked = next(said for said in outside.asked if request.node.name in said.split("\n")[0])
    assert "referer" not in asked.lower()
    assert not [token for token in notes.secrets() if token in asked]
    assert opened.value.evaluate("window.opener") is None


def test_the_tool_writes_no_secret(
    site: Site, new_tab: Callable[[], Tab], profile: BrowserContext, notes: Notes
) -> None:
    """Neither path tokens nor those of cookies, nor tickets; the log is that of all tests before."""
    priya = new_tab()
    priya.be(PRIYA)
    priya.open(HEART, ASK_HEART)
    secrets = notes.secrets() | {cookie["value"] for cookie in profile.cookies(site.tool)}
    log = site.log.read_text()
    assert log.count("/boards/<board_id>") > 0
    assert not [line for line in log.splitlines() if "/v/" in line or "ticket=" in line or "id_token" in line]
    assert not [secret for secret in secrets if secret in log]
