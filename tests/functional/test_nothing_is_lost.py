"""What a person typed is never lost, and never shown to somebody else."""

from datetime import timedelta

import pytest
import time_machine

from lti_tool.access import Role
from lti_tool.core import clock
from lti_tool.people import end_visit
from lti_tool.texts import all_drafts, draft_place, keep_draft
from lti_tool.texts.rules import DRAFTS_A_PERSON
from tests.factories.house import House

WORDS = "A long answer, typed between two patients."


class Scene:
    def __init__(self, house: House) -> None:
        self.house = house
        trust = house.trust()
        self.course = house.course(trust)
        self.sam = house.person(trust, "Sam Okafor", {self.course.id: Role.LEARNER})
        self.priya = house.person(trust, "Priya Nadar", {self.course.id: Role.LEARNER})
        self.helen = house.person(trust, "Dr Helen Marsh", {self.course.id: Role.TUTOR})
        self.board = house.board(self.course, self.helen)
        self.place = draft_place("ask", self.board)
        self.form = {"title": "When?", "text": WORDS, "draft_place": self.place}

    def drafts(self, person):
        with self.house.database.transaction() as db:
            return all_drafts(db, self.house.actor(db, person, self.course))

    def ask(self, browser, **changes):
        return browser.post(f"/boards/{self.board}/ask", self.form | changes)


@pytest.fixture
def scene(house: House) -> Scene:
    return Scene(house)


def test_a_refused_form_comes_back_with_its_text(scene):
    answer = scene.ask(scene.house.browser(scene.sam, scene.course), title="")
    assert answer.status_code == 400
    assert WORDS in answer.text


def test_a_preview_keeps_the_text(scene):
    answer = scene.ask(scene.house.browser(scene.sam, scene.course), do="preview")
    assert answer.status_code == 200
    assert answer.text.count(WORDS) == 2


def test_words_from_the_boards_own_box_come_along_to_a_page_that_one_can_come_back_to(scene):
    browser = scene.house.browser(scene.sam, scene.course)
    scene.ask(browser, do="draft", title="Before?")
    answer = browser.post(f"/boards/{scene.board}/ask", {"title": "After?", "do": "open"})
    assert answer.status_code == 303
    for _look in range(2):
        page = browser.get(answer.location).text
        assert "After?" in page
        assert WORDS in page
    assert "After?" not in answer.location
    empty = browser.post(f"/boards/{scene.board}/ask", {"title": "", "do": "open"})
    assert "After?" in browser.get(empty.location).text


def test_with_too_many_drafts_the_words_still_come_along(scene):
    browser = scene.house.browser(scene.sam, scene.course)
    with scene.house.database.within(scene.sam.trust_id).transaction() as db:
        for number in range(DRAFTS_A_PERSON):
            keep_draft(db, scene.sam.trust_id, scene.sam.id, draft_place("reply", f"{number:016}"), {"text": "x"})
    answer = browser.post(f"/boards/{scene.board}/ask", {"title": "And this?", "do": "open"})
    assert answer.status_code == 400
    assert "And this?" in answer.text
    assert "Delete one" in answer.text


def test_a_draft_is_there_on_another_machine(scene):
    scene.ask(scene.house.browser(scene.sam, scene.course), do="draft")
    elsewhere = scene.house.browser(scene.sam, scene.course)
    assert WORDS in elsewhere.get(f"/boards/{scene.board}/ask").text
    assert "When?" in elsewhere.get(f"/courses/{scene.course.public_id}/").text


def test_a_sent_text_leaves_no_draft(scene):
    browser = scene.house.browser(scene.sam, scene.course)
    scene.ask(browser, do="draft")
    assert scene.ask(browser).status_code == 303
    assert not scene.drafts(scene.sam)


def test_autosave_keeps_what_stands_in_the_form(scene):
    browser = scene.house.browser(scene.sam, scene.course)
    answer = browser.post("/drafts", scene.form)
    assert answer.text.startswith("Draft saved")
    assert scene.drafts(scene.sam)[0].fields["text"] == WORDS


def test_an_expired_visit_saves_a_draft_and_sends_nothing(scene):
    browser = scene.house.browser(scene.sam, scene.course)
    with time_machine.travel(clock.now() + timedelta(hours=3), tick=False):
        answer = scene.ask(browser)
        assert answer.status_code == 409
        assert "Saved" in answer.text
        assert scene.course.title in answer.text
        assert WORDS not in answer.text
        assert scene.drafts(scene.sam)[0].fields["text"] == WORDS


def test_after_a_day_an_old_page_saves_nothing(scene):
    browser = scene.house.browser(scene.sam, scene.course)
    with time_machine.travel(clock.now() + timedelta(hours=25), tick=False):
        assert scene.ask(browser).status_code == 409
        assert not scene.drafts(scene.sam)


def test_when_somebody_else_has_launched_the_text_goes_to_the_first_person(scene):
    first = scene.house.browser(scene.sam, scene.course)
    second = scene.house.browser(scene.priya, scene.course)
    with scene.house.database.transaction() as db:
        end_visit(db, first.visit.id, clock.now())
    first.client.set_cookie("__Host-visit", second.token, secure=True)
    answer = scene.ask(first)
    assert answer.status_code == 409
    assert WORDS not in answer.text
    assert "Priya" not in answer.text
    assert scene.drafts(scene.sam)[0].fields["text"] == WORDS
    assert not scene.drafts(scene.priya)


def test_a_board_that_was_locked_meanwhile_keeps_the_text(scene):
    browser = scene.house.browser(scene.sam, scene.course)
    tutor = scene.house.browser(scene.helen, scene.course)
    tutor.post(f"/boards/{scene.board}/settings/open", {"locked": "yes", "reason": "The rotation is over."})
    answer = scene.ask(browser)
    assert answer.status_code == 403
    assert "in your drafts" in answer.text
    assert scene.drafts(scene.sam)[0].fields["text"] == WORDS


def test_a_flood_is_stopped_in_plain_words_and_the_text_comes_back(scene):
    object.__setattr__(scene.house.database.notes["settings"], "posts_per_hour", 1)
    browser = scene.house.browser(scene.sam, scene.course)
    assert scene.ask(browser).status_code == 303
    answer = scene.ask(browser)
    assert answer.status_code == 400
    assert "1 posts within an hour" in answer.text or "post within an hour" in answer.text
    assert WORDS in answer.text


def test_a_moderators_note_survives_somebody_elses_decision(scene):
    post = scene.house.question(scene.sam, scene.course, scene.board)
    helen = scene.house.browser(scene.helen, scene.course)
    path = f"/courses/{scene.course.public_id}/waiting/{post}"
    assert helen.post(path, {"verb": "approve", "seen": "1"}).status_code == 303
    note = {"verb": "return", "seen": "1", "note": WORDS, "asked": "yes", "draft_place": draft_place("decide", post)}
    answer = helen.post(path, note)
    assert answer.status_code == 409
    assert scene.drafts(scene.helen)[0].fields["note"] == WORDS


@pytest.mark.parametrize(
    "place", ["", "nowhere", "ask:short", "ask:../../../../etc/pas", "x" * 5000, "ask:\x00" + "a" * 15]
)
def test_an_odd_place_is_refused_in_plain_words(scene, place):
    answer = scene.house.browser(scene.sam, scene.course).post("/drafts", {"text": WORDS, "draft_place": place})
    assert answer.status_code == 400
    assert "Copy your text" in answer.text
