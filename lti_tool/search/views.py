"""The page of what was found, and the questions that are like the one being asked: a fragment for the box above it."""

from typing import Any

from flask import Blueprint, render_template, request
from markupsafe import Markup
from sqlalchemy.orm import Session

from lti_tool.access import Actor
from lti_tool.boards import BoardLine, get_board
from lti_tool.core.paging import Cursor
from lti_tool.people import get_course
from lti_tool.search import queries
from lti_tool.search.forms import wanted_of
from lti_tool.search.rules import LONGEST_QUERY, MOST_RANKED, kinds, spans
from lti_tool.web import page, reading

blueprint = Blueprint("search", __name__)


@blueprint.get("/courses/<course_id>/search")
def results(course_id: str) -> str:
    """What says all these words, of what one may read. Who looks is not named: some of it shows no names."""
    wanted, typed = wanted_of(request.args), request.args.get("q", "")[:LONGEST_QUERY]
    after = Cursor.decode(request.args["after"]) if "after" in request.args else None
    with reading() as (db, actor):
        course = get_course(db, actor, course_id)
        boards = queries.boards_to_search(db, actor, course)
        found = queries.find(db, actor, wanted, after) if wanted.words else None
        data: dict[str, Any] = {"kinds": kinds(), "spans": spans(), "boards": boards, "is_first": after is None}
        data |= {"wanted": wanted, "typed": typed, "found": found, "most": MOST_RANKED}
        return page(db, actor, course, "search", "search/results.html", who="", **data)


@blueprint.get("/boards/<board_id>/similar")
def similar(board_id: str) -> str:
    """Questions like the title that somebody types into a board's box."""
    with reading() as (db, actor):
        board = get_board(db, actor, board_id)
        return _similar(db, actor, board, request.args.get("title", ""))


def _similar(db: Session, actor: Actor, board: BoardLine, title: str) -> Markup:
    found = queries.similar_questions(db, actor, title[:LONGEST_QUERY])
    return Markup(render_template("search/similar.html", found=found, board=board))  # noqa: S704 - a template of ours


asides = {"boards.ask": _similar}
