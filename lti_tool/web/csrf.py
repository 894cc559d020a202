"""CSRF: flask-wtf's token in forms and htmx headers, seeded by the visit, and a check of where the request came from.

A form drawn for one visit and sent in another is not simply refused: the ward PC may have changed hands, or an hour has
passed. What was typed then goes to the drafts of the person for whom the form was drawn (DESIGN 16), and the page
shows nothing of it. `/lti/*` is exempt: its requests come from platforms and carry their own signed state.
"""

from typing import Any
from urllib.parse import urlsplit

from flask import Flask, current_app, request
from flask_wtf.csrf import CSRFError, CSRFProtect
from itsdangerous import BadSignature, URLSafeTimedSerializer

from lti_tool.core.errors import Problem
from lti_tool.core.language import gettext as _
from lti_tool.people import OpenVisit
from lti_tool.web.visits import CSRF_FIELD, is_in_path, visit_of_form

EXEMPT: set[str] = set()
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


class ElsewhereForm(Exception):
    """The form belongs to another visit, or to none: `visit` is the one it was drawn for, if its text `is_saved`."""

    def __init__(self, visit: OpenVisit | None, is_saved: bool) -> None:
        super().__init__("form of another visit")
        self.visit = visit
        self.is_saved = is_saved


class ElsewhereRequest(Problem):
    """An unsafe request that another site has made in this person's name."""


def exempt(blueprint: str) -> None:
    """Leave this blueprint out: its requests come from other sites by design."""
    EXEMPT.add(blueprint)


def set_up_csrf(app: Flask) -> None:
    """Check every unsafe request of every room before its view runs."""
    app.config |= {
        "SECRET_KEY": app.extensions["settings"].key_for("forms"),
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_SSL_STRICT": False,
        "WTF_CSRF_CHECK_DEFAULT": False,
        "WTF_CSRF_HEADERS": ["X-CSRFToken"],
    }
    protection = CSRFProtect(app)

    @app.before_request
    def check() -> None:
        if request.method in SAFE_METHODS or request.endpoint is None or request.blueprint in EXEMPT:
            return
        require_our_page()
        try:
            protection.protect()
        except CSRFError:
            _rescue()


def require_our_page() -> None:
    """Sec-Fetch-Site must be same-origin; where a browser sends none (plain http), Origin must be ours.

    Raises ElsewhereRequest.
    """
    if site := request.headers.get("Sec-Fetch-Site"):
        is_ours = site == "same-origin"
    else:
        origin = request.headers.get("Origin")
        is_ours = origin == _our_origin() or (origin in (None, "null") and is_in_path())
    if not is_ours:
        raise ElsewhereRequest(_("This request did not come from one of our pages. Open the page again and retry."))


def _our_origin() -> str:
    address = urlsplit(current_app.extensions["settings"].base_url)
    return f"{address.scheme}://{address.netloc}"


def _rescue() -> None:
    """Save what was typed for the person whose form it is, then say so."""
    given = request.form.get(CSRF_FIELD) or request.headers.get("X-CSRFToken") or ""
    visit = visit_of_form(current_app, _form_key(given))
    save: Any = current_app.extensions.get("rescue")
    is_saved = bool(visit and save and save(visit, request.form))
    raise ElsewhereForm(visit, is_saved)


def _form_key(token: str) -> str:
    """The form key inside a CSRF token that we signed; empty for any other (flask-wtf's own serializer and salt)."""
    serializer = URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="wtf-csrf-token")
    try:
        return str(serializer.loads(token))
    except BadSignature:
        return ""
