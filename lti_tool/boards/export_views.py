"""Pages on which posts become files. The file itself is written while it is sent."""

from collections.abc import Callable, Iterator
from itertools import islice

from flask import current_app, request
from werkzeug.wrappers import Response

from lti_tool.access import Actor, require
from lti_tool.boards import exports, queries
from lti_tool.boards.exports import MOST_LISTED, MOST_POSTS, Format, Written
from lti_tool.boards.formats import TYPES, written_as
from lti_tool.boards.views import blueprint
from lti_tool.core.db import Database
from lti_tool.core.language import gettext as _
from lti_tool.people import get_course
from lti_tool.web import changing, page, reading, saved_as

Answer = str | Response


@blueprint.route("/boards/<board_id>/export", methods=["GET", "POST"])
def export(board_id: str) -> Answer:
    """Save a board as a file: what is published, under the names that it shows."""
    if request.method == "GET":
        with reading() as (db, actor):
            line = queries.get_board(db, actor, board_id)
            require(actor, "board.export", line.thing)
            return page(db, actor, line.course, "boards", "boards/export.html", board=line)
    kind = exports.format_of(request.form.get("as", ""))
    with changing() as (db, actor):
        line = exports.begin_export(db, actor, board_id, kind)
    database = current_app.extensions["database"].within(actor.trust_id)

    def batch(last: Written | None, inside: Database = database) -> list[Written]:
        with inside.reading() as db:
            return exports.posts_after(db, actor, line, last.place if last else (0, 0, 0))

    note = _("What was published on this board. It may name people: keep it where only those can read it who may.")
    return _file(kind, line.title, note, batch)


@blueprint.route("/courses/<course_id>/contributions", methods=["GET", "POST"])
def contributions(course_id: str) -> Answer:
    """What I have written, on all boards, and as a file."""
    if request.method == "GET":
        with reading() as (db, actor):
            course = get_course(db, actor, course_id)
            require(actor, "own.export", course.thing)
            posts = exports.own_posts_before(db, actor, most=MOST_LISTED + 1)
            # Names and aliases of one person stand on this page: it says nothing of who that is.
            data = {"posts": posts[:MOST_LISTED], "has_more": len(posts) > MOST_LISTED}
            return page(db, actor, course, "boards", "boards/contributions.html", who="", **data)
    kind = exports.format_of(request.form.get("as", ""))
    with changing() as (db, actor):
        exports.begin_own_export(db, actor, get_course(db, actor, course_id), kind)
    database = current_app.extensions["database"].within(actor.trust_id)

    def batch(last: Written | None, inside: Database = database, me: Actor = actor) -> list[Written]:
        with inside.reading() as db:
            return exports.own_posts_before(db, me, last.id if last else None)

    note = _("What you wrote, under your name and under your aliases. Who has this file knows both.")
    return _file(kind, _("What I have written"), note, batch)


def _file(kind: Format, title: str, note: str, batch: Callable[[Written | None], list[Written]]) -> Response:
    pieces = written_as(kind, title, note, islice(_all(batch), MOST_POSTS))
    headers = {"Content-Disposition": saved_as(title, kind, "Posts"), "Cache-Control": "no-store"}
    return Response((piece.encode() for piece in pieces), headers=headers, content_type=TYPES[kind])


def _all(batch: Callable[[Written | None], list[Written]]) -> Iterator[Written]:
    last: Written | None = None
    while found := batch(last):
        yield from found
        last = found[-1]
