"""What protects every page: where requests come from, what the browser is told, what the log may hold, who is there."""

import json
import re
import subprocess
import sys
from datetime import timedelta

import pytest
import time_machine
from itsdangerous import URLSafeTimedSerializer

from lti_tool.access import Role
from lti_tool.app import create_app
from lti_tool.core import clock
from lti_tool.core.log import scrub
from lti_tool.people import turn_to_path
from tests.conftest import make_settings
from tests.factories.house import FRAME, House

PROBLEM_IN_THE_LOG = """
import sys
from pathlib import Path
from tests.conftest import make_settings
from lti_tool.app import create_app
from lti_tool.core.log import set_up_logs
set_up_logs("info")
app = create_app(make_settings(Path(sys.argv[1])))
token = "A" * 43
app.test_client().get(f"/v/{token}/boards/abcdefghijkmnopq?title=Mrs+Name")
print(app.test_client().get("/nothing/here").get_data(as_text=True))
"""


class Scene:
    def __init__(self, house: House) -> None:
        self.house = house
        trust = house.trust()
        self.course = house.course(trust)
        self.helen = house.person(trust, "Dr Helen Marsh", {self.course.id: Role.TUTOR})
        self.board = house.board(self.course, self.helen)
        self.browser = house.browser(self.helen, self.course)
        self.path = f"/boards/{self.board}"

    def in_path(self):
        """The same visit, travelling in the path; a client without cookies, and the prefix."""
        with self.house.database.transaction() as db:
            token = turn_to_path(db, self.browser.visit.public_id)
        return self.house.app.test_client(use_cookies=False), f"/v/{token}"


@pytest.fixture
def scene(house: House) -> Scene:
    return Scene(house)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"Sec-Fetch-Site": "", "Origin": "http://localhost:5000"}, 200),
        ({"Sec-Fetch-Site": "", "Origin": "http://evil.example"}, 403),
        ({"Sec-Fetch-Site": "", "Origin": "null"}, 403),
        ({"Sec-Fetch-Site": ""}, 403),
    ],
)
def test_unsafe_requests_come_from_our_own_pages(scene, headers, status):
    answer = scene.browser.post("/drafts", {"text": "x", "draft_place": f"ask:{scene.board}"}, headers=headers)
    assert answer.status_code == status


def test_a_null_origin_passes_in_path_mode_with_a_valid_token_only(scene):
    client, prefix = scene.in_path()
    secret = scene.house.app.config["SECRET_KEY"]
    token = URLSafeTimedSerializer(secret, salt="wtf-csrf-token").dumps(scene.browser.visit.form_key)
    form = {"text": "x", "draft_place": f"ask:{scene.board}"}
    assert (
        client.post(f"{prefix}/drafts", data=form | {"csrf_token": token}, headers={"Origin": "null"}).status_code
        == 200
    )
    assert client.post(f"{prefix}/drafts", data=form, headers={"Origin": "null"}).status_code == 409


def test_a_visit_in_the_path_keeps_itself_in_page_addresses_and_nowhere_else(scene):
    client, prefix = scene.in_path()
    page = client.get(prefix + scene.path, headers={"Sec-Fetch-Site": "same-origin"})
    assert page.status_code == 200
    assert f'href="{prefix}/courses/' in page.text
    for address in re.findall(r'(?:src|href)="([^"]+)"', page.text):
        assert prefix not in address or not address.startswith((f"{prefix}/static", "http"))
    assert '"/static/' in page.text


def test_an_address_with_a_visit_that_was_typed_shows_a_question_not_the_page(scene):
    client, prefix = scene.in_path()
    answer = client.get(prefix + scene.path, headers={"Sec-Fetch-Site": "none"})
    assert "Continue as Dr Helen Marsh" in answer.text
    assert "Questions from the wards" not in answer.text


def test_a_token_of_one_transport_does_not_open_the_other(scene):
    client = scene.house.app.test_client(use_cookies=False)
    assert client.get(f"/v/{scene.browser.token}{scene.path}").status_code == 401
    scene.in_path()
    assert scene.browser.get(scene.path).status_code == 401


def test_pages_may_be_framed_by_the_visits_platform_only(scene):
    policy = scene.browser.get(scene.path).headers["Content-Security-Policy"]
    assert f"frame-ancestors 'self' {FRAME}" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy


def test_pages_are_kept_by_nobody(scene):
    headers = scene.browser.get(scene.path).headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "X-Frame-Options" not in headers


def test_static_files_are_kept_for_a_year_and_need_no_visit(scene):
    page = scene.browser.get(scene.path).text
    address = re.search(r'href="(/static/grand-round\.css\?v=\w+)"', page).group(1)
    answer = scene.house.app.test_client().get(address)
    assert answer.status_code == 200
    assert "max-age=31536000" in answer.headers["Cache-Control"]


def test_a_visit_ends_after_an_hour_without_a_page_and_after_eight_in_any_case(scene):
    began = clock.now()
    with time_machine.travel(began + timedelta(minutes=59), tick=False):
        assert scene.browser.get(scene.path).status_code == 200
    with time_machine.travel(began + timedelta(minutes=110), tick=False):
        assert scene.browser.get(scene.path).status_code == 200, "the page before has touched it"
    with time_machine.travel(began + timedelta(minutes=200), tick=False):
        assert scene.browser.get(scene.path).status_code == 401


def test_finish_ends_the_visit(scene):
    assert scene.browser.post("/finish").status_code == 200
    scene.browser.client.set_cookie("__Host-visit", scene.browser.token, secure=True)
    assert scene.browser.get(scene.path).status_code == 401


def test_messages_are_shown_once(scene):
    scene.browser.post(f"{scene.path}/settings", {"title": "Ask", "checked": "all"})
    assert "Saved." in scene.browser.get(scene.path).text
    assert "Saved." not in scene.browser.get(scene.path).text


def test_the_code_on_the_page_is_in_the_log_and_no_secret_is(tmp_path, settings):
    done = subprocess.run(
        [sys.executable, "-c", PROBLEM_IN_THE_LOG, settings.var_dir], capture_output=True, text=True, check=True
    )
    code = re.search(r'gr-help-code">(\w{4})<', done.stdout).group(1)
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert any(line.get("code") == code for line in lines)
    assert "A" * 43 not in done.stderr
    assert "Mrs" not in done.stderr


def test_what_looks_like_a_secret_is_scrubbed():
    secret = "a-Z_9" * 8 + "xyz"
    for text in (
        f"GET /v/{secret}/boards/x",
        f"token {secret}",
        "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
        "sesskey=abc123",
    ):
        assert "[secret]" in scrub(text)
        assert secret not in scrub(text)


def test_the_service_is_alive_and_ready(house):
    client = house.app.test_client()
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 200


def test_without_tables_it_is_not_ready(tmp_path):
    assert create_app(make_settings(tmp_path)).test_client().get("/readyz").status_code == 503


def test_metrics_are_for_this_machine_or_for_the_bearer(house):
    client = house.app.test_client()
    assert "grand_round_undone_deliveries" in client.get("/metrics").text
    assert client.get("/metrics", environ_base={"REMOTE_ADDR": "192.0.2.1"}).status_code == 404
    object.__setattr__(house.app.extensions["settings"], "metrics_token", "let me in")
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer let me in"}).status_code == 200
