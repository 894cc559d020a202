"""What counters say of threads and reactions, held against what is there; and putting them right.

A module of its own: it reads every post of the house, which nothing does that a page waits for.
"""

from typing import Any

from sqlalchemy import Select, and_, case, delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from lti_tool.boards.models import Post, Thread, ThreadActivity
from lti_tool.boards.reactions import Reaction
from lti_tool.boards.reader_models import PostReaction, PostTally
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


def _tallied() -> Select[*tuple[Any, ...]]:
    """(post, trust, how many said each word) of the posts whose tally says something else."""
    given = [func.coalesce(func.sum(case((PostReaction.word == word, 1), else_=0)), 0) for word in Reaction]
    said = [func.coalesce(getattr(PostTally, word), 0) for word in Reaction]
    return (
        select(Post.id, Post.trust_id, *given)
        .outerjoin(PostReaction, PostReaction.post_id == Post.id)
        .outerjoin(PostTally, PostTally.post_id == Post.id)
        .group_by(Post.id, Post.trust_id, *said)
        .having(or_(*(count != number for count, number in zip(given, said, strict=True))))
    )


def count_wrong_tallies(db: Session) -> int:
    """How many posts count their reactions wrongly."""
    return db.scalar(select(func.count()).select_from(_tallied().subquery())) or 0


def mend_tallies(db: Session) -> int:
    """Count the reactions to these posts anew; returns how many posts."""
    wrong = db.execute(_tallied()).all()
    for post_id, trust_id, *counts in wrong:
        db.execute(delete(PostTally).where(PostTally.post_id == post_id))
        numbers = dict(zip(Reaction, counts, strict=True))
        db.execute(insert(PostTally).values(post_id=post_id, trust_id=trust_id, **numbers))
    return len(wrong)
