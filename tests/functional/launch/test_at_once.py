"""A rush of launches: whoever comes first makes what is missing, and nobody is sent away by a fault of ours."""

import threading

import pytest
from sqlalchemy import func, select

from lti_tool.access import Role
from lti_tool.core import clock
from lti_tool.launch.models import CourseLink, Identity, Placement
from lti_tool.people import Course, Enrolment, Person, Visit, enrol
from tests.factories.vle import Vle

pytestmark = pytest.mark.sql
LAUNCHES = 6


def at_once(vle: Vle, **changes: list[str]) -> list[int]:
    """Bring as many proper messages as LAUNCHES at the same moment; each change has one value a launch."""
    start, statuses = threading.Barrier(LAUNCHES), [0] * LAUNCHES
    browsers = [vle.browser() for _ in range(LAUNCHES)]
    logins = [vle.login(browser) for browser in browsers]

    def bring(number: int) -> None:
        token = vle.token(logins[number], **{name: values[number] for name, values in changes.items()})
        start.wait()
        statuses[number] = vle.post(browsers[number], token, logins[number].state).status_code

    threads = [threading.Thread(target=bring, args=(number,)) for number in range(LAUNCHES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return statuses


def count(vle: Vle, *tables: type) -> list[int]:
    with vle.inside().reading() as db:
        return [db.scalar(select(func.count()).select_from(table)) or 0 for table in tables]


def test_one_person_in_many_tabs_is_one_person(vle: Vle) -> None:
    assert at_once(vle) == [303] * LAUNCHES
    assert count(vle, Person, Identity, Course, CourseLink, Placement, Enrolment) == [1] * 6
    assert count(vle, Visit) == [LAUNCHES]


def test_a_whole_class_comes_first_into_one_course(vle: Vle) -> None:
    assert at_once(vle, sub=[f"person-{number}" for number in range(LAUNCHES)]) == [303] * LAUNCHES
    assert count(vle, Course, CourseLink, Placement) == [1] * 3
    assert count(vle, Person, Identity, Enrolment) == [LAUNCHES] * 3


def test_a_person_who_is_known_comes_into_the_course_for_the_first_time(vle: Vle) -> None:
    assert vle.launch(vle.browser()).status_code == 303
    with vle.inside().transaction() as db:
        db.delete(db.scalars(select(Enrolment)).one())
    assert at_once(vle) == [303] * LAUNCHES
    assert count(vle, Enrolment) == [1]


def test_of_equal_messages_one_lets_in(vle: Vle) -> None:
    browser = vle.browser()
    login = vle.login(browser)
    token, start, statuses = vle.token(login), threading.Barrier(LAUNCHES), []

    def bring() -> None:
        start.wait()
        statuses.append(vle.post(vle.browser(), token, login.state).status_code)

    threads = [threading.Thread(target=bring) for _ in range(LAUNCHES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(statuses) == [303] + [401] * (LAUNCHES - 1)


def test_a_launch_and_an_enrolment_by_roster_meet(vle: Vle) -> None:
    """The roster's transaction has enrolled somebody who comes in before it is committed: the launch waits for it."""
    assert vle.launch(vle.browser()).status_code == 303
    with vle.inside().transaction() as db:
        db.delete(db.scalars(select(Enrolment)).one())
    answers: list[int] = []
    came = threading.Thread(target=lambda: answers.append(vle.launch(vle.browser()).status_code))
    with vle.inside().transaction() as db:
        person, course = db.scalars(select(Person)).one(), db.scalars(select(Course)).one()
        enrol(db, person.id, course, Role.LEARNER, clock.now())
        db.flush()
        came.start()
        came.join(0.3)
    came.join(30)
    assert answers == [303]
    assert count(vle, Enrolment) == [1]
