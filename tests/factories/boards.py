"""One of each thing that a board can have, for tests that walk all routes."""

from typing import Any

from lti_tool.boards import BoardDraft, get_post_facts, make_board, start_thread
from lti_tool.boards.patterns import Template
from lti_tool.boards.private import ask_public
from lti_tool.boards.queries import get_board
from lti_tool.boards.rules import Audience, BoardPolicy
from lti_tool.boards.sharing import ask_course
from lti_tool.core.ids import new_public_id
from lti_tool.people import Course, Person, make_cohort
from lti_tool.texts import prepare
from tests.factories.charter import line_of
from tests.factories.house import House

CHARTER = ("shared", "asking", "cohort", "answer", "private")


def rooms_of_boards(
    house: House, course: Course, elsewhere: Course, tutor: Person, guest: Person, author: Person
) -> dict[str, str]:
    """By name: a board for several courses, one that asks this course to join, a cohort, an answer that may become an
    entry, and a private question whose author was asked whether all may read it.
    """

    def as_(person: Person, home: Course, act: Any) -> Any:
        with house.database.transaction() as db:
            return act(db, house.actor(db, person, home))

    def board(person: Person, home: Course, **given: Any) -> str:
        draft = BoardDraft("Board", "", False, BoardPolicy.OFF, **given)
        return as_(person, home, lambda db, actor: make_board(db, actor, line_of(home), draft).public_id)

    asking = board(guest, elsewhere, audience=Audience.COURSES)
    as_(guest, elsewhere, lambda db, a: ask_course(db, a, get_board(db, a, asking), course.public_id))
    know_how = board(tutor, course, template=Template.KNOW_HOW)
    question = house.question(author, course, know_how)
    private = board(tutor, course, allows_private=True)

    def ask_alone(db: Any, actor: Any) -> str:
        line, once = get_board(db, actor, private), new_public_id()
        return start_thread(db, actor, line, prepare("Why?", "Why?"), once, is_private=True).public_id

    alone = as_(author, course, ask_alone)
    as_(tutor, course, lambda db, a: ask_public(db, a, get_post_facts(db, a, alone)))
    return {
        "shared": board(tutor, course, audience=Audience.COURSES),
        "asking": asking,
        "cohort": as_(tutor, course, lambda db, _a: make_cohort(db, line_of(course), "F1 2027").public_id),
        "answer": house.answer(tutor, course, question),
        "private": alone,
    }
