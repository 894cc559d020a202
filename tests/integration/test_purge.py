"""A post that names a patient is erased for good: the words are nowhere in the files of the database any more."""

import hashlib
import json
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from lti_tool import search
from lti_tool.access import Duty, Role
from lti_tool.app import open_database
from lti_tool.boards.models import Poll, PollOption, Post, Thread
from lti_tool.core.errors import Invalid, NotFound
from lti_tool.journal import JournalLine
from lti_tool.moderation import Decision, Verb
from lti_tool.moderation.handling import get_handle
from lti_tool.moderation.purging import Purging, purge_post
from lti_tool.search import SearchEntry, SearchWords
from lti_tool.texts import Text, draft_place, keep_draft, suggest
from lti_tool.texts.models import Draft, Revision, Suggestion
from tests.factories.files import add, files_in, screenshot, send
from tests.factories.ward import Ward

TITLE = "What would you have done for the man with the purple toes?"
WORDS = "He lives above the bakery in Quernbridge and plays the ophicleide in the town band."
NEWER = "He lives above a shop in Quernbridge, and the ophicleide is his instrument of choice."


def on_the_disk(ward: Ward, words: str) -> list[str]:
    """In which files of the installation these words stand."""
    folder = ward.house.database.file.parent
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert ward.house.database.file in files
    return [path.name for path in files if words.encode() in path.read_bytes()]


@pytest.fixture
def ward(house) -> Ward:
    return Ward(house)


def named(ward: Ward) -> str:
    """A published question with two versions, of which drafts are left in its author's and in a moderator's hands."""
    post = ward.published(title=TITLE, words=WORDS)
    ward.edit(ward.sam, post, NEWER, title=TITLE)
    for place, fields in (
        (draft_place("edit", post), {"title": TITLE, "text": f"{WORDS}\n\nAnd more."}),
        (draft_place("ask", ward.board), {"title": "Another question", "text": "About something else."}),
    ):
        with ward.inside.transaction() as db:
            keep_draft(db, ward.sam.trust_id, ward.sam.id, place, fields)
    return post


def test_the_words_are_nowhere_in_the_files_afterwards(ward):
    post = named(ward)
    assert on_the_disk(ward, "ophicleide"), "they are there before"
    answer = ward.browser(ward.helen).post(f"/posts/{post}/erase", {"sure": "patient"}, follow_redirects=True)

    assert "nowhere in the database any more" in answer.text
    for words in ("ophicleide", "Quernbridge", "purple toes"):
        assert on_the_disk(ward, words) == []


def test_words_that_lie_in_free_space_already_are_gone_too(ward, monkeypatch):
    """A version without secure_delete, or a page that was split, has left copies that no row points to."""
    post, rewritten = named(ward), []
    raw = ward.house.database.engine.raw_connection()
    raw.cursor().execute("PRAGMA secure_delete=OFF")
    raw.cursor().execute(
        "INSERT INTO drafts (public_id, trust_id, person_id, place, fields, updated_at) "
        "VALUES ('Aaaaaaaaaaaaaaaa', 1, 1, 'ask:Aaaaaaaaaaaaaaaa', ?, '2026-01-01')",
        (json.dumps({"text": WORDS}),),
    )
    raw.cursor().execute("DELETE FROM drafts WHERE place = 'ask:Aaaaaaaaaaaaaaaa'")
    raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw.close()
    ward.house.database.engine.dispose()
    monkeypatch.setattr(
        ward.house.database, "rewrite", lambda: rewritten.append(1) or type(ward.inside).rewrite(ward.inside)
    )
    answer = ward.browser(ward.helen).post(f"/posts/{post}/erase", {"sure": "patient"}, follow_redirects=True)
    assert "nowhere in the database any more" in answer.text
    assert on_the_disk(ward, "ophicleide") == []
    assert rewritten, "free space held them: overwriting rows was not enough"


@pytest.mark.sql
def test_the_stone_and_the_proof_stay(ward):
    post = named(ward)
    done = ward.browser(ward.helen).post(f"/posts/{post}/erase", {"sure": "patient"}, follow_redirects=True)
    assert "Erased." in done.text
    thread = ward.browser(ward.priya).get(f"/threads/{ward.thread(post)}").text
    assert "Removed by a moderator:" in thread
    assert "may identify a patient" in thread
    with ward.inside.reading() as db:
        line = db.scalars(select(JournalLine).where(JournalLine.verb == "post.purged")).one()
        versions = db.scalars(select(Revision).join(Post, Post.text_id == Revision.text_id)).all()
        assert db.scalar(select(Thread.title)) == ""
        assert [draft.place for draft in db.scalars(select(Draft))] == [draft_place("ask", ward.board)]
    expected = [hashlib.sha256(f"{TITLE}\n{words}".encode()).hexdigest() for words in (WORDS, NEWER)]
    assert line.details == {"sha256": expected, "drafts": 1}
    assert (line.subject, line.actor) == (f"post:{post}", ward.helen.public_id)
    assert [version.source for version in versions] == ["", ""]
    assert ward.browser(ward.sam).get(f"/threads/{ward.thread(post)}").status_code == 200
    assert ward.browser(ward.sam).get(f"/courses/{ward.course.public_id}/inbox").status_code == 200


def test_it_is_asked_once_and_needs_the_privacy_reason(ward):
    post = named(ward)
    helen = ward.browser(ward.helen)
    for given in ({}, {"sure": "unkind"}, {"sure": "yes"}):
        answer = helen.post(f"/posts/{post}/erase", given)
        assert answer.status_code == 400
        assert "Only what may identify a patient" in answer.text
    assert on_the_disk(ward, "ophicleide")
    for _time in range(2):  # a double click is no fault
        assert helen.post(f"/posts/{post}/erase", {"sure": "patient"}).status_code == 303
    with ward.inside.reading() as db:
        assert len(db.scalars(select(JournalLine).where(JournalLine.verb == "post.purged")).all()) == 1


def test_the_worker_rewrites_the_file_and_says_so_once(ward):
    post = named(ward)
    ward.browser(ward.helen).post(f"/posts/{post}/erase", {"sure": "patient"})
    ward.work(timedelta(minutes=1))
    ward.work(timedelta(minutes=2))
    with ward.inside.reading() as db:
        [line] = db.scalars(select(JournalLine).where(JournalLine.verb == "post.purge_finished")).all()
    assert line.details == {"rewritten": True}
    assert line.subject == f"post:{post}"


def test_a_quote_elsewhere_is_said_and_not_touched(ward):
    post = named(ward)
    ward.answer(ward.priya, post, f"You wrote: {WORDS} Is that not too much?")
    answer = ward.browser(ward.helen).post(f"/posts/{post}/erase", {"sure": "patient"}, follow_redirects=True)
    assert "look for posts that quote it" in answer.text
    assert on_the_disk(ward, "ophicleide")


def test_what_nobody_else_has_read_is_erased_too(ward):
    """The information governance lead belongs to no course of it and does not read it."""
    post = ward.ask(title=TITLE, words=WORDS)
    ivy = ward.person("Ivy Lorne", Duty.INFORMATION_GOVERNANCE)
    page = ward.browser(ivy).get(f"/posts/{post}/erase")
    assert page.status_code == 200
    assert "ophicleide" not in page.text
    assert ward.browser(ivy).post(f"/posts/{post}/erase", {"sure": "patient"}).status_code == 303
    assert on_the_disk(ward, "ophicleide") == []
    with ward.inside.reading() as db:
        assert db.scalar(select(Post.state)) == "rejected"


def test_other_rooms_are_asked_to_forget_in_the_same_transaction(ward):
    post, asked = named(ward), []

    def forget(db, gone: Purging) -> dict[str, object]:
        db.execute(text("DELETE FROM drafts"))
        asked.append(gone)
        return {"pages": 3}

    ward.inside.notes["purgers"] = (forget,)
    with ward.inside.transaction() as db:
        actor = ward.house.actor(db, ward.helen, ward.course)
        purge_post(db, actor, get_handle(db, actor, post, "post.purge"), "patient")
    [gone] = asked
    assert gone.post_public_id == post
    assert WORDS in gone.lines
    with ward.inside.reading() as db:
        line = db.scalars(select(JournalLine).where(JournalLine.verb == "post.purged")).one()
        assert line.details["pages"] == 3
        assert not db.scalars(select(Draft)).all()


def test_only_who_may_moderate_it_may_erase_it(ward):
    post = named(ward)
    assert ward.browser(ward.priya).get(f"/posts/{post}/erase").status_code == 403
    ruth = ward.person("Ruth", Duty.SAFEGUARDING)
    assert ward.browser(ruth).post(f"/posts/{post}/erase", {"sure": "patient"}).status_code == 404
    elsewhere = ward.house.course(ward.trust, "Renal ST3")
    jon = ward.house.person(ward.trust, "Jon", {elsewhere.id: Role.TUTOR})
    with ward.inside.transaction() as db:
        actor = ward.house.actor(db, jon, elsewhere)
        with pytest.raises(NotFound):
            get_handle(db, actor, post, "post.purge")
    with ward.inside.transaction() as db:
        actor = ward.house.actor(db, ward.helen, ward.course)
        with pytest.raises(Invalid):
            purge_post(db, actor, get_handle(db, actor, post, "post.purge"), "")


def test_every_rooms_purgers_reach_the_purge(ward, settings, monkeypatch):
    def forget(_db, _gone: Purging) -> dict[str, object]:
        return {"index": 1}

    monkeypatch.setattr("lti_tool.cases.purgers", (forget,), raising=False)
    database = open_database(settings)
    assert set(database.notes["purgers"]) == {forget, *search.purgers}
    database.close()


def test_what_is_kept_beside_the_words_goes_with_them(ward):
    """Words that a moderator suggested, a poll, a picture, and what search made of them."""
    sam = ward.browser(ward.sam)
    path = f"/boards/{ward.board}/ask"
    words = {"seen": "1", "title": TITLE, "text": WORDS, "options": "Ophicleide\nTuba"}
    files = files_in(add(sam, path, screenshot(), **words).text)
    send(sam, path, files, **words)
    with ward.inside.reading() as db:
        post = db.scalars(select(Post.public_id)).one()
    ward.decide(post, Verb.APPROVE)
    ward.edit(ward.sam, post, NEWER, title=TITLE)
    with ward.inside.transaction() as db:
        suggest(db, db.scalars(select(Text)).one(), TITLE, "He plays the ophicleide.")
    ward.work()
    kept = (Suggestion, Poll, PollOption, SearchEntry, SearchWords)
    with ward.inside.reading() as db:
        assert all(db.scalars(select(table)).first() for table in kept)
        assert db.scalars(select(Decision)).one().snapshot
    file = f"/posts/{post}/files/{files[0]}"
    assert sam.get(file).status_code == 200

    answer = ward.browser(ward.helen).post(f"/posts/{post}/erase", {"sure": "patient"}, follow_redirects=True)
    assert "nowhere in the database any more" in answer.text
    assert on_the_disk(ward, "phicleide") == []
    with ward.inside.reading() as db:
        assert not any(db.scalars(select(table)).first() for table in kept)
        assert all(version.purged_at and not version.files for version in db.scalars(select(Revision)))
        assert not any(decision.snapshot for decision in db.scalars(select(Decision)))
    assert sam.get(file).status_code == 404
