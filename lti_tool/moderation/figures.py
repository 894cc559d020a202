"""How long decisions took, what they were, and how often the identifier check was right. No names, no words.

A module of its own: it reads many decisions at once, for a page that few open, and counts them in Python, because a
median and a percentile are no aggregate that both databases know.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session, aliased

from lti_tool.access import Actor
from lti_tool.core import clock
from lti_tool.moderation.models import Decision
from lti_tool.moderation.rules import BEYOND, NO_DECISIONS, UPHELD, Period, Verb
from lti_tool.people import CourseLine

MOST_READ = 20_000


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A rule of the check: how often what it held was changed or kept back, how often approved."""

    kind: str
    right: int
    wrong: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the period: when it began, how many decisions, and their median in minutes (None without any)."""

    begins: datetime
    decided: int
    median: int | None


@dataclass(frozen=True, slots=True)
class Figures:
    """Decisions of a period. Times are minutes from arriving in the queue to the decision."""

    decided: int
    median: int | None
    slowest_tenth: int | None
    verbs: list[tuple[Verb, int]]
    rules: list[RuleLine]
    stretches: list[Stretch]

    @property
    def held(self) -> int:
        """How many rules held something, rightly or not."""
        return sum(line.right + line.wrong for line in self.rules)

    @property
    def rightly_held(self) -> int:
        """How many of these were right."""
        return sum(line.right for line in self.rules)


def figures_of(db: Session, actor: Actor, course: CourseLine | None, period: Period) -> Figures:
    """The figures of a course, or of the actor's whole trust where no course is given."""
    until = clock.now()
    since = until - period.length
    rows = _decisions(db, actor, course, since)
    return _figures(rows, _stretches(rows, since, until, period.step))


def this_month(db: Session, actor: Actor, course: CourseLine) -> Figures:
    """What everybody reads above the public log: this calendar month."""
    begins = clock.now().astimezone(clock.LONDON).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return _figures(_decisions(db, actor, course, begins), [])


def _decisions(db: Session, actor: Actor, course: CourseLine | None, since: datetime) -> Sequence[Any]:
    """Decisions that answered what waited, and that nobody has undone or taken back."""
    later = aliased(Decision)
    conditions: list[ColumnElement[bool]] = [
        Decision.trust_id == actor.trust_id,
        Decision.decided_at >= since,
        Decision.verb.not_in(NO_DECISIONS | BEYOND),
        Decision.reverses.is_(None),
        ~exists().where(later.reverses == Decision.public_id),
    ]
    if course is not None:
        conditions.append(Decision.course_id == course.id)
    statement = select(Decision.verb, Decision.waited_s, Decision.decided_at, Decision.held_by).where(*conditions)
    return db.execute(statement.order_by(Decision.id.desc()).limit(MOST_READ)).all()


def _figures(rows: Sequence[Any], stretches: list[Stretch]) -> Figures:
    waits = [row.waited_s for row in rows]
    verbs = Counter(Verb(row.verb) for row in rows)
    right = Counter(kind for row in rows if row.verb in UPHELD for kind in row.held_by)
    wrong = Counter(kind for row in rows if row.verb not in UPHELD for kind in row.held_by)
    rules = [RuleLine(kind, right[kind], wrong[kind]) for kind in sorted(right | wrong)]
    rules.sort(key=lambda line: -(line.right + line.wrong))
    return Figures(len(rows), _minutes(waits), slowest_tenth(waits), verbs.most_common(), rules, stretches)


def _stretches(rows: Sequence[Any], since: datetime, until: datetime, step: timedelta) -> list[Stretch]:
    found, begins = [], since
    while begins < until:
        inside = [row.waited_s for row in rows if begins <= row.decided_at < begins + step]
        found.append(Stretch(begins, len(inside), _minutes(inside)))
        begins += step
    return found


def _minutes(seconds: Iterable[int]) -> int | None:
    waits = list(seconds)
    return round(median(waits) / 60) if waits else None


def slowest_tenth(seconds: Sequence[int]) -> int | None:
    """The 90th percentile in minutes, by nearest rank: nine in ten were decided within this time."""
    waits = sorted(seconds)
    return round(waits[-(-9 * len(waits) // 10) - 1] / 60) if waits else None
