"""Writers on SQLite take turns, across processes too, and none waits for ever."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from lti_tool.core import db as core_db
from lti_tool.core.db import Database

WRITERS = 12


@pytest.fixture
def two(tmp_path: Path) -> Iterator[list[Database]]:
    """Two openings of one database, as two processes have them: turns are not given by anything in memory alone."""
    url = f"sqlite:///{tmp_path}/turns.db"
    databases = [Database(url), Database(url)]
    with databases[0].transaction() as db:
        db.execute(text("CREATE TABLE line (said INTEGER)"))
    yield databases
    for database in databases:
        database.close()


def write(database: Database, number: int) -> None:
    with database.transaction() as db:
        db.execute(text("INSERT INTO line VALUES (:number)"), {"number": number})
        time.sleep(0.002)


def said(database: Database) -> list[int]:
    with database.reading() as db:
        return list(db.scalars(text("SELECT said FROM line ORDER BY rowid")))


def test_everybody_gets_a_turn(two: list[Database]) -> None:
    threads = [threading.Thread(target=write, args=(two[n % 2], n)) for n in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said(two[0])) == list(range(WRITERS))


def test_a_writer_of_another_process_is_waited_for(two: list[Database]) -> None:
    ours, theirs = two
    later = threading.Thread(target=write, args=(theirs, 2))
    with ours.transaction() as db:
        later.start()
        later.join(0.1)
        assert later.is_alive()
        db.execute(text("INSERT INTO line VALUES (1)"))
    later.join(5)
    assert said(ours) == [1, 2]


def test_a_turn_is_given_back_after_a_fault(two: list[Database]) -> None:
    with pytest.raises(ZeroDivisionError), two[0].transaction():
        _ = 1 / 0
    write(two[0], 1)
    write(two[1], 2)
    assert said(two[0]) == [1, 2]


def test_who_has_waited_too_long_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core_db, "BUSY_SECONDS", 0.05)
    database = Database(f"sqlite:///{tmp_path}/turns.db")
    with database.transaction() as db:
        db.execute(text("CREATE TABLE line (said INTEGER)"))
        told: list[str] = []

        def wait() -> None:
            try:
                write(database, 1)
            except OperationalError as error:
                told.append(str(error.orig))

        thread = threading.Thread(target=wait)
        thread.start()
        thread.join(5)
        assert told == ["database is locked"]
    database.close()


def test_a_transaction_within_another_is_refused_at_once_and_harms_nothing(two: list[Database]) -> None:
    """It would wait for itself."""
    ours = two[0]
    with ours.transaction() as db:
        with pytest.raises(RuntimeError, match="within another"), ours.within(1).transaction():
            pass
        db.execute(text("INSERT INTO line VALUES (1)"))
    write(ours, 2)
    assert said(ours) == [1, 2]
