"""On boards, what may name a patient is shown to its author before anybody else can read it."""

import re
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from lti_tool.access import Role
from lti_tool.boards import Post, PostState
from lti_tool.core import clock
from lti_tool.journal.models import JournalLine
from lti_tool.texts import Revision, all_drafts, draft_place, keep_draft
from lti_tool.texts.rules import DRAFTS_A_PERSON
from tests.factories.house import House

NUMBER = "943 476 5919"
STOPPED = f"NHS number {NUMBER}. The troponin rose."
TITLE = "When is it too late?"
WARNED = "Mr Thackeray came to us on 14 November and went home on 16 November."
CLEAN = "The troponin rose over three hours. Where would you draw the line?"
TWO = f"{STOPPED} Mr Thackeray was pain free."


class Ward:
    def __init__(self, house: House) -> None:
        self.house = house
        trust = house.trust()
        self.course = house.course(trust)
        self.sam = house.person(trust, "Sam Okafor", {self.course.id: Role.LEARNER})
        self.helen = house.person(trust, "Dr Helen Marsh", {self.course.id: Role.TUTOR})
        self.rhys = house.person(trust, "Dr Rhys Owen", {self.course.id: Role.TUTOR})
        self.board = house.board(self.course, self.helen, moderated=False)
        self.browser = house.browser(self.sam, self.course)

    def ask(self, text, title=TITLE, browser=None, **given):
        path = f"/boards/{self.board}/ask"
        return (browser or self.browser).post(path, {"title": title, "text": text, **given})

    def again(self, page, browser=None, **pressed):
        """The form of this page, with one of its buttons pressed."""
        return self.ask(
            text_in(page), title_in(page), browser, once=hidden(page, "once"), kept=hidden(page, "kept"), **pressed
        )

    def posts(self):
        with self.house.database.transaction() as db:
            return list(db.scalars(select(Post).order_by(Post.id)))

    def drafts(self):
        with self.house.database.transaction() as db:
            return all_drafts(db, self.house.actor(db, self.sam, self.course))


@pytest.fixture
def ward(house: House) -> Ward:
    return Ward(house)


def hidden(page, name):
    return re.search(rf'name="{name}" value="([^"]*)"', page.text)[1]


def text_in(page):
    return re.search(r"<textarea[^>]*>([^<]*)</textarea>", page.text)[1]


def title_in(page):
    return re.search(r'name="title"[^>]* value="([^"]*)"', page.text)[1]


def button(page, name, words):
    """The value of the button with this name that stands in the line about these words."""
    line = next(part for part in page.text.split("<li id=") if f'<h3 class="nhsuk-heading-xs">“{words}”' in part)
    return re.search(rf'name="{name}" value="([^"]*)"', line)[1]


def test_a_text_that_names_nobody_is_sent_as_ever(ward):
    assert ward.ask(CLEAN).status_code == 303
    assert [post.state for post in ward.posts()] == [PostState.PUBLISHED]


def test_an_nhs_number_is_never_sent_and_the_text_comes_back(ward):
    for pressed in ("send", "review"):
        page = ward.ask(STOPPED, do=pressed)
        assert page.status_code == 400
        assert "Not sent yet: it may name a patient" in page.text
        assert "An NHS number must be taken out." in page.text
        assert "Must change." in page.text
        assert f'<mark class="gr-found gr-found--stop">{NUMBER}' in page.text
        assert text_in(page) == STOPPED
        assert 'value="review"' not in page.text
    assert not ward.posts()
    assert ward.drafts()[0].fields["text"] == STOPPED


def test_one_button_takes_a_number_out_and_leaves_a_sentence(ward):
    page = ward.ask(STOPPED)
    page = ward.again(page, accept=button(page, "accept", NUMBER))
    assert page.status_code == 200
    assert text_in(page) == "The troponin rose."
    assert "The check finds nothing" in page.text
    assert NUMBER not in ward.drafts()[0].fields["text"]
    assert ward.again(page, do="send").status_code == 303
    assert not ward.drafts()


def test_a_title_is_looked_at_as_well(ward):
    page = ward.ask(CLEAN, title="Mr Thackeray: when is it too late?")
    page = ward.again(page, accept=button(page, "accept", "Mr Thackeray"))
    assert title_in(page) == "The patient: when is it too late?"
    assert text_in(page) == CLEAN


def test_of_two_that_read_the_same_only_the_one_meant_changes(ward):
    page = ward.ask("We saw Mr Thackeray. Then Mr Thackeray left.")
    second = page.text.rindex("“Mr Thackeray”")
    key = re.search(r'name="accept" value="([^"]*)"', page.text[second:])[1]
    assert text_in(ward.again(page, accept=key)) == "We saw Mr Thackeray. Then the patient left."


def test_dates_change_together_so_that_the_days_between_stay_right(ward):
    page = ward.ask(WARNED)
    page = ward.again(page, accept=button(page, "accept", "16 November"))
    assert text_in(page) == "Mr Thackeray came to us on day 1 and went home on day 3."


def test_a_suggestion_finds_its_words_although_the_text_has_moved(ward):
    page = ward.ask(WARNED)
    key = button(page, "accept", "Mr Thackeray")
    page = ward.ask(f"A long line before it.\n\n{WARNED}", accept=key)
    assert text_in(page) == f"A long line before it.\n\n{WARNED.replace('Mr Thackeray', 'The patient')}"


def test_all_suggestions_at_once(ward):
    page = ward.ask(TWO)
    assert "Use all 2 suggestions" in page.text
    page = ward.again(page, accept="all")
    assert text_in(page) == "The troponin rose. The patient was pain free."
    assert ward.again(page, do="send").status_code == 303
    assert [post.state for post in ward.posts()] == [PostState.PUBLISHED]


def test_what_is_only_warned_of_can_go_to_a_moderator_even_where_posts_appear_at_once(ward):
    page = ward.ask(WARNED)
    assert page.status_code == 400
    assert "3 places are worth changing." in page.text
    assert "Send for review" in page.text
    assert not ward.posts()
    answer = ward.again(page, do="review")
    assert answer.status_code == 303
    assert [post.state for post in ward.posts()] == [PostState.PENDING]
    assert "waits for a tutor" in ward.browser.get(answer.location).text
    queue = ward.house.browser(ward.helen, ward.course).get(f"/courses/{ward.course.public_id}/waiting").text
    assert "What may name a patient" in queue
    assert '<mark class="gr-found">Mr Thackeray<sup>\u00a01</sup></mark>' in queue
    assert "A title with a surname" in queue


def test_a_double_click_sends_once(ward):
    page = ward.ask(WARNED)
    assert {ward.again(page, do="review").status_code for _click in range(2)} == {303}
    assert len(ward.posts()) == 1


def test_why_words_are_kept_is_told_to_the_moderator_and_the_post_waits(ward):
    page = ward.ask("Ask Dr Thackeray about it.")
    key = button(page, "keep", "Dr Thackeray")
    page = ward.again(page, keep=key, **{f"why-{key}": "staff"})
    assert page.status_code == 200
    assert "You say that it is a member of staff." in page.text
    assert ward.again(page, do="send").status_code == 303
    assert ward.posts()[0].state == PostState.PENDING
    item = f"/courses/{ward.course.public_id}/waiting/{ward.posts()[0].public_id}"
    told = ward.house.browser(ward.rhys, ward.course).get(item).text
    assert "this is not a patient but a member of staff" in told


def test_a_made_up_reason_keeps_nothing(ward):
    page = ward.ask(TWO)
    number, name = button(page, "accept", NUMBER), button(page, "keep", "Mr Thackeray")
    answer = ward.again(page, keep=number, **{f"why-{number}": "staff"})
    assert "You say" not in answer.text
    answer = ward.again(page, keep=name, **{f"why-{name}": "nonsense"})
    assert "You say" not in answer.text
    assert ward.ask(STOPPED, kept=f"{number}:staff :: x:y {number}").status_code == 400
    assert not ward.posts()


def test_who_thinks_that_the_check_is_wrong_asks_a_moderator(ward):
    page = ward.ask(STOPPED)
    answer = ward.again(page, ask=button(page, "ask", NUMBER))
    assert answer.status_code == 303
    assert ward.posts()[0].state == PostState.PENDING
    queue = ward.house.browser(ward.helen, ward.course).get(f"/courses/{ward.course.public_id}/waiting").text
    assert "asks you to look" in queue


def test_asking_about_one_of_two_numbers_sends_nothing_yet(ward):
    page = ward.ask(f"{STOPPED} Telephone 01632 960983.")
    page = ward.again(page, ask=button(page, "ask", NUMBER))
    assert page.status_code == 400
    assert "You ask a moderator to look." in page.text
    assert not ward.posts()
    assert ward.again(page, accept="all").status_code == 200


@pytest.mark.parametrize(
    "pressed", [{"do": "send"}, {"do": "review"}, {"accept": "all"}, {"ask": "text-direct_care-x-0"}]
)
def test_a_request_for_care_goes_nowhere(ward, pressed):
    page = ward.ask("Please review bed 6, the blood pressure is falling.", **pressed)
    assert "Use the clinical system." in page.text
    assert "blood pressure is falling" in text_in(page)
    assert not ward.posts()


def test_a_tutor_waits_as_well_and_another_tutor_looks(ward):
    helen = ward.house.browser(ward.helen, ward.course)
    page = ward.ask(WARNED, browser=helen)
    assert ward.again(page, helen, do="review").status_code == 303
    assert ward.posts()[0].state == PostState.PENDING
    queue = f"/courses/{ward.course.public_id}/waiting"
    assert "another tutor decides" in helen.get(queue).text
    rhys = ward.house.browser(ward.rhys, ward.course)
    form = {"verb": "approve", "seen": "1"}
    assert rhys.post(f"{queue}/{ward.posts()[0].public_id}", form).status_code == 303
    assert ward.posts()[0].state == PostState.PUBLISHED


def test_checking_again_sends_nothing(ward):
    page = ward.ask(CLEAN, do="check")
    assert page.status_code == 200
    assert "The check finds nothing" in page.text
    assert not ward.posts()


def test_a_preview_and_a_draft_ask_nothing(ward):
    assert ward.ask(STOPPED, do="preview").status_code == 200
    assert ward.ask(STOPPED, do="draft").status_code == 303
    assert ward.drafts()[0].fields["text"] == STOPPED


def test_a_button_pressed_after_the_visit_has_ended_loses_nothing(ward):
    page = ward.ask(STOPPED)
    form = {"draft_place": hidden(page, "draft_place"), "accept": button(page, "accept", NUMBER)}
    changed = STOPPED.replace("rose", "rose twice")
    with time_machine.travel(clock.now() + timedelta(hours=3), tick=False):
        assert ward.ask(changed, **form).status_code == 409
        assert ward.drafts()[0].fields["text"] == changed
    assert not ward.posts()


def test_with_too_many_drafts_the_findings_are_shown_all_the_same(ward):
    with ward.house.database.within(ward.sam.trust_id).transaction() as db:
        for number in range(DRAFTS_A_PERSON):
            keep_draft(db, ward.sam.trust_id, ward.sam.id, draft_place("reply", f"{number:016}"), {"text": "x"})
    page = ward.ask(STOPPED)
    assert "An NHS number must be taken out." in page.text
    assert text_in(page) == STOPPED


def test_nothing_is_left_of_a_text_that_was_only_a_number(ward):
    page = ward.ask(NUMBER)
    page = ward.again(page, accept="all")
    assert page.status_code == 400
    assert "Write your text." in page.text
    assert text_in(page) == ""


def test_a_reply_is_checked(ward):
    question = ward.house.question(ward.helen, ward.course, ward.board)
    thread = ward.house.facts(ward.sam, ward.course, question).thread_public_id
    page = ward.browser.post(f"/threads/{thread}/reply", {"text": STOPPED})
    assert page.status_code == 400
    assert text_in(page) == STOPPED
    assert len(ward.posts()) == 1
    form = {"text": text_in(page), "once": hidden(page, "once"), "accept": "all"}
    page = ward.browser.post(f"/threads/{thread}/reply", form)
    assert text_in(page) == "The troponin rose."


def test_a_change_of_what_stands_waits_and_the_approved_version_stays(ward):
    ward.ask(CLEAN)
    post = ward.posts()[0].public_id
    form = {"title": TITLE, "text": WARNED, "seen": "1"}
    assert ward.browser.post(f"/posts/{post}/edit", form).status_code == 400
    assert ward.browser.post(f"/posts/{post}/edit", form | {"do": "review"}).status_code == 303
    thread = ward.house.facts(ward.rhys, ward.course, post).thread_public_id
    read = ward.house.browser(ward.rhys, ward.course).get(f"/threads/{thread}").text
    assert "The troponin rose over three hours" in read
    assert "Thackeray" not in read
    assert ward.house.facts(ward.rhys, ward.course, post).waits_for == "edit"


def test_three_details_together_are_pointed_out_to_the_moderator(ward):
    board = ward.house.board(ward.course, ward.helen)
    text = "A 34-year-old Somali woman, a bus driver, with chest pain."
    assert ward.browser.post(f"/boards/{board}/ask", {"title": TITLE, "text": text}).status_code == 303
    queue = ward.house.browser(ward.helen, ward.course).get(f"/courses/{ward.course.public_id}/waiting").text
    assert "Several details together may describe one person:" in queue
    assert "What may name a patient" not in queue


def test_neither_the_journal_nor_the_findings_hold_the_words(ward):
    page = ward.ask(WARNED)
    ward.again(page, do="review")
    with ward.house.database.transaction() as db:
        sent = db.scalars(select(JournalLine).where(JournalLine.verb == "post.sent")).one()
        revision = db.scalars(select(Revision)).one()
    assert sent.details == {"held_by": ["date", "titled_name"]}
    assert {"field", "kind", "level", "start", "end", "reason"} == set(revision.findings[0])
    assert "Thackeray" not in str(revision.findings)
