"""Boards and one's own posts as files: what is in them, what never is, and that nothing tricks who opens them."""

import csv
import io
import json
from html.parser import HTMLParser

import pytest
from sqlalchemy import select

from lti_tool.boards import get_post_facts, hold_thread
from lti_tool.boards.actions import withdraw_post
from lti_tool.boards.formats import safe_cell
from lti_tool.boards.models import Post
from lti_tool.boards.rules import Hold
from lti_tool.journal.models import JournalLine
from lti_tool.moderation.actions import remove
from lti_tool.moderation.forms import ReportDraft
from lti_tool.moderation.rules import Verb
from tests.factories.house import House
from tests.integration.test_inbox import Ward

pytestmark = pytest.mark.sql
FORMULA = '=HYPERLINK("https://evil.example";"look")'


class Place(Ward):
    """A ward with a published question and its reply."""

    def __init__(self, house: House, pseudonymous: bool = False) -> None:
        super().__init__(house, pseudonymous)
        self.question = self.published("When does it stop?", "**Twelve** months, or six?")
        self.answer = self.reply(self.priya, self.question)
        self.decide(self.answer, Verb.APPROVE)

    def published(self, title: str, text: str) -> str:
        post = self.house.question(self.sam, self.course, self.board, title, text)
        self.decide(post, Verb.APPROVE)
        return post

    def export(self, kind: str, who=None) -> str:
        browser = self.house.browser(who or self.helen, self.course)
        answer = browser.post(f"/boards/{self.board}/export", {"as": kind})
        assert answer.status_code == 200, answer.get_data(as_text=True)
        assert answer.headers["Content-Disposition"] == f"attachment; filename=Ask.{kind}"
        return answer.get_data().decode("utf-8-sig")

    def own(self, kind: str, who) -> str:
        answer = self.house.browser(who, self.course).post(
            f"/courses/{self.course.public_id}/contributions", {"as": kind}
        )
        assert answer.status_code == 200
        return answer.get_data().decode("utf-8-sig")


@pytest.fixture
def place(house: House) -> Place:
    return Place(house)


@pytest.fixture
def sealed(house: House) -> Place:
    return Place(house, pseudonymous=True)


def rows(table: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(table)))


def test_a_table_has_a_row_a_post_with_who_wrote_it(place):
    first, second = rows(place.export("csv"))
    assert first["Question"] == second["Question"] == "When does it stop?"
    assert (first["Kind"], first["Author"], first["Text"]) == ("question", "Sam Okafor", "Twelve months, or six?")
    assert (second["Kind"], second["Author"]) == ("reply", "Priya Nadar")


def test_data_holds_what_was_typed_and_which_reply_answers_what(place):
    data = json.loads(place.export("json"))
    assert [post["id"] for post in data["posts"]] == [place.question, place.answer]
    assert data["posts"][0]["markdown"] == "**Twelve** months, or six?"
    assert "<strong>Twelve</strong>" in data["posts"][0]["html"]
    assert data["posts"][1]["is_question"] is False


class Fetches(HTMLParser):
    """What a page would fetch or run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.headings = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.headings += tag == "h1"
        if tag in ("script", "link", "img", "iframe", "object", "video", "audio", "base", "form"):
            self.found.append(tag)
        self.found += [name for name, _value in attrs if name == "src" or name.startswith("on")]


def test_a_page_needs_nothing_but_itself(place):
    place.published("New <script>alert(1)</script>?", "<img src=x onerror=alert(1)>")
    page = place.export("html")
    seen = Fetches()
    seen.feed(page)
    assert seen.found == []
    assert seen.headings == 1
    assert "When does it stop?" in page
    assert "<strong>Twelve</strong>" in page
    assert "Priya Nadar" in page


@pytest.mark.parametrize("kind", ["html", "csv", "json"])
def test_where_names_are_hidden_a_file_holds_aliases_and_days(sealed, kind):
    text = sealed.export(kind)
    alias = sealed.house.facts(sealed.helen, sealed.course, sealed.question).author
    assert alias in text
    for word in ("Sam", "Okafor", "Priya", "Nadar", sealed.sam.public_id, sealed.priya.public_id):
        assert word not in text
    with sealed.inside.reading() as db:
        moments = db.scalars(select(Post.published_at)).all()
    assert not any(f"{moment:%H:%M:%S}" in text for moment in moments)


@pytest.mark.parametrize("kind", ["html", "csv", "json"])
def test_what_waits_is_hidden_removed_withdrawn_or_held_is_in_no_file(place, kind):
    gone = {
        "waiting": place.house.question(place.sam, place.course, place.board, "WAITING?", "Words of a waiting post."),
        "removed": place.published("REMOVED?", "Words of a removed post."),
        "withdrawn": place.published("WITHDRAWN?", "Words of a withdrawn post."),
        "held": place.published("HELD?", "Words of a held post."),
    }
    with place.inside.transaction() as db:
        helen = place.house.actor(db, place.helen, place.course)
        remove(db, helen, get_post_facts(db, helen, gone["removed"]), ReportDraft("spam", ""))
    with place.inside.transaction() as db:
        sam = place.house.actor(db, place.sam, place.course)
        withdraw_post(db, sam, get_post_facts(db, sam, gone["withdrawn"]))
    with place.inside.transaction() as db:
        thread = get_post_facts(db, place.house.actor(db, place.sam, place.course), gone["held"]).thread_id
        hold_thread(db, thread, place.course.trust_id, [Hold.PRIVACY])
    for text in (place.export(kind), place.own(kind, place.sam)):
        assert "Twelve" in text
        for word in ("WAITING", "REMOVED", "WITHDRAWN", "HELD", "Words of a"):
            assert word not in text


@pytest.mark.parametrize("kind", ["html", "csv", "json"])
def test_a_reply_stays_and_the_title_of_a_removed_question_does_not(place, kind):
    with place.inside.transaction() as db:
        helen = place.house.actor(db, place.helen, place.course)
        remove(db, helen, get_post_facts(db, helen, place.question), ReportDraft("patient", ""))
    for text in (place.export(kind), place.own(kind, place.priya)):
        assert "Because of the stent." in text
        assert "When does it stop?" not in text


@pytest.mark.parametrize("text", [FORMULA, "+1", "-1", "@x", "\t=1", "  =1", "＝1", "\r=1", "\u00a0=1"])
def test_no_cell_is_a_formula(text):
    assert safe_cell(text).startswith("'")


def test_words_stay_words_and_a_typed_formula_is_disarmed(place):
    assert safe_cell("Why = that?") == "Why = that?"
    place.published("@SUM(A1)", FORMULA)
    row = rows(place.export("csv"))[-1]
    assert row["Question"] == "'@SUM(A1)"
    assert row["Text"].startswith("'=HYPERLINK")


def test_only_tutors_save_a_board_and_the_journal_says_so(place):
    learner = place.house.browser(place.priya, place.course)
    assert learner.get(f"/boards/{place.board}/export").status_code == 403
    assert learner.post(f"/boards/{place.board}/export", {"as": "csv"}).status_code == 403
    assert "export" not in learner.get(f"/boards/{place.board}").get_data(as_text=True)
    place.export("csv")
    with place.inside.reading() as db:
        (line,) = db.scalars(select(JournalLine).where(JournalLine.verb == "board.exported"))
    assert (line.actor, line.subject) == (place.helen.public_id, f"board:{place.board}")
    assert line.details == {"as": "csv"}
    assert place.house.browser(place.helen, place.course).post(f"/boards/{place.board}/export").status_code == 400


def test_my_file_holds_what_i_wrote_on_every_board_and_nobody_elses(place):
    """Under my name here, under my alias there; the alias is mine to know and nobody else's file shows it."""
    place.board = place.house.board(place.course, place.helen, pseudonymous=True, title="Without fear")
    hidden = place.published("Is it too late to ask?", "Nobody told me.")
    alias = place.house.facts(place.helen, place.course, hidden).author
    posts = json.loads(place.own("json", place.sam))["posts"]
    assert [(post["question"], post["author"]) for post in posts] == [
        ("Is it too late to ask?", alias),
        ("When does it stop?", "Sam Okafor"),
    ]
    for other in (place.priya, place.helen):
        text = place.own("json", other)
        assert alias not in text
        assert "Nobody told me." not in text
    page = place.house.browser(place.sam, place.course).get(f"/courses/{place.course.public_id}/contributions")
    said = page.get_data(as_text=True)
    assert f"as {alias}" in said
    assert "Sam Okafor" not in said, "a glance at the screen must not join the two"
    with place.inside.reading() as db:
        lines = db.scalars(select(JournalLine).where(JournalLine.verb == "own.exported")).all()
    assert {line.subject for line in lines} == {f"person:{p.public_id}" for p in (place.sam, place.priya, place.helen)}


def test_a_long_board_is_sent_in_pieces(place, monkeypatch):
    monkeypatch.setattr("lti_tool.boards.exports.A_BATCH", 2)
    titles = [f"Question {number}" for number in range(5)]
    for title in titles:
        place.published(title, "Text.")
    assert [row["Question"] for row in rows(place.export("csv"))][2:] == titles
    browser = place.house.browser(place.helen, place.course)
    answer = browser.post(f"/boards/{place.board}/export", {"as": "csv"}, buffered=False)
    assert answer.is_streamed
