"""What can be found: read from the tables of the rooms whose it is, for the index and for nobody's eyes.

Of a post the published words; of a case what everybody may read before they commit an answer (how it ends is in no
index, or a search would tell); of teaching what its page shows. No author is in any of it: nothing is found by who
wrote it. One select a kind, so that filling the index, keeping it and checking it ask the same.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, literal, or_, select
from sqlalchemy.orm import Session

from lti_tool.boards import Board, BoardKind, Post, PostState, Thread
from lti_tool.cases import Case, CaseState
from lti_tool.programme import TeachingSession
from lti_tool.search.matching import matching
from lti_tool.search.models import SearchEntry, SearchWords
from lti_tool.search.rules import Digests, Kind
from lti_tool.texts import Revision, Text

POSTS = (Kind.QUESTION, Kind.ANSWER)
Statement = Select[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Findable:
    """A thing as it should stand in the index."""

    kind: Kind
    number: int
    trust_id: int
    version: int
    scope: int
    is_shared: bool
    at: datetime
    title: str
    text: str

    @property
    def marks(self) -> list[tuple[str, object]]:
        """What it is and where, as tokens beside its words."""
        place = "board" if self.kind in POSTS else "course"
        return [("kind", self.kind), (place, self.scope), *([("shared", "")] if self.is_shared else [])]


def _posts() -> Statement:
    """Published posts. What opens a case's thread is the case, and found as that."""
    kind = case((Post.is_first, Kind.QUESTION.value), else_=Kind.ANSWER.value).label("kind")
    return (
        select(
            kind, Post.id.label("number"), Post.trust_id, Text.published.label("version"),
            Post.board_id.label("scope"), Thread.is_shared, Post.published_at.label("at"), Revision.title,
            Revision.source.label("text"),
        )
        .select_from(Post)
        .join(Thread, Thread.id == Post.thread_id)
        .join(Board, Board.id == Post.board_id)
        .join(Text, Text.id == Post.text_id)
        .join(Revision, and_(Revision.text_id == Text.id, Revision.number == Text.published))
        .where(Post.state == PostState.PUBLISHED, or_(~Post.is_first, Board.kind == BoardKind.BOARD))
    )  # fmt: skip


def _cases() -> Statement:
    """Cases that are out: title, presentation, question."""
    return (
        select(
            literal(Kind.CASE.value).label("kind"), Case.id.label("number"), Case.trust_id, Case.version,
            Case.course_id.label("scope"), Thread.is_shared, Case.published_at.label("at"), Case.title,
            (Revision.source + "\n" + Case.question).label("text"),
        )
        .select_from(Case)
        .join(Thread, Thread.id == Case.thread_id)
        .join(Post, and_(Post.thread_id == Thread.id, Post.is_first))
        .join(Text, Text.id == Post.text_id)
        .join(Revision, and_(Revision.text_id == Text.id, Revision.number == Text.published))
        .where(Case.state == CaseState.PUBLISHED)
    )  # fmt: skip


def _teaching() -> Statement:
    s = TeachingSession
    return select(
        literal(Kind.TEACHING.value).label("kind"), s.id.label("number"), s.trust_id, s.version,
        s.course_id.label("scope"), literal(False).label("is_shared"), s.starts_at.label("at"), s.title,
        (s.description + "\n" + s.speaker + "\n" + s.room).label("text"),
    ).where(s.deleted_at.is_(None))  # fmt: skip


SOURCES: dict[tuple[Kind, ...], tuple[Any, Any]] = {
    POSTS: (_posts, Post.id),
    (Kind.CASE,): (_cases, Case.id),
    (Kind.TEACHING,): (_teaching, TeachingSession.id),
}
"""Kinds → what can be found of them, and its number."""


def things(db: Session, kinds: tuple[Kind, ...], *conditions: ColumnElement[bool]) -> Iterator[Findable]:
    """What can be found of these kinds, of which this holds."""
    statement, number = SOURCES[kinds]
    for row in db.execute(statement().where(*conditions).order_by(number)):
        yield Findable(Kind(row.kind), *row[1:])


def numbers_of_thread(db: Session, thread_public_id: str) -> list[int]:
    """Every post of a thread, whatever its state."""
    of_thread = select(Post.id).join(Thread, Thread.id == Post.thread_id)
    return list(db.scalars(of_thread.where(Thread.public_id == thread_public_id)))


def missing(trust_id: int, kinds: tuple[Kind, ...]) -> Select[int]:
    """The numbers of what should be found and of which no entry says the same, or has no tokens."""
    statement, number = SOURCES[kinds]
    columns = statement().selected_columns
    names = ("trust_id", "kind", "number", "version", "scope", "is_shared")
    same = and_(SearchWords.id == SearchEntry.id, *(getattr(SearchEntry, name) == columns[name] for name in names))
    is_there = exists().where(same).correlate_except(SearchEntry, SearchWords)
    asked: Select[int] = statement().with_only_columns(number).where(columns["trust_id"] == trust_id, ~is_there)
    return asked


def surplus(trust_id: int, kinds: tuple[Kind, ...]) -> Select[int]:
    """The keys of entries of what is not to be found any more."""
    statement, number = SOURCES[kinds]
    thing = statement().with_only_columns(number).where(number == SearchEntry.number)
    is_of_kind = and_(SearchEntry.trust_id == trust_id, SearchEntry.kind.in_(kinds))
    return select(SearchEntry.id).where(is_of_kind, ~thing.correlate(SearchEntry).exists())


def is_of_this_key(db: Session, trust_id: int) -> bool:
    """Whether the newest entry's tokens were made with the key that we have now."""
    of_trust = select(SearchEntry.id, SearchEntry.kind).where(SearchEntry.trust_id == trust_id)
    newest = db.execute(of_trust.order_by(SearchEntry.id.desc()).limit(1)).first()
    if newest is None:
        return True
    mark = Digests(db.info["search_key"], trust_id).mark("kind", newest.kind)
    return bool(matching(db, [[mark]], newest.id, newest.id + 1, 1).keys)


def count_wrong_entries(db: Session, trust_id: int) -> int:
    """How many things of a trust the index lacks, has as they once were, or has though they are gone.

    Where the key is another one, that is everything.
    """
    if not is_of_this_key(db, trust_id):
        entries = select(func.count()).select_from(SearchEntry).where(SearchEntry.trust_id == trust_id)
        return db.scalar(entries) or 0
    asked = [ask(trust_id, kinds) for kinds in SOURCES for ask in (missing, surplus)]
    return sum(db.scalar(select(func.count()).select_from(one.subquery())) or 0 for one in asked)
