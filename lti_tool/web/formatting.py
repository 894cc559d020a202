"""Moments and spans in words, as a reader in the United Kingdom expects them. Pure: the present moment is given.

All moments are aware; they are shown in London time. Templates use these as filters (`lti_tool.web.templating`).
"""

from datetime import date, datetime, timedelta
from functools import lru_cache
from gettext import NullTranslations

from lti_tool.core import language
from lti_tool.core.clock import LONDON
from lti_tool.core.language import gettext as _

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
REMEMBERED = 10_000  # moments of the pages that are read most


def at_time(moment: datetime) -> str:
    """09:14"""
    return f"{moment.astimezone(LONDON):%H:%M}"


def when(moment: datetime, now: datetime) -> str:
    """For lists: Today 08:52 · Yesterday 22:15 · Fri 20 Nov · 3 Jan 2025 (another year)."""
    return _when(moment, now.astimezone(LONDON).date(), language.translations)


@lru_cache(maxsize=REMEMBERED)
def _when(moment: datetime, today: date, _spoken: NullTranslations) -> str:
    day = moment.astimezone(LONDON).date()
    if near := _near_day(day, today):
        return f"{near} {at_time(moment)}"
    return _short_day(day, today)


def stamp(moment: datetime, now: datetime) -> str:
    """For posts, with the time: Today, 08:52 · Thu 12 Nov, 13:20."""
    return _stamp(moment, now.astimezone(LONDON).date(), language.translations)


@lru_cache(maxsize=REMEMBERED)
def _stamp(moment: datetime, today: date, _spoken: NullTranslations) -> str:
    day = moment.astimezone(LONDON).date()
    return f"{_near_day(day, today) or _short_day(day, today)}, {at_time(moment)}"


def soon(moment: datetime, now: datetime) -> str:
    """Within a sentence: today at 12:30 · tomorrow at 08:30 · on Monday at 08:30 · on Mon 30 Nov at 08:30."""
    day, today = moment.astimezone(LONDON).date(), now.astimezone(LONDON).date()
    time = at_time(moment)
    if near := _near_day(day, today):
        return _("%(day)s at %(time)s") % {"day": near.lower(), "time": time}
    is_this_week = timedelta() < day - today < timedelta(days=7)
    name = _weekdays()[day.weekday()] if is_this_week else _short_day(day, today)
    return _("on %(day)s at %(time)s") % {"day": name, "time": time}


def long_day(moment: datetime) -> str:
    """Monday 23 November"""
    day = moment.astimezone(LONDON).date()
    return f"{_weekdays()[day.weekday()]} {day.day} {_months()[day.month - 1]}"


def whole_day(day: date) -> str:
    """3 June 2027"""
    return f"{day.day} {_months()[day.month - 1]} {day.year}"


def span(length: timedelta) -> str:
    """48 min · 3 h 10 min · 5 h · 1 day · 3 days. What is shorter than a minute is "under 1 min"."""
    if length < MINUTE:
        return _("under 1 min")
    if length < HOUR:
        return _("%(minutes)d min") % {"minutes": length // MINUTE}
    if length < DAY:
        minutes = length % HOUR // MINUTE
        hours = _("%(hours)d h") % {"hours": length // HOUR}
        return f"{hours} {_('%(minutes)d min') % {'minutes': minutes}}" if minutes else hours
    days = length // DAY
    return _("1 day") if days == 1 else _("%(days)d days") % {"days": days}


@lru_cache(maxsize=REMEMBERED)
def iso(moment: datetime) -> str:
    """For the datetime attribute of `time`: 2026-11-12T13:20:00+00:00."""
    return moment.astimezone(LONDON).isoformat(timespec="seconds")


def _near_day(day: date, today: date) -> str:
    return {timedelta(): _("Today"), -DAY: _("Yesterday"), DAY: _("Tomorrow")}.get(day - today, "")


def _short_day(day: date, today: date) -> str:
    month = _months()[day.month - 1][:3]
    if day.year != today.year:
        return f"{day.day} {month} {day.year}"
    return f"{_weekdays()[day.weekday()][:3]} {day.day} {month}"


def _weekdays() -> list[str]:
    return _("Monday Tuesday Wednesday Thursday Friday Saturday Sunday").split()


def _months() -> list[str]:
    return _("January February March April May June July August September October November December").split()
