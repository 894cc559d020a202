"""A feed in real Chromium: read by ical.js, and put on a phone by people with and without scripts."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.request import urlopen

import pytest
import time_machine
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect

from lti_tool.feeds.ics import Stamp, join, one_line, plain, render
from tests.browser.conftest import HOST, person_at
from tests.browser.pictures import phone
from tests.browser.visitor import Visitor
from tests.factories.calendars import by_icalendar, faults
from tests.factories.demo import Demo
from tests.factories.feeds import Scene
from tests.factories.house import House, moment
from tests.unit.feeds.test_ics import EVERYWHERE, PAIRS, STAMP, entry

ICAL = Path(__file__).with_name("vendor") / "ical.min.js"
READ = """async ([source, text]) => {
  const address = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const { default: ICAL } = await import(address);
  const calendar = new ICAL.Component(ICAL.parse(text));
  for (const zone of calendar.getAllSubcomponents("vtimezone")) {
    ICAL.TimezoneService.register(zone);
  }
  const seen = (event) => ({
    uid: event.uid,
    summary: event.summary ?? "",
    location: event.location ?? "",
    description: event.description ?? "",
    starts: event.startDate.toUnixTime(),
    ends: event.endDate.toUnixTime(),
    sequence: event.sequence,
    status: event.component.getFirstPropertyValue("status"),
    names: event.component.getAllProperties().map((property) => property.name),
  });
  const events = calendar.getAllSubcomponents("vevent").map((one) => seen(new ICAL.Event(one)));
  return events;
}"""
pytestmark = pytest.mark.browser


@pytest.fixture
def scene(house: House) -> Scene:
    return Scene.of(house)


@pytest.fixture
def blank(chromium: Chromium):
    """An empty page."""
    context = chromium.new_context()
    yield context.new_page()
    context.close()


def read(page: Page, body: bytes):
    """What ical.js makes of a calendar."""
    return page.evaluate(READ, [ICAL.read_text(encoding="utf-8"), body.decode()])


def test_ical_js_reads_what_people_wrote(blank: Page) -> None:
    for hostile in EVERYWHERE:
        (event,) = read(blank, join("My teaching", [render(hostile, STAMP)]))
        assert event["summary"] == one_line(hostile.title)
        assert event["location"] == one_line(hostile.room)
        assert event["description"].startswith(plain(hostile.note))
        assert event["sequence"] == STAMP.sequence
        assert not {"attendee", "organizer", "x-evil"} & set(event["names"]), ascii(hostile.title)


def test_ical_js_reads_summer_and_winter(blank: Page) -> None:
    for _on_the_wall, in_utc in PAIRS:
        begins = moment(in_utc)
        whole = entry(starts_at=begins, ends_at=begins + timedelta(hours=1))
        (event,) = read(blank, join("My teaching", [render(whole, Stamp(0, begins))]))
        assert datetime.fromtimestamp(event["starts"], UTC) == begins
        assert event["ends"] - event["starts"] == 3600


def test_ical_js_follows_a_session(blank: Page, scene: Scene) -> None:
    path, session = scene.path(scene.feed()), scene.plan()
    seen = [read(blank, scene.fetch(path).data)]
    scene.change(session, room="Lecture theatre")
    seen.append(read(blank, scene.fetch(path).data))
    scene.cancel(session)
    seen.append(read(blank, scene.fetch(path).data))
    scene.delete(session)
    assert read(blank, scene.fetch(path).data) == []
    assert [[(event["location"], event["status"], event["sequence"]) for event in events] for events in seen] == [
        [("Seminar room 2", "CONFIRMED", 0)],
        [("Lecture theatre", "CONFIRMED", 1)],
        [("Lecture theatre", "CANCELLED", 2)],
    ]


def phone_page(chromium: Chromium, scene: Scene, **options: object) -> Page:
    """The page on which one puts teaching on a phone, as the learner reaches it from the programme."""
    context = chromium.new_context(**options)
    person_at(context, scene.house.browser(scene.learner, scene.course), [])
    page = context.new_page()
    page.goto(f"{HOST}/courses/{scene.course.public_id}/teaching")
    page.get_by_role("link", name="Put this on my phone").click()
    return page


def test_on_a_pc_there_is_a_code_and_a_button_that_copies(chromium: Chromium, scene: Scene) -> None:
    page = phone_page(chromium, scene, permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Make my link").click()
    expect(page.get_by_role("img", name="QR code that opens My teaching on a phone")).to_be_visible()
    address = page.get_by_role("textbox", name="Or copy the address of My teaching").input_value()
    page.get_by_role("button", name="Copy", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == address
    apple = page.get_by_role("link", name="Add to iPhone, iPad or Mac").get_attribute("href")
    assert apple == address.replace("http:", "webcal:")
    page.context.close()


def test_a_frame_that_may_not_use_the_clipboard_copies_all_the_same(chromium: Chromium, scene: Scene) -> None:
    page = phone_page(chromium, scene)
    page.get_by_role("button", name="Make my link").click()
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.evaluate("document.addEventListener('copy', () => (window.copied = String(getSelection())))")
    page.get_by_role("button", name="Copy", exact=True).click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("window.copied") is not None
    page.context.close()


def test_on_a_phone_without_scripts_all_but_code_and_copying_is_there(chromium: Chromium, scene: Scene) -> None:
    page = phone_page(chromium, scene, viewport={"width": 390, "height": 844}, java_script_enabled=False)
    page.get_by_role("button", name="Make my link").click()
    expect(page.get_by_role("img", name="QR code")).to_be_hidden()
    expect(page.get_by_role("button", name="Copy", exact=True)).to_be_hidden()
    expect(page.get_by_role("link", name="Google Calendar")).to_have_attribute("target", "_blank")
    page.get_by_role("link", name="Make another link").click()
    page.get_by_role("textbox", name="Name").fill("Core for F2")
    page.get_by_role("checkbox", name="F2").check()
    page.get_by_role("checkbox", name="Core teaching only").check()
    page.get_by_role("button", name="Make the link").click()
    expect(page.get_by_role("status")).to_contain_text("“Core for F2” is made")
    page.get_by_role("link", name="Replace the link of Core for F2").click()
    page.get_by_role("button", name="Replace the link").click()
    expect(page.get_by_role("status")).to_contain_text("has a new link")
    page.get_by_role("link", name="Switch off Core for F2").click()
    page.get_by_role("button", name="Switch it off").click()
    expect(page.get_by_role("heading", level=2)).to_have_text(["My teaching"])
    page.context.close()


def test_what_is_fetched_is_shown_as_fetched(chromium: Chromium, scene: Scene) -> None:
    feed = scene.feed()
    with time_machine.travel(moment("2026-11-27T06:12:00+00:00"), tick=False):
        scene.fetch(scene.path(feed))
    with time_machine.travel(moment("2026-11-27T12:00:00+00:00"), tick=False):
        page = phone_page(chromium, scene)
        expect(page.get_by_text("Last fetched today at 06:12")).to_be_visible()
        page.context.close()


def test_from_a_course_of_the_vle_to_a_calendar(new_visitor: Callable[..., Visitor], demo: Demo) -> None:
    visitor = new_visitor()
    phone(visitor)
    room = visitor.room()
    address = room.get_by_role("textbox", name="Or copy the address of My teaching").input_value()
    assert address.startswith(f"{demo.tool}/calendar/")
    with urlopen(address) as answer:
        body = answer.read()
        assert "Set-Cookie" not in answer.headers
    assert faults(body) == []
    (begins, *_rest) = by_icalendar(body)
    assert begins.summary
    assert f"URL:{demo.tool}/go/" in body.decode()
    room.get_by_role("link", name="Teaching", exact=True).first.click()
    room.get_by_role("link", name="Put this on my phone").click()
    expect(room.get_by_text("Last fetched today")).to_be_visible()
