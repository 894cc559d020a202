"""Tabs with the VLE around the tool, and a note of every request that their browser makes."""

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import Frame, FrameLocator, Page, Request, expect

from tests.browser.site import Site
from tests.browser.visitor import FRAME, Room, Visitor

IN_PATH = re.compile(r"/v/([A-Za-z0-9_-]{43})/")
SECRET = re.compile(r"(?:/v/|[?&]ticket=)([A-Za-z0-9_.-]{43,})")
CONTINUE = re.compile("^Continue as ")

expect.set_options(timeout=20_000)  # a busy machine is no fault; what is wrong stays wrong


class Tab(Visitor):
    """A person in one tab of a browser. `was_asked` says whether the last launch wanted a press of Continue."""

    def __init__(self, site: Site, page: Page) -> None:
        super().__init__(site, page)
        self.was_asked = False

    def room(self) -> FrameLocator:
        """The tool's pages inside the VLE's."""
        return self.page.frame_locator(FRAME)

    @property
    def frame(self) -> Frame:
        """The same as a browsing context: its address, its scripts."""
        found = self.page.locator(FRAME).element_handle().content_frame()
        assert found is not None
        return found

    @property
    def is_in_path(self) -> bool:
        """Whether the visit travels in the address of the page."""
        return IN_PATH.search(self.frame.url) is not None

    def turn_to(self) -> None:
        """Bring this tab to the front."""
        self.page.bring_to_front()

    def open(self, course: str, activity: str) -> Room:
        """From the course page into the activity, as far as the tool's own page."""
        self.page.goto(f"{self.vle}/my/courses.php")
        self.page.get_by_role("main").get_by_role("link", name=course, exact=True).click()
        self.page.get_by_role("main").get_by_role("link", name=activity, exact=True).click()
        self.come_in()
        return self.room()

    def come_in(self) -> None:
        """Press Continue if the tool asks who is there, and wait for a page with a bar."""
        button = self.room().get_by_role("button", name=CONTINUE)
        bar = self.room().get_by_role("banner")
        expect(button.or_(bar)).to_be_visible()
        self.was_asked = button.count() > 0
        if self.was_asked:
            button.click()
        expect(bar).to_be_visible()

    def ask(self, board: str, title: str, text: str = "What do you do?") -> None:
        """From a board: write a question, and wait for its thread."""
        self.write(board, title, text)
        self.send(title)

    def write(self, board: str, title: str, text: str) -> None:
        """From a board: write a question and do not send it."""
        self.expect_heading(board)
        self.room().get_by_label("Ask a question").fill(title)
        self.room().get_by_label("Your text").fill(text)

    def send(self, title: str) -> None:
        """Send the question that was written, and wait for its thread."""
        self.room().get_by_role("button", name="Send question").click()
        self.expect_heading(title)

    def follow(self, link: str) -> None:
        """Press a link by its name."""
        self.room().get_by_role("link", name=link, exact=True).click()

    def expect_heading(self, words: str) -> None:
        """Wait for the page of this name."""
        expect(self.room().get_by_role("heading", level=1)).to_have_text(words)

    def expect_bar(self, course: str, person: str) -> None:
        """The bar says whose page this is, and in which course."""
        bar = self.room().get_by_role("banner")
        expect(bar).to_contain_text(course)
        expect(bar).to_contain_text(person)

    def expect_sees_nothing_of(self, words: str) -> None:
        """Neither as text nor in a field; once the page is there."""
        expect(self.room().locator("#maincontent")).to_be_visible()
        assert words not in self.frame.content()
        fields = self.frame.evaluate("[...document.querySelectorAll('input, textarea')].map((field) => field.value)")
        assert words not in " ".join(fields)

    def go(self, steps: int) -> None:
        """Back or forward, as the browser's own buttons do: through the history of the page and its frame together."""
        self.page.evaluate("(steps) => setTimeout(() => history.go(steps))", steps)

    def reload_frame(self) -> None:
        """As the browser's own "Reload frame" does."""
        with self.page.expect_response(lambda answer: answer.frame != self.page.main_frame):
            self.frame.evaluate("setTimeout(() => location.reload())")


@dataclass
class Notes:
    """Every request of a browser: address and headers as they went over the wire."""

    requests: list[Request] = field(default_factory=list)

    def add(self, request: Request) -> None:
        """Note a request of any tab or frame."""
        self.requests.append(request)

    def secrets(self) -> set[str]:
        """The tokens of visits that were seen in paths, and tickets."""
        return {found.group(1) for request in self.requests if (found := SECRET.search(request.url))}

    def leaks(self, tool: str) -> list[str]:
        """Requests that show a secret to somebody who must not see it: another host, or the name of a static file."""
        secrets, found = self.secrets(), []
        for request in self.requests:
            address = urlsplit(request.url)
            is_ours = f"{address.scheme}://{address.netloc}" == tool
            if address.scheme == "data" or (is_ours and "/static/" not in address.path):
                continue
            said = request.url if is_ours else f"{request.url} {request.all_headers()} {request.post_data}"
            found += [request.url for secret in secrets if secret in said]
        return found
