"""What other rooms are told of posts and threads: no name, and no word that their reader may not read."""

from dataclasses import dataclass

from sqlalchemy import and_, case, select
from sqlalchemy.orm import Session

from lti_tool.access import Actor
from lti_tool.boards.models import Board, Post, Thread
from lti_tool.boards.sight import Sight, is_held, visible_threads
from lti_tool.people import Course


@dataclass(frozen=True, slots=True)
class PostStory:
    """What the notifier says about a post. Holds no name and no word of it."""

    trust_id: int
    course_id: int
    course_public_id: str
    board_public_id: str
    board_title: str
    thread_public_id: str
    thread_title: str
    post_public_id: str
    first_post_public_id: str
    parent_post_public_id: str | None
    is_first: bool
    state: str
    is_held: bool


@dataclass(frozen=True, slots=True)
class ThreadName:
    """What a list in another room calls a thread. `title` is empty for those who may not read it."""

    public_id: str
    title: str
    board_title: str
    course_title: str
    is_sealed: bool


def story_of(db: Session, post_public_id: str) -> PostStory | None:
    """What may be said about a post without its words or its author."""
    parent, first = Post.__table__.alias("parent"), Post.__table__.alias("first")
    row = db.execute(
        select(
            Post.trust_id, Course.id, Course.public_id, Board.public_id, Board.title, Thread.public_id, Thread.title,
            Post.public_id, first.c.public_id, parent.c.public_id, Post.is_first, Post.state, is_held(),
        )
        .join(Thread, Thread.id == Post.thread_id)
        .join(Board, Board.id == Post.board_id)
        .join(Course, Course.id == Post.course_id)
        .join(first, and_(first.c.thread_id == Post.thread_id, first.c.is_first))
        .outerjoin(parent, parent.c.id == Post.parent_id)
        .where(Post.public_id == post_public_id)
    ).first()  # fmt: skip
    return PostStory(*row) if row else None


def thread_names(db: Session, actor: Actor, public_ids: set[str]) -> dict[str, ThreadName]:
    """The names of those of these threads of which the actor may know."""
    board_ids = db.scalars(select(Thread.board_id).where(Thread.public_id.in_(public_ids)).distinct()).all()
    sight = Sight.of(db, actor, *board_ids)
    title = case((sight.visible_words, Thread.title), else_="")
    rows = db.execute(
        select(Thread.public_id, title, Board.title, Course.title, Board.is_pseudonymous)
        .join(Post, and_(Post.thread_id == Thread.id, Post.is_first))
        .join(Board, Board.id == Thread.board_id)
        .join(Course, Course.id == Thread.course_id)
        .where(Thread.public_id.in_(public_ids), visible_threads(actor), sight.visible_posts)
    )
    return {row[0]: ThreadName(*row) for row in rows}
