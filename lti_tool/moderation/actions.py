"""Deciding what waits, and removing what nobody has reported. What a report does is in `flags.py`."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.access import Actor, require
from lti_tool.boards import (
    Post,
    PostFacts,
    PostState,
    WaitsFor,
    answer_report,
    get_post_facts,
    move_post,
    publish_edit,
    redact_post,
    refuse_edit,
    snapshot_of,
)
from lti_tool.core import clock
from lti_tool.core.errors import Conflict, Invalid, NotFound
from lti_tool.core.ids import new_public_id
from lti_tool.core.language import gettext as _
from lti_tool.journal import record
from lti_tool.moderation.claims import refuse_if_taken
from lti_tool.moderation.flags import report_post, settle_reports
from lti_tool.moderation.forms import DecisionDraft, ReportDraft
from lti_tool.moderation.models import Decision
from lti_tool.moderation.redacting import kinds_held, overwrite_older, put_suggestion
from lti_tool.moderation.rules import ANSWERS, UPHELD, QueueKind, Verb
from lti_tool.texts import Text, get_revision

__all__ = ["decide", "remove", "report_post"]

TOLD = {
    Verb.APPROVE: "post.approved",
    Verb.RETURN: "post.returned",
    Verb.REJECT: "post.rejected",
    Verb.RESTORE: "post.restored",
    Verb.REMOVE: "post.removed",
    Verb.REDACT: "post.redacted",
}
SECOND_CLICK = timedelta(minutes=1)


def decide(db: Session, actor: Actor, facts: PostFacts, draft: DecisionDraft, batch: str = "") -> Decision:
    """Answer what waits. Raises Conflict when it waits no longer, is not what the moderator saw, or another has it.

    The second click of two returns what the first one decided.
    """
    if facts.waits_for is None or facts.latest != draft.seen:
        if (made := _made_just_now(db, actor, facts.public_id, draft)) is not None:
            return made
        raise Conflict(_("Somebody decided first, or the author has changed the post. Look again before you decide."))
    require(actor, "post.decide", facts.thing)
    why = WaitsFor(facts.waits_for)
    if draft.verb not in ANSWERS[why] or (draft.verb == Verb.REDACT and facts.is_cover):
        raise Invalid(_("That decision does not fit what waits here. Choose one of those on the page."))
    refuse_if_taken(db, actor, QueueKind.POST, facts.public_id, facts.waiting_since)
    post, text = db.get_one(Post, facts.id), db.get_one(Text, facts.text_id)
    stood = Stood(fingerprint(db, text), snapshot_of(post, text), kinds_held(db, text, why))
    waited_s = int((clock.now() - (facts.waiting_since or clock.now())).total_seconds())
    _carry_out(db, actor, post, text, why, draft)
    stood.note_version(db, post)
    decision = _write_down(db, actor, facts, draft, waited_s, stood, fingerprint(db, text), batch)
    if why == WaitsFor.REPORT:
        settle_reports(db, decision, upheld=draft.verb in UPHELD)
    record(db, trust_id=post.trust_id, actor=actor.public_id, verb=TOLD[draft.verb], subject=f"post:{post.public_id}")
    if post.state == PostState.PUBLISHED and not facts.was_published:
        say_published(db, post)
    return decision


def say_published(db: Session, post: Post) -> None:
    """For those who wait for news of the thread."""
    who = post.alias or "author"
    record(db, trust_id=post.trust_id, actor=who, verb="post.published", subject=f"post:{post.public_id}")


def decide_on(db: Session, actor: Actor, post_public_id: str, draft: DecisionDraft) -> Decision:
    """The same by a post's public id. What was returned is its author's alone: a second click does not find it."""
    try:
        facts = get_post_facts(db, actor, post_public_id)
    except NotFound:
        if (made := _made_just_now(db, actor, post_public_id, draft)) is not None:
            return made
        raise
    return decide(db, actor, facts, draft)


def _made_just_now(db: Session, actor: Actor, post_public_id: str, draft: DecisionDraft) -> Decision | None:
    of_post = select(Decision).join(Post, Post.id == Decision.post_id).where(Post.public_id == post_public_id)
    last = db.scalars(of_post.order_by(Decision.id.desc()).limit(1)).first()
    is_same = last is not None and (last.decided_by, last.verb, last.revision) == (
        actor.person_id, draft.verb, draft.seen,
    )  # fmt: skip
    return last if last and is_same and last.decided_at > clock.now() - SECOND_CLICK else None


def _carry_out(db: Session, actor: Actor, post: Post, text: Text, why: WaitsFor, draft: DecisionDraft) -> None:
    if draft.verb == Verb.REDACT and draft.version is not None:
        redact_post(db, actor, post, text, draft.version)
        overwrite_older(db, actor, post, text)
        return
    if draft.verb == Verb.RETURN:
        put_suggestion(db, text, draft)
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
    stood = Stood(fingerprint(db, text), snapshot_of(post, text), [])
    move_post(db, post, text, PostState.REMOVED, draft.reason, draft.note)
    stood.note_version(db, post)
    decided = DecisionDraft(Verb.REMOVE, facts.latest, draft.reason, draft.note)
    decision = _write_down(db, actor, facts, decided, 0, stood, None)
    settle_reports(db, decision, upheld=True)
    record(db, trust_id=post.trust_id, actor=actor.public_id, verb="post.removed", subject=f"post:{post.public_id}")
    return decision


@dataclass(frozen=True, slots=True)
class Stood:
    """Where a post stood before a decision: what everybody read, how to put it back, what the check had found."""

    fingerprint: bytes | None
    snapshot: dict[str, Any]
    held_by: list[str]

    def note_version(self, db: Session, post: Post) -> None:
        """The decision is carried out: whoever undoes it must find the post as it is now."""
        db.flush()
        self.snapshot["version"] = post.version


def _write_down(
    db: Session,
    actor: Actor,
    facts: PostFacts,
    draft: DecisionDraft,
    waited_s: int,
    stood: Stood,
    after: bytes | None,
    batch: str = "",
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
        hash_before=stood.fingerprint,
        hash_after=after,
        batch=batch or new_public_id(),
        held_by=stood.held_by,
        snapshot={} if draft.verb == Verb.REDACT else stood.snapshot,
    )
    db.add(decision)
    db.flush()
    return decision


def fingerprint(db: Session, text: Text) -> bytes | None:
    """SHA-256 of what everybody reads of this text, or None when they read nothing."""
    if text.published is None:
        return None
    return hashlib.sha256(str(get_revision(db, text.id, text.published).html).encode()).digest()
