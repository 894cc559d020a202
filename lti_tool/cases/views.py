"""Pages of the cases room."""

from flask import Blueprint

from lti_tool.core.language import gettext as _
from lti_tool.people import get_course
from lti_tool.web import BarEntry, page, reading

blueprint = Blueprint("cases", __name__)
bar = (BarEntry(_("Cases"), "cases.index", "cases"),)


@blueprint.get("/courses/<course_id>/cases")
def index(course_id: str) -> str:
    """Learn from a case: commit an answer, then see what happened."""
    with reading() as (db, actor):
        course = get_course(db, actor, course_id)
        return page(db, actor, course, "cases", "cases/index.html")
