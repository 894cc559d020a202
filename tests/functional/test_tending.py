"""What a tutor does with a whole thread, and what everybody then sees: pinned, locked, moved, tagged."""

import re
from datetime import timedelta
from html import unescape

import pytest
import time_machine
from sqlalchemy import select

from lti_tool.access import Role
from lti_tool.boards import Thread
from lti_tool.boards.rules import MOST_PINNED, PAGE_OF_THREADS
from lti_tool.core import clock
from lti_tool.core.ids import new_public_id
from lti_tool.journal import JournalLine
from tests.factories.house import House

pytestmark = pytest.mark.sql


class Ward:
    """A course with a trainee, a tutor and two boards with names, whose posts appear at once."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.trust = house.trust()
        self.course = house.course(self.trust)
        self.sam = house.person(self.trust, "Sam Okafor", {self.course.id: Role.LEARNER})
        self.helen = house.person(self.trust, "Dr Helen Marsh", {self.course.id: Role.TUTOR})
        self.board = house.board(self.course, self.helen, moderated=False, title="Ask cardiology")
        self.other = house.board(self.course, self.helen, moderated=False, title="Local know-how")
        self.tutor, self.reader = house.browser(self.helen, self.course), house.browser(self.sam, self.course)

    def ask(self, title: str, board: str = "") -> str:
        """A question; returns its thread's address."""
        post = self.house.question(self.sam, self.course, board or self.board, title)
        return f"/threads/{self.house.facts(self.sam, self.course, post).thread_public_id}"

    def tend(self, thread: str, **form: str):
        return self.tutor.post(f"{thread}/tend", form)

    def titles(self, query: str = "", board: str = "") -> list[str]:
        """The questions of a board in their order."""
        page = words(self.reader.get(f"/boards/{board or self.board}{query}"))
        return re.findall(r'class="gr-row__title">.*?<a [^>]*>([^<]*)</a>', page)

    def verbs(self) -> list[str]:
        with self.house.database.within(self.trust.id).reading() as db:
            lines = select(JournalLine.verb).where(JournalLine.verb.like("%thread.%")).order_by(JournalLine.id)
            return list(db.scalars(lines))


def words(answer, status: int = 200) -> str:
    assert answer.status_code == status, answer.get_data(as_text=True)[-800:]
    return re.sub(r"\s+", " ", unescape(answer.get_data(as_text=True)))


@pytest.fixture
def ward(house, engine) -> Ward:
    return Ward(house)


def test_a_pinned_question_stands_first_until_it_is_unpinned(ward):
    first, _second = ward.ask("First?"), ward.ask("Second?")
    assert ward.titles() == ["Second?", "First?"]
    assert ward.tend(first, do="pin").status_code == 303
    assert ward.tend(first, do="pin").status_code == 303, "a second time changes nothing"
    assert ward.titles() == ["First?", "Second?"]
    ward.tend(first, do="unpin")
    assert ward.titles() == ["Second?", "First?"]
    assert ward.verbs() == ["thread.pinned", "thread.unpinned"]


def test_so_many_may_be_pinned_and_no_more(ward):
    threads = [ward.ask(f"Question {number}?") for number in range(MOST_PINNED + 1)]
    answers = [ward.tend(thread, do="pin").status_code for thread in threads]
    assert answers == [303] * MOST_PINNED + [409]


def test_pages_go_on_after_the_pinned_ones_and_none_is_left_out_or_comes_twice(ward):
    asked = []
    for number in range(PAGE_OF_THREADS + 8):
        with time_machine.travel(clock.now() + timedelta(minutes=number), tick=False):
            asked.append((f"Question {number}?", ward.ask(f"Question {number}?")))
    for _title, thread in (asked[0], asked[-1], asked[20]):
        ward.tend(thread, do="pin")
    first = ward.titles()
    page = ward.reader.get(f"/boards/{ward.board}").get_data(as_text=True)
    after = re.search(r"after=([\w-]+)", page).group(1)
    rest = ward.titles(f"?after={after}")
    assert set(first[:3]) == {asked[0][0], asked[-1][0], asked[20][0]}
    assert len(first) == PAGE_OF_THREADS
    assert sorted(first + rest) == sorted(title for title, _thread in asked)


def test_in_a_locked_thread_everybody_reads_why_and_nobody_replies(ward):
    thread = ward.ask("When?")
    assert ward.tend(thread, do="lock", reason="Settled: see the guideline.").status_code == 303
    page = words(ward.reader.get(thread))
    assert "A tutor has locked this discussion: nothing new can be written. Reason: Settled: see the guideline." in page
    assert "Send reply" not in page
    once = {"text": "But why?", "once": new_public_id()}
    assert ward.reader.post(f"{thread}/reply", once).status_code == 403
    ward.tend(thread, do="unlock")
    assert ward.reader.post(f"{thread}/reply", once).status_code == 303
    assert ward.verbs() == ["thread.locked", "thread.unlocked"]


@pytest.mark.parametrize("reason", ["", "x" * 201, "NHS number 999 000 0000"])
def test_a_lock_needs_a_reason_that_names_nobody_and_what_was_typed_comes_back(ward, reason):
    thread = ward.ask("When?")
    page = words(ward.tend(thread, do="lock", reason=reason), 400)
    assert reason in page
    assert "There is a problem" in page


def test_a_moved_thread_keeps_its_address_and_leaves_a_note(ward):
    thread = ward.ask("Where is the pacing box?")
    ward.tend(thread, do="pin")
    assert ward.tend(thread, do="move", board=ward.other).status_code == 303
    assert ward.titles() == []
    assert ward.titles(board=ward.other) == ["Where is the pacing box?"]
    assert "Moved elsewhere" in words(ward.reader.get(f"/boards/{ward.board}"))
    assert ward.titles("?show=moved") == ["Where is the pacing box?"]
    page = words(ward.reader.get(thread))
    assert "Local know-how" in page
    assert ward.reader.post(f"{thread}/reply", {"text": "Here.", "once": new_public_id()}).status_code == 303
    ward.tend(thread, do="move", board=ward.board)
    assert "Moved elsewhere" not in words(ward.reader.get(f"/boards/{ward.board}"))
    assert ward.titles("?show=moved", board=ward.other) == ["Where is the pacing box?"]
    assert ward.verbs() == ["thread.pinned", "thread.moved", "thread.moved"]


def test_nothing_moves_between_a_board_with_names_and_one_without(ward):
    hidden = ward.house.board(ward.course, ward.helen, moderated=False, pseudonymous=True, title="Without fear")
    further = ward.house.board(ward.course, ward.helen, moderated=False, pseudonymous=True, title="Also hidden")
    named, secret = ward.ask("Named?"), ward.ask("Secret?", hidden)
    assert "Without fear" not in words(ward.tutor.get(f"{named}/tend"))
    words(ward.tend(named, do="move", board=hidden), 400)
    for place in (ward.board, further):
        words(ward.tend(secret, do="move", board=place), 400)
    assert "stays where it was asked" in words(ward.tutor.get(f"{secret}/tend"))
    assert ward.titles(board=hidden) == ["Secret?"]


def test_nothing_moves_to_another_course(ward):
    away = ward.house.course(ward.trust, "Renal ST3")
    helen = ward.house.person(ward.trust, "Dr Amy Poll", {away.id: Role.TUTOR, ward.course.id: Role.TUTOR})
    board = ward.house.board(away, helen)
    thread = ward.ask("Named?")
    both = ward.house.browser(helen, ward.course)
    assert both.post(f"{thread}/tend", {"do": "move", "board": board}).status_code == 400


def test_who_asks_chooses_tags_of_the_boards_own_and_readers_filter_by_them(ward):
    ward.tutor.post(f"/boards/{ward.board}/tags", {"tags": "Heart failure\nDevices\nheart failure\n"})
    form = {"title": "Which dose?", "text": "Of what?", "once": new_public_id(), "tag": ["Heart failure", "Nonsense"]}
    assert ward.reader.post(f"/boards/{ward.board}/ask", form).status_code == 303
    ward.ask("Untagged?")
    assert ward.titles("?tag=Heart failure") == ["Which dose?"]
    assert ward.titles("?tag=Devices") == []
    assert len(ward.titles("?tag=Nonsense")) == 2, "a tag that the board has not is none"
    page = words(ward.reader.get(f"/boards/{ward.board}/ask"))
    assert page.count('name="tag"') == 2, "the same word twice is one tag"


def test_what_was_chosen_stays_chosen_while_one_writes_and_too_many_are_said_so(ward):
    ward.tutor.post(f"/boards/{ward.board}/tags", {"tags": "A\nB\nC\nD"})
    form = {"title": "Which dose?", "text": "Of *what*?", "once": new_public_id()}
    preview = words(ward.reader.post(f"/boards/{ward.board}/ask", form | {"do": "preview", "tag": ["B"]}))
    assert re.search(r'value="B" checked', preview)
    page = words(ward.reader.post(f"/boards/{ward.board}/ask", form | {"tag": ["A", "B", "C", "D"]}), 400)
    assert "Choose up to 3 tags." in page
    assert "Of *what*?" in page
    assert ward.titles() == [], "nothing was sent"


def test_tutors_change_the_tags_and_a_tag_that_is_taken_out_falls_from_its_questions(ward):
    ward.tutor.post(f"/boards/{ward.board}/tags", {"tags": "A\nB\nC\nD"})
    thread = ward.ask("Which?")
    assert ward.tutor.post(f"{thread}/tend", {"do": "tag", "tag": ["A", "B", "C", "D"]}).status_code == 400
    assert ward.tutor.post(f"{thread}/tend", {"do": "tag", "tag": ["A", "C"]}).status_code == 303
    ward.tutor.post(f"/boards/{ward.board}/tags", {"tags": "A\nB"})
    assert ward.titles("?tag=A") == ["Which?"]
    ward.tutor.post(f"/boards/{ward.board}/tags", {"tags": "B"})
    with ward.house.database.within(ward.trust.id).reading() as db:
        assert db.scalars(select(Thread.tags)).all() == [""]
    named = words(ward.tutor.post(f"/boards/{ward.board}/tags", {"tags": "NHS number 999 000 0000"}), 400)
    assert "999 000 0000" in named


def test_only_tutors_look_after_threads(ward):
    thread = ward.ask("Mine?")
    assert ward.reader.get(f"{thread}/tend").status_code == 403
    assert ward.reader.post(f"{thread}/tend", {"do": "pin"}).status_code == 403
    assert "Pin, lock, move or tag" not in words(ward.reader.get(thread))
    assert "Pin, lock, move or tag" in words(ward.tutor.get(thread))
