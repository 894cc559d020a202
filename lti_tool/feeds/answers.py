"""What HTTP makes of a calendar: validators, 304, gzip, headers (RFC 9110 §8, §12.5.3, §13). Neither database nor page.

A calendar and its compressed form are two representations, so each has a tag of its own. Nothing here redirects:
calendar programs keep a permanent redirect for ever.
"""

from datetime import datetime

from werkzeug.datastructures import Accept
from werkzeug.http import http_date
from werkzeug.wrappers import Request, Response

from lti_tool.feeds.calendars import Calendar
from lti_tool.feeds.rules import MAX_AGE
from lti_tool.web import saved_as

KIND = "text/calendar; charset=utf-8"
NEWS = "application/atom+xml; charset=utf-8"
NOINDEX = {"X-Robots-Tag": "noindex, nofollow"}


def answer_news(request: Request, news: Calendar) -> Response:
    """The news of a board (RFC 4287), or 304. Only the tag counts: what was taken down has no date."""
    is_zipped = wants_gzip(request.accept_encodings)
    tag = f"{news.tag}-gzip" if is_zipped else news.tag
    headers = NOINDEX | {"ETag": f'"{tag}"', "Cache-Control": "private, no-cache", "Vary": "Accept-Encoding"}
    if request.if_none_match.contains_weak(tag):
        return Response(status=304, headers=headers)
    if is_zipped:
        headers["Content-Encoding"] = "gzip"
    return Response(news.zipped if is_zipped else news.body, headers=headers, content_type=NEWS)


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
    headers["Content-Disposition"] = saved_as(name, "ics", "Teaching")
    if is_zipped:
        headers["Content-Encoding"] = "gzip"
    return Response(calendar.zipped if is_zipped else calendar.body, headers=headers, content_type=KIND)


def gone(words: str = "This calendar was switched off. Take it out of your calendar program.\n") -> Response:
    """The address was switched off long ago."""
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
