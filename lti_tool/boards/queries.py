"""Reading boards. What somebody may not see is not found; one visibility expression decides it for every list.

Lists select columns. The words of a post leave the database only for those who may read them.
"""

from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup
from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, true
from sqlalchemy.orm import Session

from lti_tool.access import Actor, Duty, Role, Thing, may
from lti_tool.boards.authors import tag_of, tags_of
from lti_tool.boards.models import Board, Post, Thread, ThreadActivity
from lti_tool.boards.rules import PAGE_OF_POSTS, PAGE_OF_THREADS, QUIET_AFTER, PostState
from lti_tool.core import clock
from lti_tool.core.errors import NotFound
from lti_tool.core.language import gettext as _
from lti_tool.core.paging import Cursor, Page
from lti_tool.people import Course, CourseLine, Enrolment, Person, display_name
from lti_tool.texts import Revision, Text

MODERATOR_SEES = (PostState.PENDING, PostState.HIDDEN)
LEAVES_A_STONE = (PostState.HIDDEN, PostState.REMOVED, PostState.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class BoardLine:
    """A board, its course, and how many read it."""

    id: int
    public_id: str
    title: str
    purpose: str
    is_pseudonymous: bool
    is_moderated: bool
    look_days: str
    look_times: str
    is_open: bool
    course: CourseLine
    readers: int = 0
    tutors: int = 0

    @property
    def thing(self) -> Thing:
        """What the policy needs to know of it."""
        return Thing(trust_id=self.course.trust_id, course_id=self.course.id, is_open=self.is_open)


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

    @property
    def thing(self) -> Thing:
        """What the policy needs to know of it."""
        return Thing(
            trust_id=self.board.course.trust_id,
            course_id=self.board.course.id,
            is_mine=self.is_mine,
            is_open=self.board.is_open,
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


def visible_boards(actor: Actor) -> ColumnElement[bool]:
    """The boards of the actor's courses; all of the trust for an education administrator."""
    inside = Board.trust_id == actor.trust_id
    return inside if Duty.EDUCATION_ADMINISTRATOR in actor.duties else and_(inside, Board.course_id.in_(actor.roles))


def _decides(actor: Actor) -> ColumnElement[bool]:
    courses = [course for course, role in actor.roles.items() if role in (Role.TUTOR, Role.ASSISTANT)]
    return and_(Post.trust_id == actor.trust_id, Post.course_id.in_(courses))


def _is_mine(db: Session, actor: Actor, *board_ids: int) -> ColumnElement[bool]:
    return or_(Post.author_id == actor.person_id, Post.author_tag.in_(tags_of(db, actor.person_id, board_ids)))


def visible_words(db: Session, actor: Actor, *board_ids: int) -> ColumnElement[bool]:
    """The posts whose words the actor may read: published, one's own, or waiting for this moderator."""
    return or_(
        Post.state == PostState.PUBLISHED,
        _is_mine(db, actor, *board_ids),
        and_(Post.state.in_(MODERATOR_SEES), _decides(actor)),
    )


def visible_posts(db: Session, actor: Actor, *board_ids: int) -> ColumnElement[bool]:
    """The posts of which the actor may know: readable ones, and the stones of what others had read."""
    stone = and_(Post.state.in_(LEAVES_A_STONE), Post.published_at.is_not(None))
    return or_(visible_words(db, actor, *board_ids), stone)


def _boards() -> Select[*tuple[object, ...]]:
    return select(
        Board.id, Board.public_id, Board.title, Board.purpose, Board.is_pseudonymous, Board.is_moderated,
        Board.look_days, Board.look_times, Board.locked_at,
        Course.id, Course.public_id, Course.trust_id, Course.title,
    ).join(Course, Course.id == Board.course_id)  # fmt: skip


def _board_line(row: tuple[object, ...], readers: int = 0, tutors: int = 0) -> BoardLine:
    board, course = row[:8], row[9:13]
    return BoardLine(*board, row[8] is None, CourseLine(*course), readers, tutors)  # type: ignore[arg-type]  # _boards' order


def _heads(is_tutor: bool) -> ColumnElement[int]:
    teaches = Enrolment.role.in_((Role.TUTOR, Role.ASSISTANT))
    counted = select(func.count()).where(Enrolment.course_id == Board.course_id, teaches if is_tutor else ~teaches)
    return counted.scalar_subquery()


def get_board(db: Session, actor: Actor, public_id: str) -> BoardLine:
    """A board that the actor may read. Raises NotFound."""
    board = find_board(db, actor, public_id)
    if board is None:
        raise NotFound(_("There is no such board, or it is not for you."))
    return board


def find_board(db: Session, actor: Actor, public_id: str) -> BoardLine | None:
    """A board that the actor may read, with how many people belong to its course."""
    statement = _boards().add_columns(_heads(False), _heads(True))
    row = db.execute(statement.where(Board.public_id == public_id, visible_boards(actor))).first()
    return _board_line(tuple(row), *row[13:]) if row else None


def boards_of(db: Session, actor: Actor, course: CourseLine) -> list[BoardLine]:
    """All boards of a course, the oldest first."""
    rows = db.execute(_boards().where(Board.course_id == course.id, visible_boards(actor)).order_by(Board.id))
    return [_board_line(tuple(row)) for row in rows]


def page_of_threads(
    db: Session, actor: Actor, board: BoardLine, show: str = "all", after: Cursor | None = None
) -> Page[ThreadLine]:
    """Threads of a board, latest activity first. `show` is all, unanswered or mine."""
    mine = _is_mine(db, actor, board.id)
    shown = or_(Post.state == PostState.PUBLISHED, mine, and_(Post.state.in_(MODERATOR_SEES), _decides(actor)))
    kinds = {"unanswered": and_(ThreadActivity.replies == 0, Post.state == PostState.PUBLISHED), "mine": mine}
    statement = (
        _thread_lines(mine)
        .where(ThreadActivity.board_id == board.id, shown, kinds.get(show, true()))
        .order_by(ThreadActivity.last_at_us.desc(), ThreadActivity.thread_id.desc())
        .limit(PAGE_OF_THREADS + 1)
    )
    if after:
        statement = statement.where(
            or_(
                ThreadActivity.last_at_us < after.major,
                and_(ThreadActivity.last_at_us == after.major, ThreadActivity.thread_id < after.minor),
            )
        )
    rows = db.execute(statement).all()
    more = rows[PAGE_OF_THREADS - 1] if len(rows) > PAGE_OF_THREADS else None
    cursor = Cursor(more.last_at_us, more.thread_id).encode() if more else None
    return Page([_thread_line(row) for row in rows[:PAGE_OF_THREADS]], cursor)


def _thread_lines(mine: ColumnElement[bool]) -> Select[*tuple[object, ...]]:
    return (
        select(
            Thread.public_id, Thread.title, Post.alias, Person.name, Person.public_id.label("person"), Post.state,
            mine.label("is_mine"), ThreadActivity.replies, ThreadActivity.last_at_us, ThreadActivity.thread_id,
        )
        .select_from(ThreadActivity)
        .join(Thread, Thread.id == ThreadActivity.thread_id)
        .join(Post, and_(Post.thread_id == Thread.id, Post.is_first))
        .outerjoin(Person, Person.id == Post.author_id)
    )  # fmt: skip


def _thread_line(row: object) -> ThreadLine:
    return ThreadLine(
        public_id=row.public_id,
        title=row.title,
        author=_author(row.alias, row.name, row.person),
        state=PostState(row.state),
        is_mine=bool(row.is_mine),
        replies=row.replies,
        last_at=moment(row.last_at_us),
    )


def moment(microseconds: int) -> datetime:
    """The moment that `last_at_us` stands for."""
    return datetime.fromtimestamp(microseconds / 1_000_000, clock.UTC)


def _author(alias: str | None, name: str | None, person: str | None) -> str:
    return alias or (display_name(name or "", person) if person else "")


def unanswered(db: Session, actor: Actor, course: CourseLine, most: int = 5) -> list[ThreadLine]:
    """Published questions of a course that nobody has answered for two days, the oldest first."""
    before = int((clock.now() - QUIET_AFTER).timestamp() * 1_000_000)
    rows = db.execute(
        _thread_lines(Post.author_id == actor.person_id)
        .join(Board, Board.id == Thread.board_id)
        .where(
            Board.course_id == course.id,
            visible_boards(actor),
            Board.locked_at.is_(None),
            Post.state == PostState.PUBLISHED,
            ThreadActivity.replies == 0,
            ThreadActivity.last_at_us < before,
        )
        .order_by(ThreadActivity.last_at_us)
        .limit(most)
    )
    return [_thread_line(row) for row in rows]


def _posts(db: Session, actor: Actor, *board_ids: int) -> Select[*tuple[object, ...]]:
    """Posts with their words: the published ones, or the newest version for its author and for a moderator in turn."""
    mine = _is_mine(db, actor, *board_ids)
    shown = case((Post.state == PostState.PUBLISHED, Text.published), else_=Text.latest)
    words = visible_words(db, actor, *board_ids)
    return (
        select(
            Post.id, Post.public_id, Post.thread_id, Thread.public_id.label("thread_public_id"), Post.branch_id,
            Post.text_id, Post.is_first, Post.alias, Person.name, Person.public_id.label("person"), Post.badge,
            Post.state, Post.state_reason, case((mine, Post.state_note), else_="").label("state_note"), Post.state_at, Post.waits_for, Post.waiting_since, Post.created_at,
            Post.published_at, Text.latest, Text.offered, Text.published, mine.label("is_mine"),
            case((words, Revision.html)).label("html"), case((words, Revision.title)).label("title"),
        )
        .join(Thread, Thread.id == Post.thread_id)
        .join(Text, Text.id == Post.text_id)
        .outerjoin(Revision, and_(Revision.text_id == Text.id, Revision.number == shown))
        .outerjoin(Person, Person.id == Post.author_id)
    )  # fmt: skip


def _post_facts(row: object, board: BoardLine) -> PostFacts:
    return PostFacts(
        id=row.id,
        public_id=row.public_id,
        thread_id=row.thread_id,
        thread_public_id=row.thread_public_id,
        branch_id=row.branch_id,
        text_id=row.text_id,
        is_first=row.is_first,
        author=_author(row.alias, row.name, row.person),
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
    )


def get_thread(
    db: Session, actor: Actor, public_id: str, after: Cursor | None = None
) -> tuple[BoardLine, Page[PostFacts]]:
    """A thread's board and its posts in order: the question, then branches by time. Raises NotFound."""
    board = _board_of_thread(db, actor, public_id)
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


def _board_of_thread(db: Session, actor: Actor, public_id: str) -> BoardLine:
    row = db.execute(
        _boards()
        .add_columns(_heads(False), _heads(True))
        .join(Thread, Thread.board_id == Board.id)
        .where(Thread.public_id == public_id, visible_boards(actor))
    ).first()
    if row is None:
        raise NotFound(_("There is no such question, or it is not for you."))
    return _board_line(tuple(row), *row[13:])


def get_post_facts(db: Session, actor: Actor, public_id: str) -> PostFacts:
    """A post of which the actor may know. Raises NotFound."""
    row = db.execute(
        _boards()
        .add_columns(_heads(False), _heads(True))
        .join(Post, Post.board_id == Board.id)
        .where(Post.public_id == public_id, visible_boards(actor))
    ).first()
    if row is not None:
        board = _board_line(tuple(row), *row[13:])
        visible = visible_posts(db, actor, board.id)
        found = db.execute(_posts(db, actor, board.id).where(Post.public_id == public_id, visible)).first()
        if found is not None:
            return _post_facts(found, board)
    raise NotFound(_("There is no such post, or it is not for you."))


def waiting_posts(db: Session, actor: Actor, most: int = 50) -> list[PostFacts]:
    """What waits for this moderator in all their courses, reports first, then the oldest."""
    urgent = case((Post.waits_for == "report", 0), else_=1)
    rows = db.execute(
        _posts(db, actor)
        .add_columns(Post.board_id)
        .where(_decides(actor), Post.waiting_since.is_not(None))
        .order_by(urgent, Post.waiting_since, Post.id)
        .limit(most)
    ).all()
    boards = _boards_by_id(db, {row.board_id for row in rows})
    return [_post_facts(row, boards[row.board_id]) for row in rows]


def waiting_count(actor: Actor) -> Select[tuple[int]]:
    """How many posts wait for this moderator."""
    return select(func.count()).select_from(Post).where(_decides(actor), Post.waiting_since.is_not(None))


def mine_waiting(db: Session, actor: Actor, course: CourseLine, most: int = 20) -> list[PostFacts]:
    """The actor's own posts in a course that wait, or that were returned or rejected, the newest first."""
    boards = {board.id: board for board in boards_of(db, actor, course)}
    unsettled = (PostState.PENDING, PostState.RETURNED, PostState.REJECTED)
    rows = db.execute(
        _posts(db, actor, *boards)
        .add_columns(Post.board_id)
        .where(Post.board_id.in_(boards), _is_mine(db, actor, *boards), Post.state.in_(unsettled))
        .order_by(Post.state_at.desc())
        .limit(most)
    ).all()
    return [_post_facts(row, boards[row.board_id]) for row in rows]


def _boards_by_id(db: Session, ids: set[int]) -> dict[int, BoardLine]:
    rows = db.execute(_boards().add_columns(_heads(False), _heads(True)).where(Board.id.in_(ids)))
    return {row[0]: _board_line(tuple(row), *row[13:]) for row in rows}


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
            Post.public_id, first.c.public_id, parent.c.public_id, Post.is_first,
        )
        .join(Thread, Thread.id == Post.thread_id)
        .join(Board, Board.id == Post.board_id)
        .join(Course, Course.id == Post.course_id)
        .join(first, and_(first.c.thread_id == Post.thread_id, first.c.is_first))
        .outerjoin(parent, parent.c.id == Post.parent_id)
        .where(Post.public_id == post_public_id)
    ).first()  # fmt: skip
    return PostStory(*row) if row else None


def may_reply(actor: Actor, question: PostFacts) -> bool:
    """Whether the actor may reply in this question's thread."""
    return may(actor, "post.reply", question.thing)
