"""What a thread holds for the one who reads it: what is new to them, and what else of it is theirs alone.

One query a page finds the mark, the follow, the bookmark and the reactions; the views move the mark afterwards
(`marks.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, insert, select, update
from sqlalchemy.orm import Session

from lti_tool.access import Actor, may
from lti_tool.boards.audience import visible_boards
from lti_tool.boards.authors import alias_in, alias_slip, tag_of
from lti_tool.boards.facts import PostFacts
from lti_tool.boards.marks import is_news, mark_of, microseconds_of, reader_tag
from lti_tool.boards.models import Board, Post, Thread, ThreadActivity
from lti_tool.boards.queries import moment
from lti_tool.boards.reactions import own_reactions, reaction_words
from lti_tool.boards.reader_models import Bookmark, Follow, ReadMark
from lti_tool.boards.rules import BoardKind, PostState
from lti_tool.boards.sight import Sight
from lti_tool.boards.slips import Slip, Slips, ask, inquiry
from lti_tool.core import clock
from lti_tool.core.paging import Page
from lti_tool.people import CourseLine

MOST_NEWS = 10


@dataclass(frozen=True, slots=True)
class Mine:
    """What is the reader's own of a thread.

    `note` is None without a bookmark. `new` are numbers of posts; `first_new` is the first in the order of the page.
    `shown_us` is where the mark belongs now, or None where it stands right. `alias` is theirs on a board with hidden
    names, if this query could tell. `slips` answer what was asked in the same query.
    """

    follows: bool = False
    note: str | None = None
    reactions: dict[int, str] = field(default_factory=dict)
    new: frozenset[int] = frozenset()
    first_new: int | None = None
    shown_us: int | None = None
    may_react: bool = False
    alias: str = ""
    slips: Slips = field(default_factory=dict)

    @property
    def words(self) -> dict[str, str]:
        """Each reaction as a reader sees it."""
        return reaction_words()


@dataclass(frozen=True, slots=True)
class NewsLine:
    """A thread in which something is new. `is_question`: all of it is."""

    public_id: str
    title: str
    is_question: bool
    last_at: datetime


@dataclass(frozen=True, slots=True)
class BoardNews:
    """What is new on one board."""

    public_id: str
    title: str
    rows: Sequence[NewsLine]


_THREAD: Any = bindparam("thread")
_PERSON: Any = bindparam("person")
_MINE = (
    inquiry("last", ThreadActivity.last_at_us).where(ThreadActivity.thread_id == _THREAD),
    inquiry("seen", ReadMark.seen_us).where(ReadMark.thread_id == _THREAD, ReadMark.reader == bindparam("mark")),
    inquiry("follow", Follow.thread_id).where(Follow.thread_id == _THREAD, Follow.person_id == _PERSON),
    inquiry("note", Bookmark.thread_id, Bookmark.note).where(
        Bookmark.thread_id == _THREAD, Bookmark.person_id == _PERSON
    ),
)


def mine_of_thread(db: Session, actor: Actor, posts: Page[PostFacts], *also: Slip) -> Mine:
    """What is the actor's own of the thread on this page of posts, the question first. One query, and `also` in it."""
    question = posts.rows[0]
    thread_id = question.thread_id
    reader = reader_tag(db, actor.person_id, question.board.course.id)
    who = {"thread": thread_id, "person": actor.person_id, "mark": reader}
    asked = [*(Slip(each, who) for each in _MINE), own_reactions(db, actor, thread_id), *also]
    tag = tag_of(db, actor.person_id, question.board.id)
    if question.board.is_pseudonymous:
        asked.append(alias_slip(question.board.id, tag))
    slips = ask(db, asked)
    seen_us = next((number for number, _words in slips.get("seen", ())), None)
    new = _new_posts(posts.rows, seen_us)
    return Mine(
        follows="follow" in slips,
        note=next((words[0] for _number, words in slips.get("note", ())), None),
        reactions={number: words[0] for number, words in slips.get("reaction", ())},
        new=frozenset(new),
        first_new=new[0] if new else None,
        shown_us=_shown(posts, next((number for number, _words in slips.get("last", ())), 0), seen_us),
        may_react=_may_react(actor, posts.rows),
        alias=alias_in(slips, tag) if question.board.is_pseudonymous else "",
        slips=slips,
    )


def _may_react(actor: Actor, posts: Sequence[PostFacts]) -> bool:
    """Whether there is anything on this page to react to. Asked once a page: it is the same for all others' posts."""
    others = next((post for post in posts if _is_read(post) and not post.is_mine), None)
    return others is not None and may(actor, "post.react", others.thing)


def _is_read(post: PostFacts) -> bool:
    """Whether the page shows words that everybody may read."""
    return post.state == PostState.PUBLISHED and post.html is not None and post.published_at is not None


def _new_posts(posts: Sequence[PostFacts], seen_us: int | None) -> list[int]:
    """Others' posts since the reader was here; at a first visit, or where the mark is gone, none stands out."""
    if seen_us is None:
        return []
    read = [post for post in posts if _is_read(post) and not post.is_mine]
    return [post.id for post in read if post.published_at and microseconds_of(post.published_at) > seen_us]


def _shown(posts: Page[PostFacts], last_us: int, seen_us: int | None) -> int | None:
    """Up to when everything was shown on this page; None when that is known or must not be: nothing is marked of a
    question that is not published, and the replies behind a closed gate were not read."""
    question = posts.rows[0]
    if question.is_held or not _is_read(question):
        return None
    if posts.next_cursor is None and question.is_unlocked:
        shown = last_us
    else:
        read = [post.published_at for post in posts.rows if _is_read(post) and post.published_at]
        shown = microseconds_of(max(read))
    return shown if seen_us is None or shown > seen_us else None


def news_of(db: Session, actor: Actor, course: CourseLine) -> list[BoardNews]:
    """The newest of what is new to the actor in a course, by board."""
    rows = db.execute(
        _news(select(Thread.public_id, Thread.title, ReadMark.seen_us, ThreadActivity.last_at_us,
                     Board.public_id.label("board"), Board.title.label("board_title")), db, actor, course)
        .order_by(ThreadActivity.last_at_us.desc())
        .limit(MOST_NEWS)
    ).all()  # fmt: skip
    boards = list(dict.fromkeys((row.board, row.board_title) for row in rows))
    by_board = {board: [row for row in rows if row.board == board] for board, _title in boards}
    return [
        BoardNews(
            board,
            title,
            [
                NewsLine(row.public_id, row.title, row.seen_us is None, moment(row.last_at_us))
                for row in by_board[board]
            ],
        )
        for board, title in boards
    ]


def _news(statement: Any, db: Session, actor: Actor, course: CourseLine) -> Any:
    """The threads of a course in which something is new to the actor. Boards on which nobody asks are left out."""
    board_ids = db.scalars(select(Board.id).where(Board.course_id == course.id, Board.kind == BoardKind.BOARD)).all()
    sight = Sight.of(db, actor, *board_ids)
    return (
        statement.select_from(ThreadActivity)
        .join(Thread, Thread.id == ThreadActivity.thread_id)
        .join(Board, Board.id == ThreadActivity.board_id)
        .join(Post, and_(Post.thread_id == Thread.id, Post.is_first))
        .outerjoin(ReadMark, mark_of(db, actor, course.id))
        .where(
            ThreadActivity.board_id.in_(board_ids),
            visible_boards(actor),
            sight.visible_words,
            is_news(sight.is_mine, sight.may_compare),
        )
    )


def mark_all_read(db: Session, actor: Actor, course: CourseLine, until_us: int) -> None:
    """What was new to the actor in this course when the page was drawn is not new any more."""
    until_us = min(until_us, microseconds_of(clock.now()))
    rows = db.execute(
        _news(select(Thread.id, ReadMark.seen_us), db, actor, course).where(ThreadActivity.last_at_us <= until_us)
    ).all()
    reader, today = reader_tag(db, actor.person_id, course.id), clock.now().astimezone(clock.LONDON).date()
    again = [row.id for row in rows if row.seen_us is not None]
    theirs = and_(ReadMark.reader == reader, ReadMark.thread_id.in_(again))
    db.execute(update(ReadMark).where(theirs).values(seen_us=until_us, marked_on=today))
    first = [
        {"thread_id": row.id, "reader": reader, "trust_id": actor.trust_id, "seen_us": until_us, "marked_on": today}
        for row in rows
        if row.seen_us is None
    ]
    if first:
        db.execute(insert(ReadMark), first)
