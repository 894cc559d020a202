"""London times, weeks and terms, for whom teaching is, what counts as moved. Pure: no database, no present moment."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum

from lti_tool.core.clock import LONDON
from lti_tool.core.errors import Invalid
from lti_tool.core.language import gettext as _

TITLE_LENGTH = 150
SPEAKER_LENGTH = 150
ROOM_LENGTH = 120
LINK_LENGTH = 500
DESCRIPTION_LENGTH = 4_000
REASON_LENGTH = 300
MOST_CPD = Decimal("24")
LONGEST = timedelta(hours=24)
AHEAD_AT_MOST = timedelta(days=2 * 366)
BACK_AT_MOST = timedelta(days=366)
TOLD_WITHIN = timedelta(hours=48)  # calendars may be a day late, so later changes go to inboxes as well
MOST_SESSIONS = 500  # one page, one term of a busy course
TERMS = (4, 8, 12)  # rotations change in April, August and December, and teaching with them
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


class SessionState(StrEnum):
    """Where a teaching session stands. A deleted one is no state: it is gone for everybody, and its row stays."""

    PLANNED = "planned"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class SessionDraft:
    """What a planner has chosen for a teaching session. No grades means all of them. Moments are aware."""

    title: str
    starts_at: datetime
    ends_at: datetime
    description: str = ""
    speaker: str = ""
    room: str = ""
    online_url: str = ""
    grades: tuple[str, ...] = ()
    is_core: bool = False
    cpd_points: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Slot:
    """When and where: what makes a session a moved one when it changes."""

    starts_at: datetime
    ends_at: datetime
    room: str
    is_online: bool


def london_moment(day: date, at: time) -> datetime:
    """The moment at which clocks in the United Kingdom show this. Of an hour that comes twice, the first.

    Raises Invalid for a time that the clocks skip in March.
    """
    moment = datetime.combine(day, at, LONDON).astimezone(UTC)
    if moment.astimezone(LONDON).time() != at:
        raise Invalid(
            _("There is no %(time)s on this day: the clocks go forward from 01:00 to 02:00.") % {"time": f"{at:%H:%M}"}
        )
    return moment


def london_day(moment: datetime) -> date:
    """The day that it is in the United Kingdom."""
    return moment.astimezone(LONDON).date()


def day_begins(day: date) -> datetime:
    """Midnight in the United Kingdom (the clocks never change there)."""
    return datetime.combine(day, time(), LONDON).astimezone(UTC)


def week_of(day: date) -> tuple[date, date]:
    """Monday and the Monday after."""
    monday = day - day.weekday() * DAY
    return monday, monday + 7 * DAY


def term_of(day: date) -> tuple[date, date]:
    """The first day of the term and the first of the next: April, August, December."""
    begins = max((month for month in TERMS if month <= day.month), default=TERMS[-1])
    first = date(day.year if begins <= day.month else day.year - 1, begins, 1)
    after = TERMS[(TERMS.index(begins) + 1) % len(TERMS)]
    return first, date(first.year if after > begins else first.year + 1, after, 1)


def is_for(grades: Collection[str], grade: str | None) -> bool:
    """Whether teaching for these grades is for somebody of this one; who has said none may come to everything."""
    return grade is None or not grades or grade in grades


def is_same(one: str, other: str) -> bool:
    """Whether two names of a room or a speaker mean the same: capitals and spaces do not count."""
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()


def share_grades(one: Collection[str], other: Collection[str], is_same_course: bool) -> bool:
    """Whether somebody would have to be at both. "All grades" is all of one course, not of the whole trust."""
    if not one or not other:
        return is_same_course
    return not set(one).isdisjoint(other)


def what_moved(was: Slot, now: Slot) -> str:
    """Two short sentences, what changed and what it was; empty when time and place are the same."""
    is_other_time = (was.starts_at, was.ends_at) != (now.starts_at, now.ends_at)
    is_other_place = was.is_online != now.is_online or not is_same(was.room, now.room)
    if not is_other_time and not is_other_place:
        return ""
    time_words, place = slot_words(was.starts_at, was.ends_at), place_words(was)
    if is_other_time and is_other_place:
        return _("Moved. It was %(when)s, %(where)s.") % {"when": time_words, "where": place}
    if is_other_time:
        return _("Moved to another time. It was %(when)s.") % {"when": time_words}
    return f"{_where_to(was, now)} {_('It was %(where)s.') % {'where': place}}"


def _where_to(was: Slot, now: Slot) -> str:
    if now.is_online and not now.room:
        return _("Moved online.")
    return _("Moved to a room.") if was.is_online and not was.room else _("Moved to another room.")


def place_words(slot: Slot) -> str:
    """Within a sentence: in Seminar room 2 · online · in Seminar room 2 and online · in no room yet."""
    if slot.room and slot.is_online:
        return _("in %(room)s and online") % {"room": slot.room}
    if slot.room:
        return _("in %(room)s") % {"room": slot.room}
    return _("online") if slot.is_online else _("in no room yet")


def slot_words(starts_at: datetime, ends_at: datetime) -> str:
    """Within a sentence: on Wed 25 Nov, 13:00 to 14:00."""
    begins, ends = starts_at.astimezone(LONDON), ends_at.astimezone(LONDON)
    return _("on %(day)s, %(from)s to %(until)s") % {
        "day": short_day(begins.date()),
        "from": f"{begins:%H:%M}",
        "until": f"{ends:%H:%M}",
    }


def short_day(day: date) -> str:
    """Wed 25 Nov"""
    return f"{_weekdays()[day.weekday()]} {day.day} {_months()[day.month - 1][:3]}"


def days_words(first: date, last: date) -> str:
    """23 to 29 November · 30 November to 6 December · 28 December 2026 to 3 January 2027."""
    months = _months()
    ends = f"{last.day} {months[last.month - 1]}"
    if first.year != last.year:
        return _("%(first)s to %(last)s") % {
            "first": f"{first.day} {months[first.month - 1]} {first.year}",
            "last": f"{ends} {last.year}",
        }
    begins = f"{first.day}" if first.month == last.month else f"{first.day} {months[first.month - 1]}"
    return _("%(first)s to %(last)s") % {"first": begins, "last": ends}


def months_words(first: date, last: date) -> str:
    """August to November 2026 · December 2026 to March 2027."""
    months = _months()
    begins = months[first.month - 1] if first.year == last.year else f"{months[first.month - 1]} {first.year}"
    return _("%(first)s to %(last)s") % {"first": begins, "last": f"{months[last.month - 1]} {last.year}"}


def grades_words(grades: Collection[str]) -> str:
    """For whom: All grades · F1, F2."""
    return ", ".join(grades) if grades else _("All grades")


def worth_words(is_core: bool, points: Decimal) -> str:
    """What it counts as: Core, 1 CPD point · 0.75 CPD points · Core; empty for neither."""
    shown = f"{points:.2f}".rstrip("0").rstrip(".")
    count = _("1 CPD point") if points == 1 else _("%(points)s CPD points") % {"points": shown} if points else ""
    return ", ".join(filter(None, (_("Core") if is_core else "", count)))


def is_soon(starts_at: datetime, now: datetime) -> bool:
    """Whether people may set out for it before their calendars have heard of a change."""
    return now <= starts_at <= now + TOLD_WITHIN


def next_change(changed_at: datetime | None, now: datetime) -> datetime:
    """When a change counts as made: whole seconds, and later than the one before (calendars compare them)."""
    moment = now.replace(microsecond=0)
    return moment if changed_at is None else max(moment, changed_at + SECOND)


def _weekdays() -> list[str]:
    return _("Mon Tue Wed Thu Fri Sat Sun").split()


def _months() -> list[str]:
    return _("January February March April May June July August September October November December").split()
