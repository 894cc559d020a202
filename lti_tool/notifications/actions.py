"""Putting entries into inboxes, and marking them read."""

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from lti_tool.access import Actor
from lti_tool.core import clock
from lti_tool.core.errors import Invalid
from lti_tool.core.ids import new_public_id
from lti_tool.core.language import gettext as _
from lti_tool.notifications.models import InboxEntry
from lti_tool.notifications.rules import About
from lti_tool.notifications.seals import once_tag, seal, thread_tag


def tell(db: Session, trust_id: int, person_id: int, line_id: int, about: About) -> None:
    """Put an entry into somebody's inbox; nothing when they were told of this line already."""
    tell_all(db, trust_id, [person_id], line_id, about)


def tell_all(db: Session, trust_id: int, person_ids: list[int], line_id: int, about: About) -> None:
    """Put an entry into each one's inbox, but for those who were told of this line already."""
    tags = {once_tag(db, person_id, line_id): person_id for person_id in person_ids}
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
        }
        for once, person_id in tags.items()
        if once not in told
    ]
    if rows:
        db.execute(insert(InboxEntry), rows)


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
