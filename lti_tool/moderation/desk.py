"""Pages beside the decision itself: taking over, a second opinion, several at once, undo, taking back, being away.

A module of its own: with `views.py` it was too long to know. Its routes stand on the same blueprint.
"""

from typing import Any

from flask import request
from werkzeug.wrappers import Response

from lti_tool.access import require
from lti_tool.boards import get_post_facts, reasons
from lti_tool.cases import get_case
from lti_tool.core import clock
from lti_tool.core.errors import Conflict, Invalid, NotFound
from lti_tool.core.language import gettext as _
from lti_tool.moderation import claims, undoing
from lti_tool.moderation.figures import figures_of
from lti_tool.moderation.forms import away_until, bulk_draft, reversal_draft, second_draft, ticks
from lti_tool.moderation.queue import all_waiting, next_free
from lti_tool.moderation.rules import TAKEN_BACK_BY, Period, QueueKind, Verb, past
from lti_tool.moderation.views import Answer, blueprint, list_page, overtaken, queue_page, say_decided
from lti_tool.people import get_course
from lti_tool.texts import finding_kinds, get_revision
from lti_tool.web import changing, come_back, page, reading, say


@blueprint.post("/courses/<course_id>/waiting/<post_id>/take")
def take(course_id: str, post_id: str) -> Response:
    """Take an item over that somebody else has."""
    with changing() as (db, actor):
        require(actor, "queue.read", get_course(db, actor, course_id).thing)
        post = get_post_facts(db, actor, post_id)
        if post.waiting_since is not None:
            require(actor, "post.decide", post.thing)
            claims.claim(db, actor, QueueKind.POST, post_id, post.waiting_since, takes_over=True)
    return come_back("moderation.item", course_id=course_id, post_id=post_id, _anchor="item-h")


@blueprint.get("/courses/<course_id>/waiting/case/<case_id>")
def case(course_id: str, case_id: str) -> Response:
    """From the list to a case that waits for a reviewer, who has it from now on."""
    with changing() as (db, actor):
        require(actor, "queue.read", get_course(db, actor, course_id).thing)
        facts = get_case(db, actor, case_id)
        require(actor, "case.review", facts.thing)
        claims.claim(db, actor, QueueKind.CASE, case_id, facts.state_at)
    return come_back("cases.review", case_id=case_id)


@blueprint.post("/courses/<course_id>/waiting/<post_id>/second")
def second(course_id: str, post_id: str) -> Answer:
    """Ask a colleague: the item goes to the top of their list, with a note."""
    try:
        who, note = second_draft(request.form)
        with changing() as (db, actor):
            require(actor, "queue.read", get_course(db, actor, course_id).thing)
            claims.hand_on(db, actor, get_post_facts(db, actor, post_id), who, note)
            following = next_free(db, actor)
    except Invalid as problem:
        return _show_item(course_id, post_id, errors=problem.fields, given=request.form, problem=problem.message), 400
    except (Conflict, NotFound) as problem:
        return overtaken(course_id, problem.message, request.form, post_id)
    say(_("Handed over. It stands first in your colleague’s list, with your note."))
    if following is None or following.public_id == post_id:
        return come_back("moderation.queue", course_id=course_id)
    return come_back("moderation.item", course_id=course_id, post_id=following.public_id, _anchor="item-h")


def _show_item(course_id: str, post_id: str, **data: Any) -> str:
    with reading() as (db, actor):
        course = get_course(db, actor, course_id)
        post = get_post_facts(db, actor, post_id)
        require(actor, "post.decide", post.thing)
        return queue_page(db, actor, course, post, all_waiting(db, actor), is_list=False, **data)


@blueprint.post("/courses/<course_id>/waiting/ticked")
def several(course_id: str) -> Answer:
    """Decide on what was ticked in the list; a reason is asked for once, for all of them."""
    is_asked = "asked" in request.form
    try:
        ticked = ticks(request.form)
        draft = bulk_draft(request.form)
        with changing() as (db, actor):
            require(actor, "queue.read", get_course(db, actor, course_id).thing)
            many = undoing.decide_many(db, actor, ticked, draft)
    except Invalid as problem:
        if problem.fields:
            answer = _ask_once(course_id, problem.fields if is_asked else {})
            return (answer, 400) if is_asked else answer
        return _show_list(course_id, {"tick": problem.message}), 400
    say_decided(course_id, draft.verb, many.batch, many.decided, many.missed)
    return come_back("moderation.queue", course_id=course_id)


def _show_list(course_id: str, errors: dict[str, str]) -> str:
    with reading() as (db, actor):
        course = get_course(db, actor, course_id)
        require(actor, "queue.read", course.thing)
        return list_page(db, actor, course, errors=errors, given=request.form)


def _ask_once(course_id: str, errors: dict[str, str]) -> str:
    with reading() as (db, actor):
        course = get_course(db, actor, course_id)
        require(actor, "queue.read", course.thing)
        data: dict[str, Any] = {"ticked": request.form.getlist("tick"), "given": request.form, "errors": errors}
        return page(db, actor, course, "waiting", "moderation/several.html", reasons=reasons(), **data)


@blueprint.post("/courses/<course_id>/undo/<batch>")
def undo(course_id: str, batch: str) -> Response:
    """Undo what I have just decided, before anybody is told."""
    try:
        with changing() as (db, actor):
            require(actor, "queue.read", get_course(db, actor, course_id).thing)
            posts = undoing.undo(db, actor, batch)
    except Conflict as problem:
        say(problem.message)
        return come_back("moderation.decisions", course_id=course_id)
    say(_("Undone. Nobody was told; it waits again."))
    if len(posts) == 1:
        return come_back("moderation.item", course_id=course_id, post_id=posts[0], _anchor="item-h")
    return come_back("moderation.queue", course_id=course_id)


@blueprint.route("/courses/<course_id>/decisions/<decision_id>/back", methods=["GET", "POST"])
def take_back(course_id: str, decision_id: str) -> Answer:
    """Take one of my decisions back, with a reason; the author is told."""
    if request.method == "GET":
        return _show_back(course_id, decision_id, {})
    try:
        with changing() as (db, actor):
            require(actor, "queue.read", get_course(db, actor, course_id).thing)
            decision, _post, _text = undoing.may_take_back(db, actor, decision_id)
            reason, note = reversal_draft(request.form, TAKEN_BACK_BY[Verb(decision.verb)])
            made = undoing.take_back(db, actor, decision_id, reason, note)
    except Invalid as problem:
        return _show_back(course_id, decision_id, problem.fields), 400
    except Conflict as problem:
        return overtaken(course_id, problem.message, request.form, "")
    say_decided(course_id, Verb(made.verb), made.batch)
    return come_back("moderation.decisions", course_id=course_id)


def _show_back(course_id: str, decision_id: str, errors: dict[str, str]) -> str:
    with reading() as (db, actor):
        course = get_course(db, actor, course_id)
        require(actor, "queue.read", course.thing)
        decision, post, text = undoing.may_take_back(db, actor, decision_id)
        by = TAKEN_BACK_BY[Verb(decision.verb)]
        shown = text.published or decision.revision
        data: dict[str, Any] = {"decision": decision, "by": by, "past": past, "errors": errors, "given": request.form}
        data |= {"reasons": reasons(), "is_first": post.is_first, "version": get_revision(db, text.id, shown)}
        return page(db, actor, course, "waiting", "moderation/take_back.html", **data)


@blueprint.get("/courses/<course_id>/figures")
def figures(course_id: str) -> str:
    """How long decisions took, what they were, and how often the check was right: of a course or of the trust."""
    period = request.args.get("period", Period.MONTH)
    if period not in set(Period):
        raise NotFound(_("There are figures of a week, a month and a term."))
    is_trust = request.args.get("of") == "trust"
    with reading() as (db, actor):
        course = get_course(db, actor, course_id)
        require(actor, "figures.trust" if is_trust else "figures.read", course.thing)
        found = figures_of(db, actor, None if is_trust else course, Period(period))
        data: dict[str, Any] = {"figures": found, "period": period, "is_trust": is_trust, "past": past}
        return page(db, actor, course, "waiting", "moderation/figures.html", kinds=finding_kinds(), **data)


@blueprint.post("/courses/<course_id>/away")
def away(course_id: str) -> Answer:
    """Say until when I am away, so that somebody else is told of what is late."""
    try:
        until = away_until(request.form, clock.now().astimezone(clock.LONDON).date())
    except Invalid as problem:
        return _show_list(course_id, problem.fields), 400
    with changing() as (db, actor):
        require(actor, "queue.read", get_course(db, actor, course_id).thing)
        claims.be_away(db, actor, until)
    say(_("Saved. Your colleagues see it, and are told instead of you.") if until else _("Welcome back."))
    return come_back("moderation.queue", course_id=course_id)
