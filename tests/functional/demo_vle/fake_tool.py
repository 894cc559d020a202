"""A tool of our own for tests of the pretend VLE: a real key on loopback, and the messages that a tool sends."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from typing import Any

from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.factories.serving import listening

from .walk import SITE

CONFIGURATION = "https://purl.imsglobal.org/spec/lti-tool-configuration"
ROSTER_SCOPE = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
AGS = "https://purl.imsglobal.org/spec/lti-ags/scope/"
LTI = "https://purl.imsglobal.org/spec/lti/claim/"
DL = "https://purl.imsglobal.org/spec/lti-dl/claim/"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
KEY = RSAKey.generate_key(2048, {"kid": "tool-key", "alg": "RS256", "use": "sig"})


class _Keys(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/lti/jwks.json" else 404)
        self.end_headers()
        self.wfile.write(json.dumps({"keys": [KEY.as_dict(private=False)]}).encode())

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@dataclass(frozen=True)
class FakeTool:
    """Where the tool is, and what it says."""

    url: str

    @property
    def host(self) -> str:
        return self.url.removeprefix("http://")

    def registration(self, **changed: Any) -> dict[str, Any]:
        """What it posts to register; None leaves a field out, `more` changes the tool configuration."""
        more = {
            "domain": self.host,
            "description": "Boards, cases and teaching",
            "target_link_uri": f"{self.url}/lti/launch",
            "custom_parameters": {"ctxhist": "$Context.id.history", "groups": "$Moodle.Person.userGroupIds"},
            "claims": ["iss", "sub", "name", "email"],
            "messages": [
                {"type": "LtiDeepLinkingRequest", "target_link_uri": f"{self.url}/lti/launch", "label": "Add"},
                {"type": "LtiResourceLinkRequest"},
            ],
        }
        said = {
            "application_type": "web",
            "response_types": ["id_token"],
            "grant_types": ["implicit", "client_credentials"],
            "initiate_login_uri": f"{self.url}/lti/login",
            "redirect_uris": [f"{self.url}/lti/launch"],
            "client_name": "Grand Round",
            "jwks_uri": f"{self.url}/lti/jwks.json",
            "token_endpoint_auth_method": "private_key_jwt",
            "scope": f"{ROSTER_SCOPE} {AGS}lineitem {AGS}score",
            CONFIGURATION: {k: v for k, v in (more | changed.pop("more", {})).items() if v is not None},
        }
        return {name: value for name, value in (said | changed).items() if value is not None}

    def answer(self, client_id: str, deployment: str, items: list[Any], key: RSAKey = KEY, **changed: Any) -> str:
        """A deep linking response; names of other claims are `changed`, those of LTI by their last word."""
        now = int(time.time())
        claims = {
            "iss": client_id,
            "aud": [SITE],
            "iat": now,
            "exp": now + 600,
            "nonce": f"nonce-{time.monotonic_ns()}",
            f"{LTI}deployment_id": deployment,
            f"{LTI}message_type": "LtiDeepLinkingResponse",
            f"{LTI}version": "1.3.0",
            f"{DL}content_items": items,
        }
        for name, value in changed.items():
            full = next((claim for claim in claims if claim.endswith(f"/{name}")), name)
            full = f"{DL}{name}" if name in ("data", "msg", "errormsg") else full
            claims[full] = value
        return jwt.encode({"alg": "RS256", "kid": "tool-key"}, claims, key)

    def token_form(self, client_id: str, scope: str, key: RSAKey = KEY) -> dict[str, str]:
        """What it posts for an access token."""
        now = int(time.time())
        claims = {"iss": client_id, "sub": client_id, "aud": f"{SITE}/mod/lti/token.php", "iat": now, "exp": now + 60}
        return {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION,
            "client_assertion": jwt.encode({"alg": "RS256", "kid": "tool-key"}, claims, key),
            "scope": scope,
        }


@contextmanager
def serving() -> Iterator[FakeTool]:
    """The tool while the block lasts."""
    with listening(_Keys) as address:
        yield FakeTool(address)
