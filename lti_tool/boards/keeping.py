"""What readers keep for themselves: threads, boards and tags that they follow, and bookmarks with a private note.

Both are chosen, never made by writing: authors are told of replies without a row here. Nobody else reads them, so the
journal has no line about them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, case, delete, exists, func, insert, select, update
from sqlalchemy.orm import Session

from lti_tool.access import Actor, require
from lti_tool.boards.audience import ENROLLED, enrolled_on, visible_boards
from lti_tool.boards.authors import tag_of
from lti_tool.boards.facts import PostFacts
from lti_tool.boards.lines import BoardLine
from lti_tool.boards.models import Board, Post, Thread, ThreadHold, ThreadUnlock
from lti_tool.boards.reader_models import BoardFollow, Bookmark, Follow
from lti_tool.boards.rules import NOTE_LENGTH, BoardKind, Gate, unpack
from lti_tool.boards.sight import Sight, is_held, visible_threads
from lti_tool.boards.slips import Slip, inquiry
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


@dataclass(frozen=True, slots=True)
class FollowLine:
    """A board or a thread that somebody follows; the other's public id is empty. `more` is the tag of a board, or empty
    where all of it is followed; of a thread it is the board."""

    board_public_id: str
    thread_public_id: str
    title: str
    more: str


def follow_thread(db: Session, actor: Actor, question: PostFacts, follows: bool) -> None:
    """The actor is told of new replies from now on, or not any more. A second time changes nothing."""
    require(actor, "thread.keep", question.thing)
    theirs = and_(Follow.thread_id == question.thread_id, Follow.person_id == actor.person_id)
    if not follows:
        db.execute(delete(Follow).where(theirs))
    elif db.scalar(select(Follow.thread_id).where(theirs)) is None:
        who = {"thread_id": question.thread_id, "person_id": actor.person_id, "trust_id": actor.trust_id}
        db.execute(insert(Follow).values(since=clock.now(), **who))


def follow_board(db: Session, actor: Actor, board: BoardLine, tag: str, follows: bool) -> None:
    """The actor is told of new questions on a board from now on, or not any more: of those with this tag, or of all
    where it is empty. A second time changes nothing. Raises Invalid for a tag that the board does not have."""
    require(actor, "thread.keep", board.thing)
    if tag and tag not in board.tags:
        raise Invalid(_("This board does not have that tag any more. Open the board again and choose another."))
    key = {"board_id": board.id, "person_id": actor.person_id, "tag": tag}
    if not follows:
        db.execute(delete(BoardFollow).filter_by(**key))
    elif db.get(BoardFollow, key) is None:
        db.add(BoardFollow(**key, trust_id=actor.trust_id, since=clock.now()))


_FOLLOWED = inquiry("followed", BoardFollow.board_id).where(
    BoardFollow.board_id == bindparam("board"),
    BoardFollow.person_id == bindparam("person"),
    BoardFollow.tag == bindparam("topic"),
)


def followed_slip(actor: Actor, board: BoardLine, tag: str) -> Slip:
    """Whether the actor follows the board, or this tag of it: to be asked with others."""
    return Slip(_FOLLOWED, {"board": board.id, "person": actor.person_id, "topic": tag})


def followed_by(db: Session, actor: Actor) -> list[FollowLine]:
    """What the actor follows and may read now, in all their courses: boards and tags by name, then threads, the newest
    first."""
    boards = db.execute(
        select(Board.public_id, Board.title, BoardFollow.tag)
        .join(Board, Board.id == BoardFollow.board_id)
        .where(BoardFollow.person_id == actor.person_id, visible_boards(actor))
        .order_by(Board.title, Board.id, BoardFollow.tag)
    ).all()
    mine = select(Follow.thread_id).where(Follow.person_id == actor.person_id)
    sight = Sight.of(db, actor, *db.scalars(select(Thread.board_id).where(Thread.id.in_(mine)).distinct()))
    threads = db.execute(
        select(Thread.public_id, Thread.title, Board.title)
        .join(Follow, Follow.thread_id == Thread.id)
        .join(Board, Board.id == Thread.board_id)
        .join(Post, and_(Post.thread_id == Thread.id, Post.is_first))
        .where(Follow.person_id == actor.person_id, visible_threads(actor), sight.visible_words)
        .order_by(Follow.since.desc(), Thread.id.desc())
    ).all()
    return [
        *(FollowLine(board, "", title, tag) for board, title, tag in boards),
        *(FollowLine("", thread, title, board_title) for thread, title, board_title in threads),
    ]


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
    reads = ENROLLED.left_at.is_(None) if thread.is_shared else enrolled_on(thread.board_id)
    enrolled = exists().where(ENROLLED.person_id == Follow.person_id, reads)
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


def board_followers_after(db: Session, post_public_id: str, after: int, most: int) -> tuple[list[int], int | None]:
    """The same of those who follow the board of this question, or one of its tags, and may read the question now."""
    question = db.execute(
        select(Thread.board_id, Thread.tags)
        .join(Post, and_(Post.thread_id == Thread.id, Post.is_first))
        .join(Board, Board.id == Thread.board_id)
        .where(Post.public_id == post_public_id, Board.kind == BoardKind.BOARD, ~Thread.is_private, ~is_held())
    ).first()
    if question is None:
        return [], None
    enrolled = exists().where(ENROLLED.person_id == BoardFollow.person_id, enrolled_on(question.board_id))
    following = db.execute(
        select(BoardFollow.person_id, enrolled.correlate(BoardFollow).label("reads"))
        .where(BoardFollow.board_id == question.board_id, BoardFollow.tag.in_(("", *unpack(question.tags))))
        .where(BoardFollow.person_id > after)
        .distinct()
        .order_by(BoardFollow.person_id)
        .limit(most)
    ).all()
    told = [row.person_id for row in following if row.reads]
    return told, following[-1].person_id if len(following) == most else None


def _who_wrote(db: Session, thread_id: int, board_id: int, people: Iterable[int]) -> set[int]:
    """Those of these people who have written in the thread, under whatever name: that opens its gate to them."""
    names: dict[Any, int] = {person: person for person in people}
    names |= {tag_of(db, person, board_id): person for person in names}
    rows = db.execute(select(Post.author_id, Post.author_tag).where(Post.thread_id == thread_id).distinct())
    return {names[one] for author in rows for one in author if one in names}
