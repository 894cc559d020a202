"""Several courses on one board: the owning course asks, the other accepts and may leave. And who else may be asked."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, delete, exists, select
from sqlalchemy.orm import Session

from lti_tool.access import Actor, require
from lti_tool.boards.charter import note, put_cohort
from lti_tool.boards.charter_models import BoardCohort, BoardCourse
from lti_tool.boards.lines import BoardLine
from lti_tool.boards.models import Board, Thread
from lti_tool.boards.rules import Audience
from lti_tool.core import clock
from lti_tool.core.errors import Conflict, NotFound
from lti_tool.core.language import gettext as _
from lti_tool.journal import record
from lti_tool.people import Course, CourseLine


@dataclass(frozen=True, slots=True)
class Asking:
    """A board of another course that this course was asked to join, or has joined."""

    board_public_id: str
    title: str
    purpose: str
    course_title: str
    accepted_at: datetime | None


@dataclass(frozen=True, slots=True)
class Guest:
    """Another course that was asked to join a board."""

    public_id: str
    title: str
    accepted_at: datetime | None


def courses_asking(db: Session, course: CourseLine) -> list[Asking]:
    """Which boards of other courses this course was asked to join, and has joined."""
    rows = db.execute(
        select(Board.public_id, Board.title, Board.purpose, Course.title, BoardCourse.accepted_at)
        .join(Board, Board.id == BoardCourse.board_id)
        .join(Course, Course.id == Board.course_id)
        .where(BoardCourse.course_id == course.id)
        .order_by(Board.title)
    )
    return [Asking(*row) for row in rows]


def guests_of(db: Session, line: BoardLine) -> list[Guest]:
    """The courses that were asked to join a board."""
    rows = db.execute(
        select(Course.public_id, Course.title, BoardCourse.accepted_at)
        .join(BoardCourse, BoardCourse.course_id == Course.id)
        .where(BoardCourse.board_id == line.id)
        .order_by(Course.title, Course.id)
    )
    return [Guest(*row) for row in rows]


def others_of(db: Session, line: BoardLine) -> list[tuple[str, str]]:
    """(public id, title) of the courses of the trust that have not been asked."""
    is_asked = exists().where(BoardCourse.board_id == line.id, BoardCourse.course_id == Course.id).correlate(Course)
    others = and_(Course.trust_id == line.course.trust_id, Course.id != line.course.id, ~is_asked)
    rows = db.execute(select(Course.public_id, Course.title).where(others).order_by(Course.title, Course.id))
    return [(public_id, title) for public_id, title in rows]


def is_written(db: Session, line: BoardLine) -> bool:
    """Whether anybody has written on a board."""
    return db.scalar(select(Thread.id).where(Thread.board_id == line.id).limit(1)) is not None


def change_audience(db: Session, actor: Actor, line: BoardLine, audience: Audience, cohort: str) -> None:
    """Another audience, as long as nobody has written: whoever wrote did so for those who read it then."""
    require(actor, "board.manage", line.thing)
    if is_written(db, line):
        raise Conflict(_("People have written here for those who read it now. Open another board for others."))
    board = db.get_one(Board, line.id)
    board.audience = audience
    db.execute(delete(BoardCohort).where(BoardCohort.board_id == line.id))
    db.execute(delete(BoardCourse).where(BoardCourse.board_id == line.id))
    put_cohort(db, board, cohort)
    note(db, actor, line, "board.audience_changed")


def ask_course(db: Session, actor: Actor, line: BoardLine, public_id: str) -> None:
    """Ask another course of the trust to join. Asking twice changes nothing."""
    require(actor, "board.manage", line.thing)
    course_id = _course_number(db, line, public_id)
    if line.audience != Audience.COURSES or course_id == line.course.id:
        raise Conflict(_("This board is for one course."))
    if db.get(BoardCourse, (line.id, course_id)) is None:
        asked = {"board_id": line.id, "course_id": course_id, "trust_id": line.course.trust_id}
        db.add(BoardCourse(**asked, asked_at=clock.now()))
        db.flush()
        note(db, actor, line, "board.course_asked")


def drop_course(db: Session, actor: Actor, line: BoardLine, public_id: str) -> None:
    """The other course reads here no longer, or is not asked any more. What its people wrote stays."""
    require(actor, "board.manage", line.thing)
    course_id = _course_number(db, line, public_id)
    db.execute(delete(BoardCourse).where(BoardCourse.board_id == line.id, BoardCourse.course_id == course_id))
    note(db, actor, line, "board.course_dropped")


def _course_number(db: Session, line: BoardLine, public_id: str) -> int:
    inside = and_(Course.public_id == public_id, Course.trust_id == line.course.trust_id)
    course_id = db.scalar(select(Course.id).where(inside))
    if course_id is None:
        raise NotFound(_("There is no such course in this trust."))
    return course_id


def answer_asking(db: Session, actor: Actor, course: CourseLine, board_public_id: str, *, is_accepted: bool) -> None:
    """For this course: join the board that it was asked to join, or leave it. Joining twice changes nothing."""
    require(actor, "board.join", course.thing)
    asked = db.scalars(
        select(BoardCourse)
        .join(Board, Board.id == BoardCourse.board_id)
        .where(Board.public_id == board_public_id, BoardCourse.course_id == course.id)
    ).first()
    if asked is None:
        raise NotFound(_("This course is not asked to join that board any more."))
    if is_accepted:
        asked.accepted_at, asked.accepted_by = asked.accepted_at or clock.now(), actor.person_id
    else:
        db.delete(asked)
    verb = "board.joined" if is_accepted else "board.left"
    record(db, trust_id=course.trust_id, actor=actor.public_id, verb=verb, subject=f"board:{board_public_id}")
