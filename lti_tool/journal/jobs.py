"""What the worker does: one delivery, one slot, sealing, tidying. Each may die anywhere."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, select, tuple_

from lti_tool.core import clock
from lti_tool.core.db import Database
from lti_tool.core.ids import new_public_id
from lti_tool.core.log import log
from lti_tool.journal.actions import Claim, claim_delivery, claim_slot, mark_done, put_off, seal
from lti_tool.journal.models import Delivery, JournalLine, Run
from lti_tool.journal.queries import LOOK_BACK_LINES, count_unsealed
from lti_tool.journal.rules import (
    KEEP_DONE_FOR,
    KEEP_RUNS_FOR,
    LINES_A_BATCH,
    MOST_ATTEMPTS,
    Job,
    Reach,
    Recurring,
)

ROWS_A_BATCH = 5_000


def deliver(database: Database, jobs: Mapping[str, Job], delivery_id: int) -> None:
    """Run a delivery if it is due and nobody has it. A failure is logged and put off, never raised."""
    with database.transaction() as db:
        claim = claim_delivery(db, delivery_id, clock.now())
    if claim is None:
        return
    try:
        _run(database, jobs[claim.job], claim)
    except Exception as error:
        with database.transaction() as db:
            put_off(db, claim, clock.now())
        is_last = claim.attempts >= MOST_ATTEMPTS
        log.error(
            "delivery given up" if is_last else "delivery failed",
            verb=claim.line.verb,
            job=claim.job,
            delivery=claim.public_id,
            attempts=claim.attempts,
            fault=type(error).__name__,
            exc_info=True,
        )


def _run(database: Database, job: Job, claim: Claim) -> None:
    of_trust = database.within(claim.line.trust_id)
    if job.reach is Reach.OUTSIDE:
        job.run(of_trust, claim.line, claim.public_id)
        with database.transaction() as db:
            mark_done(db, claim.id, clock.now())
        return
    with of_trust.transaction() as db:
        if mark_done(db, claim.id, clock.now()):
            job.run(db, db.get_one(JournalLine, claim.line.id))


def run_slot(database: Database, recurring: Recurring, slot: datetime) -> None:
    """Run a recurring job for a slot, if nobody has and no newer slot has begun.

    INSIDE, claim and effect are one transaction: a slot that failed is free again for the next scheduler that looks.
    OUTSIDE, the claim comes first: a slot that failed is over, and the next slot is the next attempt.
    """
    job = recurring.job
    if slot < recurring.latest_slot(clock.now()):
        return
    with database.transaction() as db:
        is_ours = claim_slot(db, job.name, slot)
        if is_ours and job.reach is Reach.INSIDE:
            job.run(db, slot)
    if is_ours and job.reach is Reach.OUTSIDE:
        job.run(database, slot)


def seal_all(database: Database, _slot: datetime | None = None, look_back: int | None = LOOK_BACK_LINES) -> int:
    """Chain whatever is not chained yet, in short transactions; returns how many lines."""
    with database.reading() as db:
        if not count_unsealed(db, look_back):
            return 0
    holder, total = new_public_id(), 0
    while True:
        with database.transaction() as db:
            sealed = seal(db, holder, clock.now(), look_back=look_back)
        total += sealed
        if sealed < LINES_A_BATCH:
            return total


def tidy(database: Database, _slot: datetime | None = None) -> None:
    """Remove old slots and deliveries that were done long ago, a batch a transaction. Lines and seals stay for ever.

    And seal what was committed so late that the sealing of every few seconds no longer looked for it.
    """
    seal_all(database, look_back=None)
    now = clock.now()
    _remove(database, Delivery, (Delivery.id,), Delivery.done_at < now - KEEP_DONE_FOR)
    _remove(database, Run, (Run.job, Run.slot), Run.slot < now - KEEP_RUNS_FOR)


def _remove(database: Database, table: type[Any], key: tuple[Any, ...], is_old: ColumnElement[bool]) -> None:
    while True:
        with database.transaction() as db:
            oldest = select(*key).where(is_old).limit(ROWS_A_BATCH)
            removed = db.connection().execute(delete(table).where(tuple_(*key).in_(oldest)))
        if removed.rowcount < ROWS_A_BATCH:
            return


SEAL = Job("seal", seal_all, Reach.OUTSIDE)
TIDY = Job("tidy", tidy, Reach.OUTSIDE)
