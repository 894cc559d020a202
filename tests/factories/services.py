"""The services of a pretend VLE over HTTP, with Moodle's quirks: tokens, roster, grade book.

It answers as the captured Moodle did: JSON that calls itself text/html, scopes dropped without a word, short roles, a
roster that is unpaged unless asked for pages, `?type_id=` in the addresses of columns, 409 for a score that is not
newer, curly quotes in the `Link` of columns. What it was asked is kept in `asked`. It uses the standard library and
PyJWT, so that it shares neither code nor mistakes with the house.
"""

import json
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import jwt
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.core import clock
from lti_tool.launch.models import GradeService, Placement, Platform, RosterService
from tests.factories.house import House
from tests.factories.vle import Talk, Vle, connected_vle, served

MEMBERS_SCOPE = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
COLUMN_SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem"
RESULT_SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly"
SCORE_SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
GRADE_SCOPES = (COLUMN_SCOPE, f"{COLUMN_SCOPE}.readonly", RESULT_SCOPE, SCORE_SCOPE)
NRPS_CLAIM = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
AGS_CLAIM = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
ROSTER_TYPE = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
Trick = Callable[[BaseHTTPRequestHandler], bool]


@dataclass(frozen=True)
class Request:
    """What was asked: headers by their names in lower case."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def member(number: int, role: str = "Learner", status: str = "Active", **changes: Any) -> dict[str, Any]:
    """Somebody as Moodle lists them."""
    said = {
        "status": status,
        "roles": [role],
        "user_id": str(number),
        "lis_person_sourcedid": f"TR{number:05d}",
        "name": f"Stu{number} Dent{number}",
        "given_name": f"Stu{number}",
        "family_name": f"Dent{number}",
        "email": f"student{number}@example.org",
        "ext_user_username": f"student{number}",
    }
    return {name: value for name, value in {**said, **changes}.items() if value is not None}


def moodle_link(address: str) -> str:
    """As Moodle names the next page of a roster."""
    return f'<{address}>; rel="next"'


@dataclass
class MoodleServices:
    """What the VLE holds. `trick` may answer a request in place of it, and then returns True."""

    members: list[dict[str, Any]] = field(default_factory=list)
    granted: tuple[str, ...] = (MEMBERS_SCOPE, *GRADE_SCOPES)
    link: Callable[[str], str] = moodle_link
    columns: list[dict[str, Any]] = field(default_factory=list)
    scores: dict[tuple[int, str], dict[str, Any]] = field(default_factory=dict)
    token_seconds: int = 3600
    trick: Trick | None = None
    most_members: int = 500
    tool_keys: Callable[[], bytes] | None = None
    address: str = ""
    asked: list[Request] = field(default_factory=list)
    tokens: dict[str, frozenset[str]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def token_url(self) -> str:
        return f"{self.address}/mod/lti/token.php"

    @property
    def members_url(self) -> str:
        return f"{self.address}/mod/lti/services.php/CourseSection/2/bindings/1/memberships"

    @property
    def columns_url(self) -> str:
        return f"{self.address}/mod/lti/services.php/2/lineitems?type_id=1"

    def column_url(self, number: int) -> str:
        return f"{self.address}/mod/lti/services.php/2/lineitems/{number}/lineitem?type_id=1"

    def claims(self, *, column: int | None = None, scopes: tuple[str, ...] = GRADE_SCOPES) -> dict[str, Any]:
        """What a launch says of these services."""
        grades: dict[str, Any] = {"lineitems": self.columns_url, "scope": list(scopes)}
        if column is not None:
            grades["lineitem"] = self.column_url(column)
        roster = {"context_memberships_url": self.members_url, "service_versions": ["1.0", "2.0"]}
        return {NRPS_CLAIM: roster, AGS_CLAIM: grades}

    def asked_for(self, end: str, method: str = "GET") -> list[Request]:
        """The requests to an address that ends so."""
        return [one for one in self.asked if one.path.endswith(end) and one.method == method]

    def talk(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer."""
        parts = urlsplit(handler.path)
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in handler.headers.items()}
        request = Request(handler.command, parts.path, dict(parse_qsl(parts.query)), headers, body)
        with self.lock:
            self.asked.append(request)
        if self.trick is not None and self.trick(handler):
            return
        if parts.path.endswith("/token.php"):
            self._token(handler, {name: values[0] for name, values in parse_qs(body.decode()).items()})
        elif parts.path.endswith("/memberships"):
            self._members(handler, request)
        elif parts.path.endswith("/lineitems"):
            self._columns(handler, request)
        elif parts.path.endswith("/scores"):
            self._score(handler, request)
        elif parts.path.endswith("/results"):
            self._results(handler, request)
        else:
            answer(handler, 404, {"status": 404, "reason": "Not Found"})

    def _token(self, handler: BaseHTTPRequestHandler, form: dict[str, str]) -> None:
        if self.tool_keys is not None:
            slip = form["client_assertion"]
            key = jwt.PyJWKSet.from_dict(json.loads(self.tool_keys()))[jwt.get_unverified_header(slip)["kid"]]
            jwt.decode(slip, key, algorithms=["RS256"], audience=self.token_url, options={"require": ["exp", "iat"]})
        scopes = [scope for scope in form["scope"].split() if scope in self.granted]
        if not scopes:
            answer(handler, 400, {"error": "invalid_scope"}, "text/html")
            return
        token = secrets.token_hex(16)
        self.tokens[token] = frozenset(scopes)
        said = {"access_token": token, "token_type": "Bearer", "expires_in": self.token_seconds}
        answer(handler, 200, said | {"scope": " ".join(scopes)}, "text/html")

    def _may(self, handler: BaseHTTPRequestHandler, request: Request, *scopes: str) -> bool:
        kind, _space, token = request.headers.get("authorization", "").partition(" ")
        if kind == "Bearer" and not self.tokens.get(token, frozenset()).isdisjoint(scopes):
            return True
        answer(handler, 401, {"status": 401, "reason": "Unauthorized"})
        return False

    def _members(self, handler: BaseHTTPRequestHandler, request: Request) -> None:
        if not self._may(handler, request, MEMBERS_SCOPE):
            return
        if request.query.get("rlid", "1") != "1":
            reason = f"Not Found: LTI link {request.query['rlid']} doesn't exist"
            answer(handler, 404, {"status": 404, "reason": reason})
            return
        limit = min(int(request.query.get("limit", 0)), self.most_members) or len(self.members)
        start = int(request.query.get("from", 0))
        headers = {}
        if start + limit < len(self.members):
            query = {**request.query, "limit": limit, "from": start + limit}
            headers["Link"] = self.link(f"{self.members_url}?{urlencode(query)}")
        said = {"id": self.members_url, "context": {"id": "2"}, "members": self.members[start : start + limit]}
        answer(handler, 200, said, ROSTER_TYPE, **headers)

    def _columns(self, handler: BaseHTTPRequestHandler, request: Request) -> None:
        if request.method == "POST":
            if not self._may(handler, request, COLUMN_SCOPE):
                return
            with self.lock:
                number = len(self.columns) + 2
                made = {**request.json, "id": self.column_url(number)}
                self.columns.append(made)
            answer(handler, 201, made, "application/vnd.ims.lis.v2.lineitem+json")
            return
        if not self._may(handler, request, COLUMN_SCOPE, f"{COLUMN_SCOPE}.readonly"):
            return
        shown = list(self.columns)
        for asked, name in (("resource_id", "resourceId"), ("tag", "tag"), ("resource_link_id", "resourceLinkId")):
            if asked in request.query:
                shown = [column for column in shown if column.get(name, "") == request.query[asked]]
        odd = self.columns_url.replace("?", "?limit=1&amp;")
        link = f"<{odd}&amp;from=0>; rel=\u201cfirst\u201d, <{odd}&amp;from=1>; rel=\u201clast\u201d"
        answer(handler, 200, shown, "application/vnd.ims.lis.v2.lineitemcontainer+json", Link=link)

    def _score(self, handler: BaseHTTPRequestHandler, request: Request) -> None:
        if not self._may(handler, request, SCORE_SCOPE):
            return
        number, said = int(request.path.split("/")[-3]), request.json
        if request.query != {"type_id": "1"} or not any(
            f"/lineitems/{number}/" in column["id"] for column in self.columns
        ):
            answer(handler, 404, {"status": 404})
            return
        if said["userId"] not in {one["user_id"] for one in self.members if one["status"] == "Active"}:
            answer(handler, 400, [])
            return
        with self.lock:
            last = self.scores.get((number, said["userId"]))
            is_newer = last is None or _second(said) > _second(last)
            if is_newer:
                self.scores[number, said["userId"]] = said
        answer(handler, 200 if is_newer else 409, "" if is_newer else [], "application/vnd.ims.lis.v1.score+json")

    def _results(self, handler: BaseHTTPRequestHandler, request: Request) -> None:
        if not self._may(handler, request, RESULT_SCOPE):
            return
        number, user = int(request.path.split("/")[-3]), request.query.get("user_id")
        said = [
            {"userId": person, "resultScore": score["scoreGiven"], "resultMaximum": score["scoreMaximum"]}
            for (column, person), score in self.scores.items()
            if column == number and user in (None, person) and "scoreGiven" in score
        ]
        answer(handler, 200, said, "application/vnd.ims.lis.v2.resultcontainer+json")


def _second(score: dict[str, Any]) -> int:
    """Moodle compares whole seconds."""
    return int(datetime.fromisoformat(score["timestamp"]).timestamp())


def answer(
    handler: BaseHTTPRequestHandler, status: int, said: Any, kind: str = "application/json", **headers: str
) -> None:
    """Send JSON under some name. Headers go out as UTF-8, as PHP sends them."""
    body = json.dumps(said).encode()
    handler.send_response(status)
    for name, value in {"Content-Type": f"{kind}; charset=utf-8", "Content-Length": str(len(body)), **headers}.items():
        handler.send_header(name, value.encode().decode("latin-1"))
    handler.end_headers()
    handler.wfile.write(body)


def says_once(status: int, when: Callable[[BaseHTTPRequestHandler], bool]) -> Trick:
    """The first request that fits is answered by this status, all others as usual."""
    done = threading.Event()

    def trick(handler: BaseHTTPRequestHandler) -> bool:
        if done.is_set() or not when(handler):
            return False
        done.set()
        answer(handler, status, {"status": status, "reason": "A reason that nobody shall see."})
        return True

    return trick


def always(talk: Talk, when: Callable[[BaseHTTPRequestHandler], bool]) -> Trick:
    """Every request that fits is answered so."""

    def trick(handler: BaseHTTPRequestHandler) -> bool:
        if not when(handler):
            return False
        talk(handler)
        return True

    return trick


def to(end: str) -> Callable[[BaseHTTPRequestHandler], bool]:
    """Whether a request goes to an address that ends so."""
    return lambda handler: urlsplit(handler.path).path.endswith(end)


@contextmanager
def vle_with_services(house: House) -> Iterator[tuple[Vle, MoodleServices]]:
    """A connected VLE and its services, which check our slips by what our key set says."""
    services = MoodleServices(tool_keys=lambda: house.app.test_client().get("/lti/jwks.json").data)
    with connected_vle(house) as vle, served(services.talk) as address:
        services.address = address
        with house.database.transaction() as db:
            db.scalars(select(Platform)).one().token_url = services.token_url
        yield vle, services


def offer_services(db: Session, placement: Placement, address: str, held_at: datetime | None = None) -> None:
    """As if launches of this activity had granted roster and marks; `held_at` lets the roster wait for a person."""
    now = clock.now()
    roster = RosterService(
        course_id=placement.course_id,
        trust_id=placement.trust_id,
        deployment_id=placement.deployment_id,
        members_url=f"{address}/members",
        next_at=now,
        outcome="read",
        reason="",
        tried_at=now,
        read_at=now,
        members=60,
        held=9 if held_at else 0,
        held_of=60,
        held_at=held_at,
    )
    grades = GradeService(
        placement_id=placement.id,
        trust_id=placement.trust_id,
        columns_url=f"{address}/lineitems",
        column_url="",
        scopes=" ".join(GRADE_SCOPES),
        target_url="",
    )
    db.add_all([roster, grades])
    db.flush()
