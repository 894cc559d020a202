"""Who reads a board: its course, a cohort of it, or several courses of the trust. Decided here alone."""

from typing import Any

from sqlalchemy import ColumnElement, String, and_, case, cast, func, or_, select
from sqlalchemy.orm import aliased

from lti_tool.access import TEACHERS, Actor, Role
from lti_tool.boards.charter_models import BoardCohort, BoardCourse
from lti_tool.boards.models import Board
from lti_tool.boards.rules import Audience
from lti_tool.people import CohortMember, Enrolment

ENROLLED = aliased(Enrolment)  # made once: an alias costs as much as a query
RUNS = (*TEACHERS, Role.DESIGNER, Role.ADMINISTRATOR)


def visible_boards(actor: Actor, board: Any = Board) -> ColumnElement[bool]:
    """The boards that the actor reads; all of the trust for an education administrator.

    A cohort's board is for its people and for those who teach its course or set it up. A board of several courses is
    for the course that owns it and for those that have accepted. `board` is an alias where a query has two.
    """
    inside = board.trust_id == actor.trust_id
    if actor.runs_education:
        return and_(inside)
    runs = actor.courses_as(*RUNS)
    of_cohort = board.id.in_(
        select(BoardCohort.board_id)
        .join(CohortMember, CohortMember.cohort_id == BoardCohort.cohort_id)
        .where(CohortMember.person_id == actor.person_id)
    )
    own = and_(
        board.course_id.in_(actor.roles), or_(board.audience != Audience.COHORT, board.course_id.in_(runs), of_cohort)
    )
    joined = and_(board.audience == Audience.COURSES, board.id.in_(boards_joined_by(list(actor.roles))))
    return and_(inside, or_(own, joined))


def boards_joined_by(course_ids: list[int]) -> Any:
    """The numbers of the boards of other courses that one of these courses has joined."""
    return select(BoardCourse.board_id).where(
        BoardCourse.course_id.in_(course_ids), BoardCourse.accepted_at.is_not(None)
    )


def joined_courses() -> Any:
    """The numbers of the courses that have joined a board, with spaces between. Needs Board in the query."""
    numbers = select(func.aggregate_strings(cast(BoardCourse.course_id, String), " ")).where(
        BoardCourse.board_id == Board.id, BoardCourse.accepted_at.is_not(None)
    )
    return case((Board.audience == Audience.COURSES, numbers.correlate(Board).scalar_subquery()), else_="")


def heads(is_tutor: bool) -> ColumnElement[int]:
    """How many people read a board: those who teach, or all others. Needs Board in the query."""
    teaches = ENROLLED.role.in_(TEACHERS)
    counts = and_(ENROLLED.left_at.is_(None), teaches if is_tutor else ~teaches)
    own = select(func.count()).where(ENROLLED.course_id == Board.course_id, counts)
    joined = select(BoardCourse.course_id).where(BoardCourse.board_id == Board.id, BoardCourse.accepted_at.is_not(None))
    several = select(func.count(ENROLLED.person_id.distinct())).where(
        or_(ENROLLED.course_id == Board.course_id, ENROLLED.course_id.in_(joined.correlate(Board))), counts
    )
    cohort = (
        select(func.count())
        .select_from(BoardCohort)
        .join(CohortMember, CohortMember.cohort_id == BoardCohort.cohort_id)
        .join(ENROLLED, and_(ENROLLED.person_id == CohortMember.person_id, ENROLLED.course_id == Board.course_id))
        .where(BoardCohort.board_id == Board.id, counts)
    )
    kinds: list[tuple[Any, Any]] = [(Board.audience == Audience.COURSES, several.correlate(Board).scalar_subquery())]
    if not is_tutor:
        kinds.append((Board.audience == Audience.COHORT, cohort.correlate(Board).scalar_subquery()))
    return case(*kinds, else_=own.correlate(Board).scalar_subquery())
