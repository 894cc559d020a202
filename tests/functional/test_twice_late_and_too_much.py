"""What people send twice, at once, too late or too often: posts, replies, changes, reactions, votes, files, reports,
decisions. Questions are in `test_nothing_is_lost.py`, teaching in `test_teaching.py`, cases in `test_case_path.py`.
"""

import io
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select

from lti_tool.access import Role
from lti_tool.boards.models import PollVote, Post
from lti_tool.boards.reader_models import PostReaction
from lti_tool.core import clock
from lti_tool.core.ids import new_public_id
from lti_tool.files.models import File
from lti_tool.moderation import Decision
from lti_tool.moderation.models import Report
from lti_tool.texts import Revision, all_drafts, draft_place
from tests.factories.files import photo
from tests.factories.house import Browser, House

WORDS = "A long answer, typed between two patients."
HANDS = 6


class Ward:
    """A course with a question that carries a poll, a published answer, and one that waits."""

    def __init__(self, house: House) -> None:
        self.house = house
        trust = house.trust()
        self.course = house.course(trust)
        self.sam = house.person(trust, "Sam Okafor", {self.course.id: Role.LEARNER})
        self.priya = house.person(trust, "Priya Nadar", {self.course.id: Role.LEARNER})
        self.helen = house.person(trust, "Dr Helen Marsh", {self.course.id: Role.TUTOR})
        self.open = house.board(self.course, self.helen, moderated=False)
        form = {"title": "Which first?", "text": "Say.", "options": "One\nTwo", "do": "send"}
        self.thread = house.browser(self.sam, self.course).post(f"/boards/{self.open}/ask", form).location
        with house.database.transaction() as db:
            self.question = db.scalars(select(Post.public_id)).one()
        self.answer = house.answer(self.priya, self.course, self.question)
        self.waiting = house.question(self.priya, self.course, house.board(self.course, self.helen))
        self.place = self.thread.rsplit("/", 1)[-1]
        self.queue = f"/courses/{self.course.public_id}/waiting/{self.waiting}"

    def at(self, person: Any) -> Browser:
        return self.house.browser(person, self.course)

    def count(self, statement: Any) -> int:
        with self.house.database.transaction() as db:
            return db.scalar(select(func.count()).select_from(statement.subquery())) or 0

    def drafts(self, person: Any) -> list[dict[str, str]]:
        with self.house.database.transaction() as db:
            return [dict(draft.fields) for draft in all_drafts(db, self.house.actor(db, person, self.course))]


@pytest.fixture
def ward(house: House) -> Ward:
    return Ward(house)


class Sent:
    """One form: who sends it, where, what, and what is counted afterwards."""

    def __init__(self, who: str, path: str, form: dict[str, str], rows: Callable[[Ward], Any], words: str = "") -> None:
        self.who, self.path, self.form, self.rows, self.words = who, path, form, rows, words

    def by(self, ward: Ward, browser: Browser | None = None, **more: str) -> Any:
        browser = browser or ward.at(getattr(ward, self.who))
        return browser.post(self.path.format(w=ward), {k: v.format(w=ward) for k, v in (self.form | more).items()})


def posts_of(ward: Ward) -> Any:
    return select(Post.id).join(Revision, Revision.text_id == Post.text_id).where(Revision.source.contains(WORDS))


SENT = {
    "a question": Sent(
        "sam", "/boards/{w.open}/ask", {"title": "When?", "text": WORDS, "draft_place": "ask:{w.open}"}, posts_of, WORDS
    ),
    "a reply": Sent("sam", "{w.thread}/reply", {"text": WORDS, "draft_place": "reply:{w.place}"}, posts_of, WORDS),
    "a change": Sent(
        "priya",
        "/posts/{w.answer}/edit",
        {"text": WORDS, "seen": "1", "draft_place": "edit:{w.answer}"},
        posts_of,
        WORDS,
    ),
    "a reaction": Sent("sam", "{w.thread}/reactions", {"react": "{w.answer}:useful"}, lambda _w: select(PostReaction)),
    "a vote": Sent("priya", "{w.thread}/vote", {"do": "vote", "choice": "1"}, lambda _w: select(PollVote)),
    "a report": Sent("sam", "/posts/{w.answer}/report", {"reason": "unkind"}, lambda _w: select(Report)),
    "a decision": Sent(
        "helen",
        "{w.queue}",
        {"verb": "return", "seen": "1", "asked": "yes", "note": WORDS, "draft_place": "decide:{w.waiting}"},
        lambda _w: select(Decision),
        WORDS,
    ),
}


@pytest.fixture(params=SENT)
def sent(request: pytest.FixtureRequest) -> Sent:
    return SENT[request.param]


def test_a_double_click_does_it_once_and_alarms_nobody(ward: Ward, sent: Sent) -> None:
    browser, once = ward.at(getattr(ward, sent.who)), {"once": new_public_id()}
    answers = [sent.by(ward, browser, **once) for _click in range(3)]
    assert [answer.status_code for answer in answers] == [303, 303, 303]
    assert ward.count(sent.rows(ward)) == 1
    assert not ward.drafts(getattr(ward, sent.who)), "nothing is left over that looks unsent"


def test_sent_by_many_hands_at_once_it_is_done_once(ward: Ward, sent: Sent) -> None:
    browsers, once = [ward.at(getattr(ward, sent.who)) for _hand in range(HANDS)], {"once": new_public_id()}
    with ThreadPoolExecutor(HANDS) as pool:
        answers = list(pool.map(lambda browser: sent.by(ward, browser, **once), browsers))
    assert {answer.status_code for answer in answers} <= {303, 409}
    assert 303 in {answer.status_code for answer in answers}
    assert ward.count(sent.rows(ward)) == 1


def test_after_the_visit_is_over_nothing_is_done_and_the_words_wait(ward: Ward, sent: Sent) -> None:
    person = getattr(ward, sent.who)
    browser = ward.at(person)
    with time_machine.travel(clock.now() + timedelta(hours=3), tick=False):
        answer = sent.by(ward, browser)
        assert answer.status_code in (401, 409)
        assert "Cardiology ST4" in answer.text or "Open" in answer.text
        assert ward.count(sent.rows(ward)) == 0
        kept = [words for draft in ward.drafts(person) for words in draft.values()]
        assert (sent.words in kept) == bool(sent.words)


@pytest.mark.parametrize("what", ["a question", "a reply"])
def test_too_many_within_the_hour_are_stopped_and_the_words_come_back(ward: Ward, what: str) -> None:
    settings = ward.house.database.notes["settings"]
    ward.house.database.notes["settings"] = replace(settings, posts_per_hour=1)
    answer = SENT[what].by(ward)
    assert answer.status_code == 400
    assert WORDS in answer.text
    assert "Your text is safe" in answer.text
    assert ward.count(posts_of(ward)) == 0


def test_a_file_sent_after_the_visit_is_over_is_not_kept_and_the_words_are(ward: Ward) -> None:
    browser = ward.at(ward.sam)
    form = {"title": "What is this?", "text": WORDS, "do": "attach", "draft_place": draft_place("ask", ward.open)}
    with time_machine.travel(clock.now() + timedelta(hours=3), tick=False):
        answer = browser.post(
            f"/boards/{ward.open}/ask",
            form | {"file": (io.BytesIO(photo()), "a.jpg")},
            content_type="multipart/form-data",
        )
        assert answer.status_code == 409
        assert ward.count(select(File)) == 0
        assert [draft["text"] for draft in ward.drafts(ward.sam)] == [WORDS]


def test_a_file_added_twice_by_a_double_click_can_be_taken_out(ward: Ward) -> None:
    """Two clicks send the same form: each answer holds one file, and the one that is left over goes by night."""
    browser, form = ward.at(ward.sam), {"title": "What is this?", "text": WORDS, "do": "attach"}
    pages = [
        browser.post(f"/boards/{ward.open}/ask", form | {"file": (io.BytesIO(photo()), "a.jpg")},
                     content_type="multipart/form-data").text
        for _click in range(2)
    ]  # fmt: skip
    held = [re.findall(r'name="files" value="([^"]*)"', page)[0].split() for page in pages]
    assert [len(files) for files in held] == [1, 1]
    assert all(WORDS in page for page in pages)
