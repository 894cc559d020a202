"""What is wrong is corrected above it, and everybody who read it is told."""

import pytest
from sqlalchemy import select

from lti_tool.boards.models import Correction
from lti_tool.core.ids import new_public_id
from lti_tool.moderation import ReportDraft, Verb, remove
from tests.factories.ward import Ward

pytestmark = pytest.mark.sql

RIGHT = "The dose was **15 mg** once a day. See the trial's table 1."
TOLD = "An answer you read was corrected: see what is right"


@pytest.fixture(params=[False, True], ids=["named", "pseudonymous"])
def ward(house, request: pytest.FixtureRequest) -> Ward:
    return Ward(house, request.param)


def correct(ward: Ward, post: str, words: str = RIGHT, once: str = "", **given: str):
    given = {"text": words, "once": once or new_public_id()} | given
    return ward.browser(ward.helen).post(f"/posts/{post}/correct", given)


def test_it_stands_above_the_post_and_on_the_boards_line(ward):
    question = ward.published()
    post = ward.answer(ward.priya, question, "The dose was 10 mg for everybody.")
    assert correct(ward, post).status_code == 303
    thread = ward.browser(ward.sam).get(f"/threads/{ward.thread(question)}").text
    assert thread.count("gr-correction") == 1
    assert thread.index("<strong>15 mg</strong>") < thread.index("10 mg for everybody")
    assert ("Corrected by Dr Helen Marsh" in thread) != ("Corrected by a tutor" in thread)
    assert ("Helen" in thread) == ("Corrected by Dr Helen Marsh" in thread)
    assert ">Corrected<" in ward.browser(ward.sam).get(f"/boards/{ward.board}").text


def test_whoever_read_it_is_told_once_and_nobody_else(ward):
    question = ward.published()
    post = ward.answer(ward.priya, question, "The dose was 10 mg for everybody.")
    once = new_public_id()
    for _time in range(2):
        assert correct(ward, post, once=once).status_code == 303
    ward.work()
    ward.work()
    assert ward.told(ward.sam).count(TOLD) == 1
    assert ward.told(ward.priya).count(TOLD) == 1
    assert TOLD not in ward.told(ward.helen)
    assert TOLD not in ward.told(ward.learner("Tom"))
    with ward.inside.reading() as db:
        assert len(db.scalars(select(Correction)).all()) == 1


def test_who_only_read_it_is_told_too(ward):
    question = ward.published()
    post = ward.answer(ward.priya, question, "The dose was 10 mg for everybody.")
    tom, amy = ward.learner("Tom"), ward.learner("Amy")
    assert ward.browser(tom).get(f"/threads/{ward.thread(question)}").status_code == 200
    correct(ward, post)
    ward.work()
    assert ward.told(tom).count(TOLD) == 1
    assert TOLD not in ward.told(amy)


def test_what_was_removed_as_unsafe_can_be_corrected_and_nothing_else_that_was_removed(ward):
    question = ward.published()
    for reason, status in (("unsafe", 303), ("unkind", 409)):
        post = ward.answer(ward.priya, question, "Give 100 mg.")
        facts = ward.facts(ward.helen, post)
        with ward.inside.transaction() as db:
            remove(db, ward.house.actor(db, ward.helen, ward.course), facts, ReportDraft(reason, ""))
        assert correct(ward, post).status_code == status
    thread = ward.browser(ward.sam).get(f"/threads/{ward.thread(question)}").text
    assert "100 mg" not in thread
    assert thread.index("15 mg") < thread.index("Removed by a moderator")


def test_it_passes_the_same_check_as_every_text(ward):
    post = ward.published()
    stopped = correct(ward, post, "His NHS number is 943 476 5919.", looked="yes")
    assert stopped.status_code == 400
    assert "943 476 5919" in stopped.text
    warned = correct(ward, post, "As Mr Thackeray was told on 14 November, stop it after a year.")
    assert warned.status_code == 400
    assert "Thackeray" in warned.text
    assert correct(ward, post, "As Mr Thackeray was told, stop it after a year.", looked="yes").status_code == 303
    assert correct(ward, post, "<script>alert(1)</script> 5 mg.").status_code == 303
    assert "<script>alert" not in ward.browser(ward.sam).get(f"/threads/{ward.thread(post)}").text


def test_only_who_moderates_corrects(ward):
    post = ward.published()
    assert ward.browser(ward.priya).post(f"/posts/{post}/correct", {"text": RIGHT}).status_code == 403
    waits = ward.ask()
    assert correct(ward, waits).status_code == 403
    ward.decide(waits, Verb.REJECT, "topic")
    assert correct(ward, waits).status_code in (403, 404)
