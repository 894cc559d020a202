"""Pausing a person on a board, with an end and a reason that they are told. Nobody is ever banned."""

from datetime import datetime

from sqlalchemy.orm import Session

from lti_tool.access import Actor, require
from lti_tool.boards import PauseLine, lift_pause, pause_author
from lti_tool.journal import record
from lti_tool.moderation.handling import Handle, note_decision
from lti_tool.moderation.rules import Verb
from lti_tool.people import CourseLine


def begin_pause(db: Session, actor: Actor, handle: Handle, reason: str, until_at: datetime) -> None:
    """Pause the author of a post on its board until then. It ends by itself. Raises Conflict when one runs already."""
    require(actor, "pause.begin", handle.thing)
    pause, is_new = pause_author(db, handle.id, actor.person_id, reason, until_at)
    if not is_new:
        return
    note_decision(db, actor, handle, Verb.PAUSE)
    details = {"pause": pause.public_id, "until": until_at.isoformat(timespec="minutes")}
    subject, who = f"post:{handle.public_id}", actor.public_id
    record(db, trust_id=pause.trust_id, actor=who, verb="author.paused", subject=subject, details=details)


def end_pause(db: Session, actor: Actor, course: CourseLine, line: PauseLine) -> None:
    """Lift a pause before its end. Nothing happens when it has ended meanwhile."""
    require(actor, "pause.lift", course.thing)
    if lift_pause(db, line.public_id, actor.person_id):
        who, subject, said = actor.public_id, f"post:{line.post_public_id}", {"pause": line.public_id}
        record(db, trust_id=course.trust_id, actor=who, verb="pause.lifted", subject=subject, details=said)
