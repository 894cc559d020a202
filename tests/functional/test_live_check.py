"""What is typed is checked while it is typed: only the part under the box is answered, and only where it changes."""

import re

import pytest

from lti_tool.access import Role
from tests.factories.house import House

NUMBER = "943 476 5919"
STOPPED = f"NHS number {NUMBER}. The troponin rose."
WARNED = "Mr Thackeray was pain free."


@pytest.fixture
def sam(house: House):
    trust = house.trust()
    course = house.course(trust)
    return house.browser(house.person(trust, "Sam Okafor", {course.id: Role.LEARNER}), course)


def shown_in(answer):
    return re.search(r'name="shown" value="([^"]*)"', answer.text)[1]


def told_in(answer):
    return re.search(r'<p id="found-told" hx-swap-oob="innerHTML">([^<]*)</p>', answer.text)[1]


def test_only_the_findings_come_and_not_the_words_around_them(sam):
    answer = sam.post("/check", {"title": "When?", "text": STOPPED})
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert f"“{NUMBER}”" in answer.text
    assert "Must change." in answer.text
    assert "The troponin rose" not in answer.text
    assert told_in(answer) == "1 place may name a patient. 1 must change before you send."


def test_what_the_page_shows_already_is_not_sent_again(sam):
    first = sam.post("/check", {"text": STOPPED})
    later = sam.post("/check", {"text": f"{STOPPED} It fell again.", "shown": shown_in(first)})
    assert (later.status_code, later.text) == (204, "")
    assert sam.post("/check", {"text": "The troponin rose."}).status_code == 204


def test_when_it_is_gone_the_findings_go_and_that_is_said(sam):
    first = sam.post("/check", {"text": STOPPED})
    gone = sam.post("/check", {"text": "The troponin rose.", "shown": shown_in(first)})
    assert gone.status_code == 200
    assert "gr-findings" not in gone.text
    assert told_in(gone) == "Nothing is left that may name a patient."


def test_after_a_page_that_was_refused_the_findings_are_those_of_the_box(sam):
    gone = sam.post("/check", {"text": "The troponin rose.", "shown": "whole"})
    assert gone.status_code == 200
    assert "gr-findings" not in gone.text


def test_what_was_explained_stays_explained(sam):
    key = re.search(r'name="accept" value="([^"]*)"', sam.post("/check", {"text": WARNED}).text)[1]
    answer = sam.post("/check", {"text": WARNED, "kept": f"{key}:staff"})
    assert "You say that it is a member of staff." in answer.text


def test_title_and_note_are_checked_as_well(sam):
    answer = sam.post("/check", {"title": WARNED, "note": f"Ask Mr Thackeray. {NUMBER}"})
    assert told_in(answer).startswith("3 places may name a patient.") or "Mr Thackeray" in answer.text
    assert answer.text.count("<li id=") >= 2


def test_nobody_is_checked_without_a_visit(house):
    assert house.app.test_client().post("/check", data={"text": STOPPED}).status_code in (401, 403)
