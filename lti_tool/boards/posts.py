"""Reading posts. The words of a post leave the database only for those who may read them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup
from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session

from lti_tool.access import Actor, Thing
from lti_tool.boards.authors import tag_of
from lti_tool.boards.models import Board, Post, Thread
from lti_tool.boards.queries import (
    BoardLine,
    author_name,
    board_lines,
    boards_of,
    decides,
    find_board_of_thread,
    is_held,
    is_mine,
    is_shown,
    is_unlocked,
    visible_threads,
    visible_words,
)
from lti_tool.boards.rules import PAGE_OF_POSTS, BoardKind, PostState
from lti_tool.core import clock
from lti_tool.core.errors import NotFound
from lti_tool.core.language import gettext as _
from lti_tool.core.paging import Cursor, Page
from lti_tool.people import Course, CourseLine, Person
from lti_tool.texts import Revision, Text

LEAVES_A_STONE = (PostState.HIDDEN, PostState.REMOVED, PostState.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class PostFacts:
    """A post with all that decides what may be done with it. `words` are for those who may read them only."""

    id: int
    public_id: str
    thread_id: int
    thread_public_id: str
    branch_id: int
    text_id: int
    is_first: bool
    author: str
    badge: str
    state: PostState
    state_reason: str
    state_note: str
    state_at: datetime
    waits_for: str | None
    waiting_since: datetime | None
    created_at: datetime
    was_published: bool
    latest: int
    offered: int | None
    published: int | None
    is_mine: bool
    html: Markup | None
    board: BoardLine
    title: str
    is_shared: bool
    is_held: bool
    is_unlocked: bool

    @property
    def is_cover(self) -> bool:
        """Whether it opens a thread under another room's cover sheet: only that room changes it."""
        return self.is_first and self.board.kind != BoardKind.BOARD

    @property
    def thing(self) -> Thing:
        """What the policy needs to know of it."""
        return Thing(
            trust_id=self.board.course.trust_id,
            course_id=self.board.course.id,
            is_mine=self.is_mine,
            is_open=self.board.is_open and not self.is_held,
            is_shared=self.is_shared,
            is_cover=self.is_cover,
            is_unlocked=self.is_unlocked,
            state=self.state,
            waits=self.waits_for is not None,
        )


@dataclass(frozen=True, slots=True)
class PostStory:
    """What the notifier says about a post. Holds no name and no word of it."""

    trust_id: int
    course_id: int
    course_public_id: str
    board_public_id: str
    board_title: str
    thread_public_id: str
    thread_title: str
    post_public_id: str
    first_post_public_id: str
    parent_post_public_id: str | None
    is_first: bool
    state: str
    is_held: bool


@dataclass(frozen=True, slots=True)
class ThreadName:
    """What a list in another room calls a thread. `title` is empty for those who may not read it."""

    public_id: str
    title: str
    board_title: str
    course_title: str
    is_sealed: bool


def visible_posts(db: Session, actor: Actor, *board_ids: int) -> ColumnElement[bool]:
    """The posts of which the actor may know: readable ones, and the stones of what others had read."""
    stone = and_(Post.state.in_(LEAVES_A_STONE), Post.published_at.is_not(None), is_shown(actor))
    return or_(visible_words(db, actor, *board_ids), stone)


def _posts(db: Session, actor: Actor, *board_ids: int) -> Select[*tuple[Any, ...]]:
    """Posts with their words: the published ones, or the newest version for its author and for a moderator in turn."""
    mine = is_mine(db, actor, *board_ids)
    shown = case((Post.state == PostState.PUBLISHED, Text.published), else_=Text.latest)
    words = visible_words(db, actor, *board_ids)
    return (
        select(
            Post.id, Post.public_id, Post.thread_id, Thread.public_id.label("thread_public_id"), Post.branch_id,
            Post.text_id, Post.is_first, Post.alias, Person.name, Person.public_id.label("person"), Post.badge,
            Post.state, Post.state_reason, case((mine, Post.state_note), else_="").label("state_note"), Post.state_at,
        Post.waits_for, Post.waiting_since, Post.created_at,
            Post.published_at, Text.latest, Text.offered, Text.published, mine.label("is_mine"),
            case((words, Revision.html)).label("html"), case((words, Revision.title)).label("title"),
            Thread.is_shared, is_held().label("is_held"), or_(is_unlocked(actor), decides(actor)).label("is_unlocked"),
        )
        .join(Thread, Thread.id == Post.thread_id)
        .join(Text, Text.id == Post.text_id)
        .outerjoin(Revision, and_(Revision.text_id == Text.id, Revision.number == shown))
        .outerjoin(Person, Person.id == Post.author_id)
    )  # fmt: skip


def _post_facts(row: Any, board: BoardLine) -> PostFacts:
    return PostFacts(
        id=row.id,
        public_id=row.public_id,
        thread_id=row.thread_id,
        thread_public_id=row.thread_public_id,
        branch_id=row.branch_id,
        text_id=row.text_id,
        is_first=row.is_first,
        author=author_name(row.alias, row.name, row.person),
        badge=row.badge,
        state=PostState(row.state),
        state_reason=row.state_reason,
        state_note=row.state_note,
        state_at=row.state_at,
        waits_for=row.waits_for,
        waiting_since=row.waiting_since,
        created_at=row.created_at,
        was_published=row.published_at is not None,
        latest=row.latest,
        offered=row.offered,
        published=row.published,
        is_mine=bool(row.is_mine),
        html=Markup(row.html) if row.html is not None else None,  # noqa: S704 - the column holds SafeHtml
        board=board,
        title=row.title or "",
        is_shared=row.is_shared,
        is_held=bool(row.is_held),
        is_unlocked=bool(row.is_unlocked),
    )


def get_thread(
    db: Session, actor: Actor, public_id: str, after: Cursor | None = None
) -> tuple[BoardLine, Page[PostFacts]]:
    """A thread's board and its posts in order: the question, then branches by time. Raises NotFound."""
    board = find_board_of_thread(db, actor, Thread.public_id == public_id)
    if board is None:
        raise NotFound(_("There is no such question, or it is not for you."))
    statement = (
        _posts(db, actor, board.id)
        .where(Thread.public_id == public_id, visible_posts(db, actor, board.id))
        .order_by(Post.branch_id, Post.id)
        .limit(PAGE_OF_POSTS + 1)
    )
    if after:
        later = and_(Post.branch_id == after.major, Post.id > after.minor)
        statement = statement.where(or_(Post.is_first, Post.branch_id > after.major, later))
    rows = db.execute(statement).all()
    if not rows or not rows[0].is_first:
        raise NotFound(_("There is no such question, or it is not for you."))
    last = rows[PAGE_OF_POSTS - 1] if len(rows) > PAGE_OF_POSTS else None
    cursor = Cursor(last.branch_id, last.id).encode() if last else None
    return board, Page([_post_facts(row, board) for row in rows[:PAGE_OF_POSTS]], cursor)


def get_post_facts(db: Session, actor: Actor, public_id: str) -> PostFacts:
    """A post of which the actor may know. Raises NotFound."""
    of_post = select(Post.thread_id).where(Post.public_id == public_id).scalar_subquery()
    if board := find_board_of_thread(db, actor, Thread.id == of_post):
        visible = visible_posts(db, actor, board.id)
        found = db.execute(_posts(db, actor, board.id).where(Post.public_id == public_id, visible)).first()
        if found is not None:
            return _post_facts(found, board)
    raise NotFound(_("There is no such post, or it is not for you."))


def _waits(actor: Actor) -> ColumnElement[bool]:
    """What this moderator can decide on now: what is held waits for another room's decision first."""
    return and_(decides(actor), Post.waiting_since.is_not(None), ~is_held())


def waiting_posts(db: Session, actor: Actor, most: int = 50) -> list[PostFacts]:
    """What waits for this moderator in all their courses, reports first, then the oldest."""
    urgent = case((Post.waits_for == "report", 0), else_=1)
    rows = db.execute(
        _posts(db, actor)
        .add_columns(Post.board_id)
        .where(_waits(actor))
        .order_by(urgent, Post.waiting_since, Post.id)
        .limit(most)
    ).all()
    boards = board_lines(db, {row.board_id for row in rows})
    return [_post_facts(row, boards[row.board_id]) for row in rows]


def waiting_count(actor: Actor) -> ScalarSelect[int]:
    """How many posts wait for this moderator."""
    return select(func.count()).select_from(Post).where(_waits(actor)).scalar_subquery()


def mine_waiting(db: Session, actor: Actor, course: CourseLine, most: int = 20) -> list[PostFacts]:
    """The actor's own posts in a course that wait, or that were returned or rejected, the newest first.

    Without what opens a thread under another room's cover sheet: that room tells of it.
    """
    boards = {board.id: board for board in boards_of(db, actor, course, *BoardKind)}
    unsettled = (PostState.PENDING, PostState.RETURNED, PostState.REJECTED)
    rows = db.execute(
        _posts(db, actor, *boards)
        .add_columns(Post.board_id)
        .where(Post.board_id.in_(boards), is_mine(db, actor, *boards), Post.state.in_(unsettled))
        .where(or_(~Post.is_first, Post.board_id.in_([line.id for line in boards.values() if not line.kind])))
        .order_by(Post.state_at.desc())
        .limit(most)
    ).all()
    return [_post_facts(row, boards[row.board_id]) for row in rows]


def history_on_board(db: Session, post_id: int) -> dict[PostState, int]:
    """How many posts the author of this post has on its board, by state. Tells a moderator without telling who."""
    this = select(Post.author_id, Post.author_tag, Post.board_id).where(Post.id == post_id).subquery()
    same = or_(Post.author_id == this.c.author_id, Post.author_tag == this.c.author_tag)
    rows = db.execute(
        select(Post.state, func.count())
        .where(Post.board_id == this.c.board_id, same, Post.id != post_id)
        .group_by(Post.state)
    )
    return {PostState(state): count for state, count in rows}


def posts_within_hour(db: Session, actor: Actor, board: BoardLine) -> int:
    """How many posts the actor has sent to this board within the last hour."""
    since = clock.now() - clock.HOUR
    mine = (
        Post.author_tag == tag_of(db, actor.person_id, board.id)
        if board.is_pseudonymous
        else Post.author_id == actor.person_id
    )
    return db.scalar(select(func.count()).select_from(Post).where(mine, Post.created_at > since)) or 0


def story_of(db: Session, post_public_id: str) -> PostStory | None:
    """What may be said about a post without its words or its author."""
    parent, first = Post.__table__.alias("parent"), Post.__table__.alias("first")
    row = db.execute(
        select(
            Post.trust_id, Course.id, Course.public_id, Board.public_id, Board.title, Thread.public_id, Thread.title,
            Post.public_id, first.c.public_id, parent.c.public_id, Post.is_first, Post.state, is_held(),
        )
        .join(Thread, Thread.id == Post.thread_id)
        .join(Board, Board.id == Post.board_id)
        .join(Course, Course.id == Post.course_id)
        .join(first, and_(first.c.thread_id == Post.thread_id, first.c.is_first))
        .outerjoin(parent, parent.c.id == Post.parent_id)
        .where(Post.public_id == post_public_id)
    ).first()  # fmt: skip
    return PostStory(*row) if row else None


def thread_names(db: Session, actor: Actor, public_ids: set[str]) -> dict[str, ThreadName]:
    """The names of those of these threads of which the actor may know."""
    board_ids = db.scalars(select(Thread.board_id).where(Thread.public_id.in_(public_ids)).distinct()).all()
    title = case((visible_words(db, actor, *board_ids), Thread.title), else_="")
    rows = db.execute(
        select(Thread.public_id, title, Board.title, Course.title, Board.is_pseudonymous)
        .join(Post, and_(Post.thread_id == Thread.id, Post.is_first))
        .join(Board, Board.id == Thread.board_id)
        .join(Course, Course.id == Thread.course_id)
        .where(Thread.public_id.in_(public_ids), visible_threads(actor), visible_posts(db, actor, *board_ids))
    )
    return {row[0]: ThreadName(*row) for row in rows}
