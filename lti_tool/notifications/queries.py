"""Reading one's own inbox, and how one is told. Nobody reads another person's; the worker reads what it mails."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ScalarSelect, Select, func, literal, select
from sqlalchemy.orm import Session

from lti_tool.access import Actor
from lti_tool.boards import ThreadName, course_of_thread, thread_names
from lti_tool.core.paging import Cursor, Page
from lti_tool.notifications.models import Choice, InboxEntry
from lti_tool.notifications.rules import (
    ABOUT_CASES,
    MOST_COUNTED,
    OF_DUTY,
    OF_TEACHING,
    PAGE_OF_ENTRIES,
    TOPICS,
    About,
    How,
    Kind,
    MailDue,
    Topic,
    how_now,
    sentence,
    ways_of,
)
from lti_tool.notifications.seals import open_sealed, thread_tag
from lti_tool.people import MailLine, Person, find_address, with_address
from lti_tool.programme import SessionLine, session_facts, sessions_named
from lti_tool.web import Landmark

ELSEWHERE = OF_TEACHING | frozenset(OF_DUTY)


@dataclass(frozen=True, slots=True)
class EntryLine:
    """An entry as the inbox lists it: of a thread, of teaching, or of a duty (the page, and what it is called there).

    All are None when the reader may not know of it.
    """

    id: int
    public_id: str
    sentence: str
    topic: Topic
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
    statement = _entries(actor).limit(PAGE_OF_ENTRIES + 1)
    if after:
        statement = statement.where(InboxEntry.id < after.major)
    rows = db.execute(statement).all()
    shown = rows[:PAGE_OF_ENTRIES]
    return Page(_lines(db, actor, shown), Cursor(shown[-1].id, 0).encode() if len(rows) > PAGE_OF_ENTRIES else None)


def entries_to_mail(db: Session, actor: Actor, due: MailDue, since: datetime, public_id: str = "") -> list[EntryLine]:
    """The actor's unread entries of which a mail is to tell, the newest first: all of them, or this one."""
    statement = _entries(actor).where(
        InboxEntry.mail_due == due, InboxEntry.read_at.is_(None), InboxEntry.created_at >= since
    )
    if public_id:
        statement = statement.where(InboxEntry.public_id == public_id)
    return _lines(db, actor, db.execute(statement.limit(MOST_COUNTED)).all())


def person_of_entry(db: Session, public_id: str) -> int | None:
    """Whose inbox an entry lies in. For the worker."""
    return db.scalar(select(InboxEntry.person_id).where(InboxEntry.public_id == public_id))


def people_to_mail(db: Session, trust_id: int, due: MailDue, since: datetime) -> list[str]:
    """Public ids of those for whom such a mail is due."""
    waits = (InboxEntry.mail_due == due, InboxEntry.read_at.is_(None), InboxEntry.created_at >= since)
    found = select(Person.public_id).join(InboxEntry, InboxEntry.person_id == Person.id)
    return list(db.scalars(found.where(InboxEntry.trust_id == trust_id, *waits).distinct().order_by(Person.public_id)))


def hows_of(db: Session, person_ids: Sequence[int], topic: Topic) -> dict[int, How]:
    """How each of these people is told of a topic."""
    chosen = select(Choice.person_id, Choice.how).where(Choice.topic == topic, Choice.person_id.in_(person_ids))
    hows = {row.person_id: How(row.how) for row in db.execute(chosen)}
    mailable = with_address(db, person_ids) if db.info["settings"].smtp_url else set()
    return {number: how_now(topic, hows.get(number), number in mailable) for number in person_ids}


def told_how(db: Session, person_id: int) -> dict[Topic, How]:
    """How a person is told of every topic."""
    chosen = {
        row.topic: How(row.how)
        for row in db.execute(select(Choice.topic, Choice.how).where(Choice.person_id == person_id))
    }
    can_mail = bool(db.info["settings"].smtp_url) and find_address(db, person_id).is_usable
    return {topic: how_now(topic, chosen.get(topic), can_mail) for topic in Topic}


@dataclass(frozen=True, slots=True)
class Offer:
    """What the page of preferences offers: (topic, how it is now, what can be chosen); the address, if any."""

    topics: list[tuple[Topic, How, list[How]]]
    address: MailLine
    sends_mail: bool


def can_mail(db: Session, actor: Actor) -> bool:
    """Whether mail could reach the actor."""
    return bool(db.info["settings"].smtp_url) and find_address(db, actor.person_id).is_usable


def offer_of(db: Session, actor: Actor) -> Offer:
    """What the actor can choose."""
    hows, reachable = told_how(db, actor.person_id), can_mail(db, actor)
    topics = [(topic, how, ways_of(topic, reachable)) for topic, how in hows.items()]
    return Offer(topics, find_address(db, actor.person_id), bool(db.info["settings"].smtp_url))


def find_landmark(db: Session, public_id: str) -> Landmark | None:
    """An entry's public id leads to the inbox of whoever comes, in the course of what it tells."""
    row = db.execute(select(InboxEntry.sealed).where(InboxEntry.public_id == public_id)).first()
    if row is None:
        return None
    (about,) = open_sealed(db, [row.sealed])
    teaching = session_facts(db, about.thread) if about.kind in OF_TEACHING else None
    course = teaching.course if teaching else course_of_thread(db, about.thread)
    return Landmark("notifications.inbox", {"course_id": course.public_id}, course.id) if course else None


def _lines(db: Session, actor: Actor, rows: Sequence[Any]) -> list[EntryLine]:
    """Entries in words, with what the actor may know of their threads and teaching."""
    abouts = open_sealed(db, [row.sealed for row in rows])
    names = thread_names(db, actor, {about.thread for about in abouts if about.kind not in ELSEWHERE})
    lines = sessions_named(db, actor, {about.thread for about in abouts if about.kind in OF_TEACHING})
    return [
        EntryLine(
            id=row.id,
            public_id=row.public_id,
            sentence=sentence(about.kind, about.is_question),
            topic=TOPICS[about.kind],
            post_public_id=about.post,
            thread=names.get(about.thread),
            teaching=lines.get(about.thread),
            duty=_duty(about),
            is_case=about.kind in ABOUT_CASES,
            is_late=about.kind in (Kind.LATE, Kind.CASE_LATE),
            is_unread=row.read_at is None,
            created_at=row.created_at,
        )
        for row, about in zip(rows, abouts, strict=True)
    ]


def _entries(actor: Actor) -> Select[*tuple[Any, ...]]:
    e = InboxEntry
    mine = select(e.id, e.public_id, e.sealed, e.created_at, e.read_at).where(e.person_id == actor.person_id)
    return mine.order_by(e.id.desc())


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
