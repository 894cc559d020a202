"""Reading boards. What somebody may not see is not found; one visibility expression decides it for every list.

Lists select columns. The words of a post leave the database only for those who may read them.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Select, and_, bindparam, false, or_, select, true
from sqlalchemy.orm import Session, aliased

from lti_tool.access import Actor
from lti_tool.boards.audience import Anyone, boards_joined_by, values_of, visible_boards
from lti_tool.boards.charter_models import KnowHow
from lti_tool.boards.lines import BoardLine as BoardLine
from lti_tool.boards.lines import board_line, boards, with_heads
from lti_tool.boards.marks import is_news, mark_of
from lti_tool.boards.models import Board, Post, Thread, ThreadActivity, ThreadHold, ThreadMove
from lti_tool.boards.patterns import Template
from lti_tool.boards.pauses import find_pause
from lti_tool.boards.reader_models import ReadMark
from lti_tool.boards.rules import PAGE_OF_THREADS, QUIET_AFTER, BoardKind, Hold, PostState, unpack
from lti_tool.boards.sight import Sight, decides, visible_threads
from lti_tool.core import clock
from lti_tool.core.db import again, fetch
from lti_tool.core.errors import NotFound
from lti_tool.core.language import gettext as _
from lti_tool.core.paging import Cursor, Page
from lti_tool.people import Course, CourseLine, Person, display_name
from lti_tool.web import Landmark

_ACCEPTED = again(Post)


@dataclass(frozen=True, slots=True)
class ThreadLine:
    """A thread as a board lists it. `author` is empty where nobody's name or alias is to be shown."""

    public_id: str
    title: str
    author: str
    state: PostState
    is_mine: bool
    replies: int
    last_at: datetime
    is_answered: bool
    is_endorsed: bool
    is_corrected: bool = False
    is_new: bool = False
    is_pinned: bool = False
    is_locked: bool = False
    tags: tuple[str, ...] = ()
    is_private: bool = False


def is_thread_held(db: Session, thread_id: int) -> bool:
    """Whether a hold of this thread is open."""
    return db.scalar(select(ThreadHold.kind).where(ThreadHold.thread_id == thread_id).limit(1)) is not None


def open_holds(db: Session, thread_id: int) -> set[Hold]:
    """Which holds of this thread are open."""
    return {Hold(kind) for kind in db.scalars(select(ThreadHold.kind).where(ThreadHold.thread_id == thread_id))}


def is_sealed_thread(db: Session, public_id: str) -> bool:
    """Whether its board hides who writes: then nothing that leaves the house may tell of a person and a post in it."""
    of_board = select(Board.is_pseudonymous).join(Thread, Thread.board_id == Board.id)
    return bool(db.scalar(of_board.where(Thread.public_id == public_id)))


def course_of_thread(db: Session, public_id: str) -> CourseLine | None:
    """In which course a thread stands, for landmarks of other rooms. Whether one may read it is asked there."""
    found = select(Course.id, Course.public_id, Course.trust_id, Course.title)
    row = db.execute(found.join(Thread, Thread.course_id == Course.id).where(Thread.public_id == public_id)).first()
    return CourseLine(*row) if row else None


def get_board(db: Session, actor: Actor, public_id: str) -> BoardLine:
    """A board that the actor may read. Raises NotFound."""
    board = find_board(db, actor, public_id)
    if board is None:
        raise NotFound(_("There is no such board, or it is not for you."))
    return board


def find_board(db: Session, actor: Actor, public_id: str) -> BoardLine | None:
    """An ordinary board that the actor may read, with how many people belong to its course."""
    return _first(db, actor, _board(actor.runs_education), public_id)


def find_board_of_thread(db: Session, actor: Actor, public_id: str) -> BoardLine | None:
    """The board of this thread, if the actor may know of the thread."""
    return _first(db, actor, _board_of_thread(actor.runs_education), public_id)


def find_board_of_post(db: Session, actor: Actor, public_id: str) -> BoardLine | None:
    """The board of the thread in which this post stands, if the actor may know of the thread."""
    return _first(db, actor, _board_of_post(actor.runs_education), public_id)


_SOUGHT: BindParameter[str] = bindparam("sought")


@cache
def _board(runs_education: bool) -> Select[*tuple[Any, ...]]:
    is_it = and_(Board.public_id == _SOUGHT, Board.kind == BoardKind.BOARD)
    return with_heads().where(is_it, visible_boards(Anyone(runs_education=runs_education)))


@cache
def _board_of_thread(runs_education: bool) -> Select[*tuple[Any, ...]]:
    return _of_visible_thread(runs_education).where(Thread.public_id == _SOUGHT)


@cache
def _board_of_post(runs_education: bool) -> Select[*tuple[Any, ...]]:
    of_post = select(Post.thread_id).where(Post.public_id == _SOUGHT).scalar_subquery()
    return _of_visible_thread(runs_education).where(Thread.id == of_post)


def _of_visible_thread(runs_education: bool) -> Select[*tuple[Any, ...]]:
    of_thread = with_heads().join(Thread, Thread.board_id == Board.id)
    return of_thread.where(visible_threads(Anyone(runs_education=runs_education)))


def _first(db: Session, actor: Actor, statement: Select[*tuple[Any, ...]], sought: str) -> BoardLine | None:
    row = fetch(db, statement, values_of(actor) | {"sought": sought}).first()
    if row is None:
        return None
    line = board_line(row)
    return replace(line, pause=find_pause(db, actor, line.id, line.paused_until))


def boards_of(
    db: Session, actor: Actor, course: CourseLine, *kinds: BoardKind, is_archived: bool | None = False
) -> list[BoardLine]:
    """The boards of a course and those it has joined, the oldest first: of these kinds, or else those that are listed.

    `is_archived` None means those in the list and those that have left it.
    """
    here = or_(Board.course_id == course.id, Board.id.in_(boards_joined_by([course.id])))
    wanted = and_(here, Board.kind.in_(kinds or (BoardKind.BOARD,)), visible_boards(actor))
    if is_archived is not None:
        wanted = and_(wanted, ~is_listed() if is_archived else is_listed())
    return [board_line(row) for row in db.execute(boards().where(wanted).order_by(Board.id))]


def is_listed() -> ColumnElement[bool]:
    """Whether a board stands in lists: it has not been archived, nor has it archived itself. Needs Board."""
    return or_(Board.archived_at.is_(None), Board.archived_at > clock.now())


def page_of_threads(
    db: Session, actor: Actor, board: BoardLine, show: str = "all", after: Cursor | None = None, tag: str = ""
) -> Page[ThreadLine]:
    """Threads of a board, what is pinned first, then the latest activity. A page of 50 holds all that is pinned.

    `show` is all, unanswered, mine, new, or moved: those that stand on another board now. `tag` is one of the board's.
    """
    sight = Sight.of(db, actor, board.id)
    mine = sight.is_mine
    news = is_news(mine, sight.may_compare)
    listed = ~ThreadActivity.thread_id.in_(kept_threads(board)) if board.template == Template.KNOW_HOW else true()
    kinds = {
        "unanswered": and_(ThreadActivity.replies == 0, Post.state == PostState.PUBLISHED),
        "mine": mine,
        "new": news,
    }
    statement = (
        _thread_lines(mine, news)
        .outerjoin(ReadMark, mark_of(db, actor, board.course.id))
        .where(_is_here(actor, board, show), sight.visible_words, kinds.get(show, listed), _has_tag(tag))
        .order_by(ThreadActivity.is_pinned.desc(), ThreadActivity.last_at_us.desc(), ThreadActivity.thread_id.desc())
        .limit(PAGE_OF_THREADS + 1)
    )
    if after:
        statement = statement.where(
            ThreadActivity.is_pinned.is_(False),
            or_(
                ThreadActivity.last_at_us < after.major,
                and_(ThreadActivity.last_at_us == after.major, ThreadActivity.thread_id < after.minor),
            ),
        )
    rows = db.execute(statement).all()
    more = rows[PAGE_OF_THREADS - 1] if len(rows) > PAGE_OF_THREADS else None
    cursor = Cursor(more.last_at_us, more.thread_id).encode() if more else None
    return Page([_thread_line(row) for row in rows[:PAGE_OF_THREADS]], cursor)


def _is_here(actor: Actor, board: BoardLine, show: str) -> ColumnElement[bool]:
    if show != "moved":
        return ThreadActivity.board_id == board.id
    where_now = select(ThreadMove.thread_id).join(Thread, Thread.id == ThreadMove.thread_id)
    readable = where_now.join(Board, Board.id == Thread.board_id).where(visible_boards(actor))
    return ThreadActivity.thread_id.in_(readable.where(ThreadMove.board_id == board.id))


def _has_tag(tag: str) -> ColumnElement[bool]:
    return Thread.tags.contains(f"|{tag}|", autoescape=True) if tag else true()


def kept_threads(board: BoardLine) -> Any:
    """The threads of a board that are entries of its know-how, because their answer stands: a list of their own."""
    answer = aliased(Post)
    kept = select(KnowHow.thread_id).join(answer, answer.id == KnowHow.post_id)
    return kept.where(KnowHow.board_id == board.id, answer.state == PostState.PUBLISHED)


def _thread_lines(mine: ColumnElement[bool], news: ColumnElement[bool] | None = None) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Thread.public_id, Thread.title, Post.alias, Person.name, Person.public_id.label("person"), Post.state,
            mine.label("is_mine"), ThreadActivity.replies, ThreadActivity.last_at_us, ThreadActivity.thread_id,
            ThreadActivity.endorsed, _ACCEPTED.id.is_not(None).label("is_answered"),
            (false() if news is None else news).label("is_new"), ThreadActivity.is_pinned, Thread.locked_at,
            Thread.tags,
            Thread.is_private,
            Thread.corrected_at,
        )
        .select_from(ThreadActivity)
        .join(Thread, Thread.id == ThreadActivity.thread_id)
        .join(Post, and_(Post.thread_id == Thread.id, Post.is_first))
        .outerjoin(Person, Person.id == Post.author_id)
        .outerjoin(_ACCEPTED, and_(_ACCEPTED.id == Thread.accepted_id, _ACCEPTED.state == PostState.PUBLISHED))
    )  # fmt: skip


def _thread_line(row: Any) -> ThreadLine:
    return ThreadLine(
        public_id=row.public_id,
        title=row.title,
        author=author_name(row.alias, row.name, row.person),
        state=PostState(row.state),
        is_mine=bool(row.is_mine),
        replies=row.replies,
        last_at=moment(row.last_at_us),
        is_answered=bool(row.is_answered),
        is_endorsed=row.endorsed > 0,
        is_new=bool(row.is_new),
        is_pinned=bool(row.is_pinned),
        is_locked=row.locked_at is not None,
        tags=unpack(row.tags),
        is_private=row.is_private,
        is_corrected=row.corrected_at is not None,
    )


def moment(microseconds: int) -> datetime:
    """The moment that `last_at_us` stands for."""
    return datetime.fromtimestamp(microseconds / 1_000_000, UTC)


def author_name(alias: str | None, name: str | None, person: str | None) -> str:
    return alias or (display_name(name or "", person) if person else "")


def unanswered(db: Session, actor: Actor, course: CourseLine, most: int = 5) -> list[ThreadLine]:
    """Published questions of a course that nobody has answered for two days, the oldest first."""
    before = int((clock.now() - QUIET_AFTER).timestamp() * 1_000_000)
    rows = db.execute(
        _thread_lines(Post.author_id == actor.person_id)
        .join(Board, Board.id == Thread.board_id)
        .where(
            Board.course_id == course.id,
            Board.kind == BoardKind.BOARD,
            visible_boards(actor),
            Board.locked_at.is_(None),
            is_listed(),
            Post.state == PostState.PUBLISHED,
            or_(Sight.of(db, actor).is_shown, decides(actor)),
            ThreadActivity.replies == 0,
            ThreadActivity.last_at_us < before,
        )
        .order_by(ThreadActivity.last_at_us)
        .limit(most)
    )
    return [_thread_line(row) for row in rows]


def find_landmark(db: Session, public_id: str) -> Landmark | None:
    """Where the public id of a board, a thread or a post leads. Whether one may read it is asked there."""
    board = db.execute(select(Board.course_id).where(Board.public_id == public_id)).first()
    if board is not None:
        return Landmark("boards.board", {"board_id": public_id}, board.course_id)
    thread = db.execute(select(Thread.course_id).where(Thread.public_id == public_id)).first()
    if thread is not None:
        return Landmark("boards.thread", {"thread_id": public_id}, thread.course_id)
    found = select(Thread.public_id, Post.course_id).join(Post, Post.thread_id == Thread.id)
    post = db.execute(found.where(Post.public_id == public_id)).first()
    if post is None:
        return None
    return Landmark("boards.thread", {"thread_id": post.public_id, "_anchor": public_id}, post.course_id)


def board_lines(db: Session, ids: set[int]) -> dict[int, BoardLine]:
    """Boards by number, for rows that the caller has already been allowed to read."""
    rows = db.execute(with_heads().where(Board.id.in_(ids)))
    return {row.id: board_line(row) for row in rows}
