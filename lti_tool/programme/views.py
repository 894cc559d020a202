"""Pages of the programme room."""

from flask import Blueprint

from lti_tool.core.language import gettext as _
from lti_tool.people import get_course
from lti_tool.web import BarEntry, page, reading

blueprint = Blueprint("programme", __name__)
bar = (BarEntry(_("Teaching"), "programme.week", "programme"),)


@blueprint.get("/courses/<course_id>/teaching")
def week(course_id: str) -> str:
    """When and where teaching is."""
    with reading() as (db, actor):
        course = get_course(db, actor, course_id)
        return page(db, actor, course, "programme", "programme/week.html")
