"""Pages of those who read and review cases. An author's pages are in `writing.py`."""

from typing import Any

from flask import Blueprint, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lti_tool.access import Actor, may, require
from lti_tool.boards import open_holds, reasons
from lti_tool.cases import actions, lists, queries, reviewing, rules
from lti_tool.cases.checking import check_case
from lti_tool.cases.forms import commit_draft, review_draft
from lti_tool.cases.queries import CaseFacts
from lti_tool.cases.rules import CaseState
from lti_tool.core.errors import Invalid, NotFound
from lti_tool.core.language import gettext as _
from lti_tool.core.paging import Cursor
from lti_tool.people import CourseLine, get_course
from lti_tool.texts import draft_place, drop_draft, find_draft
from lti_tool.web import BarEntry, bar_course, changing, come_back, page, reading, say, the_visit

blueprint = Blueprint("cases", __name__)
bar = (BarEntry(_("Cases"), "cases.index", "cases"),)
Answer = str | Response | tuple[str, int]


@blueprint.get("/courses/<course_id>/cases")
def index(course_id: str) -> str:
    """The case board of a course: cases to answer, and what other courses of the trust share."""
    show, speciality = request.args.get("show", "all"), request.args.get("speciality", "")
    after = Cursor.decode(request.args["after"]) if "after" in request.args else None
    known = rules.specialities()
    if speciality and speciality not in known:
        raise NotFound(_("There is no such speciality. Go back to the list and choose again."))
    with reading() as (db, actor):
        course = get_course(db, actor, course_id)
        cases = lists.page_of_cases(db, actor, course, show, speciality, after)
        waiting = lists.waiting_cases(db, actor)
        data: dict[str, Any] = {
            "cases": cases,
            "show": show,
            "speciality": speciality,
            "specialities": known,
            "waiting": waiting,
        }
        return page(db, actor, course, "cases", "cases/index.html", **data)


@blueprint.get("/courses/<course_id>/cases/<case_id>")
def case(course_id: str, case_id: str) -> str:
    """One case: what is known of it, the question, and for those who have answered what happened."""
    return _show_case(course_id, case_id)


def _show_case(course_id: str, case_id: str, **data: Any) -> str:
    with reading() as (db, actor):
        course = get_course(db, actor, course_id)
        facts = queries.get_case(db, actor, case_id, course)
        place = draft_place("commit", facts.public_id)
        draft = find_draft(db, actor, place) if not facts.is_revealed and not facts.options else None
        given = request.form if request.method == "POST" else draft.fields if draft else {}
        counts = queries.counts_of(db, facts)
        data = {"errors": {}, "problem": ""} | data | words() | {"given": given, "place": place}
        data["table"] = rules.answer_table(facts.options, counts, facts.best, facts.my_option) if counts else None
        return page(db, actor, course, "cases", "cases/case.html", case=facts, **data)


def words() -> dict[str, Any]:
    """What codes are called on pages."""
    return {
        "specialities": rules.specialities(),
        "settings": rules.settings(),
        "life_stages": rules.life_stages(),
        "certainties": rules.certainties(),
        "bases": rules.bases(),
        "reasons": reasons(),
        "fewest": rules.FEWEST_SHOWN,
    }


@blueprint.post("/courses/<course_id>/cases/<case_id>/commit")
def commit(course_id: str, case_id: str) -> Answer:
    """Commit an answer, once."""
    try:
        with changing() as (db, actor):
            facts = queries.get_case(db, actor, case_id, get_course(db, actor, course_id))
            if facts.answered_at is None:
                require(actor, "case.answer", facts.thing)
                actions.commit_answer(db, actor, facts, commit_draft(request.form, len(facts.options)))
                drop_draft(db, actor.person_id, draft_place("commit", case_id))
    except Invalid as problem:
        return _show_case(course_id, case_id, errors=problem.fields, problem=problem.message), 400
    return come_back("cases.case", course_id=course_id, case_id=case_id)


@blueprint.get("/cases/<case_id>")
def find(case_id: str) -> Response:
    """To a case, in the course where this person reads it."""
    with reading() as (db, actor):
        facts = queries.get_case(db, actor, case_id)
        return _to_case(actor, facts.course, case_id)


@blueprint.get("/threads/<thread_id>/case")
def of_thread(thread_id: str) -> Response:
    """From a discussion to the case above it."""
    with reading() as (db, actor):
        line = lists.find_case_of_thread(db, actor, thread_id)
        if line is None:
            raise NotFound(_("There is no such case, or it is not for you."))
        return _to_case(actor, line.course, line.public_id)


def _to_case(actor: Actor, course: CourseLine, case_id: str) -> Response:
    return come_back("cases.case", course_id=bar_course_id(actor, course), case_id=case_id)


@blueprint.route("/cases/<case_id>/review", methods=["GET", "POST"])
def review(case_id: str) -> Answer:
    """Look at a case before others do: tick, return or reject."""
    if request.method == "GET":
        return _show_review(case_id)
    try:
        draft = review_draft(request.form)
        with changing() as (db, actor):
            facts = queries.get_case(db, actor, case_id)
            state = reviewing.review_case(db, actor, facts, draft)
            drop_draft(db, actor.person_id, draft_place("casereview", case_id))
    except Invalid as problem:
        return _show_review(case_id, errors=problem.fields, problem=problem.message), 400
    told = {
        CaseState.PUBLISHED: _("Published. The author is told."),
        CaseState.RETURNED: _("Returned with your note. The author is told."),
        CaseState.REJECTED: _("Rejected. The author is told."),
    }
    say(told.get(state, _("Kept. The case is published when every tick is made.")))
    if state == CaseState.PENDING:
        return come_back("cases.review", case_id=case_id)
    return come_back("moderation.queue", course_id=facts.course.public_id)


def _show_review(case_id: str, **data: Any) -> str:
    with reading() as (db, actor):
        facts = queries.get_case(db, actor, case_id)
        require(actor, "case.review", facts.thing)
        draft = find_draft(db, actor, draft_place("casereview", case_id))
        given = request.form if request.method == "POST" else draft.fields if draft else {}
        data = {"errors": {}, "problem": ""} | data | words() | {"given": given}
        data["holds"] = open_holds(db, facts.thread_id) if facts.thread_id else set()
        data["ticks"] = queries.ticks_of(db, actor, facts)
        data["mine"] = {hold for hold, tick in data["ticks"].items() if tick.is_mine}
        data["place"] = draft_place("casereview", case_id)
        data["check"] = check_case(facts)
        return page_of(db, actor, facts, "cases/review.html", section="waiting", **data)


@blueprint.post("/cases/<case_id>/audience")
def widen(case_id: str) -> Response:
    """Show a case to the whole trust, or to its own course only."""
    is_shared = request.form.get("audience") == "trust"
    with changing() as (db, actor):
        facts = queries.get_case(db, actor, case_id)
        reviewing.widen_case(db, actor, facts, is_shared)
    say(_("Every course of the trust can learn from it now.") if is_shared else _("Only its own course sees it now."))
    return _to_case(actor, facts.course, case_id)


@blueprint.route("/cases/<case_id>/consent-withdrawn", methods=["GET", "POST"])
def end_consent(case_id: str) -> Answer:
    """The patient, or who speaks for them, has withdrawn consent."""
    if request.method == "GET":
        with reading() as (db, actor):
            facts = queries.get_case(db, actor, case_id)
            require(actor, "case.end_consent", facts.thing)
            return page_of(db, actor, facts, "cases/end_consent.html")
    with changing() as (db, actor):
        facts = queries.get_case(db, actor, case_id)
        reviewing.end_consent(db, actor, facts)
    say(_("Taken down. Nobody else can read the case or its discussion any more."))
    return come_back("cases.index", course_id=bar_course_id(actor, facts.course))


def bar_course_id(actor: Actor, course: CourseLine) -> str:
    """Where this person reads what belongs to a course: there, or where they have come in."""
    return course.public_id if may(actor, "course.read", course.thing) else the_visit().course_public_id


def page_of(db: Session, actor: Actor, facts: CaseFacts, template: str, section: str = "cases", **data: Any) -> str:
    """A page about one case, with the bar of its course."""
    return page(db, actor, bar_course(db, actor, facts.course), section, template, case=facts, **data)
