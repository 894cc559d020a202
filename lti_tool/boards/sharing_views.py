"""Pages about who reads a board: its audience, the courses that join it, and cohorts."""

from typing import Any

from flask import request

from lti_tool.access import require
from lti_tool.boards import queries, sharing
from lti_tool.boards.charter_views import managed_board, named_cohorts
from lti_tool.boards.composing import Answer
from lti_tool.boards.rules import Audience
from lti_tool.boards.views import blueprint
from lti_tool.core.errors import Conflict, Invalid
from lti_tool.core.language import gettext as _
from lti_tool.core.language import ngettext
from lti_tool.people import (
    CohortLine,
    candidates_of,
    cohorts_of,
    fill_cohort,
    get_cohort,
    get_course,
    make_cohort,
    name_cohort,
)
from lti_tool.texts import name_nobody
from lti_tool.web import changing, come_back, page, reading, say

COHORT_NAME_LENGTH = 80


@blueprint.route("/boards/<board_id>/settings/readers", methods=["GET", "POST"])
def readers(board_id: str) -> Answer:
    """Who reads a board. Once somebody has written, other courses may still join one that is for several."""
    if request.method == "GET":
        return _show_readers(board_id, {})
    try:
        with changing() as (db, actor):
            line = queries.get_board(db, actor, board_id)
            if course := request.form.get("ask"):
                sharing.ask_course(db, actor, line, course)
            elif course := request.form.get("drop"):
                sharing.drop_course(db, actor, line, course)
            else:
                sharing.change_audience(db, actor, line, _audience(), request.form.get("cohort", ""))
    except Invalid as problem:
        return _show_readers(board_id, problem.fields), 400
    say(_("Saved."))
    return come_back("boards.readers", board_id=board_id)


def _audience() -> Audience:
    word = request.form.get("audience", "")
    if word not in set(Audience):
        raise Invalid(_("Not saved yet."), {"audience": _("Choose who reads this board.")})
    return Audience(word)


def _show_readers(board_id: str, errors: dict[str, str]) -> str:
    with reading() as (db, actor):
        line = managed_board(db, actor, board_id)
        data: dict[str, Any] = {"board": line, "errors": errors, "given": request.form}
        data |= {"guests": sharing.guests_of(db, line), "others": sharing.others_of(db, line)}
        data["cohorts"] = named_cohorts(db, line.course.id)
        data["is_written"] = sharing.is_written(db, line)
        return page(db, actor, line.course, "boards", "boards/readers.html", **data)


@blueprint.post("/courses/<course_id>/boards/<board_id>/join")
def join(course_id: str, board_id: str) -> Answer:
    """Answer for a course that was asked to join a board of another one, or leave that board."""
    is_accepted = request.form.get("do") == "accept"
    with changing() as (db, actor):
        course = get_course(db, actor, course_id)
        sharing.answer_asking(db, actor, course, board_id, is_accepted=is_accepted)
    say(_("Your course reads this board now.") if is_accepted else _("Your course does not read that board."))
    return come_back("boards.index", course_id=course_id)


@blueprint.route("/courses/<course_id>/cohorts", methods=["GET", "POST"])
def cohorts(course_id: str) -> Answer:
    """The cohorts of a course; make one."""
    if request.method == "GET":
        return _show_cohorts(course_id, {})
    try:
        name = _cohort_name()
        with changing() as (db, actor):
            course = get_course(db, actor, course_id)
            require(actor, "cohort.manage", course.thing)
            if any(each.name.casefold() == name.casefold() for each in cohorts_of(db, course.id)):
                raise Invalid(_("Not saved yet."), {"name": _("There is a cohort of this name already.")})
            made = make_cohort(db, course, name).public_id
    except Invalid as problem:
        return _show_cohorts(course_id, problem.fields), 400
    return come_back("boards.cohort", course_id=course_id, cohort_id=made)


def _cohort_name() -> str:
    name = " ".join(request.form.get("name", "").split())
    if not name:
        raise Invalid(_("Not saved yet."), {"name": _("Give the cohort a name, such as F1 2027.")})
    if len(name) > COHORT_NAME_LENGTH:
        too_long = _("Shorten the name to %(most)d characters.") % {"most": COHORT_NAME_LENGTH}
        raise Invalid(_("Not saved yet."), {"name": too_long})
    if problems := name_nobody({"name": name}):
        raise Invalid(_("Not saved yet."), problems)
    return name


def _show_cohorts(course_id: str, errors: dict[str, str]) -> str:
    with reading() as (db, actor):
        course = get_course(db, actor, course_id)
        require(actor, "cohort.manage", course.thing)
        data: dict[str, Any] = {"cohorts": cohorts_of(db, course.id), "errors": errors, "given": request.form}
        return page(db, actor, course, "boards", "boards/cohorts.html", **data)


@blueprint.route("/courses/<course_id>/cohorts/<cohort_id>", methods=["GET", "POST"])
def cohort(course_id: str, cohort_id: str) -> Answer:
    """A cohort: its name, and who is in it. Of a VLE's group the VLE says who is in it."""
    if request.method == "GET":
        return _show_cohort(course_id, cohort_id, {})
    try:
        name = _cohort_name()
        with changing() as (db, actor):
            course = get_course(db, actor, course_id)
            require(actor, "cohort.manage", course.thing)
            found = get_cohort(db, course, cohort_id)
            _refuse_second_name(found, name)
            name_cohort(db, found.id, name)
            people = found.people if found.vle_id else fill_cohort(db, course, found.id, request.form.getlist("person"))
    except Invalid as problem:
        return _show_cohort(course_id, cohort_id, problem.fields), 400
    say(ngettext("Saved: %(num)s person.", "Saved: %(num)s people.", people) % {"num": people})
    return come_back("boards.cohorts", course_id=course_id)


def _refuse_second_name(found: CohortLine, name: str) -> None:
    """A VLE's group is named once: people have chosen boards by that name."""
    if found.vle_id and found.name and found.name != name:
        raise Conflict(_("This group of the VLE has its name already."))


def _show_cohort(course_id: str, cohort_id: str, errors: dict[str, str]) -> str:
    with reading() as (db, actor):
        course = get_course(db, actor, course_id)
        require(actor, "cohort.manage", course.thing)
        found = get_cohort(db, course, cohort_id)
        data: dict[str, Any] = {"cohort": found, "people": candidates_of(db, course.id, found.id), "errors": errors}
        return page(db, actor, course, "boards", "boards/cohort.html", given=request.form, **data)
