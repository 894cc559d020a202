"""What every platform under test looks like from outside, whatever it is built on.

A platform is an HTTP server with these addresses below its base:

    /start    begins a launch; `person`, `role` (Learner, Instructor), `kind` (resource, deep_linking), `place`
    /auth     the OIDC authorisation endpoint: answers with a form that carries the token
    /jwks     its public keys
    /token    gives access tokens for its services
    /members  the roster, a hundred people a page, for who has an access token
    /columns  the grade book: GET and POST for its columns, and below each `/scores` and `/results`
    /scores   every score that it has taken, for the tests
    /content  receives what a tool chose by deep linking, and answers with the items as JSON

It is told of the tool by three addresses, and registered in the tool by what `Platform` holds.
Only the standard library is used here, because the process of Open edX, which has none of ours, imports it too.
"""

import html
import re
from dataclasses import dataclass, field
from urllib.parse import urlencode

CLIENT_ID = "grand-round"
DEPLOYMENT_ID = "1"
COURSE_ID = "course-v1:Trust+ACUTE+2026"
COURSE_TITLE = "Acute medicine"
LINK_ID = "questions-of-the-ward"
LINK_TITLE = "Questions of the ward"
MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
ROSTER_SCOPE = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
ROSTER_TYPE = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
GRADE_SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope/"
NAMED = (("amina", "Learner", "Active"), ("gwen", "Learner", "Inactive"), ("tariq", "Instructor", "Active"))
ROSTER = (*NAMED, *((f"learner{number}", "Learner", "Active") for number in range(len(NAMED), 2_500)))
PEOPLE_A_PAGE = 100
SENDING = """<!doctype html><title>Opening</title><form method="post" action="{redirect_uri}">
<input type="hidden" name="id_token" value="{id_token}"><input type="hidden" name="state" value="{state}">
<button>Go on</button></form>"""


@dataclass(frozen=True)
class ToolAddresses:
    """Where a platform reaches the tool."""

    login_url: str
    launch_url: str
    jwks_url: str


@dataclass(frozen=True)
class Platform:
    """A running platform. Its base address is also its issuer."""

    name: str
    base_url: str
    client_id: str = CLIENT_ID
    deployment_id: str = DEPLOYMENT_ID

    @property
    def issuer(self) -> str:
        """The `iss` of its tokens."""
        return self.base_url

    @property
    def auth_url(self) -> str:
        """Where a tool asks for a token of the person."""
        return f"{self.base_url}/auth"

    @property
    def token_url(self) -> str:
        """Where a tool asks for an access token."""
        return f"{self.base_url}/token"

    @property
    def jwks_url(self) -> str:
        """Where its public keys are."""
        return f"{self.base_url}/jwks"

    def start_url(self, person: str, role: str = "Learner", kind: str = "resource", place: str = "") -> str:
        """Return the address that begins a launch, as a link in a course would."""
        return f"{self.base_url}/start?" + urlencode({"person": person, "role": role, "kind": kind, "place": place})


def full_name(person: str) -> str:
    """Return the name under which both platforms know the person."""
    return f"{person.title()} Jones"


def sending_page(redirect_uri: str, id_token: str, state: str) -> str:
    """Return the page that posts a token to the tool."""
    return SENDING.format(
        redirect_uri=html.escape(redirect_uri), id_token=html.escape(id_token), state=html.escape(state)
    )


def roster_page(base_url: str, page: int) -> tuple[dict[str, object], dict[str, str]]:
    """Return a page of the roster and its headers (NRPS §2.4): every page but the last names the next one."""
    start = page * PEOPLE_A_PAGE
    members = [
        {"user_id": person, "name": full_name(person), "roles": [MEMBERSHIP + role], "status": status}
        for person, role, status in ROSTER[start : start + PEOPLE_A_PAGE]
    ]
    address = f"{base_url}/members"
    headers = {"Content-Type": ROSTER_TYPE}
    if start + PEOPLE_A_PAGE < len(ROSTER):
        headers["Link"] = f'<{address}?page={page + 1}>; rel="next"'
    return {"id": address, "context": {"id": COURSE_ID, "title": COURSE_TITLE}, "members": members}, headers


@dataclass
class GradeBook:
    """Columns and scores of the course (AGS §3). What a column or score must hold is for the platform to check."""

    base_url: str
    columns: list[dict[str, object]] = field(default_factory=list)
    scores: dict[str, dict[str, object]] = field(default_factory=dict)

    def scope(self, method: str, path: str) -> str | None:
        """Return the scope that a request needs; None when it is not about the grade book."""
        for pattern, name in (
            (r"GET /columns", "lineitem"),
            (r"POST /columns", "lineitem"),
            (r"POST /columns/\d+/scores", "score"),
            (r"GET /columns/\d+/results", "result.readonly"),
        ):
            if re.fullmatch(pattern, f"{method} {path}"):
                return GRADE_SCOPE + name
        return None

    def answer(self, method: str, path: str, said: dict[str, object]) -> tuple[object, int]:
        """Return the answer to a request whose token and body have been checked, and its status."""
        if path == "/columns" and method == "POST":
            made = {**said, "id": f"{self.base_url}/columns/{len(self.columns) + 1}"}
            self.columns.append(made)
            return made, 201
        if path == "/columns":
            return self.columns, 200
        key = f"{path.split('/')[2]}:{said.get('userId')}"
        if path.endswith("/results"):
            return [], 200
        if str(self.scores.get(key, {}).get("timestamp", "")) >= str(said["timestamp"]):
            return {}, 409
        self.scores[key] = said
        return {}, 200
