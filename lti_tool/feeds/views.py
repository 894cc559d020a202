"""Pages on which a person puts teaching on a phone, and the address that the phone follows."""

from typing import Any

from flask import Blueprint, current_app, request
from flask.blueprints import BlueprintSetupState
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lti_tool.access import Actor, require
from lti_tool.core import clock
from lti_tool.core.errors import Invalid, NotFound
from lti_tool.core.ids import digest, new_public_id
from lti_tool.core.language import gettext as _
from lti_tool.core.log import log
from lti_tool.feeds import actions, queries
from lti_tool.feeds.answers import answer, gone
from lti_tool.feeds.calendars import Shelf, Shown, shown_at
from lti_tool.feeds.forms import feed_draft, generation_of, once_of, usual_draft
from lti_tool.feeds.offers import offers_of
from lti_tool.feeds.queries import FeedLine
from lti_tool.feeds.rules import FETCH_NOTED_EVERY, Standing, Window
from lti_tool.people import GRADES, CourseLine, get_course
from lti_tool.web import changing, come_back, page, reading, say

blueprint = Blueprint("feeds", __name__)
Answer = str | Response | tuple[str, int]


@blueprint.record_once
def _furnish(state: BlueprintSetupState) -> None:
    state.app.extensions["calendars"] = Shelf()


@blueprint.get("/calendar/<token>.ics", merge_slashes=False)
def calendar(token: str) -> Response:
    """The calendar of an address. Nobody visits: whoever has the address may read it."""
    now, database = clock.now(), current_app.extensions["database"]
    with database.reading() as db:
        feed = queries.find_feed(db, digest(token))
        if feed is None or feed.board:
            raise NotFound(_("There is no calendar at this address. Open your VLE and ask for a new link."))
        shown = shown_at(db, current_app.extensions["calendars"], feed, now)
    if shown.calendar is None:
        return gone()
    _note(feed, shown)
    return answer(request, shown.calendar, shown.modified_at, feed.name)


def _note(feed: FeedLine, shown: Shown) -> None:
    if shown.standing is Standing.LIVE:
        note_fetch(feed, shown.courses)


def note_fetch(feed: FeedLine, courses: frozenset[int]) -> None:
    """Note once an hour that somebody's program asks. Comfort only: losing it harms nobody."""
    now = clock.now()
    if feed.last_fetched_at is not None and now < feed.last_fetched_at + FETCH_NOTED_EVERY:
        return
    try:
        with current_app.extensions["database"].within(feed.trust_id).transaction() as db:
            actions.note_fetch(db, feed, courses, now)
    except OperationalError:
        log.warning("fetch_not_noted", feed=feed.public_id)


@blueprint.route("/courses/<course_id>/teaching/phone", methods=["GET", "POST"])
def phone(course_id: str) -> Answer:
    """Put teaching on a phone: the actor's feeds, or the button that makes the first."""
    if request.method == "GET":
        return _show_phone(course_id)
    try:
        with changing() as (db, actor):
            course = get_course(db, actor, course_id)
            actions.make_feed(db, actor, course, usual_draft(), once_of(request.form))
    except Invalid as problem:
        return _show_phone(course_id, problem.message), 400
    return come_back("feeds.phone", course_id=course_id)


def _show_phone(course_id: str, problem: str = "") -> str:
    with reading() as (db, actor):
        course = get_course(db, actor, course_id)
        require(actor, "feed.make", course.thing)
        data: dict[str, Any] = {"offers": offers_of(db, actor), "once": new_public_id(), "problem": problem}
        return page(db, actor, course, "programme", "feeds/phone.html", **data)


@blueprint.route("/courses/<course_id>/teaching/phone/new", methods=["GET", "POST"])
def new_feed(course_id: str) -> Answer:
    """Make another feed, of some courses or grades."""
    if request.method == "GET":
        return _show_new(course_id)
    try:
        with changing() as (db, actor):
            course = get_course(db, actor, course_id)
            draft = feed_draft(request.form, queries.courses_of(db, actor))
            actions.make_feed(db, actor, course, draft, once_of(request.form))
    except Invalid as problem:
        return _show_new(course_id, problem), 400
    say(_("“%(name)s” is made. Add it to your calendar below.") % {"name": draft.name})
    return come_back("feeds.phone", course_id=course_id)


def _show_new(course_id: str, problem: Invalid | None = None) -> str:
    with reading() as (db, actor):
        course = get_course(db, actor, course_id)
        require(actor, "feed.make", course.thing)
        grade = queries.own_grade(db, actor.person_id, Window.at(clock.now()).day)
        data: dict[str, Any] = {"courses": queries.courses_of(db, actor), "grades": GRADES, "grade": grade}
        data |= {"errors": problem.fields if problem else {}, "problem": problem.message if problem else ""}
        data |= {"given": request.form, "once": once_of(request.form)}
        return page(db, actor, course, "programme", "feeds/new.html", **data)


@blueprint.route("/courses/<course_id>/teaching/phone/<feed_id>/replace", methods=["GET", "POST"])
def replace(course_id: str, feed_id: str) -> Answer:
    """Another address for a feed, after one question."""
    if request.method == "GET":
        return _ask(course_id, feed_id, "replace")
    with changing() as (db, actor):
        course, feed = _mine(db, actor, course_id, feed_id)
        actions.replace_address(db, actor, course, feed, generation_of(request.form))
    say(_("“%(name)s” has a new link. Add it to your programs again.") % {"name": feed.name})
    return _back(course_id, feed)


@blueprint.route("/courses/<course_id>/teaching/phone/<feed_id>/off", methods=["GET", "POST"])
def switch_off(course_id: str, feed_id: str) -> Answer:
    """Switch a feed off, after one question."""
    if request.method == "GET":
        return _ask(course_id, feed_id, "off")
    with changing() as (db, actor):
        course, feed = _mine(db, actor, course_id, feed_id)
        actions.switch_off(db, actor, course, feed)
    say(_("“%(name)s” is switched off.") % {"name": feed.name})
    return _back(course_id, feed)


def _back(course_id: str, feed: FeedLine) -> Response:
    if feed.board:
        return come_back("feeds.board_link", board_id=feed.board)
    return come_back("feeds.phone", course_id=course_id)


def _mine(db: Session, actor: Actor, course_id: str, feed_id: str) -> tuple[CourseLine, FeedLine]:
    return get_course(db, actor, course_id), queries.get_feed(db, actor, feed_id)


def _ask(course_id: str, feed_id: str, wish: str) -> str:
    with reading() as (db, actor):
        course, feed = _mine(db, actor, course_id, feed_id)
        require(actor, "feed.change", feed.thing(course))
        return page(db, actor, course, "programme", "feeds/sure.html", feed=feed, wish=wish)
