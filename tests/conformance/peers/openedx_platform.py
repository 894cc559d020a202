"""Open edX's LTI consumer (lti-consumer-xblock) behind a tiny HTTP server: a process in an environment of its own.

    PYTHON openedx_platform.py LOGIN_URL LAUNCH_URL JWKS_URL

It prints its address when it listens. The package is AGPL: nothing of ours imports it, and this script is only ever run
by the tests, with the interpreter of the environment that tests/conformance/peers/openedx.py makes. The addresses are
those of platforms.py; what Open edX does in its own views (views.py of its plugin) is done here in `Handler`.
"""

import json
import sys
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

import django
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.conf import settings

settings.configure(
    SECRET_KEY="only-for-the-tests",
    PLATFORM_NAME="Open edX",
    USE_TZ=True,
    INSTALLED_APPS=[
        "django.contrib.contenttypes",
        "django.contrib.auth",
        "config_models",
        "rest_framework",
        "lti_consumer",
    ],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
)
django.setup()

# The package reads Django's settings when it is imported.
from lti_consumer.data import Lti1p3LaunchData  # noqa: E402
from lti_consumer.lti_1p3.constants import LTI_1P3_CONTEXT_TYPE  # noqa: E402
from lti_consumer.lti_1p3.consumer import LtiAdvantageConsumer  # noqa: E402
from lti_consumer.lti_1p3.exceptions import Lti1p3Exception  # noqa: E402
from lti_consumer.lti_1p3.extensions.rest_framework.serializers import (  # noqa: E402
    LtiAgsLineItemSerializer,
    LtiAgsScoreSerializer,
)
from lti_consumer.utils import get_data_from_cache  # noqa: E402
from platforms import (  # noqa: E402
    CLIENT_ID,
    COURSE_ID,
    COURSE_TITLE,
    DEPLOYMENT_ID,
    LINK_ID,
    LINK_TITLE,
    ROSTER_SCOPE,
    GradeBook,
    full_name,
    roster_page,
    sending_page,
)

ROLES = {"Learner": "student", "Instructor": "staff"}
MESSAGES = {"resource": "LtiResourceLinkRequest", "deep_linking": "LtiDeepLinkingRequest"}


class Handler(BaseHTTPRequestHandler):
    """The platform's addresses. The class attributes are set by `serve`."""

    base_url = login_url = launch_url = jwks_url = ""
    key = ""
    book = GradeBook("")

    def do_GET(self) -> None:
        """Answer /start, /auth, /members and /jwks."""
        address = urlsplit(self.path)
        asked = dict(parse_qsl(address.query))
        match address.path:
            case "/start":
                self.answer(302, "", Location=self.consumer().prepare_preflight_url(launch_data(asked)))
            case "/auth":
                self.attempt(lambda: (self.token_page(asked), {}))
            case "/members":
                self.attempt(lambda: self.members_page(int(asked.get("page", 0))))
            case "/jwks":
                self.answer(200, json.dumps(self.consumer().get_public_keyset()))
            case "/scores":
                self.answer(200, json.dumps(self.book.scores))
            case _:
                self.grades("GET", address.path, {})

    def do_POST(self) -> None:
        """Answer /token and /content."""
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        sent = dict(parse_qsl(body))
        match urlsplit(self.path).path:
            case "/token":
                self.attempt(lambda: (json.dumps(self.consumer().access_token(sent)), {}))
            case "/content":
                chosen = self.consumer().check_and_decode_deep_linking_token
                self.attempt(lambda: (json.dumps(chosen(sent["JWT"])), {}))
            case path:
                self.grades("POST", path, json.loads(body))

    def consumer(self) -> LtiAdvantageConsumer:
        """Return the consumer of our one tool, with deep linking on."""
        consumer = LtiAdvantageConsumer(
            iss=self.base_url,
            lti_oidc_url=self.login_url,
            lti_launch_url=self.launch_url,
            client_id=CLIENT_ID,
            deployment_id=DEPLOYMENT_ID,
            rsa_key=self.key,
            rsa_key_id="open-edx",
            redirect_uris=[self.launch_url],
            tool_keyset_url=self.jwks_url,
        )
        consumer.enable_deep_linking(self.launch_url, f"{self.base_url}/content")
        return consumer

    def token_page(self, asked: dict[str, str]) -> str:
        """Return the page that posts the token to the tool, as Open edX's `launch_gate_endpoint` makes it."""
        about = get_data_from_cache(asked["lti_message_hint"])
        consumer = self.consumer()
        consumer.set_user_data(about.user_id, about.user_role, about.name, about.email, about.preferred_username)
        consumer.set_resource_link_claim(about.resource_link_id, title=LINK_TITLE)
        consumer.set_launch_presentation_claim(about.launch_presentation_document_target, f"{self.base_url}/course")
        consumer.set_context_claim(about.context_id, about.context_type, about.context_title, about.context_label)
        if about.custom_parameters:
            consumer.set_custom_parameters(about.custom_parameters)
        consumer.enable_nrps(f"{self.base_url}/members")
        consumer.enable_ags(f"{self.base_url}/columns", allow_programmatic_grade_interaction=True)
        return sending_page(asked["redirect_uri"], **consumer.generate_launch_request(asked))

    def members_page(self, page: int) -> tuple[str, dict[str, str]]:
        """Return a page of the roster to who has a token for it."""
        bearer = self.headers["Authorization"].removeprefix("Bearer ")
        if not self.consumer().check_token(bearer, [ROSTER_SCOPE]):
            raise ValueError("the token is not for the roster")
        container, headers = roster_page(self.base_url, page)
        return json.dumps(container), headers

    def grades(self, method: str, path: str, said: dict[str, object]) -> None:
        """Answer for the grade book; what is written into it must pass Open edX's own serializers."""
        scope = self.book.scope(method, path)
        bearer = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if scope is None:
            self.answer(404, "")
        elif not self.consumer().check_token(bearer, [scope]):
            self.answer(401, "")
        else:
            serializer = LtiAgsScoreSerializer if path.endswith("/scores") else LtiAgsLineItemSerializer
            checked = serializer(data=said)
            if method == "POST" and not checked.is_valid():
                self.answer(400, json.dumps(checked.errors))
                return
            answer, status = self.book.answer(method, path, said)
            self.answer(status, json.dumps(answer))

    def attempt(self, make: Callable[[], tuple[str, dict[str, str]]]) -> None:
        """Answer with what the function returns, or with 400 and the consumer's complaint."""
        try:
            body, headers = make()
            self.answer(200, body, **headers)
        except (Lti1p3Exception, ValueError, KeyError) as error:
            self.answer(400, json.dumps({"error": repr(error)}))

    def answer(self, status: int, body: str, **headers: str) -> None:
        """Send an answer; a body that is not HTML is JSON."""
        octets = body.encode()
        kind = "text/html; charset=utf-8" if body.startswith("<") else "application/json"
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(octets)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(octets)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: tokens are in the addresses."""


def launch_data(asked: dict[str, str]) -> Lti1p3LaunchData:
    """Return what Open edX remembers of a launch between its two halves."""
    person = asked["person"]
    return Lti1p3LaunchData(
        user_id=person,
        user_role=ROLES[asked["role"]],
        config_id=CLIENT_ID,
        resource_link_id=LINK_ID,
        name=full_name(person),
        email=f"{person}@example.org",
        preferred_username=person,
        launch_presentation_document_target="iframe",
        message_type=MESSAGES[asked["kind"]],
        context_id=COURSE_ID,
        context_type=[LTI_1P3_CONTEXT_TYPE.course_offering],
        context_title=COURSE_TITLE,
        context_label="ACUTE",
        custom_parameters={"place": asked["place"]} if asked.get("place") else {},
    )


def serve(login_url: str, launch_url: str, jwks_url: str) -> None:
    """Listen on a free port of loopback until killed."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Handler.base_url = f"http://127.0.0.1:{server.server_port}"
    Handler.book = GradeBook(Handler.base_url)
    Handler.login_url, Handler.launch_url, Handler.jwks_url = login_url, launch_url, jwks_url
    key = generate_private_key(65537, 2048)
    Handler.key = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    print(Handler.base_url, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    serve(*sys.argv[1:])
