"""Marks for taking part: saved once, sent once, never lost, never over somebody else's."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from lti_tool.journal import Delivery
from tests.factories.served_course import Scene
from tests.factories.services import always, answer, to

pytestmark = pytest.mark.sql

PAGE = "/activities/{activity}/marks"


@pytest.fixture
def course(scene: Scene) -> Scene:
    """A course whose roster has been read."""
    scene.read_roster()
    return scene


def deliveries(scene: Scene) -> int:
    with scene.vle.inside().reading() as db:
        found = select(func.count()).select_from(Delivery).where(Delivery.job == "deliver_marks")
        return db.scalar(found) or 0


def test_learners_by_name_and_nobody_else(course: Scene) -> None:
    names = re.findall(r'<th scope="row"><label for="mark-[^"]+">([^<]+)</label>', course.get(PAGE).text)
    assert names == [f"Stu{number} Dent{number}" for number in range(4, 9)]


def test_a_double_click_sends_once(course: Scene) -> None:
    said = course.typed(s4="70")
    for _ in range(3):
        assert course.post(PAGE, do="save", **said).status_code == 303
    assert deliveries(course) == 1
    course.house.work(timedelta())
    assert len(course.services.asked_for("/scores", "POST")) == 1
    assert course.post(PAGE, do="save", **said).status_code == 303
    assert deliveries(course) == 1


def test_only_what_was_changed_is_sent(course: Scene) -> None:
    course.mark(s4="70", s5="80", s6="")
    course.mark(s4="70", s5="85")
    sent = [one.json["userId"] for one in course.services.asked_for("/scores", "POST")]
    assert sent == ["4", "5", "5"]


def test_a_colleagues_mark_is_not_overwritten_unseen(course: Scene) -> None:
    mine = course.typed(s4="60", s5="50")
    course.mark(s4="90")
    answered = course.post(PAGE, do="save", **mine)
    assert answered.status_code == 400
    assert "Somebody else has changed this mark meanwhile; it is 90 now." in answered.text
    assert 'value="60"' in answered.text, "what was typed is still there"
    assert 'value="50"' in answered.text
    assert set(course.marks()) == {"4"}
    again = re.search(rf'name="was-{course.person(4)}" value="(\d*)"', answered.text)
    assert again
    assert again[1] == "90", "the second press is meant"


@pytest.mark.parametrize("typed", ["101", "-1", "7.5", "seven", "1e2", "０", "²", "<b>", "0x1", "1000"])
def test_what_is_no_mark_comes_back_as_it_was_typed(course: Scene, typed: str) -> None:
    answered = course.post(PAGE, do="save", **course.typed(s4=typed, s5="50"))
    assert answered.status_code == 400
    assert "A mark is a whole number from 0 to 100, or nothing." in answered.text
    assert 'value="50"' in answered.text
    assert course.marks() == {}


@pytest.mark.parametrize(("typed", "mark"), [("0", 0), (" 7 ", 7), ("100", 100), ("85 %", 85), ("007", 7)])
def test_what_is_a_mark(course: Scene, typed: str, mark: int) -> None:
    course.mark(s4=typed)
    assert course.marks()["4"].mark == mark
    assert course.services.scores[2, "4"]["scoreGiven"] == mark


def test_nobody_outside_the_course_gets_a_mark(course: Scene) -> None:
    tutor = course.person(3)
    said = {f"mark-{tutor}": "50", "mark-AAAAAAAAAAAAAAAA": "50", "mark-x": "50", f"was-{tutor}": ""}
    assert course.post(PAGE, do="save", **said).status_code == 303
    assert course.marks() == {}


def test_what_waits_is_said_until_it_is_sent(course: Scene) -> None:
    course.post(PAGE, do="save", **course.typed(s4="70"))
    page = course.get(PAGE).text
    assert "Waiting" in page
    assert "Send again" not in page
    course.house.work(timedelta())
    assert "Sent" in course.get(PAGE).text


def test_what_was_refused_can_be_sent_again(course: Scene) -> None:
    course.services.trick = always(lambda handler: answer(handler, 403, {"reason": "Secret words"}), to("/scores"))
    course.mark(s4="70", s5="80")
    page = course.get(PAGE).text
    assert page.count("The VLE refused the column for the marks (error 403).") == 2
    assert "Secret words" not in page
    course.services.trick = None
    before = course.marks()["4"].stamp
    for _ in range(2):
        assert course.post(PAGE, do="again").status_code == 303
    assert deliveries(course) == 2
    course.house.work(timedelta())
    assert {mark.state for mark in course.marks().values()} == {"sent"}
    assert course.marks()["4"].stamp > before


def test_a_learner_gives_no_marks(course: Scene) -> None:
    browser = course.learner(4)
    assert browser.get(course.path(PAGE)).status_code == 403


def test_an_empty_course(scene: Scene) -> None:
    assert "No learner is in this course yet." in scene.get(PAGE).text
