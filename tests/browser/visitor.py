"""Somebody who walks through a running demo: the pretend VLE, and Grand Round inside it.

Everything is found by label and role, as a screen-reader user would find it.
"""

import re

from playwright.sync_api import FrameLocator, Locator, Page, expect

from tests.factories.demo import Demo

FRAME = "iframe#contentframe"
Room = Page | FrameLocator


class Visitor:
    """A person at a browser. `complaints` is what the browser had to say about scripts and refused contents."""

    def __init__(self, demo: Demo, page: Page) -> None:
        self.vle = demo.vle
        self.page = page
        self.complaints: list[str] = []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda message: self.complaints.append(message.text) if message.type == "error" else None)

    def be(self, name: str) -> None:
        """Choose a person on the VLE's front page."""
        self.page.goto(self.vle)
        self.page.get_by_role("button", name=name).click()
        expect(self.page.get_by_role("heading", level=1, name="My courses")).to_be_visible()

    def open(self, course: str, activity: str) -> Room:
        """Open an activity of a course; returns where Grand Round is."""
        self.page.goto(f"{self.vle}/my/courses.php")
        self.page.get_by_role("main").get_by_role("link", name=course, exact=True).click()
        self.page.get_by_role("main").get_by_role("link", name=activity, exact=True).click()
        self.page.wait_for_load_state()
        room = self.room()
        expect(room.get_by_role("heading", level=1).first).to_be_visible()
        return room

    def room(self) -> Room:
        """Where Grand Round is: in the VLE's frame, or on a phone in the whole window."""
        return self.page.frame_locator(FRAME) if self.page.locator(FRAME).count() else self.page


def bar_link(room: Room, name: str) -> Locator:
    """A link of Grand Round's own bar; its name may go on with a count."""
    return room.get_by_role("navigation", name="Grand Round").get_by_role("link", name=re.compile(f"^{name}"))


def told(room: Room, words: str) -> Locator:
    """The message above the page that holds these words."""
    return room.get_by_role("status").filter(has_text=words)
