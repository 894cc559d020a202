"""Teaching as people use it: who sees what; planning, moving, cancelling; nothing typed is lost or done twice."""

import html
import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine
from sqlalchemy import text

from lti_tool.access import Duty, Role
from lti_tool.core.errors import Conflict, Forbidden
from lti_tool.core.ids import new_public_id
from lti_tool.people import state_rotation
from lti_tool.programme import (
    TeachingSession,
    cancel_session,
    change_session,
    delete_session,
    find_session,
    get_session,
    landmarks,
    london_moment,
    restore_session,
    sessions_between,
)
from tests.factories.house import Browser, House

pytestmark = pytest.mark.sql

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 11, 24, 9, tzinfo=LONDON)  # a Tuesday
HOSTILE = json.loads((Path(__file__).parents[1] / "unit" / "hostile.json").read_text(encoding="utf-8"))["html"]
FIELDS = {"title": "ECG clinic", "day": "2026-11-26", "begins": "09:00", "ends": "10:00", "room": "Room 7"}


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel(NOW, tick=False):
        yield


class Ward:
    """A course with people in it, another course of the trust, and another trust."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.trust = trust = house.trust()
        other = house.trust("Another trust")
        self.course, self.elsewhere = house.course(trust), house.course(trust, "F1 Medicine")
        abroad = house.course(other, "Their course")
        here = self.course.id
        self.sam = house.person(trust, "Sam Okafor", {here: Role.LEARNER})
        self.priya = house.person(trust, "Priya Nadar", {here: Role.LEARNER})
        self.inside = house.database.within(trust.id)
        self.helen = house.person(trust, "Dr Helen Marsh", {here: Role.TUTOR})
        self.amir = house.person(trust, "Amir", {here: Role.ASSISTANT})
        self.rhys = house.person(trust, "Dr Rhys Pennant", {self.elsewhere.id: Role.TUTOR})
        self.ruth = house.person(trust, "Ruth", {self.elsewhere.id: Role.READER}, Duty.EDUCATION_ADMINISTRATOR)
        self.eve = house.person(other, "Eve", {abroad.id: Role.TUTOR}, Duty.EDUCATION_ADMINISTRATOR)
        self.abroad = abroad
        self.teaching = f"/courses/{self.course.public_id}/teaching"

    def at(self, person, course=None) -> Browser:
        return self.house.browser(person, course or self.course)

    def plan(self, title="Morning report", day=date(2026, 11, 25), planner=None, course=None, **given) -> str:
        begins = london_moment(day, time(13))
        given = {"starts_at": begins, "ends_at": begins + timedelta(hours=1)} | given
        return self.house.teaching(planner or self.helen, course or self.course, title, **given)

    def grade(self, person, grade) -> None:
        with self.inside.transaction() as db:
            state_rotation(db, person, grade, "", "", date(2026, 8, 5), "self")

    def act(self, person, session, action, *given):
        with self.inside.transaction() as db:
            actor = self.house.actor(db, person, self.course)
            line = get_session(db, actor, session)
            return action(db, actor, line, *given, line.version)

    def row(self, session) -> TeachingSession:
        with self.inside.reading() as db:
            return db.query(TeachingSession).filter_by(public_id=session).one()

    def verbs(self) -> list[str]:
        with self.inside.reading() as db:
            rows = db.execute(text("SELECT verb FROM journal_lines WHERE subject LIKE 'session:%' ORDER BY id"))
            return [verb for (verb,) in rows]


@pytest.fixture
def ward(house: House) -> Ward:
    return Ward(house)


def words(page) -> str:
    """What a reader sees of a page, on one line."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.get_data(as_text=True))).split()).replace(" ,", ",")


def fields_of(page) -> dict[str, str]:
    """What stands in the fields of a page's form, as it would be sent."""
    found = re.findall(r"<input([^>]*)>", page.get_data(as_text=True))
    given = {}
    for attributes in found:
        named = dict(re.findall(r'(\w+)="([^"]*)"', attributes))
        if named.get("type") != "checkbox" or "checked" in attributes:
            given[named["name"]] = html.unescape(named.get("value", ""))
    return given


# Reading ------------------------------------------------------------------------------------------------------------
def test_a_learner_sees_the_week_and_opens_a_session(ward):
    session = ward.plan(
        room="Seminar room 2", speaker="Dr Miriam Hale", is_core=True, description="Bring\n\na question."
    )
    page = ward.at(ward.sam).get(ward.teaching)
    assert "Teaching, 23 to 29 November" in words(page)
    assert "Wed 25 Nov 13:00 to 14:00 Morning report Seminar room 2 Dr Miriam Hale All grades Core" in words(page)
    assert "Add teaching" not in words(page)
    one = words(ward.at(ward.sam).get(f"/sessions/{session}"))
    assert "Wednesday 25 November, 13:00 to 14:00" in one
    assert "Bring a question." in one
    assert "Cancel it" not in one


def test_people_who_do_not_belong_here_do_not_find_it(ward):
    session = ward.plan()
    for who, course in ((ward.rhys, ward.elsewhere), (ward.eve, ward.abroad)):
        for path in (ward.teaching, f"/sessions/{session}", f"/sessions/{session}/change"):
            assert ward.at(who, course).get(path).status_code == 404
    with ward.inside.transaction() as db:
        eve = ward.house.actor(db, ward.eve, ward.abroad)
        assert find_session(db, eve, session) is None
        assert sessions_between(db, eve, NOW - timedelta(days=9), NOW + timedelta(days=9)) == []


def test_everything_for_me_is_what_my_grade_is_asked_to(ward):
    ward.grade(ward.sam, "ST3–8")
    ward.plan("For registrars", grades=("ST3–8",))
    ward.plan("For foundation doctors", grades=("F1", "F2"), is_core=True)
    ward.plan("For all")
    sam, priya, helen = ward.at(ward.sam), ward.at(ward.priya), ward.at(ward.helen)
    mine = words(sam.get(ward.teaching))
    assert "For registrars" in mine
    assert "For all" in mine
    assert "For foundation doctors" not in mine
    assert "Everything for me" in mine
    assert "For foundation doctors" in words(sam.get(f"{ward.teaching}?show=all"))
    assert "Nothing is planned in this week" in words(sam.get(f"{ward.teaching}?show=core"))
    for who in (priya, helen):
        everything = words(who.get(ward.teaching))
        assert "For foundation doctors" in everything
        assert "Everything for me" not in everything
        assert "For foundation doctors" in words(who.get(f"{ward.teaching}?show=core"))
    assert words(sam.get(f"/courses/{ward.course.public_id}/")).count("For registrars") == 1


def test_the_whole_trust_is_for_the_education_administrator(ward):
    ward.plan("Here")
    ward.plan("There", planner=ward.rhys, course=ward.elsewhere)
    page = words(ward.at(ward.ruth, ward.elsewhere).get(f"{ward.teaching}?show=trust"))
    assert "Whole trust" in page
    assert "Here" in page
    assert "There F1 Medicine" not in page
    assert "There" in page
    learner = words(ward.at(ward.sam).get(f"{ward.teaching}?show=trust"))
    assert "There" not in learner
    assert "Whole trust" not in learner


def test_weeks_terms_and_dates_are_a_step_away(ward):
    ward.plan("In December", day=date(2026, 12, 9))
    sam = ward.at(ward.sam)
    now = sam.get(ward.teaching)
    assert "The next teaching is on Wed 9 Dec" in words(now)
    following = re.search(r'href="([^"]+)" rel="next"', now.text)[1]
    assert "30 November to 6 December" in words(sam.get(html.unescape(following)))
    assert "In December" in words(sam.get(f"{ward.teaching}?day=2026-12-09"))
    assert "In December" in words(sam.get(f"{ward.teaching}?day=09/12/2026&term=1"))
    for odd in ("day=0001-01-01", "day=9999-12-31", "day=%00", "term=1&day=x", "show=x", "from=x&day=2026-12-09"):
        assert sam.get(f"{ward.teaching}?{odd}").status_code == 200


def test_a_long_term_comes_in_pages_of_whole_days(ward):
    for number in range(45):
        ward.plan(f"Number {number:02}", day=date(2026, 12, 1) + timedelta(days=number // 2))
    sam, address = ward.at(ward.sam), f"{ward.teaching}?day=2026-12-01&term=1"
    first = sam.get(address)
    assert len(first.data) < 30_000
    later = html.unescape(re.search(r'href="([^"]+from=[^"]+)"', first.text)[1])
    second = sam.get(later)
    seen = re.findall(r"Number (\d\d)<", first.text + second.text)
    assert sorted(seen) == [f"{number:02}" for number in range(45)]
    assert "from=" not in second.text.partition("<main")[2].partition("Later")[2]


def test_a_session_is_found_again_from_outside(ward):
    session = ward.plan()
    [find] = landmarks
    with ward.inside.transaction() as db:
        found = find(db, session)
        assert (found.endpoint, found.values, found.course_id) == (
            "programme.session", {"session_id": session}, ward.course.id
        )  # fmt: skip
        assert find(db, new_public_id()) is None
    ward.act(ward.helen, session, delete_session)
    with ward.inside.reading() as db:
        assert find(db, session) is None


# Planning -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("role", [Role.TUTOR, Role.DESIGNER, Role.ADMINISTRATOR])
def test_those_who_set_a_course_up_plan_its_teaching(ward, role):
    browser = ward.at(ward.house.person(ward.trust, "Pat", {ward.course.id: role}))
    answer = browser.post(f"{ward.teaching}/add", FIELDS)
    assert answer.status_code == 303
    page = words(browser.get(answer.location))
    assert "Added. Everybody whom it concerns sees it now." in page
    assert "Thursday 26 November, 09:00 to 10:00" in page
    assert ward.verbs() == ["session.added"]


@pytest.mark.parametrize("role", [Role.LEARNER, Role.READER, Role.MENTOR, Role.ASSISTANT])
def test_others_plan_nothing(ward, role):
    session = ward.plan()
    person = ward.house.person(ward.trust, "Pat", {ward.course.id: role})
    browser = ward.at(person)
    assert browser.post(f"{ward.teaching}/add", FIELDS).status_code == 403
    for act in (cancel_session, restore_session, delete_session):
        with pytest.raises(Forbidden):
            ward.act(person, session, act, *(["Away."] if act is cancel_session else []))
    assert ward.verbs() == ["session.added"]


def test_the_education_administrator_plans_everywhere_in_the_trust_and_nowhere_else(ward):
    assert ward.at(ward.ruth, ward.elsewhere).post(f"{ward.teaching}/add", FIELDS).status_code == 303
    assert ward.at(ward.eve, ward.abroad).post(f"{ward.teaching}/add", FIELDS).status_code == 404


def test_a_double_click_plans_one_session(ward):
    browser, once = ward.at(ward.helen), {"once": new_public_id()}
    answers = [browser.post(f"{ward.teaching}/add", FIELDS | once) for _click in range(3)]
    assert [answer.status_code for answer in answers] == [303, 303, 303]
    assert len({answer.location for answer in answers}) == 1
    assert ward.verbs() == ["session.added"]
    assert words(browser.get(ward.teaching)).count("ECG clinic") == 1


def test_the_first_session_of_a_course_sent_many_times_at_once_is_one(ward):
    form, browsers = FIELDS | {"once": new_public_id()}, [ward.at(ward.helen) for _hand in range(6)]
    with ThreadPoolExecutor(len(browsers)) as pool:
        answers = list(pool.map(lambda browser: browser.post(f"{ward.teaching}/add", form), browsers))
    assert [answer.status_code for answer in answers] == [303] * len(browsers)
    assert len({answer.location for answer in answers}) == 1
    assert ward.verbs() == ["session.added"]
    with ward.inside.reading() as db:
        assert db.execute(text("SELECT count(*) FROM programmes")).scalar_one() == 1


def test_what_is_refused_comes_back_as_it_was_typed(ward):
    typed = FIELDS | {"title": "", "begins": "25:00", "speaker": "Dr O’Hara <b>", "text": "One\nTwo", "cpd": "many"}
    sent = typed | {"grades": ["F1", "F2"], "core": "yes"}
    answer = ward.at(ward.helen).post(f"{ward.teaching}/add", sent)
    assert answer.status_code == 400
    for sentence in (
        "Give the session a title.",
        "Write the time like this: 13:00.",
        "Write a number such as 1 or 0.75",
    ):
        assert words(answer).count(sentence) == 2, "at the top, and beside its field"
    given = fields_of(answer)
    for name in ("day", "begins", "ends", "room", "speaker", "cpd"):
        assert given[name] == typed[name]
    assert answer.text.count(" checked") == 3
    assert "One\nTwo</textarea>" in answer.text
    assert ward.verbs() == []


def test_a_form_of_a_visit_that_is_over_waits_as_a_draft(ward):
    browser = ward.at(ward.helen)
    place = {"draft_place": f"plan:{ward.course.public_id}"}
    with time_machine.travel(NOW + timedelta(hours=9), tick=False):
        answer = browser.post(f"{ward.teaching}/add", FIELDS | place | {"speaker": "Dr Hale"})
        assert answer.status_code == 409
        again = ward.at(ward.helen)
        assert f"{ward.teaching}/add" in again.get(f"/courses/{ward.course.public_id}/").text
        given = fields_of(again.get(f"{ward.teaching}/add"))
        assert {name: given[name] for name in FIELDS} == FIELDS
        assert given["speaker"] == "Dr Hale"
        assert again.post(f"{ward.teaching}/add", given).status_code == 303
        assert fields_of(again.get(f"{ward.teaching}/add"))["title"] == ""


def test_clashes_are_shown_once_and_forbid_nothing(ward):
    ward.plan("Echo", day=date(2026, 11, 26), room="seminar  ROOM 2", grades=("F1",))
    ward.plan("Their ward round", day=date(2026, 11, 26), planner=ward.rhys, course=ward.elsewhere,
              speaker="Dr Hale", room="Room 9", description="Private to that course.")  # fmt: skip
    ward.plan("Another day", day=date(2026, 11, 27), room="Seminar room 2")
    helen = ward.at(ward.helen)
    form = FIELDS | {"begins": "13:30", "ends": "14:30", "room": "Seminar room 2", "speaker": "Dr Hale", "grades": "F2"}
    asked = helen.post(f"{ward.teaching}/add", form)
    assert asked.status_code == 200
    page = words(asked)
    assert "The same room: Echo, on Thu 26 Nov, 13:00 to 14:00, seminar ROOM 2" in page
    assert "The same speaker: Their ward round, on Thu 26 Nov, 13:00 to 14:00, Room 9" in page
    assert "Private to that course" not in page
    assert "Another day" not in page
    assert len(ward.verbs()) == 3
    given = fields_of(asked) | {"grades": "F2"}
    done = [helen.post(f"{ward.teaching}/add", given) for _click in range(2)]
    assert [answer.status_code for answer in done] == [303, 303]
    assert len(ward.verbs()) == 4
    assert "The same room: Echo" in words(helen.get(done[0].location))
    assert "The same room" not in words(ward.at(ward.sam).get(done[0].location))


def test_what_is_cancelled_or_deleted_is_in_nobodys_way(ward):
    for act, given in ((cancel_session, ("Away.",)), (delete_session, ())):
        ward.act(ward.helen, ward.plan(day=date(2026, 11, 26), room="Room 7"), act, *given)
    form = FIELDS | {"begins": "13:00", "ends": "14:00"}
    assert ward.at(ward.helen).post(f"{ward.teaching}/add", form).status_code == 303


# Moving, cancelling, deleting ---------------------------------------------------------------------------------------
def test_a_moved_session_says_what_it_was(ward):
    session = ward.plan(room="Seminar room 2")
    helen, change = ward.at(ward.helen), f"/sessions/{session}/change"
    form = fields_of(helen.get(change)) | {"room": "", "online_url": "https://meet.example/x?a=1&b=2"}
    assert helen.post(change, form).status_code == 303
    page = ward.at(ward.sam).get(ward.teaching)
    assert "Moved online. It was in Seminar room 2. Online. Join" in words(page)
    assert 'href="https://meet.example/x?a=1&amp;b=2" target="_blank" rel="noopener noreferrer"' in page.text
    form = fields_of(helen.get(change)) | {"begins": "15:00", "ends": "16:00"}
    assert helen.post(change, form).status_code == 303
    assert "Moved to another time. It was on Wed 25 Nov, 13:00 to 14:00." in words(helen.get(f"/sessions/{session}"))


def test_each_visible_change_is_later_and_the_name_in_calendars_stays(ward):
    """CALENDAR.md, life-cycle: create, change room, rename the room, move, cancel, un-cancel, delete."""
    session = ward.plan(room="Room 1")
    first = ward.row(session)
    assert re.fullmatch(r"[0-9a-f-]{36}@localhost", first.uid)
    seen = [first.changed_at]

    def change(**given):
        def act(db, actor, line, version):
            return change_session(db, actor, line, replace(line.draft, **given), version)

        return lambda: ward.act(ward.helen, session, act)

    moved = london_moment(date(2026, 11, 26), time(9))
    steps = [
        change(room="Room 2"),
        change(room="ROOM 2"),
        change(starts_at=moved, ends_at=moved + timedelta(hours=1)),
        lambda: ward.act(ward.helen, session, cancel_session, "Away."),
        lambda: ward.act(ward.helen, session, restore_session),
        lambda: ward.act(ward.helen, session, delete_session),
    ]
    for step in steps:
        step()
        row = ward.row(session)
        assert row.uid == first.uid
        seen.append(row.changed_at)
    assert seen == sorted(set(seen))
    assert all(moment.microsecond == 0 for moment in seen)
    assert ward.row(session).deleted_at is not None
    assert ward.verbs() == ["session.added", *["session.changed"] * 3, "session.cancelled", "session.restored",
                            "session.deleted"]  # fmt: skip


def test_a_change_of_nothing_is_no_change(ward):
    session = ward.plan(room="Room 1")
    helen, change = ward.at(ward.helen), f"/sessions/{session}/change"
    before = ward.row(session)
    form = fields_of(helen.get(change))
    assert helen.post(change, form).status_code == 303
    assert helen.post(change, form | {"seen": "77"}).status_code == 303, "the same from an older page"
    after = ward.row(session)
    assert (after.changed_at, after.version, after.moved_from) == (before.changed_at, before.version, "")
    assert ward.verbs() == ["session.added"]


def test_two_people_who_change_the_same_session(ward):
    session = ward.plan(room="Room 1")
    helen, ruth = ward.at(ward.helen), ward.at(ward.ruth, ward.elsewhere)
    change = f"/sessions/{session}/change"
    hers, ruths = fields_of(helen.get(change)), fields_of(ruth.get(change))
    assert ruth.post(change, ruths | {"room": "Room 2"}).status_code == 303
    answer = helen.post(change, hers | {"room": "Room 3", "speaker": "Dr Hale"})
    assert answer.status_code == 409
    assert "Somebody has changed this session meanwhile" in words(answer)
    assert "As it is now: Morning report, Wed 25 Nov, 13:00 to 14:00, Room 2" in words(answer)
    given = fields_of(answer)
    assert (given["room"], given["speaker"]) == ("Room 3", "Dr Hale")
    assert ward.row(session).room == "Room 2"
    assert helen.post(change, given).status_code == 303
    assert ward.row(session).room == "Room 3"


def test_an_older_page_cancels_restores_and_deletes_nothing(ward):
    session = ward.plan()
    with ward.inside.transaction() as db:
        actor = ward.house.actor(db, ward.helen, ward.course)
        older = get_session(db, actor, session)
        change_session(db, actor, older, replace(older.draft, room="Room 2"), older.version)
    for act in (lambda *a: cancel_session(*a, "Away.", older.version), lambda *a: delete_session(*a, older.version)):
        with ward.inside.transaction() as db, pytest.raises(Conflict):
            actor = ward.house.actor(db, ward.helen, ward.course)
            act(db, actor, get_session(db, actor, session))
    helen = ward.at(ward.helen)
    answer = helen.post(f"/sessions/{session}/cancel", {"note": "The speaker is away.", "seen": "1"})
    assert answer.status_code == 409
    assert fields_of(answer)["note"] == "The speaker is away."
    assert helen.post(f"/sessions/{session}/cancel", fields_of(answer)).status_code == 303
    assert helen.post(f"/sessions/{session}/restore", {"seen": "1"}).status_code == 409


def test_a_cancelled_session_stays_with_its_reason_and_can_take_place_again(ward):
    session = ward.plan(online_url="https://meet.example/x")
    helen, sam, path = ward.at(ward.helen), ward.at(ward.sam), f"/sessions/{session}"
    empty = helen.post(f"{path}/cancel", fields_of(helen.get(f"{path}/cancel")))
    assert empty.status_code == 400
    form = fields_of(empty) | {"note": "The speaker is away. Next: Fri 4 Dec."}
    assert [helen.post(f"{path}/cancel", form).status_code for _click in range(2)] == [303, 303]
    week = sam.get(ward.teaching)
    assert "Cancelled on Tue 24 Nov. The speaker is away. Next: Fri 4 Dec." in words(week)
    assert "meet.example" not in week.text, "nobody joins what does not take place"
    assert "Next teaching" not in words(sam.get(f"/courses/{ward.course.public_id}/"))
    form = {"seen": fields_of(helen.get(path))["seen"]}
    assert [helen.post(f"{path}/restore", form).status_code for _click in range(2)] == [303, 303]
    assert "Cancelled" not in words(sam.get(ward.teaching))
    assert ward.verbs() == ["session.added", "session.cancelled", "session.restored"]


def test_a_deleted_session_is_found_by_nobody_and_a_second_click_is_no_fault(ward):
    session = ward.plan()
    helen, path = ward.at(ward.helen), f"/sessions/{session}"
    form = {"seen": fields_of(helen.get(f"{path}/delete"))["seen"]}
    answers = [helen.post(f"{path}/delete", form) for _click in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert "Deleted." in words(helen.get(answers[1].location))
    for who in (helen, ward.at(ward.sam), ward.at(ward.ruth, ward.elsewhere)):
        assert who.get(path).status_code == 404
        assert "Morning report" not in words(who.get(ward.teaching))
    assert ward.at(ward.sam).post(f"{path}/delete", form).status_code == 403
    assert ward.at(ward.rhys, ward.elsewhere).post(f"{path}/delete", form).status_code == 404
    assert ward.verbs() == ["session.added", "session.deleted"]


def test_what_has_begun_is_not_deleted_any_more(ward):
    session = ward.plan()
    with time_machine.travel(datetime(2026, 11, 25, 13, 1, tzinfo=LONDON), tick=False):
        helen, path = ward.at(ward.helen), f"/sessions/{session}"
        page = words(helen.get(path))
        assert "Delete it" not in page
        assert "Change or move it" in page
        assert helen.get(f"{path}/delete").status_code == 403
        assert helen.post(f"{path}/delete", {"seen": "1"}).status_code == 403
    assert ward.row(session).deleted_at is None


# Home, and whatever is typed ----------------------------------------------------------------------------------------
def test_home_names_the_next_teaching_also_while_it_goes_on(ward):
    ward.plan("Yesterday", day=date(2026, 11, 23))
    ward.plan("Later", day=date(2026, 11, 27))
    ward.plan("Next", room="Lecture theatre A")
    home = f"/courses/{ward.course.public_id}/"
    assert "Next teaching Next Wed 25 Nov, 13:00 to 14:00 Lecture theatre A" in words(ward.at(ward.sam).get(home))
    with time_machine.travel(datetime(2026, 11, 25, 13, 59, tzinfo=LONDON), tick=False):
        assert "Next teaching Next" in words(ward.at(ward.sam).get(home))
    with time_machine.travel(datetime(2026, 11, 25, 14, 0, tzinfo=LONDON), tick=False):
        assert "Next teaching Later" in words(ward.at(ward.sam).get(home))


@pytest.mark.sql("sqlite")
@pytest.mark.parametrize("hostile", [*HOSTILE, "BEGIN:VEVENT\r\nATTENDEE:x", ';:,"\\', "\x00\u2028\u202e", "𝔘🏥é عربي"])
def test_hostile_words_are_shown_as_words(ward, hostile):
    typed = hostile[:110]
    form = FIELDS | {"title": f"A{typed}", "room": typed, "speaker": typed, "text": hostile}
    answer = ward.at(ward.helen).post(f"{ward.teaching}/add", form)
    assert answer.status_code == 303
    session = answer.location.rpartition("/")[2]
    line = ward.row(session)
    ward.at(ward.helen).post(f"/sessions/{session}/cancel", {"note": f"B{typed}", "seen": "1"})
    for page in (ward.at(ward.sam).get(f"/sessions/{session}"), ward.at(ward.helen).get(ward.teaching)):
        shown = page.get_data(as_text=True)
        assert line.title in html.unescape(shown)
        inside = shown.partition("<main")[2]
        assert not re.search(
            r"<(?:script|img|svg|iframe|style|math|object|embed|base|meta|link)\b", inside, re.IGNORECASE
        )
