"""What HTTP makes of a calendar: validators, 304, HEAD, gzip, and an address that never redirects."""

import gzip
import json
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import event
from werkzeug.http import http_date

from lti_tool.core import clock
from lti_tool.core.log import scrub
from lti_tool.feeds import blocks
from tests.factories.feeds import Scene
from tests.factories.house import moment
from tests.functional.test_routes import walk


@pytest.fixture
def path(scene: Scene) -> str:
    scene.plan()
    scene.house.work()
    return scene.path(scene.feed())


def test_the_answer_says_what_it_is(scene, path):
    answer = scene.fetch(path)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["Cache-Control"] == "private, max-age=900"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="My teaching.ics"'
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    assert "Set-Cookie" not in answer.headers
    tag, changed = answer.get_etag(), answer.last_modified
    assert tag[0]
    assert tag[1] is False
    assert changed <= clock.now()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("F2, on this site", 'attachment; filename="F2, on this site.ics"'),
        ("Llŷn", "attachment; filename=Llyn.ics; filename*=UTF-8''Ll%C5%B7n.ics"),
        ("تخطيط", "attachment; filename=Teaching.ics; filename*=UTF-8''%D8%AA%D8%AE%D8%B7%D9%8A%D8%B7.ics"),
        ('a"b/../c\\d', 'attachment; filename="a b .. c d.ics"'),
        ("🫀", "attachment; filename=Teaching.ics; filename*=UTF-8''Teaching.ics"),
    ],
)
def test_a_name_of_any_letters_is_a_file_name(scene, name, said):
    answer = scene.fetch(scene.path(scene.feed(name)))
    assert answer.headers["Content-Disposition"] == said
    assert said.isascii()


def test_head_is_get_without_its_body(scene, path):
    client = scene.house.app.test_client(use_cookies=False)
    for headers in ({}, {"Accept-Encoding": "gzip"}, {"If-None-Match": "*"}):
        got, head = client.get(path, headers=headers), client.head(path, headers=headers)
        assert head.data == b""
        assert head.status_code == got.status_code
        assert dict(head.headers) == dict(got.headers)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ("{tag}", 304),
        ("W/{tag}", 304),
        ('"other", W/"another", {tag}', 304),
        ("*", 304),
        ('"other"', 200),
        ("{tag}-gzip", 200),
        ("nonsense", 200),
        ("", 200),
    ],
)
def test_a_tag_that_is_known_needs_no_body(scene, path, sent, status):
    tag = scene.fetch(path).headers["ETag"]
    answer = scene.fetch(path, If_None_Match=sent.format(tag=tag))
    assert answer.status_code == status
    assert answer.headers["ETag"] == tag
    if status == 304:
        assert answer.data == b""
        assert {"Cache-Control", "Vary"} <= set(answer.headers.keys())
        assert not {"Content-Type", "Content-Encoding", "Content-Disposition"} & set(answer.headers.keys())


@pytest.mark.parametrize(
    ("seconds", "others", "status"),
    [
        (0, {}, 304),
        (60, {}, 304),
        (-1, {}, 200),
        (60, {"If-None-Match": '"other"'}, 200),
        (-60, {"If-None-Match": "*"}, 304),
    ],
)
def test_a_date_counts_where_no_tag_was_sent(scene, path, seconds, others, status):
    since = http_date(scene.fetch(path).last_modified + timedelta(seconds=seconds))
    client = scene.house.app.test_client(use_cookies=False)
    assert client.get(path, headers={"If-Modified-Since": since} | others).status_code == status


@pytest.mark.parametrize("since", ["yesterday", "Fri, 99 Nov 2026 12:00:00 GMT", "\x00", "0"])
def test_a_date_that_is_none_is_no_condition(scene, path, since):
    assert scene.fetch(path, If_Modified_Since=since).status_code == 200


@pytest.mark.parametrize(
    ("accepted", "is_zipped"),
    [
        ("gzip", True),
        ("GZip", True),
        ("deflate, gzip;q=0.5", True),
        ("gzip;q=0.001", True),
        ("gzip, identity;q=0.5", True),
        ("gzip;q=0.5, identity", False),
        ("gzip;q=0", False),
        ("gzip;q=0, *", False),
        ("identity", False),
        ("br, deflate", False),
        ("*", False),
        ("", False),
        ("gzip;q=nonsense", False),
    ],
)
def test_it_is_compressed_only_where_that_was_asked(scene, path, accepted, is_zipped):
    as_is = scene.fetch(path)
    answer = scene.fetch(path, Accept_Encoding=accepted)
    assert answer.status_code == 200
    assert answer.headers.get("Content-Encoding") == ("gzip" if is_zipped else None)
    assert (gzip.decompress(answer.data) if is_zipped else answer.data) == as_is.data
    assert (answer.headers["ETag"] != as_is.headers["ETag"]) == is_zipped
    assert answer.headers["Vary"] == "Accept-Encoding"
    again = scene.fetch(path, Accept_Encoding=accepted, If_None_Match=answer.headers["ETag"])
    assert again.status_code == 304
    assert again.headers["ETag"] == answer.headers["ETag"]


@pytest.mark.sql
def test_the_tag_is_another_exactly_when_the_bytes_are(scene, path):
    first = scene.fetch(path)
    assert scene.fetch(path).headers["ETag"] == first.headers["ETag"]
    other = scene.fetch(scene.path(scene.feed("My teaching")))
    assert (other.data, other.headers["ETag"]) == (first.data, first.headers["ETag"])
    session = scene.plan()
    second = scene.fetch(path)
    assert second.headers["ETag"] != first.headers["ETag"]
    assert scene.fetch(path, If_None_Match=first.headers["ETag"]).data == second.data
    scene.delete(session)
    third = scene.fetch(path)
    assert (third.data, third.headers["ETag"]) == (first.data, first.headers["ETag"])


def test_whoever_compares_dates_only_hears_of_a_deleted_session(scene, path):
    session = scene.plan()
    before = scene.fetch(path)
    with time_machine.travel(clock.now() + timedelta(minutes=5)):
        scene.delete(session)
        answer = scene.fetch(path, If_Modified_Since=before.headers["Last-Modified"])
    assert answer.status_code == 200
    assert answer.data != before.data


def test_every_midnight_moves_the_date_because_the_window_moves(scene, path):
    with time_machine.travel(moment("2026-11-30T23:59:00+00:00"), tick=False):
        before = scene.fetch(path).headers["Last-Modified"]
        assert scene.fetch(path, If_Modified_Since=before).status_code == 304
    with time_machine.travel(moment("2026-12-01T00:00:00+00:00"), tick=False):
        assert scene.fetch(path, If_Modified_Since=before).status_code == 200


def test_nothing_is_rendered_for_whoever_has_it_already(scene, path, monkeypatch):
    tag = scene.fetch(path).headers["ETag"]

    def render(*_given: object) -> bytes:
        raise AssertionError("rendered")

    monkeypatch.setattr(blocks, "render", render)
    assert scene.fetch(path, If_None_Match=tag).status_code == 304
    assert scene.fetch(path).status_code == 200


@pytest.mark.sql
def test_reading_writes_nothing_but_the_hourly_note(scene, path):
    scene.plan()  # the worker has not come by: this one is rendered for the reader
    written: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith(("INSERT", "UPDATE", "DELETE")):
            written.append(statement)

    for engine in (scene.house.database.engine, scene.house.database.reader):
        event.listen(engine, "before_cursor_execute", note)
    for _time in range(3):
        scene.fetch(path)
    assert len(written) == 1
    assert written[0].startswith("UPDATE feeds SET")
    with time_machine.travel(clock.now() + timedelta(minutes=61)):
        scene.fetch(path)
    assert len(written) == 2


@pytest.mark.parametrize(
    "path",
    [
        "/calendar/AAAAAAAAAAAAAAAAAAAAAAAA.ics",
        "/calendar/.ics",
        "/calendar/x",
        "/calendar/%00%ff.ics",
        "/calendar/" + "A" * 5000 + ".ics",
        "/calendar/AAAA.ics/",
        "/calendar//AAAA.ics",
    ],
)
def test_an_address_that_nobody_has_is_not_found_and_leads_nowhere(scene, path):
    answer = scene.fetch(path)
    assert answer.status_code == 404
    assert "Location" not in answer.headers


@pytest.mark.parametrize("shape", ["/{0}", "{0}/", "/calendar/{1}", "//calendar/{1}", "{0}?x=1"])
def test_no_shape_of_a_real_address_redirects(scene, path, shape):
    answer = scene.fetch(shape.format(path, path.removeprefix("/calendar/")))
    assert answer.status_code in (200, 404)


def test_only_reading_is_possible(scene, path):
    client = scene.house.app.test_client(use_cookies=False)
    assert client.post(path, headers={"Sec-Fetch-Site": "same-origin"}).status_code in (403, 405, 409)
    assert client.delete(path, headers={"Sec-Fetch-Site": "same-origin"}).status_code in (403, 405, 409)
    assert "GET feeds.calendar" in set(walk(scene.house.app))


def test_a_cookie_is_not_even_looked_at(scene, path):
    browser = scene.house.browser(scene.learner, scene.course)
    asked: list[str] = []
    event.listen(scene.house.database.reader, "before_cursor_execute", lambda *given: asked.append(str(given[2])))
    answer = browser.get(path)
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert not any("FROM visits" in statement for statement in asked)


def test_the_log_holds_no_address(scene, path, capfd):
    secret = path.split("/")[-1].removesuffix(".ics")
    assert secret not in scrub(f"GET {path} from somewhere")
    assert secret not in scrub(f"Referer: https://grandround.example{path}")
    scene.fetch(path)
    scene.fetch(path.replace(secret, secret[::-1]))
    said = "".join(capfd.readouterr())
    assert secret not in said
    assert secret[::-1] not in said


def test_no_learner_is_named(scene, path):
    answer = scene.fetch(path)
    for word in ("Sam Okafor", scene.learner.public_id, "mailto:", "ATTENDEE", "VALARM"):
        assert word not in answer.text


def test_problem_pages_say_no_more_than_others(scene):
    answer = scene.fetch("/calendar/AAAAAAAAAAAAAAAAAAAAAAAA.ics")
    assert "ask for a new link" in answer.text
    assert json.dumps("AAAAAAAAAAAAAAAAAAAAAAAA") not in answer.text
