"""Read marks: how far somebody has read a thread. Moved when something new was shown, and lost without harm.

A row names nobody: `reader` is a keyed tag of person and course, so that on a board of made-up names the first who
opened a question is not found to have asked it. For the same reason nothing is marked before a question is published,
the day alone is kept, and writing marks nothing. Marks are erased after ninety days, and what is older is never new
again. Whoever must reach all who read a post, to correct it, asks `readers_of`, which tries every person of the course.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, insert, or_, select, true, update
from sqlalchemy.orm import Session

from lti_tool.access import Actor
from lti_tool.boards.models import Post, Thread, ThreadActivity
from lti_tool.boards.reader_models import ReadMark
from lti_tool.boards.rules import PostState
from lti_tool.core import clock
from lti_tool.core.ids import keyed_tag
from lti_tool.people import each_trust, everybody_ever

KEEP_MARKS_FOR = timedelta(days=90)


def reader_tag(db: Session, person_id: int, course_id: int) -> bytes:
    """The same for one person and the threads of one course."""
    return keyed_tag(db.info["author_keys"].tag, "reads", person_id, course_id)


def mark_of(db: Session, actor: Actor, course_id: int) -> ColumnElement[bool]:
    """Joins a thread of this course with the actor's mark. Needs Thread in the query."""
    return and_(ReadMark.thread_id == Thread.id, ReadMark.reader == reader_tag(db, actor.person_id, course_id))


def is_news(mine: ColumnElement[bool], unlocked: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a thread holds something that the actor has not been shown, in a query that joins their mark.

    Not what they asked themselves while nobody has replied, nor replies behind a gate that is closed for them.
    """
    is_recent = ThreadActivity.last_at_us > microseconds_of(clock.now() - KEEP_MARKS_FOR)
    unseen = or_(ReadMark.seen_us.is_(None), and_(ThreadActivity.last_at_us > ReadMark.seen_us, unlocked))
    somebody_else = or_(ThreadActivity.replies > 0, mine.is_not(true()))  # it is null where a post has no tag
    return and_(is_recent, unseen, Post.state == PostState.PUBLISHED, somebody_else)


def move_mark(db: Session, actor: Actor, thread_id: int, course_id: int, seen_us: int) -> None:
    """The actor was shown what this thread held until then. A mark never goes back."""
    reader, today = reader_tag(db, actor.person_id, course_id), clock.now().astimezone(clock.LONDON).date()
    theirs = and_(ReadMark.thread_id == thread_id, ReadMark.reader == reader)
    before = db.scalar(select(ReadMark.seen_us).where(theirs))
    if before is None:
        values = {"thread_id": thread_id, "reader": reader, "trust_id": actor.trust_id}
        db.execute(insert(ReadMark).values(seen_us=seen_us, marked_on=today, **values))
    elif before < seen_us:
        db.execute(update(ReadMark).where(theirs).values(seen_us=seen_us, marked_on=today))


def readers_of(db: Session, post_public_id: str) -> list[int]:
    """The persons to whom this post was shown: those whose mark has passed it. For corrections alone.

    Within ninety days of their last look; also those who have left the course since.
    """
    found = select(Post.thread_id, Post.course_id, Post.trust_id, Post.published_at)
    row = db.execute(found.where(Post.public_id == post_public_id)).first()
    if row is None or row.published_at is None:
        return []
    passed = and_(ReadMark.thread_id == row.thread_id, ReadMark.seen_us >= microseconds_of(row.published_at))
    readers = set(db.scalars(select(ReadMark.reader).where(passed)))
    here = _among(db, readers, row.course_id, everybody_ever(db, row.trust_id, row.course_id))
    if len(here) < len(readers):  # somebody read it who is of another course
        return _among(db, readers, row.course_id, everybody_ever(db, row.trust_id, None))
    return here


def _among(db: Session, readers: set[bytes], course_id: int, people: list[int]) -> list[int]:
    return [person_id for person_id in people if reader_tag(db, person_id, course_id) in readers]


def forget_marks(db: Session, slot: datetime) -> None:
    """Erase marks that have not moved for ninety days."""
    before = (slot - KEEP_MARKS_FOR).astimezone(clock.LONDON).date()
    for trust_id in each_trust(db):
        db.execute(delete(ReadMark).where(ReadMark.trust_id == trust_id, ReadMark.marked_on < before))


def microseconds_of(moment: datetime) -> int:
    """A moment as `last_at_us` writes it, rounded as that is."""
    return int(moment.timestamp() * 1_000_000)
