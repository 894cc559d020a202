"""Searching as people do: what they find, how it is shown, and what nobody finds."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from lti_tool.access import Duty, Role
from lti_tool.boards import Hold, get_post_facts, hold_thread, release_thread
from lti_tool.boards.actions import edit_post, withdraw_post
from lti_tool.boards.models import Post
from lti_tool.core import clock
from lti_tool.moderation.actions import decide, remove, report_post
from lti_tool.moderation.forms import DecisionDraft, ReportDraft
from lti_tool.moderation.rules import Verb
from lti_tool.programme import cancel_session, get_session
from lti_tool.programme.actions import delete_session
from lti_tool.search import count_wrong_entries, matching, mend_trust
from lti_tool.search import queries as search
from lti_tool.search.models import SearchEntry, SearchWords
from lti_tool.texts import prepare
from tests.factories.cases import Room
from tests.factories.house import House

pytestmark = pytest.mark.sql
TITLE, WORDS = "When does the P2Y12 inhibitor stop after a stent?", "Ménière said: clopidogrel for a year."


class Ward:
    """A course with trainees and a tutor, a named board and one that hides names; Jon of another course."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.trust = house.trust()
        self.inside = house.database.within(self.trust.id)
        self.course, self.elsewhere = house.course(self.trust), house.course(self.trust, "F1 Medicine")
        here = {self.course.id: Role.LEARNER}
        self.sam, self.priya = (house.person(self.trust, name, here) for name in ("Sam Okafor", "Priya Nadar"))
        self.helen = house.person(self.trust, "Dr Helen Marsh", {self.course.id: Role.TUTOR})
        self.jon = house.person(self.trust, "Jon", {self.elsewhere.id: Role.TUTOR})
        self.board = house.board(self.course, self.helen, title="Ask cardiology")
        self.sealed = house.board(self.course, self.helen, pseudonymous=True, title="Ask without fear")
        self.open = house.board(self.course, self.helen, moderated=False, title="Local know-how")

    def ask(self, board: str | None = None, title: str = TITLE, words: str = WORDS) -> str:
        """A question of Sam's on a board that nobody reads first; in the index."""
        post = self.house.question(self.sam, self.course, board or self.open, title, words)
        self.house.work()
        return post

    def with_post(self, who, post: str, act) -> None:
        with self.house.database.transaction() as db:
            actor = self.house.actor(db, who, self.course)
            act(db, actor, get_post_facts(db, actor, post))

    def approve(self, post: str) -> None:
        self.with_post(
            self.helen,
            post,
            lambda db, actor, facts: decide(db, actor, facts, DecisionDraft(Verb.APPROVE, facts.latest)),
        )

    def page(self, words: str, who=None, course=None, **narrowed: str) -> str:
        course = course or self.course
        query = {"q": words} | narrowed
        answer = self.house.browser(who or self.priya, course).get(
            f"/courses/{course.public_id}/search", query_string=query
        )
        assert answer.status_code == 200
        return answer.text

    def finds(self, words: str, who=None, course=None, **narrowed: str) -> list[str]:
        """The titles that the page shows, without marks."""
        found = re.findall(r'gr-row__title"><a[^>]*>(.*?)</a>', self.page(words, who, course, **narrowed))
        return [re.sub(r"</?mark>", "", title) for title in found]


@pytest.fixture
def ward(house: House, engine: str) -> Ward:
    return Ward(house)


def test_it_is_found_by_its_title_by_its_words_without_accents_and_in_the_plural(ward: Ward):
    ward.ask()
    for words in ("P2Y12", "p2y12 inhibitors", "meniere", "MÉNIÈRE clopidogrel", "stents year", "when stop"):
        assert ward.finds(words) == [TITLE], words
    assert ward.finds("p2y12 ticagrelor") == [], "all words must be there"


def test_what_was_found_is_marked_and_everything_else_escaped(ward: Ward):
    ward.ask(title="Is <b>apixaban</b> safe?", words="See <script>x</script> apixaban & co.")
    page = ward.page("apixaban")
    assert "Is &lt;b&gt;<mark>apixaban</mark>&lt;/b&gt; safe?" in page
    assert "&lt;script&gt;x&lt;/script&gt; <mark>apixaban</mark> &amp; co." in page


@pytest.mark.parametrize(
    "typed", ['"', "'", "* OR p2y12", "NEAR(p2y12)", "p2y12 -- x", "(", "rowid:1", "&|!", "\\", "%"]
)
def test_whatever_is_typed_is_words_and_nothing_else(ward: Ward, typed: str):
    ward.ask()
    expected = [TITLE] if "p2y12" in typed and "near" not in typed.lower() and "x" not in typed else []
    assert ward.finds(typed) == expected


def test_nothing_waiting_is_found_by_anybody_and_it_is_once_approved(ward: Ward):
    post = ward.ask(ward.board)
    for who in (ward.sam, ward.priya, ward.helen):
        assert ward.finds("p2y12", who) == []
    ward.approve(post)
    ward.house.work()
    for who in (ward.sam, ward.priya, ward.helen):
        assert ward.finds("p2y12", who) == [TITLE]


def gone(ward: Ward, post: str, how: str) -> None:
    draft = ReportDraft("patient", "It may name somebody.")
    acts = {
        "removed": (ward.helen, lambda db, actor, facts: remove(db, actor, facts, draft)),
        "withdrawn": (ward.sam, withdraw_post),
        "hidden": (ward.priya, lambda db, actor, facts: report_post(db, actor, facts, draft)),
        "held": (ward.helen, lambda db, _actor, facts: hold_thread(db, facts.thread_id, ward.trust.id, [Hold.PRIVACY])),
    }
    ward.with_post(acts[how][0], post, acts[how][1])


@pytest.mark.parametrize("how", ["removed", "withdrawn", "hidden", "held"])
def test_what_is_gone_is_not_found_even_while_the_index_lags(ward: Ward, how: str):
    post = ward.ask()
    assert ward.finds("p2y12") == [TITLE]
    gone(ward, post, how)
    for who in (ward.sam, ward.priya, ward.helen):
        page = ward.page("clopidogrel", who)
        assert "P2Y12" not in page
        assert "for a year" not in page
        assert similar(ward, who, TITLE) == []
    with ward.inside.reading() as db:
        assert db.scalar(select(SearchEntry.id)) is not None, "the index has not heard of it yet"
    ward.house.work()
    with ward.inside.reading() as db:
        left = db.scalars(select(SearchWords.id)).all()
    assert bool(left) == (how == "held"), "and then it holds nothing of it"


def test_what_was_held_is_found_again(ward: Ward):
    post = ward.ask()
    gone(ward, post, "held")
    ward.with_post(ward.helen, post, lambda db, _actor, facts: release_thread(db, facts.thread_id, [Hold.PRIVACY]))
    assert ward.finds("p2y12") == [TITLE]


def test_a_waiting_edit_is_not_found_and_the_approved_one_is(ward: Ward):
    post = ward.ask(ward.board)
    ward.approve(post)
    new = prepare("Prasugrel instead.", "Another title")
    ward.with_post(ward.sam, post, lambda db, actor, facts: edit_post(db, actor, facts, new, facts.latest))
    ward.house.work()
    assert ward.finds("prasugrel", ward.sam) == []
    assert ward.finds("clopidogrel") == [TITLE]
    ward.approve(post)
    ward.house.work()
    assert ward.finds("prasugrel") == ["Another title"]
    assert ward.finds("clopidogrel") == []


def test_nobody_of_another_course_or_trust_finds_it_and_an_education_administrator_does(ward: Ward):
    ward.ask()
    assert ward.finds("p2y12", ward.jon, ward.elsewhere) == []
    other = ward.house.trust("Another trust")
    abroad = ward.house.course(other, "Theirs")
    eve = ward.house.person(other, "Eve", {abroad.id: Role.TUTOR}, Duty.EDUCATION_ADMINISTRATOR)
    assert ward.finds("p2y12", eve, abroad) == []
    ruth = ward.house.person(ward.trust, "Ruth", {ward.elsewhere.id: Role.READER}, Duty.EDUCATION_ADMINISTRATOR)
    assert ward.finds("p2y12", ruth, ward.elsewhere) == [TITLE]


@pytest.mark.parametrize("name", ["Okafor", "Sam", "Sam Okafor"])
def test_nobody_is_found_by_name_on_any_board(ward: Ward, name: str):
    ward.ask()
    ward.ask(ward.sealed)
    for who in (ward.sam, ward.priya, ward.helen):
        assert ward.finds(name, who) == []


def test_what_carries_no_name_shows_its_alias_and_is_not_found_by_it(ward: Ward):
    post = ward.ask(ward.sealed)
    ward.approve(post)
    ward.house.work()
    with ward.inside.reading() as db:
        alias = db.scalar(select(Post.alias).where(Post.public_id == post))
    page = ward.page("p2y12", ward.helen)
    assert alias in page
    assert "Okafor" not in page
    assert "Helen" not in page, "no name of who looks, either"
    assert ward.finds(alias, ward.helen) == []


def test_answers_cases_and_teaching_are_found_too(ward: Ward):
    question = ward.ask(title="What of apixaban?", words="Dose?")
    ward.house.answer(ward.priya, ward.course, question, "Five milligrams of apixaban.")
    ward.house.teaching(ward.helen, ward.course, "Apixaban and friends", speaker="Ela Birch", room="Room 2")
    room = Room(ward.house, ward.course)
    case = room.publish(ward.sam, ward.helen, story={"title": "Apixaban on the ward"})
    ward.house.work()
    assert sorted(ward.finds("apixaban")) == [
        "Answer to: What of apixaban?", "Apixaban and friends", "Apixaban on the ward", "What of apixaban?"
    ]  # fmt: skip
    assert ward.finds("apixaban", kind="case") == ["Apixaban on the ward"]
    assert ward.finds("apixaban", kind="answer") == ["Answer to: What of apixaban?"]
    assert ward.finds("apixaban", kind="teaching") == ["Apixaban and friends"]
    assert ward.finds("apixaban", kind="nonsense", since="nonsense") == ward.finds("apixaban")
    assert ward.finds("ela birch") == ["Apixaban and friends"], "a speaker is what teaching is about"
    assert ward.finds("apixaban", board=ward.open, kind="question") == ["What of apixaban?"]
    assert ward.finds("apixaban", board=ward.board) == []
    room.withdraw(ward.sam, case)
    assert ward.finds("apixaban", kind="case") == []


def test_how_a_case_ends_is_found_by_nobody(ward: Ward):
    room = Room(ward.house, ward.course)
    case = room.publish(ward.sam, ward.helen, ending={"text": "It was a phaeochromocytoma.", "note": "Think of it."})
    ward.house.work()
    for who in (ward.sam, ward.priya, ward.helen):
        assert ward.finds("phaeochromocytoma", who) == []
    room.commit(ward.priya, case)
    assert ward.finds("phaeochromocytoma") == []


def test_what_is_said_about_a_case_is_found_once_the_reader_has_answered_it(ward: Ward):
    room = Room(ward.house, ward.course)
    case = room.publish(ward.sam, ward.helen)
    opening = room.facts(ward.sam, case).opening_public_id
    ward.house.answer(ward.helen, ward.course, opening, "I would have thought of thyrotoxicosis.")
    ward.house.work()
    assert ward.finds("thyrotoxicosis") == []
    assert len(ward.finds("thyrotoxicosis", ward.sam)) == 1
    room.commit(ward.priya, case)
    assert len(ward.finds("thyrotoxicosis")) == 1


def test_a_case_for_the_whole_trust_is_found_from_another_course_until_it_is_narrowed(ward: Ward):
    room = Room(ward.house, ward.course)
    case = room.publish(ward.sam, ward.helen, story={"title": "A shared surprise"})
    ward.house.work()
    assert ward.finds("surprise", ward.jon, ward.elsewhere) == []
    room.widen(ward.helen, case)
    ward.house.work()
    assert ward.finds("surprise", ward.jon, ward.elsewhere) == ["A shared surprise"]
    room.widen(ward.helen, case, is_shared=False)
    assert ward.finds("surprise", ward.jon, ward.elsewhere) == []


def test_teaching_that_moved_or_was_cancelled_is_found_and_deleted_teaching_is_not(ward: Ward):
    name = ward.house.teaching(ward.helen, ward.course, "Pacing made plain")
    with ward.house.database.transaction() as db:
        actor = ward.house.actor(db, ward.helen, ward.course)
        cancel_session(db, actor, get_session(db, actor, name), "Away.", 1)
    ward.house.work()
    assert ward.finds("pacing") == ["Pacing made plain"]
    with ward.house.database.transaction() as db:
        actor = ward.house.actor(db, ward.helen, ward.course)
        delete_session(db, actor, get_session(db, actor, name), 2)
    assert ward.finds("pacing") == []


def test_titles_come_first_then_the_newest_and_pages_go_on_where_the_last_ended(ward: Ward):
    first = ward.ask(title="Warfarin and leeks", words="Both.")
    for number in range(44):
        ward.house.question(ward.sam, ward.course, ward.open, f"Question {number}", "Leeks, and more.")
    assert first
    ward.house.work()
    browser = ward.house.browser(ward.priya, ward.course)
    path, seen = f"/courses/{ward.course.public_id}/search?q=leek", []
    for _page in range(3):
        text = browser.get(path).text
        titles = re.findall(r'gr-row__title"><a[^>]*>(.*?)</a>', text)
        seen += [re.sub(r"</?mark>", "", title) for title in titles]
        following = re.search(r'href="([^"]*after=[^"]*)" rel="next"', text)
        path = following.group(1).replace("&amp;", "&") if following else ""
    assert seen[0] == "Warfarin and leeks"
    assert len(seen) == len(set(seen)) == 45
    assert path == ""


def test_too_much_to_rank_comes_newest_first_and_says_so(ward: Ward, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(search, "MOST_RANKED", 30)
    ward.ask(title="Leeks", words="Old.")
    for number in range(50):
        ward.house.question(ward.sam, ward.course, ward.open, f"Question {number}", "Leeks, and more.")
    ward.house.work()
    page = ward.page("leek")
    assert "the newest come first" in page
    browser, seen = ward.house.browser(ward.priya, ward.course), []
    path = f"/courses/{ward.course.public_id}/search?q=leek"
    while path:
        text = browser.get(path).text
        seen += re.findall(r'gr-row__title"><a [^>]*href="([^"]*)"', text)
        following = re.search(r'href="([^"]*after=[^"]*)" rel="next"', text)
        path = following.group(1).replace("&amp;", "&") if following else ""
    assert len(seen) == len(set(seen)) == 51


def test_only_what_is_young_enough_is_found_when_asked_for(ward: Ward):
    with clock.at(clock.now() - timedelta(days=100)):
        ward.ask(title="Old leeks")
    ward.ask(title="New leeks")
    ward.house.work()
    assert sorted(ward.finds("leeks")) == ["New leeks", "Old leeks"]
    assert ward.finds("leeks", since="month") == ["New leeks"]
    assert sorted(ward.finds("leeks", since="year")) == ["New leeks", "Old leeks"]


def test_a_board_that_one_may_not_read_cannot_be_searched(ward: Ward):
    browser = ward.house.browser(ward.jon, ward.elsewhere)
    answer = browser.get(f"/courses/{ward.elsewhere.public_id}/search?q=p2y12&board={ward.open}")
    assert answer.status_code == 404


def test_an_empty_answer_offers_to_ask(ward: Ward):
    page = ward.page("unicorn", kind="case")
    assert "Nothing that you can read says all of this." in page
    assert "Ask it on “Ask cardiology”" in page
    assert "Look everywhere, at any time" in page
    assert "Type a word that says more" in ward.page("what is the")


def similar(ward: Ward, who, title: str, board: str = "") -> list[str]:
    answer = ward.house.browser(who, ward.course).get(
        f"/boards/{board or ward.open}/similar", query_string={"title": title}
    )
    assert answer.status_code == 200
    return [re.sub(r"</?mark>", "", found) for found in re.findall(r'href="/threads/[^"]*">(.*?)</a>', answer.text)]


def test_similar_questions_are_those_whose_titles_share_most_words(ward: Ward):
    ward.ask()
    ward.ask(title="When is a stent checked?")
    ward.ask(title="Where is the pacing box?")
    for number in range(6):
        ward.ask(title=f"Stent and inhibitor, part {number}")
    found = similar(ward, ward.priya, "Stop the inhibitor P2Y12 after stents")
    assert found[0] == TITLE
    assert len(found) == 5
    assert "Where is the pacing box?" not in found
    assert similar(ward, ward.priya, "") == []
    assert similar(ward, ward.priya, "the") == []


def test_who_asks_sees_similar_questions_without_javascript(ward: Ward):
    ward.ask()
    browser = ward.house.browser(ward.priya, ward.course)
    opened = browser.post(f"/boards/{ward.open}/ask", {"do": "open", "title": "Stent and inhibitor: stop?"})
    assert "P2Y12" in browser.get(opened.location).text


def test_the_bar_of_every_page_searches_and_its_key_can_be_switched_off(ward: Ward):
    browser = ward.house.browser(ward.priya, ward.course)
    page = browser.get(f"/courses/{ward.course.public_id}/").text
    assert f'action="/courses/{ward.course.public_id}/search" data-keys>' in page
    answer = browser.post(f"/courses/{ward.course.public_id}/keys", {"keys": "off", "thread_id": "search"})
    assert answer.location.endswith("/search")
    assert f'action="/courses/{ward.course.public_id}/search">' in browser.get(answer.location).text


def test_what_the_index_lacks_has_too_much_or_has_as_it_was_is_counted_and_made_good(ward: Ward):
    ward.ask()
    ward.ask(title="Two")
    ward.house.teaching(ward.helen, ward.course, "Pacing made plain")
    ward.house.work()
    with ward.inside.reading() as db:
        assert count_wrong_entries(db, ward.trust.id) == 0
        before = db.execute(select(SearchEntry.id, SearchEntry.kind, SearchEntry.number)).all()
    with ward.inside.transaction() as db:
        keys = db.scalars(select(SearchEntry.id).order_by(SearchEntry.id)).all()
        db.execute(delete(SearchWords).where(SearchWords.id == keys[0]))
        db.execute(update(SearchEntry).where(SearchEntry.id == keys[1]).values(version=9))
        db.execute(update(SearchEntry).where(SearchEntry.id == keys[2]).values(number=999))
    with ward.inside.reading() as db:
        assert count_wrong_entries(db, ward.trust.id) == 4, "one without tokens, one old, one of nothing, one missing"
    assert mend_trust(ward.inside, ward.trust.id) == 4
    with ward.inside.reading() as db:
        assert count_wrong_entries(db, ward.trust.id) == 0
        assert sorted(db.execute(select(SearchEntry.id, SearchEntry.kind, SearchEntry.number)).all()) == sorted(before)
    assert ward.finds("p2y12") == [TITLE]


def test_an_index_that_was_made_with_another_key_is_made_anew(ward: Ward):
    ward.ask()
    with ward.inside.reading() as db:
        before = db.scalars(select(SearchEntry.id)).all()
    ward.house.database.notes["search_key"] = ward.inside.notes["search_key"] = b"another key, of 32 bytes at least"
    assert ward.finds("p2y12") == []
    with ward.inside.reading() as db:
        assert count_wrong_entries(db, ward.trust.id) == 1
    mend_trust(ward.inside, ward.trust.id)
    assert ward.finds("p2y12") == [TITLE]
    with ward.inside.reading() as db:
        assert db.scalars(select(SearchEntry.id)).all() == before


@pytest.mark.sql("postgresql")
@pytest.mark.parametrize("often", [5, 10_000])
def test_the_newest_of_too_many_are_met_by_looking_through_them_or_by_the_index(ward: Ward, monkeypatch, often: int):
    monkeypatch.setattr(search, "MOST_RANKED", 10)
    monkeypatch.setattr(matching, "MET_OFTEN", often)
    for number in range(12):
        with clock.at(clock.now() - timedelta(days=number)):
            ward.house.question(ward.sam, ward.course, ward.open, f"Leeks {number}", "Fresh.")
    ward.house.work()
    assert ward.finds("leek")[:10] == [f"Leeks {number}" for number in range(10)]
