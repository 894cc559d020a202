"""A question to the tutors alone: nobody else finds it, until a tutor has asked and its author has agreed."""

import pytest

from lti_tool.boards import thread_names, unanswered
from lti_tool.core import clock
from tests.factories.charter import Ward, line_of
from tests.factories.house import House

TITLE = "I think I made a mistake last night"


@pytest.fixture
def ward(house: House) -> Ward:
    return Ward(house)


def inbox(ward: Ward, person) -> str:
    """What this person was told."""
    ward.house.work()
    return ward.at(person).get(f"/courses/{ward.course.public_id}/inbox").text


@pytest.mark.parametrize("names", ["shown", "hidden", "nobody"])
def test_its_author_and_the_tutors_alone_find_it(ward: Ward, names: str) -> None:
    board = ward.board(names=names, moderated=True, allows_private=True)
    form = {"title": TITLE, "text": "Tell me.", "only_tutors": "yes"}
    thread = ward.at(ward.sam).post(f"/boards/{board}/ask", form).location
    name = thread.rpartition("/")[2]
    ward.at(ward.helen).post(f"{thread}/reply", {"text": "It happens to us all."})
    for person, is_told in ((ward.sam, True), (ward.helen, True), (ward.rhys, True), (ward.priya, False)):
        browser = ward.at(person)
        assert (browser.get(thread).status_code == 200) == is_told
        assert ("It happens to us all." in browser.get(thread).text) == is_told
        assert (TITLE in browser.get(f"/boards/{board}").text) == is_told
        named = ward.acting(person, lambda db, actor: thread_names(db, actor, {name}))
        assert bool(named) == is_told
    assert ward.at(ward.priya).post(f"{thread}/reply", {"text": "Me too."}).status_code == 404
    assert ("Sam Okafor" in ward.at(ward.helen).get(thread).text) == (names == "shown")


def test_the_tutors_are_told_at_once_and_reminded(ward: Ward) -> None:
    board = ward.board(allows_private=True)
    ward.ask(ward.sam, board, TITLE, private=True)
    for tutor in (ward.helen, ward.rhys):
        assert "Somebody has asked the tutors alone" in inbox(ward, tutor)
    assert TITLE not in inbox(ward, ward.priya)
    with clock.at(clock.now() + clock.HOUR * 50):
        found = {person.name: ward.acting(person, lambda db, actor: len(unanswered(db, actor, line_of(ward.course))))
                 for person in (ward.helen, ward.sam, ward.priya)}  # fmt: skip
    assert found == {"Dr Helen Marsh": 1, "Sam Okafor": 1, "Priya Nadar": 0}


@pytest.mark.parametrize("names", ["shown", "hidden", "nobody"])
def test_all_read_it_if_its_author_agrees(ward: Ward, names: str) -> None:
    board = ward.board(names=names, allows_private=True)
    post = ward.ask(ward.sam, board, TITLE, private=True)
    thread = ward.thread(ward.sam, post)
    sam, helen, priya = ward.at(ward.sam), ward.at(ward.helen), ward.at(ward.priya)
    assert sam.post(f"/posts/{post}/public", {"do": "agree"}).status_code == 403, "nobody has asked"
    assert helen.post(f"/posts/{post}/ask-public").status_code == 303
    assert priya.get(thread).status_code == 404, "nothing changes unless its author agrees"
    assert "A tutor asks whether everybody on the board may read your question" in inbox(ward, ward.sam)
    assert helen.post(f"/posts/{post}/public", {"do": "agree"}).status_code == 403, "that is not for a tutor"
    sam.post(f"/posts/{post}/public", {"do": "keep"})
    assert priya.get(thread).status_code == 404
    helen.post(f"/posts/{post}/ask-public")
    sam.post(f"/posts/{post}/public", {"do": "agree"})
    assert priya.get(thread).status_code == 200
    assert TITLE in priya.get(f"/boards/{board}").text


def test_only_boards_that_allow_it_take_one(ward: Ward) -> None:
    board = ward.board()
    assert "Ask only the tutors" not in ward.at(ward.sam).get(f"/boards/{board}/ask").text
    form = {"title": TITLE, "text": "Tell me.", "only_tutors": "yes"}
    assert ward.at(ward.sam).post(f"/boards/{board}/ask", form).status_code == 403


def test_a_draft_does_not_forget_for_whom_it_is(ward: Ward) -> None:
    board = ward.board(allows_private=True)
    form = {"title": TITLE, "text": "Tell me.", "only_tutors": "yes", "do": "draft"}
    ward.at(ward.sam).post(f"/boards/{board}/ask", form)
    page = ward.at(ward.sam).get(f"/boards/{board}/ask").text
    assert 'name="only_tutors" type="checkbox" value="yes" checked' in page
    assert "its author and the tutors of Stroke F1 alone" in page


def test_one_that_may_name_a_patient_waits_for_a_moderator_all_the_same(ward: Ward) -> None:
    board = ward.board(allows_private=True)
    form = {"title": TITLE, "text": "Mr Thackeray fell.", "only_tutors": "yes", "do": "review"}
    assert ward.at(ward.sam).post(f"/boards/{board}/ask", form).status_code == 303
    assert TITLE in ward.at(ward.helen).get(f"/courses/{ward.course.public_id}/waiting").text
