"""Taking an archive while people work: it holds every write that was answered before the command ended.

**SQLite.** Copying a large database takes a while, and nobody should wait for so long. So it is copied in two steps:

1. An open reader pins the write-ahead log. While it is pinned, SQLite may move pages from the log into the database
   file, but takes none out of the log. The file is copied meanwhile, and may be caught with half of such a move in it.
2. Then the writers' turn is taken, and the log is copied: all that was written since, and all that was being moved.
   SQLite reads both together as it does after a power cut, and finds every committed write, whole.

The second step lasts a fraction of a second on a busy day. Writers wait in it and do not fail. It lasts until the
archive is on the disk under its own name and the command has said so; only then may somebody write again.

**PostgreSQL.** `pg_dump` reads one snapshot, taken while a lock keeps writers (not readers) waiting until its end.
"""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO
from zipfile import is_zipfile

from sqlalchemy import text
from sqlalchemy.orm import Session

from lti_tool.core import clock
from lti_tool.core.db import Database
from lti_tool.core.errors import Conflict, Invalid
from lti_tool.core.ids import new_public_id
from lti_tool.core.settings import Settings
from lti_tool.journal import chain_head, record
from lti_tool.operations import postgres
from lti_tool.operations.archive import (
    FILES,
    POSTGRES_DUMP,
    SQLITE_FILE,
    SQLITE_LOG,
    ArchiveWriter,
    Manifest,
    is_file_name,
    key_fingerprint,
)

ROOM_TO_SPARE_BYTES = 64 * 1024 * 1024
LAST_BACKUP = "last-backup"
Finished = Callable[[Manifest], None]


def take_backup(database: Database, target: Path, finished: Finished) -> None:
    """Write an archive to `target`. `finished` is called while writers still wait: what it says is true of all before.

    Closes the database: see `_sqlite`. Raises Invalid and Conflict with what to do.
    """
    settings: Settings = database.notes["settings"]
    _check_place(settings, database, target)
    _note_begin(database)
    with _partial(target) as (file, partial), ExitStack() as held:
        manifest = Manifest(database.engine.dialect.name, _revision(database), key_fingerprint(settings))
        writer = ArchiveWriter(file, manifest)
        copy = _sqlite if manifest.engine == "sqlite" else _postgresql
        with copy(database, writer, held) as db:
            manifest.sealed, manifest.unsealed, manifest.head = chain_head(db)
            _add_files(settings, writer)
            writer.finish(settings, clock.now())
            _make_durable(file, partial, target)
            note_last_backup(settings)
            finished(manifest)


def _note_begin(database: Database) -> None:
    with database.transaction() as db:
        record(db, trust_id=None, actor="command", verb="backup.begun", subject=f"backup:{new_public_id()}")


def _revision(database: Database) -> str:
    with database.reading() as db:
        return str(db.scalar(text("SELECT version_num FROM alembic_version")))


@contextmanager
def _sqlite(database: Database, writer: ArchiveWriter, held: ExitStack) -> Iterator[Session]:
    """Both steps; the block runs within the second one.

    The kernel drops a process's locks on a file as soon as it closes any handle on it (POSIX), SQLite's locks too. So
    our own handle stays open until the database is closed.
    """
    path = Path(database.engine.url.database or "")
    source = held.enter_context(path.open("rb"))
    held.callback(database.close)
    settings: Settings = database.notes["settings"]
    with database.reading() as pin:
        pin.execute(text("SELECT count(*) FROM sqlite_master"))
        writer.add(SQLITE_FILE, source)
        _add_files(settings, writer)
        writer.sync()
        with database.transaction() as db:
            db.connection()  # the writers wait from here on
            with Path(f"{path}-wal").open("rb") as log:
                writer.add(SQLITE_LOG, log)
            yield db


@contextmanager
def _postgresql(database: Database, writer: ArchiveWriter, held: ExitStack) -> Iterator[Session]:
    """The dump goes straight into the archive, while writers wait. The owner of the tables sees all trusts."""
    settings: Settings = database.notes["settings"]
    owner = Database(settings.sqlalchemy_owner_url, connections=1)
    held.callback(database.close)
    held.callback(owner.close)
    with owner.transaction() as db:
        postgres.keep_writers_waiting(db)
        with postgres.dump(settings.sqlalchemy_owner_url) as source:
            writer.add(POSTGRES_DUMP, source)
        yield db


def _add_files(settings: Settings, writer: ArchiveWriter) -> None:
    """What is in the folder of files and not in the archive yet."""
    for path in sorted(files_of(settings)):
        name = FILES + path.relative_to(Path(settings.var_dir) / "files").as_posix()
        if not is_file_name(name):
            raise Invalid(f"{path} is none of our files, and its name fits into no archive. Take it out of the folder.")
        if name not in writer.manifest.parts:
            with suppress(FileNotFoundError), path.open("rb") as source:  # the worker may erase one meanwhile
                writer.add(name, source)


def files_of(settings: Settings) -> list[Path]:
    """Every file in the folder of files, links left out."""
    folder = Path(settings.var_dir) / "files"
    return [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]


def size_of(database: Database) -> int:
    """Bytes that a whole copy of the installation takes."""
    settings: Settings = database.notes["settings"]
    files = sum(path.stat().st_size for path in files_of(settings))
    if database.engine.dialect.name != "sqlite":
        return files + postgres.size_of(database)
    path = database.engine.url.database or ""
    return files + sum(Path(path + tail).stat().st_size for tail in ("", "-wal") if Path(path + tail).exists())


def _check_place(settings: Settings, database: Database, target: Path) -> None:
    if not target.parent.is_dir():
        raise Invalid(f"There is no folder {target.parent}. Make it first: it is where the archive goes.")
    if target.is_dir() or (target.exists() and not is_zipfile(target)):
        raise Invalid(f"{target} exists and is no archive, so it is not overwritten. Choose another name.")
    if database.engine.dialect.name == "sqlite" and not Path(database.engine.url.database or "").is_file():
        raise Invalid("There is no database yet, so there is nothing to back up. Make it by: lti-tool db upgrade")
    needed, free = size_of(database) + ROOM_TO_SPARE_BYTES, shutil.disk_usage(target.parent).free
    if free < needed:
        raise Invalid(
            f"The archive may take {in_mb(needed)} and {target.parent} has room for {in_mb(free)}."
            " Make room there, or name a file on another disk."
        )


def in_mb(count: int) -> str:
    """Bytes as people say them."""
    return f"{count / 1_000_000:,.0f} MB"


@contextmanager
def _partial(target: Path) -> Iterator[tuple[IO[bytes], Path]]:
    """The file under its working name, for our eyes only. It goes away unless it was renamed."""
    partial = target.with_name(f"{target.name}.partial")
    descriptor = os.open(partial, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "r+b") as file:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Conflict(f"Another backup is writing {partial} just now. Let it end.") from error
        os.fchmod(descriptor, 0o600)
        file.truncate()
        try:
            yield file, partial
        except BaseException:
            partial.unlink(missing_ok=True)
            raise


def _make_durable(file: IO[bytes], partial: Path, target: Path) -> None:
    """On the disk first, under its own name then, and the name on the disk too."""
    file.flush()
    os.fsync(file.fileno())
    partial.replace(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def note_last_backup(settings: Settings) -> None:
    """Leave word for the doctor that there is a backup of now."""
    (Path(settings.var_dir) / LAST_BACKUP).write_text(clock.now().isoformat(), encoding="ascii")
