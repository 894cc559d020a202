"""The inbox, how one wants to be told, and where a mail's stop button leads (to nobody's page: the token decides).

Opening a thread or teaching marks what the inbox tells of it; a button marks everything.
"""

from flask import Blueprint, current_app, render_template, request
from flask.blueprints import BlueprintSetupState
from sqlalchemy.exc import OperationalError
from werkzeug.wrappers import Response

from lti_tool.access import require
from lti_tool.core.errors import NotFound
from lti_tool.core.language import gettext as _
from lti_tool.core.log import log
from lti_tool.core.paging import Cursor
from lti_tool.notifications import actions, queries
from lti_tool.notifications.forms import chosen
from lti_tool.notifications.rules import OF_DUTY
from lti_tool.notifications.seals import read_stop
from lti_tool.people import get_course
from lti_tool.web import BarEntry, changing, come_back, exempt, page, reading, say

blueprint = Blueprint("notifications", __name__)
stops = Blueprint("mail", __name__, url_prefix="/mail")
blueprints = (blueprint, stops)
bar = (
    BarEntry(
        _("Inbox"),
        "notifications.inbox",
        "inbox",
        count=queries.unread_count,
        counted=_("unread"),
    ),
)

ANSWERS = {
    "forget": _("Your mail address is forgotten. You are told here as before."),
    "allow": _("Thank you. Your address comes with your next visit from the VLE."),
}
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


@blueprint.route("/courses/<course_id>/inbox/settings", methods=["GET", "POST"])
def preferences(course_id: str) -> Response | str | tuple[str, int]:
    """How I want to be told."""
    if request.method == "GET":
        return _show_preferences(course_id)
    with changing() as (db, actor):
        course = get_course(db, actor, course_id)
        wish = request.form.get("do", "save")
        if wish == "forget":
            actions.want_no_address(db, actor, course)
        elif wish == "allow":
            actions.want_address(db, actor, course)
        else:
            actions.choose(db, actor, course, chosen(request.form, queries.can_mail(db, actor)))
    say(ANSWERS.get(wish, _("Saved.")))
    return come_back("notifications.preferences", course_id=course_id)


def _show_preferences(course_id: str) -> str:
    with reading() as (db, actor):
        course = get_course(db, actor, course_id)
        require(actor, "preferences.change", course.thing)
        offer = queries.offer_of(db, actor)
        return page(db, actor, course, "inbox", "notifications/preferences.html", offer=offer)


@stops.record_once
def _outside(_setup: BlueprintSetupState) -> None:
    """A mail program presses the button from anywhere (RFC 8058 §3.1): the sealed token stands for the person."""
    exempt(stops.name)


@stops.route("/stop/<token>", methods=["GET", "POST"])
def stop(token: str) -> str:
    """Stop mails. Looking changes nothing: programs that follow every link of a mail must not stop it."""
    sealed = read_stop(current_app.extensions["settings"], token)
    if sealed is None:
        raise NotFound(_("This link stops nothing. It may have been cut off when it was copied."))
    if request.method == "POST":
        if request.form.get("do") == "all":
            sealed = sealed.of_everything
        with current_app.extensions["database"].within(sealed.trust_id).transaction() as db:
            actions.stop_mails(db, sealed)
    return render_template("notifications/stop.html", token=token, is_done=request.method == "POST")


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
