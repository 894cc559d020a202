"""`lti-tool db check` finds what is wrong in a database, and `lti-tool deliveries` tries again what was given up."""

from datetime import timedelta

import pytest
import time_machine
from click.testing import CliRunner, Result
from sqlalchemy import select, text

from lti_tool.access import Role
from lti_tool.cli import main
from lti_tool.core import clock
from lti_tool.core.db import Database
from lti_tool.journal import Job, JournalLine, Listener, deliver, due_deliveries, record, seal_all, undone_deliveries
from lti_tool.journal.rules import MOST_ATTEMPTS
from lti_tool.operations import commands
from lti_tool.paths import folder
from tests.factories.house import House

DELIVERIES = commands[-1]


@pytest.fixture
def filled(house: House) -> House:
    trust = house.trust()
    course = house.course(trust)
    tutor = house.person(trust, "Dr Helen Marsh", {course.id: Role.TUTOR})
    board = house.board(course, tutor, moderated=False)
    for number in range(3):
        question = house.question(tutor, course, board, title=f"Question {number}")
        for _reply in range(number):
            house.answer(tutor, course, question)
    seal_all(house.database)
    return house


@pytest.fixture
def check(settings, monkeypatch):
    """Run `db check` against this test's installation."""
    monkeypatch.setenv("LTI_TOOL_CONFIG", str(folder("config") / "test.toml"))
    monkeypatch.setenv("LTI_TOOL_VAR_DIR", settings.var_dir)
    return lambda *words: CliRunner().invoke(main, ["db", "check", *words])


def change(database: Database, statement: str) -> None:
    with database.transaction() as db:
        db.execute(text(statement))


def test_all_is_well(filled: House, check) -> None:
    done = check()
    assert done.exit_code == 0, done.output
    assert [line.split()[0] for line in done.output.splitlines()] == ["OK"] * 6


def test_counters_are_found_and_mended(filled: House, check) -> None:
    change(filled.database, "UPDATE thread_activity SET replies = replies + 7 WHERE thread_id = 2")
    with filled.database.transaction() as db:
        kept = db.execute(text("SELECT * FROM thread_activity WHERE thread_id = 3")).one()
        db.execute(text("DELETE FROM thread_activity WHERE thread_id = 3"))
    done = check()
    assert done.exit_code == 1
    assert "WRONG counters: 2 threads count their replies wrongly. Mend it: lti-tool db check --mend" in done.output
    assert check("--mend").exit_code == 0
    done = check()
    assert done.exit_code == 0, done.output
    with filled.database.reading() as db:
        assert db.execute(text("SELECT replies FROM thread_activity ORDER BY thread_id")).all() == [(0,), (1,), (2,)]
        again = db.execute(text("SELECT * FROM thread_activity WHERE thread_id = 3")).one()
        assert "counters.mended" in db.scalars(select(JournalLine.verb)).all()
    assert (again.board_id, again.replies) == (kept.board_id, kept.replies)
    assert abs(again.last_at_us - kept.last_at_us) < 10_000_000


def test_a_row_that_refers_to_nothing(filled: House, check) -> None:
    with filled.database.engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql("DELETE FROM revisions")
        connection.exec_driver_sql("DELETE FROM texts")
    filled.database.close()
    done = check()
    assert done.exit_code == 1
    assert "WRONG references: 6 rows refer to some that are not there (posts)" in done.output
    assert "lti-tool restore" in done.output


def test_a_damaged_page(filled: House, check, tmp_path) -> None:
    with filled.database.engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        page = connection.exec_driver_sql("SELECT rootpage FROM sqlite_master WHERE name = 'ix_posts_author_tag'")
        start = 4096 * (page.scalar() - 1)
    filled.database.close()
    with (tmp_path / "grand-round.db").open("r+b") as file:
        file.seek(start + 3)
        file.write(b"\x00\x00")  # the page says that it holds nothing
    done = check()
    assert done.exit_code == 1
    assert "WRONG pages: the database file is damaged" in done.output


def run(house: House, *words: str) -> Result:
    return CliRunner().invoke(DELIVERIES, list(words), obj=lambda: house.database)


class Mail:
    """A mail server that is down at first."""

    def __init__(self) -> None:
        self.is_up = False
        self.sent: list[str] = []

    def send(self, _db: object, line: JournalLine) -> None:
        if not self.is_up:
            raise ConnectionError("no mail today")
        self.sent.append(line.subject)


@pytest.fixture
def mail(house: House):
    """Two letters were given up, one waits for something else that also failed for good."""
    mail = Mail()
    jobs = {"letter": Job("letter", mail.send), "other": Job("other", mail.send)}
    house.database.notes["listeners"] = {
        "test.letter": [Listener("test.letter", jobs["letter"])],
        "test.other": [Listener("test.other", jobs["other"])],
    }
    for verb, subject in (("test.letter", "a"), ("test.letter", "b"), ("test.other", "c")):
        with house.database.transaction() as db:
            record(db, trust_id=None, actor="system", verb=verb, subject=subject)
    work(house, jobs, attempts=MOST_ATTEMPTS)
    return mail, jobs


def work(house: House, jobs: dict[str, Job], attempts: int = 1) -> None:
    for attempt in range(attempts):
        with time_machine.travel(clock.now() + timedelta(hours=7 * attempt)):
            with house.database.reading() as db:
                due = due_deliveries(db, clock.now())
            for delivery_id, _due_at in due:
                deliver(house.database, jobs, delivery_id)


def test_what_was_given_up_is_shown_and_tried_again(house: House, mail) -> None:
    letters, jobs = mail
    listed = run(house, "list").output
    assert "letter: 0 waiting, 2 given up" in listed
    assert "other: 0 waiting, 1 given up" in listed
    assert "lti-tool deliveries retry" in listed
    letters.is_up = True
    work(house, jobs)
    assert letters.sent == [], "given up means that nobody tries any more"
    assert run(house, "retry", "--job", "letter").output == "letter: 2 will be tried again.\n"
    work(house, jobs)
    assert sorted(letters.sent) == ["a", "b"]
    assert run(house, "retry").output == "other: 1 will be tried again.\n"
    work(house, jobs)
    assert sorted(letters.sent) == ["a", "b", "c"]
    assert run(house, "list").output == "Everything is done.\n"
    assert run(house, "retry").output == "Nothing was given up.\n"
    with house.database.reading() as db:
        assert undone_deliveries(db) == []
        lines = db.execute(select(JournalLine.subject, JournalLine.details).where(JournalLine.actor == "command"))
        assert [tuple(line) for line in lines] == [("job:letter", {"count": 2}), ("job:other", {"count": 1})]
