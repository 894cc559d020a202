"""What every platform under test looks like from outside, whatever it is built on.

A platform is an HTTP server with these addresses below its base:

    /start    begins a launch; `person`, `role` (Learner, Instructor), `kind` (resource, deep_linking), `place`
    /auth     the OIDC authorisation endpoint: answers with a form that carries the token
    /jwks     its public keys
    /token    gives access tokens for its services
    /members  the roster, two people a page, for who has an access token
    /content  receives what a tool chose by deep linking, and answers with the items as JSON

It is told of the tool by three addresses, and registered in the tool by what `Platform` holds.
Only the standard library is used here, because the process of Open edX, which has none of ours, imports it too.
"""

import html
from dataclasses import dataclass
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
ROSTER = (("amina", "Learner", "Active"), ("gwen", "Learner", "Inactive"), ("tariq", "Instructor", "Active"))
PEOPLE_A_PAGE = 2
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
