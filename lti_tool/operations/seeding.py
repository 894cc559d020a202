"""Filling a trust of its own with invented people and their talk, in bulk and all at once or not at all."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from random import Random

from sqlalchemy import Table, func, insert, select, text
from sqlalchemy.orm import Session

from lti_tool.boards import seal_for
from lti_tool.core import clock
from lti_tool.core.db import Base, Database
from lti_tool.core.errors import Conflict, Invalid
from lti_tool.journal import record
from lti_tool.operations.casework import write_cases
from lti_tool.operations.crowd import gather
from lti_tool.operations.indexing import index_posts, index_rest, taken_keys
from lti_tool.operations.talk import LARGEST_THREAD, Batch, Numbers, Row, Talk, bodies, sizes
from lti_tool.operations.teaching import teach
from lti_tool.people import Trust, find_trust

POSTS_A_BATCH = 20_000
CACHE_KIB = 400_000
FIRST_TRUST = "Seeded Hospitals (everybody in it is invented)"
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is wanted. The same plan with the same `random` gives the same trust on the same day."""

    trust: str
    people: int
    threads: int
    posts: int
    random: int
    sessions: int = 0
    cases: int = 0


def seed(database: Database, plan: Plan, say: Say) -> None:
    """Make the trust. Raises Invalid and Conflict with what to do; then nothing has changed."""
    _check(plan)
    rng = Random(f"{plan.random} {plan.trust}")  # noqa: S311 - invented people may be guessed
    began = time.monotonic()
    prepared = bodies()
    say(f"{len(prepared)} texts written and rendered ({time.monotonic() - began:.0f} s).")
    with database.transaction() as db:
        _refuse_mixing(db, plan.trust)
        _give_room(db)
        crowd = gather(db, plan.trust, plan.people, rng)
        where = f"in {len(crowd.groups)} courses with {len(crowd.stages)} boards"
        say(f"{plan.people:,} people {where} ({time.monotonic() - began:.0f} s).")
        now = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
        talk = Talk(crowd.trust.id, now, _reserve(db, plan), prepared, rng)
        taken = taken_keys(db)
        _write(db, talk.threads(crowd.stages, sizes(plan.threads, plan.posts, rng)), plan, say, began, taken)
        write_cases(db, crowd.groups, plan.cases, rng)
        teach(db, crowd.groups, plan.sessions, rng)
        index_rest(db, taken)
        counts = {"people": plan.people, "threads": plan.threads, "posts": plan.posts}
        counts |= {"cases": plan.cases, "sessions": plan.sessions}
        subject = f"trust:{crowd.trust.public_id}"
        record(db, trust_id=crowd.trust.id, actor="command", verb="trust.seeded", subject=subject, details=counts)
    _tidy_up(database)
    say(f"Done: “{plan.trust}” is filled ({time.monotonic() - began:.0f} s).")


def default_trust(db: Session) -> str:
    """The trust of an installation where nobody is yet. Raises Conflict where somebody is."""
    if db.scalar(select(Trust.id).limit(1)) is not None:
        raise Conflict("There is a trust here already. Name a new one for the invented people: --trust “A name”.")
    return FIRST_TRUST


def _check(plan: Plan) -> None:
    if not plan.trust.strip():
        raise Invalid("Give the trust a name.")
    if plan.people < 2 or plan.threads < 1:
        raise Invalid("Two people and one thread are the least.")
    if not plan.threads <= plan.posts <= plan.threads * LARGEST_THREAD:
        raise Invalid(
            f"Each thread begins with a post and has at most {LARGEST_THREAD}:"
            f" {plan.threads:,} threads hold {plan.threads:,} to {plan.threads * LARGEST_THREAD:,} posts."
        )


def _refuse_mixing(db: Session, name: str) -> None:
    if find_trust(db, name) is not None:
        raise Conflict(f"There is a trust called “{name}” already, and invented people never mix with others.")


def _give_room(db: Session) -> None:
    """Keep what is written in memory as far as it goes: rows come in order, their public ids do not."""
    if db.get_bind().dialect.name == "sqlite":
        db.execute(text(f"PRAGMA cache_size = -{CACHE_KIB}"))


def _reserve(db: Session, plan: Plan) -> Numbers:
    """Numbers that nobody else takes: on SQLite we alone write, on a server they come from its sequences."""
    wanted = {"threads": plan.threads, "texts": plan.posts, "posts": plan.posts}
    if db.get_bind().dialect.name == "sqlite":
        return Numbers(*(1 + (db.scalar(select(func.max(_table(name).c.id))) or 0) for name in wanted))
    return Numbers(*(_take(db, name, count) for name, count in wanted.items()))


def _take(db: Session, table: str, count: int) -> int:
    """The first of so many numbers in a row. Nobody writes into the table until we are done, so nobody takes one."""
    db.execute(text(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE"))
    last = "SELECT max(nextval(pg_get_serial_sequence(:name, 'id'))) FROM generate_series(1, :count)"
    return int(db.scalar(text(last), {"name": table, "count": count}) or 0) - count + 1


def _write(db: Session, threads: Iterable[Batch], plan: Plan, say: Say, began: float, taken: set[int]) -> None:
    gathered, written = Batch(), 0
    for thread in threads:
        for one in fields(Batch):
            getattr(gathered, one.name).extend(getattr(thread, one.name))
        if len(gathered.posts) >= POSTS_A_BATCH:
            written += _flush(db, gathered, taken)
            gathered = Batch()
            say(f"{written:,} of {plan.posts:,} posts ({time.monotonic() - began:.0f} s).")
    _flush(db, gathered, taken)


def _flush(db: Session, batch: Batch, taken: set[int]) -> int:
    connection = db.connection()
    for name in ("threads", "thread_activity", "texts", "revisions", "posts"):
        if rows := getattr(batch, name):
            connection.execute(insert(_table(name)), rows)
    if batch.sealed_authors:
        connection.execute(insert(_table("sealed_authors")), [_sealed(db, author) for author in batch.sealed_authors])
    index_posts(db, batch, taken)
    return len(batch.posts)


def _sealed(db: Session, author: Row) -> Row:
    return author | {"sealed": seal_for(db, author["sealed"])}


def _table(name: str) -> Table:
    return Base.metadata.tables[name]


def _tidy_up(database: Database) -> None:
    """Let the planner know what there is now, and on SQLite move all of it out of the log."""
    if database.engine.dialect.name != "sqlite":
        return
    with database.engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
