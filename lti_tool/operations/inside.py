"""What the doctor looks at on this machine: folder, disk, database, worker, deliveries, journal, backup, keys."""

import shutil
import stat
import tempfile
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.fernet import InvalidToken
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from lti_tool.core import clock
from lti_tool.core.db import Database
from lti_tool.core.settings import Settings
from lti_tool.journal import latest_runs, undone_deliveries, verify
from lti_tool.launch import all_platforms, find_signing_key, signing_key_pem
from lti_tool.migrations import head, is_known
from lti_tool.notifications import MailWaits, greet
from lti_tool.operations.backup import LAST_BACKUP, in_mb, size_of
from lti_tool.operations.finding import Finding, note, ok, wrong
from lti_tool.people import codes_refused, each_trust

LEAST_FREE_BYTES = 500_000_000
NEWEST_LINES = 5_000
WORKER_SILENT_AFTER = timedelta(minutes=3)
OVERDUE_AFTER = timedelta(minutes=15)
BACKUP_OLD_AFTER = timedelta(days=7)
REFUSED_MAIL_TOLD_FOR = timedelta(days=7)
KEY_OLD_AFTER = timedelta(days=400)
FULL = 2  # what SQLite calls synchronous=FULL
MOUNTS = Path("/proc/self/mounts")
OVER_A_NETWORK = ("nfs", "cifs", "smb", "9p", "afs", "ceph", "lustre", "fuse.sshfs", "fuse.gluster", "fuse.s3fs")
RUNNER = "Whoever runs the server:"


def look_at_folder(settings: Settings) -> Finding:
    """Is `var_dir` there, may we write into it, and is it ours alone."""
    what, folder = "folder", Path(settings.var_dir).absolute()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            mode = stat.S_IMODE(folder.stat().st_mode)
    except OSError as error:
        return wrong(what, f"{folder} cannot be used ({error.strerror}).", f"{RUNNER} set var_dir, or give it to us.")
    if mode & 0o077:
        return wrong(what, f"others on this machine can look into {folder}.", f"{RUNNER} chmod 700 {folder}")
    return ok(what, f"{folder} is ours alone.")


def look_at_disk(database: Database) -> Finding:
    """Is there room to go on, and for a backup."""
    settings: Settings = database.notes["settings"]
    free, size = shutil.disk_usage(settings.var_dir).free, size_of(database)
    if free < max(LEAST_FREE_BYTES, size):
        said = f"{in_mb(free)} are free, and what we hold takes {in_mb(size)}: it could not be copied once."
        return wrong("disk", said, f"{RUNNER} make room, or move var_dir to a larger disk.")
    return ok("disk", f"{in_mb(free)} are free, and what we hold takes {in_mb(size)}.")


def look_at_database(database: Database, mounts: Path = MOUNTS) -> Finding:
    """Does it open, does it keep what it has confirmed, and is it on a disk of this machine."""
    what, path = "database", Path(database.engine.url.database or "")
    if database.engine.dialect.name == "sqlite" and not path.exists():
        return wrong(what, "there is none yet.", f"{RUNNER} lti-tool db upgrade")
    try:
        with database.reading() as db:
            if database.engine.dialect.name != "sqlite":
                return ok(what, f"it answers ({db.scalar(text('SHOW server_version'))}).")
            pragmas = db.scalar(text("PRAGMA journal_mode")), db.scalar(text("PRAGMA synchronous"))
    except SQLAlchemyError as error:
        said = str(getattr(error, "orig", error)).strip().partition("\n")[0]
        return wrong(what, f"it cannot be opened ({said}).", f"{RUNNER} put it right, or restore the newest backup.")
    if pragmas != ("wal", FULL):
        said = "it does not keep a write-ahead log here, so readers and writers stand in each other's way."
        return wrong(what, said, f"{RUNNER} stop whatever else has the file open.")
    kind = file_system_of(path, mounts)
    if kind.startswith(OVER_A_NETWORK):
        said = f"it lies on another machine's disk ({kind}), where SQLite loses data."
        return wrong(what, said, f"{RUNNER} move var_dir to a disk of this machine, or use PostgreSQL.")
    return ok(what, "it opens, and what it has confirmed is on the disk.")


def file_system_of(path: Path, mounts: Path) -> str:
    """The kind of file system on which a path lies; empty where the machine does not tell."""
    if not mounts.exists():
        return ""
    rows = [line.split() for line in mounts.read_text(encoding="utf-8", errors="replace").splitlines()]
    holding = [row for row in rows if len(row) > 2 and path.absolute().is_relative_to(row[1].replace("\\040", " "))]
    return max(holding, key=lambda row: len(row[1]))[2] if holding else ""


def look_at_tables(database: Database) -> Finding:
    """Are the tables those of this version."""
    what, upgrade = "tables", f"{RUNNER} lti-tool db upgrade"
    try:
        with database.reading() as db:
            found = db.scalar(text("SELECT version_num FROM alembic_version"))
    except SQLAlchemyError:
        return wrong(what, "there are none yet.", upgrade)
    if found == head():
        return ok(what, f"they are those of this version ({found}).")
    if found is None or is_known(found):
        return wrong(what, f"they are of an older version ({found}).", upgrade)
    return wrong(what, f"they are of a newer version ({found}).", f"{RUNNER} install that version again.")


def look_at_worker(database: Database) -> Finding:
    """Has a worker run what the schedule names, lately."""
    with database.reading() as db:
        last = max(latest_runs(db).values(), default=None)
    start = f"{RUNNER} start lti-tool serve (or lti-tool worker) and let systemd keep it running."
    if last is None:
        return wrong("worker", "none has ever run: nobody is told anything, and no line is sealed.", start)
    if clock.now() - last > WORKER_SILENT_AFTER:
        return wrong("worker", f"none has run since {last:%F %R} UTC: nobody is told anything.", start)
    return ok("worker", "it runs.")


def look_at_deliveries(database: Database) -> Finding:
    """Is everything done that is due."""
    with database.reading() as db:
        undone = undone_deliveries(db)
    if given_up := [f"{one.job} ({one.given_up})" for one in undone if one.given_up]:
        said = f"given up after many attempts: {', '.join(given_up)}."
        return wrong("deliveries", said, f"{RUNNER} mend what the worker's log names, then: lti-tool deliveries retry")
    if late := [one for one in undone if clock.now() - one.oldest_due_at > OVERDUE_AFTER]:
        said = f"{sum(one.waiting for one in late)} wait, the oldest since {late[0].oldest_due_at:%F %R} UTC."
        return wrong("deliveries", said, f"{RUNNER} is the worker running, and has it too much to do?")
    return ok("deliveries", f"none is late, {sum(one.waiting for one in undone)} to come.")


def look_at_journal(database: Database) -> Finding:
    """Does the newest part of its chain hold."""
    with database.reading() as db:
        verdict = verify(db, newest=NEWEST_LINES)
    if verdict.first_broken is not None:
        said = f"somebody changed it: its chain breaks at line {verdict.first_broken}."
        return wrong(
            "journal", said, "Whoever answers for information governance: lti-tool db check, and find out who."
        )
    return ok("journal", f"the newest {min(verdict.sealed, NEWEST_LINES)} of {verdict.sealed} sealed lines hold.")


def look_at_backup(database: Database) -> Finding:
    """Is there a backup, and is it new. On PostgreSQL others may take it, so its absence is a note."""
    settings: Settings = database.notes["settings"]
    path = Path(settings.var_dir) / LAST_BACKUP
    complain = wrong if database.engine.dialect.name == "sqlite" else note
    daily = f"{RUNNER} let cron run lti-tool backup every night (docs/operations.md)."
    if not path.exists():
        return complain("backup", "none has been taken.", daily)
    taken_at = datetime.fromisoformat(path.read_text(encoding="ascii"))
    if clock.now() - taken_at > BACKUP_OLD_AFTER:
        return complain("backup", f"the last one is of {taken_at:%F}.", daily)
    return ok("backup", f"the last one is of {taken_at:%F %R} UTC. Restore one now and then, to know that you can.")


def look_at_our_keys(database: Database) -> Finding:
    """Have we a key to sign with, can we open it, and is it not too old."""
    what, rotate = "our keys", f"{RUNNER} lti-tool keys rotate"
    with database.reading() as db:
        key = find_signing_key(db, clock.now())
        if key is None and not all_platforms(db):
            return note(what, "there is none yet; connecting a VLE makes the first one.")
        if key is None:
            return wrong(what, "there is none to sign with.", rotate)
        try:
            signing_key_pem(db, clock.now())
        except InvalidToken:
            said = "they cannot be opened: secret_key is not the one with which they were made."
            return wrong(what, said, f"{RUNNER} set secret_key to what it was.")
    if clock.now() - key.signs_from > KEY_OLD_AFTER:
        return wrong(what, f"the one that signs is of {key.signs_from:%F}.", f"{rotate} (once a year)")
    return ok(what, f"the one that signs is of {key.signs_from:%F}.")


def look_at_mail(database: Database) -> Finding:
    """Where mails are sent: does the server let us in, and has it refused any lately."""
    settings: Settings = database.notes["settings"]
    if not settings.smtp_url:
        return ok("mail", "none is sent (smtp_url is empty); people are told in the inbox.")
    try:
        greet(settings)
    except MailWaits as trouble:
        return wrong("mail", f"{trouble}.", f"{RUNNER} put smtp_url right; what waits is sent by itself afterwards.")
    with database.reading() as db:
        since = clock.now() - REFUSED_MAIL_TOLD_FOR
        codes = sum((Counter(codes_refused(db, since)) for _trust in each_trust(db)), Counter[int]())
    if codes:
        told = ", ".join(f"{count} with {code}" for code, count in sorted(codes.items()))
        said = f"the server refused mails for good within the last week, and they were given up: {told}."
        return note("mail", said, f"{RUNNER} ask who runs the mail server (is mail_from allowed, are addresses old?).")
    return ok("mail", "the server lets us in, and has refused nothing for a week.")
