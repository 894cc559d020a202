"""A seeded trust is what people would have left behind: it reads, counts and goes on like any other."""

from collections import Counter
from random import Random

import pytest
import time_machine
from click.testing import CliRunner, Result
from sqlalchemy import func, select, text

from lti_tool.access import Role
from lti_tool.app import create_app, open_database
from lti_tool.boards import Board, Post, PostState, Thread, author_of, story_of
from lti_tool.core.db import Database
from lti_tool.core.ids import is_public_id
from lti_tool.core.settings import Settings
from lti_tool.migrations import upgrade_tables
from lti_tool.operations import State, check_house, commands
from lti_tool.operations.talk import LARGEST_THREAD, sizes
from lti_tool.people import Course, Enrolment, Person, Trust
from lti_tool.texts import Revision, Text
from tests.conftest import make_settings
from tests.factories.house import House

SEED = next(command for command in commands if command.name == "seed")
TALK_ALONE = ("--cases", "0", "--sessions", "0")  # they are made by their rooms, and have tests of their own
SMALL = ("--people", "150", "--threads", "120", "--posts", "1500", *TALK_ALONE, "--random", "7")
NOON = "2026-03-02T12:00:00Z"


def run(database: Database, *words: str) -> Result:
    return CliRunner().invoke(SEED, list(words), obj=lambda: database)


@pytest.fixture
def seeded(house: House) -> House:
    done = run(house.database, *SMALL)
    assert done.exit_code == 0, done.output
    return house


def count(house: House, table: type) -> int:
    with house.database.reading() as db:
        return db.scalar(select(func.count()).select_from(table)) or 0


def test_there_is_as_much_as_was_asked_for(seeded: House) -> None:
    assert [count(seeded, table) for table in (Trust, Person, Thread, Post, Text)] == [1, 150, 120, 1500, 1500]
    assert count(seeded, Course) == 2
    assert count(seeded, Board) == 6
    assert all(finding.state == State.OK for finding in check_house(seeded.database, mend=False))


def test_posts_are_in_every_state_and_their_texts_say_the_same(seeded: House) -> None:
    with seeded.database.reading() as db:
        rows = db.execute(
            select(Post.state, Post.published_at, Post.waits_for, Text.latest, Text.offered, Text.published).join(
                Text, Text.id == Post.text_id
            )
        ).all()
        unpublished_with_replies = db.scalar(
            text(
                "SELECT count(*) FROM posts q JOIN posts r ON r.thread_id = q.thread_id AND NOT r.is_first"
                " WHERE q.is_first AND q.state <> 'published'"
            )
        )
    found = Counter(row.state for row in rows)
    assert found[PostState.PUBLISHED] > 0.9 * len(rows)
    assert {PostState.PENDING, PostState.REMOVED, PostState.WITHDRAWN} <= set(found)
    for row in rows:
        assert (row.published is not None) == (row.published_at is not None)
        assert (row.offered is not None) == (row.state == PostState.PENDING) == (row.waits_for == "new")
        assert row.latest == max(row.offered or 0, row.published or 0, row.latest)
    assert unpublished_with_replies == 0


def test_nothing_lies_in_the_future_and_replies_follow_what_they_answer(seeded: House) -> None:
    with seeded.database.reading() as db:
        assert db.scalar(select(func.count()).where(Post.created_at > func.current_timestamp())) == 0
        early = "SELECT count(*) FROM posts p JOIN posts q ON q.id = p.parent_id WHERE p.id <= q.id"
        assert db.scalar(text(early)) == 0
        assert db.scalar(text("SELECT count(*) FROM posts WHERE parent_id IS NOT NULL")) > 100
        deep = "SELECT count(*) FROM posts p JOIN posts q ON q.id = p.parent_id WHERE q.parent_id IS NOT NULL"
        assert db.scalar(text(deep)) == 0
        strays = "SELECT count(*) FROM posts p JOIN posts q ON q.id = p.parent_id WHERE p.branch_id <> q.id"
        assert db.scalar(text(strays)) == 0


def test_people_of_it_read_and_write_as_anywhere(seeded: House) -> None:
    with seeded.database.reading() as db:
        enrolled = db.execute(
            select(Person, Course, Enrolment.role)
            .join(Enrolment, Enrolment.person_id == Person.id)
            .join(Course, Course.id == Enrolment.course_id)
        ).all()
        boards = db.execute(select(Board.public_id, Board.course_id)).all()
        longest = db.execute(
            select(Thread.public_id, Thread.course_id).join(Post, Post.thread_id == Thread.id)
            .group_by(Thread.id).order_by(func.count().desc()).limit(1)
        ).one()  # fmt: skip
    tutor = next(row for row in enrolled if row.role == Role.TUTOR and row.Course.id == longest.course_id)
    learner = next(row for row in enrolled if row.role == Role.LEARNER and row.Course.id == longest.course_id)
    for who in (tutor, learner):
        browser = seeded.browser(who.Person, who.Course)
        for board, course in boards:
            belongs = any(row.Person.id == who.Person.id and row.Course.id == course for row in enrolled)
            assert browser.get(f"/boards/{board}").status_code == (200 if belongs else 404)
        assert browser.get(f"/threads/{longest.public_id}").status_code == 200
    board = next(board for board, course in boards if course == learner.Course.id)
    question = seeded.question(learner.Person, learner.Course, board, title="A question of today")
    with seeded.database.reading() as db:
        assert db.scalar(select(Post.id).where(Post.public_id == question)) == 1501


def test_authors_behind_aliases_are_sealed(seeded: House) -> None:
    with seeded.database.reading() as db:
        posts = db.execute(
            select(Post.public_id, Post.author_id, Post.alias, Post.author_tag).join(Board, Board.id == Post.board_id)
            .where(Board.is_pseudonymous)
        ).all()  # fmt: skip
        assert len(posts) > 100
        persons = set(db.scalars(select(Person.id)))
        authors = {post.public_id: author_of(db, post.public_id) for post in posts}
        sealed = db.scalars(text("SELECT sealed FROM sealed_authors")).all()
        assert story_of(db, posts[0].public_id) is not None
    assert all(post.author_id is None and post.alias and post.author_tag for post in posts)
    assert set(authors.values()) <= persons
    assert len({(post.alias, authors[post.public_id]) for post in posts}) <= len({post.alias for post in posts}) * 2
    assert len(set(sealed)) == len(sealed) == len(posts)


def test_texts_are_what_the_renderer_makes(seeded: House) -> None:
    with seeded.database.reading() as db:
        html = db.scalars(select(Revision.html)).all()
    assert len(set(html)) > 200
    assert any("<ul>" in one for one in html)
    assert any('rel="noopener noreferrer nofollow"' in one for one in html)


def snapshot(database: Database) -> list[list[tuple[object, ...]]]:
    tables = ("persons", "enrolments", "boards", "threads", "thread_activity", "texts", "revisions", "posts")
    with database.reading() as db:
        return [[tuple(row) for row in db.execute(text(f"SELECT * FROM {name} ORDER BY 1, 2"))] for name in tables]


def test_the_same_number_says_the_same(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> None:
    found = []
    with time_machine.travel(NOON, tick=False):
        for number in ("7", "7", "8"):
            database = open_database(make_settings(tmp_path_factory.mktemp("one")))
            upgrade_tables(database)
            assert run(database, *SMALL[:-1], number).exit_code == 0
            found.append(snapshot(database))
            database.close()
    assert found[0] == found[1]
    assert found[0] != found[2]
    assert all(is_public_id(str(row[1])) for row in found[0][0])


def test_invented_people_never_mix_with_others(house: House) -> None:
    house.person(house.trust("Real"), "Somebody real")
    done = run(house.database, *SMALL)
    assert done.exit_code == 1
    assert "Name a new one for the invented people" in done.output
    assert "already" in run(house.database, *SMALL, "--trust", "Real").output
    assert count(house, Post) == 0
    assert run(house.database, *SMALL, "--trust", "Invented").exit_code == 0
    with house.database.reading() as db:
        real = select(func.count()).select_from(Enrolment).join(Trust, Trust.id == Enrolment.trust_id)
        assert db.scalar(real.where(Trust.name == "Real")) == 0
    assert run(house.database, *SMALL, "--trust", "Invented").exit_code == 1
    assert run(house.database, *SMALL, "--trust", "Also invented").exit_code == 0
    assert count(house, Post) == 3000
    assert all(finding.state == State.OK for finding in check_house(house.database, mend=False))


def test_all_or_nothing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is full, say, before the last rows are written."""
    with house.database.transaction() as db:
        db.execute(
            text(
                "CREATE TRIGGER full BEFORE INSERT ON posts WHEN new.id > 1400"
                " BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
            )
        )
    assert run(house.database, *SMALL).exit_code == 1
    assert [count(house, table) for table in (Trust, Person, Thread, Post)] == [0, 0, 0, 0]


@pytest.mark.parametrize(("threads", "posts"), [("10", "9"), ("10", "2001")])
def test_what_does_not_fit_is_refused(house: House, threads: str, posts: str) -> None:
    done = run(house.database, "--people", "10", "--threads", threads, "--posts", posts)
    assert done.exit_code == 1
    assert "10 threads hold 10 to 2,000 posts" in done.output


def test_threads_have_honest_sizes() -> None:
    found = sizes(20_000, 200_000, Random(1))
    assert sum(found) == 200_000
    assert max(found) == LARGEST_THREAD
    assert sorted(found)[len(found) // 2] < 10, "most are small"
    assert 1 in found
    full = sizes(10, 10 * LARGEST_THREAD, Random(1))
    assert set(full) == {LARGEST_THREAD}


def test_an_app_opens_on_it(seeded: House, settings: Settings) -> None:
    assert create_app(settings, seeded.database).test_client().get("/readyz").status_code == 200
