"""Polls as people meet them: asked with a question, answered once, and nobody can read who chose what."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select, text

from lti_tool.access import Role
from lti_tool.boards import Post
from lti_tool.boards.models import PollOption, PollVote
from lti_tool.core import clock
from lti_tool.moderation.actions import decide
from lti_tool.moderation.forms import DecisionDraft
from lti_tool.moderation.rules import Verb
from tests.factories.house import House
from tests.functional.test_statements import statements

pytestmark = pytest.mark.sql
HIDDEN = "Fewer than 5 votes: hidden"
WORDS = {
    "title": "Which anticoagulant first?",
    "text": "For somebody with AF.",
    "options": "Apixaban\nWarfarin\n\nNeither",
}


class Room:
    """A course with eight learners and a tutor, an open and a moderated board."""

    def __init__(self, house: House) -> None:
        self.house = house
        trust = house.trust()
        self.rows = house.database.within(trust.id)
        self.course = house.course(trust)
        self.people = [house.person(trust, f"Learner {n}", {self.course.id: Role.LEARNER}) for n in range(8)]
        self.helen = house.person(trust, "Dr Helen Marsh", {self.course.id: Role.TUTOR})
        self.open = house.board(self.course, self.helen, moderated=False)
        self.checked = house.board(self.course, self.helen)
        self.sealed = house.board(self.course, self.helen, pseudonymous=True, moderated=False)

    def at(self, person):
        return self.house.browser(person, self.course)

    def ask(self, board: str, **given: str) -> str:
        """A question with a poll; returns its thread."""
        answer = self.at(self.people[0]).post(f"/boards/{board}/ask", WORDS | given)
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"].rpartition("/")[2]

    def vote(self, person, thread: str, *choices: str, status: int = 303):
        answer = self.at(person).post(f"/threads/{thread}/vote", {"choice": list(choices)})
        assert answer.status_code == status
        return answer

    def page(self, person, thread: str) -> str:
        return self.at(person).get(f"/threads/{thread}").text

    def counts(self) -> list[int]:
        with self.rows.transaction() as db:
            return list(db.scalars(select(PollOption.votes).order_by(PollOption.position)))


@pytest.fixture
def room(house: House) -> Room:
    return Room(house)


@pytest.mark.parametrize("board", ["open", "sealed"])
def test_results_come_after_ones_own_vote_and_the_fifth(room, board):
    thread = room.ask(getattr(room, board))
    for number, person in enumerate(room.people[:5]):
        before = room.page(person, thread)
        assert "A vote counts at once and cannot be changed" in before
        assert "%</td>" not in before
        room.vote(person, thread, "0" if number else "2")
        after = room.page(person, thread)
        assert "You have voted." in after
        assert (HIDDEN in after) == (number < 4)
    page = room.page(room.people[0], thread)
    assert "5 people voted" in page
    assert "80%" in page
    for person in (room.people[6], room.helen):
        assert "80%" not in room.page(person, thread), "who has not voted must not be told what others chose"


def test_one_vote_a_person_whatever_they_click(room):
    thread = room.ask(room.open)
    person = room.at(room.people[1])
    for choice in ("0", "0", "1"):
        assert person.post(f"/threads/{thread}/vote", {"choice": choice}).status_code == 303
    assert room.counts() == [1, 0, 0]
    assert "You have voted before: the first vote counts." in person.get(f"/threads/{thread}").text


@pytest.mark.parametrize("choices", [(), ("3",), ("-1",), ("x",), ("٢",), ("99999999999999999999",), ("0", "1")])
def test_what_is_no_vote_is_refused_in_words(room, choices):
    thread = room.ask(room.open)
    answer = room.vote(room.people[1], thread, *choices, status=400)
    assert "Choose what you vote for." in answer.text
    assert room.counts() == [0, 0, 0]


def test_several_may_be_chosen_where_the_question_says_so(room):
    thread = room.ask(room.open, many="yes")
    for person in room.people[:5]:
        room.vote(person, thread, "0", "1", "1")
    assert room.counts() == [5, 5, 0]
    page = room.page(room.people[0], thread)
    assert page.count("100%") == 2
    assert "each for as many as they liked" in page


def test_once_closed_nobody_votes_and_everybody_reads(room):
    thread = room.ask(room.open, closes=f"{clock.now().astimezone(clock.LONDON):%F}")
    for person in room.people[:5]:
        room.vote(person, thread, "1")
    with time_machine.travel(clock.now() + timedelta(days=1, minutes=1), tick=False):
        page = room.page(room.helen, thread)
        assert "Poll: closed" in page
        assert "100%" in page
        room.vote(room.people[6], thread, "0", status=409)
    assert room.counts() == [0, 5, 0]


def test_closed_with_few_votes_it_stays_hidden(room):
    thread = room.ask(room.open, closes=f"{clock.now().astimezone(clock.LONDON):%F}")
    room.vote(room.people[1], thread, "1")
    with time_machine.travel(clock.now() + timedelta(days=1, minutes=1), tick=False):
        for person in (room.helen, room.people[0], room.people[1]):
            page = room.page(person, thread)
            assert HIDDEN in page
            assert "100%" not in page


def test_nothing_that_is_stored_says_who_chose_what(room):
    thread = room.ask(room.open)
    room.vote(room.people[1], thread, "2")
    with room.rows.transaction() as db:
        marks = db.execute(text("SELECT * FROM poll_votes")).mappings().all()
        assert [set(mark) for mark in marks] == [{"thread_id", "tag", "trust_id"}]
        lines = db.execute(text("SELECT actor, details FROM journal_lines WHERE verb = 'poll.voted'")).all()
        assert [line.actor for line in lines] == ["voter"]
        assert room.people[1].public_id not in str(lines)
        first = db.scalars(select(PollVote.tag)).one()
    other = room.ask(room.open)
    room.vote(room.people[1], other, "2")
    with room.rows.transaction() as db:
        assert len(set(db.scalars(select(PollVote.tag)))) == 2, "one person's tags in two polls are unlike"
        assert first in set(db.scalars(select(PollVote.tag)))


def test_a_poll_waits_with_its_question_and_the_moderator_reads_its_options(room):
    thread = room.ask(room.checked)
    assert room.at(room.people[1]).get(f"/threads/{thread}").status_code == 404
    assert room.at(room.people[1]).post(f"/threads/{thread}/vote", {"choice": "0"}).status_code == 404
    room.vote(room.people[0], thread, "0", status=403)
    with room.rows.transaction() as db:
        post = db.scalars(select(Post.public_id)).one()
    item = room.at(room.helen).get(f"/courses/{room.course.public_id}/waiting/{post}").text
    assert "Apixaban" in item
    facts = room.house.facts(room.helen, room.course, post)
    with room.rows.transaction() as db:
        decide(db, room.house.actor(db, room.helen, room.course), facts, DecisionDraft(Verb.RETURN, 1, "", "Ask more."))
    mine = room.at(room.people[0])
    assert "Apixaban\nWarfarin\nNeither" in mine.get(f"/posts/{post}/edit").text
    changed = WORDS | {"options": "Aspirin\nNothing", "seen": "1"}
    assert mine.post(f"/posts/{post}/edit", changed).status_code == 303
    item = room.at(room.helen).get(f"/courses/{room.course.public_id}/waiting/{post}").text
    assert "Aspirin" in item
    assert "Apixaban" not in item


def test_once_others_have_read_it_a_poll_is_not_changed(room):
    thread = room.ask(room.open)
    room.vote(room.people[1], thread, "0")
    with room.rows.transaction() as db:
        post = db.scalars(select(Post.public_id)).one()
    mine = room.at(room.people[0])
    assert "its options cannot be changed" in mine.get(f"/posts/{post}/edit").text
    assert mine.post(f"/posts/{post}/edit", WORDS | {"options": "A\nB", "seen": "1"}).status_code == 303
    assert room.counts() == [1, 0, 0]


def test_options_are_checked_like_the_text(room):
    mine, path = room.at(room.people[0]), f"/boards/{room.open}/ask"
    stopped = mine.post(path, WORDS | {"options": "NHS number 999 000 0000\nNo"})
    assert stopped.status_code == 400
    assert "An NHS number" in stopped.text
    warned = mine.post(path, WORDS | {"options": "Ask Mrs Thackeray\nDo not"})
    assert warned.status_code == 400
    mended = mine.post(path, WORDS | {"options": "Ask Mrs Thackeray\nDo not", "accept": "all"}).text
    assert "Ask the patient\nDo not</textarea>" in mended


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"options": "One only"}, "two to eight options"),
        ({"options": "\n".join("ABCDEFGHI")}, "two to eight options"),
        ({"options": "Yes\n yes "}, "Two options are the same"),
        ({"options": f"{'x' * 151}\nB"}, "Shorten each option"),
        ({"closes": "2001-01-01"}, "a day that is not over"),
        ({"closes": "soon"}, "a day that is not over"),
    ],
)
def test_a_poll_that_cannot_be_asked_says_why_and_comes_back(room, given, words):
    answer = room.at(room.people[0]).post(f"/boards/{room.open}/ask", WORDS | given)
    assert answer.status_code == 400
    assert words in answer.text
    assert "For somebody with AF." in answer.text


def test_a_draft_keeps_the_poll(room):
    mine, path = room.at(room.people[0]), f"/boards/{room.open}/ask"
    assert mine.post(path, WORDS | {"many": "yes", "closes": "2099-01-01", "do": "draft"}).status_code == 303
    page = mine.get(path).text
    assert "Apixaban\nWarfarin" in page
    assert 'value="2099-01-01"' in page


def test_script_in_an_option_is_only_words(room):
    thread = room.ask(room.open, options='<script>alert(1)</script>\n"><img src=x onerror=alert(1)>')
    for person in room.people[:5]:
        page = room.page(person, thread)
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        room.vote(person, thread, "0")
    assert "<script>alert" not in room.page(room.people[0], thread)


def test_of_another_trust_nobody_votes(room):
    thread = room.ask(room.open)
    other = room.house.trust("Another trust")
    course = room.house.course(other)
    eve = room.house.person(other, "Eve", {course.id: Role.TUTOR})
    assert room.house.browser(eve, course).post(f"/threads/{thread}/vote", {"choice": "0"}).status_code == 404


def test_a_thread_asks_no_more_often_where_there_is_a_poll(room):
    person = room.at(room.people[1])
    bare = room.ask(room.open, options="")
    polled = room.ask(room.open)
    asked = []
    for thread in (bare, polled):
        person.get(f"/threads/{thread}")
        asked.append(statements(room.house, lambda path=f"/threads/{thread}": person.get(path))[0])
    assert len(asked[1]) == len(asked[0])
