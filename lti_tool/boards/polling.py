"""Voting, over HTTP: one address, and the thread again."""

from flask import request
from werkzeug.wrappers import Response

from lti_tool.boards import posts
from lti_tool.boards.forms import Composer
from lti_tool.boards.polls import vote
from lti_tool.boards.views import blueprint, show_thread
from lti_tool.core.errors import Invalid
from lti_tool.core.language import gettext as _
from lti_tool.web import changing, come_back, say


@blueprint.post("/threads/<thread_id>/vote")
def vote_in_poll(thread_id: str) -> Response | tuple[str, int]:
    """Vote in a thread's poll, once and for good."""
    given = request.form.getlist("choice")
    choices = [int(each) for each in given if each.isascii() and each.isdecimal() and len(each) < 3]
    try:
        with changing() as (db, actor):
            _board, found = posts.get_thread(db, actor, thread_id)
            is_counted = vote(db, actor, found.rows[0], choices)
    except Invalid as problem:
        return show_thread(thread_id, Composer.of({}), problem=problem.message, errors=problem.fields), 400
    said = _("Your vote is counted.") if is_counted else _("You have voted before: the first vote counts.")
    say(said)
    return come_back("boards.thread", thread_id=thread_id, _anchor="poll")
