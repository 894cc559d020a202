"""A VLE beside an installation under test: it is connected, publishes its keys over HTTP, and sends browsers."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from lti_tool.core import clock
from lti_tool.core.db import Database
from lti_tool.core.ids import new_public_id
from lti_tool.launch import PlatformDraft, connect_platform
from lti_tool.launch.jose import new_private_key, private_pem, public_entry
from lti_tool.launch.models import ToolKey
from lti_tool.people import find_trust
from tests.factories.house import House
from tests.factories.platform import PretendPlatform
from tests.factories.serving import listening

TRUST = "Northmoor University Hospitals"
FROM_THE_VLE = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "iframe", "Origin": "https://vle.example"}
OURS = {"Sec-Fetch-Site": "same-origin"}
Talk = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def served(talk: Talk, host: str = "127.0.0.1") -> Iterator[str]:
    """Serve GETs and POSTs on a free port of loopback; returns the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            talk(self)

        def do_POST(self) -> None:
            talk(self)

        def log_message(self, *_: object) -> None:
            return

    with listening(Handler, host) as address:
        yield address


def says(body: bytes, status: int = 200, **headers: str) -> Talk:
    """Always the same answer."""

    def talk(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return talk


@dataclass
class Login:
    """What our answer to a login asked of the VLE."""

    answer: TestResponse
    state: str
    nonce: str
    location: str


@dataclass
class Vle:
    """A connected VLE. `keys` is what it publishes now; `asked` counts how often that was read."""

    house: House
    platform: PretendPlatform
    keys: bytes = b""
    asked: int = 0
    talk: Talk | None = None
    settings: dict[str, Any] = field(default_factory=dict)

    def answer_keys(self, handler: BaseHTTPRequestHandler) -> None:
        self.asked += 1
        (self.talk or says(self.keys))(handler)

    def connect(self, **changes: Any) -> None:
        """Make it known to the installation."""
        platform = self.platform
        draft = PlatformDraft(
            name="Northmoor Moodle",
            issuer=platform.issuer,
            client_id=platform.client_id,
            auth_url=platform.auth_url,
            token_url=f"{platform.issuer}/token.php",
            keys_url=platform.keys_url,
            deployments=(platform.deployment_id,),
        )
        with self.house.database.transaction() as db:
            connect_platform(db, TRUST, replace(draft, **changes), clock.now())

    def inside(self) -> Database:
        """The database as the VLE's trust sees it."""
        with self.house.database.reading() as db:
            trust = find_trust(db, TRUST)
        assert trust is not None
        return self.house.database.within(trust.id)

    def browser(self) -> FlaskClient:
        """A browser that has been nowhere."""
        return self.house.app.test_client()

    def login(self, browser: FlaskClient, **changes: str | None) -> Login:
        """Begin; a change to None leaves a parameter out."""
        asked = {
            "iss": self.platform.issuer,
            "login_hint": "7",
            "target_link_uri": f"{self.platform.tool_url}/lti/launch",
            "client_id": self.platform.client_id,
            "lti_deployment_id": self.platform.deployment_id,
            **changes,
        }
        sent = {name: value for name, value in asked.items() if value is not None}
        answer = browser.post("/lti/login", data=sent, headers=FROM_THE_VLE)
        query = {name: values[0] for name, values in parse_qs(urlsplit(answer.location or "").query).items()}
        return Login(answer, query.get("state", ""), query.get("nonce", ""), answer.location or "")

    def token(self, login: Login, **changes: Any) -> str:
        """A proper message for this login, with changes."""
        return self.platform.sign(self.claims(login, **changes))

    def claims(self, login: Login, **changes: Any) -> dict[str, Any]:
        return self.platform.claims(clock.now().timestamp(), login.nonce, **changes)

    def post(self, browser: FlaskClient, token: str, state: str) -> TestResponse:
        """Bring the message."""
        return browser.post("/lti/launch", data={"id_token": token, "state": state}, headers=FROM_THE_VLE)

    def launch(self, browser: FlaskClient, **changes: Any) -> TestResponse:
        """Begin and bring a proper message, with changes; our answer to it."""
        login = self.login(browser)
        return self.post(browser, self.token(login, **changes), login.state)

    def arrive(self, browser: FlaskClient, **changes: Any) -> TestResponse:
        """Launch and follow to the page."""
        return follow(browser, self.launch(browser, **changes))


def follow(browser: FlaskClient, answer: TestResponse, headers: Mapping[str, str] = FROM_THE_VLE) -> TestResponse:
    """Follow redirects to the page, as a browser in the frame does."""
    for _ in range(6):
        if answer.status_code not in (302, 303):
            return answer
        answer = browser.get(answer.location, headers=dict(headers))
    raise AssertionError("too many redirects")


@cache
def _tool_key(secret_key: str) -> tuple[str, str, bytes]:
    """A key of our own, made once in a test run: it takes a tenth of a second."""
    key, kid = new_private_key(), new_public_id()
    box = Fernet(urlsafe_b64encode(HKDF(SHA256(), 32, None, b"grand-round tool keys").derive(secret_key.encode())))
    return kid, json.dumps(public_entry(key, kid)), box.encrypt(private_pem(key))


def _put_tool_key(house: House) -> None:
    kid, public, sealed = _tool_key(house.app.extensions["settings"].secret_key)
    now = clock.now()
    with house.database.transaction() as db:
        db.add(ToolKey(kid=kid, public_jwk=public, sealed=sealed, created_at=now, signs_from=now))


@contextmanager
def connected_vle(house: House, **changes: Any) -> Iterator[Vle]:
    """A VLE whose keys are served on loopback, connected to the house."""
    base_url = house.app.extensions["settings"].base_url
    vle = Vle(house, PretendPlatform(tool_url=base_url, **changes))
    vle.keys = vle.platform.key_set()
    _put_tool_key(house)
    with served(vle.answer_keys) as address:
        vle.platform = replace(vle.platform, keys_url=f"{address}/certs")
        vle.connect()
        yield vle
