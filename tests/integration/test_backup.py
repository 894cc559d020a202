"""Backups: taken while people write, put back elsewhere, and everything that was answered is there, once.

Real web and worker processes serve; the commands run as an administrator runs them, in processes of their own.
"""

import os
import shutil
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from select import select as select_ready

import psutil
import pytest
from sqlalchemy import func, select, text

from lti_tool.app import open_database
from lti_tool.boards import Post
from lti_tool.core import clock
from lti_tool.core.db import Database
from lti_tool.core.settings import Settings
from lti_tool.journal import JournalLine, due_deliveries, undone_deliveries, verify
from lti_tool.notifications import InboxEntry
from lti_tool.paths import folder
from tests.conftest import make_settings
from tests.factories.house import House
from tests.integration.test_kill import CLIENTS, QUESTIONS, ROOT, Crowd, Serving, make_crowd, wait_for

POSTS = 400
BEFORE, AFTER = 60, 60

pytestmark = pytest.mark.kill


def tool(var_dir: Path, *words: str, keeps: int | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command against the installation in `var_dir`. It keeps this file descriptor open until it has ended."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("LTI_TOOL_")}
    environ |= {"LTI_TOOL_CONFIG": str(folder("config") / "test.toml"), "LTI_TOOL_VAR_DIR": str(var_dir)}
    command = [sys.executable, "-m", "lti_tool", *words]
    kept = () if keeps is None else (keeps,)
    return subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False, pass_fds=kept)


@pytest.fixture
def serving(house: House, tmp_path: Path) -> Iterator[Serving]:
    serving = Serving(tmp_path, customised=False)
    yield serving
    if serving.process.poll() is None:
        serving.stop()


def test_a_backup_under_load_holds_all_that_was_answered(
    house: House, settings: Settings, serving: Serving, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    crowd = make_crowd(house, settings, serving)
    crowd.go_on_to(POSTS)
    archive = tmp_path_factory.mktemp("elsewhere") / "house.zip"
    answered_before: set[str] = set()
    with ThreadPoolExecutor(CLIENTS) as pool:
        sending = [pool.submit(crowd.send, number) for number in range(POSTS)]
        crowd.wait_until_answered(BEFORE)
        done = tool(tmp_path, "backup", str(archive))
        answered_before |= set(crowd.answered)
        assert done.returncode == 0, done.stderr
        crowd.wait_until_answered(len(answered_before) + AFTER)
        for one in sending:
            one.result(timeout=120)
    assert BEFORE <= len(answered_before) <= POSTS - AFTER, "people wrote before, during and after"
    assert archive.stat().st_mode & 0o777 == 0o600
    assert not list(archive.parent.glob("*.partial"))

    elsewhere = tmp_path_factory.mktemp("restored") / "var"
    done = tool(elsewhere, "restore", str(archive))
    assert done.returncode == 0, done.stderr
    check_restored(make_settings(elsewhere), crowd, answered_before)
    check_goes_on(elsewhere)


def check_restored(settings: Settings, crowd: Crowd, answered_before: set[str]) -> None:
    """Each answered post is there once, the deliveries that waited still wait, and the chain holds."""
    database = open_database(settings)
    with database.reading() as db:
        replies = db.scalars(select(Post.once).where(Post.is_first.is_(False))).all()
        sent = db.scalar(select(func.count()).select_from(JournalLine).where(JournalLine.verb == "post.sent"))
        counted = db.scalar(text("SELECT sum(replies) FROM thread_activity"))
        verdict = verify(db)
        assert db.scalar(text("PRAGMA integrity_check")) == "ok"
        assert db.execute(text("PRAGMA foreign_key_check")).all() == []
        assert undone_deliveries(db), "some were waiting when the backup was taken"
    database.close()
    assert answered_before <= set(replies) <= set(crowd.answered)
    assert max(Counter(replies).values()) == 1
    assert counted == len(replies)
    assert sent == len(replies) + QUESTIONS
    assert verdict.first_broken is None
    assert tool(Path(settings.var_dir), "db", "check").returncode == 0


def check_goes_on(elsewhere: Path) -> None:
    """The restored house opens, and does what the old one had not done yet."""
    serving = Serving(elsewhere, customised=False)
    database = open_database(make_settings(elsewhere))

    def is_done() -> bool:
        with database.reading() as db:
            return not undone_deliveries(db) and not due_deliveries(db, clock.now())

    try:
        wait_for(is_done, 120, "what waited was not done")
        with database.reading() as db:
            replies = db.scalar(select(func.count()).select_from(Post).where(Post.is_first.is_(False)))
            assert db.scalar(select(func.count()).select_from(InboxEntry)) == replies
    finally:
        database.close()
        serving.stop()


def test_writers_wait_for_the_end_of_a_backup_and_do_not_fail(
    house: House, settings: Settings, serving: Serving, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """One backup after the other while people write: none of them is told to try again."""
    crowd = make_crowd(house, settings, serving)
    crowd.go_on_to(POSTS)
    refused: list[int | None] = []
    send = crowd._try

    def watched(path: str, body: str, headers: dict[str, str]) -> int | None:
        status = send(path, body, headers)
        if status != 303:
            refused.append(status)
        return status

    crowd._try = watched  # type: ignore[method-assign]
    archive, taken = tmp_path_factory.mktemp("elsewhere") / "house.zip", 0
    with ThreadPoolExecutor(CLIENTS) as pool:
        sending = [pool.submit(crowd.send, number) for number in range(POSTS)]
        while not all(one.done() for one in sending):
            assert tool(tmp_path, "backup", str(archive)).returncode == 0
            taken += 1
        for one in sending:
            one.result()
    assert taken >= 2
    assert refused == []


def test_a_backup_that_is_killed_leaves_nothing_that_looks_like_one(house: House, tmp_path: Path) -> None:
    fill(house, tmp_path)
    target = tmp_path / "house.zip"
    environ = os.environ | {"LTI_TOOL_CONFIG": str(folder("config") / "test.toml"), "LTI_TOOL_VAR_DIR": str(tmp_path)}
    command = [sys.executable, "-m", "lti_tool", "backup", str(target)]
    process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.DEVNULL)
    wait_for(lambda: target.with_name("house.zip.partial").exists(), 30, "it did not begin", every=0.001)
    psutil.Process(process.pid).kill()
    process.wait()
    assert not target.exists()
    done = tool(tmp_path, "backup", str(target))
    assert done.returncode == 0, done.stderr
    assert not list(tmp_path.glob("*.partial"))
    with house.database.transaction() as db:
        db.execute(text("SELECT 1"))


def fill(house: House, var_dir: Path) -> None:
    """A few megabytes, so that a backup takes a moment."""
    files = var_dir / "files"
    files.mkdir(exist_ok=True)
    (files / "large").write_bytes(os.urandom(60_000_000))


def open_elsewhere(var_dir: Path) -> Database:
    return open_database(make_settings(var_dir))


class Writer(threading.Thread):
    """Somebody who writes all the time, and counts what was answered before a command's end.

    The command keeps one end of a pipe, which the kernel closes before it lets go of the database, whose file was
    opened later. So a write that is answered while the pipe is open was answered before the end.
    """

    def __init__(self, database: Database) -> None:
        super().__init__()
        self.database, self.stop = database, threading.Event()
        self.written = self.before_the_end = 0
        self.watched: int | None = None

    def run(self) -> None:
        while not self.stop.is_set():
            with self.database.transaction() as db:
                db.execute(text("INSERT INTO runs (job, slot) VALUES ('w', :number)"), {"number": str(self.written)})
            self.written += 1
            if self.watched is not None and not select_ready([self.watched], [], [], 0)[0]:
                self.before_the_end = self.written


def test_the_lock_lasts_until_the_command_has_ended(house: House, tmp_path: Path) -> None:
    """Whoever writes all the time finds each of their writes in the archive that were answered before its end."""
    writer = Writer(house.database)
    writer.start()
    try:
        for attempt in range(3):
            wait_for(lambda: writer.written > 50, 30, "nobody writes")
            archive, (writer.watched, kept) = tmp_path / f"{attempt}.zip", os.pipe()
            ending = threading.Timer(0.5, os.close, [kept])  # ours; the command has inherited its own by then
            ending.start()
            done = tool(tmp_path, "backup", str(archive), keeps=kept)
            ending.join()
            assert done.returncode == 0, done.stderr
            check_count(archive, tmp_path / f"restored-{attempt}", writer.before_the_end)
    finally:
        writer.stop.set()
        writer.join()


def check_count(archive: Path, elsewhere: Path, answered: int) -> None:
    done = tool(elsewhere, "restore", str(archive))
    assert done.returncode == 0, done.stderr
    database = open_elsewhere(elsewhere)
    with database.reading() as db:
        found = db.scalar(text("SELECT count(*) FROM runs WHERE job = 'w'")) or 0
    database.close()
    shutil.rmtree(elsewhere)
    assert found >= answered > 50
