"""Appeals: an author asks once, and somebody looks again who did not decide."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from lti_tool.access import Actor, Duty, require
from lti_tool.boards import Post, PostFacts, PostState, move_post
from lti_tool.core import clock
from lti_tool.core.errors import Conflict
from lti_tool.core.ids import new_public_id
from lti_tool.core.language import gettext as _
from lti_tool.journal import record
from lti_tool.moderation.appeal_queries import AppealFacts, find_appeal_of, last_refusal
from lti_tool.moderation.duty_models import Appeal
from lti_tool.moderation.handling import Handle, note_decision
from lti_tool.moderation.rules import Verb
from lti_tool.people import tutors_of
from lti_tool.texts import Text, is_overwritten


def make_appeal(db: Session, actor: Actor, facts: PostFacts, note: str) -> bool:
    """Ask that somebody else looks at a decision about one's own post. Once a post; False the second time.

    It goes to the other moderators of the course, or to the education administrator where there are none.
    """
    require(actor, "post.appeal", facts.thing)
    if find_appeal_of(db, actor, facts.id) is not None:
        return False
    refusal = last_refusal(db, facts.id)
    if refusal is None or is_overwritten(db, facts.text_id):
        raise Conflict(_("There is no decision about this post that could be changed."))
    decision_id, decided_by = refusal
    others = {person_id for person_id, _name in tutors_of(db, facts.board.course.id)} - {decided_by, actor.person_id}
    appeal = Appeal(
        public_id=new_public_id(),
        trust_id=facts.board.course.trust_id,
        course_id=facts.board.course.id,
        post_id=facts.id,
        decision_id=decision_id,
        goes_to="" if others else Duty.EDUCATION_ADMINISTRATOR,
        note=note,
        made_at=clock.now(),
    )
    db.add(appeal)
    db.flush()
    said = {"goes_to": appeal.goes_to} if appeal.goes_to else {}
    subject = f"appeal:{appeal.public_id}"
    record(db, trust_id=appeal.trust_id, actor="author", verb="appeal.made", subject=subject, details=said)
    return True


def answer_appeal(db: Session, actor: Actor, facts: AppealFacts, handle: Handle, overturn: bool, answer: str) -> None:
    """Let the decision stand, or change it: then the post is published. Raises Conflict when it is answered already."""
    require(actor, "appeal.decide", facts.thing)
    if facts.outcome:
        raise Conflict(_("Somebody has answered this appeal already."))
    if overturn and not facts.can_come_back:
        raise Conflict(_("The author has changed this post or taken it back meanwhile, so it cannot be put back."))
    verb = Verb.OVERTURN if overturn else Verb.UPHOLD
    if overturn:
        _put_back(db, handle)
    waited_s = int((clock.now() - facts.made_at).total_seconds())
    note_decision(db, actor, handle, verb, facts.reason, answer, waited_s)
    values = {"outcome": verb.value, "answer": answer, "answered_at": clock.now()}
    db.execute(update(Appeal).where(Appeal.id == facts.id).values(**values))
    told = "appeal.overturned" if overturn else "appeal.upheld"
    subject = f"post:{handle.public_id}"
    record(db, trust_id=facts.trust_id, actor=actor.public_id, verb=told, subject=subject)
    if overturn and not handle.was_published:
        record(db, trust_id=facts.trust_id, actor="author", verb="post.published", subject=subject)


def _put_back(db: Session, handle: Handle) -> None:
    """Publish what was refused. What had been read before comes back as it had been read."""
    post, text = db.get_one(Post, handle.id), db.get_one(Text, handle.text_id)
    if is_overwritten(db, text.id):
        raise Conflict(_("This post was erased for good: nothing is left to put back."))
    if text.published is None:
        text.offered = text.latest
    move_post(db, post, text, PostState.PUBLISHED)
