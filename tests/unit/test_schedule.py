"""When recurring jobs run, and how long failures wait."""

from datetime import UTC, datetime, timedelta

import pytest

from lti_tool import app
from lti_tool.core.clock import LONDON
from lti_tool.journal.rules import KEEP_RUNS_FOR, MOST_ATTEMPTS, Job, ScheduleError, back_off, read_schedule
from lti_tool.paths import folder

JOBS = {name: Job(name, print) for name in ("seal", "sweep", "tidy")}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def daily(clock_time: str) -> object:
    return read_schedule(f'[tidy]\nwhy = "So."\nat = "{clock_time}"', JOBS, LONDON)["tidy"]


def test_the_schedule_that_we_ship_names_every_recurring_job() -> None:
    text = (folder("config") / "schedule.toml").read_text(encoding="utf-8")
    offered = {job.name: job for job in app.jobs()}
    plan = read_schedule(text, JOBS | offered, LONDON)

    assert plan["seal"].every == timedelta(seconds=5)
    assert plan["sweep"].every == timedelta(minutes=1)
    assert plan["tidy"].at is not None
    assert offered.keys() <= plan.keys(), "a job that is never run"
    assert all(entry.every is None or entry.every < KEEP_RUNS_FOR for entry in plan.values())


def test_slots_of_seconds_are_the_same_for_all_schedulers() -> None:
    seal = read_schedule('[seal]\nwhy = "So."\nevery_seconds = 20', JOBS, LONDON)["seal"]
    slots = list(seal.slots(at("2025-03-03T10:00:07.5"), at("2025-03-03T10:01:10")))

    assert [slot.second for slot in slots] == [0, 20, 40, 0]
    assert slots[0] == at("2025-03-03T10:00:00")
    assert set(slots[1:]) <= set(seal.slots(at("2025-03-03T10:00:21"), at("2025-03-03T10:01:30"))) | {slots[1]}


@pytest.mark.parametrize(
    ("clock_time", "now", "latest", "following"),
    [
        ("03:10", "2025-01-10T12:00", "2025-01-10T03:10", "2025-01-11T03:10"),
        ("03:10", "2025-01-10T03:09", "2025-01-09T03:10", "2025-01-10T03:10"),
        ("03:10", "2025-07-10T12:00", "2025-07-10T02:10", "2025-07-11T02:10"),
        ("23:30", "2025-03-30T23:10", "2025-03-30T22:30", "2025-03-31T22:30"),  # the day summer time begins
        ("23:30", "2025-03-30T12:00", "2025-03-29T23:30", "2025-03-30T22:30"),
        ("00:15", "2025-10-26T12:00", "2025-10-25T23:15", "2025-10-27T00:15"),  # the day it ends
    ],
)
def test_daily_slots_follow_the_clock_in_london(clock_time: str, now: str, latest: str, following: str) -> None:
    entry = daily(clock_time)
    slots = list(entry.slots(at(now), at(now) + timedelta(days=1, hours=2)))  # type: ignore[attr-defined]  # a Recurring

    assert slots[:2] == [at(latest), at(following)]


@pytest.mark.parametrize(
    "text",
    [
        '[unknown]\nwhy = "So."\nevery_seconds = 5',
        "[seal]\nevery_seconds = 5",
        '[seal]\nwhy = "So."',
        '[seal]\nwhy = "So."\nevery_seconds = 0',
        '[seal]\nwhy = "So."\nevery_seconds = 100000',
        '[seal]\nwhy = "So."\nat = "25:00"',
        '[seal]\nwhy = "So."\nat = "03:10"\nevery_seconds = 5',
    ],
)
def test_a_schedule_with_a_mistake_is_refused(text: str) -> None:
    with pytest.raises(ScheduleError):
        read_schedule(text, JOBS, LONDON)


def test_failures_wait_longer_each_time_and_not_for_ever() -> None:
    waits = [back_off(attempts) for attempts in range(1, MOST_ATTEMPTS + 1)]

    assert waits[0] == timedelta(seconds=30)
    assert waits == sorted(waits)
    assert timedelta(days=1) < sum(waits, timedelta()) < timedelta(days=3)
