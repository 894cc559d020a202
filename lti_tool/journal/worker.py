"""The one home of huey: a queue of delivery numbers, and the process that works it off.

The queue is a hint and may be lost at any time: the rows of `deliveries` are the truth, and the sweep finds there what
no nudge has brought. Messages hold numbers and slots, never content, and are signed, because huey reads them by pickle.
huey's consumer installs signal handlers, so the worker is a process of its own with `run_worker` on its main thread.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from huey import SqliteHuey
from huey.serializer import SignedSerializer

from lti_tool.core import clock
from lti_tool.core.db import Database
from lti_tool.core.log import log
from lti_tool.core.settings import Settings
from lti_tool.journal.jobs import SEAL, TIDY, deliver, run_slot
from lti_tool.journal.queries import due_deliveries
from lti_tool.journal.rules import Job, Reach, Recurring, read_schedule

QUEUE_FILE = "queue.db"
THREADS = 4
MOST_QUEUED = 1_000  # the sweep adds no more, so that a slow day does not fill the queue with repetitions
LOOK_AHEAD = timedelta(seconds=65)  # a little more than the minute between two ticks
STOP_WITHIN_SECONDS = 25

Due = Sequence[tuple[int, datetime]]
Nudge = Callable[[Due], None]


def make_nudge(settings: Settings) -> Nudge:
    """What `record` calls after a commit: bring deliveries to a worker. A queue that fails is logged and forgiven.

    The queue is opened at the first nudge, after the web server has forked.
    """

    @cache
    def opened() -> Any:
        return _delivery_task(_open_queue(settings), lambda _delivery_id: None)

    return lambda due: _nudge(opened, due)


def run_worker(settings: Settings, database: Database, jobs: Iterable[Job], schedule: Path) -> None:
    """Work until SIGTERM, then finish what is at hand. `jobs` are those of all rooms; the journal adds its own.

    Raises ScheduleError when the schedule names a job that nobody offers.
    """
    logging.getLogger("huey").setLevel(logging.WARNING)
    queue = _open_queue(settings)
    deliverable = {job.name: job for job in jobs}
    nudged = _delivery_task(queue, lambda delivery_id: deliver(database, deliverable, delivery_id))
    sweep = Job("sweep", lambda _database, _slot: _sweep(database, queue, nudged), Reach.OUTSIDE)
    known = deliverable | {job.name: job for job in (SEAL, TIDY, sweep)}
    plan = read_schedule(schedule.read_text(encoding="utf-8"), known, clock.LONDON)
    _schedule_tasks(queue, database, plan)
    consumer = queue.create_consumer(
        workers=THREADS, max_delay=1.0, graceful_signal="TERM", shutdown_timeout=STOP_WITHIN_SECONDS
    )
    log.info("worker started", jobs=sorted(known), scheduled=sorted(plan))
    consumer.run()
    database.close()
    log.info("worker stopped")


def _open_queue(settings: Settings) -> Any:
    folder = Path(settings.var_dir)
    folder.mkdir(parents=True, exist_ok=True)
    return SqliteHuey(
        "grand-round",
        filename=str(folder / QUEUE_FILE),
        serializer=SignedSerializer(secret=settings.key_for("work queue")),
        results=False,
        fsync=False,
        timeout=1,
    )


def _delivery_task(queue: Any, run: Callable[[int], None]) -> Any:
    def run_delivery(delivery_id: int) -> None:
        run(delivery_id)

    return queue.task()(run_delivery)


def _nudge(opened: Callable[[], Any], due: Due) -> None:
    try:
        task = opened()
        for delivery_id, due_at in due:
            task.schedule((delivery_id,), eta=due_at)
    except Exception as error:
        log.warning("nudge failed, the sweep will find it", fault=type(error).__name__, deliveries=len(due))


def _sweep(database: Database, queue: Any, nudged: Any) -> None:
    room = MOST_QUEUED - queue.pending_count()
    with database.reading() as db:
        due = due_deliveries(db, clock.now(), max(room, 0))
    _nudge(lambda: nudged, due)


def _schedule_tasks(queue: Any, database: Database, plan: dict[str, Recurring]) -> None:
    def run_recurring(name: str, slot: str) -> None:
        run_slot(database, plan[name], datetime.fromisoformat(slot))

    recurring_task = queue.task()(run_recurring)

    def tick() -> None:
        now = clock.now()
        for name, recurring in plan.items():
            for slot in recurring.slots(now, now + LOOK_AHEAD):
                recurring_task.schedule((name, slot.isoformat()), eta=slot)

    queue.periodic_task(lambda _now: True)(tick)
