"""Pages about what the VLE tells and takes behind the browser's back: who is in a course, and marks for taking part."""

from typing import Any

from flask import Blueprint, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lti_tool import web
from lti_tool.access import Actor, may, require
from lti_tool.core import clock
from lti_tool.core.errors import Conflict, Invalid
from lti_tool.core.language import gettext as _
from lti_tool.launch import marks, queries, service_queries, syncing
from lti_tool.launch.forms import read_marks
from lti_tool.launch.queries import Activity
from lti_tool.launch.services import shares_roster
from lti_tool.people import CourseLine, count_roll, get_course

blueprint = Blueprint("services", __name__)
Answer = str | Response | tuple[str, int]


@blueprint.get("/courses/<course_id>/people")
def people(course_id: str) -> str:
    """Who is in the course, who has opened it, and how the last reading of the roster went."""
    with web.reading() as (db, actor):
        return _people(db, actor, get_course(db, actor, course_id))


def _people(db: Session, actor: Actor, course: CourseLine, problem: str = "") -> str:
    require(actor, "course.roster", course.thing)
    roster, now = service_queries.find_roster(db, course), clock.now()
    data: dict[str, Any] = {
        "people": service_queries.page_of_people(db, course, request.args.get("after", "")),
        "count": count_roll(db, course.id),
        "roster": roster if shares_roster(roster) else None,
        "is_reading": bool(roster and (roster.wanted_at or (roster.claimed_until and roster.claimed_until > now))),
        "vle": service_queries.platform_name(db, course),
        "problem": problem,
    }
    return web.page(db, actor, course, "", "launch/people.html", **data)


@blueprint.post("/courses/<course_id>/people")
def update(course_id: str) -> Response:
    """Have the roster read now."""
    with web.changing() as (db, actor):
        syncing.want_roster(db, actor, get_course(db, actor, course_id))
    web.say(_("The VLE is being asked. Reload this page in a moment."))
    return web.come_back("services.people", course_id=course_id)


@blueprint.post("/courses/<course_id>/people/left")
def decide(course_id: str) -> Answer:
    """Say whether those whom the roster lists no longer have left."""
    have_left = request.form.get("do") == "left"
    try:
        with web.changing() as (db, actor):
            course = get_course(db, actor, course_id)
            count = syncing.decide_held(db, actor, course, have_left, request.form.get("seen", ""))
    except Conflict as problem:
        with web.reading() as (db, actor):
            return _people(db, actor, get_course(db, actor, course_id), problem.message), 409
    left, kept = _("Done: %(count)d people have left."), _("Done: %(count)d people stay in the course.")
    web.say((left if have_left else kept) % {"count": count})
    return web.come_back("services.people", course_id=course_id)


@blueprint.get("/activities/<activity_id>/marks")
def show_marks(activity_id: str) -> str:
    """The learners, a mark each, and what became of it in the VLE."""
    with web.reading() as (db, actor):
        return _marks(db, actor, queries.get_activity(db, actor, activity_id), {})


def _marks(db: Session, actor: Actor, activity: Activity, errors: dict[str, str]) -> str:
    require(actor, "course.mark", activity.course.thing)
    marks.get_grade_service(db, activity)
    after = request.args.get("after", "")
    data: dict[str, Any] = {
        "activity": activity,
        "learners": service_queries.page_of_marks(db, activity, after),
        "is_stuck": service_queries.has_stuck_marks(db, activity),
        "can_change": may(actor, "course.place", activity.course.thing),
        "action": web.page_url(
            "services.give_marks", activity_id=activity.public_id, **({"after": after} if after else {})
        ),
        "given": request.form,
        "errors": errors,
    }
    return web.page(db, actor, activity.course, "", "launch/marks.html", **data)


@blueprint.post("/activities/<activity_id>/marks")
def give_marks(activity_id: str) -> Answer:
    """Save marks, or have those sent again that did not arrive."""
    try:
        with web.changing() as (db, actor):
            found = queries.get_activity(db, actor, activity_id)
            if request.form.get("do") == "again":
                told = _sent_again(marks.send_again(db, actor, found))
            else:
                told = _saved(marks.give_marks(db, actor, found, read_marks(request.form)))
    except Invalid as problem:
        with web.reading() as (db, actor):
            return _marks(db, actor, queries.get_activity(db, actor, activity_id), problem.fields), 400
    web.say(told)
    return web.come_back("services.show_marks", activity_id=activity_id, **request.args.to_dict())


def _saved(count: int) -> str:
    if not count:
        return _("Nothing had changed, so nothing was sent.")
    return _("Saved. The VLE has the marks in a moment.")


def _sent_again(count: int) -> str:
    return _("They are on their way again.") if count else _("There is nothing to be sent again.")
