"""What becomes of a post that was changed: a mark, its earlier versions, and who may read them."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from lti_tool.access import Role
from lti_tool.core import clock
from lti_tool.journal.models import JournalLine
from lti_tool.texts import Revision, Text, purge_revisions
from tests.factories.house import House

FIRST = "The troponin rose over three hours."
SECOND = "The troponin fell over three hours."


class Ward:
    def __init__(self, house: House) -> None:
        self.house = house
        trust = house.trust()
        self.course = house.course(trust)
        self.sam = house.person(trust, "Sam Okafor", {self.course.id: Role.LEARNER})
        self.priya = house.person(trust, "Priya Nadar", {self.course.id: Role.LEARNER})
        self.helen = house.person(trust, "Dr Helen Marsh", {self.course.id: Role.TUTOR})

    def at(self, who):
        return self.house.browser(who, self.course)

    def board(self, **how):
        return self.house.board(self.course, self.helen, **how)

    def asked(self, board):
        return self.house.question(self.sam, self.course, board, "When is it too late?", FIRST)

    def edit(self, post, text=SECOND, seen=1):
        form = {"title": "When is it too late?", "text": text, "seen": str(seen)}
        answer = self.at(self.sam).post(f"/posts/{post}/edit", form)
        assert answer.status_code == 303, answer.text[-500:]

    def thread(self, post, who):
        return self.at(who).get(f"/threads/{self.house.facts(self.sam, self.course, post).thread_public_id}").text

    def purge(self, post, before):
        facts = self.house.facts(self.sam, self.course, post)
        with self.house.database.transaction() as db:
            text = db.get_one(Text, facts.text_id)
            purge_revisions(db, text, before=before, actor=self.helen.public_id, subject=f"post:{post}")


@pytest.fixture
def ward(house: House) -> Ward:
    return Ward(house)


def test_an_early_change_on_an_open_board_leaves_no_mark(ward):
    post = ward.asked(ward.board(moderated=False))
    ward.edit(post)
    page = ward.thread(post, ward.priya)
    assert "troponin fell" in page
    assert "<span>edited " not in page


def test_a_later_change_says_so(ward):
    post = ward.asked(ward.board(moderated=False))
    with time_machine.travel(clock.now() + timedelta(minutes=11)):
        ward.edit(post)
        assert "<span>edited <time" in ward.thread(post, ward.priya)


def test_where_a_tutor_looks_every_change_says_so(ward):
    post = ward.asked(ward.board(moderated=True))
    ward.at(ward.helen).post(f"/courses/{ward.course.public_id}/waiting/{post}", {"verb": "approve", "seen": "1"})
    ward.edit(post)
    assert "troponin rose" in ward.thread(post, ward.priya)
    assert "<span>edited " not in ward.thread(post, ward.priya)
    ward.at(ward.helen).post(f"/courses/{ward.course.public_id}/waiting/{post}", {"verb": "approve", "seen": "2"})
    page = ward.thread(post, ward.priya)
    assert "troponin fell" in page
    assert "<span>edited <time" in page


def test_the_author_and_a_moderator_read_what_changed(ward):
    post = ward.asked(ward.board(moderated=False))
    ward.edit(post)
    address = f"/posts/{post}/versions"
    for who in (ward.sam, ward.helen):
        assert f'href="{address}"' in ward.thread(post, who)
        page = ward.at(who).get(address).text
        assert "Version 2 of 2" in page
        assert "rose<span" in page
        assert "fell<span" in page
        assert FIRST in ward.at(who).get(f"{address}?version=1").text


def test_nobody_else_does(ward):
    post = ward.asked(ward.board(moderated=False))
    ward.edit(post)
    assert "/versions" not in ward.thread(post, ward.priya)
    assert ward.at(ward.priya).get(f"/posts/{post}/versions").status_code == 403
    assert ward.at(ward.priya).get(f"/posts/{post}/versions?version=1").status_code == 403


@pytest.mark.parametrize("version", ["0", "3", "-1", "x", "²", "99999999999"])
def test_a_version_that_is_none_is_not_found(ward, version):
    post = ward.asked(ward.board(moderated=False))
    ward.edit(post)
    assert ward.at(ward.sam).get(f"/posts/{post}/versions?version={version}").status_code == 404


def test_on_a_board_without_names_the_page_names_nobody(ward):
    post = ward.asked(ward.board(moderated=False, pseudonymous=True))
    ward.edit(post)
    page = ward.at(ward.helen).get(f"/posts/{post}/versions").text
    assert "Okafor" not in page
    assert ward.sam.public_id not in page


def test_a_purge_empties_what_was_and_leaves_a_proof(ward):
    post = ward.asked(ward.board(moderated=False))
    ward.edit(post)
    ward.purge(post, before=2)
    with ward.house.database.transaction() as db:
        old, new = db.scalars(select(Revision).order_by(Revision.number))
        assert (old.source, old.title, str(old.html), old.findings) == ("", "", "", [])
        assert new.source == SECOND
        line = db.scalars(select(JournalLine).where(JournalLine.verb == "text.purged")).one()
        assert list(line.details["versions"]) == ["1"]
        assert len(line.details["versions"]["1"]) == 32
    for address in (f"/posts/{post}/versions", f"/posts/{post}/versions?version=1"):
        page = ward.at(ward.helen).get(address).text
        assert "rose" not in page
    assert "was taken out for good" in page
    assert SECOND in ward.thread(post, ward.priya)


def test_a_second_purge_changes_nothing(ward):
    post = ward.asked(ward.board(moderated=False))
    ward.edit(post)
    ward.purge(post, before=2)
    ward.purge(post, before=2)
    with ward.house.database.transaction() as db:
        assert len(db.scalars(select(JournalLine).where(JournalLine.verb == "text.purged")).all()) == 1
