"""What the worker does for the queue: once, say so where something has waited longer than its target."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.boards import Board, Post, is_held
from lti_tool.core import clock
from lti_tool.journal import Job, record
from lti_tool.moderation.claims import mark_of
from lti_tool.moderation.rules import QueueKind
from lti_tool.people import each_trust

MOST_AT_ONCE = 500


def note_late(db: Session, _slot: datetime) -> None:
    """Mark what is late, once a stay in the queue. Nothing is decided by it: what is hidden stays hidden."""
    for trust_id in each_trust(db):
        for post_id, since in _late(db, trust_id):
            mark = mark_of(db, trust_id, QueueKind.POST, post_id, since)
            if mark.late_at is None:
                mark.late_at = clock.now()
                record(db, trust_id=trust_id, actor="system", verb="queue.late", subject=f"post:{post_id}")


def _late(db: Session, trust_id: int) -> list[tuple[str, datetime]]:
    rows = db.execute(
        select(Post.public_id, Post.waiting_since, Board.target_minutes)
        .join(Board, Board.id == Post.board_id)
        .where(Post.trust_id == trust_id, Post.waiting_since.is_not(None), ~is_held())
        .order_by(Post.waiting_since)
        .limit(MOST_AT_ONCE)
    )
    now = clock.now()
    return [(post, since) for post, since, target in rows if since and now - since > timedelta(minutes=target)]


jobs = (Job("note_late", note_late),)
