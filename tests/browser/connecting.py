"""Connecting a VLE by its pages, step by step: what its administrator and a teacher do, the tool in a frame."""

import re
from dataclasses import dataclass

from playwright.sync_api import FrameLocator, Locator, Page, expect

from tests.browser.site import Site
from tests.browser.tabs import CONTINUE, Tab

TRUST = "Northmoor University Hospitals"
COURSE, TOOL = "Cardiology ST4", "Grand Round"
SHOWN = "Show in activity chooser and as a preconfigured tool"


@dataclass(frozen=True)
class Invite:
    """What `lti-tool platform invite` prints: the address for the VLE, and the one of the checklist."""

    address: str
    checklist: str


def invite_to(site: Site) -> Invite:
    """Whoever runs the tool makes an address."""
    said = site.run("platform", "invite", "--trust", TRUST)
    address, checklist = re.findall(rf"{re.escape(site.tool)}/lti/\S+", said)
    return Invite(address, checklist)


def line(page: Page, title: str) -> Locator:
    """One line of the checklist."""
    return page.get_by_role("listitem").filter(has=page.get_by_role("heading", name=title))


class Connecting(Tab):
    """A browser in which a VLE is connected and a course is filled."""

    def open_tools(self) -> None:
        """As the administrator, to the list of tools."""
        self.be("Alex Reid")
        self.page.get_by_role("link", name="Site administration").click()
        self.page.get_by_role("link", name="Manage tools").click()

    def open_http_security(self) -> None:
        """As the administrator, to what Moodle does not call."""
        self.be("Alex Reid")
        self.page.get_by_role("link", name="Site administration").click()
        self.page.get_by_role("link", name="HTTP security").click()

    def paste(self, invite: Invite) -> None:
        """Put the address into its field."""
        self.page.get_by_label("Tool URL").fill(invite.address)

    def add(self) -> FrameLocator:
        """Press the button; the tool's own page stands in the frame."""
        self.page.get_by_role("button", name="Add LTI Advantage").click()
        return self.page.frame_locator("#registrationframe")

    def register(self, invite: Invite) -> None:
        """All of it. The frame closes by itself, and the tool is pending."""
        self.open_tools()
        self.paste(invite)
        frame = self.add()
        expect(frame.get_by_role("heading", level=1, name="Connect this VLE to Grand Round?")).to_be_visible()
        expect(frame.get_by_text(TRUST)).to_be_visible()
        frame.get_by_role("button", name="Connect").click()
        expect(self.page.get_by_role("heading", level=1, name="Manage tools")).to_be_visible()
        expect(self.card()).to_contain_text("Pending")

    def card(self) -> Locator:
        """The tool among the tools of the VLE."""
        return self.page.get_by_role("listitem", name=TOOL)

    def activate(self) -> None:
        """From pending to active."""
        self.card().get_by_role("button", name="Activate").click()
        expect(self.card()).to_contain_text("Active")

    def choose_usage(self) -> None:
        """On the settings page, show it in the activity chooser; not saved yet."""
        self.card().get_by_role("link", name="Edit").click()
        self.page.get_by_label("Tool configuration usage").select_option(SHOWN)

    def save_settings(self) -> None:
        """Save the settings page."""
        self.page.get_by_role("button", name="Save changes").click()
        expect(self.page.get_by_text("Preconfigured tool updated")).to_be_visible()

    def open_course(self, page: str) -> None:
        """A page of the course, by the name of its tab."""
        self.page.goto(f"{self.vle}/my/courses.php")
        self.page.get_by_role("main").get_by_role("link", name=COURSE, exact=True).click()
        self.page.get_by_role("link", name=page, exact=True).click()

    def open_chooser(self) -> None:
        """As a teacher, to "Add an activity or resource" of the first section."""
        self.be("Dr Helen Marsh")
        self.page.get_by_role("main").get_by_role("link", name=COURSE, exact=True).click()
        switch = self.page.get_by_role("switch", name="Edit mode")
        if switch.get_attribute("aria-checked") == "false":
            switch.click()
        self.page.get_by_role("link", name="Add an activity or resource").first.click()
        expect(self.page.get_by_role("heading", level=1, name="Add an activity or resource")).to_be_visible()

    def select_content(self) -> FrameLocator:
        """From the chooser into the dialogue, as far as the tool's own question."""
        self.page.get_by_role("main").get_by_role("link", name=TOOL, exact=True).click()
        self.page.get_by_role("link", name="Select content").click()
        frame = self.page.frame_locator("#selectframe")
        button = frame.get_by_role("button", name=CONTINUE)
        heading = frame.get_by_role("heading", level=1, name="What should people find here?")
        expect(button.or_(heading)).to_be_visible()
        if button.count():
            button.click()
        expect(heading).to_be_visible()
        return frame

    def add_board(self, name: str) -> None:
        """One thing comes back as a form to save."""
        self.open_chooser()
        frame = self.select_content()
        frame.get_by_label("Name of the board").fill(name)
        frame.get_by_label("Names are shown", exact=True).check()
        frame.get_by_role("button", name="Open the board and put it here").click()
        expect(self.page.get_by_label("Activity name")).to_have_value(name)
        self.page.get_by_role("button", name="Save and return to course").click()
        expect(self.page.get_by_role("heading", level=1, name=COURSE)).to_be_visible()

    def tick(self, frame: FrameLocator, *labels: str) -> None:
        """Choose several things."""
        for label in labels:
            frame.get_by_label(label).check()

    def put(self, frame: FrameLocator) -> None:
        """They are posted one after another, and then the course opens."""
        frame.get_by_role("button", name="Put this into the course").click()
        expect(self.page.get_by_role("heading", level=1, name=COURSE)).to_be_visible()

    def activities(self) -> list[str]:
        """The names of the activities on the course page, from above."""
        return [one.inner_text() for one in self.page.get_by_role("main").get_by_role("heading", level=3).all()]
