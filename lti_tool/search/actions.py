"""Keeping the index: things are put in, taken out, and made good where the index and the house differ.

The worker does this, not people: there is no actor and no permission here. What somebody finds is decided when they
look (`queries.py`), so an index that lags behind shows nothing that it should not.
"""

from collections.abc import Iterable

from sqlalchemy import and_, delete, insert, select
from sqlalchemy.orm import Session

from lti_tool.search.models import SearchEntry, SearchWords
from lti_tool.search.rules import Digests, Kind
from lti_tool.search.sources import SOURCES, Findable, is_of_this_key, missing, surplus, things

A_BATCH = 500
A_STEP = 64


def digests_of(db: Session, trust_id: int) -> Digests:
    """What makes the tokens of this trust. The key comes from the doors, in `db.info["search_key"]`."""
    return Digests(db.info["search_key"], trust_id)


def refresh(db: Session, trust_id: int, kinds: tuple[Kind, ...], numbers: Iterable[int]) -> None:
    """Let these things stand in the index as they are now, or not at all."""
    wanted = list(numbers)
    _statement, number = SOURCES[kinds]
    is_one = and_(SearchEntry.trust_id == trust_id, SearchEntry.kind.in_(kinds), SearchEntry.number.in_(wanted))
    _drop(db, list(db.scalars(select(SearchEntry.id).where(is_one))))
    put(db, things(db, kinds, number.in_(wanted)))


def _drop(db: Session, ids: list[int]) -> int:
    for begin in range(0, len(ids), A_BATCH):
        some = ids[begin : begin + A_BATCH]
        db.execute(delete(SearchWords).where(SearchWords.id.in_(some)))
        db.execute(delete(SearchEntry).where(SearchEntry.id.in_(some)))
    return len(ids)


def put(db: Session, found: Iterable[Findable], taken: set[int] | None = None) -> int:
    """Put things in that are not there; returns how many. `taken` spares asking which seconds are free."""
    entries, words = [], []
    mine: set[int] = set() if taken is None else taken
    for thing in found:
        second = int(thing.at.timestamp())
        key = _next_free(second, mine) if taken is not None else _free(db, second, mine)
        mine.add(key)
        entries.append(_row(thing, key))
        tokens = digests_of(db, thing.trust_id).all_of(thing.title, thing.text, thing.marks)
        words.append({"rowid": key, "words": " ".join(tokens)})
    if entries:
        db.connection().execute(insert(SearchEntry.__table__), entries)  # type: ignore[arg-type]  # a table
        db.connection().execute(insert(SearchWords.__table__), words)  # type: ignore[arg-type]  # a table
    return len(entries)


def _row(thing: Findable, key: int) -> dict[str, object]:
    return {
        "id": key,
        "trust_id": thing.trust_id,
        "kind": thing.kind,
        "number": thing.number,
        "version": thing.version,
        "scope": thing.scope,
        "is_shared": thing.is_shared,
    }


def _free(db: Session, second: int, mine: set[int]) -> int:
    """The first free second from this one on. The tokens are asked, which stand for all trusts in one table."""
    while True:
        until = second + A_STEP
        nearby = select(SearchWords.id).where(SearchWords.id >= second, SearchWords.id < until)
        there = mine.union(db.scalars(nearby))
        for candidate in range(second, until):
            if candidate not in there:
                return candidate
        second = until


def _next_free(second: int, taken: set[int]) -> int:
    while second in taken:
        second += 1
    return second


def mend(
    db: Session, trust_id: int, kinds: tuple[Kind, ...], after: int, most: int = A_BATCH
) -> tuple[int, int | None]:
    """Put in what is missing or was made of an older version, of the next things by number.

    Returns how many, and the number after which to go on; None when there are no more.
    """
    _statement, number = SOURCES[kinds]
    numbers = list(db.scalars(missing(trust_id, kinds).where(number > after).order_by(number).limit(most)))
    refresh(db, trust_id, kinds, numbers)
    return len(numbers), numbers[-1] if len(numbers) == most else None


def drop_unreadable(db: Session, trust_id: int) -> int:
    """Take everything of a trust out if its tokens were made with another key; returns how much."""
    if is_of_this_key(db, trust_id):
        return 0
    return _drop(db, list(db.scalars(select(SearchEntry.id).where(SearchEntry.trust_id == trust_id))))


def drop_surplus(db: Session, trust_id: int, kinds: tuple[Kind, ...], most: int = A_BATCH) -> int:
    """Take out what is not to be found any more, so many at once; returns how many."""
    return _drop(db, list(db.scalars(surplus(trust_id, kinds).limit(most))))
