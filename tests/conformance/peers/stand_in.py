"""The smallest tool that pylti1p3 makes, with deep linking and the roster.

It shows that the platforms here are driven as their authors meant it: where ours fails and this passes, ours is wrong.
"""

from functools import cache
from typing import Any

from cachelib import SimpleCache
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from flask import Flask, Response, jsonify, request
from markupsafe import escape
from pylti1p3.contrib.flask import FlaskCacheDataStorage, FlaskMessageLaunch, FlaskOIDCLogin, FlaskRequest
from pylti1p3.deep_link_resource import DeepLinkResource
from pylti1p3.exception import LtiException, OIDCException
from pylti1p3.tool_config import ToolConfDict

Registrations = dict[str, dict[str, Any]]
Rosters = dict[str, set[str]]
PAGE = "<!doctype html><title>Tool</title><h1>Welcome, {}</h1>"


@cache
def keys() -> tuple[str, str]:
    """Return the tool's private and public key as PEM."""
    key = generate_private_key(65537, 2048)
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(), public.decode()


def configuration(registrations: Registrations) -> ToolConfDict:
    """Return the platforms, as pylti1p3 wants them."""
    made = ToolConfDict(registrations)
    for issuer in registrations:
        made.set_private_key(issuer, keys()[0])
        made.set_public_key(issuer, keys()[1])
    return made


def chosen(address: str) -> DeepLinkResource:
    """Return the one thing that this tool lets a teacher choose."""
    return DeepLinkResource().set_url(address).set_title("Ward questions").set_custom_params({"place": "ward"})


def create_app(registrations: Registrations, rosters: Rosters) -> Flask:
    """Return the tool. Registrations may be added while it runs; it puts what it reads into rosters."""
    app = Flask(__name__)
    app.secret_key = "only-for-the-tests"
    storage = FlaskCacheDataStorage(SimpleCache(default_timeout=600))

    def login() -> Response:
        known = configuration(registrations)
        asked = FlaskRequest(request_data=request.values)
        return FlaskOIDCLogin(asked, known, launch_data_storage=storage).redirect(request.values["target_link_uri"])

    def launch() -> str:
        message = FlaskMessageLaunch(FlaskRequest(), configuration(registrations), launch_data_storage=storage)
        data = message.get_launch_data()
        if message.is_deep_link_launch():
            return message.get_deep_link().output_response_form([chosen(request.url)])
        if message.has_nrps():
            members = message.get_nrps().get_members()
            rosters[data["iss"]] = {member["name"] for member in members if member["status"] == "Active"}
        return PAGE.format(escape(data["name"]))

    def refused(error: Exception) -> tuple[str, int]:
        return f"<!doctype html><title>Refused</title><p>{escape(error)}", 401

    app.add_url_rule("/lti/login", view_func=login, methods=["GET", "POST"])
    app.add_url_rule("/lti/launch", view_func=launch, methods=["POST"])
    app.add_url_rule("/lti/jwks.json", "jwks", lambda: jsonify(configuration(registrations).get_jwks()))
    app.register_error_handler(LtiException, refused)
    app.register_error_handler(OIDCException, refused)
    return app
