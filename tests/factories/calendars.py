"""Reading calendar bytes in tests: the rules that no parser checks, and what different parsers make of them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import icalendar
import ics
import vobject

TEXT = {"SUMMARY", "DESCRIPTION", "LOCATION", "CATEGORIES", "NAME", "X-WR-CALNAME", "UID"}
OF_A_BLOCK = {
    "BEGIN", "SUMMARY", "DTSTART", "DTEND", "DTSTAMP", "UID", "SEQUENCE", "CATEGORIES", "CONFERENCE", "DESCRIPTION",
    "LAST-MODIFIED", "LOCATION", "STATUS", "TRANSP", "URL", "END",
}  # fmt: skip
OF_A_HEAD = {
    "BEGIN", "VERSION", "PRODID", "CALSCALE", "NAME", "X-WR-CALNAME", "X-WR-TIMEZONE", "COLOR", "REFRESH-INTERVAL",
    "X-PUBLISHED-TTL", "END",
}  # fmt: skip
OF_A_ZONE = {"BEGIN", "TZID", "DTSTART", "RRULE", "TZNAME", "TZOFFSETFROM", "TZOFFSETTO", "END"}


def faults(body: bytes) -> list[str]:
    """Which of the rules about bytes these break: RFC 5545 §3.1, §3.3.11, §3.6.5, and that nothing was smuggled in."""
    found = [f"a bare {sign!r}" for sign in (b"\r", b"\n") if sign in body.replace(b"\r\n", b"")]
    if not body.endswith(b"\r\n"):
        found.append("the last line has no end")
    for line in body.removesuffix(b"\r\n").split(b"\r\n"):
        found += _faults_of_line(line)
    return found + _faults_of_lines(unfolded(body))


def _faults_of_line(line: bytes) -> list[str]:
    found = []
    if len(line) > 75:
        found.append(f"{len(line)} octets in {line!r}")
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        found.append(f"a character is cut in {line!r}")
    if (len(line) - len(line.rstrip(b"\\"))) % 2:
        found.append(f"an escape is cut in {line!r}")
    if re.search(rb"[\x00-\x1f\x7f]", line):
        found.append(f"a control character in {line!r}")
    return found


def unfolded(body: bytes) -> list[str]:
    """The content lines."""
    text = body.decode("utf-8", errors="replace")
    return text.removesuffix("\r\n").replace("\r\n ", "").split("\r\n")


def _faults_of_lines(lines: list[str]) -> list[str]:
    found, inside, zones = [], [], set()
    for line in lines:
        name, value = re.split(r"[;:]", line, maxsplit=1)[0], line.partition(":")[2]
        if name == "BEGIN":
            inside.append(value)
        allowed = {"VCALENDAR": OF_A_HEAD, "VEVENT": OF_A_BLOCK}.get(inside[-1] if inside else "", OF_A_ZONE)
        if name not in allowed:
            found.append(f"{name} is not ours")
        if name in TEXT and not is_escaped(value, is_list=name == "CATEGORIES"):
            found.append(f"not escaped: {line!r}")
        if name == "TZID":
            zones.add(value)
        if (zone := re.match(r"[A-Z-]+;TZID=([^:;]+):", line)) and zone[1] not in zones:
            found.append(f"no VTIMEZONE for {zone[1]}")
        if name == "END" and (not inside or inside.pop() != value):
            found.append(f"{line} ends what is not open")
    return found + [f"{name} is never ended" for name in inside]


def is_escaped(value: str, *, is_list: bool) -> bool:
    """Whether a TEXT value holds its special characters only behind a backslash."""
    rest = re.sub(r"\\[\\;,n]", "", value)
    return not re.search(r"[\\;]" if is_list else r"[\\;,]", rest)


def text_of(value: str) -> str:
    """What a TEXT value says (RFC 5545 §3.3.11)."""
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] in "nN" else found[1], value)


def values(body: bytes, name: str) -> list[str]:
    """The values of each property of this name in the events, as they stand on the wire."""
    events = body.partition(b"END:VTIMEZONE\r\n")[2] or body
    return [line.partition(":")[2] for line in unfolded(events) if re.match(rf"{name}[;:]", line)]


@dataclass(frozen=True)
class Seen:
    """An event as a judge reads it. Moments are in UTC."""

    uid: str
    summary: str
    location: str
    description: str
    starts_at: datetime
    ends_at: datetime
    status: str


def by_icalendar(body: bytes) -> list[Seen]:
    """As icalendar reads it."""
    events = icalendar.Calendar.from_ical(body).walk("VEVENT")
    return [
        Seen(
            *(str(event.get(name, "")) for name in ("UID", "SUMMARY", "LOCATION", "DESCRIPTION")),
            event.start.astimezone(UTC),
            event.end.astimezone(UTC),
            str(event["STATUS"]),
        )
        for event in events
    ]


def by_vobject(body: bytes) -> list[Seen]:
    """As vobject reads it."""
    calendar = vobject.readOne(body.decode())
    return [
        Seen(
            *(event.getChildValue(name, "") for name in ("uid", "summary", "location", "description")),
            event.dtstart.value.astimezone(UTC),
            event.dtend.value.astimezone(UTC),
            event.status.value,
        )
        for event in calendar.contents.get("vevent", [])
    ]


def by_ics(body: bytes) -> list[Seen]:
    """As ics reads it."""
    events = ics.Calendar(body.decode()).events
    return [
        Seen(
            event.uid,
            event.name or "",
            event.location or "",
            event.description or "",
            event.begin.datetime.astimezone(UTC),
            event.end.datetime.astimezone(UTC),
            event.status,
        )
        for event in sorted(events, key=lambda event: event.begin)
    ]


JUDGES: Mapping[str, Callable[[bytes], list[Seen]]] = {
    "icalendar": by_icalendar,
    "vobject": by_vobject,
    "ics": by_ics,
}
