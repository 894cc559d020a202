"""Addresses, windows, how long things outlive their end, and which version of a block comes next. Pure."""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from lti_tool.core.clock import LONDON
from lti_tool.feeds.ics import Stamp

TOKEN_LENGTH = 24
NAME_LENGTH = 60
MOST_FEEDS = 10
MOST_SESSIONS = 5_000  # of one feed: ten full programmes
MAX_AGE = timedelta(minutes=15)
FETCH_NOTED_EVERY = timedelta(hours=1)
A_DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
DAYS_BACK, DAYS_AHEAD = 60 * A_DAY, 400 * A_DAY
CANCELLED_SHOWN_FOR = 7 * A_DAY
OUTLIVES_ENROLMENT = 30 * A_DAY
NOTICE_FOR = 30 * A_DAY
MY_GRADE = "mine"  # in a feed's filter: whatever the person's rotation says on the day


def token_of(feed_key: str, public_id: str, generation: int) -> str:
    """The secret part of a feed's address. It is stored nowhere, and can be shown again to its owner."""
    message = f"{public_id}\x1f{generation}".encode()
    mac = hmac.new(feed_key.encode(), message, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(mac)[:TOKEN_LENGTH].decode()


@dataclass(frozen=True, slots=True)
class Filter:
    """What a feed holds: of which courses (numbers; none means all of the person's), for which grades, core only."""

    courses: tuple[int, ...] = ()
    grades: tuple[str, ...] = (MY_GRADE,)
    is_core_only: bool = False

    @staticmethod
    def of(stored: Mapping[str, Any]) -> "Filter":
        """As a feed's row keeps it."""
        return Filter(tuple(stored["courses"]), tuple(stored["grades"]), bool(stored["core"]))

    def stored(self) -> dict[str, Any]:
        """For a feed's row."""
        return {"courses": list(self.courses), "grades": list(self.grades), "core": self.is_core_only}


@dataclass(frozen=True, slots=True)
class Window:
    """What a calendar of this day holds: teaching that ends and begins between these moments, cancelled less long.

    It moves at midnight in London only, so that bytes do not change by the minute.
    """

    day: date
    from_at: datetime
    until_at: datetime
    cancelled_from_at: datetime

    @staticmethod
    def at(now: datetime) -> "Window":
        """Today's."""
        day = now.astimezone(LONDON).date()
        midnight = datetime.combine(day, time(), LONDON).astimezone(UTC)
        return Window(day, midnight - DAYS_BACK, midnight + DAYS_AHEAD, midnight - CANCELLED_SHOWN_FOR)

    @property
    def began_at(self) -> datetime:
        """The midnight with which this day began."""
        return self.from_at + DAYS_BACK


class Standing(StrEnum):
    """What an address answers: its calendar, the notice that it is off, or that it is gone for good."""

    LIVE = "live"
    OFF = "off"
    OVER = "over"


def standing(off_at: datetime | None, now: datetime) -> Standing:
    """What an address answers that was switched off at this moment, or never."""
    if off_at is None:
        return Standing.LIVE
    return Standing.OFF if now < off_at + NOTICE_FOR else Standing.OVER


def left_at(seen: Iterable[date]) -> datetime | None:
    """When a person who is in no course now is gone; None for one who never was in any.

    `seen` are the last days on which each course was theirs.
    """
    last = max(seen, default=None)
    return None if last is None else datetime.combine(last, time(), LONDON).astimezone(UTC) + OUTLIVES_ENROLMENT


@dataclass(frozen=True, slots=True)
class Rendered:
    """The bytes that a session had last, of which version of its row, and how they are stamped."""

    version: int
    stamp: Stamp
    body: bytes
    hash: bytes

    @staticmethod
    def of(version: int, stamp: Stamp, body: bytes) -> "Rendered":
        """New bytes, with the hash of which a feed's ETag is made."""
        return Rendered(version, stamp, body, hashlib.sha256(body).digest())


def next_stamp(last: Rendered | None, version: int, changed_at: datetime) -> Stamp:
    """The stamp of a session that has changed since, as a function of its row alone.

    Each version of the row counts one, so that whoever looks between two changes is outrun by the second, whether or
    not the worker had come by: a subscriber that compares SEQUENCE or LAST-MODIFIED (RFC 5545 §3.8.7) misses nothing.
    """
    if last is None:
        return Stamp(version - 1, changed_at)
    steps = version - last.version
    return Stamp(last.stamp.sequence + steps, max(changed_at, last.stamp.modified_at + steps * SECOND))
