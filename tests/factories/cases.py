"""Cases for tests: written, sent, reviewed and answered by the room's own actions."""

from lti_tool.access import Role
from lti_tool.cases import (
    CaseFacts,
    answer_draft,
    begin_case,
    capture_draft,
    commit_answer,
    commit_draft,
    consent_draft,
    end_consent,
    get_case,
    question_draft,
    review_case,
    review_draft,
    save_answer,
    save_consent,
    save_question,
    save_story,
    send_case,
    story_draft,
    widen_case,
    withdraw_case,
)
from lti_tool.core.ids import new_public_id
from lti_tool.people import Course, CourseLine, Person
from tests.factories.house import House

STORY = {
    "title": "Weak legs and a slow pulse",
    "speciality": "cardiology",
    "setting": "emergency",
    "life_stage": "older",
    "text": "An older adult came with two days of weak legs. The rate was 38, without P waves.",
}
QUESTION = {"title": "What do you give first?", "text": "Atropine\nCalcium gluconate\nInsulin with glucose"}
ENDING = {
    "text": "Calcium went in within four minutes, and the QRS narrowed.",
    "note": "A slow, broad ECG is potassium until the gas says otherwise.\nProtect the heart first.",
    "certainty": "certain",
    "best": "1",
}
CONSENT = {"basis": "trust", "note": "In the paper notes; the education office has a copy."}
TICKS = {"verb": "tick", "clinical": "yes", "privacy": "yes", "consent": "yes"}


class Room:
    """The cases room of a house under test: each call is one person's action in a transaction of its own."""

    def __init__(self, house: House, course: Course) -> None:
        self.house = house
        self.course = course

    def begin(self, who: Person, course: Course | None = None) -> str:
        """A draft with a speciality and a learning point; returns its public id."""
        course = course or self.course
        line = CourseLine.of(course)
        draft = capture_draft({"speciality": "cardiology", "note": "Protect the heart first."})
        with self.house.database.transaction() as db:
            return begin_case(db, self.house.actor(db, who, course), line, draft, new_public_id()).public_id

    def write(self, who: Person, case: str, **given: dict[str, str]) -> None:
        """All parts, with other words where `given` has some (story, question, ending, consent)."""
        parts = (
            (save_story, story_draft, STORY | given.get("story", {})),
            (save_question, question_draft, QUESTION | given.get("question", {})),
            (save_answer, answer_draft, ENDING | given.get("ending", {})),
            (save_consent, consent_draft, CONSENT | given.get("consent", {})),
        )
        for save, read, fields in parts:
            self._save(who, case, save, read(fields))

    def _save(self, who: Person, case: str, save, draft) -> None:
        self.act(who, case, lambda db, actor, facts: save(db, actor, facts, draft))

    def send(self, who: Person, case: str, asks_trust: bool = False) -> None:
        """Send it to review."""
        self.act(who, case, lambda db, actor, facts: send_case(db, actor, facts, asks_trust))

    def review(self, who: Person, case: str, **fields: str) -> None:
        """Tick everything, or what `fields` say."""

        def decide(db, actor, facts):
            given = {"seen": str(facts.sent)} | (fields or TICKS)
            return review_case(db, actor, facts, review_draft(given))

        self.act(who, case, decide)

    def publish(self, author: Person, reviewer: Person, **given: dict[str, str]) -> str:
        """A whole published case; returns its public id."""
        case = self.begin(author)
        self.write(author, case, **given)
        self.send(author, case)
        self.review(reviewer, case)
        return case

    def commit(self, who: Person, case: str, course: Course | None = None, **fields: str) -> None:
        """Commit an answer: the second option, or what `fields` say."""
        given = fields or {"answer": "1"}

        def answer(db, actor, facts):
            commit_answer(db, actor, facts, commit_draft(given, len(facts.options)))

        self.act(who, case, answer, course)

    def widen(self, who: Person, case: str, is_shared: bool = True, course: Course | None = None) -> None:
        """Show it to the whole trust."""
        self.act(who, case, lambda db, actor, facts: widen_case(db, actor, facts, is_shared), course)

    def withdraw(self, who: Person, case: str) -> None:
        """Its author takes it back."""
        self.act(who, case, withdraw_case)

    def end_consent(self, who: Person, case: str) -> None:
        """Consent was withdrawn."""
        self.act(who, case, end_consent)

    def facts(self, who: Person, case: str, course: Course | None = None) -> CaseFacts:
        """What this person may know of the case. Raises NotFound."""
        with self.house.database.transaction() as db:
            return get_case(db, self.house.actor(db, who, course or self.course), case)

    def act(self, who: Person, case: str, action, course: Course | None = None):
        """One action by somebody who may know of the case."""
        with self.house.database.transaction() as db:
            actor = self.house.actor(db, who, course or self.course)
            return action(db, actor, get_case(db, actor, case))


class CaseTerm:
    """Cases of a course in mid-term, in every state that looks different. `sam` writes, `helen` and `rhys` review."""

    def __init__(self, house: House, course: Course, sam: Person, priya: Person, helen: Person) -> None:
        self.room = Room(house, course)
        tutor = house.person_of(course, "Dr Ewan Reilly", Role.TUTOR)
        self.unanswered = self.room.publish(sam, helen)
        self.free = self.room.publish(sam, helen, question={"text": ""}, story={"title": "A fall that was not a trip"})
        self.answered = self.room.publish(tutor, helen, story={"title": "Breathless after a long flight"})
        self.few = self.room.publish(tutor, helen, story={"title": "A rash that does not blanch"})
        for number in range(5):
            peer = house.person_of(course, f"Peer {number}", Role.LEARNER)
            self.room.commit(peer, self.answered, answer=str(min(number, 2)))
        self.room.commit(priya, self.answered, answer="2")
        self.room.commit(priya, self.few)
        self.room.widen(helen, self.answered)
        self.draft = self.room.begin(sam)
        self.whole, self.pending, self.returned = (self._written(sam) for _each in range(3))
        for case in (self.pending, self.returned):
            self.room.send(sam, case, asks_trust=True)
        self.room.review(helen, self.returned, verb="return", note="Say “day 3” instead of the date.")
        self.room.review(helen, self.pending, verb="tick", clinical="yes")

    def _written(self, who: Person) -> str:
        case = self.room.begin(who)
        self.room.write(who, case)
        return case


__all__ = ["CONSENT", "ENDING", "QUESTION", "STORY", "TICKS", "CaseTerm", "Room"]
