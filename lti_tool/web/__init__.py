"""The HTTP kit that every room with pages uses: visits as sessions, CSRF, headers, addresses, problem pages, the bar.

A view opens `reading()` or `changing()`, asks its room, and hands view data to `page()`. Not here: any room's words or
rules, and starting a visit (`launch` does).
"""

from lti_tool.web.addresses import bare_path, go_path, outside_url, page_url, path_visit_url, public_url, static_url
from lti_tool.web.csrf import EXEMPT, exempt, require_our_page
from lti_tool.web.downloads import saved_as
from lti_tool.web.formatting import iso, soon, stamp
from lti_tool.web.headers import content_policy
from lti_tool.web.health import DOCTOR_HEADER, REFUSED, SEEN_HEADER, doctor_token
from lti_tool.web.pages import (
    BarEntry,
    Landmark,
    bar_course,
    beside,
    changing,
    come_back,
    forget,
    page,
    reading,
    say,
)
from lti_tool.web.problems import ProblemText, problem_page
from lti_tool.web.qr import qr_image
from lti_tool.web.setup import roomy, set_up
from lti_tool.web.visits import (
    VISIT_COOKIE,
    NoVisit,
    cookie_token,
    find_browser_visit,
    forget_visit_cookie,
    is_in_path,
    set_visit_cookie,
    the_visit,
)

__all__ = [
    "DOCTOR_HEADER",
    "EXEMPT",
    "REFUSED",
    "SEEN_HEADER",
    "VISIT_COOKIE",
    "BarEntry",
    "Landmark",
    "NoVisit",
    "ProblemText",
    "bar_course",
    "bare_path",
    "beside",
    "changing",
    "come_back",
    "content_policy",
    "cookie_token",
    "doctor_token",
    "exempt",
    "find_browser_visit",
    "forget",
    "forget_visit_cookie",
    "go_path",
    "is_in_path",
    "iso",
    "outside_url",
    "page",
    "page_url",
    "path_visit_url",
    "problem_page",
    "public_url",
    "qr_image",
    "reading",
    "require_our_page",
    "roomy",
    "saved_as",
    "say",
    "set_up",
    "set_visit_cookie",
    "soon",
    "stamp",
    "static_url",
    "the_visit",
]
