"""What HTTP makes of a calendar: validators, 304, gzip, headers (RFC 9110 §8, §12.5.3, §13). Neither database nor page.

A calendar and its compressed form are two representations, so each has a tag of its own. Nothing here redirects:
calendar programs keep a permanent redirect for ever.
"""

import re
import unicodedata
from datetime import datetime
from urllib.parse import quote

from werkzeug.datastructures import Accept
from werkzeug.http import dump_options_header, http_date
from werkzeug.wrappers import Request, Response

from lti_tool.feeds.calendars import Calendar
from lti_tool.feeds.rules import MAX_AGE

KIND = "text/calendar; charset=utf-8"
NOINDEX = {"X-Robots-Tag": "noindex, nofollow"}


def answer(request: Request, calendar: Calendar, modified_at: datetime, name: str) -> Response:
    """The calendar, or 304 when the reader has it already. `name` is what a saved file is called."""
    is_zipped = wants_gzip(request.accept_encodings)
    tag = f"{calendar.tag}-gzip" if is_zipped else calendar.tag
    headers = NOINDEX | {
        "ETag": f'"{tag}"',
        "Last-Modified": http_date(modified_at),
        "Cache-Control": f"private, max-age={MAX_AGE.seconds}",
        "Vary": "Accept-Encoding",
    }
    if is_known(request, tag, modified_at):
        return Response(status=304, headers=headers)
    headers["Content-Disposition"] = saved_as(name)
    if is_zipped:
        headers["Content-Encoding"] = "gzip"
    return Response(calendar.zipped if is_zipped else calendar.body, headers=headers, content_type=KIND)


def saved_as(name: str) -> str:
    """What a saved file is called, for programs that read ASCII only and for those that read all (RFC 6266 §4.3)."""
    safe = " ".join(re.sub(r"[^\w .,()&-]", " ", name).split()).strip(". ")
    simple = unicodedata.normalize("NFKD", safe).encode("ascii", "ignore").decode().strip(". ") or "Teaching"
    names = {"filename": f"{simple}.ics"}
    if simple != safe:
        names["filename*"] = f"UTF-8''{quote(safe or simple, safe='')}.ics"
    return dump_options_header("attachment", names)


def gone() -> Response:
    """The address was switched off long ago."""
    words = "This calendar was switched off. Take it out of your calendar program.\n"
    return Response(words, 410, headers=NOINDEX | {"Cache-Control": "no-store"}, mimetype="text/plain")


def is_known(request: Request, tag: str, modified_at: datetime) -> bool:
    """Whether the reader has this already. A date counts only where no tag was sent (RFC 9110 §13.2.2)."""
    if "If-None-Match" in request.headers:
        return request.if_none_match.contains_weak(tag)
    since = request.if_modified_since
    return since is not None and modified_at.replace(microsecond=0) <= since


def wants_gzip(accepted: Accept) -> bool:
    """Whether the reader has asked for gzip by name, and would not rather have the calendar as it is."""
    asked = {name.lower(): quality for name, quality in accepted}
    return asked.get("gzip", 0) > 0 and asked["gzip"] >= asked.get("identity", 0)
