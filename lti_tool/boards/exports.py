"""What leaves a board as a file: its published posts for its tutors, and everybody's own for themselves.

Nothing that is held, hidden, removed, still waiting or asked of the tutors alone goes out, and no name where authors
are sealed. Posts come in batches, each of them asked for anew, so that a long file costs no more memory than a short
one and what is taken down meanwhile is not in the rest of it.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from markupsafe import Markup
from sqlalchemy import ColumnElement, Select, and_, case, or_, select, tuple_
from sqlalchemy.orm import Session

from lti_tool.access import Actor, require
from lti_tool.boards.models import Board, Post, Thread
from lti_tool.boards.queries import BoardLine, author_name, get_board
from lti_tool.boards.rules import PostState
from lti_tool.boards.sight import Sight, is_held, visible_threads
from lti_tool.core.db import again
from lti_tool.core.errors import Invalid
from lti_tool.core.language import gettext as _
from lti_tool.journal import record
from lti_tool.people import Course, CourseLine, Person
from lti_tool.texts import Revision, Text

A_BATCH = 200
MOST_POSTS = 50_000
MOST_LISTED = 30
MOST_NEWS = 50


class Format(StrEnum):
    """How a file is written."""

    HTML = "html"
    CSV = "csv"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Written:
    """A published post as a file shows it. `title` is its question's; empty where that is not to be read (any more).

    `author` is a name, or an alias where names are hidden: there the file shows the day and no time (`is_sealed`).
    """

    id: int
    thread_id: int
    branch_id: int
    public_id: str
    thread: str
    title: str
    is_first: bool
    answers: str | None
    author: str
    badge: str
    published_at: datetime
    source: str
    html: Markup
    is_sealed: bool
    board: str
    course: str

    @property
    def place(self) -> tuple[int, int, int]:
        """Where it stands in the order of a board."""
        return self.thread_id, self.branch_id, self.id


def format_of(word: str) -> Format:
    """Raises Invalid for one that we do not write."""
    try:
        return Format(word)
    except ValueError as error:
        raise Invalid(_("Choose a page, a table or data.")) from error


def begin_export(db: Session, actor: Actor, board_id: str, kind: Format) -> BoardLine:
    """The board that is to be saved as a file; that it was is written down. Raises NotFound, Forbidden."""
    board = get_board(db, actor, board_id)
    require(actor, "board.export", board.thing)
    _record(db, actor, "board.exported", f"board:{board.public_id}", kind)
    return board


def begin_own_export(db: Session, actor: Actor, course: CourseLine, kind: Format) -> None:
    """The actor saves what they wrote themselves. The journal says that, and not what or under which alias."""
    require(actor, "own.export", course.thing)
    _record(db, actor, "own.exported", f"person:{actor.public_id}", kind)


def _record(db: Session, actor: Actor, verb: str, subject: str, kind: Format) -> None:
    who, details = actor.public_id, {"as": str(kind)}
    record(db, trust_id=actor.trust_id, actor=who, verb=verb, subject=subject, details=details)


def posts_after(db: Session, actor: Actor, board: BoardLine, after: tuple[int, int, int]) -> list[Written]:
    """The next posts of a board, thread by thread, that this tutor may take out."""
    readable = and_(Post.board_id == board.id, ~Thread.is_private, Sight.of(db, actor, board.id).visible_words)
    place = tuple_(Post.thread_id, Post.branch_id, Post.id)
    rows = db.execute(
        _written(readable, _is_titled()).where(place > after).order_by(Post.thread_id, Post.branch_id, Post.id)
    )
    return [_line(row) for row in rows]


def own_posts_before(db: Session, actor: Actor, before: int | None = None, most: int = A_BATCH) -> list[Written]:
    """The actor's own published posts on all boards of the trust, the newest first, those under an alias too."""
    sealed = select(Board.id).where(Board.trust_id == actor.trust_id, Board.is_pseudonymous)
    mine = and_(Post.trust_id == actor.trust_id, Sight.of(db, actor, *db.scalars(sealed)).is_mine)
    may_know = or_(Post.is_first, and_(_is_titled(), ~Thread.is_private, visible_threads(actor)))
    statement = _written(mine, may_know).order_by(Post.id.desc()).limit(most)
    return [_line(row) for row in db.execute(statement if before is None else statement.where(Post.id < before))]


def newest_posts(db: Session, actor: Actor, board: BoardLine, most: int = MOST_NEWS) -> list[Written]:
    """What was published last on a board, of what the actor may read."""
    readable = and_(Post.board_id == board.id, ~Thread.is_private, Sight.of(db, actor, board.id).visible_words)
    newest = _written(readable, _is_titled()).order_by(Post.published_at.desc(), Post.id.desc())
    return [_line(row) for row in db.execute(newest.limit(most))]


_first = again(Post)
_parent = again(Post)


def _is_titled() -> ColumnElement[bool]:
    """Whether the question's title may stand in a file: it is published itself."""
    return _first.state == PostState.PUBLISHED


def _written(condition: ColumnElement[bool], is_titled: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Post.id, Post.thread_id, Post.branch_id, Post.public_id, Thread.public_id.label("thread"),
            case((is_titled, Thread.title), else_="").label("title"), Post.is_first,
            _parent.public_id.label("answers"), Post.alias, Person.name, Person.public_id.label("person"), Post.badge,
            Post.published_at, Revision.source, Revision.html, Board.is_pseudonymous, Board.title.label("board"),
            Course.title.label("course"),
        )
        .join(Thread, Thread.id == Post.thread_id)
        .join(Board, Board.id == Post.board_id)
        .join(Course, Course.id == Post.course_id)
        .join(Text, Text.id == Post.text_id)
        .join(Revision, and_(Revision.text_id == Text.id, Revision.number == Text.published))
        .join(_first, and_(_first.thread_id == Post.thread_id, _first.is_first))
        .outerjoin(_parent, _parent.id == Post.parent_id)
        .outerjoin(Person, Person.id == Post.author_id)
        .where(Post.state == PostState.PUBLISHED, ~is_held(), condition)
        .limit(A_BATCH)
    )  # fmt: skip


def _line(row: Any) -> Written:
    return Written(
        id=row.id,
        thread_id=row.thread_id,
        branch_id=row.branch_id,
        public_id=row.public_id,
        thread=row.thread,
        title=row.title,
        is_first=row.is_first,
        answers=row.answers,
        author=author_name(row.alias, row.name, row.person),
        badge=row.badge,
        published_at=row.published_at,
        source=row.source,
        html=Markup(row.html),  # noqa: S704 - the column holds SafeHtml
        is_sealed=row.is_pseudonymous,
        board=row.board,
        course=row.course,
    )
