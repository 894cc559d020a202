"""A course with two trainees and two tutors on a board that a tutor reads first, and what they do there in one line."""

from datetime import timedelta

from lti_tool.access import Duty, Role
from lti_tool.boards import edit_post, get_post_facts
from lti_tool.core import clock
from lti_tool.journal import undone_deliveries
from lti_tool.moderation import DecisionDraft, ReportDraft, Verb, decide, report_post
from lti_tool.notifications.queries import page_of_entries
from lti_tool.people import Course, Person
from lti_tool.texts import prepare
from tests.factories.house import Browser, House

TITLE = "When to stop clopidogrel?"
WORDS = "After a stent, the patient asks."


class Ward:
    """The course, its board and its people."""

    def __init__(self, house: House, pseudonymous: bool = False) -> None:
        self.house = house
        trust = self.trust = house.trust()
        self.inside = house.database.within(trust.id)
        self.course = house.course(trust)
        self.sam = house.person(trust, "Sam Okafor", {self.course.id: Role.LEARNER})
        self.priya = house.person(trust, "Priya Nadar", {self.course.id: Role.LEARNER})
        self.helen = house.person(trust, "Dr Helen Marsh", {self.course.id: Role.TUTOR})
        self.rhys = house.person(trust, "Dr Rhys Pennant", {self.course.id: Role.TUTOR})
        self.board = house.board(self.course, self.helen, pseudonymous=pseudonymous)
        self.home = f"/courses/{self.course.public_id}"

    def person(self, name: str, *duties: Duty) -> Person:
        """Somebody with duties in the trust who belongs to another course of it."""
        elsewhere = self.house.course(self.trust, f"Course of {name}")
        return self.house.person(self.trust, name, {elsewhere.id: Role.READER}, *duties)

    def learner(self, name: str) -> Person:
        """One more trainee."""
        return self.house.person(self.trust, name, {self.course.id: Role.LEARNER})

    def browser(self, person: Person) -> Browser:
        """A browser of this person, who has come from a course that they belong to."""
        with self.inside.transaction() as db:
            actor = self.house.actor(db, person, self.course)
        course = self.course if self.course.id in actor.roles else self._course(next(iter(actor.roles)))
        return self.house.browser(person, course)

    def _course(self, number: int) -> Course:
        with self.inside.reading() as db:
            return db.get_one(Course, number)

    def ask(self, title: str = TITLE, words: str = WORDS, who: Person | None = None) -> str:
        """A question that waits."""
        return self.house.question(who or self.sam, self.course, self.board, title, words)

    def published(self, title: str = TITLE, words: str = WORDS, who: Person | None = None) -> str:
        """A question that everybody reads."""
        post = self.ask(title, words, who)
        self.decide(post, Verb.APPROVE)
        return post

    def answer(self, who: Person, question: str, words: str = "Because.") -> str:
        """A published reply."""
        post = self.house.answer(who, self.course, question, words)
        if self.facts(self.helen, post).waits_for:
            self.decide(post, Verb.APPROVE)
        return post

    def decide(self, post: str, verb: Verb, reason: str = "", note: str = "", who: Person | None = None) -> None:
        """A decision by Helen, or by another tutor."""
        with self.inside.transaction() as db:
            actor = self.house.actor(db, who or self.helen, self.course)
            facts = get_post_facts(db, actor, post)
            decide(db, actor, facts, DecisionDraft(verb, facts.latest, reason, note))

    def edit(self, who: Person, post: str, words: str, title: str = TITLE) -> None:
        """A new version by its author."""
        with self.inside.transaction() as db:
            actor = self.house.actor(db, who, self.course)
            facts = get_post_facts(db, actor, post)
            edit_post(db, actor, facts, prepare(words, title if facts.is_first else None), facts.latest)

    def report(self, who: Person, post: str, reason: str = "unkind") -> bool:
        """A report; returns whether it was new."""
        with self.inside.transaction() as db:
            actor = self.house.actor(db, who, self.course)
            return report_post(db, actor, get_post_facts(db, actor, post), ReportDraft(reason, ""))

    def facts(self, who: Person, post: str):
        """What this person may know of a post."""
        return self.house.facts(who, self.course, post)

    def thread(self, post: str) -> str:
        """The public id of a post's thread."""
        return self.facts(self.helen, post).thread_public_id

    def work(self, later: timedelta = timedelta(seconds=11)) -> None:
        """Let the worker work, and see that nothing has failed."""
        self.house.work(later)
        with self.house.database.reading() as db:
            assert not [undone for undone in undone_deliveries(db) if undone.oldest_due_at < clock.now()]

    def told(self, person: Person) -> list[str]:
        """What stands in this person's inbox, the newest first."""
        with self.inside.transaction() as db:
            return [entry.sentence for entry in page_of_entries(db, self.house.actor(db, person, self.course)).rows]
