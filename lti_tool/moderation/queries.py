"""Reading decisions and reports."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from sqlalchemy import ColumnElement, Select, case, exists, select
from sqlalchemy.orm import Session, aliased

from lti_tool.access import Actor
from lti_tool.boards import Board, Post, Sight, Thread, second_of
from lti_tool.core import clock
from lti_tool.core.paging import Page
from lti_tool.moderation.models import Absence, Decision, Report
from lti_tool.moderation.rules import BEYOND, NO_DECISIONS, Verb
from lti_tool.people import CourseLine, education_administrators

PAGE_OF_DECISIONS = 50


@dataclass(frozen=True, slots=True)
class DecisionLine:
    """A decision as its log shows it. `title` is for those who may read it, on a moderator's own page only."""

    id: int
    public_id: str
    verb: str
    reason: str
    note: str
    decided_at: datetime
    board_title: str
    post_public_id: str
    thread_public_id: str
    title: str
    is_first: bool
    reverses: str | None
    is_taken_back: bool
    is_newest: bool


@dataclass(frozen=True, slots=True)
class ReportLine:
    """Why a post was reported, without who did."""

    reason: str
    note: str
    reported_at: datetime


def _is_reversed(*verbs: Verb) -> ColumnElement[bool]:
    """Whether a later decision takes this one back: one of these verbs, or any."""
    later = aliased(Decision)
    found = exists().where(later.reverses == Decision.public_id)
    return found.where(later.verb.in_(verbs)) if verbs else found


def _is_newest() -> ColumnElement[bool]:
    """Whether nothing has been decided about its post since."""
    later = aliased(Decision)
    return ~exists().where(later.post_id == Decision.post_id, later.id > Decision.id)


def _counts() -> ColumnElement[bool]:
    """What the log shows: not what was undone before anybody was told, nor what decides nothing."""
    return Decision.verb.not_in(NO_DECISIONS) & ~_is_reversed(Verb.UNDO)


def _decisions(db: Session, actor: Actor) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Decision.id, Decision.public_id, Decision.verb, Decision.reason, Decision.note, Decision.decided_at,
            Board.title, Post.public_id, Thread.public_id,
            case((Sight.of(db, actor).visible_words, Thread.title), else_=""), Post.is_first, Decision.reverses,
            _is_reversed(), _is_newest(),
        )
        .join(Post, Post.id == Decision.post_id)
        .join(Thread, Thread.id == Post.thread_id)
        .join(Board, Board.id == Post.board_id)
        .order_by(Decision.id.desc())
    )  # fmt: skip


def _page(db: Session, actor: Actor, condition: ColumnElement[bool], before: int | None) -> Page[DecisionLine]:
    statement = _decisions(db, actor).where(condition).limit(PAGE_OF_DECISIONS + 1)
    if before is not None:
        statement = statement.where(Decision.id < before)
    lines = [DecisionLine(*row) for row in db.execute(statement)]
    shown = lines[:PAGE_OF_DECISIONS]
    return Page(shown, str(shown[-1].id) if len(lines) > PAGE_OF_DECISIONS else None)


def page_of_log(db: Session, actor: Actor, course: CourseLine, before: int | None = None) -> Page[DecisionLine]:
    """The public log of a course: what was decided and why, newest first. The template shows no title and no note."""
    here = (Decision.course_id == course.id) & (Decision.trust_id == actor.trust_id)
    return _page(db, actor, here & _counts(), before)


def page_of_own(db: Session, actor: Actor, before: int | None = None) -> Page[DecisionLine]:
    """The actor's own decisions, newest first."""
    return _page(db, actor, Decision.decided_by == actor.person_id, before)


def open_reports(db: Session, post_id: int) -> list[ReportLine]:
    """Reports of a post that nobody has answered."""
    rows = db.execute(
        select(Report.reason, Report.note, Report.reported_at)
        .where(Report.post_id == post_id, Report.settled_at.is_(None))
        .order_by(Report.id)
    )
    return [ReportLine(*row) for row in rows]


def has_reported(db: Session, actor: Actor, post_id: int) -> bool:
    """Whether the actor has reported this post before."""
    found = select(Report.id).where(Report.post_id == post_id, Report.person_id == actor.person_id)
    return db.scalar(found) is not None


def who_is_told_late(db: Session, post_public_id: str) -> list[int]:
    """Whom to tell that a post is late: its board's second moderator, or else the trust's education administrators.

    Nobody, once it no longer waits. Its author is not told, and nobody who is away.
    """
    row = db.execute(
        select(Post.board_id, Post.trust_id, Post.author_id).where(
            Post.public_id == post_public_id, Post.waiting_since.is_not(None)
        )
    ).first()
    if row is None:
        return []
    second = second_of(db, row.board_id)
    away = select(Absence.person_id).where(Absence.until > clock.now())
    told = [second] if second is not None else []
    told = [number for number in told if number != row.author_id and number not in set(db.scalars(away))]
    return told or [number for number in education_administrators(db, row.trust_id) if number != row.author_id]


def median_minutes(db: Session, course_ids: Iterable[int]) -> int | None:
    """How long posts of these courses waited for a decision in the last week: the median in minutes."""
    since = clock.now() - timedelta(days=7)
    waits = db.scalars(
        select(Decision.waited_s)
        .where(Decision.course_id.in_(list(course_ids)), Decision.decided_at > since)
        .where(Decision.reverses.is_(None), Decision.verb.not_in(BEYOND), _counts())
        .order_by(Decision.id.desc())
        .limit(500)
    ).all()
    return round(median(waits) / 60) if waits else None
