"""Pages of what is done with one post beyond the queue: erase, correct, pause its author, appeal, open its author.

The same blueprint as the queue's pages. Whatever is refused comes back with what was typed.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from flask import request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lti_tool.access import Actor, require
from lti_tool.boards import get_post_facts, reasons, running_pauses
from lti_tool.core import clock
from lti_tool.core.errors import Invalid, NotFound
from lti_tool.core.ids import new_public_id
from lti_tool.core.language import gettext as _
from lti_tool.moderation.appeal_queries import find_appeal_of
from lti_tool.moderation.appeals import make_appeal
from lti_tool.moderation.correcting import correct_post
from lti_tool.moderation.duty_forms import (
    appeal_note,
    correction_of,
    once_of,
    opening_draft,
    pause_draft,
    stay_sealed,
)
from lti_tool.moderation.duty_rules import PAUSE_DAYS
from lti_tool.moderation.handling import Handle, get_handle
from lti_tool.moderation.openings import ask_opening
from lti_tool.moderation.pausing import begin_pause, end_pause
from lti_tool.moderation.purging import purge_post
from lti_tool.moderation.views import Answer, blueprint
from lti_tool.people import get_course
from lti_tool.web import bar_course, changing, come_back, forget, page, public_url, reading, say, the_visit


@blueprint.get("/posts/<post_id>/moderate")
def more(post_id: str) -> str:
    """What a moderator, or somebody of a duty, may do with a post."""
    return _show(post_id, "post.handle", "moderation/more.html", {})


def _show(post_id: str, permission: str, template: str, errors: dict[str, str], problem: str = "") -> str:
    with reading() as (db, actor):
        handle = get_handle(db, actor, post_id, permission)
        data: dict[str, Any] = {"post": handle, "errors": errors, "problem": problem, "given": request.form}
        data |= {"reasons": reasons(), "link": public_url(f"/go/{handle.public_id}"), "days": _days()}
        data["once"] = once_of(request.form)
        return _page(db, actor, handle, template, **data)


def _page(db: Session, actor: Actor, handle: Handle, template: str, **data: Any) -> str:
    return page(db, actor, bar_course(db, actor, handle.course), handle.kind or "boards", template, **data)


def _days() -> list[tuple[str, datetime, int]]:
    """Last days of a pause that are offered: (ISO date, a moment of that day, how many days away)."""
    now = clock.now().astimezone(clock.LONDON)
    ahead = [(now + timedelta(days=days), days) for days in PAUSE_DAYS]
    return [(moment.date().isoformat(), moment, days) for moment, days in ahead]


def _form(post_id: str, permission: str, template: str, act: Callable[[Session, Actor, Handle], str]) -> Answer:
    """A page with a form, and what follows when it is sent: `act` returns what is said."""
    if request.method == "GET":
        return _show(post_id, permission, template, {})
    try:
        with changing() as (db, actor):
            handle = get_handle(db, actor, post_id, permission)
            told = act(db, actor, handle)
    except Invalid as problem:
        return _show(post_id, permission, template, problem.fields, problem.message), 400
    say(told)
    return come_back("moderation.more", post_id=post_id)


@blueprint.route("/posts/<post_id>/erase", methods=["GET", "POST"])
def purge(post_id: str) -> Answer:
    """Erase a post that names a patient, for good, after one question."""
    if request.method == "GET":
        return _show(post_id, "post.purge", "moderation/purge.html", {})
    try:
        with changing() as (db, actor):
            gone = purge_post(db, actor, get_handle(db, actor, post_id, "post.purge"), request.form.get("sure", ""))
    except Invalid as problem:
        return _show(post_id, "post.purge", "moderation/purge.html", problem.fields, problem.message), 400
    say(_erased(forget(gone.lines) if gone else True))
    return come_back("moderation.more", post_id=post_id)


def _erased(is_gone: bool | None) -> str:
    if is_gone:
        return _("Erased. We looked: its words are nowhere in the database any more.")
    if is_gone is None:
        return _("Erased. The database server rewrites its files by itself; the runbook says how to hasten that.")
    return _("Erased. Some of its words stand elsewhere in the database still: look for posts that quote it.")


@blueprint.route("/posts/<post_id>/correct", methods=["GET", "POST"])
def correct(post_id: str) -> Answer:
    """Put a correction above a post."""

    def act(db: Session, actor: Actor, handle: Handle) -> str:
        correct_post(db, actor, handle, correction_of(request.form), once_of(request.form))
        return _("Corrected. Everybody who read it is told.")

    return _form(post_id, "post.correct", "moderation/correct.html", act)


@blueprint.route("/posts/<post_id>/pause", methods=["GET", "POST"])
def pause(post_id: str) -> Answer:
    """Pause the author of a post on its board."""

    def act(db: Session, actor: Actor, handle: Handle) -> str:
        draft = pause_draft(request.form)
        begin_pause(db, actor, handle, draft.reason, draft.until_at)
        return _("Paused. The person is told, and can read everything meanwhile.")

    return _form(post_id, "pause.begin", "moderation/pause.html", act)


@blueprint.get("/courses/<course_id>/pauses")
def pauses(course_id: str) -> str:
    """Who is paused on the boards of a course, under the names that the boards show."""
    with reading() as (db, actor):
        course = get_course(db, actor, course_id)
        require(actor, "pause.lift", course.thing)
        lines = running_pauses(db, actor, course.id)
        return page(db, actor, course, "waiting", "moderation/pauses.html", lines=lines)


@blueprint.post("/courses/<course_id>/pauses/<pause_id>/lift")
def lift(course_id: str, pause_id: str) -> Response:
    """Lift a pause before its end."""
    with changing() as (db, actor):
        course = get_course(db, actor, course_id)
        require(actor, "pause.lift", course.thing)
        line = next((line for line in running_pauses(db, actor, course.id) if line.public_id == pause_id), None)
        if line is not None:
            end_pause(db, actor, course, line)
    say(_("The pause has ended. The person is told."))
    return come_back("moderation.pauses", course_id=course_id)


@blueprint.route("/posts/<post_id>/appeal", methods=["GET", "POST"])
def appeal(post_id: str) -> Answer:
    """Ask that somebody else looks at a decision about my own post; afterwards, what became of that."""
    if request.method == "GET":
        return _show_appeal(post_id, {})
    try:
        note = appeal_note(request.form)
        with changing() as (db, actor):
            post = get_post_facts(db, actor, post_id)
            if post.board.is_pseudonymous:
                stay_sealed(note, the_visit().given_name)
            make_appeal(db, actor, post, note)
    except Invalid as problem:
        return _show_appeal(post_id, problem.fields, problem.message), 400
    say(_("Sent. Somebody looks at it who did not decide; you are told what they say."))
    return come_back("moderation.appeal", post_id=post_id)


def _show_appeal(post_id: str, errors: dict[str, str], problem: str = "") -> str:
    with reading() as (db, actor):
        post = get_post_facts(db, actor, post_id)
        found = find_appeal_of(db, actor, post.id) if post.is_mine else None
        if found is None:
            require(actor, "post.appeal", post.thing)
        data: dict[str, Any] = {"post": post, "appeal": found, "reasons": reasons(), "errors": errors}
        data |= {"given": request.form, "problem": problem}
        course, who = bar_course(db, actor, post.board.course), post.author if post.board.is_pseudonymous else None
        return page(db, actor, course, post.board.kind or "boards", "moderation/appeal.html", who=who, **data)


@blueprint.route("/posts/<post_id>/author", methods=["GET", "POST"])
def author(post_id: str) -> Answer:
    """Ask who wrote a post on a board with hidden names: somebody else must confirm."""
    if request.method == "GET":
        return _show_author(post_id, {})
    try:
        with changing() as (db, actor):
            handle = get_handle(db, actor, post_id, "author.open")
            opening_id = ask_opening(db, actor, handle, opening_draft(request.form))
            course = bar_course(db, actor, handle.course)
    except Invalid as problem:
        return _show_author(post_id, problem.fields, problem.message), 400
    say(_("Sent. Another person of these duties must confirm within a day."))
    return come_back("moderation.opening", course_id=course.public_id, opening_id=opening_id)


def _show_author(post_id: str, errors: dict[str, str], problem: str = "") -> str:
    with reading() as (db, actor):
        handle = get_handle(db, actor, post_id, "author.open")
        if not handle.is_pseudonymous:
            raise NotFound(_("Names are shown on this board: nothing is sealed here."))
        data: dict[str, Any] = {"post": handle, "errors": errors, "problem": problem, "given": request.form}
        return _page(
            db, actor, handle, "moderation/author.html", once=request.form.get("once") or new_public_id(), **data
        )
