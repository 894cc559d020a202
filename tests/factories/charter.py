"""What a board can be, filled: cohorts, courses that join, rules, know-how, private questions, each kind of names."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from lti_tool.access import Role
from lti_tool.boards import BoardDraft, BoardLine, PostFacts, find_board, get_post_facts, make_board, start_thread
from lti_tool.boards.charter import change_rules
from lti_tool.boards.private import ask_public
from lti_tool.boards.rules import Audience, BoardPolicy
from lti_tool.core import clock
from lti_tool.core.ids import new_public_id
from lti_tool.people import Course, CourseLine, Person, Trust, fill_cohort, join_vle_groups, make_cohort
from lti_tool.texts import prepare
from tests.factories.house import Browser, House

RULES = "Say where an answer comes from.\nBe kind: somebody dared to ask."


def line_of(course: Course) -> CourseLine:
    """The course as pages name it."""
    return CourseLine.of(course)


class Ward:
    """A course with a tutor and two learners, and another course with one of each."""

    def __init__(self, house: House, trust: Trust | None = None) -> None:
        self.house = house
        self.trust = trust or house.trust()
        self.course, self.other = house.course(self.trust, "Stroke F1"), house.course(self.trust, "Renal F1")
        self.sam = house.person(self.trust, "Sam Okafor", {self.course.id: Role.LEARNER})
        self.priya = house.person(self.trust, "Priya Nadar", {self.course.id: Role.LEARNER})
        self.helen = house.person(self.trust, "Dr Helen Marsh", {self.course.id: Role.TUTOR})
        self.rhys = house.person(self.trust, "Dr Rhys Pennant", {self.course.id: Role.TUTOR})
        self.jon = house.person(self.trust, "Jon Adeyemi", {self.other.id: Role.LEARNER})
        self.vera = house.person(self.trust, "Dr Vera Lund", {self.other.id: Role.TUTOR})

    def home(self, person: Person) -> Course:
        """The course from which this person comes."""
        return self.other if person in (self.jon, self.vera) else self.course

    def at(self, person: Person) -> Browser:
        """The person at a browser."""
        return self.house.browser(person, self.home(person))

    def acting(self, person: Person, act: Any) -> Any:
        """What `act(db, actor)` gives, in one transaction."""
        with self.house.database.within(self.trust.id).transaction() as db:
            return act(db, self.house.actor(db, person, self.home(person)))

    def board(self, title: str = "Ask", *, names: str = "shown", moderated: bool = False, **given: Any) -> str:
        """A board that Helen has opened; returns its public id."""
        policy = BoardPolicy.ALL if moderated else BoardPolicy.OFF
        draft = BoardDraft(title, "", names != "shown", policy, is_nameless=names == "nobody", **given)
        return self.acting(self.helen, lambda db, actor: make_board(db, actor, line_of(self.course), draft).public_id)

    def line(self, person: Person, board: str) -> BoardLine | None:
        """The board as this person reads it, if they do."""
        return self.acting(person, lambda db, actor: find_board(db, actor, board))

    def ask(self, person: Person, board: str, title: str = "Why?", *, private: bool = False) -> str:
        """A question; returns the post's public id."""

        def act(db: Any, actor: Any) -> str:
            line = find_board(db, actor, board)
            assert line is not None
            prepared = prepare("Tell me.", title)
            return start_thread(db, actor, line, prepared, new_public_id(), is_private=private).public_id

        return self.acting(person, act)

    def facts(self, person: Person, post: str) -> PostFacts:
        """What this person may know of a post."""
        return self.acting(person, lambda db, actor: get_post_facts(db, actor, post))

    def thread(self, person: Person, post: str) -> str:
        """The path of a post's thread."""
        return f"/threads/{self.facts(person, post).thread_public_id}"

    def cohort(self, name: str, *people: Person) -> str:
        """A cohort of the course; returns its public id."""

        def act(db: Any, _actor: Any) -> str:
            made = make_cohort(db, line_of(self.course), name)
            fill_cohort(db, line_of(self.course), made.id, [person.public_id for person in people])
            return made.public_id

        return self.acting(self.helen, act)

    def rule(self, board: str, rules: str = RULES) -> int:
        """Rules for a board; returns their version."""

        def act(db: Any, actor: Any) -> int:
            line = find_board(db, actor, board)
            assert line is not None
            return change_rules(db, actor, line, rules)

        return self.acting(self.helen, act)

    def share(self, board: str) -> None:
        """The other course is asked, and accepts."""
        self.at(self.helen).post(f"/boards/{board}/settings/readers", {"ask": self.other.public_id})
        self.at(self.vera).post(f"/courses/{self.other.public_id}/boards/{board}/join", {"do": "accept"})


def charter_pages(house: House, trust: Trust) -> Iterator[tuple[Any, ...]]:
    """Every state that looks different: name, browser, path, form, status."""
    ward = Ward(house, trust)
    sam, helen, vera = ward.at(ward.sam), ward.at(ward.helen), ward.at(ward.vera)
    yield from _settings(ward, helen, vera)
    yield from _cohorts(ward, helen)
    yield from _closed(ward, sam, helen)
    yield from _writing(ward, sam, helen)
    yield from _know_how(ward, sam, helen)


def _settings(ward: Ward, helen: Browser, vera: Browser) -> Iterator[tuple[Any, ...]]:
    plain = ward.board("Ask the stroke team")
    shared = ward.board("Ask the registrars", audience=Audience.COURSES)
    settings = f"/boards/{plain}/settings"
    form = {"title": "New", "names": "shown", "checked": "off", "audience": "cohort"}
    yield "board-new-without-cohort", helen, f"/courses/{ward.course.public_id}/boards/new", form, 400
    yield "board-rules", helen, f"{settings}/rules", {}, 200
    yield "board-rules-wrong", helen, f"{settings}/rules", {"rules": "x\n" * 20}, 400
    yield "board-dates", helen, f"{settings}/open", {}, 200
    yield "board-dates-wrong", helen, f"{settings}/open", {"opens_on": "soon", "locked": "yes"}, 400
    yield "board-readers", helen, f"{settings}/readers", {}, 200
    yield "board-readers-wrong", helen, f"{settings}/readers", {"audience": "all"}, 400
    helen.post(f"/boards/{shared}/settings/readers", {"ask": ward.other.public_id})
    yield "board-readers-asked", helen, f"/boards/{shared}/settings/readers", {}, 200
    yield "boards-asked", vera, f"/courses/{ward.other.public_id}/boards", {}, 200
    ward.share(shared)
    ward.ask(ward.jon, shared, "Which clinic sees a TIA on a Sunday?")
    yield "board-shared", vera, f"/boards/{shared}", {}, 200
    yield "boards-joined", vera, f"/courses/{ward.other.public_id}/boards", {}, 200
    yield "board-readers-written", helen, f"/boards/{shared}/settings/readers", {}, 200


def _cohorts(ward: Ward, helen: Browser) -> Iterator[tuple[Any, ...]]:
    cohorts = f"/courses/{ward.course.public_id}/cohorts"
    yield "cohorts-empty", helen, cohorts, {}, 200
    cohort = ward.cohort("F1 2027", ward.sam)
    ward.acting(ward.priya, lambda db, actor: join_vle_groups(db, ward.course, actor.person_id, ["12"]))
    yield "cohorts", helen, cohorts, {}, 200
    yield "cohorts-wrong", helen, cohorts, {"name": ""}, 400
    yield "cohort", helen, f"{cohorts}/{cohort}", {}, 200
    yield "cohort-wrong", helen, f"{cohorts}/{cohort}", {"name": ""}, 400
    board = ward.board("F1 2027 among themselves", audience=Audience.COHORT, cohort=cohort)
    yield "board-cohort", helen, f"/boards/{board}", {}, 200


def _closed(ward: Ward, sam: Browser, helen: Browser) -> Iterator[tuple[Any, ...]]:
    following, locked, gone = ward.board("Ask anew"), ward.board("Ask before"), ward.board("Winter 2025")
    question = ward.ask(ward.sam, locked)
    form = {"locked": "yes", "reason": "The rotation is over.", "next": following}
    helen.post(f"/boards/{locked}/settings/open", form)
    helen.post(f"/boards/{gone}/settings/open", {"do": "archive"})
    yield "board-locked", sam, f"/boards/{locked}", {}, 200
    yield "thread-locked", sam, ward.thread(ward.sam, question), {}, 200
    yield "board-archived", sam, f"/boards/{gone}", {}, 200
    yield "boards-archived", sam, f"/courses/{ward.course.public_id}/boards", {}, 200
    soon = ward.board("Before you come", template="welcome", second=ward.rhys.public_id)
    day = (clock.now() + timedelta(days=3)).date().isoformat()
    helen.post(f"/boards/{soon}/settings/open", {"opens_on": day})
    yield "board-opens", sam, f"/boards/{soon}", {}, 200


def _writing(ward: Ward, sam: Browser, helen: Browser) -> Iterator[tuple[Any, ...]]:
    nameless = ward.board("Nobody asks who", names="nobody", allows_private=True)
    said = ward.ask(ward.sam, nameless, "Is it usual to be this tired?")
    ward.rule(nameless)
    yield "board-nameless", sam, f"/boards/{nameless}", {}, 200
    yield "ask-rules", sam, f"/boards/{nameless}/ask", {}, 200
    unticked = {"title": "Why?", "text": "Tell me.", "only_tutors": "yes"}
    yield "ask-rules-wrong", sam, f"/boards/{nameless}/ask", unticked, 400
    yield "thread-nameless", sam, ward.thread(ward.sam, said), {}, 200
    first = ward.board("Think first", template="answer_first")
    thread = ward.thread(ward.sam, ward.ask(ward.helen, first, "What do you do first?"))
    yield "thread-answer-first", sam, thread, {}, 200
    asking = ward.board("Ask anything", allows_private=True)
    mine = ward.ask(ward.sam, asking, "I think I made a mistake last night", private=True)
    yield "thread-private", sam, ward.thread(ward.sam, mine), {}, 200
    yield "thread-private-tutor", helen, ward.thread(ward.sam, mine), {}, 200
    ward.acting(ward.helen, lambda db, actor: ask_public(db, actor, get_post_facts(db, actor, mine)))
    yield "thread-private-asked", sam, ward.thread(ward.sam, mine), {}, 200
    yield "board-private", helen, f"/boards/{asking}", {}, 200


def _know_how(ward: Ward, sam: Browser, helen: Browser) -> Iterator[tuple[Any, ...]]:
    board = ward.board("Local know-how", template="know_how")
    answers = []
    for title in ("How do I get a parking permit?", "Where are the study leave forms?"):
        question = ward.ask(ward.sam, board, title)
        answers.append(ward.house.answer(ward.helen, ward.course, question, "Ask the security desk, before noon."))
    ward.ask(ward.sam, board, "Where is the nearest supermarket?")
    yield "keep", helen, f"/posts/{answers[0]}/know-how", {}, 200
    yield "keep-wrong", helen, f"/posts/{answers[0]}/know-how", {"review_on": "soon"}, 400
    day = (clock.now() + timedelta(days=30)).date().isoformat()
    form = {"owner": ward.rhys.public_id, "review_on": day}
    helen.post(f"/posts/{answers[0]}/know-how", form)
    with clock.at(clock.now() - timedelta(days=90)):
        old = (clock.now() + timedelta(days=30)).date().isoformat()
        ward.at(ward.helen).post(f"/posts/{answers[1]}/know-how", form | {"review_on": old})
    yield "board-know-how", sam, f"/boards/{board}", {}, 200
    yield "thread-entry", helen, ward.thread(ward.helen, answers[1]), {}, 200
