"""Pages of boards. A composer is one form: its buttons preview, save a draft or send; its text always comes back."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lti_tool.access import Actor, require
from lti_tool.boards import actions, posts, queries
from lti_tool.boards.authors import likely_alias, tag_of
from lti_tool.boards.forms import Composer, board_draft, wish_of
from lti_tool.boards.models import Thread
from lti_tool.boards.posts import PostFacts
from lti_tool.boards.queries import BoardLine
from lti_tool.boards.rules import BoardKind, PostState, next_look, reasons
from lti_tool.boards.taking_part import own_progress
from lti_tool.core import clock
from lti_tool.core.errors import Invalid
from lti_tool.core.language import gettext as _
from lti_tool.core.language import ngettext
from lti_tool.core.paging import Cursor
from lti_tool.people import get_course, tutors_of
from lti_tool.texts import (
    Check,
    Prepared,
    accept,
    check_of,
    draft_place,
    drop_draft,
    elsewhere,
    find_draft,
    get_revision,
    keep_draft,
    prepare,
)
from lti_tool.web import BarEntry, bar_course, changing, come_back, page, reading, say, soon

blueprint = Blueprint("boards", __name__)
bar = (BarEntry(_("Boards"), "boards.index", "boards"),)
Answer = str | Response | tuple[str, int]
Show = Callable[..., str]
Send = Callable[[Composer, Prepared], Response]


@blueprint.get("/courses/<course_id>/boards")
def index(course_id: str) -> str:
    """The boards of a course."""
    with reading() as (db, actor):
        course = get_course(db, actor, course_id)
        boards = queries.boards_of(db, actor, course)
        return page(db, actor, course, "boards", "boards/index.html", boards=boards)


@blueprint.get("/boards/<board_id>")
def board(board_id: str) -> str:
    """A board: Ask, filters, threads."""
    show = request.args.get("show", "all")
    after = Cursor.decode(request.args["after"]) if "after" in request.args else None
    with reading() as (db, actor):
        line = queries.get_board(db, actor, board_id)
        threads = queries.page_of_threads(db, actor, line, show, after)
        moderators = [name for _id, name in tutors_of(db, line.course.id)]
        data = {"threads": threads, "show": show, "moderators": moderators, "part": own_progress(db, actor, line)}
        return _page(db, actor, line, "boards/board.html", **data)


@blueprint.route("/courses/<course_id>/boards/new", methods=["GET", "POST"])
def new_board(course_id: str) -> Answer:
    """Open a board."""
    try:
        draft = board_draft(request.form) if request.method == "POST" else None
    except Invalid as problem:
        return _show_settings(course_id, None, problem.fields), 400
    if draft is None:
        return _show_settings(course_id, None, {})
    with changing() as (db, actor):
        made = actions.make_board(db, actor, get_course(db, actor, course_id), draft)
    return come_back("boards.board", board_id=made.public_id)


@blueprint.route("/boards/<board_id>/settings", methods=["GET", "POST"])
def settings(board_id: str) -> Answer:
    """Change a board."""
    if request.method == "GET":
        return _show_settings(None, board_id, {})
    try:
        with changing() as (db, actor):
            line = queries.get_board(db, actor, board_id)
            actions.change_board(db, actor, line, board_draft(request.form, line), bool(request.form.get("locked")))
    except Invalid as problem:
        return _show_settings(None, board_id, problem.fields), 400
    say(_("Saved."))
    return come_back("boards.board", board_id=board_id)


def _show_settings(course_id: str | None, board_id: str | None, errors: dict[str, str]) -> str:
    with reading() as (db, actor):
        line = queries.get_board(db, actor, board_id) if board_id else None
        course = line.course if line else get_course(db, actor, course_id or "")
        require(actor, "board.manage", course.thing)
        data: dict[str, Any] = {"board": line, "errors": errors, "given": request.form}
        return page(db, actor, course, "boards", "boards/settings.html", **data)


@blueprint.route("/boards/<board_id>/ask", methods=["GET", "POST"])
def ask(board_id: str) -> Answer:
    """Write a question."""

    def show(composer: Composer, **data: Any) -> str:
        with reading() as (db, actor):
            line = queries.get_board(db, actor, board_id)
            require(actor, "thread.start", line.thing)
            return _page(db, actor, line, "boards/ask.html", composer=composer, place=place, **data)

    def send(composer: Composer, prepared: Prepared) -> Response:
        with changing() as (db, actor):
            line = queries.get_board(db, actor, board_id)
            post = actions.start_thread(db, actor, line, prepared, composer.once)
            drop_draft(db, actor.person_id, place)
            return _sent(db, line, post.thread_id, PostState(post.state))

    place = draft_place("ask", board_id)
    if request.method == "GET":
        return show(_from_draft(place))
    if request.form.get("do") == "open":
        return _open(place, show, lambda: come_back("boards.ask", board_id=board_id))
    return _compose(place, show, send, has_title=True, leave=lambda: come_back("boards.board", board_id=board_id))


@blueprint.get("/threads/<thread_id>")
def thread(thread_id: str) -> str:
    """A question and its replies."""
    composer = _from_draft(draft_place("reply", thread_id), parent=request.args.get("reply_to", ""))
    return _show_thread(thread_id, composer)


@blueprint.post("/threads/<thread_id>/reply")
def reply(thread_id: str) -> Answer:
    """Reply to the question or to a reply."""

    def show(composer: Composer, **data: Any) -> str:
        return _show_thread(thread_id, composer, **data)

    def send(composer: Composer, prepared: Prepared) -> Response:
        with changing() as (db, actor):
            line, page_of_posts = posts.get_thread(db, actor, thread_id)
            parent = posts.get_post_facts(db, actor, composer.parent) if composer.parent else None
            post = actions.reply(db, actor, page_of_posts.rows[0], parent, prepared, composer.once)
            drop_draft(db, actor.person_id, place)
            return _sent(db, line, post.thread_id, PostState(post.state))

    place = draft_place("reply", thread_id)
    return _compose(place, show, send, has_title=False, leave=lambda: come_back("boards.thread", thread_id=thread_id))


def _show_thread(thread_id: str, composer: Composer, **data: Any) -> str:
    after = Cursor.decode(request.args["after"]) if "after" in request.args else None
    with reading() as (db, actor):
        line, found = posts.get_thread(db, actor, thread_id, after)
        parent = next((post for post in found.rows if post.public_id == composer.parent and not post.is_first), None)
        data |= {
            "question": found.rows[0],
            "posts": found,
            "reasons": reasons(),
            "composer": composer,
            "parent": parent,
        }
        return _page(db, actor, line, "boards/thread.html", place=draft_place("reply", thread_id), **data)


@blueprint.route("/posts/<post_id>/edit", methods=["GET", "POST"])
def edit(post_id: str) -> Answer:
    """Change one's own post: fix a returned one in place, or offer a new version of a published one."""

    def show(composer: Composer, **data: Any) -> str:
        with reading() as (db, actor):
            post = _mine(db, actor, post_id)
            return _page(db, actor, post.board, "boards/edit.html", post=post, composer=composer, place=place, **data)

    def send(composer: Composer, prepared: Prepared) -> Response:
        with changing() as (db, actor):
            post = posts.get_post_facts(db, actor, post_id)
            changed = actions.edit_post(db, actor, post, prepared, composer.seen)
            drop_draft(db, actor.person_id, place)
            waits = PostState.PENDING if changed.waits_for else PostState(changed.state)
            return _sent(db, post.board, post.thread_id, waits)

    place = draft_place("edit", post_id)
    if request.method == "GET":
        return show(_from_post(post_id, place))
    return _compose(place, show, send, has_title="title" in request.form, leave=lambda: _to_post(post_id))


def _mine(db: Session, actor: Actor, post_id: str) -> PostFacts:
    post = posts.get_post_facts(db, actor, post_id)
    require(actor, "post.edit", post.thing)
    return post


def _from_post(post_id: str, place: str) -> Composer:
    """The newest version of a post, or the draft that goes on from it."""
    with reading() as (db, actor):
        post = _mine(db, actor, post_id)
        draft = find_draft(db, actor, place)
        newest = get_revision(db, post.text_id, post.latest)
        fields = {"title": newest.title, "text": newest.source, "seen": str(post.latest)}
        return Composer.of(fields | (dict(draft.fields) if draft else {}))


def _to_post(post_id: str) -> Response:
    with reading() as (db, actor):
        post = posts.get_post_facts(db, actor, post_id)
        return come_back("boards.thread", thread_id=post.thread_public_id)


@blueprint.route("/posts/<post_id>/withdraw", methods=["GET", "POST"])
def withdraw(post_id: str) -> Answer:
    """Take one's own post back, after one question."""
    if request.method == "GET":
        with reading() as (db, actor):
            post = posts.get_post_facts(db, actor, post_id)
            require(actor, "post.withdraw", post.thing)
            return _page(db, actor, post.board, "boards/withdraw.html", post=post)
    with changing() as (db, actor):
        post = posts.get_post_facts(db, actor, post_id)
        actions.withdraw_post(db, actor, post)
    say(_("Your post is withdrawn."))
    if post.board.kind != BoardKind.BOARD:
        return come_back("boards.thread", thread_id=post.thread_public_id)
    return come_back("boards.board", board_id=post.board.public_id)


def _page(db: Session, actor: Actor, line: BoardLine, template: str, **data: Any) -> str:
    """A page of a board: on a pseudonymous one the bar and the composer show the alias, never the name."""
    alias = likely_alias(db, line.id, tag_of(db, actor.person_id, line.id)) if line.is_pseudonymous else ""
    look = next_look(clock.now(), line.look_days, line.look_times, clock.LONDON)
    who = _("%(alias)s on this board") % {"alias": alias} if alias else None
    course = bar_course(db, actor, line.course)
    section = line.kind or "boards"
    return page(db, actor, course, section, template, who=who, board=line, alias=alias, next_look=look, **data)


def _from_draft(place: str, **given: str) -> Composer:
    """What the draft of this place holds; what the address gives counts where the draft has nothing."""
    with reading() as (db, actor):
        draft = find_draft(db, actor, place)
    return Composer.of({**given, **(draft.fields if draft else {})} | {k: v for k, v in given.items() if v})


def _open(place: str, show: Show, go_on: Callable[[], Response]) -> Answer:
    """From a board's own box to the composer, which is a page to come back to: the words go there as a draft."""
    composer = _from_draft(place, title=request.form.get("title", ""))
    try:
        with changing() as (db, actor):
            keep_draft(db, actor.trust_id, actor.person_id, place, {"title": composer.title, "text": composer.text})
    except Invalid as problem:
        return show(composer, problem=problem.message), 400
    return go_on()


def _compose(place: str, show: Show, send: Send, *, has_title: bool, leave: Callable[[], Response]) -> Answer:
    """What a composer's button asks for. Whatever goes wrong, the text comes back in the page."""
    composer, wish = Composer.of(request.form), wish_of(request.form)
    if wish == "draft":
        with changing() as (db, actor):
            keep_draft(db, actor.trust_id, actor.person_id, place, request.form)
        say(_("Draft saved. You find it on Home."))
        return leave()
    try:
        prepared = _prepare(composer, has_title=has_title)
        if "accept" in request.form:
            composer = composer.saying(accept(prepared.fields, prepared.findings, request.form["accept"]))
            prepared = _prepare(composer, has_title=has_title)
        if wish == "preview":
            return show(composer, preview=prepared.html)
        check = check_of(prepared.fields, prepared.findings)
        if wish == "check" or check.stops or (check.open and wish != "review"):
            _keep(place, composer)
            answer = show(composer, check=check, **_problem(check))
            return answer if wish == "check" else (answer, 400)
        return send(composer, prepared.for_review())
    except Invalid as problem:
        return show(composer, problem=problem.message, errors=problem.fields), 400


def _prepare(composer: Composer, *, has_title: bool) -> Prepared:
    return prepare(composer.text, composer.title if has_title else None, composer.answers)


def _keep(place: str, composer: Composer) -> None:
    """The words as they are now are the draft: what a suggestion has changed must not come back from an older one."""
    fields = {"title": composer.title, "text": composer.text, "parent": composer.parent}
    try:
        with changing() as (db, actor):
            keep_draft(db, actor.trust_id, actor.person_id, place, fields)
    except Invalid:
        return  # too many drafts: the words stand in the page all the same


def _problem(check: Check) -> dict[str, Any]:
    """What the head of the page says of a check: what must change, and how much is worth changing."""
    if not check.open:
        return {}
    if any(each.finding.kind == "direct_care" for each in check.stops):
        problem = elsewhere()
    else:
        problem = _("Not sent yet: it may name a patient")
    errors = {
        f"f{number}": _("%(kind)s must be taken out.") % {"kind": check.kinds[each.finding.kind]}
        for number, each in enumerate(check.found, 1)
        if each.is_stop
    }
    if worth := len(check.open) - len(check.stops):
        many = ngettext("%(num)s place is worth changing.", "%(num)s places are worth changing.", worth)
        errors["check"] = many % {"num": worth}
    return {"problem": problem, "errors": errors}


def _sent(db: Session, line: BoardLine, thread_id: int, state: PostState) -> Response:
    """Say what happens now, and go to the thread."""
    look = next_look(clock.now(), line.look_days, line.look_times, clock.LONDON)
    if state == PostState.PUBLISHED:
        say(_("Sent. Everybody on this board can read it."))
    elif look is None:
        say(_("Sent. It waits for a tutor."))
    else:
        say(_("Sent. It waits for a tutor, who next looks %(when)s.") % {"when": soon(look, clock.now())})
    return come_back("boards.thread", thread_id=db.get_one(Thread, thread_id).public_id)
