"""Before somebody has committed an answer, no byte of how a case ends reaches their browser, on any page.

The walk opens every GET address of the app, with everything that its parts could name, as a learner who has not
answered. A new route is walked without a line here.
"""

import re
from itertools import product

import pytest
from sqlalchemy import update

from lti_tool.access import Duty, Role
from lti_tool.boards import Board, Post, Thread, get_post_facts, reply
from lti_tool.cases.models import Case
from lti_tool.core.ids import new_public_id
from lti_tool.moderation import DecisionDraft, Verb, decide
from lti_tool.texts import prepare
from tests.factories.cases import Room
from tests.factories.house import Browser, House

SECRETS = {
    "ending": {"text": "Explanationmarker: calcium went in.", "note": "Learningmarker.\nSecondlearningmarker."},
    "consent": {"note": "Consentmarker: in the notes."},
}
WORDS = (
    "Explanationmarker",
    "Learningmarker",
    "Secondlearningmarker",
    "Discussionmarker",
    "Consentmarker",
    "Notemarker",
)
QUERIES = ({}, {"show": "mine"}, {"show": "new"}, {"show": "unanswered"}, {"speciality": "cardiology"})


class Ward:
    """Two courses of a trust with cases in every state, a discussion, and Mina, who has answered none of them."""

    def __init__(self, house: House) -> None:
        self.house = house
        trust = house.trust()
        self.course, self.other = house.course(trust), house.course(trust, "F1 Medicine")
        here, there = self.course.id, self.other.id
        self.sam = house.person(trust, "Sam Okafor", {here: Role.LEARNER, there: Role.LEARNER})
        self.priya = house.person(trust, "Priya Nadar", {here: Role.LEARNER})
        self.mina = house.person(trust, "Mina Farrow", {here: Role.LEARNER, there: Role.LEARNER})
        self.helen = house.person(trust, "Dr Helen Marsh", {here: Role.TUTOR, there: Role.TUTOR})
        self.ruth = house.person(trust, "Ruth Calder", {there: Role.READER}, Duty.EDUCATION_ADMINISTRATOR)
        self.room = Room(house, self.course)
        self.board = house.board(self.course, self.helen)
        self.case = self.room.publish(self.sam, self.helen, **SECRETS)
        self.free = self.room.publish(self.sam, self.helen, **SECRETS, question={"text": ""})
        self.wide = Room(house, self.other).publish(self.sam, self.helen, **SECRETS)
        Room(house, self.other).widen(self.helen, self.wide)
        self.others = [self.case, self.free, self.wide, *self._unpublished()]
        self.room.commit(self.priya, self.case)
        self.discuss(self.priya, self.case, "Discussionmarker: I gave it twice.")

    def _unpublished(self) -> list[str]:
        """A draft, one in review, one returned, one rejected, one withdrawn, one without consent any more."""
        made = []
        for _each in range(6):
            made.append(self.room.begin(self.sam))
            self.room.write(self.sam, made[-1], **SECRETS)
        _draft, pending, returned, rejected, withdrawn, ended = made
        for case in (pending, returned, rejected, withdrawn, ended):
            self.room.send(self.sam, case)
        self.room.review(self.helen, returned, verb="return", note="Notemarker")
        self.room.review(self.helen, rejected, verb="reject", reason="unsafe", note="Notemarker")
        self.room.review(self.helen, ended)
        self.room.withdraw(self.sam, withdrawn)
        self.room.end_consent(self.helen, ended)
        return made

    def opening(self, case: str) -> str:
        return str(self.room.facts(self.sam, case).opening_public_id)

    def discuss(self, who, case: str, words: str) -> str:
        """A reply beneath the case, approved."""
        opening = self.opening(case)
        with self.house.database.transaction() as db:
            actor = self.house.actor(db, who, self.course)
            question = get_post_facts(db, actor, opening)
            post = reply(db, actor, question, None, prepare(words), new_public_id()).public_id
        with self.house.database.transaction() as db:
            actor = self.house.actor(db, self.helen, self.course)
            facts = get_post_facts(db, actor, post)
            decide(db, actor, facts, DecisionDraft(Verb.APPROVE, facts.latest))
        return post

    def ids(self) -> dict[str, list[str]]:
        """What each part of an address could name."""
        with self.house.database.reading() as db:
            named = {
                "course_id": [self.course.public_id, self.other.public_id],
                "board_id": [row[0] for row in db.query(Board.public_id)],
                "thread_id": [row[0] for row in db.query(Thread.public_id)],
                "post_id": [row[0] for row in db.query(Post.public_id)],
                "case_id": [row[0] for row in db.query(Case.public_id)],
            }
        return named

    def addresses(self) -> list[str]:
        """Every GET address of the app."""
        named, found = self.ids(), []
        anything = sorted({one for ids in named.values() for one in ids})
        adapter = self.house.app.url_map.bind("localhost")
        for rule in self.house.app.url_map.iter_rules():
            if "GET" not in rule.methods:
                continue
            parts = sorted(rule.arguments)
            for values in product(*(named.get(part, anything) for part in parts)):
                found.append(adapter.build(rule.endpoint, dict(zip(parts, values, strict=True)), method="GET"))
        return found


@pytest.fixture
def ward(house: House) -> Ward:
    ward = Ward(house)
    house.work()
    return ward


def everything(answer) -> str:
    return "\n".join([*(f"{key}: {value}" for key, value in answer.headers), answer.get_data(as_text=True)])


def leaks(browser: Browser, addresses: list[str]) -> list[tuple[str, str]]:
    found = []
    for address in addresses:
        answer = browser.get(address)
        assert answer.status_code < 500, address
        said = everything(answer)
        found += [(address, word) for word in WORDS if word in said]
    return found


def test_nobody_reads_the_end_before_they_commit(ward):
    """Mina in her course, with every filter; she sees the case and its question, so the walk is not of empty pages."""
    mina = ward.house.browser(ward.mina, ward.course)
    page = mina.get(f"/courses/{ward.course.public_id}/cases/{ward.case}").get_data(as_text=True)
    assert "What do you give first?" in page
    assert "Commit answer" in page
    addresses = ward.addresses()
    assert len(addresses) > 150
    lists = [one for one in addresses if one.endswith(("/cases", "/boards", "/inbox"))]
    queries = [f"{one}?{key}={value}" for one in lists for query in QUERIES for key, value in query.items()]
    threads = [f"/threads/{thread}?reply_to={post}" for thread, post in product(*named(ward))]
    assert leaks(mina, addresses + queries + threads) == []


def named(ward):
    ids = ward.ids()
    return ids["thread_id"], ids["post_id"]


def test_forms_give_nothing_away_either(ward):
    mina = ward.house.browser(ward.mina, ward.course)
    here = f"/courses/{ward.course.public_id}/cases/{ward.case}"
    thread = ward.room.facts(ward.sam, ward.case).thread_public_id
    tries = (
        (f"{here}/commit", {}),
        (f"{here}/commit", {"answer": "7"}),
        (f"{here}/commit", {"answer": "-1"}),
        (f"/threads/{thread}/reply", {"text": "Is it calcium?", "do": "send"}),
        (f"/threads/{thread}/reply", {"text": "Is it calcium?", "do": "preview"}),
        (f"/cases/{ward.case}/review", {"verb": "tick", "seen": "1", "clinical": "yes"}),
        (f"/cases/{ward.case}/story", {"title": "Mine"}),
        (f"/posts/{ward.opening(ward.case)}/report", {"reason": ""}),
    )
    for path, form in tries:
        answer = mina.post(path, form)
        assert answer.status_code in (200, 400, 403, 404, 409), path
        assert not [word for word in WORDS if word in everything(answer)], path
    assert ward.room.facts(ward.mina, ward.case).answered_at is None


def test_the_page_does_not_tell_which_option_is_best(ward):
    """The same page, byte for byte, whichever option is best and however certain its author is."""
    mina = ward.house.browser(ward.mina, ward.course)
    pages = set()
    for best, certainty in ((0, "possible"), (1, "certain"), (2, "probable")):
        with ward.house.database.transaction() as db:
            db.execute(update(Case).where(Case.public_id == ward.case).values(best=best, certainty=certainty))
        page = mina.get(f"/courses/{ward.course.public_id}/cases/{ward.case}").get_data(as_text=True)
        pages.add(re.sub(r'name="csrf_token" value="[^"]*"', "", page))
    assert len(pages) == 1
    assert "Best answer" not in pages.pop()


def test_who_may_read_the_end_does(ward):
    """The author, the course's tutor, and who has committed: else the tests above would pass on an empty house."""
    thread = ward.room.facts(ward.sam, ward.case).thread_public_id
    for who in (ward.sam, ward.helen, ward.priya):
        browser = ward.house.browser(who, ward.course)
        page = browser.get(f"/courses/{ward.course.public_id}/cases/{ward.case}").get_data(as_text=True)
        assert [word for word in WORDS[:3] if word not in page] == [], who.name
        assert "Best answer" in page
        assert "Discussionmarker" in browser.get(f"/threads/{thread}").get_data(as_text=True), who.name
    ruth = ward.house.browser(ward.ruth, ward.course)
    assert "Explanationmarker" in ruth.get(f"/courses/{ward.course.public_id}/cases/{ward.case}").get_data(as_text=True)
    mina = ward.house.browser(ward.mina, ward.course)
    assert mina.post(f"/courses/{ward.course.public_id}/cases/{ward.case}/commit", {"answer": "0"}).status_code == 303
    page = mina.get(f"/courses/{ward.course.public_id}/cases/{ward.case}").get_data(as_text=True)
    assert "Explanationmarker" in page
    assert "Discussionmarker" in mina.get(f"/threads/{thread}").get_data(as_text=True)


def test_where_consent_is_kept_is_for_author_and_reviewers_only(ward):
    """Also for somebody who has committed an answer."""
    page = ward.house.browser(ward.priya, ward.course).get(f"/courses/{ward.course.public_id}/cases/{ward.case}")
    assert "Consentmarker" not in page.get_data(as_text=True)
