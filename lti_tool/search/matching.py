"""Asking the index which keys have these tokens, on either engine. What it answers is for nobody's eyes yet.

However common a word is, no more than so many keys are counted, and ranked only when all of them fit. SQLite walks the
keys of a token from the newest on and stops. PostgreSQL's GIN knows no order: so it is asked first for so many keys
without one; if there are more, the newest of all entries are looked through, where a common word is soon met.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, cast, literal, literal_column, select, union_all
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import InstrumentedAttribute, Session

from lti_tool.core.db import has_row_security
from lti_tool.search.models import SearchWords
from lti_tool.search.rules import Groups, as_fts5, as_tsquery

NEWEST_LOOKED_THROUGH = (2_000, 20_000)
MET_OFTEN = 100
MOST_OF_EACH = 200
END = 2**62


@dataclass(frozen=True, slots=True)
class Matches:
    """Keys, the newest first. `is_many`: there are more than were asked for, and perhaps more than stand here."""

    keys: Sequence[int]
    is_many: bool


def matching(db: Session, groups: Groups, first: int, before: int | None, most: int) -> Matches:
    """The newest keys in [first, before) with a token of each group, so many at most."""
    asked = _says(db, groups, SearchWords.words), *_between(first, before)
    in_order = select(SearchWords.id).where(*asked).order_by(SearchWords.id.desc())
    if not has_row_security(db):
        keys = db.scalars(in_order.limit(most + 1)).all()
        return Matches(keys[:most], len(keys) > most)
    keys = sorted(db.scalars(select(SearchWords.id).where(*asked).limit(most + 1)), reverse=True)
    if len(keys) <= most:
        return Matches(keys, is_many=False)
    for window in NEWEST_LOOKED_THROUGH:
        newest = _among_newest(db, groups, first, before, window)
        if len(newest) >= MET_OFTEN:
            return Matches(newest[:most], is_many=True)
    # Common once, but not of late: the index gives them all, and they are put in order.
    return Matches(db.scalars(in_order.limit(most)).all(), is_many=True)


def _among_newest(db: Session, groups: Groups, first: int, before: int | None, window: int) -> Sequence[int]:
    newest = (
        select(SearchWords.id.label("key"), SearchWords.words)
        .where(*_between(first, before))
        .order_by(SearchWords.id.desc())
        .limit(window)
        .subquery()
    )
    these = select(newest.c.key).where(_says(db, groups, newest.c.words))
    return db.scalars(these.order_by(newest.c.key.desc())).all()


def newest_of_each(db: Session, each: Sequence[Groups], most: int = MOST_OF_EACH) -> list[list[int]]:
    """For each of these conditions the newest keys, at most so many. One question for all."""
    if not each:
        return []
    asked = []
    for place, groups in enumerate(each):
        says = select(SearchWords.id.label("key"), literal(place).label("place")).where(
            _says(db, groups, SearchWords.words)
        )
        newest = says.order_by(SearchWords.id.desc()).limit(most).subquery()
        asked.append(select(newest.c.key, newest.c.place))
    found: list[list[int]] = [[] for _ in each]
    for key, place in db.execute(union_all(*asked)):
        found[place].append(key)
    return found


def _between(first: int, before: int | None) -> list[ColumnElement[bool]]:
    begins = [SearchWords.id >= first] if first else []
    return begins if before is None else [*begins, SearchWords.id < before]


def _says(db: Session, groups: Groups, words: ColumnElement[str] | InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """Whether these words have a token of each group. FTS5 is asked by the name of its table."""
    if has_row_security(db):
        return words.op("@@", is_comparison=True)(cast(as_tsquery(groups), TSQUERY))
    return literal_column("search_words").op("MATCH", is_comparison=True)(as_fts5(groups))
