"""The database: one place that opens, commits and closes transactions.

Only the edges of the house (a view, a job, a command) call `transaction()` or `reading()`. On SQLite a transaction is
BEGIN IMMEDIATE, so that two writers queue at the door instead of failing half way; an acknowledged write is on the disk
(WAL, synchronous=FULL). Readers use connections of their own on which every write raises.
"""

import fcntl
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache
from typing import Any

from sqlalchemy import Engine, Insert, MetaData, create_engine, event, insert
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.orm import DeclarativeBase, Session

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
BUSY_SECONDS = 20


class Base(DeclarativeBase):
    """The base of every table. Constraint names are fixed, so that Alembic's batch mode finds them."""

    metadata = MetaData(naming_convention=NAMING)


class Database:
    """An engine for writers and one for readers. `notes` is what the doors hand down to every session (`db.info`)."""

    def __init__(self, url: str, connections: int = 10) -> None:
        self.notes: dict[str, Any] = {}
        is_sqlite = make_url(url).get_backend_name() == "sqlite"
        make = _sqlite_engine if is_sqlite else _server_engine
        self._turn = _turnstile(f"{make_url(url).database}-turn") if is_sqlite else nullcontext
        self.engine = make(url, connections, read_only=False)
        self.reader = make(url, connections, read_only=True)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session whose changes are committed together when the block ends, and not at all when it raises."""
        with self._turn(), Session(self.engine, expire_on_commit=False, info=dict(self.notes)) as db:
            yield db
            db.commit()
        for function in db.info.get("after_commit", ()):
            function()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that sees one snapshot and cannot write."""
        with Session(self.reader, autoflush=False, info=dict(self.notes)) as db:
            yield db

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()
        self.reader.dispose()


def insert_row(db: Session, table: type[Base], **values: Any) -> Any:
    """Write a row at once, without making an object of it, and return its primary key's first column.

    Costs half of `db.add` and a flush: for what every launch writes. Columns that are not given are null.
    """
    key = db.connection().execute(_insert_into(table), values).inserted_primary_key
    return key[0] if key else None


@cache
def _insert_into(table: type[Base]) -> Insert:
    return insert(table.__table__)  # type: ignore[arg-type]  # declared as any selectable, and always a table


def after_commit(db: Session, function: Callable[[], None]) -> None:
    """Call `function` once after this transaction has been committed; never when it was not."""
    db.info.setdefault("after_commit", []).append(function)


def _turnstile(path: str) -> Callable[[], AbstractContextManager[None]]:
    """Lets one writer of all processes in at a time, in the order in which they came.

    SQLite itself does not queue: who finds it busy sleeps, longer each time, while others who came later slip in. This
    is a courtesy before BEGIN IMMEDIATE, which keeps writers apart: who has waited too long for a turn goes on to it.
    """
    door = threading.Lock()

    @contextmanager
    def turn() -> Iterator[None]:
        if not door.acquire(timeout=BUSY_SECONDS):
            yield
            return
        try:
            with open(path, "wb") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                yield
        finally:
            door.release()

    return turn


def _sqlite_engine(url: str, connections: int, read_only: bool) -> Engine:
    engine = create_engine(
        url, hide_parameters=True, pool_size=connections, max_overflow=connections, pool_timeout=BUSY_SECONDS
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # BEGIN is ours: the driver's own would be deferred and late
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"busy_timeout={BUSY_SECONDS * 1000}",
        ):
            connection.execute(f"PRAGMA {pragma}")
        if read_only:
            connection.execute("PRAGMA query_only=ON")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine


def _server_engine(url: str, connections: int, read_only: bool) -> Engine:
    engine = create_engine(
        url, hide_parameters=True, pool_size=connections, max_overflow=connections, pool_pre_ping=True
    )
    return (
        engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True) if read_only else engine
    )
