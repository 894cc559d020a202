"""Whatever is sent, the answer is a page in plain English with a code: never a fault of ours."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lti_tool.core.paging import Cursor
from tests.functional.test_routes import ROWS, Scene, copied, filled_once

ODD_IDS = ["x", "0" * 16, "'\"><script>1", "%00", "..%2f..%2fetc", "é" * 16, "A" * 3000, "-" * 16, "%ff%fe"]
ODD_CURSORS = [
    "",
    "x",
    "%00",
    "eA",
    "LTEuLTE",
    "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OS4x",
    "MS4",
    "..",
    "A" * 5000,
    "MS4x%0a",
]
odd_text = st.text(max_size=60) | st.sampled_from(
    ["\x00", "\r\n", "<script>", "9" * 400, "-1", "1e9", "null", "😀" * 50]
)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, empty_database_file: Path) -> Scene:
    return filled_once(tmp_path_factory.mktemp("filled"), empty_database_file)


@pytest.fixture
def scene(filled: Scene, tmp_path: Path) -> Iterator[Scene]:
    yield from copied(filled, tmp_path)


def is_plain(answer) -> bool:
    """A page with one heading and a code, without a word of code or traceback."""
    page = answer.get_data(as_text=True)
    return page.count("<h1") == 1 and "gr-help-code" in page and not re.search(r"Traceback|sqlalchemy|File \"", page)


@pytest.mark.parametrize("key", ROWS)
def test_odd_ids_are_not_found(scene, key):
    row, method = ROWS[key], key.split()[0]
    tutor = scene.house.browser(scene.people["tutor"], scene.course)
    for odd in ODD_IDS:
        path = re.sub(r"\{\w+\}", lambda _m, odd=odd: odd, row.path)
        answer = tutor.get(path) if method == "GET" else tutor.post(path, dict(row.form))
        assert 400 <= answer.status_code < 500, (path, answer.status_code)
        assert is_plain(answer), path


@pytest.mark.parametrize(
    "path", ["/boards/{board}?after=", "/threads/{thread}?after=", "/courses/{course}/log?before="]
)
def test_odd_cursors_are_refused(scene, path):
    tutor = scene.house.browser(scene.people["tutor"], scene.course)
    address = path.format(board=scene.board, thread=scene.thread, course=scene.course.public_id)
    for odd in ODD_CURSORS:
        answer = tutor.get(address + odd)
        assert answer.status_code in (200, 400), odd
        assert answer.status_code == 200 or is_plain(answer)


@pytest.mark.sql("postgresql")
def test_what_no_row_can_hold_is_told_in_plain_words(house, engine):
    """PostgreSQL refuses NUL characters and numbers that are too large, where SQLite merely finds nothing."""
    scene = Scene(house)
    tutor = scene.house.browser(scene.people["tutor"], scene.course)
    largest = Cursor(2**63 - 1, 2**63 - 1).encode()
    course = f"/courses/{scene.course.public_id}"
    for address in (f"/boards/{scene.board}?after={largest}", f"/threads/{scene.thread}?after={largest}"):
        assert tutor.get(address).status_code in (200, 400)
    for address in (f"{course}/inbox?after={largest}", f"{course}/log?before={'9' * 18}"):
        answer = tutor.get(address)
        assert answer.status_code == 400, address
        assert is_plain(answer)
    paths = {key: scene.path(row) for key, row in ROWS.items()}  # before a form of them closes a board or a thread
    for key, row in ROWS.items():
        path = re.sub(r"\{\w+\}", "%00" + "a" * 15, row.path)
        form = {name: f"\x00{value}" for name, value in row.form} | {"once": "\x00", "parent": "\x00x", "note": "\x00"}
        answer = tutor.get(path) if key.startswith("GET") else tutor.post(path, form)
        assert answer.status_code == 404 or "{" not in row.path, key
        if key.startswith("POST"):
            assert tutor.post(paths[key], form).status_code < 500, key


@pytest.mark.parametrize("key", [key for key in ROWS if key.startswith("POST")])
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_odd_forms_never_break_us(scene, key, data):
    row = ROWS[key]
    names = sorted(
        {name for name, _value in row.form} | {"title", "text", "note", "seen", "once", "parent", "verb", "do"}
    )
    form = {name: data.draw(odd_text) for name in names if data.draw(st.booleans())}
    tutor = scene.house.browser(scene.people["tutor"], scene.course)
    answer = tutor.post(scene.path(row), form)
    assert answer.status_code < 500, form


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Cookie", "__Host-visit=" + "A" * 43),
        ("Cookie", "__Host-visit=\x80\xff; ;;=,"),
        ("Cookie", "x" * 9000),
        ("Accept-Language", "xx-" * 500),
        ("Referer", "http://[broken"),
        ("Origin", "null"),
        ("Sec-Fetch-Site", "nonsense"),
        ("Content-Type", "multipart/form-data"),
        ("Content-Type", "application/x-www-form-urlencoded; charset=nonsense"),
        ("If-None-Match", '"' * 100),
        ("X-Forwarded-For", "not-an-address, , ,"),
    ],
)
def test_odd_headers_never_break_us(scene, name, value):
    client = scene.house.app.test_client(use_cookies=False)
    for method in ("get", "post"):
        answer = getattr(client, method)(f"/boards/{scene.board}", headers={name: value})
        assert 400 <= answer.status_code < 500
        assert is_plain(answer)


def test_a_page_that_does_not_exist(scene):
    answer = scene.house.app.test_client().get("/nothing/here")
    assert answer.status_code == 404
    assert is_plain(answer)


def test_a_method_that_does_not_exist(scene):
    answer = scene.house.app.test_client().delete(f"/boards/{scene.board}")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    assert is_plain(answer)


def test_what_is_too_large_is_refused(scene):
    tutor = scene.house.browser(scene.people["tutor"], scene.course)
    answer = tutor.post(f"/boards/{scene.board}/ask", {"title": "T", "text": "x" * 600_000})
    assert answer.status_code == 413
    assert is_plain(answer)
