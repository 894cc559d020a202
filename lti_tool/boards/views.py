"""Pages of boards. A composer is one form: its buttons preview, save a draft or send; its text always comes back."""

from functools import partial
from typing import Any

from flask import Blueprint, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lti_tool.access import Actor, may, require
from lti_tool.boards import actions, attaching, posts, queries, suggested
from lti_tool.boards.attachments import file_of_post
from lti_tool.boards.authors import alias_in, alias_slip, free_alias, tag_of
from lti_tool.boards.charter import (
    accept_rules,
    closing_in,
    closing_slips,
    moderators_in,
    moderators_slip,
    rules_in,
    rules_slips,
)
from lti_tool.boards.composing import Answer, compose, draft_in, draft_slip, from_draft, open_composer, sent
from lti_tool.boards.corrections import corrections_of
from lti_tool.boards.facts import PostFacts
from lti_tool.boards.forms import Composer, poll_as_fields
from lti_tool.boards.keeping import followed_slip
from lti_tool.boards.know_how import entries_of, entry_in, entry_slips
from lti_tool.boards.moulds import Moulds
from lti_tool.boards.pauses import refuse_paused
from lti_tool.boards.polls import find_poll, poll_in, poll_slips, set_poll
from lti_tool.boards.posts import words_of
from lti_tool.boards.queries import BoardLine
from lti_tool.boards.quoting import quotation
from lti_tool.boards.reading import mine_of_thread
from lti_tool.boards.rules import SOMEBODY, BoardKind, PostState, next_look, reasons
from lti_tool.boards.sharing import courses_asking
from lti_tool.boards.shown import note_shown
from lti_tool.boards.slips import Slip
from lti_tool.boards.slips import ask as ask_slips
from lti_tool.boards.taking_part import own_progress
from lti_tool.boards.tending import tag_own_question
from lti_tool.core import clock
from lti_tool.core.language import gettext as _
from lti_tool.core.paging import Cursor
from lti_tool.files import send_file_line
from lti_tool.people import get_course
from lti_tool.texts import (
    Prepared,
    draft_place,
    drop_draft,
    find_draft,
    find_suggestion,
    get_revision,
    level_names,
)
from lti_tool.web import (
    BarEntry,
    bar_course,
    beside,
    changing,
    come_back,
    go_path,
    page,
    public_url,
    reading,
    roomy,
    say,
)

blueprint = Blueprint("boards", __name__)
roomy("boards.ask", "boards.reply", "boards.edit")
bar = (BarEntry(_("Boards"), "boards.index", "boards"),)


@blueprint.get("/courses/<course_id>/boards")
def index(course_id: str) -> str:
    """The boards of a course."""
    with reading() as (db, actor):
        course = get_course(db, actor, course_id)
        boards = queries.boards_of(db, actor, course, is_archived=None)
        asked = courses_asking(db, course) if may(actor, "board.join", course.thing) else []
        return page(db, actor, course, "boards", "boards/index.html", boards=boards, asked=asked)


@blueprint.get("/boards/<board_id>")
def board(board_id: str) -> str:
    """A board: Ask, filters, threads."""
    show, tag = request.args.get("show", "all"), request.args.get("tag", "")
    after = Cursor.decode(request.args["after"]) if "after" in request.args else None
    with reading() as (db, actor):
        line = queries.get_board(db, actor, board_id)
        tag = tag if tag in line.tags else ""
        data = {"threads": queries.page_of_threads(db, actor, line, show, after, tag), "show": show, "tag": tag}
        data |= {"part": own_progress(db, actor, line), "entries": entries_of(db, line) if after is None else []}
        asked = (followed_slip(actor, line, tag), moderators_slip(line))
        slips = ask_slips(db, [*_board_slips(db, actor, line), *asked])
        data |= {"slips": slips, "follows": "followed" in slips, "moderators": moderators_in(slips)}
        return page_of_board(db, actor, line, "boards/board.html", **data)


@blueprint.route("/boards/<board_id>/ask", methods=["GET", "POST"])
def ask(board_id: str) -> Answer:
    """Write a question."""

    def show(composer: Composer, **data: Any) -> str:
        with reading() as (db, actor):
            line = queries.get_board(db, actor, board_id)
            refuse_paused(line.pause)
            require(actor, "thread.start", line.thing)
            data["similar"] = beside("boards.ask", db, actor, line, composer.title)
            return page_of_board(db, actor, line, "boards/ask.html", composer=composer, place=place, **data)

    def send(composer: Composer, prepared: Prepared) -> Response:
        with changing() as (db, actor):
            line = queries.get_board(db, actor, board_id)
            accept_rules(db, actor, line, composer.rules)
            hat, is_private = composer.is_as_self, composer.is_private
            once, poll = composer.once, composer.poll
            asked = actions.start_thread
            post = asked(db, actor, line, prepared, once, poll, is_as_self=hat, is_private=is_private)
            tag_own_question(db, actor, line, post, request.form.getlist("tag"))
            drop_draft(db, actor.person_id, place)
            return sent(db, line, post.thread_id, PostState(post.state), is_private=is_private)

    place = draft_place("ask", board_id)
    if request.method == "GET":
        return show(from_draft(place))
    if request.form.get("do") == "open":
        return open_composer(place, show, lambda: come_back("boards.ask", board_id=board_id))
    spot = attaching.on_board(board_id)
    return compose(place, show, send, spot, has_title=True, leave=lambda: come_back("boards.board", board_id=board_id))


@blueprint.get("/threads/<thread_id>")
def thread(thread_id: str) -> str:
    """A question and its replies."""
    return show_thread(thread_id, None)


@blueprint.post("/threads/<thread_id>/reply")
def reply(thread_id: str) -> Answer:
    """Reply to the question or to a reply."""

    def show(composer: Composer, **data: Any) -> str:
        return show_thread(thread_id, composer, **data)

    def send(composer: Composer, prepared: Prepared) -> Response:
        with changing() as (db, actor):
            line, page_of_posts = posts.get_thread(db, actor, thread_id)
            parent = posts.get_post_facts(db, actor, composer.parent) if composer.parent else None
            accept_rules(db, actor, line, composer.rules)
            question, hat = page_of_posts.rows[0], composer.is_as_self
            post = actions.reply(db, actor, question, parent, prepared, composer.once, is_as_self=hat)
            drop_draft(db, actor.person_id, place)
            return sent(db, line, post.thread_id, PostState(post.state), is_private=question.is_private)

    place, spot = draft_place("reply", thread_id), attaching.in_thread(thread_id)
    leave = partial(come_back, "boards.thread", thread_id=thread_id)
    return compose(place, show, send, spot, has_title=False, leave=leave)


def show_thread(thread_id: str, composer: Composer | None, **data: Any) -> str:
    """The thread with what was sent, or else with the draft of a reply."""
    place = draft_place("reply", thread_id)
    after = Cursor.decode(request.args["after"]) if "after" in request.args else None
    with reading() as (db, actor):
        line, found = posts.get_thread(db, actor, thread_id, after)
        question = found.rows[0]
        drafted = [draft_slip(actor, place)] if composer is None else []
        charter = _charter_slips(db, actor, line)
        poll, entry = poll_slips(db, actor, question), entry_slips(line, question.thread_id)
        mine = mine_of_thread(db, actor, found, *charter, *poll, *entry, *drafted)
        composer = composer or draft_in(mine.slips, parent=request.args.get("reply_to", ""))
        parent = next((post for post in found.rows if post.public_id == composer.parent and not post.is_first), None)
        if parent is not None and parent.html is not None and request.args.get("quote"):
            composer = composer.quoting(quotation(words_of(db, parent), public_url(go_path(parent.public_id))))
        corrections = corrections_of(db, question.thread_id) if question.has_corrections else {}
        data |= {
            "suggestions": suggested.suggestions_for(db, found.rows),
            "question": question,
            "posts": found,
            "reasons": reasons(),
            "corrections": corrections,
            "levels": level_names(),
            "composer": composer,
            "parent": parent,
            "poll": poll_in(mine.slips),
            "mine": mine,
            "moulds": Moulds(mine, corrections),
            "alias": mine.alias,
            "slips": mine.slips,
            "entry": entry_in(mine.slips),
        }
        answer = page_of_board(db, actor, line, "boards/thread.html", place=place, **data)
    note_shown(question, mine)
    return answer


@blueprint.route("/posts/<post_id>/edit", methods=["GET", "POST"])
def edit(post_id: str) -> Answer:
    """Change one's own post: fix a returned one in place, or offer a new version of a published one."""

    def show(composer: Composer, **data: Any) -> str:
        with reading() as (db, actor):
            post = _mine(db, actor, post_id)
            data |= {"post": post, "composer": composer, "place": place, "reasons": reasons(), "levels": level_names()}
            return page_of_board(db, actor, post.board, "boards/edit.html", **data)

    def send(composer: Composer, prepared: Prepared) -> Response:
        with changing() as (db, actor):
            post = posts.get_post_facts(db, actor, post_id)
            changed = actions.edit_post(db, actor, post, prepared, composer.seen)
            if post.is_first and not post.was_published:
                set_poll(db, post.thread_id, composer.poll)
            drop_draft(db, actor.person_id, place)
            waits = PostState.PENDING if changed.waits_for else PostState(changed.state)
            return sent(db, post.board, post.thread_id, waits, is_private=post.is_private)

    place = draft_place("edit", post_id)
    if request.method == "GET":
        return show(_from_post(post_id, place))
    has_title, spot = "title" in request.form, attaching.on_post(post_id)
    return compose(place, show, send, spot, has_title=has_title, leave=lambda: _to_post(post_id))


def _mine(db: Session, actor: Actor, post_id: str) -> PostFacts:
    post = posts.get_post_facts(db, actor, post_id)
    refuse_paused(post.board.pause)
    require(actor, "post.edit", post.thing)
    return post


def _from_post(post_id: str, place: str) -> Composer:
    """The newest version of a post, or the draft that goes on from it."""
    with reading() as (db, actor):
        post = _mine(db, actor, post_id)
        draft = find_draft(db, actor, place)
        newest = get_revision(db, post.text_id, post.latest)
        suggestion = find_suggestion(db, post.text_id, post.latest) if request.args.get("of") == "suggestion" else None
        words = suggestion or newest
        fields = {"title": words.title, "text": words.source, "seen": str(post.latest), "level": newest.level}
        fields["references"] = "\n".join(one["typed"] for one in newest.references)
        fields |= attaching.fields_of(db, post, post.latest) | poll_as_fields(find_poll(db, actor, post))
        if suggestion is not None:
            return Composer.of(fields)
        return Composer.of(fields | (dict(draft.fields) if draft else {}))


def _to_post(post_id: str) -> Response:
    with reading() as (db, actor):
        post = posts.get_post_facts(db, actor, post_id)
        return come_back("boards.thread", thread_id=post.thread_public_id)


@blueprint.get("/posts/<post_id>/files/<file_id>")
def file(post_id: str, file_id: str) -> Response:
    """A picture or a PDF of a post, for whoever may read its words."""
    with reading() as (db, actor):
        line = file_of_post(db, actor, post_id, file_id)
    return send_file_line(line)


blueprint.post("/posts/<post_id>/take")(suggested.take_suggestion)


@blueprint.route("/posts/<post_id>/withdraw", methods=["GET", "POST"])
def withdraw(post_id: str) -> Answer:
    """Take one's own post back, after one question."""
    if request.method == "GET":
        with reading() as (db, actor):
            post = posts.get_post_facts(db, actor, post_id)
            require(actor, "post.withdraw", post.thing)
            return page_of_board(db, actor, post.board, "boards/withdraw.html", post=post)
    with changing() as (db, actor):
        post = posts.get_post_facts(db, actor, post_id)
        actions.withdraw_post(db, actor, post)
    say(_("Your post is withdrawn."))
    if post.board.kind != BoardKind.BOARD:
        return come_back("boards.thread", thread_id=post.thread_public_id)
    return come_back("boards.board", board_id=post.board.public_id)


def _charter_slips(db: Session, actor: Actor, line: BoardLine) -> list[Slip]:
    """The rules by which people write here, or who has closed it and why."""
    rules = rules_slips(db, actor, line) if line.is_open else []  # nobody writes on a closed one
    return [*rules, *closing_slips(actor, line)]


def _board_slips(db: Session, actor: Actor, line: BoardLine) -> list[Slip]:
    """What every page of a board asks: its rules, and where names are hidden the reader's own."""
    is_asked = line.is_pseudonymous and not line.is_nameless
    alias = [alias_slip(line.id, tag_of(db, actor.person_id, line.id))] if is_asked else []
    return [*_charter_slips(db, actor, line), *alias]


def page_of_board(db: Session, actor: Actor, line: BoardLine, template: str, **data: Any) -> str:
    """A page of a board: where authors are sealed the bar and the composer show the alias, never the name."""
    tag = tag_of(db, actor.person_id, line.id)
    slips = data.pop("slips", None)
    if slips is None:
        slips = ask_slips(db, _board_slips(db, actor, line))
    alias = data.pop("alias", "") or (alias_in(slips, tag) if line.is_pseudonymous else "")
    if line.is_pseudonymous:
        alias = SOMEBODY if line.is_nameless else alias or free_alias(db, line.id, tag)
    look = next_look(clock.now(), line.look_days, line.look_times, clock.LONDON)
    who = _("%(alias)s on this board") % {"alias": alias} if alias else None
    course = bar_course(db, actor, line.course)
    data["attached"] = attaching.lines_of(db, actor, data.get("composer"), data.get("post"))
    section = line.kind or "boards"
    data |= {"rules": rules_in(slips), "closing": closing_in(slips, line)}
    return page(db, actor, course, section, template, who=who, board=line, alias=alias, next_look=look, **data)
