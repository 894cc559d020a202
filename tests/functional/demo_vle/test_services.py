"""What the tool asks behind the browser's back, with a real key and a real key set on loopback; and the command."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import RSAKey

from lti_tool.demo_platform import VleConfig, create_vle
from tests.factories.serving import listening

from .walk import SITE

CLIENT = "northmoorDemo01"
TOKEN_URL = f"{SITE}/mod/lti/token.php"
ROSTER_SCOPE = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
AGS = "https://purl.imsglobal.org/spec/lti-ags/scope/"
ROSTER = "/mod/lti/services.php/CourseSection/3/bindings/1/memberships"
COLUMNS = "/mod/lti/services.php/3/lineitems?type_id=1"
KEY = RSAKey.generate_key(2048, {"kid": "tool-key", "alg": "RS256", "use": "sig"})


class _ToolKeys(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/lti/jwks.json" else 404)
        self.end_headers()
        self.wfile.write(json.dumps({"keys": [KEY.as_dict(private=False)]}).encode())

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def tool() -> Iterator[str]:
    with listening(_ToolKeys) as address:
        yield address


@pytest.fixture
def client(tool: str, tmp_path: Path) -> FlaskClient:
    app: Flask = create_vle(VleConfig(SITE, tool, tmp_path))
    return app.test_client()


def ask_token(client: FlaskClient, scope: str, key: RSAKey = KEY, **changed: Any) -> Any:
    now = int(time.time())
    claims = {"iss": CLIENT, "sub": CLIENT, "aud": TOKEN_URL, "iat": now, "exp": now + 60, "jti": "1"} | changed
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": jwt.encode({"alg": "RS256", "kid": "tool-key"}, claims, key),
        "scope": scope,
    }
    return client.post("/mod/lti/token.php", base_url=SITE, data=form)


def bearer(client: FlaskClient, *scopes: str) -> dict[str, str]:
    answer = json.loads(ask_token(client, " ".join(scopes)).data)
    return {"Authorization": f"Bearer {answer['access_token']}"}


def test_a_token_comes_as_moodle_gives_it(client: FlaskClient) -> None:
    answer = ask_token(client, f"{ROSTER_SCOPE} https://example.org/unknown")
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    body = json.loads(answer.data)
    assert (body["token_type"], body["expires_in"], body["scope"]) == ("Bearer", 3600, ROSTER_SCOPE)


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"aud": "http://localhost:9/token"}, "invalid_client"),
        ({"iss": "somebodyElse01"}, "invalid_client"),
        ({"sub": "somebodyElse01"}, "invalid_client"),
        ({"exp": 1}, "Expired token"),
        ({"exp": "soon"}, "Expired token"),
    ],
)
def test_bad_assertions_are_refused(client: FlaskClient, changed: dict[str, Any], error: str) -> None:
    answer = ask_token(client, ROSTER_SCOPE, **changed)
    assert (answer.status_code, json.loads(answer.data)) == (400, {"error": error})


def test_a_strange_key_and_unknown_scopes_are_refused(client: FlaskClient) -> None:
    assert json.loads(ask_token(client, ROSTER_SCOPE, RSAKey.generate_key(2048)).data) == {"error": "invalid_client"}
    assert json.loads(ask_token(client, "https://example.org/x").data) == {"error": "invalid_scope"}
    assert client.post("/mod/lti/token.php", base_url=SITE).status_code == 400


def test_a_tool_that_is_not_there_is_an_answer_and_not_an_accident(tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        app = create_vle(VleConfig(SITE, f"http://127.0.0.1:{closed.getsockname()[1]}", tmp_path))
        assert ask_token(app.test_client(), ROSTER_SCOPE).status_code == 400


def test_the_roster_lists_the_enrolled(client: FlaskClient) -> None:
    answer = client.get(ROSTER, base_url=SITE, headers=bearer(client, ROSTER_SCOPE))
    assert answer.mimetype == "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
    assert answer.json["context"] == {"id": "3", "label": "F1-MED", "title": "F1 Medicine"}
    who = {member["user_id"]: member["roles"] for member in answer.json["members"]}
    assert who == {number: ["Instructor"] for number in "54"} | {n: ["Learner"] for n in ("7", "8", "9", "10")}


def test_the_roster_pages_only_when_asked(client: FlaskClient) -> None:
    headers, address, seen = bearer(client, ROSTER_SCOPE), f"{ROSTER}?limit=4", []
    while address:
        answer = client.get(address, base_url=SITE, headers=headers)
        seen += [member["user_id"] for member in answer.json["members"]]
        link = answer.headers.get("Link", "")
        assert not link or link.endswith('>; rel="next"')
        address = link.removeprefix(f"<{SITE}").partition(">")[0]
    assert len(seen) == len(set(seen)) == 6
    learners = client.get(f"{ROSTER}?role=Learner", base_url=SITE, headers=headers)
    assert len(learners.json["members"]) == 4


def test_the_roster_refuses(client: FlaskClient) -> None:
    headers = bearer(client, ROSTER_SCOPE)
    assert client.get(ROSTER, base_url=SITE).status_code == 401
    assert client.get(ROSTER, base_url=SITE, headers=bearer(client, f"{AGS}score")).status_code == 401
    missing = client.get(f"{ROSTER}?rlid=999", base_url=SITE, headers=headers)
    assert (missing.status_code, missing.json["reason"]) == (404, "Not Found: LTI link 999 doesn't exist")
    assert client.get(ROSTER.replace("/3/", "/9/"), base_url=SITE, headers=headers).status_code == 404
    assert client.get(f"{ROSTER}?limit=x", base_url=SITE, headers=headers).status_code == 400


def score(**changed: Any) -> dict[str, Any]:
    return {
        "timestamp": "2026-11-22T12:25:32.000+00:00",
        "scoreGiven": 7,
        "scoreMaximum": 10,
        "comment": "3 posts",
        "activityProgress": "Completed",
        "gradingProgress": "FullyGraded",
        "userId": "7",
    } | changed


def path_of(address: str, more: str = "") -> str:
    """The path of a column, with a sub-path put before the query, as Moodle wants it."""
    return address.removeprefix(SITE).replace("/lineitem?", f"/lineitem{more}?")


def test_a_column_is_made_scored_read_and_removed(client: FlaskClient) -> None:
    headers = bearer(client, f"{AGS}lineitem", f"{AGS}score", f"{AGS}result.readonly")
    wanted = {"label": "Cases", "scoreMaximum": 10, "resourceId": "board-77", "tag": "participation"}
    made = client.post(COLUMNS, base_url=SITE, headers=headers, json=wanted)
    assert made.status_code == 201
    address = made.json["id"]
    found = client.get(f"{COLUMNS}&resource_id=board-77", base_url=SITE, headers=headers).json
    assert [column["id"] for column in found] == [address]
    scores = path_of(address, "/scores")
    assert client.post(scores, base_url=SITE, headers=headers, json=score()).status_code == 200
    assert client.post(scores, base_url=SITE, headers=headers, json=score()).status_code == 409
    results = client.get(path_of(address, "/results"), base_url=SITE, headers=headers).json
    assert [(one["userId"], one["resultScore"], one["scoreOf"]) for one in results] == [("7", 7, address)]
    changed = client.put(path_of(address), base_url=SITE, headers=headers, json=wanted | {"label": "Posts"})
    assert changed.json["label"] == "Posts"
    assert client.delete(path_of(address), base_url=SITE, headers=headers).status_code == 204
    assert client.get(path_of(address), base_url=SITE, headers=headers).status_code == 404


@pytest.mark.parametrize(
    "changed",
    [
        {"userId": "99"},
        {"userId": "6"},
        {"userId": "x"},
        {"timestamp": "yesterday"},
        {"timestamp": "2026-11-22T12:25:32"},
        {"scoreGiven": "7"},
        {"scoreGiven": True},
        {"scoreMaximum": None},
        {"gradingProgress": None},
    ],
)
def test_bad_scores_are_refused(client: FlaskClient, changed: dict[str, Any]) -> None:
    headers = bearer(client, f"{AGS}score", f"{AGS}lineitem.readonly")
    (column,) = client.get(COLUMNS, base_url=SITE, headers=headers).json
    answer = client.post(path_of(column["id"], "/scores"), base_url=SITE, headers=headers, json=score(**changed))
    assert answer.status_code == 400


def test_columns_need_their_scopes_and_sense(client: FlaskClient) -> None:
    reader, writer = bearer(client, f"{AGS}lineitem.readonly"), bearer(client, f"{AGS}lineitem")
    assert client.post(COLUMNS, base_url=SITE, headers=reader, json={"label": "a"}).status_code == 401
    for nonsense in ("[]", "{", '{"label": "a"}', '{"label": "a", "scoreMaximum": 0}'):
        assert client.post(COLUMNS, base_url=SITE, headers=writer, data=nonsense).status_code == 400


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_the_command_starts_serves_and_stops(tmp_path: Path, stop: signal.Signals) -> None:
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        port = chosen.getsockname()[1]
    command = [sys.executable, "-m", "lti_tool.demo_platform", "--port", str(port), "--var", str(tmp_path)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith(f"Demo VLE: http://localhost:{port}/")
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/demo/registration.json") as answer:
            served = json.load(answer)
        process.send_signal(stop)
        assert process.wait(timeout=10) == 0
    printed = subprocess.run([*command, "--registration"], env=environment, capture_output=True, text=True, check=True)
    assert json.loads(printed.stdout) == served
    assert served["issuer"] == f"http://localhost:{port}"
    assert served["auth_url"] == f"{served['issuer']}/mod/lti/auth.php"
