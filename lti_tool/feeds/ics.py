"""Teaching as iCalendar bytes (RFC 5545, RFC 7986). The one home of the icalendar library in this room. Pure.

The library writes properties and escapes text. Three things are ours, because no parser checks them and one mistake
makes Google drop a whole feed: what text may hold, where lines are folded, and the time zone, which never changes.
A block is one VEVENT. Equal entries and stamps make equal bytes, so blocks can be stored, compared and hashed.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from urllib.parse import quote, urlsplit

from icalendar import Calendar, Component, Event, vCategory, vText

from lti_tool.core.clock import LONDON
from lti_tool.core.language import gettext as _

MOST_OCTETS = 75  # of a line, its CRLF apart (RFC 5545 §3.1)
A_DAY = timedelta(days=1)
TAIL = b"END:VCALENDAR\r\n"
_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_URI = ":/?#[]@!$&'()*+,;=%~"
_WHOLE = re.compile(r"\\.|.", re.DOTALL)  # what a fold may not cut: an escape, or a character

# With rules instead of a list of dates, which Outlook misreads. In force since 1981 and 1996.
ZONE = b"""BEGIN:VTIMEZONE
TZID:Europe/London
BEGIN:DAYLIGHT
DTSTART:19810329T010000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZNAME:BST
TZOFFSETFROM:+0000
TZOFFSETTO:+0100
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19961027T020000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZNAME:GMT
TZOFFSETFROM:+0100
TZOFFSETTO:+0000
END:STANDARD
END:VTIMEZONE
""".replace(b"\n", b"\r\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What a calendar shows of a teaching session. Moments are aware; `note` says what was moved or why it is off."""

    uid: str
    title: str
    starts_at: datetime
    ends_at: datetime
    url: str
    description: str = ""
    speaker: str = ""
    room: str = ""
    online_url: str = ""
    grades: tuple[str, ...] = ()
    is_core: bool = False
    cpd_points: Decimal = Decimal(0)
    is_cancelled: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Stamp:
    """Which version of an entry this is: both rise together, and only when something that people see has changed."""

    sequence: int
    modified_at: datetime


class Words(vText):
    """TEXT, escaped as RFC 5545 §3.3.11 says. The library's own takes a backslash and an N that somebody typed for a
    line break.
    """

    def to_ical(self) -> bytes:
        """The escaped octets."""
        escaped = self.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")
        return escaped.encode()


def render(entry: Entry, stamp: Stamp) -> bytes:
    """The entry as one VEVENT."""
    event = _stamped(entry.uid, stamp)
    summary = one_line(entry.title)
    event.add("summary", Words(_("Cancelled: %(title)s") % {"title": summary} if entry.is_cancelled else summary))
    _add_times(event, entry)
    if place := one_line(entry.room) or _link(entry.online_url):
        event.add("location", Words(place))
    event.add("description", Words("\n".join(_described(entry))))
    event.add("url", entry.url)
    event.add("categories", _kinds(entry))
    if link := _link(entry.online_url):
        event.add("conference", link, parameters={"VALUE": "URI", "FEATURE": "VIDEO", "LABEL": _("Join online")})
    event.add("status", "CANCELLED" if entry.is_cancelled else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if entry.is_cancelled else "OPAQUE")
    return _bytes_of(event)


def render_notice(uid: str, text: str, day: date, stamp: Stamp) -> bytes:
    """A VEVENT of a whole day that says one thing."""
    event = _stamped(uid, stamp)
    event.add("summary", Words(one_line(text)))
    event.add("dtstart", day)
    event.add("dtend", day + A_DAY)
    event.add("transp", "TRANSPARENT")
    return _bytes_of(event)


@lru_cache(maxsize=256)
def head(name: str) -> bytes:
    """How a calendar of this name begins, its time zone included. Blocks follow, then `TAIL`."""
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//Grand Round//Teaching//EN")
    calendar.add("calscale", "GREGORIAN")
    for called in ("name", "x-wr-calname"):
        calendar.add(called, Words(one_line(name)))
    calendar.add("x-wr-timezone", "Europe/London")
    calendar.add("color", "royalblue")
    calendar.add("refresh-interval", timedelta(hours=1), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    return _bytes_of(calendar).removesuffix(TAIL) + ZONE


def join(name: str, blocks: Iterable[bytes]) -> bytes:
    """A whole calendar."""
    return b"".join((head(name), *blocks, TAIL))


def plain(text: str) -> str:
    """Text without control characters and halves of characters; every kind of line break becomes `\\n`."""
    broken = _BREAKS.sub("\n", text).replace("\t", " ").replace("\ufeff", "")
    return "".join(sign for sign in broken if sign == "\n" or unicodedata.category(sign) not in ("Cc", "Cs")).strip()


def one_line(text: str) -> str:
    """The same on one line."""
    return " ".join(plain(text).split())


def fold(line: str) -> bytes:
    """A content line with its CRLF, folded at 75 octets: never within a character, never within an escape."""
    if len(line) <= MOST_OCTETS and line.isascii():
        return line.encode() + b"\r\n"
    folded, room = bytearray(), MOST_OCTETS
    for whole in _WHOLE.findall(line):
        octets = whole.encode()
        if len(octets) > room:
            folded += b"\r\n "
            room = MOST_OCTETS - 1
        folded += octets
        room -= len(octets)
    return bytes(folded + b"\r\n")


def _stamped(uid: str, stamp: Stamp) -> Event:
    """DTSTAMP is when it was last changed, not when it was fetched, so that bytes stay the same."""
    event = Event()
    event.add("uid", Words(one_line(uid)))
    event.add("dtstamp", stamp.modified_at)
    event.add("last-modified", stamp.modified_at)
    event.add("sequence", stamp.sequence)
    return event


def _add_times(event: Event, entry: Entry) -> None:
    """In London time; in UTC where a clock shows the hour for the second time, which TZID cannot say."""
    times = [moment.astimezone(LONDON) for moment in (entry.starts_at, entry.ends_at)]
    if any(moment.fold for moment in times):
        times = [entry.starts_at, entry.ends_at]
    event.add("dtstart", times[0])
    event.add("dtend", times[1])


def _described(entry: Entry) -> Iterator[str]:
    yield from filter(None, (plain(entry.note), plain(entry.description)))
    if entry.speaker:
        yield _("Speaker: %(name)s") % {"name": one_line(entry.speaker)}
    if entry.grades:
        yield _("For: %(grades)s") % {"grades": ", ".join(one_line(grade) for grade in entry.grades)}
    if entry.is_core:
        yield _("Core teaching")
    if entry.cpd_points:
        yield _("CPD points: %(points)s") % {"points": f"{entry.cpd_points.normalize():f}"}
    if link := _link(entry.online_url):
        yield _("Join online: %(link)s") % {"link": link}
    yield _("More about it: %(link)s") % {"link": entry.url}


def _kinds(entry: Entry) -> vCategory:
    kinds = vCategory([])
    words = (_("Teaching"), *((_("Core teaching"),) if entry.is_core else ()), *entry.grades)
    kinds.cats = [Words(one_line(word)) for word in words]
    return kinds


def _link(address: str) -> str:
    """The address if it is one that a calendar may open, with only what a URI may hold (RFC 3986 §2); else empty."""
    link = quote("".join(plain(address).split()), safe=_URI)
    try:
        return link if urlsplit(link).scheme in ("http", "https") else ""
    except ValueError:
        return ""


def _bytes_of(component: Component) -> bytes:
    return b"".join(fold(line) for line in component.content_lines() if line)
