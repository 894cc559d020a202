"""The front page of a course, drafts, the rotation, and Finish."""

from typing import Any

from flask import Blueprint, render_template, request, session
from flask import Response as FlaskResponse
from werkzeug.wrappers import Response

from lti_tool.access import may
from lti_tool.boards import (
    boards_of,
    count_bookmarks,
    microseconds_of,
    mine_waiting,
    news_of,
    unanswered,
    waiting_posts,
)
from lti_tool.cases import my_unfinished, newest_case, specialities, waiting_cases
from lti_tool.core import clock
from lti_tool.core.errors import Invalid
from lti_tool.core.ids import is_public_id
from lti_tool.core.language import gettext as _
from lti_tool.home.forms import rotation_draft
from lti_tool.people import GRADES, count_missing, end_visit, find_rotation, get_course, get_person, state_rotation
from lti_tool.programme import grade_for, next_session
from lti_tool.texts import DraftLine, all_drafts
from lti_tool.web import BarEntry, changing, come_back, forget_visit_cookie, page, page_url, reading, say, the_visit

blueprint = Blueprint("home", __name__)
bar = (BarEntry(_("Home"), "home.front", "home"),)
COMPOSERS = {
    "ask": ("boards.ask", "board_id"),
    "reply": ("boards.thread", "thread_id"),
    "edit": ("boards.edit", "post_id"),
    "plan": ("programme.plan", "course_id"),
    "replan": ("programme.change", "session_id"),
    "cancel": ("programme.cancel", "session_id"),
    "casenew": ("cases.new", "course_id"),
    "casestory": ("cases.story", "case_id"),
    "casequestion": ("cases.question", "case_id"),
    "caseanswer": ("cases.answer", "case_id"),
    "caseconsent": ("cases.consent", "case_id"),
    "casereview": ("cases.review", "case_id"),
    "commit": ("cases.find", "case_id"),
}


@blueprint.get("/courses/<course_id>/")
def front(course_id: str) -> str:
    """What needs me, what waits for me, what nobody has answered."""
    with reading() as (db, actor):
        course = get_course(db, actor, course_id)
        is_tutor = may(actor, "queue.read", course.thing)
        data: dict[str, Any] = {
            "boards": boards_of(db, actor, course),
            "news": news_of(db, actor, course),
            "bookmarks": count_bookmarks(db, actor),
            "mine": mine_waiting(db, actor, course),
            "waiting": waiting_posts(db, actor, most=5) if is_tutor else None,
            "newest_case": newest_case(db, actor, course),
            "specialities": specialities(),
            "my_cases": my_unfinished(db, actor, course),
            "waiting_cases": waiting_cases(db, actor, most=5) if is_tutor else None,
            "unanswered": unanswered(db, actor, course),
            "next_one": next_session(db, actor, course, grade_for(db, actor, course)),
            "drafts": [_draft_row(draft) for draft in all_drafts(db, actor)],
            "rotation": find_rotation(db, actor.person_id, clock.now().astimezone(clock.LONDON).date()),
            "missing": count_missing(db, course.id) if may(actor, "course.roster", course.thing) else 0,
            "now": clock.now(),
            "until": microseconds_of(clock.now()),
        }
        return page(db, actor, course, "home", "home/home.html", **data)


@blueprint.get("/courses/<course_id>/drafts")
def drafts(course_id: str) -> str:
    """My drafts, wherever they belong."""
    with reading() as (db, actor):
        course = get_course(db, actor, course_id)
        rows = [_draft_row(draft) for draft in all_drafts(db, actor)]
        return page(db, actor, course, "home", "home/drafts.html", drafts=rows)


def _draft_row(draft: DraftLine) -> dict[str, object]:
    kind, public_id = draft.place.split(":")
    endpoint, name = COMPOSERS.get(kind, (None, ""))
    words = draft.fields.get("title") or draft.fields.get("text") or draft.fields.get("note", "")
    return {
        "place": draft.place,
        "words": words[:150],
        "text": draft.fields.get("text") or draft.fields.get("note", ""),
        "href": page_url(endpoint, **{name: public_id}) if endpoint else None,
        "updated_at": draft.updated_at,
    }


@blueprint.route("/courses/<course_id>/rotation", methods=["GET", "POST"])
def rotation(course_id: str) -> str | Response | tuple[str, int]:
    """Say where I work now. Nobody has to."""
    if request.method == "GET":
        return _show_rotation(course_id, {})
    try:
        draft = rotation_draft(request.form)
    except Invalid as problem:
        return _show_rotation(course_id, problem.fields), 400
    with changing() as (db, actor):
        get_course(db, actor, course_id)
        today = clock.now().astimezone(clock.LONDON).date()
        person = get_person(db, actor.person_id)
        state_rotation(db, person, draft.grade, draft.site, draft.speciality, today, "self")
    say(_("Saved. Your grade stands beside your name where your name is shown."))
    return come_back("home.front", course_id=course_id)


def _show_rotation(course_id: str, errors: dict[str, str]) -> str:
    with reading() as (db, actor):
        course = get_course(db, actor, course_id)
        current = find_rotation(db, actor.person_id, clock.now().astimezone(clock.LONDON).date())
        data: dict[str, Any] = {"grades": GRADES, "rotation": current, "errors": errors, "given": request.form}
        return page(db, actor, course, "home", "home/rotation.html", **data)


@blueprint.post("/courses/<course_id>/keys")
def keys(course_id: str) -> Response:
    """Switch the single-letter keys off or on for this visit (WCAG 2.1.4), and go back to where they are used."""
    the_visit()
    session["keys_off"] = request.form.get("keys") == "off"
    thread_id = request.form.get("thread_id", "")
    if thread_id == "search":
        return come_back("search.results", course_id=course_id)
    if is_public_id(thread_id):
        return come_back("boards.thread", thread_id=thread_id)
    return come_back("moderation.queue", course_id=course_id)


@blueprint.post("/finish")
def finish() -> FlaskResponse:
    """End this visit: the next person at this computer starts their own."""
    visit = the_visit()
    with changing() as (db, _actor):
        end_visit(db, visit.id, clock.now())
    response = FlaskResponse(render_template("home/finished.html", course_title=visit.course_title))
    forget_visit_cookie(response)
    return response
