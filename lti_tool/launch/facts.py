"""What shows itself of a connection is noted here, for the connection check (`check.py`).

A launch notes what it shows in the transaction that it has anyway, from a row that it has read anyway, and only when
that is news: a returning person's launch costs no statement more. What was refused is noted only when the message was
the VLE's own (its seal was checked), so that nobody can paint a line red from outside.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from lti_tool.launch.claims import LaunchClaims
from lti_tool.launch.faults import Fault
from lti_tool.launch.known import KnownFacts
from lti_tool.launch.models import Platform, PlatformFacts, ToolKeyReading

CLOCK_SECONDS = 5
"""By how much the VLE's clock may be wrong before we say so. Moodle's messages live a minute."""
NOTED_EVERY = timedelta(hours=1)
SLOW_SECONDS = 20
"""So long a message may be on its way through a slow browser before its age tells of a clock."""
TELLING = frozenset({Fault.EXPIRED, Fault.FROM_THE_FUTURE, Fault.DEPLOYMENT_UNKNOWN, Fault.KEYS_UNREADABLE})
"""Refusals that tell of the connection, and of nothing that a person did."""


def note_launch(db: Session, facts: KnownFacts | None, claims: LaunchClaims, now: datetime) -> None:
    """Note what a launch that was let in shows, where it is news."""
    if facts is not None and (news := _news(facts, claims, now)):
        db.execute(update(PlatformFacts).where(PlatformFacts.platform_id == facts.platform_id).values(**news))


def _news(facts: KnownFacts, claims: LaunchClaims, now: datetime) -> dict[str, Any]:
    news: dict[str, Any] = {}
    has_name = claims.name is not None
    if facts.launched_at is None:
        news["launched_at"] = now
    if claims.subject is not None and facts.has_names is not has_name:
        news["has_names"] = has_name
    if facts.fault:
        news["fault"] = ""
    ahead = claims.issued_at - int(now.timestamp())
    known, is_wrong = facts.clock_offset, ahead > CLOCK_SECONDS or -ahead > SLOW_SECONDS
    is_right = not is_clock_wrong(ahead) and (known is None or is_clock_wrong(known))
    if is_right or (is_wrong and not is_clock_wrong(known)):
        news["clock_offset"] = ahead
    return news


def is_clock_wrong(offset: int | None) -> bool:
    """Whether a clock that is so many seconds ahead is to be put right. None is not known."""
    return offset is not None and abs(offset) > CLOCK_SECONDS


def note_refusal(db: Session, platform: str, fault: Fault) -> None:
    """Note why launches of a platform are refused, if it is news. `platform` is a public id."""
    is_news = PlatformFacts.fault != fault.name
    db.execute(update(PlatformFacts).where(_of(platform), is_news).values(fault=fault.name))


def note_clock(db: Session, platform: str, offset: int | None) -> None:
    """Note by how much the VLE's clock is ahead, as it said itself."""
    if offset is not None:
        db.execute(update(PlatformFacts).where(_of(platform)).values(clock_offset=offset))


def note_keys_read(db: Session, platform: str) -> None:
    """The VLE's keys can be read (again)."""
    was = PlatformFacts.fault == Fault.KEYS_UNREADABLE.name
    db.execute(update(PlatformFacts).where(_of(platform), was).values(fault=""))


def _of(platform: str) -> ColumnElement[bool]:
    known = select(Platform.id).where(Platform.public_id == platform).scalar_subquery()
    return PlatformFacts.platform_id == known


def is_key_reading_news(db: Session, now: datetime) -> bool:
    """Whether it is to be noted that our keys were read: the last note is old, or a VLE was connected since."""
    noted_at = db.scalar(select(ToolKeyReading.read_at))
    if noted_at is None or now - noted_at >= NOTED_EVERY:
        return True
    return db.scalars(select(Platform.id).where(Platform.created_at > noted_at).limit(1)).first() is not None


def note_key_reading(db: Session, now: datetime) -> None:
    """Note that somebody read our published keys."""
    row = db.get(ToolKeyReading, 1)
    if row is None:
        db.add(ToolKeyReading(id=1, read_at=now))
    else:
        row.read_at = now
