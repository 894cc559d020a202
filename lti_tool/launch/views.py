"""The pages of this room inside a visit: what an activity opens, the chooser, and going on somewhere else."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, current_app, make_response, redirect, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lti_tool import web
from lti_tool.access import Actor, may, require
from lti_tool.boards import boards_of, patterns
from lti_tool.core import clock
from lti_tool.core.errors import Invalid, NotFound
from lti_tool.core.language import gettext as _
from lti_tool.launch import actions, check, queries, tickets, ways
from lti_tool.launch.claims import ChoosingClaims
from lti_tool.launch.deep_linking import LINK, open_choosing
from lti_tool.launch.entrance import path_of, the_entrance
from lti_tool.launch.forms import read_choice
from lti_tool.launch.message import origin_of
from lti_tool.launch.queries import Activity
from lti_tool.launch.rules import Kind
from lti_tool.launch.service_queries import marked_activities
from lti_tool.people import CourseLine, get_course

blueprint = Blueprint("launch", __name__)
Answer = str | Response | tuple[str, int]


@blueprint.before_app_request
def ask_who_typed_it() -> str | None:
    """A path with a visit in it that was typed, or found in the history, shows nobody's pages before a press."""
    is_typed = request.headers.get("Sec-Fetch-Site") == "none" and request.method == "GET"
    if not (is_typed and web.is_in_path()) or request.blueprint == "lti":
        return None
    visit = web.the_visit()
    onward = request.script_root + request.full_path.rstrip("?")
    return render_template("launch/still_you.html", name=visit.name, course_title=visit.course_title, onward=onward)


@blueprint.get("/activities/<activity_id>")
def activity(activity_id: str) -> Answer:
    """What an activity of the VLE opens; the chooser for who may choose, while nothing is chosen."""
    with web.reading() as (db, actor):
        found = queries.get_activity(db, actor, activity_id)
        if found.kind:
            return _go(Kind(found.kind), found.thing, found.course)
        if not may(actor, "course.place", found.course.thing):
            return web.page(db, actor, found.course, "", "launch/not_ready.html")
        return _chooser(db, actor, found)


@blueprint.get("/activities/<activity_id>/change")
def change(activity_id: str) -> str:
    """Choose anew what an activity opens."""
    with web.reading() as (db, actor):
        return _chooser(db, actor, queries.get_activity(db, actor, activity_id))


@blueprint.post("/activities/<activity_id>")
def place(activity_id: str) -> Answer:
    """Say what an activity opens."""
    try:
        with web.changing() as (db, actor):
            found = queries.get_activity(db, actor, activity_id)
            boards = boards_of(db, actor, found.course)
            choice = read_choice(request.form, boards, may_choose_several=False, may_cancel=False)
            chosen = actions.place(db, actor, found, choice)
    except Invalid as problem:
        with web.reading() as (db, actor):
            return _chooser(db, actor, queries.get_activity(db, actor, activity_id), problem.fields), 400
    web.say(_("Done. People who open this activity come here."))
    return _go(*chosen, found.course)


def _go(kind: Kind, thing: str, course: CourseLine) -> Response:
    return redirect(request.script_root + path_of(kind, thing, course.public_id), 303)


def _chooser(db: Session, actor: Actor, found: Activity, errors: dict[str, str] | None = None) -> str:
    require(actor, "course.place", found.course.thing)
    chosen = request.form.getlist("thing") if errors else [found.thing or found.kind]
    data = {"activity": found, "given": _given(found.title), "chosen": chosen, "errors": errors or {}, "several": False}
    action = web.page_url("launch.place", activity_id=found.public_id)
    return _choose_page(db, actor, found.course, action=action, choosing=None, **data)


def _given(title: str) -> Mapping[str, str]:
    """What stands in the form of a new board: what was typed into it, or a beginning."""
    if "title" in request.form:
        return request.form
    return {"title": title, "checked": "all", **{f"day{day}": "yes" for day in "12345"}}


def _choose_page(db: Session, actor: Actor, course: CourseLine, **data: Any) -> str:
    boards = boards_of(db, actor, course)
    data["templates"] = [
        {"value": template, "text": pattern.name, "hint": {"text": pattern.hint}}
        for template, pattern in patterns().items()
    ]
    return web.page(db, actor, course, "", "launch/choose.html", boards=boards, board=None, **data)


@blueprint.get("/courses/<course_id>/activities")
def activities(course_id: str) -> str:
    """What the activities of a course open, for those who may change it."""
    with web.reading() as (db, actor):
        course = get_course(db, actor, course_id)
        require(actor, "course.place", course.thing)
        names = {board.public_id: board.title for board in boards_of(db, actor, course)}
        found, marked = queries.activities_of(db, actor, course), marked_activities(db, actor, course)
        data: dict[str, Any] = {"activities": found, "names": names, "marked": marked}
        return web.page(db, actor, course, "", "launch/activities.html", **data)


@blueprint.get("/choose/<choosing_id>")
def choose(choosing_id: str) -> str:
    """The chooser inside the VLE's dialog (deep linking)."""
    with web.reading() as (db, actor):
        return _choose_for_vle(db, actor, choosing_id, {})


@blueprint.post("/choose/<choosing_id>")
def answer(choosing_id: str) -> Answer:
    """Take what was chosen back to the VLE; a cancelled choice is an answer without items."""
    try:
        with web.changing() as (db, actor):
            choosing, course = queries.get_choosing(db, actor, choosing_id, clock.now())
            asked = open_choosing(db, choosing.sealed)
            choice = read_choice(request.form, boards_of(db, actor, course), asked.accept_multiple, may_cancel=True)
            token = actions.answer_chooser(db, actor, choosing, course, asked, choice, the_entrance().tool.launch_url)
    except Invalid as problem:
        with web.reading() as (db, actor):
            return _choose_for_vle(db, actor, choosing_id, problem.fields), 400
    page = make_response(render_template("launch/return.html", onward=asked.return_url, token=token, course=course))
    framed_by, forms_to = f"'self' {web.the_visit().framed_by}", f"'self' {origin_of(asked.return_url)}"
    page.headers["Content-Security-Policy"] = web.content_policy(framed_by.rstrip(), forms_to)
    return page


def _choose_for_vle(db: Session, actor: Actor, choosing_id: str, errors: dict[str, str]) -> str:
    choosing, course = queries.get_choosing(db, actor, choosing_id, clock.now())
    require(actor, "course.place", course.thing)
    settings: ChoosingClaims = open_choosing(db, choosing.sealed)
    given = _given(settings.title or "")
    data = {"activity": None, "given": given, "chosen": request.form.getlist("thing"), "errors": errors}
    action = web.page_url("launch.answer", choosing_id=choosing_id)
    takes_links, marks = LINK in settings.accept_types, settings.accept_lineitem is not False
    choosable = {"several": settings.accept_multiple, "choosing": {"takes_links": takes_links, "marks": marks}}
    return _choose_page(db, actor, course, action=action, **data, **choosable)


@blueprint.get("/window")
def new_window() -> str:
    """Go on in a window of one's own, or on a phone. Both addresses let in once, within minutes."""
    visit, here = web.the_visit(), the_entrance()
    path = _where_from() or web.bare_path("home.front", course_id=visit.course_public_id)
    with web.reading() as (db, actor):
        course = get_course(db, actor, visit.course_public_id)
        who = (course.trust_id, actor.public_id, course.public_id)
        window = _entry_address(*who, path, here.ticket_key)
        phone = web.public_url(_entry_address(*who, path, here.ticket_key))
        data = {"window": window, "phone": phone, "qr": web.qr_image(phone)}
        return web.page(db, actor, course, "", "launch/elsewhere.html", **data)


@blueprint.get("/go/<public_id>")
def go(public_id: str) -> Answer:
    """A link that left us. It opens its thing for who is here, and shows everybody else the way through the VLE."""
    try:
        web.the_visit()
    except web.NoVisit as nobody:
        return _gate_page(public_id, nobody.over.person_public_id if nobody.over else "")
    with web.reading() as (db, _actor):
        landmark = ways.find_landmark(db, current_app.extensions["landmarks"], public_id)
    if landmark is None:
        raise _leads_nowhere()
    return redirect(web.page_url(landmark.endpoint, **landmark.values), 303)


def _leads_nowhere() -> NotFound:
    return NotFound(_("This link leads to nothing in Grand Round. It may have been cut off when it was copied."))


def _gate_page(public_id: str, person: str) -> Response:
    """Tells nothing of the thing itself: who may read it is asked when they are here."""
    with current_app.extensions["database"].reading() as db:
        landmark = ways.find_anywhere(db, current_app.extensions["landmarks"], public_id)
        if landmark is None:
            raise _leads_nowhere()
        gate = ways.get_gate(db, landmark.course_id)
    address = web.public_url(web.bare_path("launch.go", public_id=public_id))
    page = make_response(render_template("launch/gate.html", gate=gate, address=address))
    ways.remember(page, ways.new_way(public_id, gate.course, person), the_entrance().ticket_key, clock.now())
    return page


@blueprint.get("/courses/<course_id>/link")
def follow(course_id: str) -> Answer:
    """A link that somebody followed and lost on the way in, pasted here."""
    given = request.args.get("address", "")
    public_id = ways.id_in(given)
    with web.reading() as (db, actor):
        course = get_course(db, actor, course_id)
        finders = current_app.extensions["landmarks"]
        if public_id and ways.find_landmark(db, finders, public_id) is not None:
            return redirect(web.page_url("launch.go", public_id=public_id), 303)
        wrong = _("No link of Grand Round ends like that. Copy the whole address.")
        errors = {"address": wrong} if "address" in request.args else {}
        page = web.page(db, actor, course, "", "launch/follow.html", given=given, errors=errors)
        return (page, 400) if errors else page


@blueprint.get("/courses/<course_id>/connection")
def check_connection(course_id: str) -> str:
    """Whether the VLE of a course is connected, for those who can put it right."""
    with web.reading() as (db, actor):
        course = get_course(db, actor, course_id)
        require(actor, "course.connection", course.thing)
        address = the_entrance().address.find()
        checks = [(found.name, check.checklist(db, found, address)) for found in check.platforms_of(db, course)]
        return web.page(db, actor, course, "", "launch/course_connection.html", checks=checks)


def _entry_address(trust: int, person: str, course: str, path: str, key: bytes) -> str:
    ticket = tickets.write_entry(tickets.new_entry(trust, person, course, path), key, clock.now())
    return web.bare_path("lti.show_continue", ticket=ticket)


def _where_from() -> str | None:
    """The page of ours from which the person came, without the visit in it."""
    address = urlsplit(request.referrer or "")
    path = address.path.removeprefix(request.script_root)
    is_ours = f"{address.scheme}://{address.netloc}" == the_entrance().tool.base_url
    has_page = path.startswith(("/boards/", "/threads/", "/courses/"))
    return path if is_ours and has_page else None
