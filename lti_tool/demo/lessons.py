"""The demo's teaching: planned a month before it began, then moved and cancelled, by the programme's own actions."""

import tomllib
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from decimal import Decimal
from importlib import resources
from typing import Any

from sqlalchemy.orm import Session

from lti_tool.access import Actor
from lti_tool.core.clock import LONDON
from lti_tool.core.ids import new_public_id
from lti_tool.people import CourseLine
from lti_tool.programme import (
    SessionDraft,
    add_session,
    cancel_session,
    change_session,
    get_session,
    london_moment,
)


@dataclass(frozen=True, slots=True)
class Step:
    """What became of a planned session: `change` are fields of its draft; `reason` says why it was cancelled."""

    at: datetime
    who: str
    session: str
    change: dict[str, str]
    reason: str


@dataclass(frozen=True, slots=True)
class Lesson:
    """One session. `course` is the VLE's number of it."""

    public_id: str
    course: int
    who: str
    draft: SessionDraft
    steps: tuple[Step, ...]


def read_lessons(now: datetime) -> list[Lesson]:
    """All sessions of the six weeks around `now`, in the order of their slots."""
    raw = tomllib.loads(resources.files(__package__).joinpath("teaching.toml").read_text(encoding="utf-8"))
    lessons = [_lesson(line, week, raw["planned_by"], now) for line in raw["lessons"] for week in line["weeks"]]
    return sorted(lessons, key=lambda lesson: lesson.draft.starts_at)


def _lesson(line: dict[str, Any], week: int, who: str, now: datetime) -> Lesson:
    today, public_id = now.astimezone(LONDON).date(), new_public_id()
    day = today + timedelta(days=line["weekday"] - today.isoweekday(), weeks=week)
    starts_at = london_moment(day, time.fromisoformat(line["at"]))
    draft = SessionDraft(
        title=line["title"],
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=line["minutes"]),
        description=line["text"],
        speaker=line["speaker"],
        room=line.get("room", ""),
        online_url=line.get("online_url", ""),
        grades=tuple(line.get("grades", ())),
        is_core=line.get("is_core", False),
        cpd_points=Decimal(line.get("cpd", "0")),
    )
    steps = (_step(step, who, public_id, now) for step in line.get("then", ()) if step["week"] == week)
    return Lesson(public_id, line["course"], who, draft, tuple(steps))


def _step(step: dict[str, Any], who: str, public_id: str, now: datetime) -> Step:
    day = now.astimezone(LONDON).date() - timedelta(days=step["days"])
    at = datetime.combine(day, time.fromisoformat(step["at"]), LONDON)
    change: dict[str, str] = {name: step[name] for name in ("room", "online_url") if name in step}
    return Step(at, who, public_id, change, step.get("reason", ""))


def plan_lesson(db: Session, actor: Actor, course: CourseLine, lesson: Lesson) -> None:
    """Put the session into its course's programme."""
    add_session(db, actor, course, lesson.draft, new_public_id(), lesson.public_id)


def take_step(db: Session, actor: Actor, step: Step) -> None:
    """Move or cancel a session."""
    line = get_session(db, actor, step.session)
    if step.reason:
        cancel_session(db, actor, line, step.reason, line.version)
    else:
        change: dict[str, Any] = dict(step.change)
        change_session(db, actor, line, replace(line.draft, **change), line.version)
