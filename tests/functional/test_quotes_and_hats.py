"""Quoting a reply, and in which hat a tutor speaks."""

import re
from html import unescape

import pytest

from lti_tool.access import Role
from lti_tool.boards.quoting import MOST_QUOTED, quotation, with_quotation
from tests.factories.house import House


class Ward:
    def __init__(self, house: House) -> None:
        self.house = house
        trust = house.trust()
        self.course = house.course(trust)
        self.sam = house.person(trust, "Sam Okafor", {self.course.id: Role.LEARNER})
        self.priya = house.person(trust, "Priya Nadar", {self.course.id: Role.LEARNER})
        self.helen = house.person(trust, "Dr Helen Marsh", {self.course.id: Role.TUTOR})
        self.rhys = house.person(trust, "Dr Rhys Owen", {self.course.id: Role.TUTOR})

    def at(self, who):
        return self.house.browser(who, self.course)

    def talk(self, **how):
        """A board with a question and a reply; returns the thread's address and the reply's public id."""
        board = self.house.board(self.course, self.helen, moderated=False, **how)
        question = self.house.question(self.sam, self.course, board)
        thread = f"/threads/{self.house.facts(self.sam, self.course, question).thread_public_id}"
        answer = self.at(self.priya).post(f"{thread}/reply", {"text": "It is **day** three.\n> older\n\nOr four."})
        assert answer.status_code == 303
        page = self.at(self.sam).get(thread).text
        return thread, re.search(r"reply_to=([A-Za-z0-9_-]{16})", page)[1]


@pytest.fixture
def ward(house: House) -> Ward:
    return Ward(house)


def box_in(page):
    return unescape(re.search(r"<textarea[^>]*>([^<]*)</textarea>", page)[1])


@pytest.mark.parametrize("pseudonymous", [False, True])
def test_a_quotation_links_to_the_reply_and_names_nobody(ward, pseudonymous):
    thread, reply = ward.talk(pseudonymous=pseudonymous)
    page = ward.at(ward.sam).get(f"{thread}?reply_to={reply}&quote=1").text
    box = box_in(page)
    assert box.startswith("> [A reply](")
    assert f"/go/{reply}) wrote:" in box
    assert "> It is **day** three.\n>\n> Or four." in box
    assert "older" not in box
    assert "Nadar" not in box
    assert f'name="parent" value="{reply}"' in page
    sent = ward.at(ward.sam).post(f"{thread}/reply", {"text": f"{box}I see.", "parent": reply})
    assert sent.status_code == 303
    shown = ward.at(ward.priya).get(thread).text
    assert "<blockquote>" in shown
    assert f'/go/{reply}"' in shown


def test_a_quotation_comes_after_a_draft_and_only_once(ward):
    thread, reply = ward.talk()
    browser = ward.at(ward.sam)
    place = f"reply:{thread.removeprefix('/threads/')}"
    browser.post("/drafts", {"draft_place": place, "text": "I think so too."})
    box = box_in(browser.get(f"{thread}?reply_to={reply}&quote=1").text)
    assert box.startswith("I think so too.\n\n> [A reply](")
    browser.post("/drafts", {"draft_place": place, "text": box})
    assert box_in(browser.get(f"{thread}?reply_to={reply}&quote=1").text).strip() == box.strip()


def test_what_one_may_not_read_is_not_quoted(ward):
    thread, reply = ward.talk()
    ward.at(ward.helen).post(f"/posts/{reply}/remove", {"reason": "spam"})
    assert box_in(ward.at(ward.sam).get(f"{thread}?reply_to={reply}&quote=1").text) == ""
    other, _reply = ward.talk()
    assert box_in(ward.at(ward.sam).get(f"{other}?reply_to={reply}&quote=1").text) == ""


def test_a_long_reply_is_quoted_in_part():
    quoted = quotation("word " * 1_000, "https://x.example/go/1")
    assert len(quoted) < MOST_QUOTED + 200
    assert quoted.endswith(" …\n\n")
    assert quotation("> all quoted", "https://x.example") == ""
    assert with_quotation("", "> a\n\n") == "> a\n\n"


def ask(ward, who, board, **given):
    form = {"title": "When is it too late?", "text": "The troponin rose."} | given
    return ward.at(who).post(f"/boards/{board}/ask", form, follow_redirects=True).text


def test_a_tutor_who_speaks_as_anybody_has_no_badge_and_waits(ward):
    board = ward.house.board(ward.course, ward.helen, moderated=True)
    assert "Sent. Everybody on this board can read it." in ask(ward, ward.helen, board)
    page = ask(ward, ward.helen, board, hat="self")
    assert "It waits for a tutor" in page
    assert "<span>tutor</span>" not in page
    waiting = ward.at(ward.rhys).get(f"/courses/{ward.course.public_id}/waiting").text
    assert "When is it too late?" in waiting


def test_nor_does_a_later_change_pass_the_queue(ward):
    board = ward.house.board(ward.course, ward.helen, moderated=True)
    page = ask(ward, ward.helen, board, hat="self")
    post = re.search(r"/posts/([A-Za-z0-9_-]{16})/edit", page)[1]
    form = {"title": "When is it too late?", "text": "It fell.", "seen": "1"}
    edited = ward.at(ward.helen).post(f"/posts/{post}/edit", form, follow_redirects=True).text
    assert "It waits for a tutor" in edited


def test_only_a_tutor_on_a_named_board_is_asked(ward):
    named = ward.house.board(ward.course, ward.helen, moderated=False)
    hidden = ward.house.board(ward.course, ward.helen, moderated=False, pseudonymous=True)
    assert 'name="hat"' in ward.at(ward.helen).get(f"/boards/{named}/ask").text
    assert 'name="hat"' not in ward.at(ward.helen).get(f"/boards/{hidden}/ask").text
    assert 'name="hat"' not in ward.at(ward.sam).get(f"/boards/{named}/ask").text
    assert "tutor</span>" not in ask(ward, ward.sam, named, hat="")
