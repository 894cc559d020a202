"""The names that a box offers while somebody types `@` on a board with names (htmx)."""

from flask import render_template, request

from lti_tool.access import require
from lti_tool.boards.mentions import people_like
from lti_tool.boards.queries import get_board
from lti_tool.boards.version_views import blueprint
from lti_tool.web import reading

__all__ = ["blueprint"]  # with this part of a page on it


@blueprint.get("/boards/<board_id>/people")
def people(board_id: str) -> str:
    """A few people of the course whose names hold these letters; nobody on a board without names."""
    with reading() as (db, actor):
        line = get_board(db, actor, board_id)
        require(actor, "thread.start", line.thing)
        names = people_like(db, line, request.args.get("said", ""))
    return render_template("boards/people.html", names=names)
