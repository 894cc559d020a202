"""Putting an archive back, here or on another machine.

All is unpacked beside the installation, read, brought to this version and verified there. Only then does it take the
place of what was, and what was stays beside it under a name that says so.
"""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from lti_tool.core.db import Database
from lti_tool.core.errors import Conflict, Invalid
from lti_tool.core.ids import new_public_id
from lti_tool.core.settings import Settings
from lti_tool.journal import Verdict, record, verify
from lti_tool.migrations import is_known, serving_role, upgrade_tables
from lti_tool.operations import postgres
from lti_tool.operations.archive import FILES, POSTGRES_DUMP, SQLITE_FILE, Archive, Manifest, open_archive
from lti_tool.operations.backup import in_mb

ASIDE = ".before-restore"
STAGE = ".restoring"
QUEUE = "queue.db"  # a hint of what is due, which belongs to the house that was
TAILS = ("", "-wal", "-shm")


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back. `aside` holds what was there before."""

    manifest: Manifest
    verdict: Verdict
    aside: tuple[Path, ...]


def restore_archive(settings: Settings, source: Path, replace: bool) -> Restored:
    """Put the archive in place of what is there, which must be nothing unless `replace`.

    Raises Invalid and Conflict, with what to do; then nothing has changed.
    """
    with open_archive(source, settings) as archive:
        _check_fits(settings, archive.manifest)
        is_sqlite = archive.manifest.engine == "sqlite"
        with _stage(settings, archive) as stage:
            archive.unpack(stage)
            put_back = _put_back_sqlite if is_sqlite else _put_back_postgresql
            verdict, aside = put_back(settings, archive.manifest, stage, replace)
    return Restored(archive.manifest, verdict, aside)


def _check_fits(settings: Settings, manifest: Manifest) -> None:
    engine = make_url(settings.sqlalchemy_url).get_backend_name()
    if engine != manifest.engine:
        raise Invalid(
            f"The archive is of {manifest.engine} and the settings name {engine}. Set database_url to suit it."
        )
    if not is_known(manifest.revision):
        raise Invalid(
            f"Grand Round {manifest.version} made this archive, whose tables are newer than ours."
            " Install that version, and restore again."
        )


@contextmanager
def _stage(settings: Settings, archive: Archive) -> Iterator[Path]:
    """An empty folder on the disk of the installation, for our eyes only, that is gone afterwards."""
    var = Path(settings.var_dir)
    var.mkdir(mode=0o700, parents=True, exist_ok=True)
    needed, free = sum(part.bytes for part in archive.manifest.parts.values()), shutil.disk_usage(var).free
    if free < needed * 1.1:
        raise Invalid(
            f"Unpacked it takes {in_mb(needed)}, and {var} has room for {in_mb(free)}. Make room there first."
        )
    stage = var / STAGE
    shutil.rmtree(stage, ignore_errors=True)  # what a restore that was killed has left
    stage.mkdir(mode=0o700)
    try:
        yield stage
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _put_back_sqlite(
    settings: Settings, manifest: Manifest, stage: Path, replace: bool
) -> tuple[Verdict, tuple[Path, ...]]:
    there = Path(make_url(settings.sqlalchemy_url).database or "")
    files = Path(settings.var_dir) / "files"
    _check_free(settings, there, files, replace)
    restored = stage.joinpath(*SQLITE_FILE.split("/"))
    verdict = _brought_up(f"sqlite:///{restored}", settings, manifest)
    _merge_log(restored)
    with _nobody_there(there):
        aside = (*_put_aside(there), *_put_aside(files)) if replace else _cleared(there, files)
    there.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _make_durable(restored)
    os.replace(restored, there)
    if (stage / FILES.rstrip("/")).exists():
        (stage / FILES.rstrip("/")).rename(files)
    _forget_queue(settings)
    _make_durable(there.parent)
    return verdict, aside


def _check_free(settings: Settings, there: Path, files: Path, replace: bool) -> None:
    has_rows = there.exists() and _has_rows(settings.sqlalchemy_url)
    _refuse_unless(replace, is_empty=not has_rows and not (files.is_dir() and any(files.iterdir())))
    for path in (there, files):
        _refuse_second(path, path.with_name(path.name + ASIDE))


def _refuse_unless(replace: bool, is_empty: bool) -> None:
    if not is_empty and not replace:
        raise Conflict(
            "This installation is not empty, so nothing was restored. With --replace the archive takes its place, and"
            f" what is here now stays beside it, as …{ASIDE}."
        )


def _refuse_second(path: Path, aside: Path) -> None:
    if path.exists() and aside.exists():
        raise Conflict(f"{aside} is there from the last time. Move it away or delete it, then restore again.")


def _has_rows(url: str) -> bool:
    """Whether anything has happened in this database. One that cannot be read is not taken for an empty one."""
    database = Database(url)
    try:
        with database.reading() as db:
            tables = set(inspect(db.connection()).get_table_names())
            return any(
                db.scalar(text(f"SELECT 1 FROM {name} LIMIT 1")) is not None  # noqa: S608 - names of our own
                for name in ("journal_lines", "trusts")
                if name in tables
            )
    except SQLAlchemyError:
        return True
    finally:
        database.close()


def _brought_up(url: str, settings: Settings, manifest: Manifest) -> Verdict:
    """Check the restored database, bring its tables to this version, verify its journal, and note what happened.

    Raises Invalid when it is not the one that was put in.
    """
    database = Database(url)
    database.notes["settings"] = settings
    try:
        if database.engine.dialect.name == "sqlite":
            _check_whole(database)
        upgrade_tables(database, _serving_role(settings, database))
        with database.reading() as db:
            verdict = verify(db)
        found = (verdict.first_broken, verdict.sealed, verdict.unsealed, verdict.head)
        if found != (None, manifest.sealed, manifest.unsealed, manifest.head):
            raise Invalid("The journal in this archive does not verify. Do not use it: take the one before it.")
        with database.transaction() as db:
            subject, details = f"backup:{new_public_id()}", {"taken_at": manifest.taken_at}
            record(db, trust_id=None, actor="command", verb="backup.restored", subject=subject, details=details)
    except SQLAlchemyError as error:
        raise Invalid("The database in this archive cannot be read. Do not use it: take the one before it.") from error
    finally:
        database.close()
    return verdict


def _serving_role(settings: Settings, restored: Database) -> str:
    """Whom the restored tables must let in; nobody on SQLite."""
    if restored.engine.dialect.name == "sqlite":
        return ""
    serving = Database(settings.sqlalchemy_url, connections=1)
    try:
        return serving_role(serving)
    finally:
        serving.close()


def _check_whole(database: Database) -> None:
    with database.reading() as db:
        is_whole = db.scalar(text("PRAGMA integrity_check(1)")) == "ok"
        if not is_whole or db.execute(text("PRAGMA foreign_key_check")).first():
            raise Invalid("The database in this archive is damaged. Do not use it: take the one before it.")


def _merge_log(path: Path) -> None:
    """Make one file of the database and its log."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")


@contextmanager
def _nobody_there(path: Path) -> Iterator[None]:
    """Hold the old database alone; SQLite leaves the log behind only when no other process has it open.

    Raises Conflict while Grand Round is running: it would go on writing into what was put aside.
    """
    if not path.exists():
        yield
        return
    with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as connection:
        try:
            connection.execute("PRAGMA locking_mode=EXCLUSIVE")
            connection.execute("PRAGMA journal_mode=DELETE")
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            raise Conflict("Grand Round is running here. Stop it, and restore again.") from error
        except sqlite3.DatabaseError:
            pass  # it cannot be read, which may be why somebody restores
        yield


def _put_aside(path: Path) -> tuple[Path, ...]:
    moved = []
    for tail in TAILS:
        old, new = path.with_name(path.name + tail), path.with_name(path.name + ASIDE + tail)
        if old.exists():
            old.rename(new)
            moved.append(new)
    return tuple(moved)


def _cleared(there: Path, files: Path) -> tuple[Path, ...]:
    """Nothing was in them."""
    for tail in TAILS:
        there.with_name(there.name + tail).unlink(missing_ok=True)
    if files.is_dir():
        files.rmdir()
    return ()


def _forget_queue(settings: Settings) -> None:
    for tail in TAILS:
        (Path(settings.var_dir) / (QUEUE + tail)).unlink(missing_ok=True)


def _make_durable(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _put_back_postgresql(
    settings: Settings, manifest: Manifest, stage: Path, replace: bool
) -> tuple[Verdict, tuple[Path, ...]]:
    """As above. The old database stays beside as a dump, and comes back when the new one does not verify."""
    url, files = settings.sqlalchemy_owner_url, Path(settings.var_dir) / "files"
    is_empty = not _has_rows(url)
    aside = Path(settings.var_dir) / f"postgresql.dump{ASIDE}"
    _refuse_unless(replace, is_empty and not (files.is_dir() and any(files.iterdir())))
    _refuse_second(files, files.with_name(files.name + ASIDE))
    _refuse_second(aside, aside)
    postgres.refuse_company(url)
    if not is_empty:
        postgres.dump_to(url, aside)
    postgres.restore(url, stage.joinpath(*POSTGRES_DUMP.split("/")))
    try:
        verdict = _brought_up(url, settings, manifest)
    except Invalid:
        if not is_empty:
            postgres.restore(url, aside)
        raise
    moved = _put_aside(files)
    if (stage / FILES.rstrip("/")).exists():
        (stage / FILES.rstrip("/")).rename(files)
    _forget_queue(settings)
    return verdict, (*(() if is_empty else (aside,)), *moved)
