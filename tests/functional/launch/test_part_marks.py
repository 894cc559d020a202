"""Marks by a board's rule: counted at night, sent to the VLE, said to the learner alone, never where names hide."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select, update

from lti_tool.boards import get_post_facts
from lti_tool.boards.taking_part import Asks, Rule
from lti_tool.core import clock
from lti_tool.journal.models import JournalLine
from lti_tool.launch.models import Identity, Placement
from lti_tool.launch.part_marks import mark_taking_part
from lti_tool.moderation.actions import remove
from lti_tool.moderation.forms import ReportDraft
from lti_tool.people import Course, Person
from tests.factories.served_course import Scene


def soon(days: int = 3) -> str:
    return (clock.now() + timedelta(days=days)).date().isoformat()


class Ward:
    """A course with a grade book, whose activity opens a board on which posts appear at once."""

    def __init__(self, scene: Scene, pseudonymous: bool = False) -> None:
        self.scene, self.house = scene, scene.house
        scene.read_roster()
        self.sam, self.sam_subject = scene.learner(4), "4"
        with scene.vle.inside().reading() as db:
            self.course = db.scalars(select(Course)).one()
            people = db.execute(select(Identity.subject, Person).join(Person, Person.id == Identity.person_id))
            self.people = {row.subject: row.Person for row in people}
        self.board = self.house.board(self.course, self.people["3"], pseudonymous=pseudonymous, moderated=False)
        with scene.vle.inside().transaction() as db:
            db.execute(update(Placement).values(kind="board", thing=self.board))

    def ask_for(self, asks: str = "either", number: str = "2", due: str = ""):
        return self.tutor_sends(asks=asks, number=number, due=due or soon())

    def tutor_sends(self, **fields: str):
        tutor = self.house.browser(self.people["3"], self.course)
        return tutor.post(f"/boards/{self.board}/taking-part", fields)

    def night(self) -> None:
        with self.house.database.transaction() as db:
            mark_taking_part(db, clock.now())
        self.house.work(timedelta())

    def question(self, who: str, title: str = "When?") -> str:
        return self.house.question(self.people[who], self.course, self.board, title)

    def answer(self, who: str, question: str) -> str:
        return self.house.answer(self.people[who], self.course, question)

    def take_away(self, post: str) -> None:
        with self.scene.vle.inside().transaction() as db:
            tutor = self.house.actor(db, self.people["3"], self.course)
            remove(db, tutor, get_post_facts(db, tutor, post), ReportDraft("spam", ""))

    def marks(self) -> dict[str, int | None]:
        return {subject: mark.mark for subject, mark in self.scene.marks().items()}

    def sent(self) -> list[tuple[str, float | None]]:
        asked = self.scene.services.asked_for("/scores", "POST")
        return [(one.json["userId"], one.json.get("scoreGiven")) for one in asked]


@pytest.fixture
def ward(scene: Scene) -> Ward:
    return Ward(scene)


def test_nothing_is_asked_and_nothing_is_sent_by_itself(ward):
    ward.question("4")
    ward.night()
    assert ward.marks() == {}
    assert "due" not in ward.sam.get(f"/boards/{ward.board}").text


def test_one_question_or_two_answers_reach_the_grade_book_at_night(ward):
    asked = ward.question("3")
    assert ward.ask_for().status_code == 303
    ward.question("4")
    ward.answer("5", asked)
    assert ward.sent() == [], "the moment of a mark tells nothing of the moment of a post"
    ward.night()
    assert ward.marks() == {"4": 100, "5": 50}, "tutors get none, and who did nothing gets none"
    assert sorted(ward.sent()) == [("4", 100), ("5", 50)]
    ward.night()
    assert len(ward.sent()) == 2, "what stands is not sent again"
    ward.answer("5", asked)
    ward.night()
    assert ward.sent()[-1] == ("5", 100)


def test_the_learner_alone_sees_how_far_they_are(ward):
    asked = ward.question("3")
    ward.ask_for()
    page = f"/boards/{ward.board}"
    assert "0 of 2 answers, or one question, due" in ward.sam.get(page).text
    ward.answer("4", asked)
    said = ward.sam.get(page).text
    assert "1 of 2 answers, or one question, due" in said
    assert "Only you see this." in said
    assert "0 of 2 answers" in ward.scene.learner(5).get(page).text
    assert "of 2 answers" not in ward.scene.browser.get(page).text
    ward.question("4")
    assert "Done: one question or 2 answers." in ward.sam.get(page).text


def test_what_was_removed_counts_no_more_and_a_hand_written_mark_stays(ward):
    ward.ask_for(asks="posts", number="1")
    first, _second = ward.question("4"), ward.question("5")
    ward.night()
    assert ward.marks() == {"4": 100, "5": 100}
    ward.scene.open()
    ward.scene.mark(s5="70")
    ward.take_away(first)
    ward.night()
    assert ward.marks() == {"4": None, "5": 70}
    assert ward.sent()[-1][0] == "4"


def test_what_was_sent_after_the_due_day_does_not_count(ward):
    ward.ask_for(asks="posts", number="2", due=soon(1))
    ward.question("4")
    with time_machine.travel(clock.now() + timedelta(days=3)):
        ward.question("4")
        ward.night()
        assert ward.marks() == {"4": 50}
    with time_machine.travel(clock.now() + timedelta(days=40)):
        ward.question("5")
        ward.night()
        assert ward.marks() == {"4": 50}


def test_asking_for_nothing_any_more_leaves_the_marks(ward):
    ward.ask_for(asks="posts", number="1")
    ward.question("4")
    ward.night()
    ward.tutor_sends(do="end")
    ward.question("5")
    ward.night()
    assert ward.marks() == {"4": 100}
    with ward.scene.vle.inside().reading() as db:
        verbs = list(db.scalars(select(JournalLine.verb).where(JournalLine.verb.like("taking_part.%"))))
    assert verbs == ["taking_part.asked", "taking_part.ended"]


def test_where_names_are_hidden_nothing_is_counted_and_it_says_why(scene: Scene):
    ward = Ward(scene, pseudonymous=True)
    page = f"/boards/{ward.board}/taking-part"
    assert "A mark for taking part would tell who wrote what." in scene.browser.get(page).text
    assert "<form" not in scene.browser.get(page).text.split("<main")[1]
    refused = ward.ask_for()
    assert refused.status_code == 400
    assert "A mark for taking part would tell who wrote what." in refused.text
    ward.question("4")
    ward.night()
    assert ward.marks() == {}


@pytest.mark.parametrize(
    "wrong", [{"asks": "likes"}, {"number": "0"}, {"number": "21"}, {"number": "٣"}, {"due": "soon"}, {"number": ""}]
)
def test_what_is_no_rule_comes_back_as_it_was_typed(ward, wrong):
    answer = ward.ask_for(**wrong)
    assert answer.status_code == 400
    assert "There is a problem" in answer.text or "Not saved yet" in answer.text
    ward.question("4")
    ward.night()
    assert ward.marks() == {}


@pytest.mark.parametrize(
    ("asks", "number", "questions", "answers", "percent"),
    [
        (Asks.QUESTION_OR_ANSWERS, 2, 0, 0, 0),
        (Asks.QUESTION_OR_ANSWERS, 2, 0, 1, 50),
        (Asks.QUESTION_OR_ANSWERS, 2, 1, 0, 100),
        (Asks.QUESTION_OR_ANSWERS, 3, 0, 2, 66),
        (Asks.QUESTION_OR_ANSWERS, 3, 0, 9, 100),
        (Asks.POSTS, 4, 1, 1, 50),
        (Asks.POSTS, 4, 4, 4, 100),
    ],
)
def test_how_much_is_done(asks, number, questions, answers, percent):
    assert Rule(asks, number, clock.now().date()).percent(questions, answers) == percent
