"""Putting entries into inboxes, marking them read, and how people want to be told."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from lti_tool.access import Actor, require
from lti_tool.boards import is_sealed_thread
from lti_tool.core import clock
from lti_tool.core.errors import Invalid
from lti_tool.core.ids import new_public_id
from lti_tool.core.language import gettext as _
from lti_tool.journal import record
from lti_tool.notifications.models import Choice, InboxEntry
from lti_tool.notifications.queries import hows_of, told_how
from lti_tool.notifications.rules import BY_MAIL, OF_TEACHING, TOPICS, About, How, MailDue, Topic
from lti_tool.notifications.seals import Stop, once_tag, open_sealed, seal, thread_tag
from lti_tool.people import CourseLine, allow_address, forget_address, get_person, refuse_mail

MAIL_DUE = "mail.due"


def tell(db: Session, trust_id: int, person_id: int, line_id: int, about: About) -> None:
    """Put an entry into somebody's inbox; nothing when they were told of this line already."""
    tell_all(db, trust_id, [person_id], line_id, about)


def tell_all(db: Session, trust_id: int, person_ids: list[int], line_id: int, about: About) -> None:
    """Put an entry into each one's inbox, but for those who were told of this line already or want to hear nothing."""
    hows = hows_of(db, person_ids, TOPICS[about.kind])
    due = _mails_due(db, hows, about)
    tags = {once_tag(db, person_id, line_id): person_id for person_id in person_ids if hows[person_id] != How.OFF}
    told = set(db.scalars(select(InboxEntry.once).where(InboxEntry.once.in_(tags))))
    rows = [
        {
            "public_id": new_public_id(),
            "trust_id": trust_id,
            "person_id": person_id,
            "once": once,
            "thread_tag": thread_tag(db, person_id, about.thread),
            "sealed": seal(db, about),
            "created_at": clock.now(),
            "mail_due": due[person_id],
        }
        for once, person_id in tags.items()
        if once not in told
    ]
    if rows:
        db.execute(insert(InboxEntry), rows)
    for row in rows:
        if row["mail_due"] == MailDue.NOW:
            record(db, trust_id=trust_id, actor="system", verb=MAIL_DUE, subject=f"entry:{row['public_id']}")


def _mails_due(db: Session, hows: Mapping[int, How], about: About) -> dict[int, MailDue]:
    """At once only where the moment tells nothing: a mail right after a decision would say who has an alias."""
    due = {How.MAIL: MailDue.NOW, How.DIGEST: MailDue.DIGEST}
    if How.MAIL in hows.values() and about.kind not in OF_TEACHING and is_sealed_thread(db, about.thread):
        due[How.MAIL] = MailDue.DIGEST
    return {person_id: due.get(how, MailDue.NOTHING) for person_id, how in hows.items()}


def choose(db: Session, actor: Actor, course: CourseLine, chosen: Mapping[Topic, How]) -> None:
    """How the actor wants to be told of each topic from now on."""
    require(actor, "preferences.change", course.thing)
    _choose(db, actor.person_id, actor.trust_id, chosen)
    record(
        db,
        **_said(actor.trust_id, actor.public_id, "preferences.changed"),
        details={str(topic): str(how) for topic, how in chosen.items()},
    )


def stop_mails(db: Session, stop: Stop) -> None:
    """Somebody has pressed the button of a mail: no more mails of this kind; the inbox goes on. Twice is as once."""
    person = get_person(db, stop.person_id)
    told = told_how(db, person.id)
    topics = [topic for topic, how in told.items() if how in BY_MAIL and stop.covers(topic, how)]
    if topics:
        _choose(db, person.id, person.trust_id, dict.fromkeys(topics, How.TOOL))
        record(db, **_said(person.trust_id, person.public_id, "mail.stopped"), details={"topics": topics})


def _choose(db: Session, person_id: int, trust_id: int, chosen: Mapping[Topic, How]) -> None:
    for topic, how in chosen.items():
        row = db.get(Choice, (person_id, topic)) or Choice(person_id=person_id, topic=topic, trust_id=trust_id)
        row.how, row.changed_at = how, clock.now()
        db.add(row)
        if how not in BY_MAIL:
            _drop_due(db, person_id, topic)


def _drop_due(db: Session, person_id: int, topic: Topic) -> None:
    """What was to be mailed of this topic stays in the inbox."""
    waiting = select(InboxEntry.id, InboxEntry.sealed).where(InboxEntry.person_id == person_id)
    rows = db.execute(waiting.where(InboxEntry.mail_due != MailDue.NOTHING)).all()
    abouts = open_sealed(db, [row.sealed for row in rows])
    ids = [row.id for row, about in zip(rows, abouts, strict=True) if TOPICS[about.kind] == topic]
    mark_mailed(db, ids)


def mark_mailed(db: Session, ids: Sequence[int]) -> None:
    """No mail is due for these entries any more."""
    db.execute(update(InboxEntry).where(InboxEntry.id.in_(ids)).values(mail_due=MailDue.NOTHING))


def note_refusal(db: Session, person_id: int, code: int, *, is_address: bool) -> None:
    """The mail server will not take a mail. An address that it does not know is not tried again."""
    person = get_person(db, person_id)
    refuse_mail(db, person_id, code, is_address=is_address)
    details = {"code": code, "of": "address" if is_address else "mail"}
    record(db, **_said(person.trust_id, "system", "mail.refused"), details=details)


def want_no_address(db: Session, actor: Actor, course: CourseLine) -> None:
    """The actor's mail address goes, and no launch brings it back."""
    require(actor, "preferences.change", course.thing)
    forget_address(db, actor.person_id, actor.trust_id)
    record(db, **_said(actor.trust_id, actor.public_id, "address.forgotten"))


def want_address(db: Session, actor: Actor, course: CourseLine) -> None:
    """The next launch may bring the actor's address again."""
    require(actor, "preferences.change", course.thing)
    allow_address(db, actor.person_id)
    record(db, **_said(actor.trust_id, actor.public_id, "address.allowed"))


def _said(trust_id: int, person: str, verb: str) -> dict[str, Any]:
    return {"trust_id": trust_id, "actor": person, "verb": verb, "subject": f"person:{person}"}


def mark_read_up_to(db: Session, actor: Actor, newest: str) -> None:
    """Mark as read what the actor was shown: this entry (a public id) and all before it. Later ones stay unread."""
    mine = InboxEntry.person_id == actor.person_id
    last = db.scalar(select(InboxEntry.id).where(mine, InboxEntry.public_id == newest))
    if last is None:
        raise Invalid(_("We did not understand which entries you meant. Reload your inbox and try again."))
    unread = update(InboxEntry).where(mine, InboxEntry.id <= last, InboxEntry.read_at.is_(None))
    db.execute(unread.values(read_at=clock.now()))


def mark_thread_read(db: Session, actor: Actor, thread_public_id: str) -> None:
    """The actor has opened the thread or the teaching: what their inbox tells of it is no news any more."""
    tag = thread_tag(db, actor.person_id, thread_public_id)
    unread = update(InboxEntry).where(InboxEntry.thread_tag == tag, InboxEntry.read_at.is_(None))
    db.execute(unread.values(read_at=clock.now()))
