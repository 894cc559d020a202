"""Saving a draft while typing (htmx), and throwing one away."""

from flask import Blueprint, request
from werkzeug.wrappers import Response

from lti_tool.core import clock
from lti_tool.core.clock import LONDON
from lti_tool.core.language import gettext as _
from lti_tool.texts.actions import keep_draft, throw_draft_away
from lti_tool.web import changing, come_back, say

blueprint = Blueprint("texts", __name__)


@blueprint.post("/drafts")
def save_draft() -> str:
    """Keep what stands in the form; answers with the line under the box."""
    with changing() as (db, actor):
        is_kept = keep_draft(db, actor.trust_id, actor.person_id, request.form.get("draft_place", ""), request.form)
    at = clock.now().astimezone(LONDON).strftime("%H:%M")
    return _("Draft saved %(at)s") % {"at": at} if is_kept else ""


@blueprint.post("/courses/<course_id>/drafts/drop")
def throw_away(course_id: str) -> Response:
    """Throw one of my drafts away."""
    with changing() as (db, actor):
        throw_draft_away(db, actor.person_id, request.form.get("place", ""))
    say(_("The draft is gone."))
    return come_back("home.drafts", course_id=course_id)
