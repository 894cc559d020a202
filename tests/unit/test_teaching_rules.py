"""programme's rules: London times that exist, weeks and terms, what counts as moved, what a planner may type."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from lti_tool.core import clock
from lti_tool.core.clock import LONDON
from lti_tool.core.errors import Invalid
from lti_tool.people import GRADES
from lti_tool.programme import rules, weeks
from lti_tool.programme.forms import TYPED, PlanForm, day_of, reason_of, session_draft

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
DAYS = st.dates(date(2020, 1, 1), date(2060, 12, 31))
TIMES = st.builds(time, st.integers(0, 23), st.integers(0, 59))
HOSTILE = json.loads((Path(__file__).parent / "hostile.json").read_text(encoding="utf-8"))["html"]


@pytest.fixture(autouse=True)
def _autumn():
    with clock.at(NOW):
        yield


@given(DAYS, TIMES)
def test_a_time_is_shown_as_it_was_typed_or_does_not_exist(day, at):
    try:
        moment = rules.london_moment(day, at)
    except Invalid:
        assert (day.month, day.weekday(), at.hour) == (3, 6, 1)
        assert day.day > 24
        return
    shown = moment.astimezone(LONDON)
    assert (shown.date(), shown.time()) == (day, at)
    assert moment.utcoffset() == timedelta()


@pytest.mark.parametrize(
    ("friday_before", "friday_after", "hours_apart"),
    [
        (date(2026, 10, 23), date(2026, 10, 30), 7 * 24 + 1),
        (date(2027, 3, 26), date(2027, 4, 2), 7 * 24 - 1),
    ],
)
def test_the_same_time_on_both_sides_of_a_change_of_clocks(friday_before, friday_after, hours_apart):
    before, after = (rules.london_moment(day, time(13)) for day in (friday_before, friday_after))
    assert after - before == hours_apart * HOUR
    assert before.astimezone(LONDON).hour == after.astimezone(LONDON).hour == 13
    assert rules.slot_words(before, before + HOUR).endswith("13:00 to 14:00")
    assert rules.slot_words(after, after + HOUR).endswith("13:00 to 14:00")


def test_of_an_hour_that_comes_twice_the_first_is_meant():
    first = rules.london_moment(date(2026, 10, 25), time(1, 30))
    assert first == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert rules.london_moment(date(2026, 10, 25), time(2)) - first == 1.5 * HOUR


def test_an_hour_that_the_clocks_skip_is_refused_in_words_beside_its_field():
    form = PlanForm(title="Night round", day="2027-03-28", begins="01:30", ends="02:30")
    with pytest.raises(Invalid) as refused:
        session_draft(form)
    assert list(refused.value.fields) == ["begins"]
    assert "There is no 01:30 on this day" in refused.value.fields["begins"]


@given(DAYS)
def test_every_day_is_in_its_week_and_in_its_term(day):
    monday, after = weeks.week_of(day)
    assert monday.weekday() == 0
    assert monday <= day < after == monday + 7 * DAY
    first, next_term = rules.term_of(day)
    assert first <= day < next_term
    assert first.day == next_term.day == 1
    assert rules.term_of(next_term)[0] == next_term
    assert rules.term_of(first) == (first, next_term)


@pytest.mark.parametrize(
    ("day", "is_term", "words"),
    [
        (date(2026, 11, 24), False, "23 to 29 November"),
        (date(2026, 12, 1), False, "30 November to 6 December"),
        (date(2027, 1, 1), False, "28 December 2026 to 3 January 2027"),
        (date(2026, 11, 24), True, "August to November 2026"),
        (date(2027, 1, 1), True, "December 2026 to March 2027"),
        (date(2027, 7, 31), True, "April to July 2027"),
    ],
)
def test_a_span_says_its_days(day, is_term, words):
    assert weeks.choose_span(day, "me", is_term).words == words


def slot(hours: int = 0, room: str = "Seminar room 2", is_online: bool = False) -> rules.Slot:
    begins = datetime(2026, 11, 25, 13, tzinfo=UTC) + hours * HOUR
    return rules.Slot(begins, begins + HOUR, room, is_online)


@pytest.mark.parametrize(
    ("now", "words"),
    [
        (slot(), ""),
        (slot(room=" seminar  ROOM 2"), ""),
        (slot(room="", is_online=True), "Moved online. It was in Seminar room 2."),
        (slot(room="Room 7"), "Moved to another room. It was in Seminar room 2."),
        (slot(24), "Moved to another time. It was on Wed 25 Nov, 13:00 to 14:00."),
        (slot(1, "Room 7"), "Moved. It was on Wed 25 Nov, 13:00 to 14:00, in Seminar room 2."),
    ],
)
def test_what_moved_is_said_with_what_it_was(now, words):
    assert rules.what_moved(slot(), now) == words


def test_from_a_screen_back_to_a_room():
    online = slot(room="", is_online=True)
    assert rules.what_moved(online, slot()) == "Moved to a room. It was online."
    assert rules.what_moved(slot(room=""), slot()) == "Moved to another room. It was in no room yet."


@given(st.sets(st.sampled_from(GRADES)), st.sampled_from(GRADES))
def test_teaching_for_no_grade_is_for_everybody(grades, grade):
    assert rules.is_for(grades, None)
    assert rules.is_for((), grade)
    assert rules.is_for(grades, grade) is (not grades or grade in grades)


def test_all_grades_clash_within_a_course_and_not_through_the_whole_trust():
    assert rules.share_grades((), ("F1",), is_same_course=True)
    assert not rules.share_grades((), ("F1",), is_same_course=False)
    assert rules.share_grades(("F1", "F2"), ("F2",), is_same_course=False)
    assert not rules.share_grades(("F1",), ("F2",), is_same_course=True)


@given(st.lists(st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)), min_size=2))
def test_each_change_is_later_than_the_one_before_in_whole_seconds(moments):
    changed_at = None
    for moment in moments:
        following = rules.next_change(changed_at, moment)
        assert following.microsecond == 0
        assert changed_at is None or following > changed_at
        assert following >= moment.replace(microsecond=0)
        changed_at = following


@pytest.mark.parametrize(
    ("is_core", "points", "words"),
    [(True, "1", "Core, 1 CPD point"), (False, "0.75", "0.75 CPD points"), (True, "0", "Core"), (False, "0", ""),
     (False, "1.50", "1.5 CPD points"), (False, "20", "20 CPD points")],
)  # fmt: skip
def test_what_teaching_is_worth(is_core, points, words):
    assert rules.worth_words(is_core, Decimal(points)) == words


@pytest.mark.parametrize(
    ("hours", "is_soon"), [(-1, False), (0, True), (47, True), (48, True), (49, False)]
)  # fmt: skip
def test_two_days_before_are_soon(hours, is_soon):
    assert rules.is_soon(NOW + hours * HOUR, NOW) is is_soon


FORM = PlanForm(title="ECG clinic", day="2026-11-26", begins="09:00", ends="10:00")


def test_what_is_typed_becomes_a_draft():
    draft = session_draft(replace(FORM, title="  ECG \u2028 clinic ", day="26/11/2026", begins="9.00", cpd="0,75"))
    assert draft.title == "ECG clinic"
    assert (draft.starts_at, draft.ends_at) == (NOW + 48 * HOUR, NOW + 49 * HOUR)
    assert draft.cpd_points == Decimal("0.75")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"title": " \x00 "}, {"title": "Give the session a title."}),
        ({"title": "x" * 151}, {"title": "Shorten this to 150 characters."}),
        ({"day": "soon"}, {"day": "Choose the day, for example 24/11/2026."}),
        ({"day": "2026-02-30"}, {"day": "Choose the day, for example 24/11/2026."}),
        ({"day": "2062-11-26"}, {"day": "This is more than two years ahead. Is the year right?"}),
        ({"day": "2016-11-26"}, {"day": "This is more than a year ago. Is the year right?"}),
        ({"begins": "25:00"}, {"begins": "Write the time like this: 13:00."}),
        ({"ends": ""}, {"ends": "Write the time like this: 13:00."}),
        ({"ends": "09:00"}, {"ends": "The end must be later than the beginning."}),
        ({"online_url": "javascript:alert(1)"}, {"online_url": "Copy the whole link, beginning with https://."}),
        ({"online_url": "https://"}, {"online_url": "Copy the whole link, beginning with https://."}),
        ({"online_url": "https://a.example/\r\nATTENDEE:x"}, {"online_url": "Copy the whole link, beginning with https://."}),
        ({"online_url": "https://[bad"}, {"online_url": "Copy the whole link, beginning with https://."}),
        ({"cpd": "-1"}, {"cpd": "Write a number such as 1 or 0.75, at most 24."}),
        ({"cpd": "NaN"}, {"cpd": "Write a number such as 1 or 0.75, at most 24."}),
        ({"cpd": "1e999999"}, {"cpd": "Write a number such as 1 or 0.75, at most 24."}),
        ({"cpd": "0.755"}, {"cpd": "Write a number such as 1 or 0.75, at most 24."}),
    ],
)  # fmt: skip
def test_what_cannot_be_planned_is_said_beside_its_field(changed, words):
    with pytest.raises(Invalid) as refused:
        session_draft(replace(FORM, **changed))
    assert refused.value.fields == words


@given(st.fixed_dictionaries({name: st.text() for name in TYPED}), st.lists(st.text()))
def test_whatever_is_sent_is_a_draft_or_a_sentence_for_each_field(fields, grades):
    sent = MultiDict([*fields.items(), *(("grades", grade) for grade in grades)])
    form = PlanForm.of(sent)
    assert {name: getattr(form, name) for name in TYPED} == fields
    refused: dict[str, str] = {}
    try:
        draft = session_draft(form)
    except Invalid as problem:
        refused = problem.fields
    if refused:
        assert set(refused) <= set(TYPED)
        return
    assert "\x00" not in repr(draft)
    assert draft.starts_at < draft.ends_at
    assert set(draft.grades) <= set(GRADES)


@pytest.mark.parametrize(
    "words", [*HOSTILE, "BEGIN:VEVENT", "a\r\nATTENDEE:mailto:x@example", ';:,"\\', "\x00\u2028\u202e"]
)
def test_hostile_words_become_one_line_without_control_letters(words):
    draft = session_draft(replace(FORM, title=f"A{words}"[:150], room=words[:120], speaker=words[:150], text=words))
    for line in (draft.title, draft.room, draft.speaker):
        assert line.isprintable()
    assert "\x00" not in draft.description


@given(st.text())
def test_a_day_in_an_address_is_a_day_or_nothing(text):
    found = day_of(text)
    assert found is None or 2000 <= found.year <= 2100


def test_a_reason_is_needed_and_is_short():
    assert reason_of({"note": " The speaker\nis away. "}) == "The speaker is away."
    for note in ("", " \x00", "x" * 301):
        with pytest.raises(Invalid):
            reason_of({"note": note})


class Row:
    """Something to arrange."""

    def __init__(self, day: int, grades: tuple[str, ...] = (), is_core: bool = False) -> None:
        self.starts_at = datetime(2026, 11, day, 13, tzinfo=UTC)
        self.grades = grades
        self.is_core = is_core


@pytest.mark.parametrize(
    ("show", "grade", "days"),
    [("me", "F1", [23, 24]), ("me", None, [23, 24, 28]), ("all", "F1", [23, 24, 28]), ("core", "F1", [24]),
     ("core", None, [24, 28]), ("trust", "F1", [23, 24])],
)  # fmt: skip
def test_a_week_shows_what_is_for_me(show, grade, days):
    rows = [Row(23), Row(24, ("F1",), True), Row(28, ("F2",), True)]
    span = weeks.choose_span(date(2026, 11, 24), show, False)
    arranged = weeks.arrange(span, rows, grade, date(2026, 11, 24))
    assert [day.day.day for day in arranged if day.sessions] == days
    assert [day.day.day for day in arranged][:5] == [23, 24, 25, 26, 27]
    assert [day.words for day in arranged if day.is_today] == ["Tue 24 Nov, today"]


def test_a_week_with_nothing_in_it_is_no_days():
    span = weeks.choose_span(date(2026, 11, 24), "nonsense", False)
    assert span.show == "me"
    assert weeks.arrange(span, [Row(24, ("F2",))], "F1", date(2026, 11, 24)) == []


@given(st.lists(st.integers(1, 30), max_size=30), st.integers(1, 10))
def test_pages_hold_whole_days_and_go_on_where_they_ended(days, most):
    assume(all(days.count(day) <= most for day in days))
    rows, shown = [Row(day) for day in sorted(days)], []
    from_day = None
    while True:
        left = [row for row in rows if from_day is None or row.starts_at.date() >= from_day]
        page, from_day = weeks.cut(left[: most + 1], most)
        shown += page
        if from_day is None:
            break
    assert shown == rows
