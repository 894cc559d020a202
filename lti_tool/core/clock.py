"""The one clock of the house: every other module asks here, so that time can be moved for all of them at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
HOUR = timedelta(hours=1)

_stopped_at: ContextVar[datetime | None] = ContextVar("stopped_at", default=None)


def now() -> datetime:
    """The present moment, aware, in UTC, to the microsecond."""
    return _stopped_at.get() or datetime.now(UTC)


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Let the block happen at another moment, in which the clock stands still. Only this thread sees it.

    For the demo, whose weeks of talk are played by the rooms' own actions when it is first started, and for tests.
    Raises ValueError for a time without a zone.
    """
    if moment.tzinfo is None:
        raise ValueError("A moment needs its zone.")
    token = _stopped_at.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _stopped_at.reset(token)
