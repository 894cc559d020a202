"""A post as its reader gets it: what it is, what others have made of it, and what the policy must know of it."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TypeVar, dataclass_transform

from markupsafe import Markup

from lti_tool.access import Thing
from lti_tool.boards.lines import BoardLine
from lti_tool.boards.reactions import Counts
from lti_tool.boards.rules import BoardKind, Gate, PostState
from lti_tool.files import FileLine
from lti_tool.texts import Evidence

_Class = TypeVar("_Class")


@dataclass(frozen=True, slots=True)
class Standing:
    """What others have made of an answer. `endorsed_by` did so first; `superseded_by` is a newer post's public id."""

    is_accepted: bool = False
    endorsements: int = 0
    endorsed_by: str = ""
    endorsed_at: datetime | None = None
    superseded_by: str = ""


NOTHING_MADE = Standing()


@dataclass_transform(frozen_default=True)
def _unfrozen(cls: type[_Class]) -> type[_Class]:
    """A dataclass that mypy takes for a frozen one. To freeze forty fields costs more than to fill them, and a long
    thread fills them two hundred times."""
    return dataclass(cls)


@_unfrozen
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
    urgency: int
    waiting_since: datetime | None
    created_at: datetime
    edited_at: datetime | None
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
    evidence: Evidence
    standing: Standing
    published_at: datetime | None
    counts: Counts
    locked_at: datetime | None
    lock_reason: str
    tags: tuple[str, ...]
    is_pinned: bool
    is_private: bool
    public_asked_at: datetime | None
    gate: Gate
    has_corrections: bool = False
    has_poll: bool = False
    file_count: int = 0
    files: tuple[FileLine, ...] = ()

    @property
    def shown(self) -> int:
        """The version whose words a thread shows: what is published, or else the newest."""
        return self.published or self.latest if self.state == PostState.PUBLISHED else self.latest

    @property
    def is_cover(self) -> bool:
        """Whether it opens a thread under another room's cover sheet: only that room changes it."""
        return self.is_first and self.board.kind != BoardKind.BOARD

    @cached_property
    def thing(self) -> Thing:
        """What the policy needs to know of it. Once a post: a page asks for it many times."""
        return Thing(
            trust_id=self.board.course.trust_id,
            course_id=self.board.course.id,
            is_mine=self.is_mine,
            is_open=self.board.is_open and not self.is_held and self.locked_at is None,
            is_paused=self.board.pause is not None,
            is_shared=self.is_shared,
            is_cover=self.is_cover,
            is_unlocked=self.is_unlocked or self.gate == Gate.REPLY,
            is_private=self.is_private,
            is_asked_public=self.public_asked_at is not None,
            joined=self.board.joined,
            state=self.state,
            waits=self.waits_for is not None,
        )
