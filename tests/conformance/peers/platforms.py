"""What every platform under test looks like from outside, whatever it is built on.

A platform is an HTTP server with these addresses below its base:

    /start    begins a launch; `person`, `role` (Learner, Instructor), `kind` (resource, deep_linking), `place`
    /auth     the OIDC authorisation endpoint: answers with a form that carries the token
    /jwks     its public keys
    /token    gives access tokens for its services
    /content  receives what a tool chose by deep linking, and answers with the items as JSON

It is told of the tool by three addresses, and registered in the tool by what `Platform` holds.
"""

from dataclasses import dataclass
from urllib.parse import urlencode

CLIENT_ID = "grand-round"
DEPLOYMENT_ID = "1"
COURSE_ID = "course-v1:Trust+ACUTE+2026"
COURSE_TITLE = "Acute medicine"
LINK_ID = "questions-of-the-ward"


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
