"""What a box asks for while somebody types (htmx): a draft kept, the identifier check; and throwing a draft away."""

import hashlib

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from lti_tool.core import clock
from lti_tool.core.clock import LONDON
from lti_tool.core.language import gettext as _
from lti_tool.texts.actions import drop_draft, keep_draft
from lti_tool.texts.answering import answers_of, told_now, typed_in
from lti_tool.texts.findings import check_of, look_through
from lti_tool.web import changing, come_back, say, the_visit

blueprint = Blueprint("texts", __name__)


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
    the_visit()
    fields = typed_in(request.form)
    check = check_of(fields, look_through(fields, answers_of(request.form.get("kept", ""))))
    before = request.form.get("shown", "")  # of the page that was sent, which quotes the words, it is no such name
    shown = _digest([f"{each.key} {each.finding.suggestion} {each.reason}" for each in check.found])
    if shown == before:
        return "", 204
    return render_template("texts/found.html", check=check, shown=shown, told=told_now(check, had_some=bool(before)))


def _digest(lines: list[str]) -> str:
    """What names this list of findings; nothing where none is."""
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16] if lines else ""


@blueprint.post("/courses/<course_id>/drafts/drop")
def throw_away(course_id: str) -> Response:
    """Throw one of my drafts away."""
    with changing() as (db, actor):
        drop_draft(db, actor.person_id, request.form.get("place", ""))
    say(_("The draft is gone."))
    return come_back("home.drafts", course_id=course_id)
