"""Backup, restore, check and seed on PostgreSQL, where a session sees one trust: commands must see all of them."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select, text

from lti_tool.access import Role
from lti_tool.app import open_database
from lti_tool.boards import Board, Post, Thread, author_of
from lti_tool.core.db import Database
from lti_tool.core.settings import Settings
from lti_tool.journal import seal_all, verify
from lti_tool.migrations import faults
from lti_tool.operations import State, check_house, commands
from lti_tool.paths import folder
from lti_tool.people import Trust
from tests.conftest import make_settings
from tests.factories import postgres
from tests.factories.house import House

pytestmark = pytest.mark.sql("postgresql")
COMMANDS = {command.name: command for command in commands}
SMALL = ("--people", "60", "--threads", "40", "--posts", "400", "--cases", "0", "--random", "7")


def run(settings: Settings, name: str, *words: str) -> Result:
    return CliRunner().invoke(COMMANDS[name], list(words), obj=lambda: open_database(settings))


def backup(settings: Settings, target: Path) -> subprocess.CompletedProcess[str]:
    """The command as it is run: it ends its process."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("LTI_TOOL_")} | {
        "LTI_TOOL_CONFIG": str(folder("config") / "test.toml"),
        "LTI_TOOL_VAR_DIR": settings.var_dir,
        "LTI_TOOL_DATABASE_URL": settings.database_url,
        "LTI_TOOL_DATABASE_OWNER_URL": settings.database_owner_url,
    }
    command = [sys.executable, "-m", "lti_tool", "backup", str(target)]
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=False)


@pytest.fixture
def elsewhere(postgres_server: postgres.Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Another installation on another database, with fresh tables."""
    name = postgres_server.new_database()
    urls = {"database_url": postgres_server.url(name), "database_owner_url": postgres_server.url(name, postgres.OWNER)}
    yield make_settings(tmp_path_factory.mktemp("elsewhere"), **urls)
    postgres_server.drop(name)


def within(database: Database) -> list[Database]:
    with database.reading() as db:
        return [database.within(number) for number in db.scalars(select(Trust.id).order_by(Trust.id))]


def count_posts(database: Database) -> int:
    total = 0
    for part in within(database):
        with part.reading() as db:
            total += db.scalar(select(func.count()).select_from(Post)) or 0
    return total


def fill(house: House, name: str) -> tuple[object, object, str]:
    trust = house.trust(name)
    course = house.course(trust)
    tutor = house.person(trust, "Dr Helen Marsh", {course.id: Role.TUTOR})
    return tutor, course, house.board(course, tutor, moderated=False)


def test_a_backup_under_load_restores_elsewhere(house: House, settings: Settings, elsewhere: Settings, tmp_path: Path):
    """Two trusts write all the time; each answered post is in the archive, and each trust sees its own again."""
    house.database.notes["settings"] = replace(settings, posts_per_hour=1_000_000)
    answered, stop = [0, 0], threading.Event()
    filled = [fill(house, name) for name in ("Northmoor", "Southmoor")]

    def write(place: int) -> None:
        tutor, course, board = filled[place]
        while not stop.is_set():
            house.question(tutor, course, board)
            answered[place] += 1

    writers = [threading.Thread(target=write, args=(place,)) for place in (0, 1)]
    for writer in writers:
        writer.start()
    try:
        while min(answered) < 10:
            stop.wait(0.05)
        seal_all(house.database)
        done = backup(settings, tmp_path / "house.zip")
        before = sum(answered)
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    assert done.returncode == 0, done.stderr
    restored = run(elsewhere, "restore", str(tmp_path / "house.zip"))
    assert restored.exit_code == 0, restored.output
    database = open_database(elsewhere)
    assert before <= count_posts(database) <= sum(answered)
    with database.reading() as db:
        assert verify(db).first_broken is None
        assert db.scalar(select(func.count()).select_from(Post)) == 0, "outside of any trust nothing is seen"
    with database.reader.connect() as connection:
        assert faults(connection) == []
    assert all(finding.state == State.OK for finding in check_house(database, mend=False))
    database.close()


def test_something_that_is_there_stays_beside(house: House, settings: Settings, elsewhere: Settings, tmp_path: Path):
    tutor, course, board = fill(house, "Northmoor")
    house.question(tutor, course, board)
    assert backup(settings, tmp_path / "house.zip").returncode == 0
    other = open_database(elsewhere)
    with other.transaction() as db:
        db.execute(text("INSERT INTO trusts (public_id, name, created_at) VALUES ('x', 'Was here', now())"))
    refused = run(elsewhere, "restore", str(tmp_path / "house.zip"), "--replace")
    assert refused.exit_code == 1
    assert "Somebody else is connected" in refused.output
    other.close()
    assert "not empty" in run(elsewhere, "restore", str(tmp_path / "house.zip")).output
    done = run(elsewhere, "restore", str(tmp_path / "house.zip"), "--replace")
    assert done.exit_code == 0, done.output
    assert "postgresql.dump.before-restore" in done.output
    assert (Path(elsewhere.var_dir) / "postgresql.dump.before-restore").stat().st_mode & 0o777 == 0o600
    with other.reading() as db:
        assert db.scalars(select(Trust.name)).all() == ["Northmoor"]
    assert count_posts(other) == 1
    other.close()


def test_an_archive_of_the_other_engine(house: House, settings: Settings, tmp_path_factory: pytest.TempPathFactory):
    fill(house, "Northmoor")
    target = tmp_path_factory.mktemp("archive") / "house.zip"
    assert backup(settings, target).returncode == 0
    refused = run(make_settings(tmp_path_factory.mktemp("sqlite")), "restore", str(target))
    assert refused.exit_code == 1
    assert "The archive is of postgresql and the settings name sqlite" in refused.output


def test_seeding_and_counting(house: House, settings: Settings):
    tutor, course, board = fill(house, "Real")
    assert run(settings, "seed", *SMALL).exit_code == 1
    done = run(settings, "seed", *SMALL, "--trust", "Invented")
    assert done.exit_code == 0, done.output
    house.question(tutor, course, board)
    real, invented = within(house.database)
    with real.reading() as db:
        assert db.scalar(select(func.count()).select_from(Post)) == 1
    with invented.reading() as db:
        assert db.scalar(select(func.count()).select_from(Post)) == 400
        assert db.scalar(select(func.count()).select_from(Thread)) == 40
        hidden = select(Post.public_id).join(Board, Board.id == Post.board_id).where(Board.is_pseudonymous)
        assert all(author_of(db, post) for post in db.scalars(hidden.limit(5)))
    assert all(finding.state == State.OK for finding in check_house(house.database, mend=False))
    with invented.transaction() as db:
        db.execute(text("UPDATE thread_activity SET replies = replies + 1"))
    found = {finding.what: finding for finding in check_house(house.database, mend=False)}
    assert "40 threads count their replies wrongly" in found["counters"].says
    assert {finding.state for finding in check_house(house.database, mend=True)} == {State.OK}
    assert {finding.state for finding in check_house(house.database, mend=False)} == {State.OK}
