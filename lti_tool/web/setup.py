"""Putting the HTTP kit into an app, in the order in which a request meets it."""

import time
from collections.abc import Callable
from typing import Any

from flask import Flask, Request, Response, g, request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

from lti_tool.core.errors import NotFound
from lti_tool.core.log import log
from lti_tool.web import health
from lti_tool.web.addresses import STATIC_PREFIX, STATIC_ROOT
from lti_tool.web.csrf import set_up_csrf
from lti_tool.web.headers import set_up_headers
from lti_tool.web.problems import set_up_problems
from lti_tool.web.templating import configure
from lti_tool.web.visits import PathVisits, VisitSessions

LARGEST_FORM = 512 * 1024
LARGEST_WITH_FILE = 16 * 1024 * 1024
NUL = "\x00"  # nobody can type it, and no text in PostgreSQL holds it
A_YEAR = 365 * 24 * 3600


ROOMY: set[str] = set()


def roomy(*endpoints: str) -> None:
    """Let the forms of these pages carry a file, which is read to a disk. Their words stay as short as everywhere."""
    ROOMY.update(endpoints)


class Words(ImmutableMultiDict[str, Any]):
    """What a request says in its address and its forms, without any NUL."""

    def __init__(self, said: Any = ()) -> None:
        pairs = said or ()
        super().__init__((key, word.replace(NUL, "") if isinstance(word, str) else word) for key, word in pairs)


class OurRequest(Request):
    """Flask's request, with what it says cleaned of what no database holds.

    What platforms send is read as it is: there a NUL is a fault of its own and refused, not mended.
    """

    @property
    def parameter_storage_class(self) -> type[ImmutableMultiDict[str, Any]]:  # type: ignore[override]  # werkzeug asks self
        """How the address's and the form's words are kept."""
        return ImmutableMultiDict if self.path.startswith("/lti/") else Words


def set_up(app: Flask) -> None:
    """Give the app visits, templates, CSRF, headers, problem pages, health, and its middleware."""
    settings = app.extensions["settings"]
    app.config |= {"MAX_CONTENT_LENGTH": LARGEST_FORM, "MAX_FORM_MEMORY_SIZE": LARGEST_FORM}
    app.request_class = OurRequest
    app.ensure_sync = _as_it_is  # type: ignore[method-assign]  # Flask's documented way to change it
    app.session_interface = VisitSessions()
    configure(app)
    _set_up_request_lines(app)
    set_up_csrf(app)
    set_up_headers(app)
    set_up_problems(app)
    app.register_blueprint(health.blueprint)
    wsgi: Any = PathVisits(app.wsgi_app)
    wsgi = WhiteNoise(wsgi, root=STATIC_ROOT, prefix=STATIC_PREFIX, max_age=A_YEAR)
    if hops := settings.trusted_proxies:
        wsgi = ProxyFix(wsgi, x_for=hops, x_proto=hops, x_host=hops)
    app.wsgi_app = wsgi  # type: ignore[method-assign]  # Flask's documented way to add middleware


def _as_it_is(func: Callable[..., Any]) -> Callable[..., Any]:
    """No view of ours is asynchronous, and Flask looks at each of them at each call."""
    return func


def _set_up_request_lines(app: Flask) -> None:
    """One log line a request, by route and never by address: addresses may hold a visit."""

    @app.before_request
    def begin() -> None:
        g.began = time.perf_counter()
        if request.endpoint in ROOMY and request.mimetype == "multipart/form-data":
            request.max_content_length = LARGEST_WITH_FILE
        if NUL in request.path:
            raise NotFound

    @app.after_request
    def end(response: Response) -> Response:
        seconds = time.perf_counter() - g.get("began", time.perf_counter())
        route = str(request.url_rule)
        health.REQUESTS.labels(route, response.status_code).inc()
        health.SECONDS.observe(seconds)
        log.info(
            "answered", method=request.method, route=route, status=response.status_code, ms=round(seconds * 1000, 1)
        )
        return response
