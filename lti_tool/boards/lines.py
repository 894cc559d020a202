"""A board as every page and list reads it: one row with its course, its dates, and who takes part."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Select, exists, select

from lti_tool.access import Thing
from lti_tool.boards.audience import heads, joined_courses
from lti_tool.boards.charter_models import BoardCohort, BoardSecond
from lti_tool.boards.models import Board, TakingPartRule
from lti_tool.boards.patterns import Pattern, Template, patterns
from lti_tool.boards.rules import Audience, BoardPolicy, Pause, is_open_at, unpack
from lti_tool.core import clock
from lti_tool.people import Cohort, Course, CourseLine


@dataclass(frozen=True, slots=True)
class BoardLine:
    """A board, its course, and how many read it. `joined` are the numbers of the other courses that take part.

    `pause` is that of the person who looks, if they are paused on it: known where a board is opened, not in lists.
    `asks_part`: learners are asked to take part (`taking_part.py`).
    """

    id: int
    public_id: str
    title: str
    purpose: str
    is_pseudonymous: bool
    policy: BoardPolicy
    first_posts: int
    target_minutes: int
    look_days: str
    look_times: str
    is_open: bool
    kind: str
    course: CourseLine
    template: Template
    is_nameless: bool
    audience: Audience
    cohort: str
    joined: frozenset[int]
    allows_private: bool
    locked_at: datetime | None
    opens_at: datetime | None
    closes_at: datetime | None
    archived_at: datetime | None
    rules_version: int
    second_id: int | None
    tags: tuple[str, ...]
    moved_away: int
    takes_files: bool
    readers: int = 0
    tutors: int = 0
    paused_until: datetime | None = None
    pause: Pause | None = None
    asks_part: bool = False

    @property
    def takes_pdf(self) -> bool:
        """Whether a PDF may hang here: nobody can take its author's name out of it, so never where names are hidden."""
        return self.takes_files and not self.is_pseudonymous

    @property
    def is_moderated(self) -> bool:
        """Whether every post waits here, as far as the board alone decides."""
        return self.policy == BoardPolicy.ALL or (self.policy == BoardPolicy.ANONYMOUS and self.is_pseudonymous)

    @property
    def target(self) -> timedelta:
        """Within what time a moderator decides."""
        return timedelta(minutes=self.target_minutes)

    @property
    def thing(self) -> Thing:
        """What the policy needs to know of it."""
        return Thing(
            trust_id=self.course.trust_id,
            course_id=self.course.id,
            is_open=self.is_open,
            is_paused=self.pause is not None,
            joined=self.joined,
            allows_private=self.allows_private,
        )

    @property
    def pattern(self) -> Pattern:
        """The words of its template."""
        return patterns()[self.template]

    @property
    def is_archived(self) -> bool:
        """Whether it has left the list and is there for reading."""
        return self.archived_at is not None and self.archived_at <= clock.now()

    @property
    def is_before_opening(self) -> bool:
        """Whether the day on which it opens is still ahead."""
        return self.opens_at is not None and clock.now() < self.opens_at


@cache
def boards() -> Select[*tuple[Any, ...]]:
    """Boards with their courses."""
    return (
        select(
            Board.id, Board.public_id, Board.title, Board.purpose, Board.is_pseudonymous, Board.policy,
            Board.first_posts, Board.target_minutes,
            Board.look_days, Board.look_times, Board.kind, Board.template, Board.is_nameless, Board.audience,
            Board.allows_private, Board.rules_version, Board.locked_at, Board.opens_at, Board.closes_at,
            Board.archived_at, Board.tags, Board.moved_away, Board.takes_files, Board.paused_until,
            BoardSecond.person_id.label("second_id"), Cohort.name.label("cohort"),
            joined_courses().label("joined"), Course.id.label("course_id"), Course.public_id.label("course"),
            Course.trust_id, Course.title.label("course_title"),
        )
        .join(Course, Course.id == Board.course_id)
        .outerjoin(BoardSecond, BoardSecond.board_id == Board.id)
        .outerjoin(BoardCohort, BoardCohort.board_id == Board.id)
        .outerjoin(Cohort, Cohort.id == BoardCohort.cohort_id)
    )  # fmt: skip


SAME = (
    *("id", "public_id", "title", "purpose", "is_pseudonymous", "first_posts", "target_minutes", "look_days"),
    *("look_times", "kind", "paused_until", "is_nameless", "allows_private", "rules_version", "second_id"),
)
DATES = ("locked_at", "opens_at", "closes_at", "archived_at")


def board_line(row: Any) -> BoardLine:
    """A row of `boards`, with readers and tutors where they were counted."""
    given = row._mapping
    dates = {name: given[name] for name in DATES}
    return BoardLine(
        **{name: given[name] for name in SAME},
        **dates,
        is_open=is_open_at(clock.now(), **dates),
        course=CourseLine(row.course_id, row.course, row.trust_id, row.course_title),
        policy=BoardPolicy(row.policy),
        template=Template(row.template),
        audience=Audience(row.audience),
        cohort=row.cohort or "",
        joined=frozenset(int(number) for number in (row.joined or "").split()),
        tags=unpack(row.tags),
        moved_away=row.moved_away,
        takes_files=row.takes_files and not row.kind,
        readers=given.get("readers", 0),
        tutors=given.get("tutors", 0),
        asks_part=given.get("asks_part", False),
    )


@cache
def with_heads() -> Select[*tuple[Any, ...]]:
    """The same with how many people read each, and whether learners are asked to take part."""
    asks_part = exists().where(TakingPartRule.board_id == Board.id).label("asks_part")
    return boards().add_columns(heads(False).label("readers"), heads(True).label("tutors"), asks_part)
