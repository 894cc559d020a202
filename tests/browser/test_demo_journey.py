"""A newcomer's first quarter of an hour with the demo: ask as a student, decide as a tutor, reply as somebody else."""

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import bar_link, told

pytestmark = pytest.mark.browser
DESKTOP, PHONE = 1280, 390
COURSE, BOARD = "Cardiology ST4", "Ask cardiology"


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_a_question_is_asked_decided_and_answered(new_visitor, width):
    visitor = new_visitor(width)
    question = f"Why is the P wave tallest in lead II at {width}?"

    visitor.be("Mina Farrow")
    room = visitor.open(COURSE, BOARD)
    room.get_by_role("textbox", name="Ask a question").fill(question)
    room.get_by_role("button", name="Ask", exact=True).click()
    expect(room.get_by_role("textbox", name="Question")).to_have_value(question)
    room.get_by_role("textbox", name="Your text").fill("I can see **that** it is. I would like to know *why*.")
    room.get_by_role("button", name="Send question").click()
    expect(told(room, "It waits for a tutor")).to_be_visible()
    expect(room.get_by_role("heading", level=1, name=question)).to_be_visible()

    visitor.be("Dr Helen Marsh")
    room = visitor.open(COURSE, BOARD)
    bar_link(room, "Waiting").click()
    room.get_by_role("link", name=question).first.click()
    expect(room.get_by_role("heading", level=2, name=question)).to_be_visible()
    room.get_by_role("button", name="Approve").click()
    expect(told(room, "Approved")).to_be_visible()

    visitor.be("Tom Ashdown")
    room = visitor.open(COURSE, BOARD)
    room.get_by_role("link", name=question).click()
    expect(room.get_by_text("I would like to know why")).to_be_visible()
    room.get_by_role("textbox", name="Your reply").fill("The axis of the atria points down and left, along lead II.")
    room.get_by_role("button", name="Send reply").click()
    expect(told(room, "It waits for a tutor")).to_be_visible()

    visitor.be("Mina Farrow")
    room = visitor.open(COURSE, BOARD)
    expect(room.get_by_role("link", name=question)).to_be_visible()
    room.get_by_role("link", name=question).click()
    expect(room.get_by_text("The axis of the atria points")).to_have_count(0)
    assert visitor.complaints == []
