"""How far to trust an answer: where it comes from, who stands behind it, what helped, and what is out of date."""

import re

import pytest

from lti_tool.access import Role
from lti_tool.boards import PostState, get_post_facts
from lti_tool.journal import JournalLine
from lti_tool.moderation import DecisionDraft, Verb, decide
from tests.factories.house import House

pytestmark = pytest.mark.sql
GUIDELINE = {"do": "send", "level": "guideline", "references": "NICE NG185\nPMID 27959713"}


class Ward:
    def __init__(self, house: House, *, pseudonymous: bool = False, moderated: bool = False) -> None:
        self.house = house
        trust = self.trust = house.trust()
        self.course = house.course(trust)
        here = self.course.id
        self.sam = house.person(trust, "Sam Okafor", {here: Role.LEARNER})
        self.priya = house.person(trust, "Priya Nadar", {here: Role.LEARNER})
        self.helen = house.person(trust, "Dr Helen Marsh", {here: Role.TUTOR})
        self.rhys = house.person(trust, "Dr Rhys Pennant", {here: Role.TUTOR})
        self.board = house.board(self.course, self.helen, pseudonymous=pseudonymous, moderated=moderated)
        self.question = house.question(self.sam, self.course, self.board, "When does it stop?")
        self.thread = house.facts(self.sam, self.course, self.question).thread_public_id if not moderated else ""

    def at(self, who):
        return self.house.browser(who, self.course)

    def reply(self, who, text="After twelve months.", **fields) -> str:
        answer = self.at(who).post(f"/threads/{self.thread}/reply", {"do": "send", "text": text} | fields)
        assert answer.status_code == 303, answer.text[-800:]
        return re.findall(r'<article class="gr-post[^"]*" id="([^"]+)"', self.page(who))[-1]

    def page(self, who) -> str:
        return self.at(who).get(f"/threads/{self.thread}").text

    def act(self, who, post: str, what: str, **fields) -> str:
        answer = self.at(who).post(f"/posts/{post}/{what}", fields)
        assert answer.status_code in (303, 400, 403, 409), answer.text[-800:]
        return self.page(who)

    def list(self) -> str:
        return self.at(self.priya).get(f"/boards/{self.board}").text


@pytest.fixture
def ward(house: House) -> Ward:
    return Ward(house)


def test_an_answer_says_where_it_comes_from(ward):
    ward.reply(ward.priya, **GUIDELINE)
    page = ward.page(ward.sam)
    assert re.search(r"<strong>Guideline</strong> · <a [^>]*href=\"https://www.nice.org.uk/guidance/ng185\"", page)
    assert "https://pubmed.ncbi.nlm.nih.gov/27959713/" in page


def test_one_without_a_source_says_so(ward):
    ward.reply(ward.priya)
    assert "<strong>Opinion</strong> · no source given" in ward.page(ward.sam)


@pytest.mark.sql("sqlite")
def test_what_is_wrong_comes_back_as_it_was_typed(ward):
    wrong = {"do": "send", "text": "Words.", "level": "gossip", "references": "a\nb\nc\nd\ne\nf"}
    answer = ward.at(ward.priya).post(f"/threads/{ward.thread}/reply", wrong)
    assert answer.status_code == 400
    assert "Give at most 5 references, one a line." in answer.text
    assert "a\nb\nc\nd\ne\nf</textarea>" in answer.text
    named = {"do": "send", "text": "Words.", "references": "Letter about 943 476 5919"}
    answer = ward.at(ward.priya).post(f"/threads/{ward.thread}/reply", named)
    assert answer.status_code == 400
    assert "An NHS number names one person." in answer.text
    assert "Letter about 943 476 5919" in answer.text


def test_an_edit_brings_its_own_evidence_and_the_form_remembers(ward):
    post = ward.reply(ward.priya, **GUIDELINE)
    form = ward.at(ward.priya).get(f"/posts/{post}/edit").text
    assert '<option value="guideline" selected>' in form
    assert "NICE NG185\nPMID 27959713</textarea>" in form
    changed = {"do": "send", "text": "After six.", "seen": "1", "level": "trial", "references": "doi:10.1056/x1"}
    assert ward.at(ward.priya).post(f"/posts/{post}/edit", changed).status_code == 303
    page = ward.page(ward.sam)
    assert "<strong>Trial</strong>" in page
    assert "NG185" not in page


def test_on_a_moderated_board_new_evidence_waits_with_its_words(house):
    ward = Ward(house, moderated=True)

    def approve(post):
        with house.database.transaction() as db:
            actor = house.actor(db, ward.helen, ward.course)
            facts = get_post_facts(db, actor, post)
            decide(db, actor, facts, DecisionDraft(Verb.APPROVE, facts.latest))

    approve(ward.question)
    ward.thread = house.facts(ward.sam, ward.course, ward.question).thread_public_id
    post = ward.reply(ward.priya, **GUIDELINE)
    assert "Guideline</strong>" not in ward.page(ward.sam)
    approve(post)
    assert "Guideline</strong>" in ward.page(ward.sam)
    changed = {"do": "send", "text": "After six.", "seen": "1", "level": "trial", "references": "doi:10.1056/x1"}
    ward.at(ward.priya).post(f"/posts/{post}/edit", changed)
    assert "Guideline</strong>" in ward.page(ward.sam)
    approve(post)
    assert "<strong>Trial</strong>" in ward.page(ward.sam)


class TestAccepted:
    def test_it_stands_right_under_the_question(self, ward):
        first, second = ward.reply(ward.priya), ward.reply(ward.helen, "After six.")
        page = ward.act(ward.sam, second, "accept")
        assert page.index(f'id="{second}"') < page.index(f'id="{first}"')
        assert "this helped whoever asked" in page
        assert ">Answered</strong>" in ward.list()
        page = ward.act(ward.sam, second, "accept")
        assert "this helped whoever asked" not in page
        assert ">Answered</strong>" not in ward.list()

    def test_only_who_asked_or_a_tutor_accepts(self, ward):
        post = ward.reply(ward.priya)
        assert "this helped" not in ward.act(ward.priya, post, "accept")
        assert "this helped" in ward.act(ward.helen, post, "accept")

    def test_what_is_withdrawn_is_no_answer_any_more(self, ward):
        post = ward.reply(ward.priya)
        ward.act(ward.sam, post, "accept")
        ward.at(ward.priya).post(f"/posts/{post}/withdraw")
        assert ">Answered</strong>" not in ward.list()


class TestEndorsed:
    def test_by_whom_and_by_how_many(self, ward):
        post = ward.reply(ward.priya, **GUIDELINE)
        assert "by Dr Helen Marsh, tutor," in ward.act(ward.helen, post, "endorse")
        page = ward.act(ward.rhys, post, "endorse")
        assert "by Dr Helen Marsh, tutor," in page
        assert "and 1 more tutor<" in page
        assert ">Endorsed</strong>" in ward.list()
        page = ward.act(ward.helen, post, "endorse")
        assert "by Dr Rhys Pennant, tutor," in page
        assert "more tutor" not in page

    @pytest.mark.parametrize("fields", [{}, {"level": "guideline"}])
    def test_not_what_says_nothing_of_its_source(self, ward, fields):
        post = ward.reply(ward.priya, **fields)
        page = ward.at(ward.helen).post(f"/posts/{post}/endorse", follow_redirects=True).text
        assert "Not endorsed. An answer can be endorsed when it says what it stands on" in page
        assert ">Endorsed</strong>" not in ward.list()

    def test_nobody_endorses_their_own_and_learners_none(self, ward):
        mine = ward.reply(ward.helen, **GUIDELINE)
        assert ward.at(ward.helen).post(f"/posts/{mine}/endorse").status_code == 403
        assert ward.at(ward.priya).post(f"/posts/{mine}/endorse").status_code == 403

    def test_what_is_removed_counts_no_more(self, ward):
        post = ward.reply(ward.priya, **GUIDELINE)
        ward.act(ward.helen, post, "endorse")
        ward.at(ward.helen).post(f"/posts/{post}/remove", {"reason": "unsafe", "asked": "yes"})
        assert ward.house.facts(ward.helen, ward.course, post).state == PostState.REMOVED
        assert ">Endorsed</strong>" not in ward.list()


class TestSuperseded:
    def test_readers_are_led_to_the_newer_one(self, ward):
        old, new = ward.reply(ward.priya), ward.reply(ward.helen, "After six.")
        form = ward.at(ward.priya).get(f"/posts/{old}/supersede").text
        assert new in form
        page = ward.act(ward.priya, old, "supersede", do="mark", newer=new)
        assert f'href="#{new}">A newer answer has taken its place</a>' in page
        page = ward.act(ward.helen, old, "supersede", do="clear")
        assert "has taken its place" not in page

    def test_not_by_an_older_one_and_not_without_a_choice(self, ward):
        old, new = ward.reply(ward.priya), ward.reply(ward.helen, "After six.")
        assert ward.at(ward.helen).post(f"/posts/{new}/supersede", {"do": "mark", "newer": old}).status_code == 409
        assert ward.at(ward.helen).post(f"/posts/{new}/supersede", {"do": "mark"}).status_code == 400


def test_on_a_pseudonymous_board_accepting_tells_nobody_who_asked(house):
    ward = Ward(house, pseudonymous=True)
    post = ward.reply(ward.priya, **GUIDELINE)
    ward.act(ward.sam, post, "accept")
    page = ward.page(ward.helen)
    assert "this helped whoever asked" in page
    with house.database.within(ward.trust.id).reading() as db:
        [line] = db.query(JournalLine).filter_by(verb="answer.accepted")
        assert line.actor not in (ward.sam.public_id, ward.priya.public_id)
