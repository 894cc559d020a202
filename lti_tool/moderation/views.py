"""Pages of moderation: the queue, one item, the form for a note or a reason, the log, reporting."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lti_tool.access import Actor, require
from lti_tool.boards import (
    WAITS_TARGET,
    BoardKind,
    PostFacts,
    find_poll,
    get_post_facts,
    history_on_board,
    reasons,
    waiting_count,
    waiting_posts,
)
from lti_tool.cases import decisions_on_cases, past_of_case, waiting_cases, waiting_cases_count
from lti_tool.core import clock
from lti_tool.core.errors import Invalid
from lti_tool.core.language import gettext as _
from lti_tool.moderation import actions, queries
from lti_tool.moderation.forms import decision_draft, report_draft
from lti_tool.moderation.rules import ANSWERS, Verb, past
from lti_tool.people import CourseLine, get_course
from lti_tool.texts import check_of, draft_place, files_by_version, from_rows, get_revision
from lti_tool.web import BarEntry, bar_course, changing, come_back, page, reading, say, the_visit

blueprint = Blueprint("moderation", __name__)
bar = (
    BarEntry(
        _("Waiting"),
        "moderation.queue",
        "waiting",
        "queue.read",
        count=lambda actor: waiting_count(actor) + waiting_cases_count(actor),
        counted=_("waiting for a decision"),
    ),
)
Answer = str | Response | tuple[str, int]


@blueprint.get("/courses/<course_id>/waiting")
def queue(course_id: str) -> str:
    """What waits for me, in all my courses."""
    with reading() as (db, actor):
        course = get_course(db, actor, course_id)
        require(actor, "queue.read", course.thing)
        posts = waiting_posts(db, actor)
        return _queue_page(db, actor, course, posts, posts[0] if posts else None, is_list=True)


@blueprint.get("/courses/<course_id>/waiting/<post_id>")
def item(course_id: str, post_id: str) -> str | Response:
    """One thing that waits. When it no longer does, back to the queue with a word."""
    with reading() as (db, actor):
        course = get_course(db, actor, course_id)
        require(actor, "queue.read", course.thing)
        post = get_post_facts(db, actor, post_id)
        if post.waits_for is None:
            say(_("Somebody has decided on this one already."))
            return come_back("moderation.queue", course_id=course_id)
        require(actor, "post.decide", post.thing)
        return _queue_page(db, actor, course, waiting_posts(db, actor), post, is_list=False)


def _queue_page(
    db: Session, actor: Actor, course: CourseLine, posts: list[PostFacts], post: PostFacts | None, *, is_list: bool
) -> str:
    data: dict[str, Any] = {"posts": posts, "post": post, "is_list": is_list, "target": WAITS_TARGET}
    data["now"] = clock.now()
    data["cases"] = waiting_cases(db, actor)
    data["median"] = queries.median_minutes(db, actor.roles)
    if post is not None:
        data |= _item(db, actor, post)
    return page(db, actor, course, "waiting", "moderation/queue.html", **data)


def _item(db: Session, actor: Actor, post: PostFacts) -> dict[str, Any]:
    """Exactly what would appear, and beside it what stands now if this is an edit."""
    is_edit = post.offered is not None and post.published is not None
    newest = get_revision(db, post.text_id, post.latest if post.waits_for != "report" else post.published or 1)
    standing = get_revision(db, post.text_id, post.published) if is_edit and post.published else None
    files = files_by_version(db, newest, *([standing] if standing else []))
    words = {"title": newest.title, "text": newest.source}
    poll = find_poll(db, actor, post)
    words |= {"options": "\n".join(option.words for option in poll.options)} if poll else {}
    words |= {f"alt-{file.public_id}": file.alt for file in files[newest.number]}
    return {
        "newest": newest,
        "check": check_of(words, from_rows(newest.findings, words)),
        "standing": standing,
        "files": files,
        "poll": poll,
        "history": history_on_board(db, post.id),
        "reports": queries.open_reports(db, post.id),
        "answers": [verb for verb in Verb if verb in ANSWERS[post.waits_for]] if post.waits_for else [],  # type: ignore[index]
        "reasons": reasons(),
        "place": draft_place("decide", post.public_id),
    }


@blueprint.post("/courses/<course_id>/waiting/<post_id>")
def decide(course_id: str, post_id: str) -> Answer:
    """Decide; what still needs a note or a reason asks for it first. The next item follows."""
    try:
        draft = decision_draft(request.form)
    except Invalid as problem:
        if not problem.fields:
            raise
        is_first_ask = "asked" not in request.form
        answer = _ask_why(course_id, post_id, {} if is_first_ask else problem.fields)
        return answer if is_first_ask else (answer, 400)
    with changing() as (db, actor):
        require(actor, "queue.read", get_course(db, actor, course_id).thing)
        post = get_post_facts(db, actor, post_id)
        actions.decide(db, actor, post, draft)
        left = waiting_posts(db, actor, most=1)
    say(_("%(decided)s. The author is told.") % {"decided": past(draft.verb)})
    if left:
        return come_back("moderation.item", course_id=course_id, post_id=left[0].public_id)
    return come_back("moderation.queue", course_id=course_id)


def _ask_why(course_id: str, post_id: str, errors: dict[str, str]) -> str:
    with reading() as (db, actor):
        course, post = get_course(db, actor, course_id), get_post_facts(db, actor, post_id)
        require(actor, "post.decide", post.thing)
        data: dict[str, Any] = {
            "post": post,
            "errors": errors,
            "given": request.form,
            "verb": Verb(request.form["verb"]),
        }
        return page(db, actor, course, "waiting", "moderation/decide.html", **data, **_item(db, actor, post))


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
    return _with_reason(post_id, "post.report", "moderation/report.html", actions.report_post, thanks)


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
        data: dict[str, Any] = {"post": post, "errors": errors, "given": request.form, "reasons": reasons()}
        course = bar_course(db, actor, post.board.course)
        return page(db, actor, course, post.board.kind or "boards", template, **data)
