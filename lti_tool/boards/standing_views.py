"""What readers make of an answer: accept it, endorse it, say that a newer one has taken its place."""

from flask import request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lti_tool.access import Actor, require
from lti_tool.boards import posts, standing
from lti_tool.boards.composing import Answer
from lti_tool.boards.facts import PostFacts
from lti_tool.boards.rules import PostState
from lti_tool.boards.views import blueprint, page_of_board
from lti_tool.core.errors import Invalid
from lti_tool.core.language import gettext as _
from lti_tool.web import changing, come_back, reading, say


@blueprint.post("/posts/<post_id>/accept")
def accept(post_id: str) -> Response:
    """Accept an answer, or take that back."""
    with changing() as (db, actor):
        answer = posts.get_post_facts(db, actor, post_id)
        standing.accept_answer(db, actor, _question(db, actor, answer), answer)
    return come_back("boards.thread", thread_id=answer.thread_public_id, _anchor=post_id)


@blueprint.post("/posts/<post_id>/endorse")
def endorse(post_id: str) -> Response:
    """Endorse an answer, or take that back."""
    try:
        with changing() as (db, actor):
            answer = posts.get_post_facts(db, actor, post_id)
            standing.endorse_answer(db, actor, answer)
    except Invalid as problem:
        say(problem.message)
    return come_back("boards.thread", thread_id=answer.thread_public_id, _anchor=post_id)


@blueprint.route("/posts/<post_id>/supersede", methods=["GET", "POST"])
def supersede(post_id: str) -> Answer:
    """Say which newer reply has taken the place of an answer."""
    if request.method == "GET":
        return _show(post_id, {})
    wanted = request.form.get("newer", "")
    if request.form.get("do") != "clear" and not wanted:
        return _show(post_id, {"newer": _("Choose the reply that has taken its place.")}), 400
    with changing() as (db, actor):
        answer = posts.get_post_facts(db, actor, post_id)
        newer = None if request.form.get("do") == "clear" else posts.get_post_facts(db, actor, wanted)
        standing.supersede_answer(db, actor, answer, newer)
    say(_("Saved."))
    return come_back("boards.thread", thread_id=answer.thread_public_id, _anchor=post_id)


def _show(post_id: str, errors: dict[str, str]) -> str:
    with reading() as (db, actor):
        post = posts.get_post_facts(db, actor, post_id)
        require(actor, "answer.supersede", post.thing)
        _line, page = posts.get_thread(db, actor, post.thread_public_id)
        newer = [one for one in page.rows if one.id > post.id and one.state == PostState.PUBLISHED]
        return page_of_board(db, actor, post.board, "boards/supersede.html", post=post, newer=newer, errors=errors)


def _question(db: Session, actor: Actor, answer: PostFacts) -> PostFacts:
    _line, page = posts.get_thread(db, actor, answer.thread_public_id)
    return page.rows[0]
