"""Deliveries take effect once inside the database and at least once outside, whoever dies when."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest
import time_machine
from sqlalchemy import select, update

from lti_tool.core import clock
from lti_tool.core.db import Database
from lti_tool.core.settings import Settings, load_settings
from lti_tool.journal import due_deliveries, latest_runs, make_nudge, record, undone_deliveries
from lti_tool.journal.jobs import deliver, run_slot, tidy
from lti_tool.journal.models import Delivery, Run
from lti_tool.journal.rules import CLAIM_FOR, MOST_ATTEMPTS, Job, Reach, Recurring
from lti_tool.paths import folder
from tests.factories import journal as factory

pytestmark = pytest.mark.sql

SPAWN = multiprocessing.get_context("spawn")


def deliver_everything(place: str, seconds: float = 0) -> None:
    """What another process does: deliver whatever is due."""
    database = factory.open_database(Path(place))
    until = time.monotonic() + seconds
    while True:
        with database.reading() as db:
            due = due_deliveries(db, clock.now())
        for delivery_id, _due_at in due:
            deliver(database, factory.JOBS, delivery_id)
        if not due and time.monotonic() >= until:
            break
    database.close()


def in_processes(place: Path, number: int) -> list[int | None]:
    workers = [SPAWN.Process(target=deliver_everything, args=(str(place),), daemon=True) for _ in range(number)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    return [worker.exitcode for worker in workers]


def forget_claims(database: Database) -> None:
    """A minute passes for whatever a dead worker had claimed."""
    with database.transaction() as db:
        db.execute(update(Delivery).values(claimed_until=clock.now() - timedelta(seconds=1)))


def settings_in(place: Path) -> Settings:
    config = folder("config")
    environ = {"LTI_TOOL_CONFIG": str(config / "test.toml"), "LTI_TOOL_VAR_DIR": str(place)}
    return load_settings(environ, config / "default.toml")


def test_two_workers_deliver_each_once(journal: Database, tmp_path: Path) -> None:
    factory.write_lines(journal, "test.trace", 60)

    assert in_processes(tmp_path, 2) == [0, 0]

    assert Counter(factory.traces(journal)) == Counter(f"test:{number}" for number in range(60))
    with journal.reading() as db:
        assert set(db.scalars(select(Delivery.attempts))) == {1}
        assert undone_deliveries(db) == []


def test_a_crash_between_effect_and_commit_leaves_one_effect(
    journal: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIE_ONCE", str(tmp_path / "died"))
    factory.write_lines(journal, "test.die_once")

    assert in_processes(tmp_path, 1) == [-signal.SIGKILL]
    assert factory.traces(journal) == []
    assert in_processes(tmp_path, 1) == [0]
    assert factory.traces(journal) == [], "the dead worker's claim holds for a minute"

    forget_claims(journal)
    assert in_processes(tmp_path, 1) == [0]
    assert factory.traces(journal) == ["test:0"]


def test_a_crash_after_the_effect_is_committed_leaves_one_effect(
    journal: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIE_ONCE", str(tmp_path / "died"))
    factory.write_lines(journal, "test.die_once_done")

    assert in_processes(tmp_path, 1) == [-signal.SIGKILL]
    forget_claims(journal)
    assert in_processes(tmp_path, 1) == [0]

    assert factory.traces(journal) == ["test:0"]


def test_what_goes_outside_goes_at_least_once_with_the_same_id(
    journal: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIE_ONCE", str(tmp_path / "died"))
    monkeypatch.setenv("SENT", str(tmp_path / "sent"))
    factory.write_lines(journal, "test.send")

    assert in_processes(tmp_path, 1) == [-signal.SIGKILL]
    forget_claims(journal)
    assert in_processes(tmp_path, 1) == [0]
    forget_claims(journal)
    assert in_processes(tmp_path, 1) == [0]

    sent = (tmp_path / "sent").read_text().splitlines()
    assert len(sent) == 2
    assert len(set(sent)) == 1


def test_a_slow_worker_whose_claim_has_passed_has_no_second_effect(journal: Database) -> None:
    factory.write_lines(journal, "test.trace")
    [delivery_id] = ids_due(journal)
    later = clock.now() + CLAIM_FOR + timedelta(seconds=1)

    def overtaken(db: object, line: object) -> None:
        raise AssertionError("the other worker has done it")

    def slow_run(database: Database) -> Job:
        with time_machine.travel(later, tick=True):
            deliver(database, factory.JOBS, delivery_id)
        return Job("trace", overtaken)

    class Slowly(dict[str, Job]):
        """The first worker stops between its claim and its work; another one does it meanwhile."""

        def __getitem__(self, name: str) -> Job:
            return slow_run(journal)

    deliver(journal, Slowly(), delivery_id)

    assert factory.traces(journal) == ["test:0"]


def ids_due(database: Database) -> list[int]:
    with database.reading() as db:
        return [delivery_id for delivery_id, _due_at in due_deliveries(db, clock.now())]


def test_failures_back_off_are_given_up_and_stay_visible(journal: Database) -> None:
    factory.write_lines(journal, "test.fail")
    [delivery_id] = ids_due(journal)
    waits = []
    with time_machine.travel(clock.now(), tick=False) as traveller:
        for _ in range(MOST_ATTEMPTS):
            deliver(journal, factory.JOBS, delivery_id)
            with journal.reading() as db:
                due_at = db.scalars(select(Delivery.due_at)).one()
            waits.append((due_at - clock.now()).total_seconds())
            assert ids_due(journal) == []
            traveller.move_to(due_at)
        assert ids_due(journal) == [], "given up"

    assert waits[:4] == [30, 120, 480, 1920]
    assert waits[-1] == 6 * 3600
    assert factory.traces(journal) == []
    with journal.reading() as db:
        [undone] = undone_deliveries(db)
    assert (undone.job, undone.waiting, undone.given_up) == ("fail", 0, 1)


def test_a_job_that_no_room_offers_any_more_is_put_off(journal: Database) -> None:
    factory.write_lines(journal, "test.trace")
    [delivery_id] = ids_due(journal)

    deliver(journal, {}, delivery_id)

    with journal.reading() as db:
        [undone] = undone_deliveries(db)
    assert (undone.waiting, undone.given_up) == (1, 0)


def test_a_delivery_for_later_waits(journal: Database) -> None:
    factory.write_lines(journal, "test.trace")
    with journal.transaction() as db:
        db.execute(update(Delivery).values(due_at=clock.now() + timedelta(seconds=10)))
        [delivery_id] = db.scalars(select(Delivery.id))

    deliver(journal, factory.JOBS, delivery_id)
    assert factory.traces(journal) == []

    with time_machine.travel(clock.now() + timedelta(seconds=11)):
        deliver(journal, factory.JOBS, delivery_id)
    assert factory.traces(journal) == ["test:0"]


@pytest.mark.parametrize("reach", list(Reach))
def test_eight_schedulers_run_a_slot_once(journal: Database, reach: Reach) -> None:
    runs: list[object] = []
    job = Job("count", lambda _place, slot: runs.append(slot), reach)
    recurring = Recurring(job, timedelta(hours=1), None, clock.LONDON)
    slot = recurring.latest_slot(clock.now())
    barrier = Barrier(8)

    def scheduler() -> None:
        barrier.wait()
        run_slot(journal, recurring, slot)

    threads = [Thread(target=scheduler) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert runs == [slot]
    with journal.reading() as db:
        assert latest_runs(db) == {"count": slot}


def test_a_slot_that_failed_inside_is_free_again(journal: Database) -> None:
    attempts: list[object] = []

    def fail_once(db: object, slot: object) -> None:
        attempts.append(slot)
        if len(attempts) == 1:
            raise RuntimeError

    recurring = Recurring(Job("tidy_room", fail_once), timedelta(hours=1), None, clock.LONDON)
    slot = recurring.latest_slot(clock.now())
    with pytest.raises(RuntimeError):
        run_slot(journal, recurring, slot)
    run_slot(journal, recurring, slot)
    run_slot(journal, recurring, slot)

    assert attempts == [slot, slot]


def test_a_slot_that_a_newer_one_has_overtaken_is_left_out(journal: Database) -> None:
    runs: list[object] = []
    recurring = Recurring(Job("count", lambda _db, slot: runs.append(slot)), timedelta(seconds=5), None, clock.LONDON)
    run_slot(journal, recurring, recurring.latest_slot(clock.now()) - timedelta(seconds=5))

    assert runs == []


def test_tidy_keeps_what_is_young_or_undone(journal: Database) -> None:
    factory.write_lines(journal, "test.trace", 2)
    factory.write_lines(journal, "test.fail")
    for delivery_id in ids_due(journal):
        deliver(journal, factory.JOBS, delivery_id)
    now = clock.now()
    with journal.transaction() as db:
        done = db.scalars(select(Delivery.id).where(Delivery.done_at.is_not(None))).first()
        db.execute(update(Delivery).where(Delivery.id == done).values(done_at=now - timedelta(days=31)))
        db.add_all([Run(job="seal", slot=now - timedelta(days=3)), Run(job="seal", slot=now - timedelta(hours=3))])

    tidy(journal)

    assert factory.count(journal, Delivery) == 2
    assert factory.count(journal, Run) == 1


def test_a_dead_queue_breaks_no_request(journal: Database, tmp_path: Path) -> None:
    (tmp_path / "queue.db").write_bytes(b"this is no database" * 500)
    journal.notes["nudge"] = make_nudge(settings_in(tmp_path))
    factory.write_lines(journal, "test.trace")

    blocked = tmp_path / "a file where the folder should be"
    blocked.touch()
    journal.notes["nudge"] = make_nudge(settings_in(blocked))
    factory.write_lines(journal, "test.trace")

    assert len(ids_due(journal)) == 2


def test_nothing_is_nudged_when_nothing_was_committed(journal: Database) -> None:
    nudged: list[object] = []
    journal.notes["nudge"] = nudged.extend

    def change_and_fail() -> None:
        with journal.transaction() as db:
            record(db, trust_id=None, actor="system", verb="test.trace", subject="test:1")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        change_and_fail()
    assert nudged == []

    factory.write_lines(journal, "test.trace")
    assert len(nudged) == 1


WORKER = """
import sys
from pathlib import Path
from lti_tool.journal import run_worker
from tests.factories import journal as factory
from tests.integration.test_deliveries import settings_in
place = Path(sys.argv[1])
run_worker(settings_in(place), factory.open_database(place), factory.JOBS.values(), place / "schedule.toml")
"""
SCHEDULE = """
[seal]
why = "As in production."
every_seconds = 5
[sweep]
why = "As in production."
every_seconds = 60
"""


def test_the_worker_process_works_and_stops_when_asked(journal: Database, tmp_path: Path) -> None:
    (tmp_path / "schedule.toml").write_text(SCHEDULE)
    factory.write_lines(journal, "test.trace", 3)  # nobody nudges for these: the sweep at the start finds them
    worker = subprocess.Popen([sys.executable, "-c", WORKER, str(tmp_path)], env={**os.environ})
    try:
        wait_for(lambda: len(factory.traces(journal)) == 3, 20)
        journal.notes["nudge"] = make_nudge(settings_in(tmp_path))
        started = time.monotonic()
        factory.write_lines(journal, "test.trace")
        wait_for(lambda: len(factory.traces(journal)) == 4, 10)
        assert time.monotonic() - started < 5, "a nudge is faster than the sweep"
        wait_for(lambda: {"seal", "sweep"} <= runs_of(journal).keys(), 20)
    finally:
        worker.terminate()
    assert worker.wait(20) == 0


def runs_of(database: Database) -> dict[str, object]:
    with database.reading() as db:
        return dict(latest_runs(db))


def wait_for(condition: object, seconds: float) -> None:
    assert callable(condition)
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.1)
