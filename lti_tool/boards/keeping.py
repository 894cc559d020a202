"""What readers keep for themselves: threads that they follow, and bookmarks with a private note.

Both are chosen, never made by writing: authors are told of replies without a row here. Nobody else reads them, so the
journal has no line about them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, delete, exists, func, insert, select, true, update
from sqlalchemy.orm import Session

from lti_tool.access import Actor, require
from lti_tool.boards.audience import ENROLLED, enrolled_on
from lti_tool.boards.authors import tag_of
from lti_tool.boards.facts import PostFacts
from lti_tool.boards.models import Board, Post, Thread, ThreadHold, ThreadUnlock
from lti_tool.boards.reader_models import Bookmark, Follow
from lti_tool.boards.rules import NOTE_LENGTH, Gate
from lti_tool.boards.sight import Sight, visible_threads
from lti_tool.core import clock
from lti_tool.core.errors import Invalid
from lti_tool.core.language import gettext as _
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


def followers_after(db: Session, thread_public_id: str, after: int, most: int) -> tuple[list[int], int | None]:
    """Who follows this thread and may read its replies now, by number, of the next `most` followers after the number
    `after`; and the number after which to go on, None when there are no more.

    Nobody while the thread is held, or is for the tutors alone; not who left the board's courses or cohort, unless the
    trust may read the thread; not who stands before its gate.
    """
    held = exists().where(ThreadHold.thread_id == Thread.id).correlate(Thread)
    is_it = and_(Thread.public_id == thread_public_id, ~held, ~Thread.is_private)
    thread = db.execute(select(Thread.id, Thread.board_id, Thread.gate, Thread.is_shared).where(is_it)).first()
    if thread is None:
        return [], None
    reads = true() if thread.is_shared else enrolled_on(thread.board_id)
    enrolled = exists().where(ENROLLED.person_id == Follow.person_id, ENROLLED.left_at.is_(None), reads)
    opened = exists().where(ThreadUnlock.thread_id == thread.id, ThreadUnlock.person_id == Follow.person_id)
    following = db.execute(
        select(Follow.person_id, enrolled.correlate(Follow).label("reads"), opened.correlate(Follow).label("opened"))
        .where(Follow.thread_id == thread.id, Follow.person_id > after)
        .order_by(Follow.person_id)
        .limit(most)
    ).all()
    told = {row.person_id for row in following if row.reads and (row.opened or thread.gate == Gate.OPEN)}
    if thread.gate == Gate.REPLY:
        told |= _who_wrote(db, thread.id, thread.board_id, [row.person_id for row in following if row.reads])
    return sorted(told), following[-1].person_id if len(following) == most else None


def _who_wrote(db: Session, thread_id: int, board_id: int, people: Iterable[int]) -> set[int]:
    """Those of these people who have written in the thread, under whatever name: that opens its gate to them."""
    names: dict[Any, int] = {person: person for person in people}
    names |= {tag_of(db, person, board_id): person for person in names}
    rows = db.execute(select(Post.author_id, Post.author_tag).where(Post.thread_id == thread_id).distinct())
    return {names[one] for author in rows for one in author if one in names}
