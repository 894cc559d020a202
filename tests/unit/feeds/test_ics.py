"""The bytes of calendars, asserted on bytes: parsers forgive what calendar programs do not."""

import re
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lti_tool.core.clock import LONDON
from lti_tool.feeds.ics import TAIL, Entry, Stamp, fold, head, join, one_line, plain, render, render_notice
from tests.factories.calendars import JUDGES, faults, text_of, unfolded, values
from tests.factories.house import moment

STAMP = Stamp(3, moment("2026-11-20T09:30:00+00:00"))
HOSTILE = [
    "BEGIN:VEVENT",
    "END:VEVENT\r\nEND:VCALENDAR",
    "\r\nATTENDEE:mailto:a@b.example",
    "\nX-EVIL:1",
    "\rX-EVIL:1",
    ';:,"\\',
    "\\n\\N\\;\\",
    "C:\\New",
    "\x00",
    "\x1b[31m",
    "\x85",
    "\u2028ATTENDEE:x",
    "\u2029",
    "\ud800",
    "🫀👩🏽‍⚕️",
    "Cyfarfod dŵr, tŷ bach, Llŷn",
    "تخطيط كهربية القلب",
    "e\u0301\u0323a\u0308" * 5,
    "\t",
    "\ufeff",
    "%0d%0aATTENDEE:x",
]
words = st.one_of(
    st.lists(st.sampled_from(HOSTILE), max_size=6).map(" ".join),
    st.text(st.characters(exclude_categories=()), max_size=200),
    st.sampled_from(HOSTILE).map(lambda text: text * (10_240 // len(text))),
)
links = st.one_of(
    words.map(lambda text: f"https://teams.example/{text}"), st.sampled_from(["", "javascript:x", "https://["])
)


def entry(**given: object) -> Entry:
    begins = moment("2026-12-03T13:00:00+00:00")
    usual = {"uid": "u@h", "title": "Echo", "starts_at": begins, "ends_at": begins + timedelta(hours=1)}
    return Entry(**(usual | {"url": "https://grandround.example/go/AAAAAAAAAAAAAAAA"} | given))


entries = st.builds(
    entry,
    title=words,
    description=words,
    speaker=words,
    room=words,
    note=words,
    online_url=links,
    grades=st.lists(words, max_size=3).map(tuple),
    is_core=st.booleans(),
    is_cancelled=st.booleans(),
    cpd_points=st.decimals(0, 24, places=2),
)
FIELDS = ("title", "description", "speaker", "room", "note")
EVERYWHERE = [
    *(entry(**dict.fromkeys(FIELDS, text), grades=(text, "F1"), is_core=True) for text in HOSTILE),
    entry(**dict.fromkeys(FIELDS, " ".join(HOSTILE) * 30)),
    entry(room="A", online_url='https://teams.example/l/"x";,\\?a=1,2;3&ŷ\r\nATTENDEE:x', cpd_points=Decimal("1.25")),
]


@settings(max_examples=100, deadline=None)
@given(entry=entries, name=words)
@example(entry=entry(**dict.fromkeys(FIELDS, "\\;," * 3000)), name="\r\nX:1")
def test_whatever_people_write_the_bytes_keep_the_rules(entry: Entry, name: str) -> None:
    body = join(name, [render(entry, STAMP)])
    assert faults(body) == []
    lines = unfolded(body)
    assert lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT") == 1
    assert not any(line.startswith(("ATTENDEE", "ORGANIZER", "BEGIN:VALARM", "METHOD")) for line in lines)


@settings(max_examples=100, deadline=None)
@given(entry=entries)
def test_what_people_wrote_is_what_a_reader_reads(entry: Entry) -> None:
    body = render(entry, STAMP)
    assert text_of(values(body, "SUMMARY")[0]).removeprefix("Cancelled: ") == one_line(entry.title)
    assert plain(entry.description) in text_of(values(body, "DESCRIPTION")[0])
    if one_line(entry.room):
        assert text_of(values(body, "LOCATION")[0]) == one_line(entry.room)


@pytest.mark.parametrize("judge", JUDGES)
@pytest.mark.parametrize("entry", EVERYWHERE, ids=lambda entry: ascii(entry.title)[:20])
def test_each_parser_reads_the_same(judge, entry):
    if judge == "ics" and re.search(r"\\[nN]", entry.title):
        return  # ics 0.7 takes an escaped backslash and an n for a line break
    (seen,) = JUDGES[judge](join("My teaching", [render(entry, STAMP)]))
    assert seen.uid == "u@h"
    assert seen.summary == one_line(entry.title)
    assert seen.location == one_line(entry.room)
    assert seen.description.startswith(plain(entry.note))
    assert (seen.starts_at, seen.ends_at) == (entry.starts_at, entry.ends_at)


PAIRS = [
    ("2026-10-23T13:00", "2026-10-23T12:00:00+00:00"),
    ("2026-10-30T13:00", "2026-10-30T13:00:00+00:00"),
    ("2027-03-26T13:00", "2027-03-26T13:00:00+00:00"),
    ("2027-04-02T13:00", "2027-04-02T12:00:00+00:00"),
]


@pytest.mark.parametrize("judge", JUDGES)
@pytest.mark.parametrize(("on_the_wall", "in_utc"), PAIRS)
def test_one_oclock_is_one_oclock_in_summer_and_winter(judge, on_the_wall, in_utc):
    begins = datetime.fromisoformat(on_the_wall).replace(tzinfo=LONDON)
    body = join("My teaching", [render(entry(starts_at=begins, ends_at=begins + timedelta(hours=1)), STAMP)])
    assert values(body, "DTSTART") == [begins.strftime("%Y%m%dT%H%M%S")]
    (seen,) = JUDGES[judge](body)
    assert seen.starts_at == moment(in_utc)


@pytest.mark.parametrize("judge", JUDGES)
def test_the_hour_that_comes_twice_is_said_in_utc(judge):
    begins = moment("2026-10-25T01:30:00+00:00")
    body = join("Nights", [render(entry(starts_at=begins, ends_at=begins + timedelta(hours=1)), STAMP)])
    assert b"DTSTART:20261025T013000Z" in body
    (seen,) = JUDGES[judge](body)
    assert seen.starts_at == begins


def test_the_calendar_says_who_it_is_and_how_often_to_ask():
    lines = unfolded(join("F2, on this site", []))
    for line in (
        "VERSION:2.0",
        "PRODID:-//Grand Round//Teaching//EN",
        "CALSCALE:GREGORIAN",
        "NAME:F2\\, on this site",
        "X-WR-CALNAME:F2\\, on this site",
        "X-WR-TIMEZONE:Europe/London",
        "COLOR:royalblue",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
        "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
        "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
    ):
        assert lines.count(line) == 1, line
    assert not any(line.startswith(("METHOD", "RDATE")) for line in lines)


def test_an_event_says_all_there_is_to_know():
    body = render(
        entry(
            room="Seminar room 2",
            speaker="Dr Helen Marsh",
            grades=("F1", "ST3–8"),
            is_core=True,
            cpd_points=Decimal("1.50"),
            online_url="https://teams.example/l/meetup?x=1,2;3",
            description="Bring a question.",
        ),
        STAMP,
    )
    lines = unfolded(body)
    for line in (
        "SEQUENCE:3",
        "DTSTAMP:20261120T093000Z",
        "LAST-MODIFIED:20261120T093000Z",
        "CATEGORIES:Teaching,Core teaching,F1,ST3–8",
        "LOCATION:Seminar room 2",
        "URL:https://grandround.example/go/AAAAAAAAAAAAAAAA",
        "CONFERENCE;FEATURE=VIDEO;LABEL=Join online;VALUE=URI:https://teams.example/l/meetup?x=1,2;3",
        "STATUS:CONFIRMED",
        "TRANSP:OPAQUE",
    ):
        assert line in lines, line
    said = text_of(values(body, "DESCRIPTION")[0])
    for words in ("Bring a question.", "Speaker: Dr Helen Marsh", "For: F1, ST3–8", "Core teaching", "CPD points: 1.5"):
        assert words in said


def test_a_cancelled_event_says_so_three_times_and_takes_up_no_time():
    body = render(entry(title="Echo", is_cancelled=True, note="The speaker is ill."), STAMP)
    for line in (b"SUMMARY:Cancelled: Echo", b"STATUS:CANCELLED", b"TRANSP:TRANSPARENT"):
        assert line in body
    assert text_of(values(body, "DESCRIPTION")[0]).startswith("The speaker is ill.")


@pytest.mark.parametrize("link", ["javascript:alert(1)", "file:///etc/passwd", "https://[", "not a link", ""])
def test_only_what_a_calendar_may_open_is_a_link(link):
    assert b"CONFERENCE" not in render(entry(online_url=link), STAMP)


def test_online_teaching_without_a_room_is_where_its_link_is():
    assert b"\r\nLOCATION:https://teams.example/x\r\n" in render(entry(online_url="https://teams.example/x"), STAMP)


def test_the_same_again_is_the_same_bytes():
    assert render(entry(), STAMP) == render(entry(), STAMP)
    assert join("A", [render(entry(), STAMP)]) == head("A") + render(entry(), STAMP) + TAIL


def test_a_notice_is_a_whole_day():
    body = join("My teaching", [render_notice("u@h", "This calendar has been switched off", date(2026, 11, 27), STAMP)])
    assert faults(body) == []
    assert b"DTSTART;VALUE=DATE:20261127\r\n" in body
    assert b"DTEND;VALUE=DATE:20261128\r\n" in body


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=400))
def test_unfolding_gives_the_line_back(line):
    assert fold(line).replace(b"\r\n ", b"").removesuffix(b"\r\n") == line.encode()
