"""Words that a moderator suggests in the place of an author's: kept beside the revision, shown as what changes.

A module of its own: a suggestion is no revision. It becomes one only when its author takes it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from sqlalchemy import delete
from sqlalchemy.orm import Session

from lti_tool.core import clock
from lti_tool.texts.findings import accept, look_through
from lti_tool.texts.models import Revision, Suggestion, Text

_WORDS = re.compile(r"\S+\s*|\s+")  # a word takes its space along, so that names go as a whole


@dataclass(frozen=True, slots=True)
class Change:
    """Words as they stay (`kind` ""), as they go ("out") or as they come ("in")."""

    kind: str
    words: str


def changes_between(old: str, new: str) -> list[Change]:
    """What changes from one text to the other, word by word, in the order of the text."""
    return list(_changes(_WORDS.findall(old), _WORDS.findall(new)))


def _changes(old: list[str], new: list[str]) -> Iterator[Change]:
    for what, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            yield Change("", "".join(old[i:j]))
            continue
        if i < j:
            yield Change("out", "".join(old[i:j]))
        if k < m:
            yield Change("in", "".join(new[k:m]))


def redacted(title: str, source: str) -> dict[str, str]:
    """Title and text with every suggestion of the identifier check in place of the words, kept ones as well."""
    fields = {"title": title, "text": source}
    return accept(fields, look_through(fields), "all")


def suggest(db: Session, text: Text, title: str, source: str) -> None:
    """Keep a suggestion for the newest version; one that stood for it before gives way."""
    key = {"text_id": text.id, "number": text.latest}
    db.execute(delete(Suggestion).filter_by(**key))
    db.add(Suggestion(**key, trust_id=text.trust_id, title=title, source=source, made_at=clock.now()))
    db.flush()


def drop_suggestion(db: Session, text: Text) -> None:
    """Forget what was suggested for the newest version."""
    db.execute(delete(Suggestion).filter_by(text_id=text.id, number=text.latest))


def find_suggestion(db: Session, text_id: int, number: int) -> Suggestion | None:
    """What was suggested in the place of this version, if anything."""
    return db.get(Suggestion, (text_id, number))


def changes_of(revision: Revision, suggestion: Suggestion) -> dict[str, list[Change]]:
    """What a suggestion changes in title and text."""
    return {
        "title": changes_between(revision.title, suggestion.title),
        "text": changes_between(revision.source, suggestion.source),
    }
