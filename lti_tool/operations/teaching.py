"""The teaching of a seeded trust: planned, moved and cancelled by the programme's own actions."""

from datetime import date, time, timedelta
from decimal import Decimal
from random import Random

from sqlalchemy.orm import Session

from lti_tool.access import Actor
from lti_tool.core import clock
from lti_tool.operations.crowd import WORDS, Group, public_id
from lti_tool.people import GRADES
from lti_tool.programme import (
    SessionDraft,
    add_session,
    cancel_session,
    change_session,
    get_session,
    london_moment,
)

WEEKS = 26  # before and after today
STARTS = (time(8), time(12, 30), time(13), time(16, 30))
MINUTES = (30, 45, 60, 60, 60, 90, 120)
CANCELLED_SHARE, MOVED_SHARE = 0.04, 0.08
TRAINEES = GRADES[:5]


def teach(db: Session, groups: list[Group], count: int, rng: Random) -> None:
    """So many sessions, course by course in turn: as many past as to come, some moved, some cancelled."""
    today = clock.now().astimezone(clock.LONDON).date()
    for number in range(count):
        group = groups[number % len(groups)]
        tutor = rng.choice(group.tutors)
        draft = _draft(tutor, today, rng)
        session = add_session(db, tutor, group.line, draft, public_id(rng), public_id(rng))
        _what_became_of_it(db, tutor, session.public_id, rng)


def _draft(tutor: Actor, today: date, rng: Random, week: int | None = None) -> SessionDraft:
    monday = today - timedelta(days=today.weekday())
    ahead = rng.randint(-WEEKS, WEEKS) if week is None else week
    starts_at = london_moment(monday + timedelta(days=7 * ahead + rng.randrange(5)), rng.choice(STARTS))
    topic = rng.choice(WORDS["topics"])
    is_online = rng.random() < 0.25
    return SessionDraft(
        title=topic[0].upper() + topic[1:],
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=rng.choice(MINUTES)),
        description=" ".join(rng.sample(WORDS["sentences"], 2)),
        speaker=tutor.name,
        room="" if is_online else rng.choice(WORDS["rooms"]),
        online_url=rng.choice(WORDS["online"]) if is_online else "",
        grades=tuple(sorted(rng.sample(TRAINEES, 2), key=TRAINEES.index)) if rng.random() < 0.5 else (),
        is_core=rng.random() < 0.6,
        cpd_points=Decimal(rng.choice(("0", "0.5", "1", "1", "2"))),
    )


def _what_became_of_it(db: Session, tutor: Actor, name: str, rng: Random) -> None:
    fate = rng.random()
    if fate >= CANCELLED_SHARE + MOVED_SHARE:
        return
    line = get_session(db, tutor, name)
    if fate < CANCELLED_SHARE:
        cancel_session(db, tutor, line, rng.choice(WORDS["cancelled"]), line.version)
    else:
        week = (line.starts_at.date() - clock.now().date()).days // 7
        moved = _draft(tutor, clock.now().astimezone(clock.LONDON).date(), rng, week)
        change_session(db, tutor, line, moved, line.version)
