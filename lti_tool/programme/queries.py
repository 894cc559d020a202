"""Reading teaching: the sessions of one's courses; all of the trust for an education administrator.

Lists select columns. A deleted session is not found by anybody.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.orm import Session

from lti_tool.access import Actor, Thing, may
from lti_tool.core import clock
from lti_tool.core.errors import NotFound
from lti_tool.core.ids import digest
from lti_tool.core.language import gettext as _
from lti_tool.people import Course, CourseLine, find_rotation
from lti_tool.programme.models import TeachingSession
from lti_tool.programme.rules import (
    LONGEST,
    MOST_SESSIONS,
    SessionDraft,
    SessionState,
    grades_words,
    is_for,
    is_same,
    london_day,
    share_grades,
    short_day,
    slot_words,
    worth_words,
)

MOST_CLASHES = 20


@dataclass(frozen=True, slots=True)
class SessionLine:
    """A teaching session as pages and calendars show it. `grades` empty means all."""

    id: int
    public_id: str
    uid: str
    course: CourseLine
    title: str
    description: str
    speaker: str
    room: str
    online_url: str
    starts_at: datetime
    ends_at: datetime
    grades: tuple[str, ...]
    is_core: bool
    cpd_points: Decimal
    state: SessionState
    cancelled_at: datetime | None
    cancel_reason: str
    moved_at: datetime | None
    moved_from: str
    changed_at: datetime
    version: int
    has_begun: bool

    @property
    def is_cancelled(self) -> bool:
        """Whether it does not take place."""
        return self.state == SessionState.CANCELLED

    @property
    def on_day(self) -> date:
        """The day in the United Kingdom."""
        return london_day(self.starts_at)

    @property
    def day(self) -> str:
        """Wed 25 Nov"""
        return short_day(self.on_day)

    @property
    def cancelled_day(self) -> str:
        """Fri 20 Nov, when it was cancelled; empty while it is not."""
        return short_day(london_day(self.cancelled_at)) if self.cancelled_at else ""

    @property
    def for_whom(self) -> str:
        """All grades · F1, F2."""
        return grades_words(self.grades)

    @property
    def worth(self) -> str:
        """Core, 1 CPD point; empty for neither."""
        return worth_words(self.is_core, self.cpd_points)

    @property
    def moved_words(self) -> tuple[str, str]:
        """What the last move changed, and what it was: ("Moved online.", "It was in Seminar room 2.")."""
        head, _dot, rest = self.moved_from.partition(". ")
        return (f"{head}.", rest) if rest else (self.moved_from, "")

    @property
    def draft(self) -> SessionDraft:
        """What is planned, as if it were to be planned now."""
        return SessionDraft(
            title=self.title,
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            description=self.description,
            speaker=self.speaker,
            room=self.room,
            online_url=self.online_url,
            grades=self.grades,
            is_core=self.is_core,
            cpd_points=self.cpd_points,
        )

    @property
    def thing(self) -> Thing:
        """What the policy needs to know of it."""
        return Thing(trust_id=self.course.trust_id, course_id=self.course.id, is_open=not self.has_begun)


@dataclass(frozen=True, slots=True)
class Clash:
    """Another session at the same time that needs the same room, speaker or people. Nothing else is told of it."""

    title: str
    starts_at: datetime
    ends_at: datetime
    room: str
    same_room: bool
    same_speaker: bool
    same_grades: bool

    @property
    def slot(self) -> str:
        """on Wed 25 Nov, 13:00 to 14:00"""
        return slot_words(self.starts_at, self.ends_at)


def visible_sessions(actor: Actor) -> ColumnElement[bool]:
    """The one condition under which a session may be read."""
    return and_(_of_my_courses(actor), TeachingSession.deleted_at.is_(None))


def _of_my_courses(actor: Actor) -> ColumnElement[bool]:
    inside = TeachingSession.trust_id == actor.trust_id
    if actor.runs_education:
        return inside
    return and_(inside, TeachingSession.course_id.in_(actor.roles))


def _sessions() -> Select[*tuple[Any, ...]]:
    s = TeachingSession
    return select(
        s.id, s.public_id, s.uid, s.title, s.description, s.speaker, s.room, s.online_url, s.starts_at, s.ends_at,
        s.grades, s.is_core, s.cpd_points, s.state, s.cancelled_at, s.cancel_reason, s.moved_at, s.moved_from,
        s.changed_at, s.version,
        Course.id.label("course_id"), Course.public_id.label("course_public_id"), Course.trust_id,
        Course.title.label("course_title"),
    ).join(Course, Course.id == s.course_id)  # fmt: skip


def _line(row: Any) -> SessionLine:
    return SessionLine(
        id=row.id,
        public_id=row.public_id,
        uid=row.uid,
        course=CourseLine(row.course_id, row.course_public_id, row.trust_id, row.course_title),
        title=row.title,
        description=row.description,
        speaker=row.speaker,
        room=row.room,
        online_url=row.online_url,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        grades=tuple(row.grades),
        is_core=row.is_core,
        cpd_points=row.cpd_points,
        state=SessionState(row.state),
        cancelled_at=row.cancelled_at,
        cancel_reason=row.cancel_reason,
        moved_at=row.moved_at,
        moved_from=row.moved_from,
        changed_at=row.changed_at,
        version=row.version,
        has_begun=row.starts_at <= clock.now(),
    )


def find_session(db: Session, actor: Actor, public_id: str) -> SessionLine | None:
    """A session that the actor may read."""
    row = db.execute(_sessions().where(TeachingSession.public_id == public_id, visible_sessions(actor))).first()
    return _line(row) if row else None


def get_session(db: Session, actor: Actor, public_id: str) -> SessionLine:
    """A session that the actor may read. Raises NotFound."""
    line = find_session(db, actor, public_id)
    if line is None:
        raise NotFound(_("There is no such teaching, or it is not for you. It may have been deleted."))
    return line


def session_facts(db: Session, public_id: str) -> SessionLine | None:
    """A session for a job that nobody reads (calendar blocks, notices, landmarks); None when it was deleted."""
    is_it = and_(TeachingSession.public_id == public_id, TeachingSession.deleted_at.is_(None))
    row = db.execute(_sessions().where(is_it)).first()
    return _line(row) if row else None


def sessions_between(
    db: Session,
    actor: Actor,
    from_at: datetime,
    until_at: datetime,
    course: CourseLine | None = None,
    most: int = MOST_SESSIONS,
) -> list[SessionLine]:
    """Sessions that begin in [from_at, until_at), the earliest first, cancelled ones too: of a course, or of all
    that the actor may read."""
    starts_at = TeachingSession.starts_at
    statement = _sessions().where(visible_sessions(actor), starts_at >= from_at, starts_at < until_at)
    if course is not None:
        statement = statement.where(TeachingSession.course_id == course.id)
    return [_line(row) for row in db.execute(statement.order_by(starts_at, TeachingSession.id).limit(most))]


def sessions_named(db: Session, actor: Actor, public_ids: set[str]) -> dict[str, SessionLine]:
    """Those of these sessions that the actor may read."""
    if not public_ids:
        return {}
    rows = db.execute(_sessions().where(TeachingSession.public_id.in_(public_ids), visible_sessions(actor)))
    return {row.public_id: _line(row) for row in rows}


def next_session(db: Session, actor: Actor, course: CourseLine, grade: str | None) -> SessionLine | None:
    """The next teaching of a course that takes place and is for this grade, also while it goes on."""
    statement = (
        _sessions()
        .where(
            visible_sessions(actor),
            TeachingSession.course_id == course.id,
            TeachingSession.ends_at > clock.now(),
            TeachingSession.starts_at > clock.now() - LONGEST,
            TeachingSession.state == SessionState.PLANNED,
        )
        .order_by(TeachingSession.starts_at, TeachingSession.id)
        .limit(MOST_SESSIONS)
    )
    return next((line for line in map(_line, db.execute(statement)) if is_for(line.grades, grade)), None)


def grade_for(db: Session, actor: Actor, course: CourseLine) -> str | None:
    """The grade by which teaching is chosen for the actor: today's, by their rotation.

    None, which is everything, for who has said none, and for those who plan here.
    """
    if may(actor, "session.plan", course.thing):
        return None
    rotation = find_rotation(db, actor.person_id, london_day(clock.now()))
    return rotation.grade if rotation else None


def find_deleted(db: Session, actor: Actor, public_id: str) -> CourseLine | None:
    """The course of a session that is deleted already: a second click on Delete is no fault."""
    row = db.execute(
        select(Course.id, Course.public_id, Course.trust_id, Course.title)
        .join(TeachingSession, TeachingSession.course_id == Course.id)
        .where(
            TeachingSession.public_id == public_id,
            TeachingSession.deleted_at.is_not(None),
            _of_my_courses(actor),
        )
    ).first()
    return CourseLine(*row) if row else None


def clashes(
    db: Session, actor: Actor, course: CourseLine, draft: SessionDraft, but: SessionLine | None = None
) -> list[Clash]:
    """What else of the trust happens in this slot in the same room, with the same speaker or for the same people.

    `but` is the session itself when it is being changed. For planners: they ask before they may read all of it.
    """
    s = TeachingSession
    statement = select(s.title, s.starts_at, s.ends_at, s.room, s.speaker, s.grades, s.course_id).where(
        s.trust_id == actor.trust_id,
        s.deleted_at.is_(None),
        s.state == SessionState.PLANNED,
        s.starts_at < draft.ends_at,
        s.starts_at > draft.starts_at - LONGEST,
        s.ends_at > draft.starts_at,
        s.id != (but.id if but else 0),
    )
    rows = db.execute(statement.order_by(s.starts_at, s.id).limit(MOST_SESSIONS))
    found = [clash for row in rows if (clash := _clash(row, course, draft))]
    return found[:MOST_CLASHES]


def _clash(row: Any, course: CourseLine, draft: SessionDraft) -> Clash | None:
    same_room = bool(draft.room) and is_same(row.room, draft.room)
    same_speaker = bool(draft.speaker) and is_same(row.speaker, draft.speaker)
    same_grades = share_grades(row.grades, draft.grades, row.course_id == course.id)
    if not (same_room or same_speaker or same_grades):
        return None
    return Clash(row.title, row.starts_at, row.ends_at, row.room, same_room, same_speaker, same_grades)


def clash_mark(found: list[Clash]) -> str:
    """A short name for exactly these clashes: a form carries it once they have been shown. Empty for none."""
    return digest(repr(found)).hex()[:16] if found else ""


def was_sent(db: Session, actor: Actor, once: str) -> bool:
    """Whether this form has been sent before (a double click)."""
    is_it = and_(TeachingSession.once == once, _of_my_courses(actor))
    return db.scalar(select(TeachingSession.id).where(is_it)) is not None


def chips(actor: Actor, grade: str | None) -> list[tuple[str, str]]:
    """What the reader may choose to see: (name, label). More than one course only for those who may read more."""
    found = [("me", _("Everything for me") if grade else _("Everything"))]
    if grade:
        found.append(("all", _("Every grade")))
    found.append(("core", _("Core")))
    if actor.runs_education:
        found.append(("trust", _("Whole trust")))
    elif len(actor.roles) > 1:
        found.append(("trust", _("All my courses")))
    return found
