"""Puts the pretend VLE together: pages, launches, services, headers, plain error pages."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from flask import Flask, Response, redirect, render_template, request, session
from flask.sessions import SecureCookieSessionInterface
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from lti_tool.demo_platform import administration, choosing, editing, lti, pages, registering, rosters, services
from lti_tool.demo_platform.beginning import open_store
from lti_tool.demo_platform.catalogue import load_catalogue
from lti_tool.demo_platform.keys import KeyRing
from lti_tool.demo_platform.vle import Vle, VleConfig, find_me

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
LARGEST_BODY_BYTES = 256 * 1024

# No rule for frames and forms: like a real VLE, this one must not stand between the tool and its own mistakes.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' http: https: data:; "
    "connect-src 'self'; frame-src http: https:; frame-ancestors 'self'; base-uri 'none'"
)

ERROR_TITLES: Mapping[int, str] = {
    400: "The VLE could not read this request",
    403: "You cannot open this",
    404: "Not found",
    405: "The VLE could not read this request",
    413: "This is too large",
}
UNKNOWN_ADDRESS = "There is no page at this address."


class DemoCookie(SecureCookieSessionInterface):
    """`Secure`, except for a browser that was seen to drop it on plain http (Safari does so on loopback)."""

    def get_cookie_secure(self, app: Flask) -> bool:
        """Whether the cookie carries `Secure`."""
        return super().get_cookie_secure(app) and not session.get("plain", False)


def create_vle(config: VleConfig) -> Flask:
    """The WSGI application of one pretend VLE."""
    keys = KeyRing(config.var_dir)
    vle = Vle(config=config, store=open_store(config, load_catalogue()), keys=keys)
    app = Flask(__name__)
    app.secret_key = vle.keys.cookie_key
    app.config.update(
        SESSION_COOKIE_NAME="DemoVleSession",
        SESSION_COOKIE_SECURE=True,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=LARGEST_BODY_BYTES,
        SEND_FILE_MAX_AGE_DEFAULT=300,
    )
    app.session_interface = DemoCookie()
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.extensions["demo_vle"] = vle
    for part in (pages, rosters, editing, administration, registering, lti, choosing, services):
        app.register_blueprint(part.blueprint)

    @app.before_request
    def keep_to_one_host() -> AnyResponse | None:
        return _redirect_to_own_name(config)

    @app.context_processor
    def furniture() -> dict[str, object]:
        return {
            "me": find_me(),
            "vle": vle.catalogue,
            "sesskey": session.get("sesskey", ""),
            "tool_url": config.tool,
            "issuer": config.issuer,
        }

    app.after_request(_add_headers)
    app.register_error_handler(HTTPException, _error_page)
    return app


def _redirect_to_own_name(config: VleConfig) -> AnyResponse | None:
    """Send a reader of 127.0.0.1 to localhost (or the reverse), as Moodle does: its cookie belongs to one name."""
    own = urlsplit(config.issuer)
    asked = urlsplit(f"//{request.host}")
    is_other_name = asked.hostname != own.hostname and {asked.hostname, own.hostname} <= LOOPBACK_NAMES
    is_by_a_person = request.method == "GET" or request.endpoint == "pages.become"
    if is_by_a_person and is_other_name and asked.port == own.port:
        return redirect(config.issuer + request.full_path.rstrip("?"), 302 if request.method == "GET" else 307)
    return None


def _add_headers(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def _error_page(error: HTTPException) -> tuple[str, int]:
    code = error.code or 500
    title = ERROR_TITLES.get(code, "Something went wrong in the demo VLE")
    said = error.description or ""
    if request.routing_exception is not None or code not in ERROR_TITLES:
        said = UNKNOWN_ADDRESS if code == 404 else "Go back to the front page and start again."
    is_framed = request.path.startswith("/mod/lti/") and request.endpoint != "lti.view"
    return render_template("error.html", title=title, said=said, is_framed=is_framed), code
