"""Self-naming: an author's own name in a text whose author nobody may know is found before it is sent."""

import re

import pytest
from sqlalchemy import select

from lti_tool.boards.models import Post
from lti_tool.journal import JournalLine
from lti_tool.texts import Revision
from tests.factories.leaks import FIRST, LAST, NAME, Scene

SIGNED = f"It was for me.\n\nThanks, {FIRST}"
ASKED = {"title": "Is it usual to be tired?", "do": "send"}


def button(page: str, name: str) -> str:
    """The value of the first button with this name that speaks of the own name."""
    return re.findall(rf'name="{name}" value="([\w-]*own_name[\w-]*)"', page)[0]


def stored(scene: Scene) -> str:
    """All that is stored with the texts, and in the journal, but their words."""
    with scene.house.database.within(scene.trust.id).reading() as db:
        findings = db.scalars(select(Revision.findings)).all()
        lines = [(line.verb, line.details) for line in db.scalars(select(JournalLine))]
        return f"{findings} {lines} {[post.waits_for for post in db.scalars(select(Post))]}"


@pytest.mark.parametrize(
    "typed",
    [
        {"text": SIGNED},
        {"text": f"I am {NAME}."},
        {"text": "Fine.", "title": f"{LAST} asks again?"},
        {"text": "Fine.", "options": f"Ask {FIRST}\nAsk nobody"},
    ],
)
def test_it_is_found_before_sending_and_the_text_comes_back(scene: Scene, typed: dict[str, str]) -> None:
    answer = scene.at(scene.author).post(f"/boards/{scene.board}/ask", ASKED | typed)
    assert answer.status_code == 400
    assert "Not sent yet: it names you" in answer.text
    assert "This is your own name. Whoever reads it knows who writes here." in answer.text
    assert "Send for review" not in answer.text
    assert "This is not a patient" not in answer.text
    assert (
        scene.at(scene.author).post(f"/boards/{scene.board}/ask", ASKED | typed | {"do": "review"}).status_code == 400
    )


def test_one_tap_takes_it_out(scene: Scene) -> None:
    author, path = scene.at(scene.author), f"/boards/{scene.board}/ask"
    page = author.post(path, ASKED | {"text": SIGNED}).text
    after = author.post(path, ASKED | {"text": SIGNED, "accept": button(page, "accept")})
    text = re.search(r"<textarea[^>]*>([^<]*)</textarea>", after.text)
    assert text
    assert FIRST not in text[1]
    assert "It was for me." in text[1]
    assert author.post(path, ASKED | {"text": text[1]}).status_code == 303
    assert "own_name" not in stored(scene)


def test_who_keeps_it_sends_it_and_nothing_says_that_it_is_theirs(scene: Scene) -> None:
    author, board = scene.at(scene.author), scene.new_board("At once", moderated=False)
    path = f"/boards/{board}/ask"
    page = author.post(path, ASKED | {"text": SIGNED}).text
    key = button(page, "keep")
    page = author.post(path, ASKED | {"text": SIGNED, "keep": key, f"why-{key}": "known"}).text
    assert "You can send it now." in page
    kept = re.search(r'name="kept" value="([^"]*)"', page)
    assert kept
    assert author.post(path, ASKED | {"text": SIGNED, "kept": kept[1]}).status_code == 303
    assert "own_name" not in stored(scene)
    assert "known" not in stored(scene)
    assert "held_by" not in stored(scene), "a text that names its author alone waits for nobody"


def test_a_moderator_is_not_told_whose_name_it_is(scene: Scene) -> None:
    """Beside the name of a patient the own one is kept: the moderator's page speaks of the patient alone."""
    author, path = scene.at(scene.author), f"/boards/{scene.board}/ask"
    typed = ASKED | {"text": f"Mr Thackeray was kind.\n\n{FIRST}"}
    key = button(author.post(path, typed).text, "keep")
    assert author.post(path, typed | {"kept": f"{key}:known", "do": "review"}).status_code == 303
    page = scene.at(scene.helen).get(f"/courses/{scene.course.public_id}/waiting/{scene.newest()}").text
    assert "“Mr Thackeray”" in page
    assert f"“{FIRST}”" not in page
    assert "own name" not in page.lower().replace("the own name of a file", "")


def test_replies_and_changes_are_checked_too(scene: Scene) -> None:
    thread = scene.ask("Is it usual?", "I wonder.")
    question = scene.newest()
    scene.decide(question, "approve")
    author = scene.at(scene.author)
    assert author.post(f"{thread}/reply", {"text": SIGNED, "do": "send"}).status_code == 400
    edit = {"title": "Is it usual?", "text": SIGNED, "seen": "1", "do": "send"}
    assert author.post(f"/posts/{question}/edit", edit).status_code == 400


def test_it_is_shown_while_one_types(scene: Scene) -> None:
    author = scene.at(scene.author)
    page = author.get(f"/boards/{scene.board}/ask").text
    assert '<input type="hidden" name="sealed" value="yes">' in page
    live = author.post("/check", {"text": SIGNED, "sealed": "yes"})
    assert "This is your own name." in live.text
    assert "1 place names you." in live.text
    assert author.post("/check", {"text": SIGNED}).status_code == 204


def test_other_names_and_boards_with_names_are_as_ever(scene: Scene) -> None:
    named = scene.new_board("With names", named=True, moderated=False)
    author = scene.at(scene.author)
    assert author.post(f"/boards/{named}/ask", ASKED | {"text": SIGNED}).status_code == 303
    assert 'name="sealed"' not in author.get(f"/boards/{named}/ask").text
    assert scene.at(scene.peer).post(f"/boards/{scene.board}/ask", ASKED | {"text": SIGNED}).status_code == 303


def test_an_appeal_does_not_name_its_author_either(scene: Scene) -> None:
    scene.ask("Is it usual?", "I wonder.")
    post, author = scene.newest(), scene.at(scene.author)
    scene.decide(post, "reject", reason="topic")
    refused = author.post(f"/posts/{post}/appeal", {"note": f"It is on topic. {FIRST} {LAST}"})
    assert refused.status_code == 400
    assert "your own name: it stays hidden" in refused.text
    assert author.post(f"/posts/{post}/appeal", {"note": "It is on topic."}).status_code == 303
