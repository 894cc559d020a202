"""An administrator plans teaching, moves it and cancels it, on a desk and on a phone; a trainee sees each step."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.visitor import Room, Visitor, bar_link, told

pytestmark = pytest.mark.browser
DESKTOP, PHONE = 1280, 390
COURSE, ACTIVITY = "Cardiology ST4", "When is teaching?"
WEEKS_AHEAD = {DESKTOP: 9, PHONE: 10}  # behind the weeks that the demo has filled


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_teaching_is_added_moved_and_cancelled(new_visitor: Callable[[int], Visitor], width: int) -> None:
    visitor = new_visitor(width)
    title, day = f"Pericarditis, seen at {width}", a_tuesday(WEEKS_AHEAD[width])
    add(visitor, title, day)
    is_seen(visitor, title, day, "13:00 to 14:00", "Seminar room 5")
    is_warned(visitor, title, day)
    move(visitor, title, day)
    is_seen(
        visitor, title, day, "Moved. It was on Tue", "13:00 to 14:00, in Seminar room 5.", "15:30 to 16:30", "Online."
    )
    cancel(visitor, title, day)
    is_seen(visitor, title, day, "Cancelled on", "The speaker is away.")
    assert [said for said in visitor.complaints if "status of 400" not in said] == [], "one form was refused on purpose"


def a_tuesday(weeks_ahead: int) -> date:
    """Tuesday of a week to come."""
    today = date.today()
    return today + timedelta(days=1 - today.weekday(), weeks=weeks_ahead)


def week_of(visitor: Visitor, who: str, day: date) -> Room:
    """The week of this day, as this person sees it."""
    visitor.be(who)
    room = visitor.open(COURSE, ACTIVITY)
    room.get_by_label("Choose a date").fill(day.isoformat())
    room.get_by_role("button", name="Go").click()
    expect(
        room.get_by_role("heading", level=1, name=re.compile(rf"\b{(day - timedelta(days=1)).day}\b"))
    ).to_be_visible()
    return room


def slot(room: Room, title: str) -> Locator:
    """The session in the week."""
    return room.get_by_role("listitem").filter(has=room.get_by_role("heading", level=3, name=title)).last


def add(visitor: Visitor, title: str, day: date) -> None:
    """By the short row above the week."""
    room = send_the_short_row(visitor, title, day)
    expect(told(room, "Added")).to_be_visible()
    expect(room.get_by_role("heading", level=1, name=title)).to_be_visible()


def send_the_short_row(visitor: Visitor, title: str, day: date) -> Room:
    """An hour at one, in the same room each time."""
    room = week_of(visitor, "Ruth Calder", day)
    room.get_by_text("Add teaching").click()
    room.get_by_label("Title").fill(title)
    room.get_by_label("Day").fill(day.isoformat())
    room.get_by_label("Room").fill("Seminar room 5")
    room.get_by_role("button", name="Add", exact=True).click()
    return room


def is_warned(visitor: Visitor, title: str, day: date) -> None:
    """A second session in the same room: what it clashes with is said, and does not stand in the way."""
    room = send_the_short_row(visitor, "Pleuritis, in the same room", day)
    expect(room.get_by_role("alert")).to_contain_text(f"The same room: {title}, on Tue")
    expect(room.get_by_label("Title")).to_have_value("Pleuritis, in the same room")
    room.get_by_role("button", name="Save it anyway").click()
    expect(told(room, "Added")).to_be_visible()
    expect(room.get_by_role("heading", level=2, name="At the same time")).to_be_visible()


def move(visitor: Visitor, title: str, day: date) -> None:
    """From a room to a link, two and a half hours later; a link that is none comes back with its sentence."""
    room = week_of(visitor, "Ruth Calder", day)
    room.get_by_role("link", name=title).first.click()
    room.get_by_role("link", name="Change or move it").click()
    room.get_by_label("Room").fill("")
    room.get_by_label("Link to join online").fill("meet.northmoor.example")
    room.get_by_role("button", name="Save", exact=True).click()
    expect(room.get_by_role("alert").get_by_text("Copy the whole link")).to_be_visible()
    room.get_by_label("Link to join online").fill("https://meet.northmoor.example/pericarditis")
    room.get_by_label("From").fill("15:30")
    room.get_by_label("To", exact=True).fill("16:30")
    room.get_by_role("button", name="Save", exact=True).click()
    expect(told(room, "Saved")).to_be_visible()


def cancel(visitor: Visitor, title: str, day: date) -> None:
    """With a reason, which it asks for."""
    room = week_of(visitor, "Ruth Calder", day)
    room.get_by_role("link", name=title).first.click()
    room.get_by_role("link", name="Cancel it").click()
    room.get_by_label("Why?").fill("The speaker is away.")
    room.get_by_role("button", name="Cancel the session").click()
    expect(told(room, "Cancelled")).to_be_visible()


def is_seen(visitor: Visitor, title: str, day: date, *words: str) -> None:
    """A trainee finds it in the week, and may not plan."""
    room = week_of(visitor, "Sam Okafor", day)
    for said in words:
        expect(slot(room, title)).to_contain_text(said)
    expect(room.get_by_text("Add teaching")).to_have_count(0)
    bar_link(room, "Home").click()
    expect(room.get_by_role("heading", level=2, name="Next teaching")).to_be_visible()
