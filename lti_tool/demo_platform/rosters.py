"""Who is in a course and what they were given: participants, enrolments, and the grade book."""

from typing import cast

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from lti_tool.demo_platform import building
from lti_tool.demo_platform.catalogue import ROLE_WORDS, Course, CourseRole, Person
from lti_tool.demo_platform.pages import check_sesskey, number_in, require_me
from lti_tool.demo_platform.vle import current_vle, get_course, get_own_course

blueprint = Blueprint("rosters", __name__)


@blueprint.get("/user/index.php")
def participants() -> str:
    """Who is enrolled in a course."""
    me = require_me()
    course = get_course(me, number_in("id"))
    vle = current_vle()
    people = vle.catalogue.enrolled_in(course) if me.may_edit(course.id) else vle.catalogue.active_in(course)
    others = [person for person in vle.catalogue.people.values() if course.id not in person.enrolments]
    return render_template("participants.html", course=course, people=people, others=others, role_words=ROLE_WORDS)


@blueprint.post("/enrol/manual/manage.php")
def enrol() -> AnyResponse:
    """Enrol somebody."""
    course = get_own_course(require_me(), number_in("id"))
    check_sesskey()
    person, role = _person(request.form.get("person", "")), _role()
    with current_vle().store.change() as changes:
        building.set_enrolment(changes, course, person, role, is_suspended=False)
    flash(f"{person.name} is enrolled as {ROLE_WORDS[role].lower()}.")
    return _back(course)


@blueprint.route("/enrol/editenrolment.php", methods=["GET", "POST"])
def edit_enrolment() -> str | AnyResponse:
    """Another role, or suspended, or active again."""
    course, person = _somebody_else()
    if request.method == "GET":
        return render_template("enrolment.html", course=course, person=person, role_words=ROLE_WORDS)
    check_sesskey()
    is_suspended = request.form.get("status") == "suspended"
    with current_vle().store.change() as changes:
        building.set_enrolment(changes, course, person, _role(), is_suspended=is_suspended)
    flash(f"{person.name} is {'suspended' if is_suspended else 'active'} in this course.")
    return _back(course)


@blueprint.post("/enrol/unenroluser.php")
def unenrol() -> AnyResponse:
    """Take somebody out of the course."""
    course, person = _somebody_else()
    check_sesskey()
    with current_vle().store.change() as changes:
        building.unenrol(changes, course, person)
    flash(f"{person.name} is no longer enrolled.")
    return _back(course)


@blueprint.get("/grade/report/index.php")
def grades() -> str:
    """The grade book: a teacher sees everybody's scores, a student their own."""
    me = require_me()
    course = get_course(me, number_in("id"))
    vle = current_vle()
    columns = vle.grade_book.columns_of(course.id)
    is_teacher = me.role_in(course.id) == "Instructor"
    learners = [one for one in vle.catalogue.enrolled_in(course) if one.role_in(course.id) == "Learner"]
    people = learners if is_teacher else [me]
    return render_template("grades.html", course=course, columns=columns, people=people, is_teacher=is_teacher)


def _somebody_else() -> tuple[Course, Person]:
    me = require_me()
    course, person = get_own_course(me, number_in("id")), _person(request.args.get("user", ""))
    if course.id not in person.enrolments:
        abort(404, f"{person.name} is not enrolled in {course.title}.")
    if person.id == me.id:
        abort(403, "You cannot change your own enrolment: nobody would be left to undo it.")
    return course, person


def _person(number: str) -> Person:
    person = current_vle().catalogue.people.get(int(number[:9])) if number.isdecimal() else None
    if person is None:
        abort(404, "Nobody here has this number.")
    return person


def _role() -> CourseRole:
    role = request.form.get("role", "")
    if role not in ROLE_WORDS:
        abort(400, "Choose a role.")
    return cast(CourseRole, role)


def _back(course: Course) -> AnyResponse:
    return redirect(url_for("rosters.participants", id=course.id), 303)
