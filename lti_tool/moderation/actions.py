"""Deciding what waits, and removing what nobody has reported. What a report does is in `flags.py`."""

import hashlib

from sqlalchemy.orm import Session

from lti_tool.access import Actor, require
from lti_tool.boards import (
    Post,
    PostFacts,
    PostState,
    WaitsFor,
    answer_report,
    move_post,
    publish_edit,
    refuse_edit,
)
from lti_tool.core import clock
from lti_tool.core.errors import Conflict, Invalid
from lti_tool.core.ids import new_public_id
from lti_tool.core.language import gettext as _
from lti_tool.journal import record
from lti_tool.moderation.flags import report_post, settle_reports
from lti_tool.moderation.forms import DecisionDraft, ReportDraft
from lti_tool.moderation.models import Decision
from lti_tool.moderation.rules import ANSWERS, Verb
from lti_tool.texts import Text, get_revision

__all__ = ["decide", "remove", "report_post"]

TOLD = {
    Verb.APPROVE: "post.approved",
    Verb.RETURN: "post.returned",
    Verb.REJECT: "post.rejected",
    Verb.RESTORE: "post.restored",
    Verb.REMOVE: "post.removed",
}


def decide(db: Session, actor: Actor, facts: PostFacts, draft: DecisionDraft) -> Decision:
    """Answer what waits. Raises Conflict when it no longer waits, or is not the version that the moderator saw."""
    if facts.waits_for is None or facts.latest != draft.seen:
        raise Conflict(_("Somebody decided first, or the author has changed the post. Look again before you decide."))
    require(actor, "post.decide", facts.thing)
    why = WaitsFor(facts.waits_for)
    if draft.verb not in ANSWERS[why]:
        raise Invalid(_("That decision does not fit what waits here. Choose one of those on the page."))
    post, text = db.get_one(Post, facts.id), db.get_one(Text, facts.text_id)
    before, was_published = _fingerprint(db, text), facts.was_published
    waited_s = int((clock.now() - (facts.waiting_since or clock.now())).total_seconds())
    _carry_out(db, post, text, why, draft)
    if why == WaitsFor.REPORT:
        settle_reports(db, facts.id, upheld=draft.verb == Verb.REMOVE)
    decision = _write_down(db, actor, facts, draft, waited_s, before, _fingerprint(db, text))
    record(db, trust_id=post.trust_id, actor=actor.public_id, verb=TOLD[draft.verb], subject=f"post:{post.public_id}")
    if post.state == PostState.PUBLISHED and not was_published:
        who = post.alias or "author"
        record(db, trust_id=post.trust_id, actor=who, verb="post.published", subject=f"post:{post.public_id}")
    return decision


def _carry_out(db: Session, post: Post, text: Text, why: WaitsFor, draft: DecisionDraft) -> None:
    if why == WaitsFor.REPORT:
        answer_report(db, post, text, draft.verb == Verb.RESTORE, draft.reason, draft.note)
    elif why == WaitsFor.EDIT:
        if draft.verb == Verb.APPROVE:
            publish_edit(db, post, text)
        else:
            refuse_edit(post, text, draft.reason, draft.note)
    else:
        states = {Verb.APPROVE: PostState.PUBLISHED, Verb.RETURN: PostState.RETURNED, Verb.REJECT: PostState.REJECTED}
        move_post(db, post, text, states[draft.verb], draft.reason, draft.note)


def remove(db: Session, actor: Actor, facts: PostFacts, draft: ReportDraft) -> Decision:
    """Take a post away that nobody has reported; a stone with the reason stays."""
    require(actor, "post.remove", facts.thing)
    post, text = db.get_one(Post, facts.id), db.get_one(Text, facts.text_id)
    before = _fingerprint(db, text)
    move_post(db, post, text, PostState.REMOVED, draft.reason, draft.note)
    settle_reports(db, facts.id, upheld=True)
    decided = DecisionDraft(Verb.REMOVE, facts.latest, draft.reason, draft.note)
    decision = _write_down(db, actor, facts, decided, 0, before, None)
    record(db, trust_id=post.trust_id, actor=actor.public_id, verb="post.removed", subject=f"post:{post.public_id}")
    return decision


def _write_down(
    db: Session,
    actor: Actor,
    facts: PostFacts,
    draft: DecisionDraft,
    waited_s: int,
    before: bytes | None,
    after: bytes | None,
) -> Decision:
    decision = Decision(
        public_id=new_public_id(),
        trust_id=facts.board.course.trust_id,
        course_id=facts.board.course.id,
        post_id=facts.id,
        revision=facts.latest,
        verb=draft.verb,
        reason=draft.reason,
        note=draft.note,
        decided_by=actor.person_id,
        decided_at=clock.now(),
        waited_s=waited_s,
        hash_before=before,
        hash_after=after,
    )
    db.add(decision)
    db.flush()
    return decision


def _fingerprint(db: Session, text: Text) -> bytes | None:
    """SHA-256 of what everybody reads of this text, or None when they read nothing."""
    if text.published is None:
        return None
    return hashlib.sha256(str(get_revision(db, text.id, text.published).html).encode()).digest()
