"""What a room hands to the journal, when a job is tried again, when a recurring job runs, and how lines are chained."""

import hashlib
import json
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Any

CLAIM_FOR = timedelta(seconds=60)  # jobs that reach outside keep their time-outs well below this
MOST_ATTEMPTS = 10
FIRST_BACK_OFF = timedelta(seconds=30)
LONGEST_BACK_OFF = timedelta(hours=6)

LEASE_FOR = timedelta(seconds=30)
LINES_A_BATCH = 1_000
BEFORE_THE_FIRST = bytes(32)

KEEP_RUNS_FOR = timedelta(days=2)  # longer than the longest time between two slots
KEEP_DONE_FOR = timedelta(days=30)
A_DAY = timedelta(days=1)


class Reach(StrEnum):
    """Where a job takes effect: in our database (once), or outside it (at least once, with a stable id)."""

    INSIDE = "inside"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class Job:
    """Something the worker does, because of a line or because of the clock (`config/schedule.toml`).

    | reach   | because of a line           | because of the clock |
    |---------|-----------------------------|----------------------|
    | INSIDE  | `run(db, line)`             | `run(db, slot)`      |
    | OUTSIDE | `run(database, line, id)`   | `run(database, slot)`|

    INSIDE runs in the transaction that marks it done. OUTSIDE opens its own; `id` is the same at every attempt.
    """

    name: str
    run: Callable[..., Any]
    reach: Reach = Reach.INSIDE


@dataclass(frozen=True, slots=True)
class Listener:
    """When a line with this verb is recorded, this job is delivered, `after` later."""

    verb: str
    job: Job
    after: timedelta = timedelta()


def back_off(attempts: int) -> timedelta:
    """How long to wait after so many failed attempts: 30 s, 2 min, 8 min … at most 6 h; a day and a half in all."""
    return min(FIRST_BACK_OFF * int(4 ** min(attempts - 1, MOST_ATTEMPTS)), LONGEST_BACK_OFF)


class ScheduleError(Exception):
    """The schedule names something that does not exist, or a time that is none."""


@dataclass(frozen=True, slots=True)
class Recurring:
    """A job and its slots: every so many seconds (counted from 1970, so all schedulers agree) or daily at a time."""

    job: Job
    every: timedelta | None
    at: time | None
    zone: tzinfo

    def latest_slot(self, now: datetime) -> datetime:
        """The newest slot that has begun."""
        if self.every is not None:
            seconds = self.every.total_seconds()
            return datetime.fromtimestamp(now.timestamp() // seconds * seconds, UTC)
        day = now.astimezone(self.zone).date()
        today = self._on(day)
        return today if today <= now else self._on(day - A_DAY)

    def slots(self, now: datetime, until: datetime) -> Iterator[datetime]:
        """The newest slot that has begun, which somebody may have missed, and all that begin before `until`."""
        slot = self.latest_slot(now)
        while slot < until:
            yield slot
            slot = slot + self.every if self.every else self._on(slot.astimezone(self.zone).date() + A_DAY)

    def _on(self, day: date) -> datetime:
        return datetime.combine(day, self.at or time(), self.zone).astimezone(UTC)


def read_schedule(text: str, jobs: Mapping[str, Job], zone: tzinfo) -> dict[str, Recurring]:
    """The recurring jobs by name. Raises ScheduleError for a job that nobody offers or a time that is none."""
    return {name: _recurring(name, entry, jobs, zone) for name, entry in tomllib.loads(text).items()}


def _recurring(name: str, entry: dict[str, Any], jobs: Mapping[str, Job], zone: tzinfo) -> Recurring:
    if name not in jobs:
        raise ScheduleError(f"{name}: no room offers such a job.")
    match entry:
        case {"why": str(), "every_seconds": int(seconds), **rest} if not rest and 1 <= seconds <= 86_400:
            return Recurring(jobs[name], timedelta(seconds=seconds), None, zone)
        case {"why": str(), "at": str(clock_time), **rest} if not rest:
            try:
                return Recurring(jobs[name], None, datetime.strptime(clock_time, "%H:%M").time(), zone)  # noqa: DTZ007
            except ValueError:
                pass
    raise ScheduleError(f'{name}: needs a sentence why, and every_seconds (1 to 86400) or at = "HH:MM".')


@dataclass(frozen=True, slots=True)
class LineText:
    """A journal line as the chain sees it: every column, so that none can be changed unseen."""

    id: int
    trust_id: int | None
    at: datetime
    actor: str
    verb: str
    subject: str
    details: Mapping[str, Any]

    def canonical(self) -> bytes:
        """JSON with sorted keys and no spaces; the moment in UTC to the microsecond."""
        fields = {
            "id": self.id,
            "trust_id": self.trust_id,
            "at": self.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "actor": self.actor,
            "verb": self.verb,
            "subject": self.subject,
            "details": self.details,
        }
        return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def link(previous: bytes, line: LineText) -> bytes:
    """The hash that seals a line: SHA-256 of the hash before it and of the line."""
    return hashlib.sha256(previous + line.canonical()).digest()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What checking the chain found. `head` (hexadecimal), noted elsewhere, proves later that no end was cut off."""

    sealed: int
    unsealed: int
    first_broken: int | None
    head: str
