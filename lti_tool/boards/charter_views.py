"""Pages on which a board is opened and set up: templates, settings, rules, and when it is open."""

from datetime import timedelta
from typing import Any

from flask import request
from sqlalchemy.orm import Session

from lti_tool.access import Actor, require
from lti_tool.boards import charter, charter_forms, opening, queries
from lti_tool.boards.composing import Answer
from lti_tool.boards.forms import board_draft
from lti_tool.boards.lines import BoardLine
from lti_tool.boards.patterns import Pattern, Template, patterns
from lti_tool.boards.rules import TARGETS
from lti_tool.boards.views import blueprint
from lti_tool.core import clock
from lti_tool.core.errors import Invalid
from lti_tool.core.language import gettext as _
from lti_tool.people import cohorts_of, get_course
from lti_tool.web import changing, come_back, page, reading, say

WELCOME_LASTS = timedelta(days=60)


@blueprint.route("/courses/<course_id>/boards/new", methods=["GET", "POST"])
def new_board(course_id: str) -> Answer:
    """Open a board: first what for, then the rest."""
    if request.method == "GET":
        return _show_new(course_id, request.args.get("template", ""))
    try:
        draft = board_draft(request.form)
        with changing() as (db, actor):
            made = opening.make_board(db, actor, get_course(db, actor, course_id), draft)
    except Invalid as problem:
        return _show_settings(course_id, None, problem.fields, request.form.get("template", "")), 400
    return come_back("boards.board", board_id=made.public_id)


def _show_new(course_id: str, template: str) -> str:
    if template in set(Template):
        return _show_settings(course_id, None, {}, template)
    with reading() as (db, actor):
        course = get_course(db, actor, course_id)
        require(actor, "board.manage", course.thing)
        return page(db, actor, course, "boards", "boards/templates.html", patterns=patterns())


@blueprint.route("/boards/<board_id>/settings", methods=["GET", "POST"])
def settings(board_id: str) -> Answer:
    """Change a board."""
    if request.method == "GET":
        return _show_settings(None, board_id, {})
    try:
        with changing() as (db, actor):
            line = queries.get_board(db, actor, board_id)
            opening.change_board(db, actor, line, board_draft(request.form, line))
    except Invalid as problem:
        return _show_settings(None, board_id, problem.fields), 400
    say(_("Saved."))
    return come_back("boards.board", board_id=board_id)


def _show_settings(course_id: str | None, board_id: str | None, errors: dict[str, str], template: str = "") -> str:
    with reading() as (db, actor):
        line = queries.get_board(db, actor, board_id) if board_id else None
        course = line.course if line else get_course(db, actor, course_id or "")
        require(actor, "board.manage", course.thing)
        chosen = line.template if line else Template(template if template in set(Template) else Template.QUESTIONS)
        pattern = patterns()[chosen]
        given = request.form if request.method == "POST" else {} if line else _defaults(chosen, pattern)
        data: dict[str, Any] = {"board": line, "errors": errors, "given": given, "chosen": chosen}
        data |= {"pattern": pattern, "moderators": charter.moderators_of(db, course.id)}
        data["targets"] = TARGETS
        data["cohorts"] = named_cohorts(db, course.id)
        data["second"] = charter.find_second(db, line) if line else ""
        return page(db, actor, course, "boards", "boards/settings.html", **data)


def _defaults(template: Template, pattern: Pattern) -> dict[str, str]:
    """What stands in the form of a new board: what fits its template, for a tutor who changes nothing."""
    days = {f"day{day}": "yes" for day in "12345"}
    given = {"purpose": pattern.purpose, "names": pattern.names, "look_times": "08:30 12:30 17:00"}
    given |= days | {"checked": "all" if pattern.is_moderated else "off", "prompts": "yes"}
    if template == Template.WELCOME:
        given["archives_on"] = (clock.now() + WELCOME_LASTS).astimezone(clock.LONDON).date().isoformat()
    if template == Template.QUESTIONS:
        given["private"] = "yes"
    return given


@blueprint.route("/boards/<board_id>/settings/rules", methods=["GET", "POST"])
def rules(board_id: str) -> Answer:
    """The rules of a board. A changed rule asks everybody once again."""
    if request.method == "GET":
        return _show_rules(board_id, None, {})
    try:
        source = charter_forms.read_rules(request.form)
        with changing() as (db, actor):
            line = queries.get_board(db, actor, board_id)
            version = charter.change_rules(db, actor, line, source)
    except Invalid as problem:
        return _show_rules(board_id, request.form.get("rules", ""), problem.fields), 400
    say(
        _("Version %(version)d of the rules stands.") % {"version": version}
        if version
        else _("There are no rules now.")
    )
    return come_back("boards.board", board_id=board_id)


def _show_rules(board_id: str, typed: str | None, errors: dict[str, str]) -> str:
    with reading() as (db, actor):
        line = managed_board(db, actor, board_id)
        standing = charter.find_rules(db, actor, line)
        source = typed if typed is not None else "\n".join(standing.lines) if standing else ""
        data: dict[str, Any] = {"board": line, "standing": standing, "source": source, "errors": errors}
        return page(db, actor, line.course, "boards", "boards/rules.html", **data)


@blueprint.route("/boards/<board_id>/settings/open", methods=["GET", "POST"])
def dates(board_id: str) -> Answer:
    """When a board opens and closes; locking it with a reason; taking it out of the list."""
    if request.method == "GET":
        return _show_dates(board_id, {})
    try:
        with changing() as (db, actor):
            line = queries.get_board(db, actor, board_id)
            charter.close_board(db, actor, line, charter_forms.read_closing(request.form, line))
    except Invalid as problem:
        return _show_dates(board_id, problem.fields), 400
    say(_("Saved."))
    return come_back("boards.board", board_id=board_id)


def _show_dates(board_id: str, errors: dict[str, str]) -> str:
    with reading() as (db, actor):
        line = managed_board(db, actor, board_id)
        closing = charter.find_closing(db, actor, line)
        given = request.form if request.method == "POST" else {
            "opens_on": charter_forms.day_of(line.opens_at),
            "closes_on": charter_forms.day_of(line.closes_at, is_end=True),
            "archives_on": charter_forms.day_of(line.archived_at),
            "locked": "yes" if line.locked_at else "",
            "reason": closing.reason if closing else "",
            "next": closing.next_board if closing else "",
        }  # fmt: skip
        boards = queries.boards_of(db, actor, line.course)
        others = [(one.public_id, one.title) for one in boards if _may_follow(one, line)]
        data: dict[str, Any] = {"board": line, "given": given, "errors": errors, "others": others}
        return page(db, actor, line.course, "boards", "boards/dates.html", **data)


def _may_follow(one: BoardLine, line: BoardLine) -> bool:
    return one.id != line.id and one.course.id == line.course.id and one.is_open


def named_cohorts(db: Session, course_id: int) -> list[tuple[str, str]]:
    """(public id, name) of the cohorts that a board may be for."""
    return [(cohort.public_id, cohort.name) for cohort in cohorts_of(db, course_id) if cohort.name]


def managed_board(db: Session, actor: Actor, board_id: str) -> BoardLine:
    """A board that the actor may change. Raises NotFound and Forbidden."""
    line = queries.get_board(db, actor, board_id)
    require(actor, "board.manage", line.thing)
    return line
