"""Several small questions of a page asked at once: each is answered in slips (kind, number, words), in one query.

A slip holds at most a number and some words; moments and days are words too. Who asks knows the order of the words.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, Text, cast, func, literal, select, union_all
from sqlalchemy.orm import Session

_BETWEEN = "\x1f"
Slip = Select[*tuple[Any, ...]]
Slips = dict[str, list[tuple[int, list[str]]]]


def slip(kind: str, number: Any, *words: Any) -> Slip:
    """The columns of a question, to which its tables and conditions are added. What is null becomes an empty word."""
    bare = [func.replace(func.coalesce(cast(one, Text), ""), _BETWEEN, " ") for one in words]
    said: Any = bare[0] if bare else literal("")
    for one in bare[1:]:
        said = said + _BETWEEN + one
    return select(literal(kind), number, said)


def ask(db: Session, questions: Iterable[Slip]) -> Slips:
    """The answers by kind; none of a kind to which there is no answer. Asks nothing when nothing is asked."""
    questions = list(questions)
    found: Slips = {}
    if questions:
        for kind, number, words in db.execute(union_all(*questions)):
            found.setdefault(kind, []).append((number, words.split(_BETWEEN)))
    return found


def moment_in(word: str) -> datetime:
    """The moment that a database wrote as a word: on SQLite without its zone, which is UTC."""
    moment = datetime.fromisoformat(word)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
