"""Reading one's own inbox. Nobody reads another person's."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ScalarSelect, func, literal, select
from sqlalchemy.orm import Session

from lti_tool.access import Actor
from lti_tool.boards import ThreadName, thread_names
from lti_tool.core.paging import Cursor, Page
from lti_tool.notifications.models import InboxEntry
from lti_tool.notifications.rules import (
    ABOUT_CASES,
    MOST_COUNTED,
    OF_DUTY,
    OF_TEACHING,
    PAGE_OF_ENTRIES,
    About,
    Kind,
    sentence,
)
from lti_tool.notifications.seals import open_sealed, thread_tag
from lti_tool.programme import SessionLine, sessions_named

ELSEWHERE = OF_TEACHING | frozenset(OF_DUTY)


@dataclass(frozen=True, slots=True)
class EntryLine:
    """An entry as the inbox lists it: of a thread, of teaching, or of a duty (the page, and what it is called there).

    All are None when the reader may not know of it.
    """

    public_id: str
    sentence: str
    post_public_id: str
    thread: ThreadName | None
    teaching: SessionLine | None
    duty: tuple[str, dict[str, str]] | None
    is_case: bool
    is_late: bool
    is_unread: bool
    created_at: datetime


def page_of_entries(db: Session, actor: Actor, after: Cursor | None = None) -> Page[EntryLine]:
    """The actor's entries from all their courses, the newest first."""
    statement = (
        select(InboxEntry.id, InboxEntry.public_id, InboxEntry.sealed, InboxEntry.created_at, InboxEntry.read_at)
        .where(InboxEntry.person_id == actor.person_id)
        .order_by(InboxEntry.id.desc())
        .limit(PAGE_OF_ENTRIES + 1)
    )
    if after:
        statement = statement.where(InboxEntry.id < after.major)
    rows = db.execute(statement).all()
    shown = rows[:PAGE_OF_ENTRIES]
    abouts = open_sealed(db, [row.sealed for row in shown])
    names = thread_names(db, actor, {about.thread for about in abouts if about.kind not in ELSEWHERE})
    lines = sessions_named(db, actor, {about.thread for about in abouts if about.kind in OF_TEACHING})
    entries = [
        EntryLine(
            public_id=row.public_id,
            sentence=sentence(about.kind, about.is_question),
            post_public_id=about.post,
            thread=names.get(about.thread),
            teaching=lines.get(about.thread),
            duty=_duty(about),
            is_case=about.kind in ABOUT_CASES,
            is_late=about.kind == Kind.LATE,
            is_unread=row.read_at is None,
            created_at=row.created_at,
        )
        for row, about in zip(shown, abouts, strict=True)
    ]
    return Page(entries, Cursor(shown[-1].id, 0).encode() if len(rows) > PAGE_OF_ENTRIES else None)


def _duty(about: About) -> tuple[str, dict[str, str]] | None:
    if about.kind not in OF_DUTY:
        return None
    endpoint, name = OF_DUTY[about.kind]
    return endpoint, {name: about.thread}


def unread_count(actor: Actor) -> ScalarSelect[int]:
    """For the bar: how many of the actor's entries are unread, counted no further than `MOST_COUNTED`."""
    unread = select(literal(1)).where(InboxEntry.person_id == actor.person_id, InboxEntry.read_at.is_(None))
    return select(func.count()).select_from(unread.limit(MOST_COUNTED).subquery()).scalar_subquery()


def has_unread_of_thread(db: Session, actor: Actor, thread_public_id: str) -> bool:
    """Whether there is anything to mark when the actor opens this thread."""
    tag = thread_tag(db, actor.person_id, thread_public_id)
    return (
        db.scalar(select(InboxEntry.id).where(InboxEntry.thread_tag == tag, InboxEntry.read_at.is_(None)).limit(1))
        is not None
    )
