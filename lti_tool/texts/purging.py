"""Overwriting a text that must not exist any more: every version of it, and the drafts that hold its words."""

import hashlib
import json
from collections.abc import Iterable

from markupsafe import Markup
from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session

from lti_tool.core import clock
from lti_tool.texts.actions import erase_files_of
from lti_tool.texts.models import Draft, Revision, Suggestion, Text
from lti_tool.texts.rules import lines_to_look_for


def lines_of(db: Session, text_id: int) -> list[str]:
    """What to look for when this text must be nowhere: the lines of all versions and suggestions, and their titles."""
    rows = [
        row
        for kept in (Revision, Suggestion)
        for row in db.execute(select(kept.title, kept.source).where(kept.text_id == text_id))
    ]
    lines = {line for title, source in rows for line in lines_to_look_for(f"{title}\n{source}")}
    return sorted(lines | {json.dumps(line)[1:-1] for line in lines})  # drafts are kept as JSON


def overwrite(db: Session, text: Text) -> list[str]:
    """Empty every version of a text; what was suggested for it and its files go.

    Returns the SHA-256 of each version as it was (title, newline, source), the oldest first. The numbers stay, so that
    decisions still say on which one they were made.
    """
    of_text = select(Revision.title, Revision.source).where(Revision.text_id == text.id).order_by(Revision.number)
    proofs = [hashlib.sha256(f"{title}\n{source}".encode()).hexdigest() for title, source in db.execute(of_text)]
    emptied = update(Revision).where(Revision.text_id == text.id)
    db.execute(emptied.values(title="", source="", html=Markup(""), findings=[], level="", references=[]))
    db.execute(emptied.where(Revision.purged_at.is_(None)).values(purged_at=clock.now()))
    db.execute(delete(Suggestion).where(Suggestion.text_id == text.id))
    erase_files_of(db, text.id)
    text.offered = None
    return proofs


def is_overwritten(db: Session, text_id: int) -> bool:
    """Whether nothing is left of this text."""
    has_words = exists().where(Revision.text_id == text_id, Revision.source != "")
    return not db.scalar(select(has_words))


def drop_drafts_with(db: Session, places: Iterable[str], lines: Iterable[str]) -> int:
    """Delete whoever's drafts for these places that hold one of these lines; returns how many."""
    wanted, found = list(lines), []
    for draft_id, fields in db.execute(select(Draft.id, Draft.fields).where(Draft.place.in_(list(places)))):
        words = "\n".join(str(value) for value in fields.values())
        if any(line in words for line in wanted):
            found.append(draft_id)
    db.execute(delete(Draft).where(Draft.id.in_(found)))
    return len(found)
