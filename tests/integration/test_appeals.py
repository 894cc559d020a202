"""An author asks once that somebody looks again who did not decide; the answer is a decision like any other."""

import re

import pytest
from sqlalchemy import select

from lti_tool.access import Duty, Role
from lti_tool.boards.models import Post
from lti_tool.moderation import Decision, Verb
from lti_tool.moderation.duty_models import Appeal
from lti_tool.people import Enrolment
from tests.factories.ward import Ward

pytestmark = pytest.mark.sql

NOTE = "It is about the heart: the question is when to stop."


@pytest.fixture(params=[False, True], ids=["named", "pseudonymous"])
def ward(house, request: pytest.FixtureRequest) -> Ward:
    return Ward(house, request.param)


def refused(ward: Ward, verb: Verb = Verb.REJECT) -> str:
    """A post of Sam's that Helen has refused."""
    post = ward.published() if verb == Verb.REMOVE else ward.ask()
    if verb == Verb.REMOVE:
        ward.report(ward.priya, post, "patient")
    ward.decide(post, verb, "topic", "Ask elsewhere.")
    return post


def appeal(ward: Ward, post: str, who=None):
    return ward.browser(who or ward.sam).post(f"/posts/{post}/appeal", {"note": NOTE})


def waiting(ward: Ward, who) -> list[str]:
    """The appeals on somebody's list of what waits."""
    page = ward.browser(who).get(f"{ward.home}/waiting").text
    return sorted(set(re.findall(r"/appeals/(\w{16})", page)))


def answer(ward: Ward, who, appeal_id: str, outcome: str, **given: str):
    given = {"outcome": outcome, "answer": "I have read it again."} | given
    return ward.browser(who).post(f"{ward.home}/appeals/{appeal_id}", given)


def test_it_goes_to_the_other_tutor_and_never_to_who_decided(ward):
    post = refused(ward)
    assert appeal(ward, post).status_code == 303
    assert waiting(ward, ward.helen) == []
    [found] = waiting(ward, ward.rhys)
    page = ward.browser(ward.rhys).get(f"{ward.home}/appeals/{found}").text
    assert NOTE in page
    assert "After a stent" in page
    assert "Helen" not in re.sub(r"(?s)<header.*?</header>", "", page)
    assert ward.browser(ward.helen).get(f"{ward.home}/appeals/{found}").status_code == 403
    assert answer(ward, ward.helen, found, "overturn").status_code == 403


@pytest.mark.parametrize("verb", [Verb.REJECT, Verb.RETURN, Verb.REMOVE])
def test_a_changed_decision_publishes_the_post_and_tells_its_author(ward, verb):
    post = refused(ward, verb)
    appeal(ward, post)
    [found] = waiting(ward, ward.rhys)
    assert answer(ward, ward.rhys, found, "overturn").status_code == 303
    ward.work()
    thread = ward.browser(ward.priya).get(f"/threads/{ward.thread(post)}")
    assert "After a stent" in thread.text
    told = "Your appeal was looked at: the decision was changed, and your post is published"
    assert told in ward.told(ward.sam)
    assert "I have read it again." in ward.browser(ward.sam).get(f"/posts/{post}/appeal").text
    assert waiting(ward, ward.rhys) == []


def test_a_decision_that_stands_tells_its_author_why(ward):
    post = refused(ward)
    appeal(ward, post)
    [found] = waiting(ward, ward.rhys)
    answer(ward, ward.rhys, found, "uphold")
    ward.work()
    assert ward.told(ward.sam)[0] == "Your appeal was looked at: the decision stands. See why"
    assert ward.facts(ward.sam, post).state == "rejected"
    with ward.inside.reading() as db:
        made = [one.verb for one in db.scalars(select(Decision).order_by(Decision.id))]
    assert made == ["reject", "uphold"]
    assert "the decision stands" in ward.browser(ward.priya).get(f"{ward.home}/log").text


def test_it_is_made_once(ward):
    post = refused(ward)
    for _time in range(2):
        assert appeal(ward, post).status_code == 303
    [found] = waiting(ward, ward.rhys)
    answer(ward, ward.rhys, found, "uphold")
    assert appeal(ward, post).status_code == 303
    assert waiting(ward, ward.rhys) == []
    with ward.inside.reading() as db:
        assert len(db.scalars(select(Appeal)).all()) == 1


def test_it_is_answered_once(ward):
    appeal(ward, refused(ward))
    [found] = waiting(ward, ward.rhys)
    assert answer(ward, ward.rhys, found, "uphold").status_code == 303
    late = answer(ward, ward.rhys, found, "overturn")
    assert late.status_code == 409
    assert "Somebody has answered this appeal already" in late.text


def test_where_one_tutor_decides_alone_the_education_administrator_looks(house):
    ward = Ward(house)
    ed = ward.person("Ed", Duty.EDUCATION_ADMINISTRATOR)
    with ward.inside.transaction() as db:
        db.get_one(Enrolment, (ward.rhys.id, ward.course.id)).role = Role.LEARNER
    post = refused(ward)
    appeal(ward, post)
    ward.work()
    assert ward.told(ed) == ["An author appeals, and there is no other moderator"]
    page = ward.browser(ed).get(f"{ward.home}/duties").text
    [found] = set(re.findall(r"/appeals/(\w{16})", page))
    assert answer(ward, ed, found, "overturn").status_code == 303
    assert ward.facts(ward.priya, post).state == "published"


def test_what_its_author_has_sent_again_meanwhile_is_not_put_back(ward):
    post = refused(ward, Verb.RETURN)
    appeal(ward, post)
    ward.edit(ward.sam, post, "I have written it anew.")
    [found] = waiting(ward, ward.rhys)
    assert answer(ward, ward.rhys, found, "overturn").status_code == 409
    assert answer(ward, ward.rhys, found, "uphold").status_code == 303


def test_nobody_appeals_for_another_or_against_nothing(ward):
    post = refused(ward, Verb.REMOVE)
    assert ward.browser(ward.priya).get(f"/posts/{post}/appeal").status_code in (403, 404)
    assert appeal(ward, post, ward.priya).status_code in (403, 404)
    assert appeal(ward, ward.published()).status_code == 403


def test_what_was_typed_comes_back(ward):
    post = refused(ward)
    browser = ward.browser(ward.sam)
    wrong = browser.post(f"/posts/{post}/appeal", {"note": "His NHS number is 943 476 5919."})
    assert wrong.status_code == 400
    assert "943 476 5919" in wrong.text
    assert browser.post(f"/posts/{post}/appeal", {"note": " "}).status_code == 400


def test_no_row_ties_a_hidden_author_to_the_appeal(house):
    ward = Ward(house, pseudonymous=True)
    appeal(ward, refused(ward))
    with ward.inside.reading() as db:
        row = db.scalars(select(Appeal)).one()
    assert ward.sam.id not in [
        getattr(row, column.name) for column in Appeal.__table__.columns if "person" in column.name
    ]
    assert "Sam" not in ward.browser(ward.rhys).get(f"{ward.home}/appeals/{row.public_id}").text
    assert "Sam" not in ward.browser(ward.sam).get(f"/posts/{ward.facts(ward.sam, _post(ward)).public_id}/appeal").text


def _post(ward: Ward) -> str:
    with ward.inside.reading() as db:
        return db.scalars(select(Post.public_id)).one()
