"""What is due, what is late, what is unsealed, and whether the chain is whole. For workers, commands and `/metrics`."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, case, exists, func, or_, select
from sqlalchemy.orm import Session

from lti_tool.core.db import set_for_transaction
from lti_tool.journal.models import Delivery, JournalLine, Run, Seal
from lti_tool.journal.rules import BEFORE_THE_FIRST, LINES_A_BATCH, MOST_ATTEMPTS, LineText, Verdict, link

# Servers give numbers before they commit, so a line may appear below one that is sealed: look back this far, and once
# a night over all of them.
LOOK_BACK_LINES = 5_000
WHOLE_JOURNAL = "grand_round.whole_journal"  # lets one transaction read lines of every trust
_LINE = (
    JournalLine.id,
    JournalLine.trust_id,
    JournalLine.at,
    JournalLine.actor,
    JournalLine.verb,
    JournalLine.subject,
    JournalLine.details,
)


@dataclass(frozen=True, slots=True)
class Undone:
    """Deliveries of one job that have not been done: `waiting` ones are tried again, `given_up` ones need a person."""

    job: str
    waiting: int
    given_up: int
    oldest_due_at: datetime


def due_deliveries(db: Session, now: datetime, most: int = 1_000) -> list[tuple[int, datetime]]:
    """(number, when due) of deliveries that nobody is doing, oldest first."""
    rows = db.execute(
        select(Delivery.id, Delivery.due_at)
        .where(
            Delivery.done_at.is_(None),
            Delivery.due_at <= now,
            Delivery.attempts < MOST_ATTEMPTS,
            or_(Delivery.claimed_until.is_(None), Delivery.claimed_until <= now),
        )
        .order_by(Delivery.due_at)
        .limit(most)
    )
    return [(row.id, row.due_at) for row in rows]


def undone_deliveries(db: Session) -> list[Undone]:
    """What waits and what was given up, by job."""
    given_up = func.sum(case((Delivery.attempts >= MOST_ATTEMPTS, 1), else_=0))
    rows = db.execute(
        select(Delivery.job, func.count() - given_up, given_up, func.min(Delivery.due_at, type_=Delivery.due_at.type))
        .where(Delivery.done_at.is_(None))
        .group_by(Delivery.job)
        .order_by(Delivery.job)
    )
    return [Undone(*row) for row in rows]


def latest_runs(db: Session) -> dict[str, datetime]:
    """The newest slot that was run, by recurring job."""
    rows = db.execute(select(Run.job, func.max(Run.slot, type_=Run.slot.type).label("slot")).group_by(Run.job))
    return {row.job: row.slot for row in rows}


def count_unsealed(db: Session, look_back: int | None = LOOK_BACK_LINES) -> int:
    """How many lines the next seal will find; with no bound to its look back, how many have no seal at all."""
    return db.scalar(select(func.count()).select_from(_unsealed(db, look_back).subquery())) or 0


def unsealed_lines(db: Session, most: int, look_back: int | None = LOOK_BACK_LINES) -> Iterator[LineText]:
    """Committed lines that are not in the chain, oldest first."""
    for row in db.execute(_unsealed(db, look_back).order_by(JournalLine.id).limit(most)):
        yield LineText(*row)


def _unsealed(db: Session, look_back: int | None) -> Select[Any]:
    set_for_transaction(db, WHOLE_JOURNAL, "yes")
    lines = select(*_LINE).where(~exists().where(Seal.line_id == JournalLine.id))
    on_one_writer = db.get_bind().dialect.name == "sqlite"
    if look_back is None and not on_one_writer:
        return lines
    newest = db.scalar(select(func.max(Seal.line_id))) or 0
    return lines.where(JournalLine.id > newest - (0 if on_one_writer else look_back or 0))


def chain_head(db: Session) -> tuple[int, int, str]:
    """(lines sealed, lines to be sealed, head in hexadecimal), without reading the chain."""
    head = db.execute(select(Seal.seq, Seal.hash).order_by(Seal.seq.desc()).limit(1)).first()
    seq, newest = (head.seq, head.hash) if head else (0, BEFORE_THE_FIRST)
    return seq, count_unsealed(db), newest.hex()


def verify(db: Session, batch: int = LINES_A_BATCH, newest: int | None = None) -> Verdict:
    """Read the whole chain, or its `newest` links, a batch at a time, and say where it breaks first.

    Broken means: a number is missing, a link does not follow the one before, or its line was changed or taken out.
    """
    set_for_transaction(db, WHOLE_JOURNAL, "yes")
    seq, previous, broken = *_link_before(db, newest), None
    while broken is None and (links := _links_after(db, seq, batch)):
        for seal, line in links:
            whole = line is not None and seal.previous == previous and seal.hash == link(previous, line)
            if seal.seq != seq + 1 or not whole:
                broken = seq + 1
                break
            seq, previous = seal.seq, seal.hash
    sealed = db.scalar(select(func.count()).select_from(Seal)) or 0
    lines = db.scalar(select(func.count()).select_from(JournalLine)) or 0
    return Verdict(sealed=sealed, unsealed=max(lines - sealed, 0), first_broken=broken, head=previous.hex())


def _link_before(db: Session, newest: int | None) -> tuple[int, bytes]:
    """Where to begin in order to read the `newest` links: the one before them is believed."""
    last = db.scalar(select(func.max(Seal.seq))) or 0
    if newest is None or last <= newest:
        return 0, BEFORE_THE_FIRST
    before = db.execute(select(Seal.seq, Seal.hash).where(Seal.seq <= last - newest).order_by(Seal.seq.desc()).limit(1))
    row = before.first()
    return (row.seq, row.hash) if row else (0, BEFORE_THE_FIRST)


def _links_after(db: Session, seq: int, batch: int) -> list[tuple[Any, LineText | None]]:
    rows = db.execute(
        select(Seal.seq, Seal.previous, Seal.hash, *_LINE)
        .outerjoin(JournalLine, JournalLine.id == Seal.line_id)
        .where(Seal.seq > seq)
        .order_by(Seal.seq)
        .limit(batch)
    )
    return [(row, None if row.id is None else LineText(*row[3:])) for row in rows]
