"""PostgreSQL's own tools, `pg_dump` and `pg_restore`, with what the address of the database says.

The password goes through the environment and never onto a command line, where every user of the machine could read it.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from sqlalchemy import URL, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from lti_tool.core.db import Database
from lti_tool.core.errors import Conflict, Invalid

DUMP = ("pg_dump", "--format=custom", "--compress=0", "--no-owner", "--no-privileges")
RESTORE = (
    *("pg_restore", "--no-owner", "--no-privileges", "--clean", "--if-exists"),
    *("--single-transaction", "--exit-on-error"),
)


def size_of(database: Database) -> int:
    """Bytes of the database."""
    with database.reading() as db:
        return int(db.scalar(text("SELECT pg_database_size(current_database())")) or 0)


def keep_writers_waiting(db: Session) -> None:
    """Let nobody write until this transaction ends; who reads is not kept."""
    names = inspect(db.connection()).get_table_names()
    preparer = db.get_bind().dialect.identifier_preparer
    tables = ", ".join(preparer.quote(name) for name in sorted(names))
    db.execute(text(f"LOCK TABLE {tables} IN EXCLUSIVE MODE"))


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
