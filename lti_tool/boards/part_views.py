"""The page on which a tutor asks learners to take part on a board."""

from typing import Any

from flask import request
from werkzeug.wrappers import Response

from lti_tool.access import require
from lti_tool.boards import queries, taking_part
from lti_tool.boards.taking_part import rule_draft
from lti_tool.boards.views import blueprint
from lti_tool.core.errors import Invalid
from lti_tool.core.language import gettext as _
from lti_tool.web import changing, come_back, page, reading, say


@blueprint.route("/boards/<board_id>/taking-part", methods=["GET", "POST"])
def take_part(board_id: str) -> str | Response | tuple[str, int]:
    """Ask for taking part, or for nothing any more."""
    if request.method == "GET":
        return _show(board_id)
    try:
        with changing() as (db, actor):
            board = queries.get_board(db, actor, board_id)
            if request.form.get("do") == "end":
                taking_part.end_rule(db, actor, board)
            else:
                require(actor, "board.mark", board.thing)
                taking_part.set_rule(db, actor, board, rule_draft(request.form))
    except Invalid as problem:
        return _show(board_id, problem), 400
    say(_("Saved."))
    return come_back("boards.take_part", board_id=board_id)


def _show(board_id: str, problem: Invalid | None = None) -> str:
    with reading() as (db, actor):
        board = queries.get_board(db, actor, board_id)
        require(actor, "board.mark", board.thing)
        rule = taking_part.find_rule(db, board.id)
        stands = {"asks": rule.asks, "number": str(rule.number), "due": rule.due_on.isoformat()} if rule else {}
        form = {"asks": "", "number": "2", "due": ""} | stands | request.form.to_dict()
        data: dict[str, Any] = {"board": board, "rule": rule, "form": form}
        data |= {"errors": problem.fields if problem else {}, "problem": problem.message if problem else ""}
        data |= {"refusal": taking_part.sealed_refusal() if board.is_pseudonymous else ""}
        return page(db, actor, board.course, "boards", "boards/part.html", **data)
