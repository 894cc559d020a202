"""What a box asks for while somebody types (htmx): a draft kept, the identifier check; and throwing a draft away."""

import hashlib
import re
from contextlib import ExitStack
from typing import Any

from flask import Blueprint, current_app, g, render_template, request, session
from werkzeug.wrappers import Response

from lti_tool.access import require
from lti_tool.confidentiality import TrustWords, using_words
from lti_tool.core import clock
from lti_tool.core.clock import LONDON
from lti_tool.core.errors import Conflict, Invalid
from lti_tool.core.language import gettext as _
from lti_tool.people import get_course
from lti_tool.texts.actions import keep_draft, throw_draft_away
from lti_tool.texts.answering import answers_of, told_now, typed_in
from lti_tool.texts.findings import beside_own_names, check_of, look_through, own_names, without_known
from lti_tool.texts.own_words import find_own_words, keep_own_words, own_words_draft, trust_words
from lti_tool.web import changing, come_back, page, reading, say, the_visit

blueprint = Blueprint("texts", __name__)
_MENTION = re.compile(r"(?<![\w@])@[^\W\d_]\S*(?: [A-Z]\S*){0,4}")


@blueprint.before_app_request
def put_words_in_force() -> None:
    """Every check of this request knows the words of the visitor's trust; they are read when one is made."""
    if visit := getattr(session, "visit", None):
        g.own_words = ExitStack()
        g.own_words.enter_context(using_words(lambda: _words_of(visit.trust_id)))


@blueprint.teardown_app_request
def put_words_away(_error: BaseException | None) -> None:
    """The next request in this thread may be that of another trust."""
    if stack := g.pop("own_words", None):
        stack.close()


def _words_of(trust_id: int) -> TrustWords:
    with current_app.extensions["database"].within(trust_id).reading() as db:
        return trust_words(db, trust_id)


@blueprint.post("/drafts")
def save_draft() -> str:
    """Keep what stands in the form; answers with the line under the box."""
    with changing() as (db, actor):
        is_kept = keep_draft(db, actor.trust_id, actor.person_id, request.form.get("draft_place", ""), request.form)
    at = clock.now().astimezone(LONDON).strftime("%H:%M")
    return _("Draft saved %(at)s") % {"at": at} if is_kept else ""


@blueprint.post("/check")
def check_now() -> str | tuple[str, int]:
    """What the identifier check finds in what stands in the form: the part of the page under its box, and no more.

    Answers 204 where that is what the page shows already, so that nothing moves under the hands of who reads it.
    """
    visit = the_visit()
    fields, kept = typed_in(request.form), answers_of(request.form.get("kept", ""))
    found = without_known(look_through(fields, kept), {name: _mentions(words) for name, words in fields.items()})
    own = own_names(fields, visit.given_name, kept) if request.form.get("sealed") else ()
    check = check_of(fields, beside_own_names(found, own))
    before = request.form.get("shown", "")  # of the page that was sent, which quotes the words, it is no such name
    shown = _digest([f"{each.key} {each.finding.suggestion} {each.reason}" for each in check.found])
    if shown == before:
        return "", 204
    return render_template("texts/found.html", check=check, shown=shown, told=told_now(check, had_some=bool(before)))


@blueprint.route("/courses/<course_id>/words", methods=["GET", "POST"])
def own_words(course_id: str) -> str | Response | tuple[str, int]:
    """What my trust adds to the identifier check."""
    if request.method == "GET":
        return _show_words(course_id)
    try:
        draft = own_words_draft(request.form)
        with changing() as (db, actor):
            keep_own_words(db, actor, get_course(db, actor, course_id), draft)
    except Invalid as problem:
        return _show_words(course_id, errors=problem.fields), 400
    except Conflict as problem:
        return _show_words(course_id, problem=problem.message), 409
    say(_("Saved. Every check of your trust uses these words from now on."))
    return come_back("texts.own_words", course_id=course_id)


def _show_words(course_id: str, **data: Any) -> str:
    with reading() as (db, actor):
        course = get_course(db, actor, course_id)
        require(actor, "words.keep", course.thing)
        own = find_own_words(db, actor.trust_id)
        kept = {"hospitals": "\n".join(own.hospitals), "shapes": "\n".join(own.shapes)}
        given = request.form if request.method == "POST" else kept
        shown: dict[str, Any] = {"errors": {}, "problem": "", "given": given, "seen": own.seen} | data
        return page(db, actor, course, "", "texts/words.html", **shown)


def _mentions(words: str) -> list[tuple[int, int]]:
    """Names after an `@`: whether they are those of colleagues is asked when the text is sent, not at every pause."""
    return [match.span() for match in _MENTION.finditer(words)]


def _digest(lines: list[str]) -> str:
    """What names this list of findings; nothing where none is."""
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16] if lines else ""


@blueprint.post("/courses/<course_id>/drafts/drop")
def throw_away(course_id: str) -> Response:
    """Throw one of my drafts away."""
    with changing() as (db, actor):
        throw_draft_away(db, actor.person_id, request.form.get("place", ""))
    say(_("The draft is gone."))
    return come_back("home.drafts", course_id=course_id)
