"""Choosing content in the tool (Deep Linking 2.0), as Moodle does it: always in the frame of a dialogue.

`contentitem.php` posts a login request like any launch. The tool answers to `contentitem_return.php` in the form field
`JWT`, from another site, so without our cookie: the browser posts it once more from our own page.
"""

import json

from flask import Blueprint, abort, render_template, request, session, url_for

from lti_tool.demo_platform.catalogue import Course, Person
from lti_tool.demo_platform.claims import IN_FRAME, Launch
from lti_tool.demo_platform.editing import get_offered_tool
from lti_tool.demo_platform.lti import auto_form, login_request
from lti_tool.demo_platform.pages import number_in
from lti_tool.demo_platform.selection import Answer, BadAnswer, Offer, read_answer
from lti_tool.demo_platform.tools import Tool
from lti_tool.demo_platform.vle import current_vle, find_me, get_own_course

blueprint = Blueprint("choosing", __name__, url_prefix="/mod/lti")


@blueprint.get("/contentitem.php")
def begin() -> str:
    """A login request to the tool, posted by the browser."""
    me = _me()
    course, tool, section = _where(me)
    if not tool.has_selection:
        abort(403, f"{tool.name} does not support Deep Linking (Content-Item Message).")
    launch = Launch(me, course, tool, None, IN_FRAME, session["sesskey"], section)
    hint = {"cmid": 0, "launchid": current_vle().pending.add(launch)}
    return login_request(launch, json.dumps(hint, separators=(",", ":")), f"Opening {tool.name}")


@blueprint.post("/contentitem_return.php")
def answer() -> str | tuple[str, int]:
    """What the teacher chose. One thing fills the form, several are added one after another, none changes nothing."""
    if find_me() is None and "repost" not in request.form:
        return auto_form(request.url, request.form.to_dict() | {"repost": "1"}, "Adding what you chose")
    me = _me()
    course, tool, section = _where(me)
    if request.args.get("sesskey") != session["sesskey"]:
        abort(403, "This answer belongs to somebody who was signed in before. Press “Select content” again.")
    try:
        vle = current_vle()
        said = read_answer(tool, vle.config.issuer, vle.fence, request.form.get("JWT", ""))
    except BadAnswer as problem:
        return _page(course, tool, section, error=str(problem)), 400
    if not current_vle().offers.use_nonce(tool, said.nonce):
        return _page(course, tool, section, error="The tool has sent this answer before."), 400
    return _answered(me, course, tool, section, said)


def _answered(me: Person, course: Course, tool: Tool, section: int, said: Answer) -> str:
    if said.error or not said.items:
        return _page(course, tool, section, error=said.error, message=said.message)
    offer_id = current_vle().offers.add(Offer(me.id, course.id, section, tool.number, said.items))
    if len(said.items) > 1:
        return render_template("chosen_several.html", course=course, items=said.items, offer=offer_id)
    return _page(course, tool, section, offer_id=offer_id)


def _page(course: Course, tool: Tool, section: int, *, offer_id: str = "", message: str = "", error: str = "") -> str:
    """In the frame: on to the form, by itself where there is nothing to read."""
    target = url_for(
        "editing.new_activity", add="lti", typeid=tool.number, course=course.id, section=section, offer=offer_id or None
    )
    return render_template("chosen.html", course=course, target=target, offer=offer_id, message=message, error=error)


def _me() -> Person:
    me = find_me()
    if me is None:
        abort(403, "Nobody is signed in here any more. Open the course again from the front page.")
    return me


def _where(me: Person) -> tuple[Course, Tool, int]:
    course, section = get_own_course(me, number_in("course")), number_in("section")
    if section >= len(course.sections):
        abort(404, "There is no such section in this course.")
    return course, get_offered_tool(number_in("id")), section
