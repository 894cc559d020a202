"""What the tool may ask behind the browser's back: access tokens, the roster (NRPS), grade columns and scores (AGS)."""

import json
from datetime import datetime
from typing import Any, TypeGuard
from urllib.parse import urlencode

from flask import Blueprint, Response, request

from lti_tool.demo_platform.catalogue import Activity, Course, Person
from lti_tool.demo_platform.claims import (
    IN_FRAME,
    LTI,
    ROLES,
    Launch,
    custom_parameters,
    line_item_url,
    line_items_url,
    memberships_url,
    shares,
)
from lti_tool.demo_platform.grades import Column, ColumnDraft, Score
from lti_tool.demo_platform.tokens import Refusal, give_token, require_scope
from lti_tool.demo_platform.tools import AGS_SCOPES, NRPS_SCOPE, Tool
from lti_tool.demo_platform.vle import current_vle

MANAGE, READ, RESULTS, SCORES = AGS_SCOPES
ROSTER_TYPE = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
COLUMN_TYPE = "application/vnd.ims.lis.v2.lineitem+json"
COLUMNS_TYPE = "application/vnd.ims.lis.v2.lineitemcontainer+json"
RESULTS_TYPE = "application/vnd.ims.lis.v2.resultcontainer+json"
SCORE_TYPE = "application/vnd.ims.lis.v1.score+json"

blueprint = Blueprint("services", __name__, url_prefix="/mod/lti")


@blueprint.errorhandler(Refusal)
def refuse(refusal: Refusal) -> Response:
    """The error bodies of Moodle's services; its token endpoint has another shape."""
    if request.endpoint == "services.token":
        return _answer({"error": refusal.reason}, "text/html", refusal.status)
    told = {
        "method": request.method,
        "url": request.full_path.rstrip("?"),
        "accept": request.headers.get("Accept", ""),
        "contentType": request.content_type or "",
    }
    body = {"status": refusal.status, "reason": refusal.reason, "request": told}
    return _answer(body, "application/json", refusal.status)


@blueprint.post("/token.php")
def token() -> Response:
    """An access token, for an hour."""
    return _answer(give_token(current_vle(), request.form), "text/html")


@blueprint.get("/services.php/CourseSection/<int:course_id>/bindings/<deployment_id>/memberships")
def memberships(course_id: int, deployment_id: str) -> Response:
    """The active enrolments of a course; all at once unless `limit` asks for pages."""
    tool, course = require_scope(NRPS_SCOPE), _course(course_id)
    link = _link(course, tool)
    people = current_vle().catalogue.active_in(course)
    role = request.args.get("role", "").removeprefix(f"{ROLES}membership#")
    if role:
        people = [person for person in people if person.roster_role_in(course.id) == role]
    limit, start = _number("limit"), _number("from")
    shown = people[start : start + limit] if limit else people
    own = memberships_url(current_vle().config.issuer, tool, course.id)
    context = {"id": str(course.id), "label": course.short, "title": course.title}
    body = {"id": own, "context": context, "members": [_member(person, course, tool, link) for person in shown]}
    response = _answer(body, ROSTER_TYPE)
    if limit and start + limit < len(people):
        rest = {name: request.args[name] for name in ("role", "rlid") if name in request.args}
        query = urlencode({"limit": limit, "from": start + limit} | rest)
        response.headers["Link"] = f'<{own}?{query}>; rel="next"'
    return response


@blueprint.route("/services.php/<int:course_id>/lineitems", methods=["GET", "POST"])
def line_items(course_id: int) -> Response:
    """The grade columns of a course, or a new one."""
    course = _course(course_id)
    book = current_vle().grade_book
    if request.method == "POST":
        tool = require_scope(MANAGE)
        return _answer(_shown(book.add_column(course.id, tool.number, _column_fields())), COLUMN_TYPE, 201)
    tool = require_scope(MANAGE, READ)
    columns = [_shown(column) for column in book.columns_of(course.id) if column.tool == tool.number]
    for wanted, name in (("resource_id", "resourceId"), ("tag", "tag"), ("resource_link_id", "resourceLinkId")):
        if wanted in request.args:
            columns = [column for column in columns if column.get(name, "") == request.args[wanted]]
    limit, start = _number("limit"), _number("from")
    response = _answer(columns[start : start + limit] if limit else columns, COLUMNS_TYPE)
    if limit:
        response.headers["Link"] = _malformed_link(tool, course, limit, start, len(columns))
    return response


@blueprint.route("/services.php/<int:course_id>/lineitems/<int:number>/lineitem", methods=["GET", "PUT", "DELETE"])
def line_item(course_id: int, number: int) -> Response:
    """One grade column: read, change, remove."""
    tool = require_scope(*([MANAGE, READ] if request.method == "GET" else [MANAGE]))
    column = _column(course_id, number, tool)
    if request.method == "DELETE":
        current_vle().grade_book.remove_column(column.number)
        return Response(status=204)
    if request.method == "PUT":
        column = current_vle().grade_book.change_column(column.number, _column_fields()) or column
    return _answer(_shown(column), COLUMN_TYPE)


@blueprint.post("/services.php/<int:course_id>/lineitems/<int:number>/lineitem/scores")
def scores(course_id: int, number: int) -> Response:
    """A score for one person; it must be newer than the last one. Moodle says nothing but the status."""
    column = _column(course_id, number, require_scope(SCORES))
    try:
        person_id, score = _score_fields(column.course_id)
    except Refusal as refusal:
        return _answer([], SCORE_TYPE, refusal.status)
    if not current_vle().grade_book.give_score(column.number, person_id, score):
        return _answer([], SCORE_TYPE, 409)
    return Response("", content_type=f"{SCORE_TYPE}; charset=utf-8")


@blueprint.get("/services.php/<int:course_id>/lineitems/<int:number>/lineitem/results")
def results(course_id: int, number: int) -> Response:
    """The final scores of a column."""
    column = _column(course_id, number, require_scope(RESULTS))
    own = _shown(column)["id"]
    address = own.replace("/lineitem?", "/lineitem/results?")
    body = [
        {
            "id": f"{address}&user_id={person_id}",
            "userId": str(person_id),
            "resultScore": score.given,
            "resultMaximum": score.maximum,
            "comment": score.comment,
            "scoreOf": own,
            "timestamp": score.at,
        }
        for person_id, score in column.scores.items()
        if score.is_final and score.given is not None
    ]
    return _answer(body, RESULTS_TYPE)


@blueprint.route("/services.php/<path:rest>", methods=["GET", "POST", "PUT", "DELETE"])
def unknown(rest: str) -> Response:
    """Anything else: groups, for example, which Moodle's LTI does not know."""
    raise Refusal(400, f"No handler found for /{rest} {request.headers.get('Accept', '')} ")


def _answer(body: object, content_type: str, status: int = 200) -> Response:
    return Response(json.dumps(body), status, content_type=f"{content_type}; charset=utf-8")


def _course(course_id: int) -> Course:
    course = current_vle().catalogue.courses.get(course_id)
    if course is None:
        raise Refusal(404, f"Not Found: Course {course_id} doesn't exist")
    return course


def _column(course_id: int, number: int, tool: Tool) -> Column:
    column = current_vle().grade_book.find_column(course_id, number)
    if column is None or column.tool != tool.number:
        raise Refusal(404, f"Not Found: Line item {number} doesn't exist")
    return column


def _link(course: Course, tool: Tool) -> Activity | None:
    """The activity that `rlid` asks for, if it asks for one."""
    link = request.args.get("rlid")
    if link is None:
        return None
    activity = current_vle().catalogue.find_instance(int(link[:9])) if link.isdecimal() else None
    if activity is None or (activity.course_id, activity.tool) != (course.id, tool.number):
        raise Refusal(404, f"Not Found: LTI link {link} doesn't exist")
    return activity


def _malformed_link(tool: Tool, course: Course, limit: int, start: int, how_many: int) -> str:
    """Moodle's own header, which no reader of RFC 8288 understands: typographic quotes, and `&amp;` for `&`."""
    wanted = {name: request.args[name] for name in ("resource_id", "tag") if name in request.args}
    last = (max(how_many - 1, 0) // limit) * limit
    places = {"first": 0, "canonical": start, "last": last}
    if start + limit < how_many:
        places["next"] = start + limit
    if start:
        places["prev"] = max(start - limit, 0)
    base = line_items_url(current_vle().config.issuer, tool, course.id).partition("?")[0]
    links = []
    for name, place in places.items():
        query = urlencode(wanted | {"type_id": tool.number, "limit": limit, "from": place}).replace("&", "&amp;")
        links.append(f"<{base}?{query}>; rel=“{name}”")
    return ", ".join(links).encode().decode("latin-1")


def _number(name: str) -> int:
    text = request.args.get(name, "0")
    if not text.isdecimal() or len(text) > 9:
        raise Refusal(400, f"Bad Request: {name} must be a number")
    return int(text)


def _member(person: Person, course: Course, tool: Tool, link: Activity | None) -> dict[str, Any]:
    said: dict[str, Any] = {
        "status": "Active",
        "roles": [person.roster_role_in(course.id)],
        "user_id": str(person.id),
        "lis_person_sourcedid": person.id_number,
        "ext_user_username": person.username,
    }
    if shares(tool.share_name, link is None or link.shares_name):
        said |= {"name": person.name, "given_name": person.given, "family_name": person.family}
    if shares(tool.share_email, link is None or link.shares_email):
        said["email"] = person.email
    if link is not None:
        launch = Launch(person, course, tool, link, IN_FRAME, "")
        custom = custom_parameters(current_vle().config.issuer, launch)
        said["message"] = [{f"{LTI}message_type": "LtiResourceLinkRequest", f"{LTI}custom": custom}]
    return said


def _shown(column: Column) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": line_item_url(current_vle().config.issuer, column.tool, column.course_id, column.number),
        "label": column.label,
        "scoreMaximum": column.score_maximum,
        "resourceId": column.resource_id,
        "tag": column.tag,
    }
    if column.instance is not None:
        shown |= {"resourceLinkId": str(column.instance), "ltiLinkId": str(column.instance)}
    return shown


def _body() -> dict[str, Any]:
    body = request.get_json(force=True, silent=True)
    if not isinstance(body, dict):
        raise Refusal(400, "Bad Request: the body must be a JSON object")
    return body


def _column_fields() -> ColumnDraft:
    body = _body()
    label, maximum = body.get("label"), body.get("scoreMaximum")
    if not isinstance(label, str) or not _is_number(maximum) or maximum <= 0:
        raise Refusal(400, "Bad Request: label and a positive scoreMaximum are needed")
    return ColumnDraft(label, maximum, str(body.get("resourceId", "")), str(body.get("tag", "")))


def _score_fields(course_id: int) -> tuple[int, Score]:
    body = _body()
    person_id = str(body.get("userId", ""))
    person = current_vle().catalogue.people.get(int(person_id)) if person_id.isdecimal() else None
    enrolment = person.enrolments.get(course_id) if person else None
    if person is None or enrolment is None or enrolment.is_suspended:
        raise Refusal(400, "Bad Request: this person is not enrolled in the course")
    given, maximum = body.get("scoreGiven"), body.get("scoreMaximum")
    are_numbers = all(value is None or _is_number(value) for value in (given, maximum))
    if not are_numbers or (given is not None and maximum is None):
        raise Refusal(400, "Bad Request: scoreGiven and scoreMaximum must be numbers")
    if not body.get("activityProgress") or not body.get("gradingProgress"):
        raise Refusal(400, "Bad Request: activityProgress and gradingProgress are needed")
    is_final = body["gradingProgress"] == "FullyGraded"
    return person.id, Score(_timestamp(body).isoformat(), given, maximum, str(body.get("comment", "")), is_final)


def _timestamp(body: dict[str, Any]) -> datetime:
    try:
        at = datetime.fromisoformat(str(body.get("timestamp")))
    except ValueError as problem:
        raise Refusal(400, "Bad Request: timestamp must be an ISO 8601 time") from problem
    if at.tzinfo is None:
        raise Refusal(400, "Bad Request: timestamp must say its time zone")
    return at


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
