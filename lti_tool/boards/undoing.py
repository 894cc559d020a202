"""Putting a post back to where it stood, and a moderator's own words in the place of its author's.

A module of its own: nothing here is a step of the state table. What is put back is what a decision had written down a
few seconds before, and only as long as nobody has touched the post since.
"""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from lti_tool.access import Actor
from lti_tool.boards.actions import count_change, move_post, publish_edit, show_title
from lti_tool.boards.models import Post
from lti_tool.boards.rules import PostState
from lti_tool.core.errors import Conflict
from lti_tool.core.language import gettext as _
from lti_tool.files import hang
from lti_tool.texts import Prepared, Text, get_revision, revise, with_rest_of

KEPT = ("state", "state_reason", "state_note", "is_flagged", "waits_for", "urgency")
MOMENTS = ("state_at", "waiting_since", "published_at")


def snapshot_of(post: Post, text: Text) -> dict[str, Any]:
    """Where a post stands, as JSON; no word of its text, but a note that its author was sent before."""
    kept = {name: getattr(post, name) for name in KEPT}
    moments = {name: at.isoformat() if (at := getattr(post, name)) else None for name in MOMENTS}
    return kept | moments | {"offered": text.offered, "published": text.published, "latest": text.latest}


def put_back(db: Session, post: Post, text: Text, before: dict[str, Any]) -> None:
    """Undo what has happened since the snapshot. Raises Conflict when the text has gone on meanwhile."""
    if post.version != before.get("version") or text.latest != before["latest"]:
        raise Conflict(_("This post has changed meanwhile. Look again before you decide."))
    was_shown = post.state == PostState.PUBLISHED
    for name in KEPT:
        setattr(post, name, before[name])
    for name in MOMENTS:
        setattr(post, name, datetime.fromisoformat(before[name]) if before[name] else None)
    text.offered, text.published = before["offered"], before["published"]
    db.flush()
    count_change(db, post, (post.state == PostState.PUBLISHED) - was_shown, is_news=False)
    show_title(db, post, text)


def reinstate_post(db: Session, post: Post, text: Text, number: int) -> None:
    """This version, which a moderator had kept back or removed, is published after all."""
    text.offered = number
    if post.state == PostState.PUBLISHED:
        publish_edit(db, post, text)
    else:
        move_post(db, post, text, PostState.PUBLISHED)


def redact_post(db: Session, actor: Actor, post: Post, text: Text, prepared: Prepared) -> None:
    """Publish the moderator's version of a post in the place of what waits, or of what was reported.

    Its files and what it stands on stay: they are no words.
    """
    whole = with_rest_of(db, get_revision(db, text.id, text.latest), prepared)
    revise(db, text, whole)
    if whole.files:
        hang(db, actor, text.id, text.latest, [(file.public_id, file.alt) for file in whole.files])
    post.is_flagged = False
    if post.state == PostState.PUBLISHED:
        publish_edit(db, post, text)
    else:
        move_post(db, post, text, PostState.PUBLISHED)
