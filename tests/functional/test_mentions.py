"""Speaking to somebody by `@`: who is told, who cannot be, and what the identifier check makes of it."""

import re

import pytest

from lti_tool.access import Role
from tests.factories.charter import Ward as Charter
from tests.factories.house import House

TOLD = "A question speaks to you"


class Ward:
    def __init__(self, house: House) -> None:
        self.house = house
        trust = house.trust()
        self.course, elsewhere = house.course(trust), house.course(trust, "F1 Medicine")
        self.sam = house.person(trust, "Sam Okafor", {self.course.id: Role.LEARNER})
        self.priya = house.person(trust, "Priya Nadar", {self.course.id: Role.LEARNER})
        self.helen = house.person(trust, "Dr Helen Marsh", {self.course.id: Role.TUTOR})
        self.jon = house.person(trust, "Jonas Weir", {elsewhere.id: Role.LEARNER})
        self.elsewhere = elsewhere

    def ask(self, text, **how):
        board = self.house.board(self.course, self.helen, moderated=False, **how)
        form = {"title": "When is it too late?", "text": text}
        answer = self.house.browser(self.sam, self.course).post(f"/boards/{board}/ask", form)
        self.house.work()
        return answer

    def inbox(self, who, course=None):
        course = course or self.course
        return self.house.browser(who, course).get(f"/courses/{course.public_id}/inbox").text


@pytest.fixture
def ward(house: House) -> Ward:
    return Ward(house)


@pytest.mark.parametrize("said", ["@Priya Nadar, what do you think?", "I ask @priya nadar.", "(@Priya Nadar)"])
def test_who_is_named_is_told_and_nobody_warns_of_the_name(ward, said):
    assert ward.ask(said).status_code == 303
    assert TOLD in ward.inbox(ward.priya)
    assert TOLD not in ward.inbox(ward.helen)
    assert TOLD not in ward.inbox(ward.sam)


def test_a_name_of_nobody_here_is_a_finding_as_ever(ward):
    assert ward.ask("@Jonas Weir came with chest pain.").status_code == 400
    assert ward.ask("Priya Nadar came with chest pain.").status_code == 400
    assert TOLD not in ward.inbox(ward.jon, ward.elsewhere)


def test_a_name_of_two_people_means_nobody(ward):
    ward.house.person_of(ward.course, "Priya Nadar", Role.LEARNER)
    assert ward.ask("@Priya Nadar, what do you think?").status_code == 400


def test_of_an_edit_are_told_those_to_whom_it_speaks_first(ward):
    board = ward.house.board(ward.course, ward.helen, moderated=False)
    post = ward.house.question(ward.sam, ward.course, board, text="@Priya Nadar, what do you think?")
    ward.house.work()
    for seen, words in enumerate(["@Priya Nadar, and @Dr Helen Marsh?", "@Priya Nadar and @Dr Helen Marsh, please."]):
        form = {"title": "When?", "text": words, "seen": seen + 1, "do": "send"}
        assert ward.house.browser(ward.sam, ward.course).post(f"/posts/{post}/edit", form).status_code == 303
        ward.house.work()
    assert ward.inbox(ward.priya).count(TOLD) == 1
    assert ward.inbox(ward.helen).count(TOLD) == 1


def test_only_who_reads_the_board_can_be_spoken_to(house: House):
    ward = Charter(house)
    board = ward.board(audience="cohort", cohort=ward.cohort("F1 2027", ward.sam))
    sam = ward.at(ward.sam)
    assert "data-mention" not in sam.get(f"/boards/{board}/people?said=priya").text
    assert 'data-mention="Dr Helen Marsh"' in sam.get(f"/boards/{board}/people?said=helen").text
    assert sam.post(f"/boards/{board}/ask", {"title": "When?", "text": "@Priya Nadar?"}).status_code == 400
    shared = ward.board(audience="courses")
    ward.share(shared)
    assert 'data-mention="Jon Adeyemi"' in sam.get(f"/boards/{shared}/people?said=jon").text
    assert sam.post(f"/boards/{shared}/ask", {"title": "When?", "text": "@Jon Adeyemi?"}).status_code == 303
    house.work()
    assert TOLD in ward.at(ward.jon).get(f"/courses/{ward.other.public_id}/inbox").text


@pytest.mark.parametrize("pseudonymous", [False, True])
def test_the_tutors_are_told_together(ward, pseudonymous):
    assert ward.ask("@tutors, where would you draw the line?", pseudonymous=pseudonymous).status_code == 303
    assert TOLD in ward.inbox(ward.helen)
    assert TOLD not in ward.inbox(ward.priya)


def test_without_names_nobody_can_be_mentioned(ward):
    answer = ward.ask("@Priya Nadar, what do you think?", pseudonymous=True)
    assert answer.status_code == 400
    assert re.search("Priya Nadar", answer.text)
    board = ward.house.board(ward.course, ward.helen, moderated=False, pseudonymous=True)
    form = {"title": "When?", "text": "@Priya Nadar?", "do": "review"}
    ward.house.browser(ward.sam, ward.course).post(f"/boards/{board}/ask", form)
    ward.house.work()
    assert TOLD not in ward.inbox(ward.priya)


def test_while_one_types_a_mention_is_left_alone(ward):
    browser = ward.house.browser(ward.sam, ward.course)
    assert browser.post("/check", {"text": "@Priya Nadar, what do you think?"}).status_code == 204
    assert browser.post("/check", {"text": "Priya Nadar came."}).status_code == 200
    assert browser.post("/check", {"text": "@x 943 476 5919"}).status_code == 200


def test_names_that_fit_are_offered_where_names_are_shown(ward):
    browser = ward.house.browser(ward.sam, ward.course)
    named, hidden = (
        ward.house.board(ward.course, ward.helen, moderated=False, pseudonymous=is_hidden)
        for is_hidden in (False, True)
    )
    assert 'data-mention="Priya Nadar"' in browser.get(f"/boards/{named}/people?said=nad").text
    assert 'data-mention="Dr Helen Marsh"' in browser.get(f"/boards/{named}/people?said=Dr%20H").text
    for said in ("", "n", "Jonas", "%", "__"):
        assert "data-mention" not in browser.get(f"/boards/{named}/people", query_string={"said": said}).text
    page = browser.get(f"/boards/{hidden}/people?said=nad").text
    assert "data-mention" not in page
    assert "data-people" not in browser.get(f"/boards/{hidden}/ask").text
