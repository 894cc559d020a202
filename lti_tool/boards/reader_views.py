"""What readers do with threads: react, follow, bookmark, and mark all as read. Routes of the same blueprint."""

from flask import Response as FlaskResponse
from flask import render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lti_tool.access import Actor, require
from lti_tool.boards import keeping, posts, queries, reading
from lti_tool.boards.facts import PostFacts
from lti_tool.boards.reactions import react as give_reaction
from lti_tool.boards.views import blueprint
from lti_tool.core.errors import Invalid, NotFound
from lti_tool.core.language import gettext as _
from lti_tool.core.paging import Page
from lti_tool.people import get_course
from lti_tool.web import bar_course, changing, come_back, page, say
from lti_tool.web import reading as snapshot

Answer = str | Response | tuple[str, int]


@blueprint.post("/threads/<thread_id>/reactions")
def react(thread_id: str) -> Response:
    """React to a post, or take it back: `react` is `post:word`, or `post:` for none. htmx gets its line alone."""
    post_id, _colon, word = request.form.get("react", "").partition(":")
    with changing() as (db, actor):
        post = _post_of(db, actor, thread_id, post_id)
        give_reaction(db, actor, post, word)
        post = _post_of(db, actor, thread_id, post_id)
        mine = reading.mine_of_thread(db, actor, Page([post]))
    if request.headers.get("HX-Request") != "true":
        after = {"after": request.form["after"]} if request.form.get("after") else {}
        return come_back("boards.thread", thread_id=thread_id, _anchor=post_id, **after)
    line = render_template("boards/reacted.html", post=post, mine=mine)
    return FlaskResponse(line, headers={"HX-Retarget": f"#re-{post_id}", "HX-Reswap": "outerHTML"})


def _post_of(db: Session, actor: Actor, thread_id: str, post_id: str) -> PostFacts:
    post = posts.get_post_facts(db, actor, post_id)
    if post.thread_public_id != thread_id:
        raise NotFound(_("There is no such post, or it is not for you."))
    return post


def _question(db: Session, actor: Actor, thread_id: str) -> PostFacts:
    return posts.get_thread(db, actor, thread_id)[1].rows[0]


@blueprint.post("/threads/<thread_id>/follow")
def follow(thread_id: str) -> Response:
    """Be told of new replies, or no more."""
    follows = request.form.get("follow") == "on"
    with changing() as (db, actor):
        keeping.follow_thread(db, actor, _question(db, actor, thread_id), follows)
    say(
        _("You follow this question: new replies reach your inbox.") if follows else _("You do not follow it any more.")
    )
    return _back(thread_id)


@blueprint.post("/boards/<board_id>/follow")
def follow_board(board_id: str) -> Response:
    """Be told of new questions on a board, or with one of its tags; or no more."""
    follows, tag = request.form.get("follow") == "on", request.form.get("tag", "")
    with changing() as (db, actor):
        keeping.follow_board(db, actor, queries.get_board(db, actor, board_id), tag, follows)
    say(_("New questions reach your inbox from now on.") if follows else _("You are not told of new ones any more."))
    if course_id := request.form.get("course"):
        return come_back("boards.bookmarks", course_id=course_id)
    return come_back("boards.board", board_id=board_id, tag=tag or None)


@blueprint.route("/threads/<thread_id>/bookmark", methods=["GET", "POST"])
def bookmark(thread_id: str) -> Answer:
    """Bookmark a thread with a note for oneself, or take the bookmark away."""
    if request.method == "GET":
        return _show_bookmark(thread_id, {})
    if request.form.get("do") == "remove":
        with changing() as (db, actor):
            keeping.drop_bookmark(db, actor, thread_id)
        say(_("The bookmark is gone."))
        return _back(thread_id)
    try:
        note = keeping.bookmark_note(request.form.get("note", ""))
    except Invalid as problem:
        return _show_bookmark(thread_id, problem.fields), 400
    with changing() as (db, actor):
        keeping.keep_bookmark(db, actor, _question(db, actor, thread_id), note)
    say(_("Bookmarked. You find it on Home, under My bookmarks."))
    return come_back("boards.thread", thread_id=thread_id)


def _back(thread_id: str) -> Response:
    """To the list of what one keeps if one came from there: the thread may not be readable any more."""
    if course_id := request.form.get("course"):
        return come_back("boards.bookmarks", course_id=course_id)
    return come_back("boards.thread", thread_id=thread_id)


def _show_bookmark(thread_id: str, errors: dict[str, str]) -> str:
    with snapshot() as (db, actor):
        line, found = posts.get_thread(db, actor, thread_id)
        require(actor, "thread.keep", found.rows[0].thing)
        mine = reading.mine_of_thread(db, actor, found)
        note = request.form.get("note", mine.note or "")
        data = {"question": found.rows[0], "mine": mine, "note": note, "errors": errors}
        who = "" if line.is_pseudonymous else None
        course = bar_course(db, actor, line.course)
        return page(db, actor, course, line.kind or "boards", "boards/bookmark.html", who=who, board=line, **data)


@blueprint.get("/courses/<course_id>/bookmarks")
def bookmarks(course_id: str) -> str:
    """My bookmarks and what I follow, from all my courses."""
    with snapshot() as (db, actor):
        course = get_course(db, actor, course_id)
        rows, followed = keeping.bookmarks_of(db, actor), keeping.followed_by(db, actor)
        return page(db, actor, course, "home", "boards/bookmarks.html", rows=rows, followed=followed)


@blueprint.post("/courses/<course_id>/read")
def mark_all(course_id: str) -> Response:
    """Nothing that Home called new when it was drawn is new any more."""
    until = request.form.get("until", "")
    if not (until.isascii() and until.isdecimal() and len(until) < 18):
        raise Invalid(_("We did not understand what you meant. Reload the page and try again."))
    with changing() as (db, actor):
        reading.mark_all_read(db, actor, get_course(db, actor, course_id), int(until))
    say(_("Marked as read."))
    return come_back("home.front", course_id=course_id)
