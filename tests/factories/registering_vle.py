"""A VLE that connects itself: it describes itself, registers tools, and says wrong things when it is told to.

Its answers are those of Moodle 4.5.6 as captured, with its own addresses.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import urlencode

from tests.factories.platform import GONE, changed
from tests.factories.serving import listening

PLATFORM = "https://purl.imsglobal.org/spec/lti-platform-configuration"
TOOL = "https://purl.imsglobal.org/spec/lti-tool-configuration"
SERVICES = [
    "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem",
    "https://purl.imsglobal.org/spec/lti-ags/scope/score",
    "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly",
    "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly",
    "openid",
]


@dataclass
class RegisteringVle:
    """`asked` are the registrations that arrived, with their bearer. What is set here is answered."""

    address: str = ""
    status: int = 200
    raw: bytes | None = None
    configuration_status: int = 200
    configuration_raw: bytes | None = None
    date: str | None = None
    changes: dict[str, Any] = field(default_factory=dict)
    answer_changes: dict[str, Any] = field(default_factory=dict)
    deployment_id: Any = "2"
    keys: bytes = b'{"keys": []}'
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    wait: threading.Event | None = None

    def configuration(self) -> dict[str, Any]:
        """What the VLE says of itself (LTI Dynamic Registration §3.4)."""
        base = f"{self.address}/mod/lti"
        return changed(
            {
                "issuer": self.address,
                "token_endpoint": f"{base}/token.php",
                "token_endpoint_auth_methods_supported": ["private_key_jwt"],
                "jwks_uri": f"{base}/certs.php",
                "authorization_endpoint": f"{base}/auth.php",
                "registration_endpoint": f"{base}/openid-registration.php",
                "scopes_supported": SERVICES,
                "response_types_supported": ["id_token"],
                "id_token_signing_alg_values_supported": ["RS256"],
                PLATFORM: {"product_family_code": "moodle", "version": "4.5.6 (Build: 20250811)"},
            },
            self.changes,
        )

    def opening(self, invite: str, **changes: str) -> str:
        """The path that the VLE opens in its frame, from the invite that was pasted."""
        added = {
            "openid_configuration": f"{self.address}/mod/lti/openid-configuration.php",
            "registration_token": "eyJ0eXAi.pass.of-one-hour",
        }
        query = {"invite": invite, **added, **changes}
        return "/lti/register?" + urlencode({name: value for name, value in query.items() if value})

    def respond(self, handler: BaseHTTPRequestHandler) -> tuple[int, bytes]:
        """The status and body of an answer."""
        if handler.command == "GET" and handler.path.endswith("/certs.php"):
            return 200, self.keys
        if handler.command == "GET":
            body = self.configuration_raw
            return self.configuration_status, json.dumps(self.configuration()).encode() if body is None else body
        length = int(handler.headers["Content-Length"])
        sent = json.loads(handler.rfile.read(length))
        self.asked.append((handler.headers.get("Authorization", ""), sent))
        if self.wait is not None:
            self.wait.wait(4)
        theirs = {**sent.pop(TOOL), "version": "1.3.0", "deployment_id": self.deployment_id}
        said = {"client_id": f"QxeVP4HMT5l4d{len(self.asked)}U", **sent, TOOL: changed(theirs, {})}
        body = json.dumps(changed(said, self.answer_changes)).encode()
        return self.status, body if self.raw is None else self.raw


@contextmanager
def registering_vle() -> Iterator[RegisteringVle]:
    """The VLE on a free port of loopback."""
    vle = RegisteringVle()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = vle.respond(self)
            self.send_response_only(status)
            if vle.date != "":
                self.send_header("Date", vle.date or self.date_time_string())
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            return

    with listening(Handler) as vle.address:
        yield vle


__all__ = ["GONE", "RegisteringVle", "registering_vle"]
