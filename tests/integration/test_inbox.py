"""Who is told what, when, and that nothing in the inbox's rows or pages names an author who wrote under an alias."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from lti_tool.access import Role
from lti_tool.boards import author_of, get_post_facts, reply, story_of
from lti_tool.boards.actions import withdraw_post
from lti_tool.core import clock
from lti_tool.core.errors import Invalid
from lti_tool.core.ids import new_public_id
from lti_tool.journal import undone_deliveries
from lti_tool.moderation.actions import decide, remove, report_post
from lti_tool.moderation.forms import DecisionDraft, ReportDraft
from lti_tool.moderation.rules import Verb
from lti_tool.notifications.actions import mark_read_up_to, mark_thread_read, tell
from lti_tool.notifications.jobs import tidy_inbox
from lti_tool.notifications.models import InboxEntry
from lti_tool.notifications.queries import has_unread_of_thread, page_of_entries, unread_count
from lti_tool.notifications.rules import KEEP_FOR, MOST_COUNTED, About, Kind
from lti_tool.texts import prepare
from tests.factories.house import House

pytestmark = pytest.mark.sql

TITLE = "When to stop clopidogrel?"


class Ward:
    """A course with two trainees and two tutors, and a board that a tutor reads first."""

    def __init__(self, house: House, pseudonymous: bool = False) -> None:
        self.house = house
        trust = house.trust()
        self.inside = house.database.within(trust.id)
        self.course = house.course(trust)
        self.sam = house.person(trust, "Sam Okafor", {self.course.id: Role.LEARNER})
        self.priya = house.person(trust, "Priya Nadar", {self.course.id: Role.LEARNER})
        self.helen = house.person(trust, "Dr Helen Marsh", {self.course.id: Role.TUTOR})
        self.board = house.board(self.course, self.helen, pseudonymous=pseudonymous)

    def ask(self) -> str:
        return self.house.question(self.sam, self.course, self.board, TITLE, "After a stent, the patient asks.")

    def decide(self, post: str, verb: Verb, reason: str = "", note: str = "") -> None:
        with self.house.database.transaction() as db:
            actor = self.house.actor(db, self.helen, self.course)
            facts = get_post_facts(db, actor, post)
            decide(db, actor, facts, DecisionDraft(verb, facts.latest, reason, note))

    def reply(self, person, question: str, parent: str | None = None) -> str:
        with self.house.database.transaction() as db:
            actor = self.house.actor(db, person, self.course)
            answered = get_post_facts(db, actor, parent) if parent else None
            asked = get_post_facts(db, actor, question)
            return reply(db, actor, asked, answered, prepare("Because of the stent."), new_public_id()).public_id

    def work(self, later: timedelta = timedelta(seconds=11)) -> None:
        """Let the worker work, and see that nothing has failed."""
        self.house.work(later)
        with self.house.database.reading() as db:
            assert not [undone for undone in undone_deliveries(db) if undone.oldest_due_at < clock.now()]

    def told(self, person) -> list[str]:
        with self.house.database.transaction() as db:
            return [entry.sentence for entry in page_of_entries(db, self.house.actor(db, person, self.course)).rows]

    def unread(self, person) -> int:
        with self.house.database.transaction() as db:
            return db.scalar(select(unread_count(self.house.actor(db, person, self.course)))) or 0


@pytest.fixture(params=[False, True], ids=["named", "pseudonymous"])
def ward(house: House, request: pytest.FixtureRequest) -> Ward:
    return Ward(house, request.param)


def test_the_author_is_told_ten_seconds_after_the_decision(ward):
    post = ward.ask()
    ward.decide(post, Verb.APPROVE)
    ward.work(timedelta(seconds=9))
    assert ward.told(ward.sam) == []
    ward.work()
    ward.work()
    assert ward.told(ward.sam) == ["Your question was approved"]
    assert ward.told(ward.priya) == ward.told(ward.helen) == []


@pytest.mark.parametrize(
    ("verb", "words"),
    [
        (Verb.RETURN, "Your question was returned with a note: see what to change"),
        (Verb.REJECT, "Your question was rejected: see why"),
    ],
)
def test_each_decision_has_its_words(ward, verb, words):
    ward.decide(ward.ask(), verb, "topic", "Take the name out.")
    ward.work()
    assert ward.told(ward.sam) == [words]


def test_a_report_hides_then_the_moderator_lets_it_stay(ward):
    post = ward.ask()
    ward.decide(post, Verb.APPROVE)
    ward.work()
    with ward.house.database.transaction() as db:
        actor = ward.house.actor(db, ward.priya, ward.course)
        report_post(db, actor, get_post_facts(db, actor, post), ReportDraft("patient", ""))
    ward.work()
    ward.decide(post, Verb.RESTORE)
    ward.work()
    assert ward.told(ward.sam) == [
        "A moderator looked at your question after a report: it stays",
        "Your question is hidden until a moderator has looked at it",
        "Your question was approved",
    ]


def test_a_removed_post_is_told_and_its_title_is_not_shown_again(ward):
    post = ward.ask()
    ward.decide(post, Verb.APPROVE)
    with ward.house.database.transaction() as db:
        actor = ward.house.actor(db, ward.helen, ward.course)
        remove(db, actor, get_post_facts(db, actor, post), ReportDraft("patient", ""))
    ward.work()
    assert ward.told(ward.sam) == ["Your question was removed: see why"], "approval no longer holds"


def test_what_no_longer_holds_is_not_told(ward):
    post = ward.ask()
    ward.decide(post, Verb.APPROVE)
    with ward.house.database.transaction() as db:
        actor = ward.house.actor(db, ward.sam, ward.course)
        withdraw_post(db, actor, get_post_facts(db, actor, post))
    ward.work()
    assert ward.told(ward.sam) == []


def test_a_reply_is_told_to_whom_it_answers_and_not_to_its_author(ward):
    question = ward.ask()
    ward.decide(question, Verb.APPROVE)
    ward.work()
    first = ward.reply(ward.priya, question)
    ward.work()
    assert ward.told(ward.sam) == ["Your question was approved"], "it waits for a tutor"
    ward.decide(first, Verb.APPROVE)
    ward.work()
    assert ward.told(ward.sam)[0] == "A new reply to your question"
    assert ward.told(ward.priya) == ["Your reply was approved"]

    ward.reply(ward.helen, question, parent=first)
    ward.work()
    assert ward.told(ward.sam)[0] == "A new reply to your question"
    assert len(ward.told(ward.sam)) == 3
    assert ward.told(ward.priya)[0] == "A new reply to your reply"
    assert ward.told(ward.helen) == []

    own = ward.reply(ward.sam, question, parent=first)
    ward.decide(own, Verb.APPROVE)
    ward.work()
    assert ward.told(ward.sam)[0] == "Your reply was approved"
    assert ward.told(ward.priya)[0] == "A new reply to your reply"


def test_nothing_in_the_rows_ties_a_person_to_a_post(ward):
    post = ward.ask()
    ward.decide(post, Verb.APPROVE)
    ward.work()
    with ward.inside.reading() as db:
        story = story_of(db, post)
        assert author_of(db, post) == ward.sam.id
        [row] = db.execute(text("SELECT * FROM inbox_entries")).mappings()
    everything = " ".join(str(value) for value in row.values())
    for name in (story.post_public_id, story.thread_public_id, story.board_public_id, story.course_public_id, TITLE):
        assert name not in everything
    assert {"line_id", "post_id", "thread_id"}.isdisjoint(row)


def test_a_title_is_shown_while_its_reader_may_read_it(ward):
    def titles() -> set[str]:
        with ward.house.database.transaction() as db:
            rows = page_of_entries(db, ward.house.actor(db, ward.priya, ward.course)).rows
            return {entry.thread.title for entry in rows}

    question = ward.ask()
    ward.decide(question, Verb.APPROVE)
    ward.decide(ward.reply(ward.priya, question), Verb.APPROVE)
    ward.work()
    assert titles() == {TITLE}

    with ward.house.database.transaction() as db:
        actor = ward.house.actor(db, ward.helen, ward.course)
        remove(db, actor, get_post_facts(db, actor, question), ReportDraft("patient", ""))
    assert titles() == {""}


def test_who_left_the_course_is_told_without_a_way_in(ward):
    post = ward.ask()
    ward.decide(post, Verb.APPROVE)
    ward.work()
    with ward.inside.transaction() as db:
        db.execute(text("DELETE FROM enrolments WHERE person_id = :p"), {"p": ward.sam.id})
        [entry] = page_of_entries(db, ward.house.actor(db, ward.sam, ward.course)).rows
    assert entry.thread is None
    assert entry.sentence == "Your question was approved"


def fill(ward: Ward, person, count: int) -> None:
    with ward.inside.transaction() as db:
        for number in range(count):
            about = About(Kind.REPLY, True, new_public_id(), new_public_id())
            tell(db, person.trust_id, person.id, 1000 + number, about)


def test_reading_marks_what_was_shown_and_nothing_newer(house):
    ward = Ward(house)
    fill(ward, ward.sam, 3)
    fill(ward, ward.priya, 2)
    with ward.inside.transaction() as db:
        actor = house.actor(db, ward.sam, ward.course)
        newest, *_older = page_of_entries(db, actor).rows
        tell(db, ward.sam.trust_id, ward.sam.id, 1, About(Kind.REPLY, True, new_public_id(), new_public_id()))
        mark_read_up_to(db, actor, newest.public_id)
        assert [entry.is_unread for entry in page_of_entries(db, actor).rows] == [True, False, False, False]
        with pytest.raises(Invalid):
            mark_read_up_to(db, house.actor(db, ward.priya, ward.course), newest.public_id)
    assert (ward.unread(ward.sam), ward.unread(ward.priya)) == (1, 2)


def test_nobody_is_told_twice_of_one_line(house):
    ward = Ward(house)
    fill(ward, ward.sam, 2)
    fill(ward, ward.sam, 2)
    assert ward.unread(ward.sam) == 2


def test_the_inbox_pages_by_keyset_and_the_bar_stops_counting(house):
    ward = Ward(house)
    fill(ward, ward.sam, MOST_COUNTED + 25)
    assert ward.unread(ward.sam) == MOST_COUNTED
    browser = house.browser(ward.sam, ward.course)
    seen, address = 0, f"/courses/{ward.course.public_id}/inbox"
    for _page in range(10):
        answer = browser.get(address)
        assert answer.status_code == 200
        seen += answer.text.count('class="gr-row__title"')
        found = re.search(r'href="([^"]*\?after=[^"]+)"', answer.text)
        if not found:
            break
        address = found[1]
    assert seen == MOST_COUNTED + 25
    assert browser.get(f"/courses/{ward.course.public_id}/inbox?after=nonsense").status_code == 400


def test_opening_a_thread_marks_what_the_inbox_tells_of_it(house):
    ward = Ward(house)
    question, other = ward.ask(), ward.ask()
    for post in (question, other):
        ward.decide(post, Verb.APPROVE)
    ward.work()
    assert ward.unread(ward.sam) == 2
    with ward.inside.reading() as db:
        thread = story_of(db, question).thread_public_id
    browser = house.browser(ward.sam, ward.course)
    house.browser(ward.priya, ward.course).get(f"/threads/{thread}")
    assert ward.unread(ward.sam) == 2, "somebody else opened it"

    assert browser.get(f"/threads/{thread}").status_code == 200

    assert ward.unread(ward.sam) == 1
    with house.database.transaction() as db:
        actor = house.actor(db, ward.sam, ward.course)
        assert not has_unread_of_thread(db, actor, thread)
        mark_thread_read(db, actor, thread)


def test_the_page_says_what_to_do_when_empty_and_marks_by_its_button(house):
    ward = Ward(house)
    browser = house.browser(ward.sam, ward.course)
    address = f"/courses/{ward.course.public_id}/inbox"
    empty = browser.get(address).text
    assert "Nothing new" in empty
    assert "Mark all as read" not in empty

    ward.decide(ward.ask(), Verb.APPROVE)
    ward.work()
    shown = browser.get(address).text
    assert "Your question was approved" in shown
    assert TITLE in shown
    assert "Helen" not in shown
    newest = re.search(r'name="newest" value="([^"]+)"', shown)[1]
    answer = browser.post(f"{address}/read", {"newest": newest})
    assert answer.status_code == 303
    assert "Mark all as read" not in browser.get(address).text
    assert browser.post(f"{address}/read", {"newest": "nonsense"}).status_code == 400
    assert house.browser(ward.priya, ward.course).post(f"{address}/read", {"newest": newest}).status_code == 400


def test_old_entries_are_removed(house):
    ward = Ward(house)
    fill(ward, ward.sam, 2)
    with ward.inside.transaction() as db:
        tidy_inbox(db, clock.now() + KEEP_FOR - timedelta(days=1))
        assert len(db.scalars(select(InboxEntry.id)).all()) == 2
        tidy_inbox(db, clock.now() + KEEP_FOR + timedelta(days=1))
        assert db.scalars(select(InboxEntry.id)).all() == []
