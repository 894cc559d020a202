"""Every change of teaching. Each that somebody can see moves `changed_at` on, and is a line of the journal."""

import uuid
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lti_tool.access import Actor, require
from lti_tool.core import clock
from lti_tool.core.errors import Conflict
from lti_tool.core.ids import new_public_id
from lti_tool.core.language import gettext as _
from lti_tool.journal import record
from lti_tool.people import CourseLine
from lti_tool.programme.models import Programme, TeachingSession
from lti_tool.programme.queries import SessionLine
from lti_tool.programme.rules import SessionDraft, SessionState, Slot, is_soon, next_change, what_moved


def add_session(
    db: Session, actor: Actor, course: CourseLine, draft: SessionDraft, once: str, public_id: str | None = None
) -> TeachingSession:
    """Plan a session. The same `once` twice is a double click: the first session is returned."""
    require(actor, "session.plan", course.thing)
    sent = db.scalars(select(TeachingSession).where(TeachingSession.once == once)).first()
    if sent is not None:
        return sent
    now = clock.now()
    session = TeachingSession(
        public_id=public_id or new_public_id(),
        trust_id=course.trust_id,
        programme_id=_programme(db, course).id,
        course_id=course.id,
        uid=f"{uuid.uuid4()}@{urlsplit(db.info['settings'].base_url).hostname}",
        state=SessionState.PLANNED,
        cancel_reason="",
        moved_from="",
        changed_at=next_change(None, now),
        created_at=now,
        once=once,
        **_values(draft),
    )
    try:
        with db.begin_nested():
            db.add(session)
    except IntegrityError:  # the other half of a double click was faster
        return db.scalars(select(TeachingSession).where(TeachingSession.once == once)).one()
    _record(db, actor, session, "session.added")
    return session


def _programme(db: Session, course: CourseLine) -> Programme:
    """The course's programme, made with the first session; the unique key decides between two who come at once."""
    mine = select(Programme).where(Programme.course_id == course.id)
    programme = db.scalars(mine).first()
    if programme is not None:
        return programme
    programme = Programme(
        public_id=new_public_id(),
        trust_id=course.trust_id,
        course_id=course.id,
        title=course.title,
        created_at=clock.now(),
    )
    try:
        with db.begin_nested():
            db.add(programme)
    except IntegrityError:
        return db.scalars(mine).one()
    return programme


def change_session(db: Session, actor: Actor, line: SessionLine, draft: SessionDraft, seen: int) -> TeachingSession:
    """Change what is planned. `seen` is the version that the form showed; the same again changes nothing.

    Raises Conflict when somebody else has changed the session meanwhile.
    """
    require(actor, "session.plan", line.thing)
    session = db.get_one(TeachingSession, line.id)
    changed = {name: value for name, value in _values(draft).items() if getattr(session, name) != value}
    if not changed:
        return session
    _refuse_older(session, seen)
    now, was_at = clock.now(), session.starts_at
    moved = what_moved(_slot(session), _slot(draft))
    if moved:
        session.moved_at, session.moved_from = now, moved
    for name, value in changed.items():
        setattr(session, name, value)
    _show_change(db, session)
    soon = bool(moved) and (is_soon(was_at, now) or is_soon(draft.starts_at, now))
    _record(db, actor, session, "session.changed", fields=sorted(changed), moved=bool(moved), soon=soon)
    return session


def cancel_session(db: Session, actor: Actor, line: SessionLine, reason: str, seen: int) -> TeachingSession:
    """It does not take place; the reason is shown. Cancelling it again for the same reason changes nothing."""
    require(actor, "session.plan", line.thing)
    session = db.get_one(TeachingSession, line.id)
    if (session.state, session.cancel_reason) == (SessionState.CANCELLED, reason):
        return session
    _refuse_older(session, seen)
    session.state, session.cancel_reason = SessionState.CANCELLED, reason
    session.cancelled_at = clock.now()
    _show_change(db, session)
    _record(db, actor, session, "session.cancelled", soon=is_soon(session.starts_at, clock.now()))
    return session


def restore_session(db: Session, actor: Actor, line: SessionLine, seen: int) -> TeachingSession:
    """It takes place after all."""
    require(actor, "session.plan", line.thing)
    session = db.get_one(TeachingSession, line.id)
    if session.state == SessionState.PLANNED:
        return session
    _refuse_older(session, seen)
    session.state, session.cancel_reason, session.cancelled_at = SessionState.PLANNED, "", None
    _show_change(db, session)
    _record(db, actor, session, "session.restored", soon=is_soon(session.starts_at, clock.now()))
    return session


def delete_session(db: Session, actor: Actor, line: SessionLine, seen: int) -> None:
    """It was planned by mistake: nobody finds it any more. Only before it begins; its row and its `uid` stay."""
    require(actor, "session.delete", line.thing)
    session = db.get_one(TeachingSession, line.id)
    _refuse_older(session, seen)
    session.deleted_at = clock.now()
    _show_change(db, session)
    _record(db, actor, session, "session.deleted")


def _values(draft: SessionDraft) -> dict[str, object]:
    """The draft as columns. A cancelled session may be changed as well: it may be restored."""
    return {
        "title": draft.title,
        "description": draft.description,
        "speaker": draft.speaker,
        "room": draft.room,
        "online_url": draft.online_url,
        "starts_at": draft.starts_at,
        "ends_at": draft.ends_at,
        "grades": list(draft.grades),
        "is_core": draft.is_core,
        "cpd_points": draft.cpd_points,
    }


def _slot(of: SessionDraft | TeachingSession) -> Slot:
    return Slot(of.starts_at, of.ends_at, of.room, bool(of.online_url))


def _refuse_older(session: TeachingSession, seen: int) -> None:
    if session.version != seen:
        raise Conflict(_("Somebody has changed this session meanwhile. Look at it as it is now, then decide."))


def _show_change(db: Session, session: TeachingSession) -> None:
    session.changed_at = next_change(session.changed_at, clock.now())
    db.flush()


def _record(db: Session, actor: Actor, session: TeachingSession, verb: str, **details: object) -> None:
    subject = f"session:{session.public_id}"
    record(db, trust_id=session.trust_id, actor=actor.public_id, verb=verb, subject=subject, details=details)
