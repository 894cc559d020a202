"""The inbox page. Opening a thread or teaching marks what the inbox tells of it; a button marks everything."""

from flask import Blueprint, request
from sqlalchemy.exc import OperationalError
from werkzeug.wrappers import Response

from lti_tool.core.language import gettext as _
from lti_tool.core.log import log
from lti_tool.core.paging import Cursor
from lti_tool.notifications import actions, queries
from lti_tool.notifications.rules import OF_DUTY
from lti_tool.people import get_course
from lti_tool.web import BarEntry, changing, come_back, page, reading, say

blueprint = Blueprint("notifications", __name__)
bar = (
    BarEntry(
        _("Inbox"),
        "notifications.inbox",
        "inbox",
        count=queries.unread_count,
        counted=_("unread"),
    ),
)

OPENED = {"boards.thread": "thread_id", "cases.of_thread": "thread_id", "programme.session": "session_id"}
OPENED |= dict(OF_DUTY.values())


@blueprint.get("/courses/<course_id>/inbox")
def inbox(course_id: str) -> str:
    """What I am told, from all my courses."""
    after = Cursor.decode(request.args["after"]) if "after" in request.args else None
    with reading() as (db, actor):
        course = get_course(db, actor, course_id)
        entries = queries.page_of_entries(db, actor, after)
        return page(
            db, actor, course, "inbox", "notifications/inbox.html", entries=entries, is_first_page=after is None
        )


@blueprint.post("/courses/<course_id>/inbox/read")
def read_all(course_id: str) -> Response:
    """Mark as read what the page has shown: its newest entry and all before it."""
    with changing() as (db, actor):
        get_course(db, actor, course_id)
        if newest := request.form.get("newest"):
            actions.mark_read_up_to(db, actor, newest)
            say(_("Marked as read."))
    return come_back("notifications.inbox", course_id=course_id)


@blueprint.before_app_request
def mark_what_was_opened() -> None:
    """A GET that writes: once for each thing told, and losing it harms nobody.

    It comes before the page, so that the bar counts right, and lives here, because lower rooms know of no inboxes.
    """
    name = OPENED.get(request.endpoint or "")
    if name is None or request.method != "GET" or not request.view_args:
        return
    thread_id = request.view_args[name]
    with reading() as (db, actor):
        has_news = queries.has_unread_of_thread(db, actor, thread_id)
    if not has_news:
        return
    try:
        with changing() as (db, actor):
            actions.mark_thread_read(db, actor, thread_id)
    except OperationalError:
        log.warning("thread_not_marked")
