"""Who has what: a claim for a quarter of an hour, a second opinion, and who is away.

A module of its own: these are courtesies between moderators. They decide nothing about a post, and one that is lost
costs a colleague a minute.
"""

from datetime import date, datetime, time, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from lti_tool.access import Actor, require
from lti_tool.boards import PostFacts
from lti_tool.core import clock
from lti_tool.core.errors import Conflict, Invalid
from lti_tool.core.ids import new_public_id
from lti_tool.core.language import gettext as _
from lti_tool.journal import record
from lti_tool.moderation.models import Absence, Decision, QueueMark
from lti_tool.moderation.rules import CLAIM_FOR, QueueKind, Verb
from lti_tool.people import tutors_of


def claim(db: Session, actor: Actor, kind: QueueKind, thing: str, since: datetime, *, takes_over: bool = False) -> bool:
    """Take what waits for `CLAIM_FOR`; False when somebody else has it, unless the actor takes it over."""
    mark = mark_of(db, actor.trust_id, kind, thing, since)
    if not takes_over and is_taken(mark, actor.person_id):
        return False
    mark.claimed_by, mark.claimed_until = actor.person_id, clock.now() + CLAIM_FOR
    return True


def mark_of(db: Session, trust_id: int, kind: QueueKind, thing: str, since: datetime) -> QueueMark:
    """The mark of this stay in the queue; one of an earlier stay begins again."""
    mark = db.get(QueueMark, (kind, thing))
    if mark is not None and mark.since == since:
        return mark
    if mark is not None:
        db.delete(mark)
        db.flush()
    mark = QueueMark(kind=kind, thing=thing, trust_id=trust_id, since=since, handed_note="")
    db.add(mark)
    return mark


def is_taken(mark: QueueMark | None, person_id: int) -> bool:
    """Whether somebody else has it now."""
    if mark is None or mark.claimed_until is None:
        return False
    return mark.claimed_by != person_id and mark.claimed_until > clock.now()


def refuse_if_taken(db: Session, actor: Actor, kind: QueueKind, thing: str, since: datetime | None) -> None:
    """Raise Conflict, which says nothing of who, when somebody else has it now."""
    mark = db.get(QueueMark, (kind, thing))
    if mark is not None and mark.since == since and is_taken(mark, actor.person_id):
        raise Conflict(_("Somebody else has this one at the moment. Look again in a while, or take it over."))


def hand_on(db: Session, actor: Actor, facts: PostFacts, who: int, note: str) -> None:
    """Ask a colleague of the course for a second opinion: they see it first. A second time changes nothing."""
    require(actor, "post.decide", facts.thing)
    if facts.waiting_since is None:
        raise Conflict(_("Somebody decided first, or the author has changed the post. Look again before you decide."))
    if who == actor.person_id or who not in {number for number, _name in tutors_of(db, facts.board.course.id)}:
        raise Invalid(_("Not handed over yet."), {"who": _("Choose somebody who decides in this course.")})
    refuse_if_taken(db, actor, QueueKind.POST, facts.public_id, facts.waiting_since)
    mark = mark_of(db, facts.board.course.trust_id, QueueKind.POST, facts.public_id, facts.waiting_since)
    if (mark.handed_by, mark.handed_to, mark.handed_note) == (actor.person_id, who, note):
        return
    mark.handed_by, mark.handed_to, mark.handed_note = actor.person_id, who, note
    mark.claimed_by = mark.claimed_until = None
    db.add(
        Decision(
            public_id=new_public_id(),
            trust_id=facts.board.course.trust_id,
            course_id=facts.board.course.id,
            post_id=facts.id,
            revision=facts.latest,
            verb=Verb.SECOND,
            reason="",
            note=note,
            decided_by=actor.person_id,
            decided_at=clock.now(),
            waited_s=0,
        )
    )
    trust_id, subject = facts.board.course.trust_id, f"post:{facts.public_id}"
    record(db, trust_id=trust_id, actor=actor.public_id, verb="post.handed_on", subject=subject)


def be_away(db: Session, actor: Actor, until: date | None) -> None:
    """Say until which day one is away, or that one is back."""
    db.execute(delete(Absence).where(Absence.person_id == actor.person_id))
    if until is not None:
        end = datetime.combine(until + timedelta(days=1), time(), clock.LONDON)
        db.add(Absence(person_id=actor.person_id, trust_id=actor.trust_id, until=end))
    verb = "moderator.away" if until else "moderator.back"
    record(db, trust_id=actor.trust_id, actor=actor.public_id, verb=verb, subject=f"person:{actor.public_id}")
