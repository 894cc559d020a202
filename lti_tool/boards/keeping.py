"""What readers keep for themselves: threads that they follow, and bookmarks with a private note.

Both are chosen, never made by writing: authors are told of replies without a row here. Nobody else reads them, so the
journal has no line about them.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, case, delete, exists, func, insert, or_, select, update
from sqlalchemy.orm import Session

from lti_tool.access import Actor, require
from lti_tool.boards.facts import PostFacts
from lti_tool.boards.models import Board, Post, Thread, ThreadHold, ThreadUnlock
from lti_tool.boards.reader_models import Bookmark, Follow
from lti_tool.boards.rules import NOTE_LENGTH, Gate
from lti_tool.boards.sight import Sight, visible_threads
from lti_tool.core import clock
from lti_tool.core.errors import Invalid
from lti_tool.core.language import gettext as _
from lti_tool.people import Enrolment
from lti_tool.texts import name_nobody


@dataclass(frozen=True, slots=True)
class BookmarkLine:
    """A bookmark as its owner's list shows it. `title` is empty where they may not read the thread any more."""

    thread_public_id: str
    title: str
    board_title: str
    note: str
    made_at: datetime


def follow_thread(db: Session, actor: Actor, question: PostFacts, follows: bool) -> None:
    """The actor is told of new replies from now on, or not any more. A second time changes nothing."""
    require(actor, "thread.keep", question.thing)
    theirs = and_(Follow.thread_id == question.thread_id, Follow.person_id == actor.person_id)
    if not follows:
        db.execute(delete(Follow).where(theirs))
    elif db.scalar(select(Follow.thread_id).where(theirs)) is None:
        who = {"thread_id": question.thread_id, "person_id": actor.person_id, "trust_id": actor.trust_id}
        db.execute(insert(Follow).values(since=clock.now(), **who))


def bookmark_note(words: str) -> str:
    """What somebody noted beside a bookmark, as it is kept. Raises Invalid with a sentence."""
    note = " ".join(words.replace("\x00", "").split())
    if len(note) > NOTE_LENGTH:
        sentence = _("Shorten your note to %(most)d characters.") % {"most": NOTE_LENGTH}
        raise Invalid(_("Not saved yet."), {"note": sentence})
    if problems := name_nobody({"note": note}):
        raise Invalid(_("Not saved yet."), problems)
    return note


def keep_bookmark(db: Session, actor: Actor, question: PostFacts, note: str) -> None:
    """Bookmark the thread, or change the note of its bookmark."""
    require(actor, "thread.keep", question.thing)
    theirs = and_(Bookmark.thread_id == question.thread_id, Bookmark.person_id == actor.person_id)
    if db.scalar(select(Bookmark.thread_id).where(theirs)) is not None:
        db.execute(update(Bookmark).where(theirs).values(note=note))
        return
    who = {"thread_id": question.thread_id, "person_id": actor.person_id, "trust_id": actor.trust_id}
    db.execute(insert(Bookmark).values(note=note, made_at=clock.now(), **who))


def drop_bookmark(db: Session, actor: Actor, thread_public_id: str) -> None:
    """Remove the actor's bookmark of this thread, which they need not be able to read any more."""
    of_thread = select(Thread.id).where(Thread.public_id == thread_public_id).scalar_subquery()
    db.execute(delete(Bookmark).where(Bookmark.thread_id == of_thread, Bookmark.person_id == actor.person_id))


def bookmarks_of(db: Session, actor: Actor) -> list[BookmarkLine]:
    """The actor's bookmarks of all their courses, the newest first."""
    mine = select(Bookmark.thread_id).where(Bookmark.person_id == actor.person_id)
    board_ids = db.scalars(select(Thread.board_id).where(Thread.id.in_(mine)).distinct()).all()
    sight = Sight.of(db, actor, *board_ids)
    is_known = and_(visible_threads(actor), sight.visible_posts, sight.visible_words)
    rows = db.execute(
        select(
            Thread.public_id, case((is_known, Thread.title), else_=""), case((is_known, Board.title), else_=""),
            Bookmark.note, Bookmark.made_at,
        )
        .select_from(Bookmark)
        .join(Thread, Thread.id == Bookmark.thread_id)
        .join(Board, Board.id == Thread.board_id)
        .join(Post, and_(Post.thread_id == Thread.id, Post.is_first))
        .where(Bookmark.person_id == actor.person_id)
        .order_by(Bookmark.made_at.desc(), Bookmark.thread_id.desc())
    )  # fmt: skip
    return [BookmarkLine(*row) for row in rows]


def count_bookmarks(db: Session, actor: Actor) -> int:
    """How many bookmarks the actor has."""
    return db.scalar(select(func.count()).select_from(Bookmark).where(Bookmark.person_id == actor.person_id)) or 0


def followers_after(db: Session, thread_public_id: str, after: int, most: int) -> list[int]:
    """Who follows this thread and may read its replies now, by number: up to `most` after the number `after`.

    Nobody while the thread is held, or is for the tutors alone; not who left the course, unless the trust may read it;
    not who stands before its gate.
    """
    here = exists().where(
        Enrolment.person_id == Follow.person_id,
        Enrolment.left_at.is_(None),
        or_(Enrolment.course_id == Thread.course_id, Thread.is_shared),
    )
    unlocked = exists().where(ThreadUnlock.thread_id == Thread.id, ThreadUnlock.person_id == Follow.person_id)
    held = exists().where(ThreadHold.thread_id == Thread.id)
    rows = db.scalars(
        select(Follow.person_id)
        .join(Thread, Thread.id == Follow.thread_id)
        .where(
            Thread.public_id == thread_public_id,
            here.correlate(Follow, Thread),
            ~held.correlate(Thread),
            ~Thread.is_private,
            or_(Thread.gate == Gate.OPEN, unlocked.correlate(Follow, Thread)),
            Follow.person_id > after,
        )
        .order_by(Follow.person_id)
        .limit(most)
    )
    return list(rows)
