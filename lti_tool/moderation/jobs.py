"""What the worker does for the queue: once, say so where something has waited longer than its target."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, exists, or_, select
from sqlalchemy.orm import Session

from lti_tool.boards import Board, Post, is_held
from lti_tool.cases import Case, CaseState
from lti_tool.core import clock
from lti_tool.journal import Job, record
from lti_tool.moderation.claims import mark_of
from lti_tool.moderation.models import QueueMark
from lti_tool.moderation.rules import CASES_TARGET, QueueKind
from lti_tool.people import each_trust

MOST_AT_ONCE = 500
Late = tuple[QueueKind, str, datetime]


def note_late(db: Session, _slot: datetime) -> None:
    """Mark what is late, once a stay in the queue. Nothing is decided by it: what is hidden stays hidden."""
    for trust_id in each_trust(db):
        for kind, thing, since in (*_late_posts(db, trust_id), *_late_cases(db, trust_id)):
            mark_of(db, trust_id, kind, thing, since).late_at = clock.now()
            record(db, trust_id=trust_id, actor="system", verb="queue.late", subject=f"{kind}:{thing}")


def _late_posts(db: Session, trust_id: int) -> list[Late]:
    """Posts that have waited longer than their board's target."""
    targets = db.scalars(select(Board.target_minutes).where(Board.trust_id == trust_id).distinct()).all()
    is_late = [
        and_(Board.target_minutes == minutes, Post.waiting_since < clock.now() - timedelta(minutes=minutes))
        for minutes in targets
    ]
    if not targets:
        return []
    waiting = and_(Post.trust_id == trust_id, or_(*is_late), ~is_held())
    posts = select(Post.public_id, Post.waiting_since).join(Board, Board.id == Post.board_id).where(waiting)
    return _unmarked(db, QueueKind.POST, posts, Post.public_id, Post.waiting_since)


def _late_cases(db: Session, trust_id: int) -> list[Late]:
    """Cases that have waited longer for a reviewer than they should."""
    before = clock.now() - CASES_TARGET
    waiting = and_(Case.trust_id == trust_id, Case.state == CaseState.PENDING, Case.state_at < before)
    cases = select(Case.public_id, Case.state_at).where(waiting)
    return _unmarked(db, QueueKind.CASE, cases, Case.public_id, Case.state_at)


def _unmarked(db: Session, kind: QueueKind, things: Select[*tuple[Any, ...]], public_id: Any, since: Any) -> list[Late]:
    """Those of which it was not said yet in this stay, the oldest first."""
    is_its = and_(QueueMark.kind == kind, QueueMark.thing == public_id, QueueMark.since == since)
    is_said = exists().where(is_its, QueueMark.late_at.is_not(None))
    rows = db.execute(things.where(~is_said).order_by(since).limit(MOST_AT_ONCE))
    return [(kind, thing, at) for thing, at in rows]


jobs = (Job("note_late", note_late),)
