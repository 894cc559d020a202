"""Whatever anybody does with posts in whatever order: no state is illegal, no text is lost, no held word is shown."""

from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from lti_tool.access import Role
from lti_tool.boards import PostState, edit_post, get_board, get_post_facts, reply, start_thread, withdraw_post
from lti_tool.boards.counters import count_wrong_counters
from lti_tool.boards.models import Post
from lti_tool.boards.posts import get_thread
from lti_tool.boards.rules import may_move
from lti_tool.core.errors import NotFound, Problem
from lti_tool.core.ids import new_public_id
from lti_tool.moderation import DecisionDraft, ReportDraft, Verb, decide, remove, report_post
from lti_tool.texts import Revision, Text, prepare
from tests.factories.cast import Cast
from tests.factories.house import House

ACTIONS = ("ask", "reply", "edit", "withdraw", "report", "report patient", "remove", *Verb)
PEOPLE = ("asker", "replier", "reader", "tutor", "second", "elsewhere", "office", "abroad")
READERS = ("reader", "elsewhere", "office", "abroad")
# Where everything goes well, so that the random steps meet published posts and not an empty board only.
USUAL = [("asker", "ask"), ("tutor", Verb.APPROVE), ("replier", "reply"), ("tutor", Verb.APPROVE), ("replier", "edit")]
OUT_OF_SIGHT = (PostState.HIDDEN, PostState.REMOVED, PostState.WITHDRAWN)


@dataclass
class Written:
    """What the test knows of a post: every version that was sent, and the one that everybody may read."""

    versions: list[str] = field(default_factory=list)
    shown: str = ""
    state: str = ""


class Play(Cast):
    """One board in one house, and everybody who may touch it or should not."""

    def __init__(self, house: House) -> None:
        super().__init__(
            house,
            {
                "asker": ("Sam", Role.LEARNER),
                "replier": ("Priya", Role.LEARNER),
                "reader": ("Mina", Role.LEARNER),
                "tutor": ("Helen", Role.TUTOR),
                "second": ("Rhys", Role.ASSISTANT),
            },
        )

    def begin(self, *, pseudonymous: bool, moderated: bool) -> None:
        self.written: dict[str, Written] = {}
        self.words = 0
        tutor = self.people["tutor"]
        self.board = self.house.board(self.course, tutor, pseudonymous=pseudonymous, moderated=moderated)

    def word(self) -> str:
        """A word that occurs in one version of one post."""
        self.words += 1
        return f"Heldword{self.words}x"

    def do(self, who: str, what: str, which: int) -> None:
        """Try it on one of the posts. What may not be is refused in one of four ways, and in no other."""
        try:
            with self.house.database.transaction() as db:
                if what == "ask" or not self.written:
                    self._ask(db, self.actors[who])
                else:
                    self._act(db, self.actors[who], what, list(self.written)[which % len(self.written)])
        except Problem:
            return

    def _ask(self, db, actor) -> None:
        word = self.word()
        post = start_thread(db, actor, get_board(db, actor, self.board), prepare(word, word), new_public_id())
        self._note(post.public_id, word)

    def _act(self, db, actor, what: str, public_id: str) -> None:
        facts = get_post_facts(db, actor, public_id)
        if what == "reply":
            word = self.word()
            _line, page = get_thread(db, actor, facts.thread_public_id)
            made = reply(db, actor, page.rows[0], facts, prepare(word), new_public_id())
            self._note(made.public_id, word)
        elif what == "edit":
            word = self.word()
            edit_post(db, actor, facts, prepare(word, word if facts.is_first else None), facts.latest)
            self._note(public_id, word)
        elif what == "withdraw":
            withdraw_post(db, actor, facts)
        elif what.startswith("report"):
            report_post(db, actor, facts, ReportDraft("patient" if what.endswith("patient") else "topic", ""))
        elif what == "remove":
            remove(db, actor, facts, ReportDraft("patient", ""))
        else:
            decide(db, actor, facts, DecisionDraft(Verb(what), facts.latest, "topic", "Again."))

    def _note(self, public_id: str, word: str) -> None:
        self.written.setdefault(public_id, Written()).versions.append(word)

    def check(self) -> None:
        """What must hold after every step."""
        with self.house.database.within(self.course.trust_id).reading() as db:
            assert count_wrong_counters(db) == 0
            for public_id, written in self.written.items():
                post = db.scalars(select(Post).where(Post.public_id == public_id)).one()
                self._check_post(db, post, written)
        readable = {written.shown for written in self.written.values() if written.shown}
        for who in READERS:
            seen = self._seen(who)
            assert seen <= (set() if who == "abroad" else readable), f"{who} reads what is held"
        assert self._seen("reader") == readable, "what is published is read by everybody on the board"

    def _check_post(self, db, post: Post, written: Written) -> None:
        assert not written.state or post.state == written.state or may_move_far(written.state, post.state)
        written.state = post.state
        revisions = db.scalars(select(Revision).where(Revision.text_id == post.text_id).order_by(Revision.number)).all()
        assert [revision.source for revision in revisions] == written.versions, "a text is lost"
        text = db.get_one(Text, post.text_id)
        is_shown = post.state == PostState.PUBLISHED and text.published is not None
        written.shown = written.versions[text.published - 1] if is_shown else ""
        assert is_shown == (post.state == PostState.PUBLISHED)
        assert (post.waits_for is None) == (post.waiting_since is None)
        assert post.state not in (PostState.PENDING, PostState.HIDDEN) or post.waits_for is not None
        assert post.state not in (PostState.REMOVED, PostState.WITHDRAWN) or post.waits_for is None

    def _seen(self, who: str) -> set[str]:
        """Every word that this person reads of anybody else's."""
        seen: set[str] = set()
        actor = self.actors[who]
        with self.house.database.within(actor.trust_id).reading() as db:
            for public_id in self.written:
                try:
                    facts = get_post_facts(db, actor, public_id)
                except NotFound:
                    continue
                words = f"{facts.html or ''} {facts.title}"
                versions = [word for written in self.written.values() for word in written.versions]
                seen |= {word for word in versions if word in words and not facts.is_mine}
        return seen


def may_move_far(old: str, new: str) -> bool:
    """Whether one or two steps lead there: one action may approve and publish, or report and hide."""
    first = PostState(old)
    return any(
        may_move(first, PostState(new)) or (may_move(first, between) and may_move(between, PostState(new)))
        for between in PostState
    )


@pytest.fixture
def play(house: House) -> Play:
    return Play(house)


@settings(
    max_examples=40,
    phases=[Phase.generate],  # a failing order is short already, and each step is a real transaction
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    pseudonymous=st.booleans(),
    moderated=st.sampled_from([True, True, False]),
    usual=st.integers(0, len(USUAL)),
    steps=st.lists(
        st.tuples(st.sampled_from(PEOPLE), st.sampled_from(ACTIONS), st.integers(0, 3)), min_size=4, max_size=12
    ),
)
def test_no_order_of_actions_loses_a_text_or_shows_a_held_word(play: Play, pseudonymous, moderated, usual, steps):
    play.begin(pseudonymous=pseudonymous, moderated=moderated)
    for who, what, which in [*((*step, number // 2) for number, step in enumerate(USUAL[:usual])), *steps]:
        play.do(who, what, which)
        play.check()
