"""PostgreSQL's own tools, `pg_dump` and `pg_restore`, with what the address of the database says.

The password goes through the environment and never onto a command line, where every user of the machine could read it.
"""

import os
import random
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from sqlalchemy import URL, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from lti_tool.core.db import Database
from lti_tool.core.errors import Conflict, Invalid

DUMP = ("pg_dump", "--format=custom", "--compress=0", "--no-owner", "--no-privileges")
LOCK_WITHIN_MS = 600
LOCK_ATTEMPTS = 60
PAUSE_SECONDS = (0.05, 0.5)
RESTORE = (
    *("pg_restore", "--no-owner", "--no-privileges", "--clean", "--if-exists"),
    *("--single-transaction", "--exit-on-error"),
)


def size_of(database: Database) -> int:
    """Bytes of the database."""
    with database.reading() as db:
        return int(db.scalar(text("SELECT pg_database_size(current_database())")) or 0)


def keep_writers_waiting(db: Session) -> None:
    """Let nobody write until this transaction ends; who reads is not kept. Raises Conflict when there is no gap.

    Writers take their locks in orders of their own, so to wait for every table could be to wait for each other. The
    server ends one of two who do so after a second (deadlock_timeout), and it must never be the one at whose end a
    person sits: we let go of all before that, and try again.
    """
    names = sorted(inspect(db.connection()).get_table_names())
    tables = ", ".join(db.get_bind().dialect.identifier_preparer.quote(name) for name in names)
    for _attempt in range(LOCK_ATTEMPTS):
        with suppress(OperationalError), db.begin_nested():
            db.execute(text(f"SET LOCAL statement_timeout = {LOCK_WITHIN_MS}"))
            db.execute(text(f"LOCK TABLE {tables} IN EXCLUSIVE MODE"))
            db.execute(text("SET LOCAL statement_timeout = 0"))
            db.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))  # the dump takes as long as it takes
            return
        time.sleep(random.uniform(*PAUSE_SECONDS))  # noqa: S311 - no secret
    raise Conflict("People write so much just now that no moment was free. Take the backup when it is quieter.")


@contextmanager
def dump(address: str) -> Iterator[IO[bytes]]:
    """What `pg_dump` writes. Raises Invalid with its own words when it ends badly."""
    url = make_url(address)
    with _started((*DUMP, f"--dbname={url.database}"), url, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None, "a pipe was asked for"
        yield process.stdout


def dump_to(url: str, target: Path) -> None:
    """Write a dump into a file of our own, which must not be there yet."""
    parts = make_url(url)
    with os.fdopen(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        with _started((*DUMP, f"--dbname={parts.database}"), parts, stdout=file.fileno()):
            pass
        os.fsync(file.fileno())


def restore(url: str, source: Path) -> None:
    """Put a dump in place of what the database holds, all or nothing. Raises Invalid with the tool's own words."""
    parts = make_url(url)
    with _started((*RESTORE, f"--dbname={parts.database}", str(source)), parts, stdout=subprocess.DEVNULL):
        pass


def refuse_company(url: str) -> None:
    """Raise Conflict while anybody else is connected: Grand Round would go on writing into what is replaced."""
    database = Database(url)
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    try:
        with database.reading() as db:
            if db.scalar(text(others)):
                raise Conflict("Somebody else is connected to the database. Stop Grand Round, and restore again.")
    finally:
        database.close()


@contextmanager
def _started(command: tuple[str, ...], url: URL, stdout: int) -> Iterator["subprocess.Popen[bytes]"]:
    name = command[0]
    if shutil.which(name) is None:
        raise Invalid(f"{name} is missing on this machine. Install PostgreSQL's client programmes (postgresql-client).")
    with subprocess.Popen(command, env=_environ(url), stdout=stdout, stderr=subprocess.PIPE) as process:  # noqa: S603 - ours
        yield process
        assert process.stderr is not None, "a pipe was asked for"
        said = process.stderr.read().decode(errors="replace").strip().splitlines()
        if process.wait() != 0:
            raise Invalid(f"{name} did not finish: {said[-1] if said else 'it said nothing'}")


def _environ(url: URL) -> dict[str, str]:
    said = {"PGHOST": url.host, "PGPORT": url.port, "PGUSER": url.username, "PGPASSWORD": url.password}
    named = {f"PG{name.upper()}": value for name, value in url.query.items() if isinstance(value, str)}
    return (
        dict(os.environ)
        | {name: str(value) for name, value in said.items() if value is not None}
        | {name: value for name, value in named.items() if name in ("PGHOST", "PGPORT", "PGSSLMODE", "PGSSLROOTCERT")}
    )
