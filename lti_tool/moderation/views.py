"""Pages of moderation: the queue, one item, the form for a note, a reason or other words, the log, reporting."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lti_tool.access import Actor, may, require
from lti_tool.boards import (
    BoardKind,
    PostFacts,
    find_poll,
    get_post_facts,
    history_on_board,
    reasons,
    waiting_count,
)
from lti_tool.cases import decisions_on_cases, past_of_case, waiting_cases_count
from lti_tool.core import clock
from lti_tool.core.errors import Conflict, Invalid, NotFound
from lti_tool.core.language import gettext as _
from lti_tool.moderation import actions, claims, queries
from lti_tool.moderation.appeal_queries import appeals_count, open_appeals
from lti_tool.moderation.duty_rules import CONCERN_TARGET
from lti_tool.moderation.figures import this_month
from lti_tool.moderation.flags import flag_reasons, report_post
from lti_tool.moderation.forms import decision_draft, report_draft
from lti_tool.moderation.opening_queries import duties_count
from lti_tool.moderation.queue import QueueLine, all_waiting, first_free, mark_line, next_free, who_is_away
from lti_tool.moderation.rules import ANSWERS, REWRITES, RISK, UNDO_FOR, QueueKind, Verb, past
from lti_tool.moderation.safety_queries import open_concerns
from lti_tool.people import CourseLine, get_course, tutors_of
from lti_tool.texts import (
    changes_between,
    check_of,
    draft_place,
    drop_draft,
    files_by_version,
    find_draft,
    find_suggestion,
    from_rows,
    get_revision,
    keep_draft,
    redacted,
)
from lti_tool.web import BarEntry, bar_course, changing, come_back, page, page_url, reading, say, the_visit

blueprint = Blueprint("moderation", __name__)
bar = (
    BarEntry(
        _("Waiting"),
        "moderation.queue",
        "waiting",
        "queue.read",
        count=lambda actor: waiting_count(actor) + waiting_cases_count(actor) + appeals_count(actor),
        counted=_("waiting for a decision"),
    ),
    BarEntry(
        _("Duties"),
        "moderation.duties",
        "duties",
        "duties.read",
        count=duties_count,
        counted=_("waiting for you"),
    ),
)
Answer = str | Response | tuple[str, int]


@blueprint.get("/courses/<course_id>/waiting")
def queue(course_id: str) -> str:
    """What waits for me, in all my courses."""
    with reading() as (db, actor):
        course = get_course(db, actor, course_id)
        require(actor, "queue.read", course.thing)
        return list_page(db, actor, course)


@blueprint.get("/courses/<course_id>/waiting/<post_id>")
def item(course_id: str, post_id: str) -> str | Response:
    """One thing that waits: who opens it has it for a quarter of an hour. When it waits no longer, back with a word."""
    with reading() as (db, actor):
        course = get_course(db, actor, course_id)
        require(actor, "queue.read", course.thing)
        post = get_post_facts(db, actor, post_id)
        if post.waits_for is None:
            say(_("Somebody has decided on this one already."))
            return come_back("moderation.queue", course_id=course_id)
        may_claim = may(actor, "post.decide", post.thing)
        mark = mark_line(db, actor, post.public_id, post.waiting_since)
    if may_claim and not (mark is not None and mark.is_claimed):
        _claim(post)
    with reading() as (db, actor):
        return queue_page(db, actor, course, post, all_waiting(db, actor), is_list=False)


def _claim(post: PostFacts) -> None:
    """A mark that may be lost, written by opening a page: once in a quarter of an hour."""
    if post.waiting_since is not None:
        with changing() as (db, actor):
            claims.claim(db, actor, QueueKind.POST, post.public_id, post.waiting_since)


def list_page(db: Session, actor: Actor, course: CourseLine, **data: Any) -> str:
    """The list, and where there is room beside it the first post that one can decide on."""
    lines = all_waiting(db, actor)
    first = first_free(lines)
    post = get_post_facts(db, actor, first.public_id) if first else None
    return queue_page(db, actor, course, post, lines, is_list=True, **data)


def queue_page(
    db: Session,
    actor: Actor,
    course: CourseLine,
    post: PostFacts | None,
    lines: list[QueueLine],
    *,
    is_list: bool,
    **data: Any,
) -> str:
    """The list and one item. `data`: what a form of the page says of itself when it could not be carried out."""
    tutors = tutors_of(db, course.id)
    data = {"errors": {}, "given": {}, "problem": ""} | data
    data |= {"lines": lines, "post": post, "is_list": is_list, "now": clock.now()}
    data["concerns"], data["appeals"] = open_concerns(db, actor), open_appeals(db, actor)
    data["concern_target"] = CONCERN_TARGET
    data["median"] = queries.median_minutes(db, actor.roles)
    data["away"] = who_is_away(db, actor, [number for number, _name in tutors])
    data["names"] = dict(tutors)
    if post is not None:
        data |= item_parts(db, actor, post)
    return page(db, actor, course, "waiting", "moderation/queue.html", **data)


def item_parts(db: Session, actor: Actor, post: PostFacts) -> dict[str, Any]:
    """Exactly what would appear, and beside it what stands now if this is an edit."""
    is_edit = post.offered is not None and post.published is not None
    newest = get_revision(db, post.text_id, post.latest if post.waits_for != "report" else post.published or 1)
    standing = get_revision(db, post.text_id, post.published) if is_edit and post.published else None
    files = files_by_version(db, newest, *([standing] if standing else []))
    words = {"title": newest.title, "text": newest.source}
    poll = find_poll(db, actor, post)
    words |= {"options": "\n".join(option.words for option in poll.options)} if poll else {}
    words |= {f"alt-{file.public_id}": file.alt for file in files[newest.number]}
    mark = mark_line(db, actor, post.public_id, post.waiting_since)
    answers = ANSWERS[post.waits_for] if post.waits_for else ()  # type: ignore[index]
    suggested = find_suggestion(db, post.text_id, post.latest - 1)
    return {
        "newest": newest,
        "check": check_of(words, from_rows(newest.findings, words)),
        "standing": standing,
        "files": files,
        "poll": poll,
        "history": history_on_board(db, post.id),
        "reports": queries.open_reports(db, post.id),
        "answers": [verb for verb in Verb if verb in answers and not (verb == Verb.REDACT and post.is_cover)],
        "reasons": reasons(),
        "place": draft_place("decide", post.public_id),
        "mark": mark,
        "is_as_suggested": suggested is not None
        and (suggested.title, suggested.source) == (newest.title, newest.source),
        "colleagues": [row for row in tutors_of(db, post.board.course.id) if row[0] != actor.person_id],
    }


@blueprint.post("/courses/<course_id>/waiting/<post_id>")
def decide(course_id: str, post_id: str) -> Answer:
    """Decide; what still needs a note, a reason or other words asks for them first. The next item follows."""
    is_asked = "asked" in request.form
    try:
        draft = decision_draft(request.form)
        if draft.verb in REWRITES and not is_asked:
            return _ask_why(course_id, post_id, {})
        with changing() as (db, actor):
            require(actor, "queue.read", get_course(db, actor, course_id).thing)
            made = actions.decide_on(db, actor, post_id, draft)
            drop_draft(db, actor.person_id, draft_place("decide", post_id))
            following = next_free(db, actor)
    except Invalid as problem:
        if not problem.fields:
            raise
        return (_ask_why(course_id, post_id, problem.fields), 400) if is_asked else _ask_why(course_id, post_id, {})
    except (Conflict, NotFound) as problem:
        return overtaken(course_id, problem.message, request.form, post_id)
    say_decided(course_id, draft.verb, made.batch)
    return _go_on(course_id, following.public_id if following else None)


def say_decided(course_id: str, verb: Verb, batch: str, how_many: int = 1, missed: list[str] | None = None) -> None:
    """What was done, with Undo for as long as nobody has been told."""
    words = _("%(decided)s.") % {"decided": past(verb)}
    if how_many != 1:
        words = _("%(decided)s: %(num)d posts.") % {"decided": past(verb), "num": how_many}
    if missed:
        words += " " + _("Not these, which have changed or need a look of their own: %(titles)s.") % {
            "titles": "; ".join(missed)
        }
    if verb == Verb.REDACT or not how_many:
        say(words)
        return
    path = page_url("moderation.undo", course_id=course_id, batch=batch)
    say(words, undo=path, seconds=int(UNDO_FOR.total_seconds()))


def _go_on(course_id: str, post_id: str | None) -> Response:
    if post_id is None:
        return come_back("moderation.queue", course_id=course_id)
    return come_back("moderation.item", course_id=course_id, post_id=post_id, _anchor="item-h")


def overtaken(course_id: str, message: str, typed: Mapping[str, str], post_id: str) -> tuple[str, int]:
    """Somebody was faster: it says so, not who. What was typed is there to copy, and among the drafts."""
    if post_id:
        _keep(draft_place("decide", post_id), typed)
    with reading() as (db, actor):
        course = get_course(db, actor, course_id)
        require(actor, "queue.read", course.thing)
        data: dict[str, Any] = {"message": message, "post_id": post_id}
        data["typed"] = [words for name in ("note", "title", "text") if (words := typed.get(name, "").strip())]
        return page(db, actor, course, "waiting", "moderation/overtaken.html", **data), 409


def _keep(place: str, typed: Mapping[str, str]) -> None:
    try:
        with changing() as (db, actor):
            keep_draft(db, actor.trust_id, actor.person_id, place, typed)
    except Invalid:
        return  # too many drafts: the words stand in the page all the same


def _ask_why(course_id: str, post_id: str, errors: dict[str, str]) -> str:
    with reading() as (db, actor):
        course, post = get_course(db, actor, course_id), get_post_facts(db, actor, post_id)
        require(actor, "post.decide", post.thing)
        verb, parts = Verb(request.form["verb"]), item_parts(db, actor, post)
        data: dict[str, Any] = {"post": post, "errors": errors, "verb": verb, **parts}
        draft = find_draft(db, actor, parts["place"])
        given = dict(draft.fields if draft else {}) | request.form.to_dict()
        if verb in REWRITES:
            newest = parts["newest"]
            given = redacted(newest.title, newest.source) | given
            data["changes"] = changes_between(newest.source, given["text"].replace("\r\n", "\n"))
        return page(db, actor, course, "waiting", "moderation/decide.html", given=given, **data)


@blueprint.get("/courses/<course_id>/log")
def log(course_id: str) -> str:
    """The public log: decisions without names or content."""
    with reading() as (db, actor):
        course = get_course(db, actor, course_id)
        require(actor, "log.read", course.thing)
        before = _before()
        lines = queries.page_of_log(db, actor, course, before)
        data: dict[str, Any] = {"lines": lines, "past": past, "past_of_case": past_of_case, "reasons": reasons()}
        data["cases"] = decisions_on_cases(db, actor, course) if before is None else []
        data["month"] = this_month(db, actor, course)
        return page(db, actor, course, "boards", "moderation/log.html", **data)


@blueprint.get("/courses/<course_id>/decisions")
def decisions(course_id: str) -> str:
    """My own decisions."""
    with reading() as (db, actor):
        course = get_course(db, actor, course_id)
        require(actor, "queue.read", course.thing)
        lines = queries.page_of_own(db, actor, _before())
        data: dict[str, Any] = {"lines": lines, "past": past, "reasons": reasons()}
        return page(db, actor, course, "waiting", "moderation/decisions.html", **data)


def _before() -> int | None:
    text = request.args.get("before")
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise Invalid(_("That address is not complete. Go back to the list and try again."))
    return int(text)


@blueprint.route("/posts/<post_id>/report", methods=["GET", "POST"])
def report(post_id: str) -> Answer:
    """Tell a moderator that a post should not stand."""
    thanks = _("Thank you. A moderator will look; nobody is told that it was you.")
    return _with_reason(post_id, "post.report", "moderation/report.html", report_post, thanks)


@blueprint.route("/posts/<post_id>/remove", methods=["GET", "POST"])
def remove(post_id: str) -> Answer:
    """Take a post away that nobody has reported."""
    done = _("Removed. The author is told.")
    return _with_reason(post_id, "post.remove", "moderation/remove.html", actions.remove, done)


def _with_reason(post_id: str, permission: str, template: str, act: Callable[..., object], done: str) -> Answer:
    """A form that asks for a reason, and what follows when there is one."""
    if request.method == "GET":
        return _show_form(post_id, permission, template, {})
    try:
        draft = report_draft(request.form)
    except Invalid as problem:
        return _show_form(post_id, permission, template, problem.fields), 400
    with changing() as (db, actor):
        post = get_post_facts(db, actor, post_id)
        act(db, actor, post, draft)
    if draft.reason == RISK and permission == "post.report":
        say(_("Thank you. The people who look after this in your trust are told now."))
        return come_back("moderation.turn_to", course_id=the_visit().course_public_id)
    say(done)
    return _back_from(post)


def _back_from(post: PostFacts) -> Response:
    """To the list in which the post stands."""
    if post.board.kind == BoardKind.CASES:
        return come_back("cases.index", course_id=the_visit().course_public_id)
    return come_back("boards.board", board_id=post.board.public_id)


def _show_form(post_id: str, permission: str, template: str, errors: dict[str, str]) -> str:
    with reading() as (db, actor):
        post = get_post_facts(db, actor, post_id)
        require(actor, permission, post.thing)
        data: dict[str, Any] = {"post": post, "errors": errors, "given": request.form}
        data["reasons"] = flag_reasons(reasons()) if permission == "post.report" else reasons()
        course = bar_course(db, actor, post.board.course)
        return page(db, actor, course, post.board.kind or "boards", template, **data)
