"""Names of boards, where one works and what a calendar is called are checked like everything else that people type."""

import pytest

from lti_tool.access import Role
from tests.factories.house import House

NUMBER = "943 476 5919"
NAMED = f"NHS number {NUMBER}"
TAKE_OUT = f"Take out “{NUMBER}”. An NHS number names one person."


@pytest.fixture
def tutor(house: House):
    trust = house.trust()
    course = house.course(trust)
    person = house.person(trust, "Dr Helen Marsh", {course.id: Role.TUTOR})
    return house, course, person, house.browser(person, course)


@pytest.mark.parametrize("field", ["title", "purpose"])
def test_no_board_is_named_after_a_patient(tutor, field):
    house, course, person, browser = tutor
    form = {"title": "Ask cardiology", "purpose": "Questions.", "names": "shown", "checked": "all"} | {field: NAMED}
    board = house.board(course, person)
    for path in (f"/courses/{course.public_id}/boards/new", f"/boards/{board}/settings"):
        answer = browser.post(path, form)
        assert answer.status_code == 400
        assert TAKE_OUT in answer.text
        assert f'value="{NAMED}"' in answer.text
    assert NUMBER not in browser.get(f"/courses/{course.public_id}/boards").text


@pytest.mark.parametrize("field", ["site", "speciality"])
def test_nobody_works_at_a_number(tutor, field):
    _house, course, _person, browser = tutor
    answer = browser.post(f"/courses/{course.public_id}/rotation", {"grade": "F1", field: NAMED})
    assert answer.status_code == 400
    assert TAKE_OUT in answer.text


def test_no_calendar_is_called_after_a_patient(tutor):
    _house, course, _person, browser = tutor
    answer = browser.post(f"/courses/{course.public_id}/teaching/phone/new", {"name": NAMED, "core": "yes"})
    assert answer.status_code == 400
    assert TAKE_OUT in answer.text
