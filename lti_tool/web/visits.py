"""Visits as Flask sessions, in both transports (LTI.md, "The launch", 4 and 5).

A visit's token comes in the Partitioned cookie or, where the browser keeps none, in the path: `/v/<token>/boards/…`.
`PathVisits` moves that prefix into SCRIPT_NAME, so page addresses keep it by themselves. The session's content (CSRF
seed, messages for the next page) is in the visit's row: nothing personal is ever in a cookie.
"""

import re
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from flask import Flask, Request, Response, current_app, request, session
from flask.sessions import SessionInterface, SessionMixin
from sqlalchemy.exc import OperationalError
from werkzeug.datastructures import CallbackDict
from werkzeug.wrappers import Response as BaseResponse

from lti_tool.access import Actor
from lti_tool.core import clock
from lti_tool.core.ids import digest
from lti_tool.core.log import log
from lti_tool.people import (
    TOUCH_EVERY,
    OpenVisit,
    Transport,
    find_visit,
    find_visit_of_form,
    leave_note,
    touch_visit,
)

VISIT_COOKIE = "__Host-visit"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_PATH = re.compile(r"/v/([A-Za-z0-9_-]{43})(/.*)")
_IN_PATH = "grand_round.visit_token"
CSRF_FIELD = "csrf_token"


class NoVisit(Exception):
    """Nobody is here: no visit, or one that is over. `over` is the visit that was, if it is known."""

    def __init__(self, over: OpenVisit | None = None) -> None:
        super().__init__("no visit")
        self.over = over


class PathVisits:
    """WSGI: `/v/<token>/…` becomes the page address with the prefix in SCRIPT_NAME and the token aside."""

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self.app = app

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Serve one request."""
        if found := _PATH.fullmatch(environ.get("PATH_INFO", "")):
            token, rest = found.groups()
            environ[_IN_PATH] = token
            environ["SCRIPT_NAME"] = f"{environ.get('SCRIPT_NAME', '')}/v/{token}"
            environ["PATH_INFO"] = rest
        return self.app(environ, start_response)


class VisitSession(CallbackDict[str, Any], SessionMixin):
    """Flask's session over a visit. `visit` is live or None; `over` is a visit that has ended.

    `actor` is what has been read of the person in this request, for its other readings.
    """

    actor: Actor | None = None

    def __init__(self, visit: OpenVisit | None, over: OpenVisit | None) -> None:
        def changed(_self: object) -> None:
            self.modified = True

        super().__init__(dict(visit.notes) if visit else {}, changed)
        self.visit = visit
        self.over = over
        if visit:
            dict.__setitem__(self, CSRF_FIELD, visit.form_key)
        self.modified = False


class VisitSessions(SessionInterface):
    """Opens the session from the visit's row and keeps its notes there."""

    def open_session(self, app: Flask, request: Request) -> VisitSession:
        """One look-up by the token's hash; none for requests that carry no token, or that need to know nobody."""
        if request.path.startswith(("/static/", "/healthz", "/calendar/", "/feed/", "/mail/")):
            return VisitSession(None, None)
        visit = _visit_of(app, request)
        return VisitSession(visit, None) if visit is None or visit.is_live else VisitSession(None, visit)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Keep changed notes, and touch the visit every five minutes. Both are comfort: losing one harms nobody."""
        assert isinstance(session, VisitSession)
        visit, now = session.visit, clock.now()
        if visit is None or not (session.modified or now - visit.touched_at > TOUCH_EVERY):
            return
        try:
            with app.extensions["database"].transaction() as db:
                if session.modified:
                    leave_note(db, visit.id, {key: value for key, value in session.items() if key != CSRF_FIELD})
                touch_visit(db, visit.id, now)
        except OperationalError:
            log.warning("visit_not_touched", visit=visit.public_id)


def _limits(app: Flask) -> tuple[timedelta, timedelta]:
    settings = app.extensions["settings"]
    return timedelta(minutes=settings.visit_idle_minutes), timedelta(hours=settings.visit_longest_hours)


def _visit_of(app: Flask, request: Request) -> OpenVisit | None:
    in_path = request.environ.get(_IN_PATH)
    token = in_path or cookie_token(request)
    if token is None:
        return None
    with app.extensions["database"].reading() as db:
        visit = find_visit(db, digest(token), clock.now(), *_limits(app))
    is_right_way = visit is not None and (visit.transport == Transport.PATH) == (in_path is not None)
    return visit if is_right_way else None


def cookie_token(request: Request) -> str | None:
    """The visit's token from the cookie, if the browser sent one of the right shape."""
    token = request.cookies.get(VISIT_COOKIE, "")
    return token if _TOKEN.fullmatch(token) else None


def find_browser_visit(request: Request) -> OpenVisit | None:
    """The live visit that this browser's cookie names, even on a page outside it (a new launch asks)."""
    token = cookie_token(request)
    if token is None:
        return None
    app = current_app
    with app.extensions["database"].reading() as db:
        visit = find_visit(db, digest(token), clock.now(), *_limits(app))
    return visit if visit and visit.is_live else None


def visit_of_form(app: Flask, form_key: str) -> OpenVisit | None:
    """The visit, live or over, on whose page a form was drawn; None after a day."""
    with app.extensions["database"].reading() as db:
        return find_visit_of_form(db, form_key, clock.now(), *_limits(app))


def the_session() -> VisitSession:
    """The session of this request itself, behind Flask's proxy."""
    here: VisitSession = session._get_current_object()  # type: ignore[attr-defined]  # a werkzeug proxy
    return here


def the_visit() -> OpenVisit:
    """The live visit of this request. Raises NoVisit."""
    here = the_session()
    if here.visit is None:
        raise NoVisit(here.over)
    return here.visit


def is_in_path() -> bool:
    """Whether this request's visit travels in the path."""
    return _IN_PATH in request.environ


def set_visit_cookie(response: BaseResponse, token: str) -> None:
    """Put the visit into its cookie: host-only, secure, partitioned by the VLE around us (CHIPS)."""
    response.set_cookie(VISIT_COOKIE, token, path="/", secure=True, httponly=True, samesite="None", partitioned=True)


def forget_visit_cookie(response: BaseResponse) -> None:
    """Delete the cookie; a partitioned one is only found again when the attribute is repeated."""
    response.delete_cookie(VISIT_COOKIE, path="/", secure=True, httponly=True, samesite="None", partitioned=True)
