"""One thread from question to reply: what a student, a tutor and another student each see at every step."""

import pytest
from sqlalchemy import text

from lti_tool.access import Role
from lti_tool.boards import PostState, author_of, get_post_facts, start_thread
from lti_tool.boards.actions import edit_post, withdraw_post
from lti_tool.boards.posts import get_thread
from lti_tool.boards.queries import page_of_threads
from lti_tool.core.errors import Conflict, Forbidden, Invalid, NotFound
from lti_tool.core.ids import new_public_id
from lti_tool.moderation.actions import decide, remove, report_post
from lti_tool.moderation.forms import DecisionDraft, ReportDraft
from lti_tool.moderation.rules import Verb
from lti_tool.texts import prepare
from tests.factories.house import House

pytestmark = pytest.mark.sql


class Story:
    """A course with two students, two tutors and a pre-moderated board."""

    def __init__(self, house: House, pseudonymous: bool = False) -> None:
        self.house = house
        trust = house.trust()
        self.course = house.course(trust)
        self.sam = house.person(trust, "Sam Okafor", {self.course.id: Role.LEARNER})
        self.priya = house.person(trust, "Priya Nadar", {self.course.id: Role.LEARNER})
        self.helen = house.person(trust, "Dr Helen Marsh", {self.course.id: Role.TUTOR})
        self.rhys = house.person(trust, "Dr Rhys Pennant", {self.course.id: Role.TUTOR})
        self.board = house.board(self.course, self.helen, pseudonymous=pseudonymous)

    def ask(self, title="When to stop clopidogrel?", text="After a stent."):
        return self.house.question(self.sam, self.course, self.board, title, text)

    def decide(self, who, post, verb, reason="", note=""):
        with self.house.database.transaction() as db:
            actor = self.house.actor(db, who, self.course)
            facts = get_post_facts(db, actor, post)
            return decide(db, actor, facts, DecisionDraft(verb, facts.latest, reason, note))

    def edit(self, who, post, text, title="When to stop clopidogrel?"):
        with self.house.database.transaction() as db:
            actor = self.house.actor(db, who, self.course)
            facts = get_post_facts(db, actor, post)
            edit_post(db, actor, facts, prepare(text, title), facts.latest)

    def report(self, who, post, reason):
        with self.house.database.transaction() as db:
            actor = self.house.actor(db, who, self.course)
            return report_post(db, actor, get_post_facts(db, actor, post), ReportDraft(reason, ""))

    def sees(self, who, post):
        """The words that this person reads, None for a stone. Raises NotFound."""
        html = self.house.facts(who, self.course, post).html
        return None if html is None else str(html)

    def listed(self, who, show="all"):
        with self.house.database.transaction() as db:
            actor = self.house.actor(db, who, self.course)
            line = self.house.line(db, actor, self.board)
            return page_of_threads(db, actor, line, show).rows


@pytest.fixture
def story(house: House) -> Story:
    return Story(house)


def test_a_held_question_is_seen_by_its_author_and_by_tutors_alone(story):
    post = story.ask()
    assert "After a stent" in story.sees(story.sam, post)
    assert "After a stent" in story.sees(story.helen, post)
    with pytest.raises(NotFound):
        story.sees(story.priya, post)
    assert not story.listed(story.priya)
    assert [line.state for line in story.listed(story.sam)] == [PostState.PENDING]


def test_an_approved_question_is_read_and_answered_by_others(story):
    post = story.ask()
    story.decide(story.helen, post, Verb.APPROVE)
    assert "After a stent" in story.sees(story.priya, post)
    answer = story.house.answer(story.priya, story.course, post, "Twelve months.")
    story.decide(story.rhys, answer, Verb.APPROVE)
    assert story.listed(story.sam)[0].replies == 1
    with story.house.database.transaction() as db:
        actor = story.house.actor(db, story.sam, story.course)
        facts = get_post_facts(db, actor, post)
        _board, posts = get_thread(db, actor, facts.thread_public_id)
    assert [str(row.html) for row in posts.rows] == ["<p>After a stent.</p>", "<p>Twelve months.</p>"]


def test_a_returned_question_is_fixed_in_place(story):
    post = story.ask()
    story.decide(story.helen, post, Verb.RETURN, note="Say which stent.")
    facts = story.house.facts(story.sam, story.course, post)
    assert (facts.state, facts.state_note) == (PostState.RETURNED, "Say which stent.")
    story.edit(story.sam, post, "After a drug-eluting stent.")
    assert story.house.facts(story.helen, story.course, post).waits_for == "new"
    story.decide(story.helen, post, Verb.APPROVE)
    assert "drug-eluting" in story.sees(story.priya, post)


def test_a_moderators_note_is_for_the_author_alone(story):
    post = story.ask()
    story.decide(story.helen, post, Verb.APPROVE)
    with story.house.database.transaction() as db:
        actor = story.house.actor(db, story.helen, story.course)
        remove(db, actor, get_post_facts(db, actor, post), ReportDraft("unkind", "Please think of the reader."))
    assert story.house.facts(story.sam, story.course, post).state_note == "Please think of the reader."
    assert story.house.facts(story.priya, story.course, post).state_note == ""
    assert story.sees(story.priya, post) is None


def test_the_approved_version_stands_while_an_edit_waits(story):
    post = story.ask()
    story.decide(story.helen, post, Verb.APPROVE)
    story.edit(story.sam, post, "After a stent, with a new title.", "A new title?")
    assert "new title" not in story.sees(story.priya, post)
    assert story.listed(story.priya)[0].title == "When to stop clopidogrel?"
    story.decide(story.helen, post, Verb.APPROVE)
    assert "new title" in story.sees(story.priya, post)
    assert story.listed(story.priya)[0].title == "A new title?"


def test_a_refused_edit_leaves_the_approved_version(story):
    post = story.ask()
    story.decide(story.helen, post, Verb.APPROVE)
    story.edit(story.sam, post, "Something worse.")
    story.decide(story.helen, post, Verb.REJECT, reason="unsafe")
    facts = story.house.facts(story.sam, story.course, post)
    assert facts.state == PostState.PUBLISHED
    assert facts.latest > facts.published
    assert "worse" not in story.sees(story.priya, post)


def test_a_report_that_a_patient_is_named_hides_at_once(story):
    post = story.ask()
    story.decide(story.helen, post, Verb.APPROVE)
    assert story.report(story.priya, post, "patient")
    assert story.sees(story.priya, post) is None
    assert story.house.facts(story.helen, story.course, post).waits_for == "report"
    story.decide(story.helen, post, Verb.RESTORE)
    assert "stent" in story.sees(story.priya, post)


def test_another_report_waits_and_a_second_person_hides(story):
    post = story.ask()
    story.decide(story.helen, post, Verb.APPROVE)
    story.report(story.priya, post, "unkind")
    assert "stent" in story.sees(story.priya, post)
    assert not story.report(story.priya, post, "unkind"), "a second report by the same person changes nothing"
    assert story.house.facts(story.priya, story.course, post).state == PostState.PUBLISHED
    story.report(story.rhys, post, "unkind")
    assert story.sees(story.priya, post) is None
    story.decide(story.helen, post, Verb.REMOVE, reason="unkind")
    assert story.house.facts(story.priya, story.course, post).state == PostState.REMOVED
    assert not story.listed(story.priya)


def test_a_report_while_an_edit_waits_loses_neither(story):
    post = story.ask()
    story.decide(story.helen, post, Verb.APPROVE)
    story.edit(story.sam, post, "After a second stent.")
    story.report(story.priya, post, "patient")
    story.decide(story.helen, post, Verb.RESTORE)
    facts = story.house.facts(story.helen, story.course, post)
    assert (facts.state, facts.waits_for) == (PostState.PUBLISHED, "edit")
    assert "second" not in story.sees(story.priya, post)


def test_of_two_who_decide_the_second_is_told(story):
    post = story.ask()
    seen = story.house.facts(story.helen, story.course, post)
    story.decide(story.rhys, post, Verb.APPROVE)
    with story.house.database.transaction() as db, pytest.raises(Conflict):
        actor = story.house.actor(db, story.helen, story.course)
        decide(db, actor, get_post_facts(db, actor, post), DecisionDraft(Verb.REJECT, seen.latest, "spam"))


def test_a_decision_on_an_older_version_is_refused(story):
    post = story.ask()
    story.edit(story.sam, post, "Changed while the tutor read.")
    with story.house.database.transaction() as db, pytest.raises(Conflict):
        actor = story.house.actor(db, story.helen, story.course)
        decide(db, actor, get_post_facts(db, actor, post), DecisionDraft(Verb.APPROVE, 1))


def test_a_decision_that_does_not_fit_is_refused(story):
    post = story.ask()
    with pytest.raises(Invalid):
        story.decide(story.helen, post, Verb.RESTORE)


def test_a_double_click_sends_one_question(story):
    once = new_public_id()
    with story.house.database.transaction() as db:
        actor = story.house.actor(db, story.sam, story.course)
        line = story.house.line(db, actor, story.board)
        first = start_thread(db, actor, line, prepare("Text.", "Title"), once)
        second = start_thread(db, actor, line, prepare("Text.", "Title"), once)
    assert first.id == second.id
    assert len(story.listed(story.sam)) == 1


def test_nobody_decides_on_their_own_post_and_learners_on_none(story):
    post = story.ask()
    with pytest.raises(Forbidden):
        story.decide(story.sam, post, Verb.APPROVE)
    with pytest.raises(NotFound):
        story.decide(story.priya, post, Verb.APPROVE)


def test_an_edit_from_an_old_page_does_not_overwrite_a_newer_one(story):
    post = story.ask()
    old = story.house.facts(story.sam, story.course, post)
    story.edit(story.sam, post, "From the other machine.")
    with story.house.database.transaction() as db, pytest.raises(Conflict):
        edit_post(db, story.house.actor(db, story.sam, story.course), old, prepare("Old page.", "T"), old.latest)


def test_a_withdrawn_question_leaves_a_stone_where_it_was_read(story):
    post = story.ask()
    story.decide(story.helen, post, Verb.APPROVE)
    with story.house.database.transaction() as db:
        actor = story.house.actor(db, story.sam, story.course)
        withdraw_post(db, actor, get_post_facts(db, actor, post))
    assert story.sees(story.priya, post) is None
    assert not story.listed(story.priya)


class TestPseudonymousBoard:
    """A second board where authors are sealed, so that nothing later assumes names."""

    @pytest.fixture
    def story(self, house: House) -> Story:
        return Story(house, pseudonymous=True)

    def test_everybody_sees_the_same_alias_and_nobody_a_name(self, story):
        post = story.ask()
        story.decide(story.helen, post, Verb.APPROVE)
        names = {story.house.facts(who, story.course, post).author for who in (story.sam, story.priya, story.helen)}
        assert len(names) == 1
        assert "Okafor" not in names.pop()

    def test_the_row_holds_no_person(self, story):
        post = story.ask()
        with story.house.database.within(story.course.trust_id).reading() as db:
            row = db.execute(text("select author_id, badge from posts")).one()
            lines = db.execute(text("select actor from journal_lines where verb = 'post.sent'")).scalars().all()
        assert row == (None, "")
        assert story.sam.public_id not in lines
        assert story.house.facts(story.sam, story.course, post).is_mine

    def test_the_notifier_can_open_the_seal(self, story):
        post = story.ask()
        with story.house.database.within(story.course.trust_id).reading() as db:
            assert author_of(db, post) == story.sam.id

    def test_the_author_edits_and_the_approved_version_stands(self, story):
        post = story.ask()
        story.decide(story.helen, post, Verb.APPROVE)
        story.edit(story.sam, post, "Another version.")
        assert "Another" not in story.sees(story.priya, post)
        assert story.listed(story.sam, "mine")
        assert not story.listed(story.priya, "mine")

    def test_a_person_has_another_alias_on_another_board(self, story):
        other = story.house.board(story.course, story.helen, pseudonymous=True, title="Elsewhere")
        one = story.ask()
        two = story.house.question(story.sam, story.course, other)
        aliases = [story.house.facts(story.sam, story.course, post).author for post in (one, two)]
        assert aliases[0] != aliases[1]
