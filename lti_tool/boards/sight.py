"""What somebody may see of threads and posts: the conditions that every list of them applies, holds and gates in them.

They are made for an actor, or for anyone: then they stand in a statement that is made once, and the values of whoever
asks are given each time it is run. To make a statement, and to find what was compiled of it, costs a fifth of a page.
"""

from collections.abc import Iterable
from functools import cache, cached_property
from typing import Any, Self

from sqlalchemy import ColumnElement, and_, bindparam, exists, or_, select, true
from sqlalchemy.orm import Session

from lti_tool.access import Actor
from lti_tool.boards.audience import Anyone, Reader, values_of, visible_boards
from lti_tool.boards.authors import tags_of
from lti_tool.boards.models import Post, Thread, ThreadHold, ThreadUnlock
from lti_tool.boards.rules import Gate, PostState
from lti_tool.core.db import again

LEAVES_A_STONE = (PostState.HIDDEN, PostState.REMOVED, PostState.WITHDRAWN)
MODERATOR_SEES = (PostState.PENDING, PostState.HIDDEN)
_OWN = again(Post)


class Sight:
    """The conditions of one reader. Each needs Thread in the query, and the threads' board is asked for apart.

    `tags` are the reader's on the boards in question: by them alone their sealed posts are known as theirs.
    """

    def __init__(self, reader: Reader, tags: Any) -> None:
        self.reader = reader
        self.tags = tags

    @classmethod
    def of(cls, db: Session, actor: Actor, *board_ids: int) -> Self:
        """That of an actor on these boards."""
        return cls(actor, tags_of(db, actor.person_id, board_ids))

    @cached_property
    def is_mine(self) -> ColumnElement[bool]:
        """The reader wrote it."""
        return or_(Post.author_id == self.reader.person_id, Post.author_tag.in_(self.tags))

    @cached_property
    def may_compare(self) -> ColumnElement[bool]:
        """Whether the gate is open: where one replies first, a post of one's own in the thread opens it.

        That post is the key, and no row is written: on a board of sealed authors it would tell who wrote it.
        """
        return or_(is_unlocked(self.reader), and_(Thread.gate == Gate.REPLY, Thread.id.in_(self._own_threads())))

    @cached_property
    def is_for_reader(self) -> ColumnElement[bool]:
        """Whether the thread is for all who read its board, or else the reader asked it."""
        return or_(~Thread.is_private, Thread.id.in_(self._own_threads(is_first=True)))

    def _own_threads(self, *, is_first: bool = False) -> Any:
        """The threads in which the reader has written. Asked once a query: nothing in it depends on the row."""
        mine = or_(_OWN.author_id == self.reader.person_id, _OWN.author_tag.in_(self.tags))
        return select(_OWN.thread_id).where(mine, _OWN.is_first if is_first else true())

    @cached_property
    def is_shown(self) -> ColumnElement[bool]:
        """What the thread itself allows: no hold is open, it is not private, and the gate stands only before the
        replies.

        The opening post is what one must read before one can do what opens the gate.
        """
        return and_(~is_held(), self.is_for_reader, or_(Post.is_first, self.may_compare))

    @cached_property
    def visible_words(self) -> ColumnElement[bool]:
        """The posts whose words the reader may read: published and shown, one's own, or of a course that one moderates.

        The one visibility expression of posts: holds and gates are in it.
        """
        return or_(
            and_(Post.state == PostState.PUBLISHED, self.is_shown),
            self.is_mine,
            and_(Post.state.in_((PostState.PUBLISHED, *MODERATOR_SEES)), decides(self.reader)),
        )

    @cached_property
    def visible_posts(self) -> ColumnElement[bool]:
        """The posts of which the reader may know: readable ones, and the stones of what others had read."""
        is_stone = and_(Post.state.in_(LEAVES_A_STONE), Post.published_at.is_not(None), self.is_shown)
        return or_(self.visible_words, is_stone)


@cache
def anyone() -> Sight:
    """The sight of whoever asks, for statements that are made once and run with `sight_values`."""
    return Sight(Anyone(), bindparam("reader_tags", expanding=True))


def sight_values(db: Session, actor: Actor, board_ids: Iterable[int]) -> dict[str, Any]:
    """The actor's values for such a statement, on these boards."""
    return values_of(actor) | {"reader_tags": tags_of(db, actor.person_id, board_ids)}


def decides(reader: Reader) -> ColumnElement[bool]:
    """The posts of the courses in which the reader teaches."""
    return and_(Post.trust_id == reader.trust_id, Post.course_id.in_(reader.teaches_in))


def visible_threads(reader: Reader) -> ColumnElement[bool]:
    """The threads of the reader's boards, and what is shared with their trust. Needs Board and Thread in the query."""
    return or_(visible_boards(reader), and_(Thread.is_shared, Thread.trust_id == reader.trust_id))


@cache
def is_held() -> ColumnElement[bool]:
    """Whether the post's thread has an open hold."""
    return exists().where(ThreadHold.thread_id == Post.thread_id).correlate(Post)


def is_unlocked(reader: Reader) -> ColumnElement[bool]:
    """Whether the thread's gate is open for the reader. Needs Thread in the query."""
    opened = exists().where(ThreadUnlock.thread_id == Thread.id, ThreadUnlock.person_id == reader.person_id)
    return or_(Thread.gate == Gate.OPEN, opened.correlate(Thread))
