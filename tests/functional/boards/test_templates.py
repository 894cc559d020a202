"""What boards of different templates do, as a tutor and a learner see it."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from lti_tool.boards.models import ThreadUnlock
from lti_tool.core import clock
from tests.factories.charter import Ward
from tests.factories.house import House


@pytest.fixture
def ward(house: House) -> Ward:
    return Ward(house)


def day(days: int) -> str:
    """The date in so many days."""
    return (clock.now() + timedelta(days=days)).astimezone(clock.LONDON).date().isoformat()


def test_a_template_brings_words_defaults_and_three_prompts(ward: Ward) -> None:
    new, helen = f"/courses/{ward.course.public_id}/boards/new", ward.at(ward.helen)
    assert helen.get(new).text.count('class="gr-card"') == 5
    form = helen.get(f"{new}?template=welcome").text
    assert 'name="archives_on" type="date" value="' in form
    sent = {"title": "Before you come", "names": "shown", "checked": "off", "template": "welcome", "prompts": "yes"}
    board = helen.post(new, sent).location
    page = ward.at(ward.sam).get(board).text
    assert "Introduce yourself" in page
    order = [page.index(words) for words in ("Welcome! Who are you", "before your first day", "about living here")]
    assert order == sorted(order)
    assert page.count("Dr Helen Marsh</span>") == 3


@pytest.mark.parametrize("names", ["shown", "hidden", "nobody"])
def test_replies_are_shown_to_whoever_has_replied(ward: Ward, names: str) -> None:
    board = ward.board(names=names, template="answer_first")
    question = ward.ask(ward.helen, board, "What do you do first?")
    thread = ward.thread(ward.helen, question)
    ward.house.answer(ward.priya, ward.course, question, "I call for help.")
    sam, others = ward.at(ward.sam), "I call for help."
    before = sam.get(thread).text
    assert others not in before
    assert "Send your own reply first" in before
    assert others in ward.at(ward.helen).get(thread).text, "tutors see all"
    assert others in ward.at(ward.priya).get(thread).text
    assert sam.post(f"{thread}/reply", {"text": "I look at the airway."}).status_code == 303
    assert others in sam.get(thread).text
    assert others not in ward.at(ward.house.person_of(ward.course, "Mina", "learner")).get(thread).text
    with ward.house.database.reading() as db:
        assert db.scalar(select(func.count()).select_from(ThreadUnlock)) == 0, "a row would tell who has written"


def test_a_reply_that_waits_for_a_tutor_opens_the_others_too(ward: Ward) -> None:
    board = ward.board(template="answer_first", moderated=True)
    question = ward.ask(ward.helen, board)
    ward.house.answer(ward.rhys, ward.course, question, "I call for help.")
    thread = ward.thread(ward.helen, question)
    ward.at(ward.sam).post(f"{thread}/reply", {"text": "I look at the airway."})
    assert "I call for help." in ward.at(ward.sam).get(thread).text


class TestKnowHow:
    def test_an_answer_becomes_an_entry_that_somebody_looks_after(self, ward: Ward) -> None:
        board = ward.board(template="know_how")
        for title in ("Where do I park?", "How do I get study leave?", "Who mends computers?"):
            post = ward.house.answer(ward.priya, ward.course, ward.ask(ward.sam, board, title), "Ask at the desk.")
            if "computers" not in title:
                form = {"owner": ward.rhys.public_id, "review_on": day(30)}
                assert ward.at(ward.helen).post(f"/posts/{post}/know-how", form).status_code == 303
        page = ward.at(ward.sam).get(f"/boards/{board}").text
        order = ("study leave?", "Where do I park?", "Questions without an entry", "Who mends computers?")
        assert [page.count(words) for words in order] == [1, 1, 1, 1]
        places = [page.index(words) for words in order]
        assert places == sorted(places), "by title, and before what has no entry"
        assert page.count("Dr Rhys Pennant looks after it") == 2

    def test_past_its_day_it_is_due_until_somebody_has_checked_it(self, ward: Ward) -> None:
        board = ward.board(template="know_how")
        post = ward.house.answer(ward.priya, ward.course, ward.ask(ward.sam, board), "Ask at the desk.")
        form = {"owner": ward.helen.public_id, "review_on": day(30)}
        ward.at(ward.helen).post(f"/posts/{post}/know-how", form)
        last = clock.now().astimezone(clock.LONDON).date()
        with clock.at(clock.now() + timedelta(days=31)):
            due = ward.at(ward.sam).get(f"/boards/{board}").text
            assert f"last checked {last.day} " in due
            assert ", due for review" in due
            ward.at(ward.helen).post(f"/posts/{post}/know-how", form | {"review_on": day(60)})
            assert "due for review" not in ward.at(ward.sam).get(f"/boards/{board}").text

    def test_it_goes_when_its_answer_goes(self, ward: Ward) -> None:
        board = ward.board(template="know_how")
        post = ward.house.answer(ward.priya, ward.course, ward.ask(ward.sam, board, "Where?"), "At the desk.")
        form = {"owner": ward.helen.public_id, "review_on": day(30)}
        ward.at(ward.helen).post(f"/posts/{post}/know-how", form)
        ward.at(ward.priya).post(f"/posts/{post}/withdraw")
        assert "looks after it" not in ward.at(ward.sam).get(f"/boards/{board}").text
        assert "Where?" in ward.at(ward.sam).get(f"/boards/{board}").text, "the question has no entry any more"

    @pytest.mark.parametrize(
        ("form", "field"),
        [
            ({"owner": "AAAAAAAAAAAAAAAA", "review_on": "{day}"}, "owner"),
            ({"owner": "{helen}", "review_on": "soon"}, "review_on"),
            ({"owner": "{helen}", "review_on": "2020-01-01"}, "review_on"),
        ],
    )
    def test_an_entry_has_an_owner_and_a_day(self, ward: Ward, form: dict[str, str], field: str) -> None:
        board = ward.board(template="know_how")
        post = ward.house.answer(ward.priya, ward.course, ward.ask(ward.sam, board), "At the desk.")
        given = {name: value.format(day=day(9), helen=ward.helen.public_id) for name, value in form.items()}
        answer = ward.at(ward.helen).post(f"/posts/{post}/know-how", given)
        assert answer.status_code == 400
        assert f'id="{field}-error"' in answer.text

    def test_only_boards_of_know_how_have_entries(self, ward: Ward) -> None:
        post = ward.house.answer(ward.priya, ward.course, ward.ask(ward.sam, ward.board()), "At the desk.")
        form = {"owner": ward.helen.public_id, "review_on": day(30)}
        assert ward.at(ward.helen).post(f"/posts/{post}/know-how", form).status_code == 409
