"""A small VLE built on lti1p3platform (MIT): the second reading of the standard in the ordinary run."""

import json
import secrets
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from flask import Flask, Response, jsonify, redirect, request
from lti1p3platform.exceptions import LtiException
from lti1p3platform.ltiplatform import LTI1P3PlatformConfAbstract
from lti1p3platform.message_launch import LTIAdvantageMessageLaunchAbstract
from lti1p3platform.oidc_login import OIDCLoginAbstract
from lti1p3platform.registration import Registration
from lti1p3platform.request import Request, TRequest
from lti1p3platform.score import ActivityProgress, GradeProgress

from tests.conformance.peers.platforms import (
    CLIENT_ID,
    COURSE_ID,
    COURSE_TITLE,
    DEPLOYMENT_ID,
    LINK_ID,
    LINK_TITLE,
    MEMBERSHIP,
    ROSTER_SCOPE,
    GradeBook,
    ToolAddresses,
    full_name,
    roster_page,
    sending_page,
)


class Asked(Request):
    """Flask's request, as the library wants to read it."""

    def build_metadata(self, request: Any) -> TRequest:
        """Return the parts that the library uses."""
        return {"method": request.method, "form_data": request.form.to_dict(), "get_data": request.args.to_dict()}


class Configuration(LTI1P3PlatformConfAbstract):
    """One tool, known beforehand."""

    def init_platform_config(self, **kwargs: Any) -> None:
        """Remember the tool; the registration is made once."""
        self._registration = kwargs["registration"]

    def get_registration_by_params(self, **kwargs: Any) -> Registration:
        """Return the one registration."""
        return self._registration


class Login(OIDCLoginAbstract):
    """The first redirect of a launch."""

    def set_lti_message_hint(self, **kwargs: Any) -> None:
        """Remember which launch this is."""
        self._lti_message_hint = kwargs["hint"]

    def get_redirect(self, url: str) -> Response:
        """Send the browser to the tool."""
        return redirect(url)


class Launch(LTIAdvantageMessageLaunchAbstract):
    """The token of a launch, made from what `/start` was told."""

    pending: dict[str, dict[str, str]]

    def prepare_launch(self, preflight_response: dict[str, Any]) -> None:
        """Put the person, the course and the link into the message."""
        about = self.pending[preflight_response["lti_message_hint"]]
        person = about["person"]
        self.set_user_data(person, [MEMBERSHIP + about["role"]], full_name(person), f"{person}@example.org")
        self.set_launch_context_claim(COURSE_ID, ["CourseSection"], COURSE_TITLE, "ACUTE")
        self.set_launch_presentation_claim("iframe", request.host_url + "course")
        if about["kind"] == "deep_linking":
            self.set_dl(request.host_url + "content", accept_types={"ltiResourceLink"})
            return
        self.set_nrps(request.host_url + "members")
        self.set_ags(request.host_url + "columns")
        self.set_resource_link_claim(LINK_ID, title=LINK_TITLE)
        if about["place"]:
            self.set_custom_parameters_claim({"place": about["place"]})

    def render_launch_form(self, launch_data: dict[str, Any], **kwargs: Any) -> str:
        """Return the page that posts the token to the tool."""
        return sending_page(launch_data["launch_url"], launch_data["id_token"], launch_data["state"])


def registration_of(tool: ToolAddresses, issuer: str) -> Registration:
    """Return the registration of the tool, with a new key."""
    key = generate_private_key(65537, 2048)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    registration = Registration().set_iss(issuer).set_client_id(CLIENT_ID).set_deployment_id(DEPLOYMENT_ID)
    registration.set_oidc_login_url(tool.login_url).set_launch_url(tool.launch_url).set_tool_key_set_url(tool.jwks_url)
    return registration.set_platform_private_key(private).set_platform_public_key(public)


def create_app(tool: ToolAddresses, issuer: str) -> Flask:
    """Return the VLE for one tool."""
    app = Flask(__name__)
    registration = registration_of(tool, issuer)
    pending: dict[str, dict[str, str]] = {}
    book = GradeBook(issuer)

    @app.get("/start")
    def start() -> Response:
        hint = secrets.token_urlsafe(8)
        pending[hint] = request.args.to_dict()
        login = Login(Asked(request), Configuration(registration=registration))
        login.set_lti_message_hint(hint=hint)
        return login.initiate_login(request.args["person"])

    @app.get("/auth")
    def auth() -> str:
        asked = pending[request.args["lti_message_hint"]]
        registration.set_deeplink_launch_url(tool.launch_url if asked["kind"] == "deep_linking" else None)
        launch = Launch(Asked(request), Configuration(registration=registration))
        launch.pending = pending
        return launch.lti_launch()

    @app.get("/jwks")
    def jwks() -> Response:
        return jsonify(Configuration(registration=registration).get_jwks())

    @app.post("/token")
    def token() -> Response:
        return jsonify(Configuration(registration=registration).get_access_token(request.form.to_dict()))

    @app.get("/members")
    def members() -> Response:
        bearer = request.headers["Authorization"].removeprefix("Bearer ")
        if not Configuration(registration=registration).validate_token(bearer, [ROSTER_SCOPE]):
            raise LtiException("the token is not for the roster")
        page, headers = roster_page(issuer, int(request.args.get("page", 0)))
        return Response(json.dumps(page), headers=headers)

    @app.route("/columns", methods=["GET", "POST"])
    @app.route("/columns/<int:_number>/scores", methods=["POST"])
    @app.route("/columns/<int:_number>/results")
    def grades(_number: int = 0) -> tuple[Response, int]:
        bearer = request.headers["Authorization"].removeprefix("Bearer ")
        scope = book.scope(request.method, request.path)
        if not Configuration(registration=registration).validate_token(bearer, [scope]):
            raise LtiException("the token is not for this part of the grade book")
        said = request.get_json(force=True) if request.method == "POST" else {}
        if request.path.endswith("/scores"):
            ActivityProgress(said["activityProgress"]), GradeProgress(said["gradingProgress"])
        answer, status = book.answer(request.method, request.path, said)
        return jsonify(answer), status

    @app.get("/scores")
    def scores() -> Response:
        return jsonify(book.scores)

    @app.post("/content")
    def content() -> Response:
        return jsonify(Configuration(registration=registration).validate_deeplinking_resp(request.form.to_dict()))

    @app.errorhandler(LtiException)
    def refused(error: LtiException) -> tuple[str, int]:
        return json.dumps({"error": str(error)}), 400

    return app
