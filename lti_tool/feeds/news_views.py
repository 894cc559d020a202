"""The news of a board for whatever program follows it, and the page on which somebody gets such a link."""

from typing import Any

from flask import current_app, request
from werkzeug.wrappers import Response

from lti_tool.access import require
from lti_tool.boards import find_board, get_board, newest_posts
from lti_tool.core import clock
from lti_tool.core.errors import NotFound
from lti_tool.core.ids import digest, new_public_id
from lti_tool.core.language import gettext as _
from lti_tool.feeds import actions, queries
from lti_tool.feeds.actions import FeedDraft
from lti_tool.feeds.answers import answer_news, gone
from lti_tool.feeds.atom import news_of
from lti_tool.feeds.forms import once_of
from lti_tool.feeds.rules import NAME_LENGTH, Filter
from lti_tool.feeds.views import blueprint, note_fetch
from lti_tool.people import actor_of
from lti_tool.web import bare_path, changing, come_back, page, public_url, reading

__all__ = ["blueprint"]


@blueprint.get("/feed/<token>.atom", merge_slashes=False)
def news(token: str) -> Response:
    """What is new on a board, as the owner of this address may read it at this moment. Nobody visits."""
    with current_app.extensions["database"].reading() as db:
        feed = queries.find_feed(db, digest(token))
        if feed is None or not feed.board:
            raise NotFound(_("There is no feed at this address. Open the board and ask for a new link."))
        owner = actor_of(db, feed.person_id, clock.now())
        board = find_board(db, owner, feed.board) if feed.off_at is None else None
        if board is None:
            return gone("This feed was switched off. Take it out of your program.\n")
        found = news_of(current_app.extensions["settings"], feed, board.title, newest_posts(db, owner, board))
    note_fetch(feed, frozenset(owner.roles))
    return answer_news(request, found)


@blueprint.route("/boards/<board_id>/feed", methods=["GET", "POST"])
def board_link(board_id: str) -> str | Response:
    """My link of a board's news, or the button that makes it."""
    if request.method == "POST":
        with changing() as (db, actor):
            board = get_board(db, actor, board_id)
            if queries.find_feed_of_board(db, actor, board_id) is None:
                draft = FeedDraft(board.title[:NAME_LENGTH], Filter(), board_id)
                actions.make_feed(db, actor, board.course, draft, once_of(request.form))
        return come_back("feeds.board_link", board_id=board_id)
    with reading() as (db, actor):
        board = get_board(db, actor, board_id)
        require(actor, "feed.make", board.course.thing)
        feed = queries.find_feed_of_board(db, actor, board_id)
        secret = actions.token(db, feed.public_id, feed.generation) if feed else ""
        is_known = feed is not None and digest(secret) == feed.token_hash
        address = public_url(bare_path("feeds.news", token=secret)) if is_known else ""
        data: dict[str, Any] = {"board": board, "feed": feed, "address": address, "once": new_public_id()}
        return page(db, actor, board.course, "boards", "feeds/board.html", **data)
