"""Writing down what happened, and the small claims by which many workers share the work."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Insert, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lti_tool.core import clock
from lti_tool.core.db import after_commit, as_trust, insert_row
from lti_tool.core.ids import new_public_id
from lti_tool.journal.models import Delivery, JournalLine, Lease, Run, Seal
from lti_tool.journal.queries import LOOK_BACK_LINES, unsealed_lines
from lti_tool.journal.rules import (
    BEFORE_THE_FIRST,
    CLAIM_FOR,
    LEASE_FOR,
    LINES_A_BATCH,
    MOST_ATTEMPTS,
    Listener,
    back_off,
    link,
)


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery that is ours for a minute. `attempts` counts this one."""

    id: int
    public_id: str
    job: str
    line: JournalLine
    attempts: int


def record(
    db: Session, *, trust_id: int | None, actor: str, verb: str, subject: str, details: dict[str, Any] | None = None
) -> None:
    """Write a line and the deliveries that listen for its verb, in the caller's transaction.

    `actor` is a public id, an alias or "system"; `subject` reads `kind:public id`. Nothing that a person typed belongs
    into `details`. After the commit the worker is nudged, so that deliveries need not wait for the next sweep.
    """
    now = clock.now()
    said = {"trust_id": trust_id, "actor": actor, "verb": verb, "subject": subject, "details": details or {}}
    line_id = insert_row(db, JournalLine, at=now, **said)
    due = [_deliver(db, line_id, trust_id, listener, now) for listener in db.info.get("listeners", {}).get(verb, ())]
    if due and (nudge := db.info.get("nudge")):
        after_commit(db, lambda: nudge(due))


def _deliver(
    db: Session, line_id: int, trust_id: int | None, listener: Listener, now: datetime
) -> tuple[int, datetime]:
    """Write a delivery; returns its number and when it is due."""
    due_at = now + listener.after
    said = {"public_id": new_public_id(), "line_id": line_id, "trust_id": trust_id, "job": listener.job.name}
    return insert_row(db, Delivery, attempts=0, due_at=due_at, **said), due_at


def recall(db: Session, trust_id: int, subject: str, since: datetime) -> None:
    """Call back what lines about this subject, written since then, have not delivered yet: what they tell is undone."""
    lines = select(JournalLine.id).where(
        JournalLine.trust_id == trust_id, JournalLine.subject == subject, JournalLine.at >= since
    )
    open_ones = update(Delivery).where(Delivery.line_id.in_(lines), Delivery.done_at.is_(None))
    db.execute(open_ones.values(done_at=clock.now()).execution_options(synchronize_session=False))


def claim_delivery(db: Session, delivery_id: int, now: datetime) -> Claim | None:
    """Take a delivery for `CLAIM_FOR`, unless it is done, not due, given up, or somebody else's."""
    row = db.execute(
        update(Delivery)
        .where(
            Delivery.id == delivery_id,
            Delivery.done_at.is_(None),
            Delivery.due_at <= now,
            Delivery.attempts < MOST_ATTEMPTS,
            or_(Delivery.claimed_until.is_(None), Delivery.claimed_until <= now),
        )
        .values(claimed_until=now + CLAIM_FOR, attempts=Delivery.attempts + 1)
        .returning(Delivery.public_id, Delivery.job, Delivery.line_id, Delivery.trust_id, Delivery.attempts)
    ).first()
    if row is None:
        return None
    if row.trust_id is not None:
        as_trust(db, row.trust_id)
    return Claim(delivery_id, row.public_id, row.job, db.get_one(JournalLine, row.line_id), row.attempts)


def mark_done(db: Session, delivery_id: int, now: datetime) -> bool:
    """Mark a delivery done; False when somebody has. Work in the same transaction takes effect once."""
    done = update(Delivery).where(Delivery.id == delivery_id, Delivery.done_at.is_(None)).values(done_at=now)
    return db.scalar(done.returning(Delivery.id)) is not None


def put_off(db: Session, claim: Claim, now: datetime) -> None:
    """Try again later, unless somebody has taken the delivery over meanwhile."""
    db.execute(
        update(Delivery)
        .where(Delivery.id == claim.id, Delivery.done_at.is_(None), Delivery.attempts == claim.attempts)
        .values(claimed_until=None, due_at=now + back_off(claim.attempts))
    )


def retry_given_up(db: Session, job: str | None, now: datetime) -> dict[str, int]:
    """Try deliveries again that were given up, all or those of one job; returns how many, by job. Each is journalled.

    They are due at once and have all their attempts before them. The next sweep finds them.
    """
    is_given_up = [Delivery.done_at.is_(None), Delivery.attempts >= MOST_ATTEMPTS]
    if job is not None:
        is_given_up.append(Delivery.job == job)
    again = update(Delivery).where(*is_given_up).values(attempts=0, due_at=now, claimed_until=None)
    counted = Counter(db.scalars(again.returning(Delivery.job)))
    for name, count in sorted(counted.items()):
        details = {"count": count}
        record(db, trust_id=None, actor="command", verb="deliveries.retried", subject=f"job:{name}", details=details)
    return dict(sorted(counted.items()))


def claim_slot(db: Session, job: str, slot: datetime) -> bool:
    """Take a slot of a recurring job; False when somebody has it. The unique key decides."""
    return _is_first(db, insert(Run).values(job=job, slot=slot))


def hold_lease(db: Session, name: str, holder: str, now: datetime) -> bool:
    """Take or keep a lease for `LEASE_FOR`; False while somebody else holds it."""
    until = now + LEASE_FOR
    kept = update(Lease).where(Lease.name == name, or_(Lease.holder == holder, Lease.until <= now))
    if db.scalar(kept.values(holder=holder, until=until).returning(Lease.name)):
        return True
    return _is_first(db, insert(Lease).values(name=name, holder=holder, until=until))


def end_lease(db: Session, name: str, holder: str, now: datetime) -> None:
    """Let the next one have it at once."""
    db.execute(update(Lease).where(Lease.name == name, Lease.holder == holder).values(until=now))


def seal(
    db: Session, holder: str, now: datetime, most: int = LINES_A_BATCH, look_back: int | None = LOOK_BACK_LINES
) -> int:
    """Chain up to `most` committed lines; returns how many. Only the holder of the lease does.

    The order of the chain is the order of sealing. A fork is impossible: `seq` is the primary key and each link takes
    the next one, so of two sealers that read the same head one fails.
    """
    if not hold_lease(db, "seal", holder, now):
        return 0
    head = db.execute(select(Seal.seq, Seal.hash).order_by(Seal.seq.desc()).limit(1)).first()
    seq, previous = (head.seq, head.hash) if head else (0, BEFORE_THE_FIRST)
    links: list[dict[str, Any]] = []
    for line in unsealed_lines(db, most, look_back):
        seq += 1
        links.append({"seq": seq, "line_id": line.id, "previous": previous, "hash": (previous := link(previous, line))})
    if links:
        db.execute(insert(Seal), links)
    if len(links) < most:
        end_lease(db, "seal", holder, now)
    return len(links)


def _is_first(db: Session, row: Insert) -> bool:
    try:
        with db.begin_nested():
            db.execute(row)
    except IntegrityError:
        return False
    return True
