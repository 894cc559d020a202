"""Whose name stands where: without names everybody is Somebody, and nothing links two posts of one person."""

import re

import pytest
from sqlalchemy import select

from lti_tool.boards import Board, Post, author_of, history_on_board
from lti_tool.boards.models import BoardAlias
from lti_tool.journal.models import JournalLine
from lti_tool.moderation.actions import decide
from lti_tool.moderation.forms import DecisionDraft
from lti_tool.moderation.rules import Verb
from tests.factories.charter import Ward
from tests.factories.house import House


@pytest.fixture
def ward(house: House) -> Ward:
    return Ward(house)


def waiting(ward: Ward, post: str) -> str:
    """The page on which a tutor decides on this post."""
    return ward.at(ward.helen).get(f"/courses/{ward.course.public_id}/waiting/{post}").text


def test_nobody_reads_a_name_or_an_alias_and_not_whose_posts_belong_together(ward: Ward) -> None:
    board = ward.board(names="nobody")
    question = ward.ask(ward.sam, board, "Is it usual to be this tired?")
    for person in (ward.sam, ward.priya):
        ward.house.answer(person, ward.course, question, "It was for me.")
    thread = ward.thread(ward.sam, question)
    for reader in (ward.priya, ward.helen):
        page, listed = ward.at(reader).get(thread).text, ward.at(reader).get(f"/boards/{board}").text
        assert "Sam Okafor" not in page + listed
        assert page.count(">Somebody<") == 2
        assert "Somebody asked" in page
    with ward.house.database.reading() as db:
        posts = db.scalars(select(Post)).all()
        assert {(post.author_id, post.badge, post.alias) for post in posts} == {(None, "", "Somebody")}
        assert not db.scalars(select(BoardAlias)).all()
        assert author_of(db, question) == ward.sam.id


def test_a_moderator_is_told_nothing_of_what_else_the_author_wrote_there(ward: Ward) -> None:
    nameless, hidden = (ward.board(names=names, moderated=True) for names in ("nobody", "hidden"))
    for board in (nameless, hidden):
        decided, open_one = ward.ask(ward.sam, board, "First?"), ward.ask(ward.sam, board, "Second?")
        facts = ward.facts(ward.helen, decided)
        draft = DecisionDraft(Verb.APPROVE, 1)
        ward.acting(ward.helen, lambda db, actor, facts=facts, draft=draft: decide(db, actor, facts, draft))
        number = ward.facts(ward.helen, open_one).id
        history = ward.acting(ward.helen, lambda db, _actor, number=number: history_on_board(db, number))
        assert history == ({} if board == nameless else {"published": 1})
        page = waiting(ward, open_one)
        assert "Sam Okafor" not in page
        assert ("what else this person wrote is not shown" in page) == (board == nameless)


def test_the_journal_knows_somebody(ward: Ward) -> None:
    board = ward.board(names="nobody", moderated=True, allows_private=True)
    post = ward.ask(ward.sam, board)
    ward.ask(ward.sam, board, private=True)
    ward.at(ward.helen).post(f"/courses/{ward.course.public_id}/waiting/{post}", {"verb": "approve", "seen": "1"})
    ward.at(ward.sam).post(f"/posts/{post}/edit", {"title": "Why?", "text": "Tell me more.", "seen": "1"})
    ward.at(ward.sam).post(f"/posts/{post}/withdraw")
    with ward.house.database.reading() as db:
        lines = db.execute(select(JournalLine.verb, JournalLine.actor).where(JournalLine.subject.like("post:%"))).all()
    assert {verb for verb, _actor in lines} >= {"post.sent", "post.published", "post.edited", "post.withdrawn"}
    assert {actor for _verb, actor in lines} == {"Somebody", ward.helen.public_id}


def test_the_composer_says_who_can_learn_the_name(ward: Ward) -> None:
    said = {names: ward.at(ward.sam).get(f"/boards/{ward.board(names=names)}/ask").text
            for names in ("shown", "hidden", "nobody")}  # fmt: skip
    assert "tutors too. You appear as “Somebody”, as everybody does" in said["nobody"]
    assert "Your other posts on this board carry the same name" not in said["nobody"]
    assert re.search("tutors too. You appear as “[A-Z][a-z]+ [A-Z][a-z]+”.", said["hidden"])
    assert "hidden from everybody" not in said["shown"]
    assert "Whoever runs the server holds the key." in said["nobody"]


def test_the_promise_holds_for_life(ward: Ward) -> None:
    board = ward.board(names="nobody")
    form = {"title": "Renamed", "checked": "off", "names": "shown"}
    assert ward.at(ward.helen).post(f"/boards/{board}/settings", form).status_code == 303
    with ward.house.database.reading() as db:
        found = db.scalars(select(Board).where(Board.public_id == board)).one()
        assert (found.title, found.is_pseudonymous, found.is_nameless) == ("Renamed", True, True)


def test_a_tutor_opens_such_a_board_from_the_form(ward: Ward) -> None:
    form = {"title": "Nobody asks", "names": "nobody", "checked": "off", "prompts": "yes", "template": "questions"}
    answer = ward.at(ward.helen).post(f"/courses/{ward.course.public_id}/boards/new", form)
    page = ward.at(ward.sam).get(answer.location).text
    assert "No names are shown." in page
    assert "Which question were you once afraid to ask?" not in page, "it would be by Somebody who opened the board"
