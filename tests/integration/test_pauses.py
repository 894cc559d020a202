"""Somebody writes nothing on one board until a day, is told why where they would write, and reads everything."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from lti_tool.boards import find_board
from lti_tool.boards.models import BoardPause
from lti_tool.core import clock
from lti_tool.core.ids import new_public_id
from lti_tool.journal import JournalLine
from tests.factories.house import tomorrow
from tests.factories.ward import Ward

pytestmark = pytest.mark.sql

REASON = "Please answer without sarcasm; I am glad to talk about it."


@pytest.fixture(params=[False, True], ids=["named", "pseudonymous"])
def ward(house, request: pytest.FixtureRequest) -> Ward:
    return Ward(house, request.param)


def pause(ward: Ward, post: str, who=None, until=None, reason: str = REASON):
    given = {"reason": reason, "until": (until or tomorrow()).isoformat()}
    return ward.browser(who or ward.helen).post(f"/posts/{post}/pause", given)


def ask(ward: Ward, who, board: str | None = None):
    given = {"title": "May I?", "text": "Only a question.", "once": new_public_id()}
    return ward.browser(who).post(f"/boards/{board or ward.board}/ask", given)


def test_they_read_why_and_until_when_in_place_of_the_box(ward):
    post = ward.published()
    assert pause(ward, post).status_code == 303
    ward.work()
    browser = ward.browser(ward.sam)
    for path in (f"/boards/{ward.board}", f"/threads/{ward.thread(post)}"):
        page = browser.get(path).text
        assert REASON in page
        assert "You are paused on this board until" in page
        assert "<textarea" not in page
        assert "ban" not in page.lower().replace("banner", "").split()
    assert ward.told(ward.sam)[0] == "You are paused on a board: see until when, and why"


def test_nothing_that_they_send_is_published_or_lost(ward):
    post = ward.published()
    pause(ward, post)
    browser = ward.browser(ward.sam)
    asked = ask(ward, ward.sam)
    assert asked.status_code == 403
    assert REASON in asked.text
    answered = browser.post(f"/threads/{ward.thread(post)}/reply", {"text": "Another word.", "once": new_public_id()})
    assert answered.status_code == 403
    edited = browser.post(f"/posts/{post}/edit", {"title": "T", "text": "A third.", "seen": "1"})
    assert edited.status_code == 403
    drafts = browser.get(f"{ward.home}/drafts").text
    for words in ("Only a question.", "Another word.", "A third."):
        assert words in drafts


def test_others_write_on_and_they_write_elsewhere(ward):
    other = ward.house.board(ward.course, ward.helen, title="Another board")
    pause(ward, ward.published())
    assert ask(ward, ward.priya).status_code == 303
    assert ask(ward, ward.sam, other).status_code == 303


def test_it_ends_by_itself(ward):
    pause(ward, ward.published())
    with time_machine.travel(clock.now() + timedelta(days=2, hours=1)):
        assert ask(ward, ward.sam).status_code == 303
        assert "Nobody is paused" in ward.browser(ward.helen).get(f"{ward.home}/pauses").text


def test_it_is_lifted_early_and_they_are_told(ward):
    pause(ward, ward.published())
    with ward.inside.reading() as db:
        found = db.scalars(select(BoardPause.public_id)).one()
    helen = ward.browser(ward.helen)
    assert REASON in helen.get(f"{ward.home}/pauses").text
    for _time in range(2):
        assert helen.post(f"{ward.home}/pauses/{found}/lift").status_code == 303
    ward.work()
    assert ward.told(ward.sam)[0] == "Your pause on a board has ended: you can write there again"
    assert ask(ward, ward.sam).status_code == 303
    with ward.inside.reading() as db:
        verbs = db.scalars(select(JournalLine.verb).where(JournalLine.verb.like("%pause%")).order_by(JournalLine.id))
        assert list(verbs) == ["author.paused", "pause.lifted"]


def test_sent_twice_it_is_one_and_another_one_waits(ward):
    post = ward.published()
    for _time in range(2):
        assert pause(ward, post).status_code == 303
    assert pause(ward, post, reason="And another thing.").status_code == 409
    with ward.inside.reading() as db:
        assert len(db.scalars(select(BoardPause)).all()) == 1


@pytest.mark.parametrize(("until", "reason"), [(-1, "x"), (400, "x"), (1, ""), (1, "x" * 600)])
def test_it_has_an_end_and_a_reason(ward, until, reason):
    day = tomorrow() + timedelta(days=until - 1)
    answer = pause(ward, ward.published(), until=day, reason=reason)
    assert answer.status_code == 400
    assert "There is a problem" in answer.text or "Nobody is paused yet" in answer.text


def test_nobody_pauses_themselves_and_no_learner_anybody(ward):
    post = ward.published(who=ward.priya)
    assert pause(ward, post, ward.sam).status_code == 403
    mine = ward.house.question(ward.rhys, ward.course, ward.board)
    assert pause(ward, mine, ward.rhys).status_code == 403


def test_on_a_board_with_hidden_names_nobody_learns_who(house):
    ward = Ward(house, pseudonymous=True)
    post = ward.published()
    pause(ward, post)
    with ward.inside.reading() as db:
        row = db.scalars(select(BoardPause)).one()
        assert (row.person_id, len(row.author_tag)) == (None, 16)
    for path in (f"{ward.home}/pauses", f"/posts/{post}/moderate", f"/threads/{ward.thread(post)}"):
        assert "Okafor" not in ward.browser(ward.helen).get(path).text
    with ward.inside.transaction() as db:
        lines = db.scalars(select(JournalLine).where(JournalLine.verb == "author.paused")).one()
        assert "Okafor" not in f"{lines.actor} {lines.subject} {lines.details}"
        assert ward.sam.public_id not in f"{lines.actor} {lines.subject} {lines.details}"
        assert find_board(db, ward.house.actor(db, ward.priya, ward.course), ward.board).pause is None
