"""The smallest tool that pylti1p3 makes, as its Flask example shows it: a peer to be measured.

Launch data and the platform's keys are kept in cachelib's FileSystemCache, so that several worker processes share them.
Settings come from PEER_* variables; gunicorn loads `create_app()`.
"""

import os
from collections.abc import Mapping

from cachelib import FileSystemCache
from flask import Flask, Response, request
from markupsafe import escape
from pylti1p3.contrib.flask import FlaskCacheDataStorage, FlaskMessageLaunch, FlaskOIDCLogin, FlaskRequest
from pylti1p3.exception import LtiException, OIDCException
from pylti1p3.tool_config import ToolConfDict

PAGE = "<!doctype html><title>Tool</title><h1>Welcome, {name}</h1>"


def configuration(environ: Mapping[str, str]) -> ToolConfDict:
    """Return the one platform of PEER_*, as pylti1p3 wants it."""
    platform = {
        "client_id": environ["PEER_CLIENT_ID"],
        "auth_login_url": environ["PEER_AUTH_URL"],
        "auth_token_url": environ["PEER_TOKEN_URL"],
        "key_set_url": environ["PEER_JWKS_URL"],
        "deployment_ids": [environ["PEER_DEPLOYMENT_ID"]],
    }
    return ToolConfDict({environ["PEER_ISSUER"]: platform})


def create_app(environ: Mapping[str, str] = os.environ) -> Flask:
    """Return the tool: /lti/login and /lti/launch."""
    app = Flask(__name__)
    app.secret_key = environ["PEER_SECRET"]
    cache = FileSystemCache(environ["PEER_DATABASE"], threshold=0, default_timeout=600)

    def login() -> Response:
        asked = FlaskRequest(request_data=request.values)
        storage = FlaskCacheDataStorage(cache)
        return FlaskOIDCLogin(asked, configuration(environ), launch_data_storage=storage).redirect(
            request.values["target_link_uri"]
        )

    def launch() -> str:
        storage = FlaskCacheDataStorage(cache)
        message = FlaskMessageLaunch(FlaskRequest(), configuration(environ), launch_data_storage=storage)
        message.set_public_key_caching(storage, cache_lifetime=7200)
        return PAGE.format(name=escape(message.get_launch_data().get("name", "nobody")))

    def refused(error: Exception) -> tuple[str, int]:
        return f"<!doctype html><title>Refused</title><p>{error}", 401

    app.add_url_rule("/lti/login", view_func=login, methods=["GET", "POST"])
    app.add_url_rule("/lti/launch", view_func=launch, methods=["POST"])
    app.register_error_handler(LtiException, refused)
    app.register_error_handler(OIDCException, refused)
    return app
