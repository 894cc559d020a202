"""Pages of teaching: a week or a term, one session, and the forms of those who plan it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import Blueprint, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lti_tool.access import Actor, may, require
from lti_tool.core import clock
from lti_tool.core.errors import Conflict, Invalid
from lti_tool.core.ids import new_public_id
from lti_tool.core.language import gettext as _
from lti_tool.people import GRADES, CourseLine, get_course
from lti_tool.programme import actions, queries
from lti_tool.programme.forms import PlanForm, day_of, number, reason_of, session_draft
from lti_tool.programme.queries import SessionLine
from lti_tool.programme.rules import SessionDraft, london_day
from lti_tool.programme.weeks import PAGE_OF_SESSIONS, arrange, choose_span, cut
from lti_tool.texts import draft_place, drop_draft, find_draft
from lti_tool.web import BarEntry, Landmark, changing, come_back, page, reading, say

blueprint = Blueprint("programme", __name__)
bar = (BarEntry(_("Teaching"), "programme.week", "programme"),)
Answer = str | Response | tuple[str, int]
Show = Callable[..., str]
Save = Callable[[SessionDraft], Response | None]


@blueprint.get("/courses/<course_id>/teaching")
def week(course_id: str) -> str:
    """When and where teaching is: a week, or a whole term."""
    today, args = london_day(clock.now()), request.args
    span = choose_span(day_of(args.get("day", "")) or today, args.get("show", ""), bool(args.get("term")))
    from_at = span.from_at(day_of(args.get("from", "")))
    with reading() as (db, actor):
        course = get_course(db, actor, course_id)
        grade = queries.grade_for(db, actor, course)
        where = None if span.show == "trust" else course
        found = queries.sessions_between(db, actor, from_at, span.until_at, where, PAGE_OF_SESSIONS + 1)
        fits, go_on = cut(found, PAGE_OF_SESSIONS)
        data: dict[str, Any] = {
            "span": span,
            "days": arrange(span, fits, grade, today),
            "chips": queries.chips(actor, grade),
            "go_on": go_on,
            "next_one": queries.next_session(db, actor, course, grade),
            "form": PlanForm(day=span.likely_day(today).isoformat(), once=new_public_id()),
        }
        return _page(db, actor, course, "programme/week.html", **data)


@blueprint.get("/sessions/<session_id>")
def session(session_id: str) -> str:
    """One session: when, where, by whom, for whom, what for; and what it clashes with, for those who plan."""
    with reading() as (db, actor):
        line = queries.get_session(db, actor, session_id)
        plans = may(actor, "session.plan", line.thing) and not (line.is_cancelled or line.has_begun)
        clashes = queries.clashes(db, actor, line.course, line.draft, line) if plans else []
        return _page(db, actor, line.course, "programme/session.html", teaching=line, clashes=clashes)


@blueprint.route("/courses/<course_id>/teaching/add", methods=["GET", "POST"])
def plan(course_id: str) -> Answer:
    """Add a session, from the short row above the week or from the whole form."""
    place = draft_place("plan", course_id)
    given = PlanForm.of(request.form) if request.method == "POST" else None

    def show(draft: SessionDraft | None = None, **data: Any) -> str:
        with reading() as (db, actor):
            course = get_course(db, actor, course_id)
            require(actor, "session.plan", course.thing)
            clashes = queries.clashes(db, actor, course, draft) if draft else []
            day = request.args.get("day", london_day(clock.now()).isoformat())
            form = given or _from_draft(db, actor, place, PlanForm(day=day, once=new_public_id()))
            return _plan_page(db, actor, course, form, place, clashes, teaching=None, **data)

    def save(draft: SessionDraft) -> Response | None:
        assert given is not None
        with changing() as (db, actor):
            course = get_course(db, actor, course_id)
            require(actor, "session.plan", course.thing)
            clashes = queries.clashes(db, actor, course, draft)
            if queries.clash_mark(clashes) not in ("", given.warned) and not queries.was_sent(db, actor, given.once):
                return None
            made = actions.add_session(db, actor, course, draft, given.once)
            drop_draft(db, actor.person_id, place)
        say(_("Added. Everybody whom it concerns sees it now."))
        return come_back("programme.session", session_id=made.public_id)

    return _answer(given, show, save)


@blueprint.route("/sessions/<session_id>/change", methods=["GET", "POST"])
def change(session_id: str) -> Answer:
    """Change or move a session."""
    place = draft_place("replan", session_id)
    given = PlanForm.of(request.form) if request.method == "POST" else None

    def show(draft: SessionDraft | None = None, is_older: bool = False, **data: Any) -> str:
        with reading() as (db, actor):
            line = _mine_to_plan(db, actor, session_id)
            clashes = queries.clashes(db, actor, line.course, draft, line) if draft else []
            form = given or _from_draft(db, actor, place, PlanForm.of_line(line))
            form = replace(form, seen=line.version) if is_older else form
            data |= {"teaching": line, "is_older": is_older}
            return _plan_page(db, actor, line.course, form, place, clashes, **data)

    def save(draft: SessionDraft) -> Response | None:
        assert given is not None
        with changing() as (db, actor):
            line = _mine_to_plan(db, actor, session_id)
            clashes = queries.clashes(db, actor, line.course, draft, line)
            if queries.clash_mark(clashes) not in ("", given.warned):
                return None
            actions.change_session(db, actor, line, draft, given.seen)
            drop_draft(db, actor.person_id, place)
        say(_("Saved. Everybody whom it concerns sees the change."))
        return come_back("programme.session", session_id=session_id)

    return _answer(given, show, save)


def _answer(given: PlanForm | None, show: Show, save: Save) -> Answer:
    """What a planner's form leads to. Whatever is refused comes back as it was typed; clashes are shown once."""
    if given is None:
        return show()
    try:
        draft = session_draft(given)
        return save(draft) or show(draft=draft)
    except Invalid as problem:
        return show(problem=problem.message, errors=problem.fields), 400
    except Conflict as problem:
        return show(problem=problem.message, is_older=True), 409


@blueprint.route("/sessions/<session_id>/cancel", methods=["GET", "POST"])
def cancel(session_id: str) -> Answer:
    """Say that a session does not take place, and why."""
    place = draft_place("cancel", session_id)
    if request.method == "GET":
        return _ask(session_id, "programme/cancel.html", place=place, note=_kept_note(place))
    note = request.form.get("note", "")
    try:
        reason = reason_of(request.form)
        with changing() as (db, actor):
            line = _mine_to_plan(db, actor, session_id)
            actions.cancel_session(db, actor, line, reason, number(request.form.get("seen", "")))
            drop_draft(db, actor.person_id, place)
    except Invalid as problem:
        return _ask(session_id, "programme/cancel.html", place=place, note=note, errors=problem.fields), 400
    except Conflict as problem:
        return _ask(session_id, "programme/cancel.html", place=place, note=note, problem=problem.message), 409
    say(_("Cancelled. It stays in the programme as cancelled, with your reason."))
    return come_back("programme.session", session_id=session_id)


@blueprint.post("/sessions/<session_id>/restore")
def restore(session_id: str) -> Response:
    """It takes place after all."""
    with changing() as (db, actor):
        line = queries.get_session(db, actor, session_id)
        actions.restore_session(db, actor, line, number(request.form.get("seen", "")))
    say(_("It takes place. Everybody whom it concerns sees that."))
    return come_back("programme.session", session_id=session_id)


@blueprint.route("/sessions/<session_id>/delete", methods=["GET", "POST"])
def delete(session_id: str) -> Answer:
    """Delete a session that was planned by mistake, after one question. A second click finds it done."""
    if request.method == "GET":
        with reading() as (db, actor):
            line = queries.get_session(db, actor, session_id)
            require(actor, "session.delete", line.thing)
            return _page(db, actor, line.course, "programme/delete.html", teaching=line)
    with changing() as (db, actor):
        course = queries.find_deleted(db, actor, session_id)
        if course is None:
            line = queries.get_session(db, actor, session_id)
            actions.delete_session(db, actor, line, number(request.form.get("seen", "")))
            course = line.course
        require(actor, "session.plan", course.thing)
    say(_("Deleted."))
    return come_back("programme.week", course_id=course.public_id)


def _mine_to_plan(db: Session, actor: Actor, session_id: str) -> SessionLine:
    line = queries.get_session(db, actor, session_id)
    require(actor, "session.plan", line.thing)
    return line


def _from_draft(db: Session, actor: Actor, place: str, form: PlanForm) -> PlanForm:
    """What an expired visit has kept of this form counts more than what is planned."""
    draft = find_draft(db, actor, place)
    return form.with_draft(draft.fields) if draft else form


def _kept_note(place: str) -> str:
    with reading() as (db, actor):
        draft = find_draft(db, actor, place)
        return draft.fields.get("note", "") if draft else ""


def _ask(session_id: str, template: str, **data: Any) -> str:
    with reading() as (db, actor):
        line = _mine_to_plan(db, actor, session_id)
        shown: dict[str, Any] = {"errors": {}, "problem": ""}
        return _page(db, actor, line.course, template, teaching=line, **(shown | data))


def _plan_page(
    db: Session,
    actor: Actor,
    course: CourseLine,
    form: PlanForm,
    place: str,
    clashes: list[queries.Clash],
    **data: Any,
) -> str:
    shown: dict[str, Any] = {"errors": {}, "problem": "", "is_older": False}
    shown |= {"form": form, "place": place, "clashes": clashes, "warned": queries.clash_mark(clashes), "grades": GRADES}
    return _page(db, actor, course, "programme/plan.html", **(shown | data))


def _page(db: Session, actor: Actor, course: CourseLine, template: str, **data: Any) -> str:
    return page(db, actor, course, "programme", template, **data)


def _landmark(db: Session, public_id: str) -> Landmark | None:
    line = queries.session_facts(db, public_id)
    return Landmark("programme.session", {"session_id": public_id}, line.course.id) if line else None


landmarks = (_landmark,)
