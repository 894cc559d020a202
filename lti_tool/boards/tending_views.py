"""Pages for tutors: looking after a whole thread, and the tags of a board. Routes of the same blueprint."""

from flask import request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lti_tool.access import Actor, require
from lti_tool.boards import posts, queries, tending
from lti_tool.boards.facts import PostFacts
from lti_tool.boards.views import blueprint
from lti_tool.core.errors import Invalid
from lti_tool.core.language import gettext as _
from lti_tool.web import changing, come_back, page, reading, say

Answer = str | Response | tuple[str, int]


@blueprint.route("/threads/<thread_id>/tend", methods=["GET", "POST"])
def tend(thread_id: str) -> Answer:
    """Pin, lock, move or tag a thread: one form, and its buttons say what to do."""
    if request.method == "GET":
        return _show(thread_id, {})
    try:
        reason = tending.lock_reason(request.form.get("reason", "")) if request.form.get("do") == "lock" else ""
        with changing() as (db, actor):
            say(_do(db, actor, posts.get_thread(db, actor, thread_id)[1].rows[0], reason))
    except Invalid as problem:
        return _show(thread_id, problem.fields), 400
    return come_back("boards.thread", thread_id=thread_id)


def _do(db: Session, actor: Actor, question: PostFacts, reason: str) -> str:
    """What the button asks for; returns what to say of it."""
    wish = request.form.get("do", "")
    if wish in ("pin", "unpin"):
        tending.pin_thread(db, actor, question, wish == "pin")
        return _("Pinned: it stands first on its board.") if wish == "pin" else _("Not pinned any more.")
    if wish == "lock":
        tending.lock_thread(db, actor, question, reason)
        return _("Locked. Everybody can read it, and nobody can reply.")
    if wish == "unlock":
        tending.unlock_replies(db, actor, question)
        return _("Unlocked: people can reply again.")
    if wish == "move":
        place = tending.move_thread(db, actor, question, request.form.get("board", ""))
        return _("Moved to %(board)s. Every link to it still works.") % {"board": place.title}
    if wish == "tag":
        tending.tag_thread(db, actor, question, request.form.getlist("tag"))
        return _("Saved.")
    raise Invalid(_("We did not understand what you meant. Reload the page and try again."))


def _show(thread_id: str, errors: dict[str, str]) -> str:
    with reading() as (db, actor):
        line, found = posts.get_thread(db, actor, thread_id)
        question = found.rows[0]
        require(actor, "thread.tend", question.thing)
        places = tending.places_for(db, actor, question)
        data = {"question": question, "places": places, "errors": errors, "given": request.form}
        data["places_items"] = [{"value": one.public_id, "text": one.title} for one in places]
        who = "" if line.is_pseudonymous else None
        return page(db, actor, line.course, "boards", "boards/tend.html", who=who, board=line, **data)


@blueprint.route("/boards/<board_id>/tags", methods=["GET", "POST"])
def tags(board_id: str) -> Answer:
    """The tags that people may choose on a board."""
    if request.method == "GET":
        return _show_tags(board_id, {})
    try:
        chosen = tending.tag_list(request.form.get("tags", ""))
    except Invalid as problem:
        return _show_tags(board_id, problem.fields), 400
    with changing() as (db, actor):
        tending.keep_tags(db, actor, queries.get_board(db, actor, board_id), chosen)
    say(_("Saved."))
    return come_back("boards.board", board_id=board_id)


def _show_tags(board_id: str, errors: dict[str, str]) -> str:
    with reading() as (db, actor):
        line = queries.get_board(db, actor, board_id)
        require(actor, "thread.tend", line.thing)
        words = request.form.get("tags", "\n".join(line.tags))
        return page(db, actor, line.course, "boards", "boards/tags.html", board=line, words=words, errors=errors)
