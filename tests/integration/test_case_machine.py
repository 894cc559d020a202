"""Whatever anybody does in whatever order: nothing is out while a hold is open, and nobody reads ahead."""

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from lti_tool.access import Role
from lti_tool.boards import Hold, Post, Thread, get_post_facts, reply
from lti_tool.boards.models import ThreadHold
from lti_tool.boards.posts import get_thread
from lti_tool.cases import CaseState
from lti_tool.cases.models import Case, CaseDecision
from lti_tool.core.errors import NotFound, Problem
from lti_tool.core.ids import new_public_id
from lti_tool.moderation import DecisionDraft, ReportDraft, Verb, decide, remove, report_post
from lti_tool.texts import prepare
from tests.factories.cases import Room
from tests.factories.cast import Cast
from tests.factories.house import House

ACTIONS = (
    "write", "send", "tick", "clinical", "privacy", "consent", "return", "reject", "commit", "reply", "decide", "widen",
    "narrow", "withdraw", "end", "report", "remove",
)  # fmt: skip
PEOPLE = ("author", "tutor", "second", "reader", "elsewhere", "office", "abroad")
# Where everything goes well, so that the random steps meet a published case and not drafts only.
USUAL = [("author", "write"), ("author", "send"), ("second", "tick"), ("tutor", "widen"), ("reader", "commit")]


class Play(Cast):
    """One case in one house, and everybody who may touch it or should not."""

    def __init__(self, house: House) -> None:
        super().__init__(
            house,
            {
                "author": ("Sam", Role.TUTOR),
                "tutor": ("Helen", Role.TUTOR),
                "second": ("Rhys", Role.ASSISTANT),
                "reader": ("Priya", Role.LEARNER),
                "watcher": ("Mina", Role.LEARNER),
            },
        )
        self.room = Room(house, self.course)

    def begin(self) -> None:
        self.case = self.room.begin(self.people["author"])

    def do(self, who: str, what: str) -> None:
        """Try it. What may not be is refused in one of four ways, and in no other."""
        try:
            self._do(self.people[who], self.home(who), what)
        except Problem:
            return

    def _do(self, person, home, what: str) -> None:
        room, case = self.room, self.case
        room.course = home
        try:
            if what in ("write", "send", "withdraw", "widen"):
                getattr(room, what)(person, case)
            elif what == "narrow":
                room.widen(person, case, is_shared=False)
            elif what == "end":
                room.end_consent(person, case)
            elif what == "commit":
                room.commit(person, case)
            elif what == "tick":
                room.review(person, case)
            elif what in list(Hold):
                room.review(person, case, verb="tick", **{what: "yes"})
            elif what in ("return", "reject"):
                room.review(person, case, verb=what, note="Again.", reason="unsafe")
            else:
                self._post(person, home, what)
        finally:
            room.course = self.course

    def _post(self, person, home, what: str) -> None:
        """Something on the thread: reply to the case, or act on its newest post."""
        with self.house.database.transaction() as db:
            actor = self.house.actor(db, person, home)
            row = db.scalars(select(Case).where(Case.public_id == self.case)).one()
            posts = db.scalars(select(Post.public_id).where(Post.thread_id == row.thread_id).order_by(Post.id)).all()
            if not posts:
                return
            facts = get_post_facts(db, actor, posts[0] if what == "reply" else posts[-1])
            if what == "reply":
                reply(db, actor, facts, None, prepare("Heldword"), new_public_id())
            elif what == "report":
                report_post(db, actor, facts, ReportDraft("patient", ""))
            elif what == "remove":
                remove(db, actor, facts, ReportDraft("patient", ""))
            else:
                verb = Verb.RESTORE if facts.waits_for == "report" else Verb.APPROVE
                decide(db, actor, facts, DecisionDraft(verb, facts.latest))

    def check(self) -> None:
        """What must hold after every step."""
        with self.house.database.reading() as db:
            case = db.scalars(select(Case).where(Case.public_id == self.case)).one()
            holds = set(db.scalars(select(ThreadHold.kind).where(ThreadHold.thread_id == case.thread_id)))
            ticks = db.execute(
                select(CaseDecision.verb, CaseDecision.decided_by)
                .where(CaseDecision.case_id == case.id, CaseDecision.sent == case.sent)
            ).all()  # fmt: skip
            thread = (
                db.scalar(select(Post.thread_id).where(Post.thread_id == case.thread_id)) if case.thread_id else None
            )
        if case.state == CaseState.PUBLISHED:
            assert not holds
            assert {verb for verb, _by in ticks} >= {"clinical", "privacy", "consent", "publish"}
        elif thread is not None:
            assert holds
        assert self.people["author"].id not in {by for verb, by in ticks if verb in (*Hold, "return", "reject")}
        for who in ("watcher", "reader", "elsewhere", "abroad"):
            self._check_reader(who, case, holds)

    def _check_reader(self, who: str, case: Case, holds: set[str]) -> None:
        person, home = self.people[who], self.home(who)
        try:
            facts = self.room.facts(person, self.case, home)
        except NotFound:
            facts = None
        with self.house.database.reading() as db:
            actor = self.actors[who]
            thread = self._thread(db, case)
            try:
                found = get_thread(db, actor, thread)[1].rows if thread else []
            except NotFound:
                found = []
        words = [post for post in found if post.html is not None and not post.is_mine]
        if who == "abroad":
            assert facts is None
            assert not found
        if facts is None:
            assert not [post for post in words if post.is_first], "a discussion outlives its case"
        else:
            assert case.state == CaseState.PUBLISHED
            assert facts.is_shared or who != "elsewhere"
            assert facts.is_revealed == (facts.answered_at is not None)
            assert facts.is_revealed or set(facts.html) == {"presentation"}
        if holds:
            assert facts is None
            assert not words
        if facts is not None and facts.answered_at is None:
            assert not [post for post in words if not post.is_first]

    def _thread(self, db, case: Case) -> str | None:
        return db.scalar(select(Thread.public_id).where(Thread.id == case.thread_id)) if case.thread_id else None


@pytest.fixture
def play(house: House) -> Play:
    return Play(house)


@settings(
    max_examples=25,
    phases=[Phase.generate],  # a failing order is short already, and each step is a real transaction
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    usual=st.integers(0, len(USUAL)),
    steps=st.lists(st.tuples(st.sampled_from(PEOPLE), st.sampled_from(ACTIONS)), min_size=4, max_size=10),
)
def test_no_order_of_actions_shows_what_is_held(play: Play, usual, steps):
    play.begin()
    for who, what in [*USUAL[:usual], *steps]:
        play.do(who, what)
        play.check()
