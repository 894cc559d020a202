"""Reading posts. The words of a post leave the database only for those who may read them."""

from dataclasses import replace
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, bindparam, case, exists, func, or_, select
from sqlalchemy.orm import Session

from lti_tool.access import Actor
from lti_tool.boards.authors import tag_of
from lti_tool.boards.facts import NOTHING_MADE, PostFacts, Standing
from lti_tool.boards.models import Board, Post, PostStanding, Thread, ThreadActivity
from lti_tool.boards.queries import (
    BoardLine,
    author_name,
    board_lines,
    boards_of,
    find_board_of_post,
    find_board_of_thread,
)
from lti_tool.boards.reactions import COUNTS, counts_of
from lti_tool.boards.reader_models import PostTally
from lti_tool.boards.rules import PAGE_OF_POSTS, BoardKind, Gate, PostState, unpack
from lti_tool.boards.sight import Sight, anyone, decides, is_held, sight_values
from lti_tool.core import clock
from lti_tool.core.db import again, fetch
from lti_tool.core.errors import NotFound
from lti_tool.core.language import gettext as _
from lti_tool.core.paging import Cursor, Page
from lti_tool.files import files_of
from lti_tool.people import CourseLine, Person, display_name
from lti_tool.texts import Revision, Text, evidence_from_row, get_revision

_ENDORSER = again(Person)
_AS_IT_IS: dict[str, Any] = {
    **{name: getattr(Post, name) for name in (
        *("id", "public_id", "thread_id", "branch_id", "text_id", "is_first", "badge", "urgency", "state_reason"),
        *("state_at", "waits_for", "waiting_since", "created_at", "edited_at", "published_at"),
    )},
    **{name: getattr(Text, name) for name in ("latest", "offered", "published")},
    **{name: getattr(Thread, name) for name in (
        *("is_shared", "is_private", "public_asked_at", "locked_at", "lock_reason"),
    )},
    "thread_public_id": Thread.public_id.label("thread_public_id"),
}  # fmt: skip
"""What a post's facts say as the tables have it."""
_STATES = {state.value: state for state in PostState}  # a look-up costs a sixth of a call
_GATES = {gate.value: gate for gate in Gate}


def _posts(sight: Sight) -> Select[*tuple[Any, ...]]:
    """Posts with their words: the published ones, or the newest version for its author and for a moderator in turn."""
    mine, words = sight.is_mine, sight.visible_words
    shown = case((Post.state == PostState.PUBLISHED, Text.published), else_=Text.latest)
    return (
        select(
            *_AS_IT_IS.values(), mine.label("is_mine"), is_held().label("is_held"), ThreadActivity.is_pinned,
            or_(sight.may_compare, decides(sight.reader)).label("is_unlocked"),
            case((mine, Post.state_note), else_="").label("state_note"), Post.alias, Person.name,
            Person.public_id.label("person"), Post.state, Revision.html, Revision.title, Revision.level,
            Revision.references, (Thread.accepted_id == Post.id).label("is_accepted"), PostStanding.endorsements,
            PostStanding.endorsed_at, PostStanding.superseded_by, _ENDORSER.name.label("endorser"),
            _ENDORSER.public_id.label("endorser_id"), Revision.files.label("file_count"), Thread.has_poll,
            Thread.tags, *COUNTS, Thread.gate, Thread.corrected_at,
        )
        .join(Thread, Thread.id == Post.thread_id)
        .outerjoin(ThreadActivity, ThreadActivity.thread_id == Post.thread_id)
        .outerjoin(PostTally, PostTally.post_id == Post.id)
        .join(Text, Text.id == Post.text_id)
        .outerjoin(Revision, and_(Revision.text_id == Text.id, Revision.number == shown, words))  # or none leaves
        .outerjoin(Person, Person.id == Post.author_id)
        .outerjoin(PostStanding, PostStanding.post_id == Post.id)
        .outerjoin(_ENDORSER, _ENDORSER.id == PostStanding.endorsed_by)
    )  # fmt: skip


def _standing(row: Any) -> Standing:
    if row.endorsements is None and not row.is_accepted:
        return NOTHING_MADE
    by = display_name(row.endorser, row.endorser_id) if row.endorser_id else ""
    return Standing(bool(row.is_accepted), row.endorsements or 0, by, row.endorsed_at, row.superseded_by or "")


def _post_facts(row: Any, board: BoardLine) -> PostFacts:
    return PostFacts(
        **dict(zip(_AS_IT_IS, row, strict=False)),  # the row begins with them; a long thread asks 200 rows for each
        is_mine=bool(row.is_mine),
        is_held=bool(row.is_held),
        is_unlocked=bool(row.is_unlocked),
        is_pinned=bool(row.is_pinned),
        state_note=row.state_note,
        author=author_name(row.alias, row.name, row.person),
        state=_STATES[row.state],
        was_published=row.published_at is not None,
        html=row.html,
        board=board,
        title=row.title or "",
        evidence=evidence_from_row(row.level, row.references),
        standing=_standing(row),
        has_poll=bool(row.has_poll and row.is_first),
        file_count=row.file_count or 0,
        counts=counts_of(row),
        tags=unpack(row.tags),
        gate=_GATES[row.gate],
        has_corrections=row.corrected_at is not None,
    )


def with_files(db: Session, posts: list[PostFacts]) -> list[PostFacts]:
    """The same posts with their files: one query for all, and none where there are no files."""
    versions = {post.text_id: post.shown for post in posts if post.file_count}
    found = files_of(db, versions) if versions else {}
    return [replace(post, files=found[post.text_id]) if post.text_id in found else post for post in posts]


@cache
def _of_thread() -> Select[*tuple[Any, ...]]:
    is_it = and_(Thread.public_id == bindparam("thread"), anyone().visible_posts)
    return _posts(anyone()).where(is_it).order_by(Post.branch_id, Post.id).limit(PAGE_OF_POSTS + 1)


@cache
def _one_post() -> Select[*tuple[Any, ...]]:
    return _posts(anyone()).where(Post.public_id == bindparam("post"), anyone().visible_posts)


def get_thread(
    db: Session, actor: Actor, public_id: str, after: Cursor | None = None
) -> tuple[BoardLine, Page[PostFacts]]:
    """A thread's board and its posts in order: the question, then branches by time. Raises NotFound."""
    board = find_board_of_thread(db, actor, public_id)
    if board is None:
        raise NotFound(_("There is no such question, or it is not for you."))
    values = sight_values(db, actor, [board.id]) | {"thread": public_id}
    statement = _of_thread()
    if after:
        later = and_(Post.branch_id == after.major, Post.id > after.minor)
        statement = statement.where(or_(Post.is_first, Post.branch_id > after.major, later))
    rows = fetch(db, statement, values).all()
    if not rows or not rows[0].is_first:
        raise NotFound(_("There is no such question, or it is not for you."))
    last = rows[PAGE_OF_POSTS - 1] if len(rows) > PAGE_OF_POSTS else None
    cursor = Cursor(last.branch_id, last.id).encode() if last else None
    shown = with_files(db, [_post_facts(row, board) for row in rows[:PAGE_OF_POSTS]])
    return board, Page(_accepted_first(shown), cursor)


def _accepted_first(shown: list[PostFacts]) -> list[PostFacts]:
    """The accepted answer, with what was said to it, stands right under the question."""
    branch = next((post.branch_id for post in shown if post.standing.is_accepted and post.html is not None), None)
    return [
        shown[0],
        *(p for p in shown[1:] if p.branch_id == branch),
        *(p for p in shown[1:] if p.branch_id != branch),
    ]


def get_post_facts(db: Session, actor: Actor, public_id: str) -> PostFacts:
    """A post of which the actor may know. Raises NotFound."""
    if board := find_board_of_post(db, actor, public_id):
        values = sight_values(db, actor, [board.id]) | {"post": public_id}
        found = fetch(db, _one_post(), values).first()
        if found is not None:
            return _post_facts(found, board)
    raise NotFound(_("There is no such post, or it is not for you."))


def words_of(db: Session, post: PostFacts) -> str:
    """What was typed in the version of a post that the reader of these facts may read; nothing where they may not."""
    if post.html is None:
        return ""
    is_out = post.state == PostState.PUBLISHED and post.published is not None
    return get_revision(db, post.text_id, post.published if is_out and post.published else post.latest).source


def _waits(actor: Actor) -> ColumnElement[bool]:
    """What this moderator can decide on now: what is held waits for another room's decision first."""
    return and_(decides(actor), Post.waiting_since.is_not(None), ~is_held())


def waiting_posts(db: Session, actor: Actor, most: int = 50) -> list[PostFacts]:
    """What waits for this moderator in all their courses, the most urgent first, then the oldest."""
    rows = db.execute(
        _posts(Sight.of(db, actor))
        .add_columns(Post.board_id)
        .where(_waits(actor))
        .order_by(Post.urgency, Post.waiting_since, Post.id)
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
    boards = {board.id: board for board in boards_of(db, actor, course, *BoardKind, is_archived=None)}
    unsettled = (PostState.PENDING, PostState.RETURNED, PostState.REJECTED)
    sight = Sight.of(db, actor, *boards)
    rows = db.execute(
        _posts(sight)
        .add_columns(Post.board_id)
        .where(Post.board_id.in_(boards), sight.is_mine, Post.state.in_(unsettled))
        .where(or_(~Post.is_first, Post.board_id.in_([line.id for line in boards.values() if not line.kind])))
        .order_by(Post.state_at.desc())
        .limit(most)
    ).all()
    return [_post_facts(row, boards[row.board_id]) for row in rows]


def history_on_board(db: Session, post_id: int) -> dict[PostState, int]:
    """How many posts the author of this post has on its board, by state. Tells a moderator without telling who."""
    this = select(Post.author_id, Post.author_tag, Post.board_id).where(Post.id == post_id).subquery()
    is_named = Board.id.in_(select(this.c.board_id)) & ~Board.is_nameless  # elsewhere it would link an author's posts
    same = or_(Post.author_id == this.c.author_id, Post.author_tag == this.c.author_tag)
    rows = db.execute(
        select(Post.state, func.count())
        .where(Post.board_id == this.c.board_id, same, Post.id != post_id, exists().where(is_named))
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
