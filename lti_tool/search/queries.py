"""Finding: what the index says is looked up in the rooms' own tables, under their own conditions, before it is shown.

The index may lag behind and may be wrong: a post that was removed, hidden, withdrawn or held a moment ago, or whose
thread is gated for this reader, is not found and shows in no excerpt, because the words shown are those of the row that
the reader may read now. Nothing is found by who wrote it. `matching.py` asks the index.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup
from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session

from lti_tool.access import Actor
from lti_tool.boards import (
    Board,
    BoardKind,
    Post,
    PostState,
    Sight,
    Thread,
    ThreadActivity,
    is_held,
    is_unlocked,
    visible_boards,
    visible_threads,
)
from lti_tool.cases import Case, stands, visible_cases
from lti_tool.core import clock
from lti_tool.core.db import joined_as_written
from lti_tool.core.errors import NotFound
from lti_tool.core.language import gettext as _
from lti_tool.core.paging import Cursor
from lti_tool.core.richtext import plain
from lti_tool.people import Course, CourseLine, Person, display_name
from lti_tool.programme import TeachingSession, visible_sessions
from lti_tool.search.matching import matching, newest_of_each
from lti_tool.search.models import SearchEntry
from lti_tool.search.rules import (
    MOST_RANKED,
    MOST_SIMILAR,
    NARROWEST,
    PAGE_OF_FOUND,
    Digests,
    Kind,
    Wanted,
    alike,
    excerpt_of,
    marked,
    words_of,
)
from lti_tool.search.sources import POSTS
from lti_tool.texts import Revision, Text

NEWEST_FIRST = 9  # in the place of a rank in a cursor


@dataclass(frozen=True, slots=True)
class Found:
    """Something found, as the reader may read it now. `author` is empty where the place shows none."""

    kind: Kind
    public_id: str
    thread: str
    title: Markup
    place: str
    course: CourseLine
    author: str
    at: datetime
    replies: int | None
    is_sealed: bool
    excerpt: Markup


@dataclass(frozen=True, slots=True)
class Results:
    """A page of what was found. `is_many`: too much to rank, so the newest first."""

    rows: Sequence[Found]
    is_many: bool
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class BoardName:
    """A board that one may look in."""

    id: int
    public_id: str
    title: str


def boards_to_search(db: Session, actor: Actor, course: CourseLine) -> list[BoardName]:
    """The boards of a course, to choose one."""
    here = and_(Board.course_id == course.id, Board.kind == BoardKind.BOARD, visible_boards(actor))
    rows = db.execute(select(Board.id, Board.public_id, Board.title).where(here).order_by(Board.id).limit(NARROWEST))
    return [BoardName(*row) for row in rows]


def find(db: Session, actor: Actor, wanted: Wanted, after: Cursor | None = None) -> Results:
    """A page of what the actor may read that says all the words: titles first, then the newest."""
    digests = Digests(db.info["search_key"], actor.trust_id)
    groups = [[digests.word(word)] for word in wanted.words] + _narrowed(db, actor, wanted, digests)
    first = wanted.begins(clock.now())
    is_newest_first = after is not None and after.major == NEWEST_FIRST
    before = after.minor if after and is_newest_first else None
    found = matching(db, groups, first, before, MOST_RANKED)
    if is_newest_first or found.is_many:
        places = [(NEWEST_FIRST, key) for key in found.keys]
        return _page(db, actor, wanted, places, is_many=True, goes_on=found.is_many)
    ranked = _ranked(db, digests, wanted, groups, found.keys)
    if after is not None:
        ranked = [place for place in ranked if place < (after.major, after.minor)]
    return _page(db, actor, wanted, ranked, is_many=False, goes_on=False)


def _narrowed(db: Session, actor: Actor, wanted: Wanted, digests: Digests) -> list[list[str]]:
    """What the index itself can leave out: another kind, another board, boards and courses that are not the actor's."""
    kinds = [[digests.mark("kind", wanted.kind)]] if wanted.kind else []
    if wanted.board:
        board = db.scalar(select(Board.id).where(Board.public_id == wanted.board, visible_boards(actor)))
        if board is None:
            raise NotFound(_("There is no such board, or it is not for you."))
        return [*kinds, [digests.mark("board", board)]]
    return kinds + _own(db, actor, digests)


def _own(db: Session, actor: Actor, digests: Digests) -> list[list[str]]:
    if actor.runs_education:
        return []
    boards = db.scalars(select(Board.id).where(visible_boards(actor)).limit(NARROWEST)).all()
    if len(boards) + len(actor.roles) >= NARROWEST:
        return []
    marks = [digests.mark("board", board) for board in boards]
    return [[*marks, *(digests.mark("course", course) for course in actor.roles), digests.mark("shared")]]


def _ranked(
    db: Session, digests: Digests, wanted: Wanted, groups: list[list[str]], found: Sequence[int]
) -> list[tuple[int, int]]:
    """(rank, key), the best first: all words in the title, some of them, none; within each the newest."""
    if not found:
        return []
    tokens = [digests.title_word(word) for word in wanted.words]
    some = set(matching(db, [*groups, tokens], found[-1], None, MOST_RANKED).keys)
    whole = some if len(tokens) == 1 else set()
    if some and len(tokens) > 1:
        every = [[token] for token in tokens]
        whole = set(matching(db, [*groups, *every], found[-1], None, MOST_RANKED).keys)
    return sorted(((key in some) + (key in whole), key) for key in found)[::-1]


def _page(
    db: Session, actor: Actor, wanted: Wanted, places: list[tuple[int, int]], *, is_many: bool, goes_on: bool
) -> Results:
    """The first of these places that the actor may read. Looked up in growing handfuls: mostly the first will do.

    `goes_on`: after these there are others, which this page has not looked at.
    """
    rows: list[tuple[tuple[int, int], Found]] = []
    for handful in _handfuls(places):
        shown = _shown(db, actor, wanted.words, [key for _rank, key in handful])
        rows += [(place, shown[place[1]]) for place in handful if place[1] in shown]
        if len(rows) > PAGE_OF_FOUND:
            break
    page, cursor = rows[:PAGE_OF_FOUND], None
    if len(rows) > PAGE_OF_FOUND:
        cursor = Cursor(*page[-1][0]).encode()
    elif goes_on and places:
        cursor = Cursor(*places[-1]).encode()
    return Results([found for _place, found in page], is_many, cursor)


def _handfuls(places: list[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    begin, size = 0, PAGE_OF_FOUND + 10
    while begin < len(places):
        yield places[begin : begin + size]
        begin, size = begin + size, size * 8


def _shown(db: Session, actor: Actor, words: Sequence[str], keys: list[int]) -> dict[int, Found]:
    """What of these keys the actor may read. Only of the kinds that are among them: each costs a plan of many joins."""
    of_trust = SearchEntry.trust_id == actor.trust_id
    rows = db.execute(select(SearchEntry.id, SearchEntry.kind).where(SearchEntry.id.in_(keys), of_trust))
    by_kind: dict[str, list[int]] = {}
    for key, kind in rows:
        by_kind.setdefault("" if kind in POSTS else kind, []).append(key)
    joined_as_written(db)
    found: dict[int, Found] = {}
    for kind, these in by_kind.items():
        statement, made = _LOOKED_UP[kind]
        wanted = statement(db, actor).where(SearchEntry.id.in_(these), of_trust)
        found |= {row.key: made(row, words) for row in db.execute(wanted)}
    return found


def readable(db: Session, actor: Actor) -> ColumnElement[bool]:
    """The posts that may be found: out, in a thread that is not held, behind a gate only where it is open.

    For moderators and authors too: what they may read beyond that is in the queue and on their own pages.
    """
    is_out = and_(Post.state == PostState.PUBLISHED, ~is_held(), or_(Post.is_first, is_unlocked(actor)))
    return and_(is_out, visible_threads(actor), Sight.of(db, actor).visible_words)


def _posts(db: Session, actor: Actor) -> Select[*tuple[Any, ...]]:
    return (
        select(
            SearchEntry.id.label("key"), Post.public_id, Post.is_first, Thread.public_id.label("thread"), Thread.title,
            Board.title.label("place"), Board.is_pseudonymous, Post.alias, Person.name,
            Person.public_id.label("person"), Post.published_at.label("at"), ThreadActivity.replies, Revision.html,
            Course.id.label("course"), Course.public_id.label("course_public_id"), Course.trust_id,
            Course.title.label("course_title"),
        )
        .select_from(SearchEntry)
        .join(Post, and_(Post.id == SearchEntry.number, SearchEntry.kind.in_(POSTS)))
        .join(Thread, Thread.id == Post.thread_id)
        .join(Board, Board.id == Post.board_id)
        .join(Course, Course.id == Post.course_id)
        .join(Text, Text.id == Post.text_id)
        .join(Revision, and_(Revision.text_id == Text.id, Revision.number == Text.published))
        .outerjoin(ThreadActivity, ThreadActivity.thread_id == Post.thread_id)
        .outerjoin(Person, Person.id == Post.author_id)
        .where(readable(db, actor))
    )  # fmt: skip


def _course(row: Any) -> CourseLine:
    return CourseLine(row.course, row.course_public_id, row.trust_id, row.course_title)


def _post(row: Any, words: Sequence[str]) -> Found:
    return Found(
        kind=Kind.QUESTION if row.is_first else Kind.ANSWER,
        public_id=row.public_id,
        thread=row.thread,
        title=marked(row.title, words),
        place=row.place,
        course=_course(row),
        author=row.alias or (display_name(row.name or "", row.person) if row.person else ""),
        at=row.at,
        replies=row.replies if row.is_first else None,
        is_sealed=row.is_pseudonymous,
        excerpt=excerpt_of(plain(row.html), words),
    )


def _cases(_db: Session, actor: Actor) -> Select[*tuple[Any, ...]]:
    return (
        select(
            SearchEntry.id.label("key"), Case.public_id, Case.title, Case.published_at.label("at"), Revision.html,
            Course.id.label("course"), Course.public_id.label("course_public_id"), Course.trust_id,
            Course.title.label("course_title"),
        )
        .select_from(SearchEntry)
        .join(Case, and_(Case.id == SearchEntry.number, SearchEntry.kind == Kind.CASE))
        .join(Course, Course.id == Case.course_id)
        .join(Thread, Thread.id == Case.thread_id)
        .join(Post, and_(Post.thread_id == Thread.id, Post.is_first))
        .join(Text, Text.id == Post.text_id)
        .join(Revision, and_(Revision.text_id == Text.id, Revision.number == Text.published))
        .where(stands(), visible_cases(actor))
    )  # fmt: skip


def _case(row: Any, words: Sequence[str]) -> Found:
    return Found(
        kind=Kind.CASE,
        public_id=row.public_id,
        thread="",
        title=marked(row.title, words),
        place="",
        course=_course(row),
        author="",
        at=row.at,
        replies=None,
        is_sealed=False,
        excerpt=excerpt_of(plain(row.html), words),
    )


def _sessions(_db: Session, actor: Actor) -> Select[*tuple[Any, ...]]:
    s = TeachingSession
    return (
        select(
            SearchEntry.id.label("key"), s.public_id, s.title, s.starts_at.label("at"), s.description, s.room,
            s.speaker, Course.id.label("course"), Course.public_id.label("course_public_id"), Course.trust_id,
            Course.title.label("course_title"),
        )
        .select_from(SearchEntry)
        .join(s, and_(s.id == SearchEntry.number, SearchEntry.kind == Kind.TEACHING))
        .join(Course, Course.id == s.course_id)
        .where(visible_sessions(actor))
    )  # fmt: skip


def _session(row: Any, words: Sequence[str]) -> Found:
    return Found(
        kind=Kind.TEACHING,
        public_id=row.public_id,
        thread="",
        title=marked(row.title, words),
        place=row.room,
        course=_course(row),
        author=row.speaker,
        at=row.at,
        replies=None,
        is_sealed=False,
        excerpt=excerpt_of(" ".join(row.description.split()), words),
    )


_LOOKED_UP: dict[str, tuple[Any, Any]] = {
    "": (_posts, _post),
    Kind.CASE: (_cases, _case),
    Kind.TEACHING: (_sessions, _session),
}


def similar_questions(db: Session, actor: Actor, title: str) -> list[Found]:
    """The questions whose titles say most of the same, of those that the actor may read; a handful."""
    words = words_of(title)
    digests = Digests(db.info["search_key"], actor.trust_id)
    narrowed = [[digests.mark("kind", Kind.QUESTION)], *_own(db, actor, digests)]
    hits = newest_of_each(db, [[[digests.title_word(word)], *narrowed] for word in words])
    best = alike(hits, len(words))
    shown = _shown(db, actor, words, best)
    return [shown[key] for key in best if key in shown][:MOST_SIMILAR]
