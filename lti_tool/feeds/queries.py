"""Reading feeds: whose address it is, what its audience may see today, and the stored blocks of that.

A feed's owner reads pages as an actor. A calendar is read by nobody: there the address decides whose feed it is, and
the person's enrolments on the day decide what it holds.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session

from lti_tool.access import Actor, Role, Thing, may
from lti_tool.core.db import as_trust, fetch
from lti_tool.core.errors import NotFound
from lti_tool.core.language import gettext as _
from lti_tool.feeds.ics import Stamp
from lti_tool.feeds.models import CalendarBlock, Feed, RetiredAddress
from lti_tool.feeds.rules import (
    MOST_SESSIONS,
    MY_GRADE,
    OUTLIVES_ENROLMENT,
    Filter,
    Rendered,
    Window,
    left_at,
)
from lti_tool.people import Course, CourseLine, Enrolment, find_rotation
from lti_tool.programme import SessionLine, SessionState, TeachingSession, is_for, session_facts

UNRENDERED_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class FeedLine:
    """A feed as its owner's pages and its address need it."""

    id: int
    public_id: str
    trust_id: int
    person_id: int
    name: str
    filter: Filter
    generation: int
    token_hash: bytes
    seen_courses: Mapping[int, date]
    created_at: datetime
    addressed_at: datetime
    last_fetched_at: datetime | None
    off_at: datetime | None
    board: str = ""

    def thing(self, course: CourseLine) -> Thing:
        """What the policy needs to know of it, on a page of this course. Only its owner is ever given one."""
        return Thing(trust_id=self.trust_id, course_id=course.id, is_mine=True)


@dataclass(frozen=True, slots=True)
class Audience:
    """Whoever sees the same teaching: what blocks are chosen and kept by, instead of by person.

    Of the courses that they `plan` they see everything, whatever their own grade.
    """

    trust_id: int
    courses: tuple[int, ...]
    plans: tuple[int, ...]
    grades: tuple[str, ...]
    is_core_only: bool

    def sees(self, course_id: int, grades: Collection[str]) -> bool:
        """Whether a session of one of these courses is for them; no grade of theirs means everything."""
        return course_id in self.plans or not self.grades or any(is_for(grades, grade) for grade in self.grades)


@dataclass(frozen=True, slots=True)
class Reader:
    """What the owner of an address may see today. `courses` are theirs now; `gone_at` is set when none is left."""

    audience: Audience
    courses: frozenset[int]
    changed_at: datetime
    gone_at: datetime | None


def _feeds() -> Select[*tuple[Any, ...]]:
    f = Feed
    return select(
        f.id, f.public_id, f.trust_id, f.person_id, f.name, f.filter, f.generation, f.token_hash, f.seen_courses,
        f.created_at, f.addressed_at, f.last_fetched_at, f.revoked_at, f.board,
    )  # fmt: skip


def _line(row: Row[Any], retired_at: datetime | None = None) -> FeedLine:
    return FeedLine(
        id=row.id,
        public_id=row.public_id,
        trust_id=row.trust_id,
        person_id=row.person_id,
        name=row.name,
        filter=Filter.of(row.filter),
        generation=row.generation,
        token_hash=row.token_hash,
        seen_courses={int(course): date.fromisoformat(day) for course, day in row.seen_courses.items()},
        created_at=row.created_at,
        addressed_at=row.addressed_at,
        last_fetched_at=row.last_fetched_at,
        off_at=min(filter(None, (row.revoked_at, retired_at)), default=None),
        board=row.board,
    )


# What every fetch asks is put together once, and read without the mapper: a fetch costs half as much.
_BY_ADDRESS = _feeds().where(Feed.token_hash == bindparam("token_hash"))
_RETIRED = (
    _feeds()
    .add_columns(RetiredAddress.retired_at)
    .join(RetiredAddress, RetiredAddress.feed_id == Feed.id)
    .where(RetiredAddress.token_hash == bindparam("token_hash"))
)
_ENROLLED = select(Enrolment.course_id, Enrolment.role, Enrolment.since).where(
    Enrolment.person_id == bindparam("person_id"),
    Enrolment.trust_id == bindparam("trust_id"),
    Enrolment.left_at.is_(None),
)
_MARK = select(func.count(), func.sum(TeachingSession.version), func.max(TeachingSession.changed_at)).where(
    TeachingSession.trust_id == bindparam("trust_id"),
    TeachingSession.course_id.in_(bindparam("courses", expanding=True)),
)


def find_feed(db: Session, token_hash: bytes) -> FeedLine | None:
    """The feed that has this address, or had it; None when nobody ever had. Needs no actor: the address is the key.

    From here on the session is within the feed's trust.
    """
    given = {"token_hash": token_hash}
    line = _line(row) if (row := fetch(db, _BY_ADDRESS, given).first()) else None
    if line is None and (old := fetch(db, _RETIRED, given).first()):
        line = _line(old, old.retired_at)
    if line is not None:
        as_trust(db, line.trust_id)
    return line


def feeds_of(db: Session, actor: Actor) -> list[FeedLine]:
    """The actor's own calendars that are on, the first made first."""
    rows = db.execute(_feeds().where(_is_own(actor), Feed.revoked_at.is_(None), Feed.board == "").order_by(Feed.id))
    return [_line(row) for row in rows]


def find_feed_of_board(db: Session, actor: Actor, board: str) -> FeedLine | None:
    """The actor's own feed of a board, if it is on."""
    it = and_(_is_own(actor), Feed.revoked_at.is_(None), Feed.board == board)
    row = db.execute(_feeds().where(it).order_by(Feed.id.desc()).limit(1)).first()
    return _line(row) if row else None


def get_feed(db: Session, actor: Actor, public_id: str) -> FeedLine:
    """A feed of the actor's own, on or off. Raises NotFound."""
    row = db.execute(_feeds().where(_is_own(actor), Feed.public_id == public_id)).first()
    if row is None:
        raise NotFound(_("There is no such link, or it is somebody else’s."))
    return _line(row)


def _is_own(actor: Actor) -> ColumnElement[bool]:
    return and_(Feed.trust_id == actor.trust_id, Feed.person_id == actor.person_id)


def courses_of(db: Session, actor: Actor) -> list[CourseLine]:
    """The courses in which the actor is, by title."""
    rows = db.execute(
        select(Course.id, Course.public_id, Course.trust_id, Course.title)
        .where(Course.trust_id == actor.trust_id, Course.id.in_(actor.roles))
        .order_by(Course.title, Course.id)
    )
    return [CourseLine(*row) for row in rows]


def reader_of(db: Session, feed: FeedLine, today: date) -> Reader:
    """What the feed's owner may see today: by enrolment now, or by one that ended at most a month ago."""
    owner = {"person_id": feed.person_id, "trust_id": feed.trust_id}
    rows = fetch(db, _ENROLLED, owner).all()
    roles = {row.course_id: Role(row.role) for row in rows}
    lately = {course for course, day in feed.seen_courses.items() if today <= day + OUTLIVES_ENROLMENT}
    may_see = roles.keys() | lately
    chosen = set(feed.filter.courses) & may_see if feed.filter.courses else may_see
    return Reader(
        audience=_audience(db, feed, chosen, roles, today),
        courses=frozenset(roles),
        changed_at=max([feed.addressed_at, *(row.since for row in rows)]),
        gone_at=None if may_see else left_at(feed.seen_courses.values()),
    )


def _audience(db: Session, feed: FeedLine, chosen: set[int], roles: Mapping[int, Role], today: date) -> Audience:
    """The grade of a filter that says "mine" is today's; it narrows nothing in a course that the owner plans."""
    grades, plans = feed.filter.grades, set()
    if MY_GRADE in grades:
        grade = own_grade(db, feed.person_id, today)
        grades = tuple(filter(None, (grade if code == MY_GRADE else code for code in grades)))
        owner = Actor(feed.person_id, "", feed.trust_id, "", roles)
        plans = {course for course in chosen if may(owner, "session.plan", Thing(feed.trust_id, course))}
    return Audience(
        trust_id=feed.trust_id,
        courses=tuple(sorted(chosen)),
        plans=tuple(sorted(plans)) if grades else (),
        grades=grades,
        is_core_only=feed.filter.is_core_only,
    )


def own_grade(db: Session, person_id: int, today: date) -> str | None:
    """A person's grade by their rotation; None for who has said none and may come to everything."""
    rotation = find_rotation(db, person_id, today)
    return rotation.grade if rotation else None


def change_mark(db: Session, audience: Audience) -> tuple[int, int, datetime | None]:
    """What is different as soon as any session of these courses is: how many, all their versions, the last change."""
    asked = {"trust_id": audience.trust_id, "courses": audience.courses}
    row = fetch(db, _MARK, asked).one()
    return row[0], row[1] or 0, row[2]


def blocks_of(db: Session, audience: Audience, window: Window) -> list[tuple[str, int, Rendered | None]]:
    """(public id, version of the row, stored block) of each session that the calendar holds, the earliest first."""
    s, b = TeachingSession, CalendarBlock
    is_shown = or_(
        and_(s.state == SessionState.PLANNED, s.ends_at >= window.from_at),
        and_(s.state == SessionState.CANCELLED, s.ends_at >= window.cancelled_from_at),
    )
    rows = db.execute(
        select(s.public_id, s.version, s.course_id, s.grades, b.version, b.sequence, b.modified_at, b.body, b.hash)
        .outerjoin(b, b.session_id == s.id)
        .where(
            s.trust_id == audience.trust_id,
            s.course_id.in_(audience.courses),
            s.deleted_at.is_(None),
            s.starts_at < window.until_at,
            is_shown,
            s.is_core | (not audience.is_core_only),
        )
        .order_by(s.starts_at, s.id)
        .limit(MOST_SESSIONS)
    )
    return [(row[0], row[1], rendered(*row[4:])) for row in rows if audience.sees(row[2], row[3])]


def rendered(version: int | None, sequence: int, modified_at: datetime, body: bytes, hash_: bytes) -> Rendered | None:
    """A stored block's columns; None where there is no block."""
    return None if version is None else Rendered(version, Stamp(sequence, modified_at), body, hash_)


def find_block(db: Session, session_id: int) -> Rendered | None:
    """The stored block of a session."""
    b = CalendarBlock
    row = db.execute(
        select(b.version, b.sequence, b.modified_at, b.body, b.hash).where(b.session_id == session_id)
    ).first()
    return rendered(*row) if row else None


def unrendered_sessions(db: Session, trust_id: int) -> list[SessionLine]:
    """Sessions of a trust without a block, some at a time. For the worker."""
    s, b = TeachingSession, CalendarBlock
    missing = (
        select(s.public_id)
        .outerjoin(b, b.session_id == s.id)
        .where(s.trust_id == trust_id, b.session_id.is_(None), s.deleted_at.is_(None))
        .order_by(s.starts_at.desc())
        .limit(UNRENDERED_AT_ONCE)
    )
    return [facts for public_id in db.scalars(missing).all() if (facts := session_facts(db, public_id))]


def count_ahead(db: Session, audience: Audience, now: datetime, until_at: datetime) -> int:
    """How many sessions are to come that the audience would see."""
    s = TeachingSession
    rows = db.execute(
        select(s.course_id, s.grades).where(
            s.trust_id == audience.trust_id,
            s.course_id.in_(audience.courses),
            s.deleted_at.is_(None),
            s.state == SessionState.PLANNED,
            s.ends_at > now,
            s.starts_at < until_at,
            s.is_core | (not audience.is_core_only),
        )
    )
    return sum(audience.sees(*row) for row in rows)
