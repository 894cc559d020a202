"""Pages of the programme room."""

from flask import Blueprint
from sqlalchemy.orm import Session

from lti_tool.core.language import gettext as _
from lti_tool.people import get_course
from lti_tool.programme import queries
from lti_tool.web import BarEntry, Landmark, page, reading

blueprint = Blueprint("programme", __name__)
bar = (BarEntry(_("Teaching"), "programme.week", "programme"),)


@blueprint.get("/courses/<course_id>/teaching")
def week(course_id: str) -> str:
    """When and where teaching is."""
    with reading() as (db, actor):
        course = get_course(db, actor, course_id)
        return page(db, actor, course, "programme", "programme/week.html")


@blueprint.get("/sessions/<session_id>")
def session(session_id: str) -> str:
    """One teaching session: when, where, by whom, for whom, what for."""
    with reading() as (db, actor):
        line = queries.get_session(db, actor, session_id)
        return page(db, actor, line.course, "programme", "programme/session.html", teaching=line)


def _landmark(db: Session, public_id: str) -> Landmark | None:
    line = queries.session_facts(db, public_id)
    return Landmark("programme.session", {"session_id": public_id}, line.course.id) if line else None


landmarks = (_landmark,)
