"""Whose address it is and what it shows: filters, enrolments, replaced, switched off, gone."""

from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select, update

from lti_tool.access import Role
from lti_tool.core import clock
from lti_tool.core.ids import digest
from lti_tool.feeds import Feed
from lti_tool.feeds.rules import TOKEN_LENGTH, Filter, token_of
from lti_tool.journal import JournalLine
from lti_tool.people import Enrolment, enrol, state_rotation
from tests.factories.calendars import faults, values
from tests.factories.feeds import NOON, Scene, draft
from tests.factories.house import moment

A_DAY = timedelta(days=1)
pytestmark = pytest.mark.sql


def titles(scene: Scene, path: str) -> list[str]:
    answer = scene.fetch(path)
    assert answer.status_code == 200
    assert faults(answer.data) == []
    return values(answer.data, "SUMMARY")


def leave(scene: Scene) -> None:
    with scene.database.transaction() as db:
        mine = Enrolment.person_id == scene.learner.id
        db.execute(update(Enrolment).where(mine).values(left_at=clock.now()))


def come_back(scene: Scene) -> None:
    with scene.database.transaction() as db:
        enrol(db, scene.learner.id, scene.course, Role.LEARNER, clock.now())


def verbs(scene: Scene) -> list[str]:
    with scene.database.reading() as db:
        lines = db.scalars(select(JournalLine.verb).where(JournalLine.verb.startswith("feed.")))
        return list(lines)


def test_the_secret_is_stored_nowhere_and_can_be_shown_again(scene):
    feed = scene.feed()
    path = scene.path(feed)
    secret = path.removeprefix("/calendar/").removesuffix(".ics")
    assert len(secret) == TOKEN_LENGTH
    with scene.database.reading() as db:
        row = db.scalars(select(Feed)).one()
    assert row.token_hash == digest(secret)
    assert secret not in repr(vars(row))
    assert scene.path(feed) == path
    assert secret != token_of("another key of thirty-two characters", feed, 1)
    assert secret != token_of("test-only-everybody-knows-this-feed-key", feed, 2)


def test_the_window_is_sixty_days_back_and_four_hundred_ahead(scene):
    path = scene.path(scene.feed())
    begins = NOON.replace(hour=13)
    with time_machine.travel(begins - 100 * A_DAY):
        for days in (-61, -60, 0, 399, 400):
            scene.plan(draft(f"day {days}", begins + days * A_DAY))
    with time_machine.travel(NOON):
        assert titles(scene, path) == ["day -60", "day 0", "day 399"]


def test_a_cancelled_session_stays_a_week(scene):
    path = scene.path(scene.feed())
    with time_machine.travel(NOON):
        scene.cancel(scene.plan(draft(starts_at=NOON + A_DAY)))
        assert titles(scene, path) == ["Cancelled: Echo basics"]
    for days, shown in ((8, ["Cancelled: Echo basics"]), (9, [])):
        with time_machine.travel(NOON + days * A_DAY):
            assert titles(scene, path) == shown


def test_a_feed_holds_what_is_for_the_persons_grade(scene):
    path = scene.path(scene.feed())
    scene.plan(draft("All"))
    scene.plan(draft("F1 only", grades=("F1",)))
    scene.plan(draft("F1 and F2", grades=("F1", "F2")))
    assert titles(scene, path) == ["All", "F1 only", "F1 and F2"]
    with scene.database.transaction() as db:
        state_rotation(db, scene.learner, "F2", "", "", clock.now().date(), "self")
    assert titles(scene, path) == ["All", "F1 and F2"]


def test_whoever_plans_a_course_sees_all_of_it(scene):
    scene.plan(draft("F1 only", grades=("F1",)))
    with scene.database.transaction() as db:
        state_rotation(db, scene.tutor, "Consultant", "", "", clock.now().date(), "self")
    assert titles(scene, scene.path(scene.feed(who=scene.tutor), scene.tutor)) == ["F1 only"]
    chosen = scene.feed(of=Filter(grades=("Consultant",)), who=scene.tutor)
    assert titles(scene, scene.path(chosen, scene.tutor)) == []


def test_filters_narrow_what_a_feed_holds(scene):
    other = scene.house.course(scene.house.trust("Another"), "Elsewhere")
    renal = scene.house.course(scene.trust, "Renal ST3")
    with scene.database.transaction() as db:
        enrol(db, scene.learner.id, renal, Role.LEARNER, clock.now())
        enrol(db, scene.tutor.id, renal, Role.TUTOR, clock.now())
    scene.plan(draft("Plain"))
    scene.plan(draft("Core", is_core=True))
    scene.plan(draft("F2", grades=("F2",)))
    replace(scene, course=renal).plan(draft("Renal"))
    held = {
        "all": Filter(),
        "core": Filter(is_core_only=True),
        "F1": Filter(grades=("F1",)),
        "renal": Filter(courses=(renal.id,)),
        "not theirs": Filter(courses=(other.id,)),
    }
    found = {name: titles(scene, scene.path(scene.feed(name, of))) for name, of in held.items()}
    assert found == {
        "all": ["Plain", "Core", "F2", "Renal"],
        "core": ["Core"],
        "F1": ["Plain", "Core", "Renal"],
        "renal": ["Renal"],
        "not theirs": [],
    }


def test_people_who_see_the_same_share_a_calendar_and_others_do_not(scene):
    priya = scene.house.person(scene.trust, "Priya Nadar", {scene.course.id: Role.LEARNER})
    renal = scene.house.course(scene.trust, "Renal ST3")
    eve = scene.house.person(scene.trust, "Eve", {renal.id: Role.LEARNER})
    elsewhere = replace(scene, course=renal, learner=eve)
    scene.plan()
    paths = [scene.path(scene.feed(who=who), who) for who in (scene.learner, priya)]
    bodies = [scene.fetch(path).data for path in (*paths, elsewhere.path(elsewhere.feed()))]
    assert bodies[0] == bodies[1]
    assert b"SUMMARY:Echo basics" in bodies[0]
    assert b"VEVENT" not in bodies[2]
    assert len(scene.house.app.extensions["calendars"]._kept) == 2


def test_after_replacing_the_new_address_works_and_the_old_one_says_so(scene):
    feed = scene.feed()
    scene.plan()
    old = scene.path(feed)
    scene.replace(feed)
    new = scene.path(feed)
    assert new != old
    assert titles(scene, new) == ["Echo basics"]
    assert titles(scene, old) == ["This calendar has been switched off"]
    with time_machine.travel(clock.now() + 31 * A_DAY):
        assert scene.fetch(old).status_code == 410
        assert scene.fetch(new).status_code == 200
    assert verbs(scene) == ["feed.made", "feed.replaced"]


def test_a_second_click_replaces_nothing(scene):
    feed = scene.feed()
    browser = scene.house.browser(scene.learner, scene.course)
    page = f"/courses/{scene.course.public_id}/teaching/phone/{feed}/replace"
    for _click in range(2):
        assert browser.post(page, {"seen": "1"}).status_code == 303
    assert verbs(scene) == ["feed.made", "feed.replaced"]
    assert scene.fetch(scene.path(feed)).status_code == 200


def test_switched_off_it_says_so_on_every_day_of_a_month_and_is_gone_then(scene):
    feed = scene.feed()
    scene.plan()
    path = scene.path(feed)
    with time_machine.travel(NOON):
        scene.switch_off(feed)
        scene.switch_off(feed)
    assert verbs(scene) == ["feed.made", "feed.switched_off"]
    sequences = []
    for days in (0, 1, 29):
        with time_machine.travel(NOON + days * A_DAY + timedelta(hours=1)):
            answer = scene.fetch(path)
            assert titles(scene, path) == ["This calendar has been switched off"]
            assert values(answer.data, "DTSTART") == [f"{NOON + days * A_DAY:%Y%m%d}"]
            sequences.append(int(values(answer.data, "SEQUENCE")[0]))
            assert scene.fetch(path, If_None_Match=answer.headers["ETag"]).status_code == 304
    assert sequences == sorted(set(sequences))
    with time_machine.travel(NOON + 30 * A_DAY + timedelta(hours=1)):
        answer = scene.fetch(path)
        assert answer.status_code == 410
        assert answer.mimetype == "text/plain"
        assert "switched off" in answer.text


def test_a_feed_outlives_its_enrolment_by_a_month_then_says_so_then_is_gone(scene):
    path = scene.path(scene.feed())
    with time_machine.travel(NOON - A_DAY):
        scene.plan(draft("Far ahead", NOON + 90 * A_DAY))
    with time_machine.travel(NOON):
        assert titles(scene, path) == ["Far ahead"]
        leave(scene)
        assert titles(scene, path) == ["Far ahead"]
    for days, shown in (
        (29, "Far ahead"),
        (31, "This calendar has been switched off"),
        (59, "This calendar has been switched off"),
    ):
        with time_machine.travel(NOON + days * A_DAY):
            assert titles(scene, path) == [shown]
    with time_machine.travel(NOON + 61 * A_DAY):
        assert scene.fetch(path).status_code == 410
        come_back(scene)
        assert titles(scene, path) == ["Far ahead"]


def test_a_course_that_was_left_goes_after_a_month_and_the_others_stay(scene):
    renal = scene.house.course(scene.trust, "Renal ST3")
    with scene.database.transaction() as db:
        enrol(db, scene.learner.id, renal, Role.LEARNER, clock.now())
        enrol(db, scene.tutor.id, renal, Role.TUTOR, clock.now())
    path = scene.path(scene.feed())
    scene.plan(draft("Echo", NOON + 50 * A_DAY))
    replace(scene, course=renal).plan(draft("Renal", NOON + 51 * A_DAY))
    with time_machine.travel(NOON):
        assert titles(scene, path) == ["Echo", "Renal"]
        with scene.database.transaction() as db:
            db.execute(update(Enrolment).where(Enrolment.course_id == renal.id).values(left_at=clock.now()))
    for days, shown in ((28, ["Echo", "Renal"]), (31, ["Echo"])):
        with time_machine.travel(NOON + days * A_DAY):
            assert titles(scene, path) == shown


def test_nobody_gets_more_than_ten(scene):
    browser = scene.house.browser(scene.learner, scene.course)
    page = f"/courses/{scene.course.public_id}/teaching/phone"
    for number in range(10):
        scene.feed(f"Feed {number}")
    answer = browser.post(page)
    assert answer.status_code == 400
    assert "as many as one may have" in answer.text
    answer = browser.post(f"{page}/new", {"name": "Eleventh", "grade": "F1"})
    assert answer.status_code == 400
    assert 'value="Eleventh"' in answer.text


@pytest.mark.parametrize("moment_of_day", ["2026-11-27T00:30:00+00:00", "2027-07-01T23:30:00+00:00"])
def test_the_day_is_londons(scene, moment_of_day):
    with time_machine.travel(moment(moment_of_day)):
        feed = scene.feed()
        path = scene.path(feed)
        scene.switch_off(feed)
        day = clock.now().astimezone(clock.LONDON)
        assert values(scene.fetch(path).data, "DTSTART") == [f"{day:%Y%m%d}"]
