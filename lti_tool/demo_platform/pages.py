"""The pages that a person walks through: front page, being somebody, courses, participants."""

import re
import secrets

from flask import Blueprint, Response, abort, redirect, render_template, request, session, url_for
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.wrappers import Response as AnyResponse

from lti_tool.demo_platform.catalogue import Person
from lti_tool.demo_platform.vle import current_vle, find_me, get_course, registration

COOKIE_CHECK_SECONDS = 60
OPENS = re.compile(r"Open “([^”]*)”")
"""What a step opens. A step leaves the page with its activity."""

blueprint = Blueprint("pages", __name__)


def require_me() -> Person:
    """Who is signed in; nobody is sent to the front page, and from there back to where they wanted to go."""
    me = find_me()
    if me is None:
        session["wanted"] = request.full_path.rstrip("?")
        abort(redirect(url_for("pages.front"), 303))
    return me


def require_administrator() -> Person:
    """The administrator of this VLE, or a page that says why not."""
    me = require_me()
    if not me.is_site_administrator:
        abort(403, "Only the administrator of this VLE can do that. Be Alex Reid to try it.")
    return me


def check_sesskey() -> None:
    """A form counts only when it comes from a page of the one who is signed in."""
    if request.form.get("sesskey") != session.get("sesskey"):
        abort(403, "This form belongs to somebody who was signed in before. Go back, and send it again.")


def number_in(name: str) -> int:
    """A positive whole number from the query."""
    text = request.args.get(name, "")
    if not re.fullmatch(r"[0-9]{1,9}", text):
        abort(400, f"The address lacks a number: {name}.")
    return int(text)


@blueprint.get("/")
def front() -> str:
    """Everybody whom one can be."""
    return render_template("front.html", wanted=session.get("wanted"))


@blueprint.post("/login/index.php")
def become() -> AnyResponse:
    """Be one of the people. Nothing is secret here, so there is no password."""
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        abort(403, "Only this VLE’s own front page can sign somebody in.")
    person_id = request.form.get("person", "")
    if not person_id.isdecimal() or int(person_id[:9]) not in current_vle().catalogue.people:
        abort(400, "Nobody here has this number. Choose a person on the front page.")
    return _sign_in(int(person_id[:9]), is_plain=False)


@blueprint.get("/login/index.php")
def check_cookie() -> AnyResponse:
    """Find out whether the browser kept the cookie; on plain http try once more without `Secure`."""
    try:
        person_id, was_plain = _cookie_check().loads(request.args.get("testsession", ""), max_age=COOKIE_CHECK_SECONDS)
    except BadSignature:
        return redirect(url_for("pages.front"), 303)
    if session.get("person") == person_id:
        return redirect(session.pop("wanted", None) or url_for("pages.my_courses"), 303)
    if was_plain or request.is_secure:
        abort(400, "Your browser keeps no cookie for this address, so the VLE cannot know who you are. Allow cookies.")
    return _sign_in(person_id, is_plain=True)


@blueprint.get("/login/logout.php")
def log_out() -> AnyResponse:
    """Be nobody again."""
    if find_me() is not None and request.args.get("sesskey") != session["sesskey"]:
        abort(403, "This link belongs to somebody who was signed in before. Use the one at the top of this page.")
    session.clear()
    return redirect(url_for("pages.front"), 303)


@blueprint.get("/my/courses.php")
def my_courses() -> str:
    """The courses that I may open."""
    me = require_me()
    return render_template("my_courses.html", courses=current_vle().catalogue.courses_of(me))


@blueprint.get("/course/view.php")
def course() -> str:
    """One course: sections, texts, activities, and what this person can try."""
    me = require_me()
    opened = get_course(me, number_in("id"))
    there = {activity.name for activity in opened.activities}
    steps = [step for step in me.steps_in(opened.id) if set(OPENS.findall(step)) <= there]
    return render_template("course.html", course=opened, steps=steps)


@blueprint.get("/demo/registration.json")
def registration_values() -> dict[str, str]:
    """The values that connect a tool to this VLE."""
    vle = current_vle()
    return registration(vle.config, vle.catalogue)


@blueprint.post("/demo/rotate-keys")
def rotate_keys() -> dict[str, str]:
    """For tests, from this machine only: sign with a new key at once and keep the old one published."""
    is_forwarded = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
    is_here = request.remote_addr in ("127.0.0.1", "::1") and not is_forwarded
    if not is_here or request.headers.get("Sec-Fetch-Site", "none") != "none":
        abort(403, "Keys can be changed from this machine only, and not by a web page.")
    return {"kid": current_vle().keys.rotate()}


@blueprint.get("/favicon.ico")
def favicon() -> Response:
    """Browsers ask for it; there is none."""
    return Response(status=204)


def _sign_in(person_id: int, *, is_plain: bool) -> AnyResponse:
    wanted = session.get("wanted")
    session.clear()
    session.update(person=person_id, sesskey=secrets.token_hex(5), plain=is_plain)
    if wanted:
        session["wanted"] = wanted
    ticket = _cookie_check().dumps([person_id, is_plain])
    return redirect(url_for("pages.check_cookie", testsession=ticket), 303)


def _cookie_check() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_vle().keys.cookie_key, salt="cookie check")
