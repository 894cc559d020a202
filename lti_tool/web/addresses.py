"""Addresses. `page_url` keeps the visit (in path mode it is in SCRIPT_NAME); `public_url` and `static_url` never do.

Nothing else in the house builds an absolute address or one of a static file, so a visit's token cannot slip out.
"""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import current_app, request, url_for

from lti_tool.core.ids import is_public_id

STATIC_ROOT = Path(__file__).parent / "static"
STATIC_PREFIX = "/static/"


def page_url(endpoint: str, **values: Any) -> str:
    """The address of one of our pages for the person who is here now: relative to the host, with their visit.

    A page has hundreds that differ in public ids alone, so those are put into a shape that was built once.
    """
    if not all(isinstance(value, str) and is_public_id(value) for value in values.values()):
        return url_for(endpoint, **values)
    shapes: dict[tuple[str, ...], str] = current_app.extensions.setdefault("address_shapes", {})
    key = (endpoint, *values)
    shape = shapes.get(key)
    if shape is None:
        shape = shapes[key] = _shape(endpoint, tuple(values))
    return request.script_root + shape.format(*values.values())


def _shape(endpoint: str, names: tuple[str, ...]) -> str:
    """`/posts/{0}/edit`: an address with places for public ids, without any visit."""
    stand_ins = {name: f"A{number:015d}" for number, name in enumerate(names)}
    shape = bare_path(endpoint, **stand_ins).replace("{", "{{").replace("}", "}}")
    for number, stand_in in enumerate(stand_ins.values()):
        shape = shape.replace(stand_in, f"{{{number}}}")
    return shape


def bare_path(endpoint: str, **values: Any) -> str:
    """The path of one of our pages without any visit: what a ticket may carry to another visit."""
    return url_for(endpoint, **values).removeprefix(request.script_root)


def path_visit_url(token: str, path: str) -> str:
    """The address of one of our pages for a visit that travels in the path (`PathVisits` reads it)."""
    return f"/v/{token}{path}"


def public_url(path: str) -> str:
    """The address of one of our pages for everybody: BASE_URL and an absolute path, without any visit."""
    return outside_url(current_app.extensions["settings"].base_url, path)


def outside_url(base_url: str, path: str) -> str:
    """The same where no request is served: a job knows BASE_URL from its settings."""
    return f"{base_url}{path}"


def go_path(public_id: str) -> str:
    """The path by which a link that leaves us (a feed, a mail, a QR code) finds its way back through the VLE."""
    return f"/go/{public_id}"


def static_url(name: str) -> str:
    """The address of a file under `web/static`, with a fingerprint so that browsers may keep it for a year."""
    return f"{STATIC_PREFIX}{name}?v={_fingerprint(name)}"


@lru_cache(maxsize=256)
def _fingerprint(name: str) -> str:
    return hashlib.sha256((STATIC_ROOT / name).read_bytes()).hexdigest()[:10]
