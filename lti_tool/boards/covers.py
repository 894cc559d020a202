"""Threads under another room's cover sheet: made, held, gated, shared. Only that room calls these, through the door.

A thread needs a board, for its moderators and its readers. A cover sheet's thread hangs on a board of its own kind, of
which a course has one: it is made with the first thread, is never listed, and takes no questions. So every rule of
boards holds for the discussion as it is, and no nullable board had to be thought of in every query.
"""

from collections.abc import Iterable

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lti_tool.access import Actor
from lti_tool.boards.actions import microseconds, move_post, put_post
from lti_tool.boards.models import Board, Post, Thread, ThreadActivity, ThreadHold, ThreadUnlock
from lti_tool.boards.queries import board_lines
from lti_tool.boards.rules import BoardKind, BoardPolicy, Gate, Hold, PostState
from lti_tool.core import clock
from lti_tool.core.ids import new_public_id
from lti_tool.people import CourseLine
from lti_tool.texts import Text


def open_cover(
    db: Session, actor: Actor, course: CourseLine, kind: BoardKind, name: str, title: str, text: Text
) -> tuple[Thread, Post]:
    """A gated thread whose opening post is the actor's `text`. `name` is the home board's, if it must be made.

    The post is pending until `publish_cover`; the gate is open for its author.
    """
    board = board_lines(db, {_home_board(db, course, kind, name)}).popitem()[1]
    thread = Thread(
        public_id=new_public_id(),
        trust_id=course.trust_id,
        board_id=board.id,
        course_id=course.id,
        title=title,
        created_at=clock.now(),
        gate=Gate.COMMIT,
    )
    db.add(thread)
    db.flush()
    where = {"thread_id": thread.id, "trust_id": thread.trust_id, "board_id": board.id}
    db.add(ThreadActivity(**where, last_at_us=microseconds(), replies=0))
    post = put_post(db, actor, board, thread, None, text, new_public_id())
    unlock_thread(db, thread.id, actor)
    return thread, post


def _home_board(db: Session, course: CourseLine, kind: BoardKind, name: str) -> int:
    """The course's board of this kind, made if need be. Of two who make it at once the unique index refuses one."""
    found = select(Board.id).where(Board.course_id == course.id, Board.kind == kind)
    if (board_id := db.scalar(found)) is not None:
        return board_id
    board = Board(
        public_id=new_public_id(),
        trust_id=course.trust_id,
        course_id=course.id,
        title=name,
        purpose="",
        is_pseudonymous=False,
        policy=BoardPolicy.ALL,
        look_days="12345",
        look_times="",  # no tutor has promised any
        created_at=clock.now(),
        kind=kind,
    )
    try:
        with db.begin_nested():
            db.add(board)
    except IntegrityError:
        return db.scalars(found).one()
    return board.id


def hold_thread(db: Session, thread_id: int, trust_id: int, kinds: Iterable[Hold]) -> None:
    """Open these holds, if they are not open: from now on nothing of the thread is shown."""
    there = set(db.scalars(select(ThreadHold.kind).where(ThreadHold.thread_id == thread_id)))
    for kind in sorted(set(kinds) - there):
        db.add(ThreadHold(thread_id=thread_id, kind=kind, trust_id=trust_id, opened_at=clock.now()))
    db.flush()


def release_thread(db: Session, thread_id: int, kinds: Iterable[Hold]) -> None:
    """Close these holds. What was published is shown again when no other is open."""
    db.execute(delete(ThreadHold).where(ThreadHold.thread_id == thread_id, ThreadHold.kind.in_(list(kinds))))


def unlock_thread(db: Session, thread_id: int, actor: Actor) -> None:
    """The actor has done what the gate asks for. A second time changes nothing."""
    if db.get(ThreadUnlock, (thread_id, actor.person_id)) is None:
        db.add(
            ThreadUnlock(
                thread_id=thread_id, person_id=actor.person_id, trust_id=actor.trust_id, unlocked_at=clock.now()
            )
        )
        db.flush()


def share_thread(db: Session, thread_id: int, is_shared: bool) -> None:
    """Let the whole trust read the thread, or its course alone again."""
    db.execute(update(Thread).where(Thread.id == thread_id).values(is_shared=is_shared))


def retitle_cover(db: Session, thread_id: int, title: str) -> None:
    """The cover sheet has another title now. Only where the opening post is not published."""
    db.execute(update(Thread).where(Thread.id == thread_id).values(title=title))


def publish_cover(db: Session, thread_id: int) -> None:
    """Publish the opening post. Raises Conflict while a hold is open."""
    post = db.scalars(select(Post).where(Post.thread_id == thread_id, Post.is_first)).one()
    move_post(db, post, db.get_one(Text, post.text_id), PostState.PUBLISHED)
