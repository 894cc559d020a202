"""Pages of those who hold a duty in the trust: concerns, appeals, sealed authors; and of whoever fears for somebody."""

from typing import Any

from flask import request

from lti_tool.access import require
from lti_tool.boards import get_post_facts, reasons
from lti_tool.core import clock
from lti_tool.core.errors import Invalid
from lti_tool.core.language import gettext as _
from lti_tool.moderation.appeal_queries import get_appeal, open_appeals
from lti_tool.moderation.appeals import answer_appeal
from lti_tool.moderation.duty_forms import appeal_answer, numbers_of_form, post_in
from lti_tool.moderation.duty_rules import APPEAL_TARGET, CONCERN_TARGET, usual_numbers
from lti_tool.moderation.flags import report_post
from lti_tool.moderation.forms import report_draft
from lti_tool.moderation.handling import get_handle
from lti_tool.moderation.opening_queries import get_opening, open_openings
from lti_tool.moderation.openings import answer_opening, open_author
from lti_tool.moderation.rules import RISK, past
from lti_tool.moderation.safety import change_numbers, finish_concern, take_concern
from lti_tool.moderation.safety_queries import get_concern, numbers_of, open_concerns, written_numbers
from lti_tool.moderation.views import Answer, blueprint
from lti_tool.people import get_course
from lti_tool.web import bar_course, changing, come_back, page, reading, say, the_visit


@blueprint.route("/posts/<post_id>/concern", methods=["GET", "POST"])
def concern_about(post_id: str) -> Answer:
    """Say that somebody may be at risk; whom to turn to stands on the page, and on the one that follows."""
    if request.method == "GET":
        return _show_concern_form(post_id, {})
    try:
        draft = report_draft({**request.form, "reason": RISK})
    except Invalid as problem:
        return _show_concern_form(post_id, problem.fields), 400
    with changing() as (db, actor):
        report_post(db, actor, get_post_facts(db, actor, post_id), draft)
    say(_("Thank you. The people who look after this in your trust are told now."))
    return come_back("moderation.turn_to", course_id=the_visit().course_public_id)


def _show_concern_form(post_id: str, errors: dict[str, str]) -> str:
    with reading() as (db, actor):
        post = get_post_facts(db, actor, post_id)
        require(actor, "post.concern", post.thing)
        data: dict[str, Any] = {"post": post, "errors": errors, "given": request.form}
        data["numbers"] = numbers_of(db, actor.trust_id)
        course = bar_course(db, actor, post.board.course)
        return page(db, actor, course, post.board.kind or "boards", "moderation/concern_about.html", **data)


@blueprint.get("/courses/<course_id>/help")
def turn_to(course_id: str) -> str:
    """Whom to turn to when somebody may be at risk."""
    with reading() as (db, actor):
        course = get_course(db, actor, course_id)
        numbers = numbers_of(db, actor.trust_id)
        return page(db, actor, course, "boards", "moderation/turn_to.html", numbers=numbers)


@blueprint.get("/courses/<course_id>/duties")
def duties(course_id: str) -> str:
    """What waits for me because of a duty in the trust."""
    return _show_duties(course_id, {})


def _show_duties(course_id: str, errors: dict[str, str]) -> str:
    with reading() as (db, actor):
        course = get_course(db, actor, course_id)
        require(actor, "duties.read", course.thing)
        data: dict[str, Any] = {"concerns": open_concerns(db, actor), "appeals": open_appeals(db, actor)}
        data |= {"openings": open_openings(db, actor), "now": clock.now(), "errors": errors, "given": request.form}
        data |= {"concern_target": CONCERN_TARGET, "appeal_target": APPEAL_TARGET, "past": past}
        return page(db, actor, course, "duties", "moderation/duties.html", **data)


@blueprint.post("/courses/<course_id>/duties")
def find_post(course_id: str) -> Answer:
    """From a pasted link to the post."""
    with reading() as (db, actor):
        require(actor, "duties.read", get_course(db, actor, course_id).thing)
    try:
        post_id = post_in(request.form.get("address", ""))
    except Invalid as problem:
        return _show_duties(course_id, problem.fields), 400
    return come_back("moderation.more", post_id=post_id)


@blueprint.route("/courses/<course_id>/concerns/<concern_id>", methods=["GET", "POST"])
def concern(course_id: str, concern_id: str) -> Answer:
    """One concern: who sees to it, and that it is seen to."""
    if request.method == "GET":
        with reading() as (db, actor):
            course = get_course(db, actor, course_id)
            require(actor, "concern.read", course.thing)
            data: dict[str, Any] = {"concern": get_concern(db, actor, concern_id), "now": clock.now()}
            data |= {"target": CONCERN_TARGET, "numbers": numbers_of(db, actor.trust_id)}
            return page(db, actor, course, "duties", "moderation/concern.html", **data)
    with changing() as (db, actor):
        require(actor, "concern.read", get_course(db, actor, course_id).thing)
        act = finish_concern if request.form.get("do") == "done" else take_concern
        act(db, actor, get_concern(db, actor, concern_id))
    say(_("Written down."))
    return come_back("moderation.concern", course_id=course_id, concern_id=concern_id)


@blueprint.route("/courses/<course_id>/numbers", methods=["GET", "POST"])
def numbers(course_id: str) -> Answer:
    """Write down whom somebody of this trust may turn to."""
    if request.method == "GET":
        return _show_numbers(course_id, {})
    try:
        words = numbers_of_form(request.form)
    except Invalid as problem:
        return _show_numbers(course_id, problem.fields), 400
    with changing() as (db, actor):
        change_numbers(db, actor, get_course(db, actor, course_id), words)
    say(_("Saved."))
    return come_back("moderation.turn_to", course_id=course_id)


def _show_numbers(course_id: str, errors: dict[str, str]) -> str:
    with reading() as (db, actor):
        course = get_course(db, actor, course_id)
        require(actor, "numbers.change", course.thing)
        data: dict[str, Any] = {"written": written_numbers(db, actor.trust_id), "usual": usual_numbers()}
        data |= {"errors": errors, "given": request.form}
        return page(db, actor, course, "duties", "moderation/numbers.html", **data)


@blueprint.route("/courses/<course_id>/appeals/<appeal_id>", methods=["GET", "POST"])
def appeal_item(course_id: str, appeal_id: str) -> Answer:
    """One appeal: look again at what somebody else decided."""
    if request.method == "GET":
        return _show_appeal_item(course_id, appeal_id, {})
    try:
        overturn, answer = appeal_answer(request.form)
    except Invalid as problem:
        return _show_appeal_item(course_id, appeal_id, problem.fields), 400
    with changing() as (db, actor):
        require(actor, "appeal.decide", get_course(db, actor, course_id).thing)
        found = get_appeal(db, actor, appeal_id)
        require(actor, "appeal.decide", found.thing)
        handle = get_handle(db, actor, found.place.post_public_id, "appeal.decide")
        answer_appeal(db, actor, found, handle, overturn, answer)
    say(_("Written down. The author is told."))
    return come_back("moderation.appeal_item", course_id=course_id, appeal_id=appeal_id)


def _show_appeal_item(course_id: str, appeal_id: str, errors: dict[str, str]) -> str:
    with reading() as (db, actor):
        course = get_course(db, actor, course_id)
        require(actor, "appeal.decide", course.thing)
        found = get_appeal(db, actor, appeal_id)
        require(actor, "appeal.decide", found.thing)
        data: dict[str, Any] = {"appeal": found, "reasons": reasons(), "past": past, "errors": errors}
        data |= {"given": request.form, "now": clock.now(), "target": APPEAL_TARGET}
        return page(db, actor, course, "waiting", "moderation/appeal_item.html", **data)


@blueprint.route("/courses/<course_id>/openings/<opening_id>", methods=["GET", "POST"])
def opening(course_id: str, opening_id: str) -> Answer:
    """A request for a name: confirm or refuse somebody else's; see the name once that one asked for."""
    name, wish = "", request.form.get("do", "")
    if request.method == "POST":
        with changing() as (db, actor):
            require(actor, "author.open", get_course(db, actor, course_id).thing)
            facts = get_opening(db, actor, opening_id)
            if wish == "show":
                name = open_author(db, actor, facts)
            else:
                answer_opening(db, actor, facts, wish == "confirm")
        if wish != "show":
            say(_("Written down."))
            return come_back("moderation.opening", course_id=course_id, opening_id=opening_id)
    with reading() as (db, actor):
        course = get_course(db, actor, course_id)
        require(actor, "author.open", course.thing)
        data: dict[str, Any] = {"opening": get_opening(db, actor, opening_id), "name": name}
        return page(db, actor, course, "duties", "moderation/opening.html", **data)
