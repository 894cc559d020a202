"""What the demo shows at its first start: it could have happened, it is past, and the house wrote all of it."""

import re
import tomllib
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from lti_tool.app import open_database
from lti_tool.core import clock
from lti_tool.core.db import Database
from lti_tool.core.settings import load_settings
from lti_tool.demo.running import demo_environ
from lti_tool.demo.script import Does, read_script
from lti_tool.demo.stage import set_the_stage
from lti_tool.journal import count_unsealed, verify
from lti_tool.paths import folder

ROOT = Path(__file__).parents[2]
CATALOGUE = tomllib.loads((ROOT / "lti_tool/demo_platform/courses.toml").read_text(encoding="utf-8"))
ISSUER = "http://127.0.0.1:5001"
ENROLLED = {
    (person["username"], enrolment["course"]): enrolment["role"]
    for person in CATALOGUE["people"]
    for enrolment in person.get("enrolments", ())
}
PAGES = {"cases", "teaching"}  # activities that open a page of the course and not a board
MOMENTS = ["2026-11-22T00:05", "2026-11-22T12:00", "2026-11-22T23:59", "2026-03-29T02:30", "2026-10-25T01:30"]


@pytest.mark.parametrize("moment", MOMENTS)
def test_whenever_it_is_started_all_of_it_was_before(moment):
    now = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    script, sent = read_script(now), set()
    assert all(now - timedelta(days=22) < event.at < now - timedelta(minutes=30) for event in script.events)
    for event in script.events:
        if event.does in (Does.ASK, Does.REPLY):
            assert event.post not in sent
            sent.add(event.post)
        assert event.post in sent
        assert not event.to or event.to in sent


def test_people_do_what_they_may_where_they_are_enrolled():
    script = read_script(clock.now())
    courses = {board.public_id: board.course for board in script.boards}
    for event in script.events:
        role = ENROLLED[event.who, courses[event.board]]
        decides = event.does in (Does.APPROVE, Does.RETURN, Does.REJECT, Does.REMOVE)
        assert role == "Instructor" or not decides, event


def test_there_is_enough_to_read_and_not_too_much():
    script = read_script(clock.now())
    asked = Counter(event.board for event in script.events if event.does is Does.ASK)
    for board in script.boards:
        assert asked[board.public_id] in (range(4, 7) if board.is_pseudonymous else range(8, 15)), board


def test_the_boards_are_those_that_the_vle_links_to():
    activities = [
        one for course in CATALOGUE["courses"] for part in course["sections"] for one in part.get("activities", ())
    ]
    linked = {one["custom"]["place"] for one in activities if "place" in one["custom"]}
    assert linked - PAGES == {board.public_id for board in read_script(clock.now()).boards}


def test_what_the_steps_name_is_there_to_be_pressed():
    pages = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "templates").rglob("*.html"))
    rooms = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "lti_tool").rglob("views.py"))
    vle = "".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "lti_tool/demo_platform/templates").glob("*.html")
    )
    activities = [
        one["name"]
        for course in CATALOGUE["courses"]
        for part in course["sections"]
        for one in part.get("activities", ())
    ]
    people = CATALOGUE["people"]
    steps = [step for one in people for part in (one, *one.get("enrolments", ())) for step in part.get("steps", ())]
    assert len(steps) > 30
    for name in {name for step in steps for name in re.findall("“([^”]*)”", step)}:
        assert name in activities or f'_("{name}")' in pages + rooms or f">{name}<" in vle, name


@pytest.fixture(scope="module")
def stage(tmp_path_factory) -> Database:
    """The demo's installation after its first start, and before anybody has come."""
    settings = load_settings(
        demo_environ(tmp_path_factory.mktemp("demo"), "http://localhost:5000"), folder("config") / "default.toml"
    )
    set_the_stage(settings, ISSUER)
    return open_database(settings)


def rows(database: Database, statement: str, **values: object) -> list:
    with database.reading() as db:
        return list(db.execute(text(statement), values))


def test_every_kind_of_post_is_there(stage):
    states = dict(rows(stage, "select state, count(*) from posts group by state"))
    assert set(states) == {"published", "pending", "returned", "rejected", "hidden", "removed"}
    waits = dict(rows(stage, "select waits_for, count(*) from posts where waits_for is not null group by waits_for"))
    assert set(waits) == {"new", "edit", "report"}


def test_nothing_lies_in_the_future_and_little_is_new(stage):
    now = clock.now().replace(tzinfo=None).isoformat(sep=" ")
    for table, column in [
        ("posts", "created_at"), ("posts", "state_at"), ("decisions", "decided_at"), ("journal_lines", "at"),
        ("inbox_entries", "created_at"), ("revisions", "created_at"), ("reports", "reported_at"),
    ]:  # fmt: skip
        assert rows(stage, f"select count(*) from {table} where {column} > :now", now=now) == [(0,)], table
        assert rows(stage, f"select count(*) > 0 from {table}") == [(1,)], table
    lines = [at for (at,) in rows(stage, "select at from journal_lines order by id")]
    assert lines == sorted(lines)


def test_nothing_is_left_to_do_for_the_worker(stage):
    assert rows(stage, "select count(*) from deliveries where done_at is null") == [(0,)]
    with stage.reading() as db:
        assert count_unsealed(db) == 0
        assert verify(db).first_broken is None


def test_inboxes_hold_a_few_new_things_only(stage):
    unread = rows(stage, "select person_id, count(*) from inbox_entries where read_at is null group by person_id")
    assert unread
    assert all(count <= 6 for _person, count in unread)


def test_pseudonymous_posts_hold_no_person(stage):
    found = rows(stage, "select count(*) from posts join boards on boards.id = posts.board_id "
                 "where boards.is_pseudonymous and (posts.author_id is not null or posts.badge <> '')")  # fmt: skip
    assert found == [(0,)]


def test_duties_are_held_by_those_who_run_the_place(stage):
    held = dict(rows(stage, "select persons.name, duty from appointments join persons on persons.id = person_id"))
    assert held == {"Ruth Calder": "education_administrator", "Alex Reid": "vle_administrator"}


def test_the_vle_may_move_to_another_port_and_nothing_is_lost(stage):
    settings = stage.notes["settings"]
    before = rows(stage, "select (select count(*) from posts), (select count(*) from persons)")
    set_the_stage(settings, "http://127.0.0.1:5999")
    assert rows(stage, "select issuer, framed_by from platforms") == [
        ("http://127.0.0.1:5999", "http://127.0.0.1:5999")
    ]
    assert rows(stage, "select keys_url from platforms") == [("http://127.0.0.1:5999/mod/lti/certs.php",)]
    assert rows(stage, "select (select count(*) from posts), (select count(*) from persons)") == before


def test_a_start_that_was_interrupted_begins_again(tmp_path):
    environ = demo_environ(tmp_path, "http://localhost:5000")
    settings = load_settings(environ, folder("config") / "default.toml")
    half = Path(f"{settings.var_dir}.new")
    half.mkdir(parents=True)
    (half / "grand-round.db").write_bytes(b"half a database")
    set_the_stage(settings, ISSUER)
    assert not half.exists()
    assert (Path(settings.var_dir) / "grand-round.db").stat().st_size > 100_000


def test_another_installation_on_this_machine_is_not_touched(tmp_path, monkeypatch):
    monkeypatch.setenv("LTI_TOOL_DATABASE_URL", "postgresql://somebody@elsewhere/real")
    monkeypatch.setenv("LTI_TOOL_SECRET_KEY", "the key of a real installation, 32 letters")
    settings = load_settings(demo_environ(tmp_path, "http://localhost:5000"), folder("config") / "default.toml")
    assert settings.database_url == ""
    assert "real" not in settings.secret_key


def test_teaching_is_planned_moved_and_cancelled_and_nobody_was_bothered(stage):
    states = dict(rows(stage, "select state, count(*) from teaching_sessions group by state"))
    assert states["planned"] > 40
    assert states["cancelled"] == 2
    assert rows(stage, "select count(*) from teaching_sessions where moved_from <> ''") == [(2,)]
    assert rows(stage, "select count(*) from programmes") == [(2,)]
    now = clock.now().replace(tzinfo=None).isoformat(sep=" ")
    assert rows(stage, "select count(*) from teaching_sessions where changed_at > :now", now=now) == [(0,)]


def test_people_have_read_most_of_it_and_reacted_to_some(stage):
    ((given, posts, most),) = rows(
        stage,
        "select count(*), count(distinct post_id), (select max(useful) from post_tallies) from post_reactions",
    )
    assert given > posts > 20
    assert most <= 8, "nobody is more popular than there are people"
    tagged = dict(rows(stage, "select title, tags from threads where tags <> ''"))
    assert tagged["Where exactly do V7, V8 and V9 go?"] == "|ECG|"
    readers = rows(stage, "select reader, count(*) from read_marks group by reader")
    assert len(readers) > 5
