"""Lists of cases: the case board, what waits for a reviewer, what is with its author. Nothing of how a case ends."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from lti_tool.access import Actor
from lti_tool.boards import Thread
from lti_tool.cases.models import Case, CaseAnswer, CaseDecision
from lti_tool.cases.queries import answers_so_far, joined, reviews, stands
from lti_tool.cases.rules import PAGE_OF_CASES, CaseState
from lti_tool.core.paging import Cursor, Page
from lti_tool.people import Course, CourseLine


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A case as lists show it: nothing of how it ends."""

    public_id: str
    title: str
    speciality: str
    state: CaseState
    course: CourseLine
    is_mine: bool
    is_shared: bool
    has_answered: bool
    answers: int
    at: datetime


def _lines(actor: Actor) -> Select[*tuple[Any, ...]]:
    at = func.coalesce(Case.published_at, Case.state_at, type_=Case.state_at.type)
    return joined(
        select(
            Case.public_id, Case.title, Case.speciality, Case.state, Course.id, Course.public_id, Course.trust_id,
            Course.title, (Case.author_id == actor.person_id), func.coalesce(Thread.is_shared, False),
            CaseAnswer.answered_at.is_not(None), answers_so_far(), at, Case.id,
        ),
        actor,
    )  # fmt: skip


def _line(row: Any) -> CaseLine:
    public_id, title, speciality, state = row[:4]
    is_mine, is_shared, has_answered = (bool(value) for value in row[8:11])
    course = CourseLine(*row[4:8])
    return CaseLine(
        public_id, title, speciality, CaseState(state), course, is_mine, is_shared, has_answered, row[11], row[12]
    )


def page_of_cases(
    db: Session, actor: Actor, course: CourseLine, show: str = "all", speciality: str = "", after: Cursor | None = None
) -> Page[CaseLine]:
    """What a course's case board shows, the newest first. `show` is all, new (not answered by the actor) or mine."""
    mine = Case.author_id == actor.person_id
    kinds = {"mine": mine, "new": and_(~mine, stands(), CaseAnswer.answered_at.is_(None))}
    statement = (
        _lines(actor)
        .where(or_(Case.course_id == course.id, and_(stands(), Thread.is_shared)))
        .where(kinds.get(show, or_(stands(), mine)), or_(stands(), mine))
        .where(Case.state != CaseState.WITHDRAWN)
        .order_by(Case.id.desc())
        .limit(PAGE_OF_CASES + 1)
    )
    if speciality:
        statement = statement.where(Case.speciality == speciality)
    if after:
        statement = statement.where(Case.id < after.major)
    rows = db.execute(statement).all()
    more = Cursor(rows[PAGE_OF_CASES - 1][-1], 0).encode() if len(rows) > PAGE_OF_CASES else None
    return Page([_line(row) for row in rows[:PAGE_OF_CASES]], more)


def newest_case(db: Session, actor: Actor, course: CourseLine) -> CaseLine | None:
    """The newest case that stands on a course's board."""
    row = db.execute(
        _lines(actor)
        .where(or_(Case.course_id == course.id, Thread.is_shared), stands())
        .order_by(Case.published_at.desc(), Case.id.desc())
        .limit(1)
    ).first()
    return _line(row) if row else None


def _waits(actor: Actor) -> ColumnElement[bool]:
    """The cases that this person can review: in review, in a course that they teach, and not their own."""
    return and_(reviews(actor), Case.state == CaseState.PENDING, Case.author_id != actor.person_id)


def waiting_cases(db: Session, actor: Actor, most: int = 20) -> list[CaseLine]:
    """What waits for this reviewer in all their courses, the oldest first."""
    return [_line(row) for row in db.execute(_lines(actor).where(_waits(actor)).order_by(Case.state_at).limit(most))]


def waiting_cases_count(actor: Actor) -> ScalarSelect[int]:
    """For the bar: how many cases wait for this reviewer."""
    return select(func.count()).select_from(Case).where(_waits(actor)).scalar_subquery()


def my_unfinished(db: Session, actor: Actor, course: CourseLine) -> list[CaseLine]:
    """The actor's own cases of a course that are with them, or in review."""
    open_ones = (CaseState.DRAFT, CaseState.PENDING, CaseState.RETURNED, CaseState.REJECTED)
    mine = and_(Case.author_id == actor.person_id, Case.course_id == course.id, Case.state.in_(open_ones))
    return [_line(row) for row in db.execute(_lines(actor).where(mine).order_by(Case.state_at.desc()).limit(20))]


def find_case_of_thread(db: Session, actor: Actor, thread_public_id: str) -> CaseLine | None:
    """The case that lies upon a thread, if the actor may know of it."""
    row = db.execute(_lines(actor).where(Thread.public_id == thread_public_id)).first()
    return _line(row) if row else None


def decisions_on_cases(
    db: Session, actor: Actor, course: CourseLine, most: int = 50
) -> list[tuple[str, str, datetime]]:
    """(verb, reason, when) for the public log of a course: no names, no titles, no notes."""
    rows = db.execute(
        select(CaseDecision.verb, CaseDecision.reason, CaseDecision.decided_at)
        .where(CaseDecision.course_id == course.id, CaseDecision.trust_id == actor.trust_id)
        .order_by(CaseDecision.id.desc())
        .limit(most)
    )
    return [(verb, reason, at) for verb, reason, at in rows]
