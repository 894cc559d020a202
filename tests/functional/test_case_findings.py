"""In a case, what may name a patient has the same buttons as on a board, and many details want a second reviewer."""

import re

import pytest

from lti_tool.access import Role
from lti_tool.boards import Hold, open_holds
from lti_tool.cases import CaseState, review_case, review_draft
from lti_tool.core.errors import Invalid
from tests.factories.cases import CONSENT, ENDING, QUESTION, STORY, TICKS, Room
from tests.factories.house import House

NUMBER = "943 476 5919"
STOPPED = f"NHS number {NUMBER} came with weak legs. Mr Thackeray was pain free."
CROWDED = "A 71-year-old Somali bus driver came with weak legs. Her daughter was there."


class Ward:
    def __init__(self, house: House) -> None:
        self.house = house
        trust = house.trust()
        self.course = house.course(trust)
        self.sam = house.person(trust, "Sam Okafor", {self.course.id: Role.LEARNER})
        self.helen = house.person(trust, "Dr Helen Marsh", {self.course.id: Role.TUTOR})
        self.rhys = house.person(trust, "Dr Rhys Owen", {self.course.id: Role.TUTOR})
        self.room = Room(house, self.course)
        self.case = self.room.begin(self.sam)
        self.browser = house.browser(self.sam, self.course)

    def story(self, text, **given):
        return self.browser.post(f"/cases/{self.case}/story", STORY | {"text": text} | given)

    def again(self, page, **pressed):
        return self.story(text_in(page), kept=hidden(page, "kept"), **pressed)

    def presentation(self):
        return self.room.facts(self.sam, self.case).source.get("presentation", "")

    def sent(self, text):
        self.room.write(self.sam, self.case, story={"text": text})
        self.room.send(self.sam, self.case)

    def tick(self, who, *ticks):
        def act(db, actor, facts):
            said = {"verb": "tick", "seen": str(facts.sent)} | dict.fromkeys(ticks, "yes")
            return review_case(db, actor, facts, review_draft(said))

        self.room.act(who, self.case, act)

    def holds(self):
        facts = self.room.facts(self.sam, self.case)
        with self.house.database.transaction() as db:
            return open_holds(db, facts.thread_id)

    def state(self):
        return self.room.facts(self.sam, self.case).state


@pytest.fixture
def ward(house: House) -> Ward:
    return Ward(house)


def hidden(page, name):
    return re.search(rf'name="{name}" value="([^"]*)"', page.text)[1]


def text_in(page):
    return re.search(r"<textarea[^>]*>([^<]*)</textarea>", page.text)[1]


def button(page, name, words):
    line = next(part for part in page.text.split("<li id=") if f'<h3 class="nhsuk-heading-xs">“{words}”' in part)
    return re.search(rf'name="{name}" value="([^"]*)"', line)[1]


def test_one_button_takes_a_number_out_of_a_story(ward):
    page = ward.story(STOPPED)
    assert page.status_code == 400
    assert "Not saved yet: it may name a patient" in page.text
    page = ward.again(page, accept=button(page, "accept", NUMBER))
    assert page.status_code == 200
    assert NUMBER not in page.text
    assert not ward.presentation()
    assert ward.again(page).status_code == 303
    assert NUMBER not in ward.presentation()
    assert "Mr Thackeray" in ward.presentation()


def test_all_suggestions_at_once(ward):
    page = ward.story(STOPPED)
    page = ward.again(page, accept="all")
    assert "Mr Thackeray" not in text_in(page)
    assert ward.again(page).status_code == 303
    assert "The patient was pain free." in ward.presentation()


def test_who_says_that_the_check_is_wrong_asks_the_reviewer(ward):
    page = ward.story(STOPPED)
    assert ward.again(page, ask=button(page, "ask", NUMBER)).status_code == 303
    for part, form in (("question", QUESTION), ("answer", ENDING), ("consent", CONSENT)):
        assert ward.browser.post(f"/cases/{ward.case}/{part}", form).status_code == 303
    assert "You ask a moderator to look." in ward.browser.get(f"/cases/{ward.case}/story").text
    assert "You ask a moderator to look." in ward.browser.get(f"/cases/{ward.case}/send").text
    assert ward.browser.post(f"/cases/{ward.case}/send").status_code == 303
    page = ward.house.browser(ward.helen, ward.course).get(f"/cases/{ward.case}/review").text
    assert "The author says that this is wrong, and asks you to look." in page


def test_words_that_were_explained_reach_the_reviewer_with_the_reason(ward):
    page = ward.story("Mr Thackeray taught me this.")
    assert page.status_code == 303
    page = ward.browser.get(f"/cases/{ward.case}/story")
    key = button(page, "keep", "Mr Thackeray")
    page = ward.again(page, keep=key, **{f"why-{key}": "staff"})
    assert "You say that it is a member of staff." in page.text
    assert ward.again(page).status_code == 303
    ward.sent("Mr Thackeray taught me this.")
    page = ward.house.browser(ward.helen, ward.course).get(f"/cases/{ward.case}/review").text
    assert "The author says: this is not a patient but a member of staff." in page


def test_what_was_said_about_words_that_are_gone_is_forgotten(ward):
    page = ward.story(STOPPED)
    ward.again(page, ask=button(page, "ask", NUMBER))
    ward.story("An older adult came with weak legs.")
    assert ward.room.facts(ward.sam, ward.case).kept == {}


def test_a_capture_has_the_same_buttons(ward):
    path, form = f"/courses/{ward.course.public_id}/cases/new", {"speciality": "cardiology", "note": f"Ring {NUMBER}."}
    page = ward.browser.post(path, form | {"note": f"NHS number {NUMBER}: ring first."})
    assert page.status_code == 400
    key = button(page, "ask", NUMBER)
    asked = ward.browser.post(path, form | {"note": f"NHS number {NUMBER}: ring first.", "ask": key})
    assert asked.status_code == 303


def test_many_details_want_a_second_person(ward):
    ward.sent(CROWDED)
    assert ward.holds() == {Hold.CLINICAL, Hold.PRIVACY, Hold.CONSENT, Hold.SECOND_REVIEWER}
    with pytest.raises(Invalid):
        ward.tick(ward.helen, *TICKS, Hold.SECOND_REVIEWER)
    ward.tick(ward.helen, "clinical", "privacy", "consent")
    assert ward.state() == CaseState.PENDING
    with pytest.raises(Invalid):
        ward.tick(ward.helen, Hold.SECOND_REVIEWER)
    assert ward.holds() == {Hold.SECOND_REVIEWER}
    ward.tick(ward.rhys, Hold.SECOND_REVIEWER)
    assert ward.state() == CaseState.PUBLISHED


def test_the_second_person_may_be_first(ward):
    ward.sent(CROWDED)
    ward.tick(ward.rhys, Hold.SECOND_REVIEWER)
    with pytest.raises(Invalid):
        ward.tick(ward.rhys, "clinical")
    ward.tick(ward.helen, "clinical", "privacy", "consent")
    assert ward.state() == CaseState.PUBLISHED


def test_a_reviewer_is_offered_only_what_is_theirs(ward):
    ward.sent(CROWDED)
    address = f"/cases/{ward.case}/review"
    assert 'name="second_reviewer"' in ward.house.browser(ward.helen, ward.course).get(address).text
    ward.tick(ward.helen, "clinical", "privacy")
    mine = ward.house.browser(ward.helen, ward.course).get(address).text
    assert 'name="second_reviewer"' not in mine
    assert "The second look is a colleague’s: you have ticked the rest." in mine
    theirs = ward.house.browser(ward.rhys, ward.course).get(address).text
    assert 'name="second_reviewer"' in theirs
    assert 'name="consent"' in theirs


def test_few_details_want_nobody_else(ward):
    ward.sent("An older adult came with weak legs.")
    assert Hold.SECOND_REVIEWER not in ward.holds()
