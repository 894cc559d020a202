"""The HTTP kit that every room with pages uses: visits as sessions, CSRF, headers, addresses, problem pages, the bar.

A view opens `reading()` or `changing()`, asks its room, and hands view data to `page()`. Not here: any room's words or
rules, and starting a visit (`launch` does).
"""

from lti_tool.web.addresses import page_url, public_url, static_url
from lti_tool.web.csrf import EXEMPT, exempt
from lti_tool.web.formatting import soon
from lti_tool.web.pages import BarEntry, changing, come_back, page, reading, say
from lti_tool.web.problems import problem_page
from lti_tool.web.setup import set_up
from lti_tool.web.visits import (
    VISIT_COOKIE,
    NoVisit,
    cookie_token,
    find_browser_visit,
    forget_visit_cookie,
    set_visit_cookie,
    the_visit,
)

__all__ = [
    "EXEMPT",
    "VISIT_COOKIE",
    "BarEntry",
    "NoVisit",
    "changing",
    "come_back",
    "cookie_token",
    "exempt",
    "find_browser_visit",
    "forget_visit_cookie",
    "page",
    "page_url",
    "problem_page",
    "public_url",
    "reading",
    "say",
    "set_up",
    "set_visit_cookie",
    "soon",
    "static_url",
    "the_visit",
]
