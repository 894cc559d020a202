"""The database: one place that opens, commits and closes transactions.

Only the edges of the house (a view, a job, a command) call `transaction()` or `reading()`. On SQLite a transaction is
BEGIN IMMEDIATE, so that two writers queue at the door instead of failing half way; an acknowledged write is on the disk
(WAL, synchronous=FULL). Readers use connections of their own on which every write raises.

On PostgreSQL a session shows the rows of one trust alone (row-level security): of the trust that it has entered, by
`Database.within` from its first statement on, or by `as_trust` as soon as the trust is known. Writers within one trust
take turns there, so that what an action has looked up still holds when it writes, as on SQLite.
"""

import fcntl
import json
import mmap
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from copy import copy
from functools import cache
from pathlib import Path
from typing import Any, Self, TypeVar

from sqlalchemy import (
    CursorResult,
    Engine,
    Executable,
    Insert,
    MetaData,
    ScalarSelect,
    Select,
    String,
    cast,
    create_engine,
    event,
    func,
    insert,
    select,
    text,
)
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.orm import DeclarativeBase, Session, aliased

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
BUSY_SECONDS = 20
LONGEST_PAUSE_SECONDS = 60  # a transaction that asks nothing for so long is ended by the server

TRUST_SETTING = "grand_round.trust"  # what the policies of row-level security compare with
TURN_KEY = 0x47520001  # the first half of the advisory lock's key; the trust is the second
_CONNECTION = "connection"
_EMPTY_LIST = ("[]", b"[]")  # as SQLite keeps it, and as a server sends it

_ENTER = text("SELECT set_config(:name, :trust, true)")
_AS_WRITTEN = text(
    "SELECT set_config('join_collapse_limit', '1', true), set_config('enable_hashjoin', 'off', true),"
    " set_config('enable_mergejoin', 'off', true)"
)
_ENTER_IN_TURN = text("SELECT set_config(:name, :trust, true), pg_advisory_xact_lock(:key, :number)")


class Base(DeclarativeBase):
    """The base of every table. Constraint names are fixed, so that Alembic's batch mode finds them."""

    metadata = MetaData(naming_convention=NAMING)


_Table = TypeVar("_Table", bound=Base)


class Database:
    """An engine for writers and one for readers. `notes` is what the doors hand down to every session (`db.info`)."""

    def __init__(self, url: str, connections: int = 10) -> None:
        self.notes: dict[str, Any] = {}
        is_sqlite = make_url(url).get_backend_name() == "sqlite"
        self.file = Path(make_url(url).database or "") if is_sqlite else None
        make = _sqlite_engine if is_sqlite else _server_engine
        self._turn = _turnstile(f"{make_url(url).database}-turn") if is_sqlite else nullcontext
        self.engine = make(url, connections, read_only=False)
        self.reader = make(url, connections, read_only=True)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session whose changes are committed together when the block ends, and not at all when it raises."""
        session = Session(self.engine, expire_on_commit=False, info=dict(self.notes))
        with session as db, self._turn(), db.begin():
            db.info[_CONNECTION] = db.connection()
            if "trust" in db.info:
                _enter(db, db.info["trust"], takes_turn=True)
            yield db
        for function in db.info.get("after_commit", ()):
            function()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that sees one snapshot and cannot write."""
        with Session(self.reader, autoflush=False, info=dict(self.notes)) as db:
            db.info[_CONNECTION] = db.connection()
            if "trust" in db.info:
                _enter(db, db.info["trust"])
            yield db

    def within(self, trust_id: int | None) -> Self:
        """This database, whose sessions enter the trust before anything else; with None, they enter none."""
        inside = copy(self)
        inside.notes = {name: note for name, note in self.notes.items() if name != "trust"}
        if trust_id is not None:
            inside.notes["trust"] = trust_id
        return inside

    def forget(self, words: Sequence[str]) -> bool | None:
        """Whether none of these words is in the database's file or its log any more; it is rewritten where some are.

        None on a server, which keeps its own files. Only for what was overwritten in a transaction that has ended.
        """
        if self.file is None:
            return None
        if self._empty_log() and not _stands_in(self.file, words):
            return True
        return self.rewrite() and not _stands_in(self.file, words)

    def rewrite(self) -> bool:
        """Write the whole file anew, so that no free space in it holds what was overwritten; False when others read."""
        if self.file is not None:
            with self._turn():
                _run_alone(self.engine, "VACUUM")
        return self._empty_log()

    def _empty_log(self) -> bool:
        """Move what the log holds into the file, and cut it off. False when somebody is still reading from it."""
        return self.file is None or _run_alone(self.engine, "PRAGMA wal_checkpoint(TRUNCATE)")[0] == 0

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()
        self.reader.dispose()


def _run_alone(engine: Engine, statement: str) -> Any:
    """Run what SQLite lets nobody run within a transaction; its first row, if any."""
    connection = engine.raw_connection()
    try:
        return connection.cursor().execute(statement).fetchone()
    finally:
        connection.close()


def _stands_in(file: Path, words: Sequence[str]) -> bool:
    """Whether one of these words stands in the file or in the log beside it."""
    wanted = [word.encode() for word in words if word]
    for path in (file, file.with_name(f"{file.name}-wal")):
        if path.exists() and path.stat().st_size:
            with path.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as held:
                if any(held.find(word) >= 0 for word in wanted):
                    return True
    return False


def as_trust(db: Session, trust: int | Select[tuple[str]], **values: Any) -> None:
    """From here to its end this transaction reads and writes rows of this trust alone.

    For edges that learn only on the way whose trust it is: `trust` is its number, or what `trust_found_by` made, with
    its values. SQLite has nothing of the kind: there the queries' own conditions stand alone, and this is free.
    """
    if isinstance(trust, int):
        _enter(db, trust)
    elif has_row_security(db):
        connection_of(db).execute(trust, values)


def trust_found_by(subquery: ScalarSelect[Any]) -> Select[tuple[str]]:
    """For `as_trust`: the trust that a subquery of tables outside row-level security finds. Made once, and kept."""
    return select(func.set_config(TRUST_SETTING, func.coalesce(cast(subquery, String), ""), True))


def _enter(db: Session, trust_id: int, *, takes_turn: bool = False) -> None:
    if has_row_security(db):
        said = {"name": TRUST_SETTING, "trust": str(trust_id), "key": TURN_KEY, "number": trust_id}
        connection_of(db).execute(_ENTER_IN_TURN if takes_turn else _ENTER, said)


def take_turn(db: Session, trust_id: int) -> bool:
    """Wait until no other writer is within the trust; True if things may have changed meanwhile.

    For edges that began without a trust. On SQLite the turn was taken when the transaction began.
    """
    if not has_row_security(db):
        return False
    _enter(db, trust_id, takes_turn=True)
    return True


def set_for_transaction(db: Session, name: str, value: str) -> None:
    """Set one of our own settings on a server, which policies read, or of its own, until this transaction ends."""
    if has_row_security(db):
        db.execute(select(func.set_config(name, value, True)))


def joined_as_written(db: Session) -> None:
    """From here to the end of the transaction PostgreSQL joins tables in the order in which a query names them, and
    looks each row up by its key.

    For queries that begin with a few known rows and tell much about them: to weigh every other order of ten tables
    takes a server ten times as long as to read them, and it then reads all threads to find thirty. SQLite does this by
    itself, and is not asked.
    """
    if has_row_security(db):
        db.execute(_AS_WRITTEN)


def again(table: type[_Table]) -> type[_Table]:
    """A second name for a table, which a module keeps: to make one costs as much as a query.

    All its columns are named at once. SQLAlchemy's `aliased` does so at first use, and where threads are first together
    some get the table itself.
    """
    made = aliased(table)
    for column in table.__table__.columns:
        assert getattr(made, column.key).expression is not None
    return made


def has_row_security(db: Session) -> bool:
    """Whether this database divides rows by trust itself."""
    return connection_of(db).dialect.name == "postgresql"


def connection_of(db: Session) -> Connection:
    """The connection of a transaction. To ask the session for it each time costs as much as a small statement."""
    kept: Connection | None = db.info.get(_CONNECTION)
    return kept if kept is not None else db.connection()


def fetch(db: Session, made: Executable, values: Mapping[str, Any]) -> CursorResult[*tuple[Any, ...]]:
    """What a statement answers that was made once and has names (`bindparam`) for these values.

    The session's own way costs as much as a small statement. As it would, this writes first what waits in it.
    """
    if db.autoflush:
        db.flush()
    return connection_of(db).execute(made, dict(values))


def insert_row(db: Session, table: type[Base], **values: Any) -> Any:
    """Write a row at once, without making an object of it, and return its primary key's first column.

    Costs half of `db.add` and a flush: for what every launch writes. Columns that are not given are null.
    """
    key = connection_of(db).execute(_insert_into(table), values).inserted_primary_key
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
    Raises RuntimeError in who has the turn already: a transaction within another would wait for itself.
    """
    door, mine = threading.Lock(), threading.local()

    @contextmanager
    def turn() -> Iterator[None]:
        if getattr(mine, "has_begun", False):
            raise RuntimeError("A transaction was begun within another.")
        if not door.acquire(timeout=BUSY_SECONDS):
            yield
            return
        mine.has_begun = True
        try:
            file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o666)
            try:
                fcntl.flock(file, fcntl.LOCK_EX)
                yield
            finally:
                os.close(file)
        finally:
            mine.has_begun = False
            door.release()

    return turn


def _read_json(kept: str | bytes) -> Any:
    """Most lists are empty, and to see that takes a tenth of reading them."""
    return [] if kept in _EMPTY_LIST else json.loads(kept)


def _usual(connections: int) -> dict[str, Any]:
    waits = {"pool_size": connections, "max_overflow": connections, "pool_timeout": BUSY_SECONDS}
    return {"hide_parameters": True, "json_deserializer": _read_json, **waits}


def _sqlite_engine(url: str, connections: int, read_only: bool) -> Engine:
    engine = create_engine(url, **_usual(connections))

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # BEGIN is ours: the driver's own would be deferred and late
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "secure_delete=ON",
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
    """READ COMMITTED for writers, whose every statement sees what others have committed; one snapshot for readers."""
    options = f"-c lock_timeout={BUSY_SECONDS}s -c idle_in_transaction_session_timeout={LONGEST_PAUSE_SECONDS}s"
    options += " -c timezone=UTC"  # moments come as we keep them: a page of posts has thousands
    engine = create_engine(
        url,
        pool_pre_ping=True,
        connect_args={"options": options},
        isolation_level="REPEATABLE READ" if read_only else "READ COMMITTED",
        **_usual(connections),
    )
    return engine.execution_options(postgresql_readonly=True) if read_only else engine
