"""What the tool may ask behind the browser's back: access tokens, the roster (NRPS), grade columns and scores (AGS)."""

import json
from datetime import datetime
from typing import Any, TypeGuard

from flask import Blueprint, Response, request

from lti_tool.demo_platform.catalogue import Course, Person
from lti_tool.demo_platform.claims import AGS_SCOPES, NRPS_SCOPE, ROLES, line_item_url, memberships_url
from lti_tool.demo_platform.grades import Column, Score
from lti_tool.demo_platform.tokens import Refusal, give_token, require_scope
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
    require_scope(NRPS_SCOPE)
    course = _course(course_id)
    vle = current_vle()
    link = request.args.get("rlid")
    if link is not None and (not link.isdecimal() or vle.catalogue.find_instance(int(link[:9])) is None):
        raise Refusal(404, f"Not Found: LTI link {link} doesn't exist")
    people = vle.catalogue.enrolled_in(course)
    role = request.args.get("role", "").removeprefix(f"{ROLES}membership#")
    if role:
        people = [person for person in people if person.role_in(course.id) == role]
    limit, start = _number("limit"), _number("from")
    shown = people[start : start + limit] if limit else people
    own = memberships_url(vle.config.issuer, vle.catalogue, course)
    context = {"id": str(course.id), "label": course.short, "title": course.title}
    body = {"id": own, "context": context, "members": [_member(person, course) for person in shown]}
    response = _answer(body, ROSTER_TYPE)
    if limit and start + limit < len(people):
        rest = "".join(f"&{name}={request.args[name]}" for name in ("role", "rlid") if name in request.args)
        response.headers["Link"] = f'<{own}?limit={limit}&from={start + limit}{rest}>; rel="next"'
    return response


@blueprint.route("/services.php/<int:course_id>/lineitems", methods=["GET", "POST"])
def line_items(course_id: int) -> Response:
    """The grade columns of a course, or a new one."""
    course = _course(course_id)
    book = current_vle().grade_book
    if request.method == "POST":
        require_scope(MANAGE)
        label, maximum, resource_id, tag = _column_fields()
        return _answer(_shown(book.add_column(course.id, label, maximum, resource_id, tag)), COLUMN_TYPE, 201)
    require_scope(MANAGE, READ)
    columns = [_shown(column) for column in book.columns_of(course.id)]
    for wanted, name in (("resource_id", "resourceId"), ("tag", "tag"), ("resource_link_id", "resourceLinkId")):
        if wanted in request.args:
            columns = [column for column in columns if column.get(name, "") == request.args[wanted]]
    return _answer(columns, COLUMNS_TYPE)


@blueprint.route("/services.php/<int:course_id>/lineitems/<int:number>/lineitem", methods=["GET", "PUT", "DELETE"])
def line_item(course_id: int, number: int) -> Response:
    """One grade column: read, change, remove."""
    require_scope(*([MANAGE, READ] if request.method == "GET" else [MANAGE]))
    column = _column(course_id, number)
    if request.method == "DELETE":
        current_vle().grade_book.remove_column(column.number)
        return Response(status=204)
    if request.method == "PUT":
        column.label, column.score_maximum, column.resource_id, column.tag = _column_fields()
    return _answer(_shown(column), COLUMN_TYPE)


@blueprint.post("/services.php/<int:course_id>/lineitems/<int:number>/lineitem/scores")
def scores(course_id: int, number: int) -> Response:
    """A score for one person; it must be newer than the last one."""
    require_scope(SCORES)
    column = _column(course_id, number)
    person_id, score = _score_fields(column.course_id)
    is_kept = current_vle().grade_book.give_score(column, person_id, score)
    return _answer([], SCORE_TYPE, 200 if is_kept else 409)


@blueprint.get("/services.php/<int:course_id>/lineitems/<int:number>/lineitem/results")
def results(course_id: int, number: int) -> Response:
    """The final scores of a column."""
    require_scope(RESULTS)
    column = _column(course_id, number)
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
            "timestamp": score.at.isoformat(),
        }
        for person_id, score in column.scores.items()
        if score.is_final and score.given is not None
    ]
    return _answer(body, RESULTS_TYPE)


def _answer(body: object, content_type: str, status: int = 200) -> Response:
    return Response(json.dumps(body), status, content_type=f"{content_type}; charset=utf-8")


def _course(course_id: int) -> Course:
    course = current_vle().catalogue.courses.get(course_id)
    if course is None:
        raise Refusal(404, f"Not Found: Course {course_id} doesn't exist")
    return course


def _column(course_id: int, number: int) -> Column:
    column = current_vle().grade_book.find_column(course_id, number)
    if column is None:
        raise Refusal(404, f"Not Found: Line item {number} doesn't exist")
    return column


def _number(name: str) -> int:
    text = request.args.get(name, "0")
    if not text.isdecimal() or len(text) > 9:
        raise Refusal(400, f"Bad Request: {name} must be a number")
    return int(text)


def _member(person: Person, course: Course) -> dict[str, Any]:
    return {
        "status": "Active",
        "roles": [person.role_in(course.id)],
        "user_id": str(person.id),
        "lis_person_sourcedid": person.id_number,
        "name": person.name,
        "given_name": person.given,
        "family_name": person.family,
        "email": person.email,
        "ext_user_username": person.username,
    }


def _shown(column: Column) -> dict[str, Any]:
    vle = current_vle()
    shown: dict[str, Any] = {
        "id": line_item_url(vle.config.issuer, vle.catalogue, column.course_id, column.number),
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


def _column_fields() -> tuple[str, float, str, str]:
    body = _body()
    label, maximum = body.get("label"), body.get("scoreMaximum")
    if not isinstance(label, str) or not _is_number(maximum) or maximum <= 0:
        raise Refusal(400, "Bad Request: label and a positive scoreMaximum are needed")
    return label, maximum, str(body.get("resourceId", "")), str(body.get("tag", ""))


def _score_fields(course_id: int) -> tuple[int, Score]:
    body = _body()
    person_id = str(body.get("userId", ""))
    person = current_vle().catalogue.people.get(int(person_id)) if person_id.isdecimal() else None
    if person is None or course_id not in person.enrolments:
        raise Refusal(400, "Bad Request: this person is not enrolled in the course")
    given, maximum = body.get("scoreGiven"), body.get("scoreMaximum")
    are_numbers = all(value is None or _is_number(value) for value in (given, maximum))
    if not are_numbers or (given is not None and maximum is None):
        raise Refusal(400, "Bad Request: scoreGiven and scoreMaximum must be numbers")
    if not body.get("activityProgress") or not body.get("gradingProgress"):
        raise Refusal(400, "Bad Request: activityProgress and gradingProgress are needed")
    is_final = body["gradingProgress"] == "FullyGraded"
    return person.id, Score(_timestamp(body), given, maximum, str(body.get("comment", "")), is_final)


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
