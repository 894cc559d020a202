"""web.formatting: moments and spans in words."""

from datetime import UTC, datetime, timedelta

import pytest

from lti_tool.web import formatting

NOW = datetime(2026, 11, 23, 9, 14, tzinfo=UTC)  # a Monday, winter time
JULY = datetime(2026, 7, 6, 23, 30, tzinfo=UTC)  # already Tuesday in London


def at(day: int, hour: int, minute: int = 0, month: int = 11, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (at(23, 8, 52), "Today 08:52"),
        (at(22, 22, 15), "Yesterday 22:15"),
        (at(24, 8, 30), "Tomorrow 08:30"),
        (at(20, 7), "Fri 20 Nov"),
        (at(3, 7, month=1), "Sat 3 Jan"),
        (at(31, 7, month=12, year=2025), "31 Dec 2025"),
    ],
)
def test_when(moment: datetime, words: str) -> None:
    assert formatting.when(moment, NOW) == words


def test_summer_time_decides_the_day() -> None:
    assert formatting.when(JULY, JULY) == "Today 00:30"
    assert formatting.when(datetime(2026, 7, 6, 22, 30, tzinfo=UTC), JULY) == "Yesterday 23:30"
    assert formatting.long_day(JULY) == "Tuesday 7 July"
    assert formatting.iso(JULY) == "2026-07-07T00:30:00+01:00"


def test_stamp() -> None:
    assert formatting.stamp(at(12, 13, 20), NOW) == "Thu 12 Nov, 13:20"
    assert formatting.stamp(at(23, 8, 52), NOW) == "Today, 08:52"


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (at(23, 12, 30), "today at 12:30"),
        (at(24, 8, 30), "tomorrow at 08:30"),
        (at(27, 8, 30), "on Friday at 08:30"),
        (at(30, 8, 30), "on Mon 30 Nov at 08:30"),
        (at(20, 8, 30), "on Fri 20 Nov at 08:30"),
    ],
)
def test_soon(moment: datetime, words: str) -> None:
    assert formatting.soon(moment, NOW) == words


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(seconds=59), "under 1 min"),
        (timedelta(minutes=48, seconds=50), "48 min"),
        (timedelta(hours=3, minutes=10), "3 h 10 min"),
        (timedelta(hours=5), "5 h"),
        (timedelta(days=1, hours=23), "1 day"),
        (timedelta(days=3), "3 days"),
    ],
)
def test_span(length: timedelta, words: str) -> None:
    assert formatting.span(length) == words
