"""A newcomer's first quarter of an hour with the demo: ask as a student, decide as a tutor, reply as somebody else."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import Room, Visitor, bar_link, told

pytestmark = pytest.mark.browser
DESKTOP, PHONE = 1280, 390
COURSE, BOARD = "Cardiology ST4", "Ask cardiology"
TEXT = "I can see **that** it is. I would like to know *why*."
REPLY = "The axis of the atria points down and left, along lead II."
TOLD_WITHIN_LOOKS = 40


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_a_question_is_asked_decided_and_answered(new_visitor: Callable[[int], Visitor], width: int) -> None:
    visitor = new_visitor(width)
    question = f"At {width}: why is the P wave tallest in lead II?"
    ask(visitor, question)
    decide(visitor, question, "Approve")
    reply(visitor, question)
    not_yet_for_everybody(visitor, question)
    decide(visitor, REPLY, "Approve")
    is_told(visitor, question)
    assert visitor.complaints == []


def ask(visitor: Visitor, question: str) -> None:
    """A student asks; a tutor must look first."""
    visitor.be("Mina Farrow")
    room = visitor.open(COURSE, BOARD)
    room.get_by_role("textbox", name="Ask a question").fill(question)
    room.get_by_role("textbox", name="Your text").fill(TEXT)
    room.get_by_role("button", name="Send question").click()
    expect(told(room, "It waits for a tutor")).to_be_visible()
    expect(room.get_by_role("heading", level=1, name=question)).to_be_visible()


def decide(visitor: Visitor, words: str, decision: str) -> None:
    """A tutor finds it in the queue by its first words and decides."""
    visitor.be("Dr Helen Marsh")
    room = visitor.open(COURSE, BOARD)
    bar_link(room, "Waiting").click()
    room.get_by_role("main").get_by_role("link", name=words[:40]).first.click()
    expect(room.get_by_role("heading", level=1)).to_be_visible()
    expect(room.get_by_role("article").get_by_text(words).first).to_be_visible()
    room.get_by_role("button", name=decision, exact=True).click()
    expect(told(room, "The author is told")).to_be_visible()


def reply(visitor: Visitor, question: str) -> None:
    """Somebody else reads it and replies."""
    visitor.be("Tom Ashdown")
    room = open_thread(visitor, question)
    expect(room.get_by_text("I would like to know why")).to_be_visible()
    room.get_by_role("textbox", name="Your reply").fill(REPLY)
    room.get_by_role("button", name="Send reply").click()
    expect(told(room, "It waits for a tutor")).to_be_visible()
    expect(room.get_by_text(REPLY)).to_be_visible()


def not_yet_for_everybody(visitor: Visitor, question: str) -> None:
    """The one who asked does not see what no tutor has read."""
    visitor.be("Mina Farrow")
    room = open_thread(visitor, question)
    expect(room.get_by_text("I would like to know why")).to_be_visible()
    expect(room.get_by_text(REPLY)).to_have_count(0)


def is_told(visitor: Visitor, question: str) -> None:
    """Within half a minute the inbox says that there is an answer, and leads to it."""
    visitor.be("Mina Farrow")
    room = visitor.open(COURSE, BOARD)
    news = room.get_by_role("link", name=f"A new reply to your question – {question}")
    for _look in range(TOLD_WITHIN_LOOKS):
        bar_link(room, "Inbox").click()
        expect(room.get_by_role("heading", level=1, name="Inbox")).to_be_visible()
        if news.count():
            break
        visitor.page.wait_for_timeout(1_000)
    news.click()
    expect(room.get_by_text(REPLY)).to_be_visible()


def open_thread(visitor: Visitor, question: str) -> Room:
    """From the course to the thread."""
    room = visitor.open(COURSE, BOARD)
    room.get_by_role("link", name=question).click()
    expect(room.get_by_role("heading", level=1, name=question)).to_be_visible()
    return room
