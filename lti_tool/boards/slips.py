"""Several small questions of a page asked at once: each is answered in slips (kind, number, words), in one query.

An answer holds at most a number and some words; moments and days are words too. Who asks knows the order of the words.
An inquiry is written once, with a name (`bindparam`) for what changes; it is asked with the values of those names.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import CompoundSelect, Select, Text, cast, func, literal, select, union_all
from sqlalchemy.orm import Session

from lti_tool.core.db import fetch

_BETWEEN = "\x1f"
Inquiry = Select[*tuple[Any, ...]]
Slips = dict[str, list[tuple[int, list[str]]]]


class Slip(NamedTuple):
    """An inquiry, and of what it is made. Slips that are asked together give the same value to the same name."""

    inquiry: Inquiry
    values: Mapping[str, Any]


def inquiry(kind: str, number: Any, *words: Any) -> Inquiry:
    """The columns of a question, to which its tables and conditions are added. What is null becomes an empty word."""
    bare = [func.replace(func.coalesce(cast(one, Text), ""), _BETWEEN, " ") for one in words]
    said: Any = bare[0] if bare else literal("")
    for one in bare[1:]:
        said = said + _BETWEEN + one
    return select(literal(kind), number, said)


def ask(db: Session, slips: Iterable[Slip]) -> Slips:
    """The answers by kind; none of a kind to which there is no answer. Asks nothing when nothing is asked."""
    slips = list(slips)
    found: Slips = {}
    if slips:
        values: dict[str, Any] = {}
        for slip in slips:
            assert all(values.get(name, value) == value for name, value in slip.values.items()), "one name, two values"
            values.update(slip.values)
        asked = _together(tuple(slip.inquiry for slip in slips))
        for kind, number, words in fetch(db, asked, values):
            found.setdefault(kind, []).append((number, words.split(_BETWEEN)))
    return found


@lru_cache(maxsize=200)
def _together(inquiries: tuple[Inquiry, ...]) -> CompoundSelect[*tuple[Any, ...]]:
    return union_all(*inquiries)


def moment_in(word: str) -> datetime:
    """The moment that a database wrote as a word: on SQLite without its zone, which is UTC."""
    moment = datetime.fromisoformat(word)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
