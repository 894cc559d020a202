"""A moderator's own version of a text: suggested to its author, or published with what stood before it gone.

A module of its own: it is the one place where moderation touches the words that somebody wrote.
"""

from sqlalchemy import delete
from sqlalchemy.orm import Session

from lti_tool.access import Actor
from lti_tool.boards import Post, WaitsFor
from lti_tool.confidentiality import Level
from lti_tool.core.errors import Invalid
from lti_tool.core.language import gettext as _
from lti_tool.moderation.forms import DecisionDraft
from lti_tool.texts import Suggestion, Text, drop_suggestion, get_revision, purge_revisions, suggest


def put_suggestion(db: Session, text: Text, draft: DecisionDraft) -> None:
    """Keep what the moderator suggests beside what they return. Words that change nothing are no suggestion.

    Raises Invalid when there is no note either: the author would not know what to change.
    """
    newest, version = get_revision(db, text.id, text.latest), draft.version
    if version is not None and (version.title, version.source) != (newest.title, newest.source):
        suggest(db, text, version.title, version.source)
        return
    if not draft.note:
        raise Invalid(_("Not decided yet."), {"note": _("Write what the author should change.")})
    drop_suggestion(db, text)


def overwrite_older(db: Session, actor: Actor, post: Post, text: Text) -> None:
    """Take the words out of all versions before the newest, and of suggestions: they may name a patient."""
    purge_revisions(db, text, before=text.latest, actor=actor.public_id, subject=f"post:{post.public_id}")
    db.execute(delete(Suggestion).where(Suggestion.text_id == text.id, Suggestion.number < text.latest))


def kinds_held(db: Session, text: Text, why: WaitsFor) -> list[str]:
    """Which kinds of findings stand in what is decided on: the figures ask later whether they were right."""
    number = text.published if why == WaitsFor.REPORT else text.latest
    if number is None:
        return []
    rows = get_revision(db, text.id, number).findings
    return sorted({row["kind"] for row in rows if row["level"] != Level.COUNT})
