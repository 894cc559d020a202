"""Reading what waits: one list over all the courses of a moderator, whatever room it comes from.

A module of its own: posts, reports and cases (and what other rooms add) are put into one order here, and what
moderators have noted about them is laid beside. Each kind is one query; so are the marks.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from lti_tool.access import Actor
from lti_tool.boards import PostFacts, Urgency, waiting_posts
from lti_tool.cases import CaseLine, waiting_cases
from lti_tool.core import clock
from lti_tool.core.richtext import excerpt
from lti_tool.moderation.models import Absence, QueueMark
from lti_tool.moderation.rules import CASES_TARGET, MOST_WAITING, QueueKind
from lti_tool.people import Person, display_name

TITLE_LENGTH = 90


@dataclass(frozen=True, slots=True)
class MarkLine:
    """What moderators have noted about a thing that waits. Names are those of moderators; empty where nobody is."""

    since: datetime
    claimed_by: str
    is_mine: bool
    claimed_until: datetime | None
    handed_by: str
    is_for_me: bool
    handed_note: str
    late_at: datetime | None

    @property
    def is_taken(self) -> bool:
        """Whether somebody else has it now."""
        return self.is_claimed and not self.is_mine

    @property
    def is_claimed(self) -> bool:
        """Whether anybody has it now."""
        return self.claimed_until is not None and self.claimed_until > clock.now()


@dataclass(frozen=True, slots=True)
class QueueLine:
    """A thing that waits, as the list shows it. `why` is new, edit, report or case; a form sends `tick`.

    `page` is where one decides on it: an endpoint within the course, and what its address calls the thing.
    """

    kind: QueueKind
    public_id: str
    page: tuple[str, str]
    title: str
    why: str
    is_first: bool
    urgency: Urgency
    board: str
    course: str
    since: datetime
    target: timedelta
    is_mine: bool
    tick: str
    mark: MarkLine | None

    @property
    def is_late(self) -> bool:
        """Whether it has waited longer than its target."""
        return clock.now() - self.since > self.target

    @property
    def is_for_me(self) -> bool:
        """Whether a colleague asks for one's opinion of it."""
        return self.mark is not None and self.mark.is_for_me

    @property
    def is_free(self) -> bool:
        """Whether one can decide on it now: not one's own, and nobody else has it."""
        return not self.is_mine and not (self.mark is not None and self.mark.is_taken)


def all_waiting(db: Session, actor: Actor, most: int = MOST_WAITING) -> list[QueueLine]:
    """What waits for this moderator: what was handed to them, then by urgency, then the oldest."""
    posts, cases = waiting_posts(db, actor, most), waiting_cases(db, actor, most)
    marks = marks_of(db, actor, [post.public_id for post in posts] + [line.public_id for line in cases])
    lines = [_of_post(post, marks) for post in posts] + [_of_case(line, marks) for line in cases]
    lines.sort(key=lambda line: (not line.is_for_me, line.urgency, line.since))
    return lines[:most]


def next_free(db: Session, actor: Actor) -> QueueLine | None:
    """The first post that the actor can decide on now."""
    return first_free(all_waiting(db, actor))


def first_free(lines: list[QueueLine]) -> QueueLine | None:
    """The first post of the list that one can decide on now."""
    return next((line for line in lines if line.is_free and line.kind == QueueKind.POST), None)


def _of_post(post: PostFacts, marks: dict[str, MarkLine]) -> QueueLine:
    since = post.waiting_since or post.created_at
    one_by_one = post.waits_for == "report" or post.urgency == Urgency.PRIVACY
    return QueueLine(
        kind=QueueKind.POST,
        public_id=post.public_id,
        page=("moderation.item", "post_id"),
        title=post.title or excerpt(post.html or Markup(""), TITLE_LENGTH),
        why=post.waits_for or "",
        is_first=post.is_first,
        urgency=Urgency(post.urgency),
        board=post.board.title,
        course=post.board.course.title,
        since=since,
        target=post.board.target,
        is_mine=post.is_mine,
        tick="" if one_by_one else f"{post.public_id}:{post.latest}",
        mark=_of_this_stay(marks.get(post.public_id), since),
    )


def _of_case(line: CaseLine, marks: dict[str, MarkLine]) -> QueueLine:
    return QueueLine(
        kind=QueueKind.CASE,
        public_id=line.public_id,
        page=("moderation.case", "case_id"),
        title=line.title,
        why="case",
        is_first=True,
        urgency=Urgency.USUAL,
        board="",
        course=line.course.title,
        since=line.at,
        target=CASES_TARGET,
        is_mine=False,
        tick="",
        mark=_of_this_stay(marks.get(line.public_id), line.at),
    )


def _of_this_stay(mark: MarkLine | None, since: datetime) -> MarkLine | None:
    return mark if mark is not None and mark.since == since else None


def marks_of(db: Session, actor: Actor, things: list[str]) -> dict[str, MarkLine]:
    """What is noted about these things, by public id. The caller has been allowed to read them."""
    claimant, asker = aliased(Person), aliased(Person)
    rows = db.execute(
        select(QueueMark, claimant.name, claimant.public_id, asker.name, asker.public_id)
        .outerjoin(claimant, claimant.id == QueueMark.claimed_by)
        .outerjoin(asker, asker.id == QueueMark.handed_by)
        .where(QueueMark.trust_id == actor.trust_id, QueueMark.thing.in_(things))
    )
    return {
        mark.thing: MarkLine(
            since=mark.since,
            claimed_by=display_name(name, person) if person else "",
            is_mine=mark.claimed_by == actor.person_id,
            claimed_until=mark.claimed_until,
            handed_by=display_name(asked, other) if other else "",
            is_for_me=mark.handed_to == actor.person_id,
            handed_note=mark.handed_note,
            late_at=mark.late_at,
        )
        for mark, name, person, asked, other in rows
    }


def mark_line(db: Session, actor: Actor, thing: str, since: datetime | None) -> MarkLine | None:
    """What is noted about one thing in its present stay."""
    mark = marks_of(db, actor, [thing]).get(thing)
    return mark if mark is not None and mark.since == since else None


def who_is_away(db: Session, actor: Actor, person_ids: list[int]) -> dict[int, datetime]:
    """Which of these people are away now, and the last moment of it."""
    away = select(Absence.person_id, Absence.until).where(
        Absence.trust_id == actor.trust_id, Absence.person_id.in_(person_ids), Absence.until > clock.now()
    )
    return {row.person_id: row.until - clock.HOUR for row in db.execute(away)}
