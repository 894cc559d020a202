"""Who reads a board: its course, a cohort of it, or several courses of the trust. Decided here alone."""

from typing import Any, Protocol

from sqlalchemy import ColumnElement, String, and_, bindparam, case, cast, exists, func, or_, select, union_all

from lti_tool.access import TEACHERS, Actor, Role
from lti_tool.boards.charter_models import BoardCohort, BoardCourse
from lti_tool.boards.models import Board
from lti_tool.boards.rules import Audience
from lti_tool.core.db import again
from lti_tool.people import CohortMember, Enrolment

ENROLLED, _BOARD = again(Enrolment), again(Board)
RUNS = (*TEACHERS, Role.DESIGNER, Role.ADMINISTRATOR)


class Reader(Protocol):
    """Who reads, as conditions ask of them: an actor, or `Anyone`."""

    @property
    def person_id(self) -> Any: ...
    @property
    def trust_id(self) -> Any: ...
    @property
    def courses(self) -> Any: ...
    @property
    def teaches_in(self) -> Any: ...
    @property
    def runs_education(self) -> bool: ...
    def courses_as(self, *roles: Role) -> Any: ...


class Anyone:
    """Stands for the actor in a statement that is made once. Whoever runs it gives `values_of` the actor with it."""

    person_id: Any = bindparam("reader")
    trust_id: Any = bindparam("reader_trust")
    courses: Any = bindparam("reader_courses", expanding=True)
    teaches_in: Any = bindparam("reader_teaches", expanding=True)

    def __init__(self, *, runs_education: bool = False) -> None:
        self.runs_education = runs_education

    def courses_as(self, *roles: Role) -> Any:
        """The courses that they run; nothing else is asked of anyone."""
        assert roles == RUNS
        return bindparam("reader_runs", expanding=True)


def values_of(actor: Actor) -> dict[str, Any]:
    """What the actor is where a statement says `Anyone`."""
    return {
        "reader": actor.person_id,
        "reader_trust": actor.trust_id,
        "reader_courses": actor.courses,
        "reader_teaches": actor.teaches_in,
        "reader_runs": actor.courses_as(*RUNS),
    }


def visible_boards(reader: Reader, board: Any = Board) -> ColumnElement[bool]:
    """The boards that somebody reads; all of the trust for an education administrator.

    A cohort's board is for its people and for those who teach its course or set it up. A board of several courses is
    for the course that owns it and for those that have accepted. `board` is an alias where a query has two.
    """
    inside = board.trust_id == reader.trust_id
    if reader.runs_education:
        return and_(inside)
    runs = reader.courses_as(*RUNS)
    of_cohort = board.id.in_(
        select(BoardCohort.board_id)
        .join(CohortMember, CohortMember.cohort_id == BoardCohort.cohort_id)
        .where(CohortMember.person_id == reader.person_id)
    )
    is_theirs = or_(board.audience != Audience.COHORT, board.course_id.in_(runs), of_cohort)
    own = and_(board.course_id.in_(reader.courses), is_theirs)
    joined = and_(board.audience == Audience.COURSES, board.id.in_(boards_joined_by(reader.courses)))
    return and_(inside, or_(own, joined))


def enrolled_on(board_id: Any) -> ColumnElement[bool]:
    """The enrolments by which somebody reads this board now. Needs ENROLLED in the query.

    The same as `visible_boards`, turned around: for those who are told of something, or whom somebody speaks to.
    """
    accepted = and_(BoardCourse.board_id == board_id, BoardCourse.accepted_at.is_not(None))
    joined = select(BoardCourse.course_id).join(_BOARD, _BOARD.id == BoardCourse.board_id)
    courses = union_all(
        select(_BOARD.course_id).where(_BOARD.id == board_id),
        joined.where(accepted, _BOARD.audience == Audience.COURSES),
    )
    of_cohort = (
        select(CohortMember.person_id)
        .join(BoardCohort, BoardCohort.cohort_id == CohortMember.cohort_id)
        .where(BoardCohort.board_id == board_id)
    )
    is_for_all = exists().where(_BOARD.id == board_id, _BOARD.audience != Audience.COHORT)
    is_theirs = or_(ENROLLED.role.in_(RUNS), ENROLLED.person_id.in_(of_cohort), is_for_all)
    return and_(ENROLLED.left_at.is_(None), ENROLLED.course_id.in_(courses), is_theirs)


def boards_joined_by(course_ids: Any) -> Any:
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
