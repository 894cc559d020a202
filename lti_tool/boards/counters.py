"""What a thread's counter says, held against what is there; and putting it right.

A module of its own: it reads every post of the house, which nothing does that a page waits for.
"""

from typing import Any

from sqlalchemy import Select, and_, func, insert, or_, select, update
from sqlalchemy.orm import Session

from lti_tool.boards.models import Post, Thread, ThreadActivity
from lti_tool.boards.rules import PostState
from lti_tool.core import clock


def _counted() -> Select[*tuple[Any, ...]]:
    """(thread, trust, board, what its counter says or None where it has none, published replies) where they differ."""
    published = func.count(Post.id)
    return (
        select(Thread.id, Thread.trust_id, Thread.board_id, ThreadActivity.replies, published)
        .outerjoin(ThreadActivity, ThreadActivity.thread_id == Thread.id)
        .outerjoin(Post, and_(Post.thread_id == Thread.id, Post.is_first.is_(False), Post.state == PostState.PUBLISHED))
        .group_by(Thread.id, Thread.trust_id, Thread.board_id, ThreadActivity.replies)
        .having(or_(ThreadActivity.replies.is_(None), ThreadActivity.replies != published))
    )


def count_wrong_counters(db: Session) -> int:
    """How many threads have a counter that is wrong, or none."""
    return db.scalar(select(func.count()).select_from(_counted().subquery())) or 0


def mend_counters(db: Session) -> int:
    """Count these threads anew; returns how many. A thread without its row gets one, and its place by its last post."""
    wrong = db.execute(_counted()).all()
    for thread_id, trust_id, board_id, said, published in wrong:
        if said is None:
            values = {"thread_id": thread_id, "trust_id": trust_id, "board_id": board_id, "replies": published}
            db.execute(insert(ThreadActivity).values(last_at_us=_last_at_us(db, thread_id), **values))
        else:
            mended = update(ThreadActivity).where(ThreadActivity.thread_id == thread_id)
            db.execute(mended.values(replies=published))
    return len(wrong)


def _last_at_us(db: Session, thread_id: int) -> int:
    published = func.max(Post.published_at, type_=Post.published_at.type)
    last = db.scalar(select(published).where(Post.thread_id == thread_id))
    began = db.scalar(select(Thread.created_at).where(Thread.id == thread_id))
    return int((last or began or clock.now()).timestamp() * 1_000_000)
