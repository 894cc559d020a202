"""A database with the journal in it, and jobs that leave traces which the tests can count.

Everything here can be imported by another process: the tests start real ones.
"""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import String, event, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from lti_tool import people
from lti_tool.core.db import Base, Database, after_commit
from lti_tool.journal import Job, JournalLine, Listener, Reach, record

assert people  # its tables are referred to by those of the journal


class Trace(Base):
    """One effect of a job."""

    __tablename__ = "test_traces"
    id: Mapped[int] = mapped_column(primary_key=True)
    what: Mapped[str] = mapped_column(String(80))


def trace(db: Session, line: JournalLine) -> None:
    db.add(Trace(what=line.subject))


def fail(db: Session, line: JournalLine) -> None:
    db.add(Trace(what="must be rolled back"))
    db.flush()
    raise RuntimeError(line.verb)


def die_once(db: Session, line: JournalLine) -> None:
    """Be killed after the effect and before the commit, at the first attempt."""
    db.add(Trace(what=line.subject))
    db.flush()
    die_if_not_dead_yet()


def die_if_not_dead_yet() -> None:
    marker = Path(os.environ["DIE_ONCE"])
    if not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)


def die_once_done(db: Session, line: JournalLine) -> None:
    """Be killed as soon as the effect is committed, at the first attempt."""
    db.add(Trace(what=line.subject))
    after_commit(db, die_if_not_dead_yet)


def send(_database: Database, line: JournalLine, stable_id: str) -> None:
    """Something outside: a line in a file. Killed after it, at the first attempt."""
    with Path(os.environ["SENT"]).open("a") as sent:
        sent.write(f"{line.subject} {stable_id}\n")
    die_if_not_dead_yet()


JOBS = {
    job.name: job
    for job in (
        Job("trace", trace),
        Job("fail", fail),
        Job("die_once", die_once),
        Job("die_once_done", die_once_done),
        Job("send", send, Reach.OUTSIDE),
    )
}


def listen(*names: str) -> dict[str, list[Listener]]:
    """Each job listens for the verb of its own name."""
    return {f"test.{name}": [Listener(f"test.{name}", JOBS[name])] for name in names or JOBS}


def open_database(folder: Path, role: str = "") -> Database:
    """The database of this folder: the one that its note names, or else a file in it."""
    note = folder / f"database-url{role}"
    url = note.read_text() if note.exists() else f"sqlite:///{folder}/house.db"
    database = Database(url)
    database.notes["listeners"] = listen()
    return database


@contextmanager
def intruder(folder: Path) -> Iterator[Session]:
    """Somebody who may do what no code of ours may: change and remove lines, whatever refers to them."""
    database = open_database(folder, "-of-intruder")
    on_sqlite = database.engine.dialect.name == "sqlite"
    regardless = "PRAGMA foreign_keys=OFF" if on_sqlite else "SET session_replication_role = replica"
    event.listen(database.engine, "connect", lambda connection, _record: connection.execute(regardless))
    with database.transaction() as db:
        yield db
    database.close()


def make_database(folder: Path) -> Database:
    database = open_database(folder)
    Base.metadata.create_all(database.engine)
    return database


def write_lines(database: Database, verb: str, count: int = 1) -> None:
    for number in range(count):
        with database.transaction() as db:
            record(db, trust_id=None, actor="system", verb=verb, subject=f"test:{number}", details={"n": number})


def traces(database: Database) -> list[str]:
    with database.reading() as db:
        return list(db.scalars(select(Trace.what).order_by(Trace.what)))


def count(database: Database, table: type[Base]) -> int:
    with database.reading() as db:
        return db.scalar(select(func.count()).select_from(table)) or 0
