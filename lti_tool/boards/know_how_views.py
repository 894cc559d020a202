"""Pages on which an answer becomes an entry of know-how, and a private question becomes public."""

from datetime import date, timedelta
from typing import Any

from flask import request

from lti_tool.access import require
from lti_tool.boards import charter, know_how, private
from lti_tool.boards.composing import Answer
from lti_tool.boards.posts import get_post_facts
from lti_tool.boards.views import blueprint
from lti_tool.core.errors import Invalid
from lti_tool.core.language import gettext as _
from lti_tool.web import changing, come_back, page, reading, say

HOLDS_FOR = timedelta(days=182)
LONGEST = timedelta(days=3 * 366)


@blueprint.route("/posts/<post_id>/know-how", methods=["GET", "POST"])
def keep(post_id: str) -> Answer:
    """Make an answer an entry of the board's know-how, say that it was checked, or take the entry away."""
    if request.method == "GET":
        return _show_keep(post_id, {})
    try:
        with changing() as (db, actor):
            answer = get_post_facts(db, actor, post_id)
            if request.form.get("do") == "drop":
                know_how.drop_entry(db, actor, answer)
            else:
                know_how.keep_answer(db, actor, answer, request.form.get("owner", ""), _review_on())
    except Invalid as problem:
        return _show_keep(post_id, problem.fields), 400
    say(_("Saved."))
    return come_back("boards.thread", thread_id=answer.thread_public_id)


def _review_on() -> date:
    try:
        day = date.fromisoformat(request.form.get("review_on", "").strip())
    except ValueError:
        raise Invalid(_("Not saved yet."), {"review_on": _("Write a date such as 2027-02-03.")}) from None
    if not know_how.today() < day <= know_how.today() + LONGEST:
        raise Invalid(_("Not saved yet."), {"review_on": _("Choose a day within the next three years.")})
    return day


def _show_keep(post_id: str, errors: dict[str, str]) -> str:
    with reading() as (db, actor):
        answer = get_post_facts(db, actor, post_id)
        require(actor, "post.keep", answer.thing)
        entry = know_how.find_entry(db, answer.board, answer.thread_id)
        given = {"owner": entry.owner_public_id if entry else actor.public_id}
        given["review_on"] = (know_how.today() + HOLDS_FOR).isoformat()
        data: dict[str, Any] = {"answer": answer, "entry": entry, "errors": errors}
        data |= {"given": request.form or given, "moderators": charter.moderators_of(db, answer.board.course.id)}
        return page(db, actor, answer.board.course, "boards", "boards/keep.html", **data)


@blueprint.post("/posts/<post_id>/ask-public")
def ask_public(post_id: str) -> Answer:
    """Ask the author of a private question whether all may read it."""
    with changing() as (db, actor):
        question = get_post_facts(db, actor, post_id)
        private.ask_public(db, actor, question)
    say(_("Asked. Nobody else reads it unless its author agrees."))
    return come_back("boards.thread", thread_id=question.thread_public_id)


@blueprint.post("/posts/<post_id>/public")
def answer_public(post_id: str) -> Answer:
    """The author's answer to that."""
    is_agreed = request.form.get("do") == "agree"
    with changing() as (db, actor):
        question = get_post_facts(db, actor, post_id)
        private.answer_public(db, actor, question, is_agreed)
    say(_("Everybody on this board can read it now.") if is_agreed else _("It stays between you and the tutors."))
    return come_back("boards.thread", thread_id=question.thread_public_id)
