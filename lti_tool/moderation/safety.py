"""When somebody may be at risk: whom to turn to is said at once, and those of the safeguarding duty are told.

What was written about it is read by that duty alone. Where nobody holds it, the education administrator does its work
for that concern (`goes_to`), because a concern that nobody reads is the worst of all.
"""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lti_tool.access import Actor, Duty, require
from lti_tool.boards import PostFacts
from lti_tool.core import clock
from lti_tool.core.errors import Conflict
from lti_tool.core.ids import new_public_id
from lti_tool.core.language import gettext as _
from lti_tool.journal import record
from lti_tool.moderation.duty_models import SafetyConcern, SafetyNumbers
from lti_tool.moderation.duty_rules import CONCERN_TARGET
from lti_tool.moderation.forms import ReportDraft
from lti_tool.moderation.safety_queries import ConcernFacts
from lti_tool.people import CourseLine, each_trust, holders_of


def raise_concern(db: Session, actor: Actor, facts: PostFacts, draft: ReportDraft) -> bool:
    """Tell those who look after people that somebody may be at risk. Once a person and post; False the second time."""
    require(actor, "post.concern", facts.thing)
    mine = (SafetyConcern.post_id == facts.id) & (SafetyConcern.person_id == actor.person_id)
    if db.scalar(select(SafetyConcern.id).where(mine)) is not None:
        return False
    now, trust_id = clock.now(), facts.board.course.trust_id
    has_lead = bool(holders_of(db, trust_id, Duty.SAFEGUARDING, now))
    concern = SafetyConcern(
        public_id=new_public_id(),
        trust_id=trust_id,
        course_id=facts.board.course.id,
        post_id=facts.id,
        person_id=actor.person_id,
        may_name=draft.may_name,
        goes_to=Duty.SAFEGUARDING if has_lead else Duty.EDUCATION_ADMINISTRATOR,
        note=draft.note,
        raised_at=now,
    )
    db.add(concern)
    db.flush()
    _note(db, "reporter", "concern.raised", concern.trust_id, concern.public_id, concern.goes_to)
    return True


def take_concern(db: Session, actor: Actor, facts: ConcernFacts) -> None:
    """Say that the actor sees to it, so that nobody else waits or does it twice. Raises Conflict when somebody does."""
    require(actor, "concern.read", facts.thing)
    taken = update(SafetyConcern).where(SafetyConcern.public_id == facts.public_id, SafetyConcern.taken_by.is_(None))
    values = {"taken_by": actor.person_id, "taken_at": clock.now()}
    if db.scalar(taken.values(**values).returning(SafetyConcern.id)) is None:
        if facts.is_taken_by(actor):
            return  # sent twice
        raise Conflict(_("Somebody has taken this on already. Look again to see who."))
    _note(db, actor.public_id, "concern.taken", actor.trust_id, facts.public_id, facts.goes_to)


def finish_concern(db: Session, actor: Actor, facts: ConcernFacts) -> None:
    """It is seen to; what was done stands in the trust's own record and not here. A second time changes nothing."""
    require(actor, "concern.read", facts.thing)
    done = update(SafetyConcern).where(SafetyConcern.public_id == facts.public_id, SafetyConcern.done_at.is_(None))
    values = {"done_by": actor.person_id, "done_at": clock.now()}
    if db.scalar(done.values(**values).returning(SafetyConcern.id)) is not None:
        _note(db, actor.public_id, "concern.done", actor.trust_id, facts.public_id, facts.goes_to)


def change_numbers(db: Session, actor: Actor, course: CourseLine, words: str) -> None:
    """Whom somebody of this trust may turn to, a line each. Nothing means what stands in every trust."""
    require(actor, "numbers.change", course.thing)
    numbers = db.get(SafetyNumbers, actor.trust_id)
    if numbers is None:
        numbers = SafetyNumbers(trust_id=actor.trust_id)
        db.add(numbers)
    numbers.words, numbers.changed_by, numbers.changed_at = words, actor.person_id, clock.now()
    who, subject = actor.public_id, f"course:{course.public_id}"
    record(db, trust_id=actor.trust_id, actor=who, verb="numbers.changed", subject=subject)


def call_again(db: Session, slot: datetime) -> None:
    """Tell them once more, and the education administrator as well, of what nobody has taken on in time."""
    for trust_id in each_trust(db):
        waits = (
            (SafetyConcern.trust_id == trust_id) & SafetyConcern.taken_by.is_(None) & SafetyConcern.done_at.is_(None)
        )
        is_late = (SafetyConcern.raised_at < slot - CONCERN_TARGET) & SafetyConcern.called_at.is_(None)
        late = update(SafetyConcern).where(waits, is_late).values(called_at=clock.now())
        for public_id, goes_to in db.execute(late.returning(SafetyConcern.public_id, SafetyConcern.goes_to)).all():
            _note(db, "system", "concern.late", trust_id, public_id, goes_to)


def _note(db: Session, actor: str, verb: str, trust_id: int, public_id: str, goes_to: str) -> None:
    subject = f"concern:{public_id}"
    record(db, trust_id=trust_id, actor=actor, verb=verb, subject=subject, details={"goes_to": goes_to})
