"""A teacher changes a course: edit mode, adding and deleting activities, copying all of it."""

from flask import Blueprint, abort, flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from lti_tool.demo_platform import building
from lti_tool.demo_platform.building import Choice
from lti_tool.demo_platform.catalogue import Course
from lti_tool.demo_platform.pages import check_sesskey, number_in, require_me
from lti_tool.demo_platform.selection import Item, Offer
from lti_tool.demo_platform.tools import Tool
from lti_tool.demo_platform.vle import current_vle, get_activity, get_own_course, get_tool

LONGEST_NAME = 255

blueprint = Blueprint("editing", __name__)


@blueprint.post("/editmode.php")
def edit_mode() -> AnyResponse:
    """The switch at the top of a course."""
    course = get_own_course(require_me(), number_in("id"))
    check_sesskey()
    session["is_editing"] = request.form.get("setmode") == "1"
    return redirect(url_for("pages.course", id=course.id), 303)


@blueprint.get("/course/modchooser.php")
def chooser() -> str:
    """Add an activity or resource: the tools that the administrator shows here."""
    course, section = _place()
    tools = [tool for tool in current_vle().tools.values() if tool.is_in_chooser]
    return render_template("chooser.html", course=course, section=section, tools=tools)


@blueprint.get("/course/modedit.php")
def new_activity() -> str:
    """The form of a new external tool; filled in, when the teacher has chosen content."""
    course, section = _place()
    tool = get_offered_tool(number_in("typeid"))
    offer_id = request.args.get("offer", "")
    item = _chosen(offer_id, course).items[0] if offer_id else None
    return _form_page(course, section, tool, offer_id, item, "")


@blueprint.post("/course/modedit.php")
def add_activity() -> str | AnyResponse | tuple[str, int]:
    """Save the form: one activity, with the teacher's words for it."""
    course, section = _place()
    check_sesskey()
    tool = get_offered_tool(number_in("typeid"))
    offer_id, form = request.form.get("offer", ""), request.form
    chosen = _chosen(offer_id, course).items[0] if offer_id else None
    item = Item(
        title=form.get("name", "").strip()[:LONGEST_NAME],
        text=form.get("introeditor", "").strip(),
        url=chosen.url if chosen else "",
        icon=chosen.icon if chosen else "",
        custom=chosen.custom if chosen else {},
        column=chosen.column if chosen else None,
    )
    if not item.title:
        return _form_page(course, section, tool, offer_id, item, "Activity name: You must supply a value here."), 400
    choice = Choice("has_grades" in form, "shares_name" in form, "shares_email" in form)
    if offer_id and current_vle().offers.take(offer_id, 0) is None:
        return redirect(url_for("pages.course", id=course.id), 303)  # the button was pressed twice
    with current_vle().store.change() as changes:
        building.add_activity(changes, course, section, tool, item, choice)
    flash(f"“{item.title}” is in the course.")
    return redirect(url_for("pages.course", id=course.id), 303)


@blueprint.post("/course/addchosen.php")
def add_chosen() -> AnyResponse:
    """Add one of several chosen things, or without an `index` all that are left."""
    offer_id, index = request.form.get("offer", ""), request.form.get("index", "")
    course = get_own_course(require_me(), number_in("id"))
    check_sesskey()
    offer = _chosen(offer_id, course)
    tool = get_offered_tool(offer.tool)
    wanted = [int(index[:9])] if index.isdecimal() else range(len(offer.items))
    taken = [item for number in wanted if (item := current_vle().offers.take(offer_id, number)) is not None]
    with current_vle().store.change() as changes:
        for item in taken:
            building.add_activity(changes, course, offer.section, tool, item, building.usual_choice(item))
    for item in taken:
        flash(f"“{item.title}” is in the course.")
    return redirect(url_for("pages.course", id=course.id), 303)


@blueprint.route("/course/mod.php", methods=["GET", "POST"])
def delete_activity() -> str | AnyResponse:
    """Ask whether it is meant; then take an activity out of its course."""
    course, activity = get_activity(require_me(), number_in("delete"))
    get_own_course(require_me(), course.id)
    if request.method == "GET":
        return render_template("activity_delete.html", course=course, activity=activity)
    check_sesskey()
    with current_vle().store.change() as changes:
        building.remove_activity(changes, activity)
    flash(f"“{activity.name}” was deleted.")
    return redirect(url_for("pages.course", id=course.id), 303)


@blueprint.route("/backup/copy.php", methods=["GET", "POST"])
def copy_course() -> str | AnyResponse | tuple[str, int]:
    """Course reuse: a new course with the same texts and activities, for the next year."""
    me = require_me()
    course = get_own_course(me, number_in("id"))
    title, short = f"{course.title} copy 1", f"{course.short}_1"
    if request.method == "GET":
        return render_template("course_copy.html", course=course, title=title, short=short, problem="")
    check_sesskey()
    title, short = (request.form.get(name, "").strip()[:LONGEST_NAME] for name in ("fullname", "shortname"))
    problem = _name_problem(title, short)
    if problem:
        return render_template("course_copy.html", course=course, title=title, short=short, problem=problem), 400
    with current_vle().store.change() as changes:
        number = building.copy_course(changes, course, title, short, me)
    flash(f"This is the copy of “{course.title}”. You are its teacher; nobody else is enrolled yet.")
    return redirect(url_for("pages.course", id=number), 303)


def get_offered_tool(number: int) -> Tool:
    """A tool that a teacher may add, or a page that says why not."""
    tool = get_tool(number)
    if not tool.is_in_chooser:
        abort(403, f"{tool.name} is not shown in the activity chooser. The administrator of this VLE can change that.")
    return tool


def _place() -> tuple[Course, int]:
    """The course and the section in which something is to be added."""
    course, section = get_own_course(require_me(), number_in("course")), number_in("section")
    if section >= len(course.sections):
        abort(404, "There is no such section in this course.")
    return course, section


def _chosen(offer_id: str, course: Course) -> Offer:
    offer = current_vle().offers.find(offer_id)
    if offer is None or (offer.person_id, offer.course_id) != (require_me().id, course.id):
        abort(404, "What you chose is no longer here. Press “Select content” again.")
    return offer


def _name_problem(title: str, short: str) -> str:
    if not title or not short:
        return "Both names are needed."
    if short in {course.short for course in current_vle().catalogue.courses.values()}:
        return f"Short name is already used for another course ({short})"
    return ""


def _form_page(course: Course, section: int, tool: Tool, offer_id: str, item: Item | None, problem: str) -> str:
    return render_template(
        "new_activity.html", course=course, section=section, tool=tool, offer=offer_id, item=item, problem=problem
    )
