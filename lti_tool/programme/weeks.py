"""What a page of teaching shows: a week or a term, its days, and for whom. Pure: no database, no present moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Generic, Protocol, TypeVar

from lti_tool.core.language import gettext as _
from lti_tool.programme.rules import (
    DAY,
    day_begins,
    days_words,
    is_for,
    london_day,
    months_words,
    short_day,
    term_of,
    week_of,
)

SHOWS = ("me", "all", "core", "trust")
WORKING_DAYS = 5
PAGE_OF_SESSIONS = 30


class Slotted(Protocol):
    """What is arranged: it has a beginning, grades, and is core or not."""

    @property
    def starts_at(self) -> datetime:
        """When it begins."""

    @property
    def grades(self) -> tuple[str, ...]:
        """For whom; empty means for all."""

    @property
    def is_core(self) -> bool:
        """Whether it counts as core teaching."""


Row = TypeVar("Row", bound=Slotted)


@dataclass(frozen=True, slots=True)
class Span:
    """The days from `first` up to and without `after`. `show` is me, all, core or trust."""

    first: date
    after: date
    show: str
    is_term: bool

    def from_at(self, day: date | None) -> datetime:
        """When it begins, in London, or when this day of it does."""
        return day_begins(day if day and self.first < day < self.after else self.first)

    @property
    def until_at(self) -> datetime:
        """When it is over."""
        return day_begins(self.after)

    @property
    def words(self) -> str:
        """23 to 29 November · August to November 2026."""
        return (months_words if self.is_term else days_words)(self.first, self.after - DAY)

    @property
    def previous(self) -> date:
        """A day of the span before."""
        return self.first - DAY

    @property
    def shown(self) -> dict[str, str]:
        """For addresses that keep what is shown."""
        return {"show": self.show} if self.show != SHOWS[0] else {}

    @property
    def length(self) -> dict[str, str]:
        """For addresses that keep the week or the term."""
        return {"term": "1"} if self.is_term else {}

    @property
    def kept(self) -> dict[str, str]:
        """For addresses that keep both."""
        return self.shown | self.length

    def likely_day(self, today: date) -> date:
        """The day that somebody who plans here probably means."""
        return today if self.first <= today < self.after else self.first


@dataclass(frozen=True, slots=True)
class DayOf(Generic[Row]):
    """A day and what is on it."""

    day: date
    words: str
    is_today: bool
    sessions: Sequence[Row]


def choose_span(day: date, show: str, is_term: bool) -> Span:
    """The week or term of a day; an unknown `show` is me."""
    first, after = term_of(day) if is_term else week_of(day)
    return Span(first, after, show if show in SHOWS else SHOWS[0], is_term)


def cut(found: Sequence[Row], most: int) -> tuple[Sequence[Row], date | None]:
    """What fits on a page of `most`, in whole days, and the day from which the next page goes on; None at the end.

    A day of more than that is shown as far as it was found, and the next page begins with the day after.
    """
    if len(found) <= most:
        return found, None
    last = london_day(found[most].starts_at)
    whole_days = [row for row in found if london_day(row.starts_at) < last]
    return (whole_days, last) if whole_days else (found, last + DAY)


def arrange(span: Span, found: Sequence[Row], grade: str | None, today: date) -> list[DayOf[Row]]:
    """What fits, by day. A week shows its working days even when nothing is on them; nothing at all is no day.

    `grade` None means that everything is for this reader.
    """
    fits = [row for row in found if _fits(span.show, row, grade)]
    days: dict[date, list[Row]] = {}
    if fits and not span.is_term:
        days = {span.first + timedelta(days=number): [] for number in range(WORKING_DAYS)}
    for row in fits:
        days.setdefault(london_day(row.starts_at), []).append(row)
    return [DayOf(day, _day_words(day, today), day == today, rows) for day, rows in sorted(days.items())]


def _fits(show: str, row: Slotted, grade: str | None) -> bool:
    return show == "all" or (is_for(row.grades, grade) and (row.is_core or show != "core"))


def _day_words(day: date, today: date) -> str:
    return _("%(day)s, today") % {"day": short_day(day)} if day == today else short_day(day)
