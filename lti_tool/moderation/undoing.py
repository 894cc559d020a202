"""Deciding on several at once, undoing within ten seconds, and taking a decision back later.

A module of its own: none of it adds a rule to `actions.decide`, which each of them uses or follows.
"""

from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.access import Actor, Thing, require
from lti_tool.boards import Post, PostState, Urgency, get_post_facts, move_post, put_back, reinstate_post, snapshot_of
from lti_tool.core import clock
from lti_tool.core.errors import Conflict, Forbidden, Invalid, NotFound
from lti_tool.core.ids import new_public_id
from lti_tool.core.language import gettext as _
from lti_tool.journal import recall, record
from lti_tool.moderation.actions import TOLD, decide, fingerprint, say_published
from lti_tool.moderation.forms import DecisionDraft, Tick
from lti_tool.moderation.models import Decision, Report
from lti_tool.moderation.rules import BULK, TAKEN_BACK_BY, UNDO_FOR, Verb
from lti_tool.texts import Text


@dataclass(frozen=True, slots=True)
class Many:
    """What became of several: how many were decided, and the titles of those that had changed meanwhile."""

    batch: str
    decided: int
    missed: list[str]


def decide_many(db: Session, actor: Actor, ticked: list[Tick], draft: DecisionDraft) -> Many:
    """One decision for several posts of the same kind, each its own Decision. What has changed meanwhile is left."""
    batch, decided, missed, kinds = new_public_id(), 0, [], set()
    found = []
    for tick in ticked:
        try:
            found.append((tick, get_post_facts(db, actor, tick.post)))
        except NotFound:
            missed.append(_("a post that is gone"))
    kinds = {facts.waits_for for _tick, facts in found if facts.waits_for is not None}
    if len(kinds) > 1 or draft.verb not in BULK:
        raise Invalid(_("Tick posts of one kind only: new ones, or changed ones."))
    for tick, facts in found:
        title = facts.title or _("a reply by %(author)s") % {"author": facts.author or _("somebody")}
        if facts.urgency == Urgency.PRIVACY:
            missed.append(title)  # what may name a patient is looked at one by one
            continue
        try:
            with db.begin_nested():
                decide(db, actor, facts, replace(draft, seen=tick.seen), batch)
            decided += 1
        except (Conflict, Forbidden, Invalid):
            missed.append(title)
    return Many(batch, decided, missed)


def undo(db: Session, actor: Actor, batch: str) -> list[str]:
    """Put back what the actor has just decided; returns the posts. Raises Conflict when it is too late, or changed.

    Nobody has been told yet, and nobody is: what would have told them is called back. A second click changes nothing.
    """
    made = db.scalars(select(Decision).where(Decision.batch == batch, Decision.decided_by == actor.person_id)).all()
    if not made:
        raise NotFound(_("There is no such decision, or it is not yours."))
    posts = []
    for decision in made:
        post, text = _of(db, decision)
        posts.append(post.public_id)
        if _is_taken_back(db, decision):
            continue
        require(actor, "post.undo", _thing(post))
        _refuse_late(db, decision)
        subject = f"post:{post.public_id}"
        before = fingerprint(db, text)
        put_back(db, post, text, decision.snapshot)
        for report in db.scalars(
            select(Report).where(Report.post_id == post.id, Report.settled_at == decision.decided_at)
        ):
            report.settled_at = report.upheld = None
        _take_back(db, actor, decision, Verb.UNDO, before=before, after=fingerprint(db, text))
        recall(db, post.trust_id, subject, decision.decided_at)
        record(db, trust_id=post.trust_id, actor=actor.public_id, verb="decision.undone", subject=subject)
    return posts


def _refuse_late(db: Session, decision: Decision) -> None:
    newest = db.scalar(select(Decision.id).where(Decision.post_id == decision.post_id).order_by(Decision.id.desc()))
    if clock.now() > decision.decided_at + UNDO_FOR:
        raise Conflict(_("Too late to undo: the author has been told. You can take it back in “My decisions”."))
    if not decision.snapshot or newest != decision.id:
        raise Conflict(_("This post has changed meanwhile. Look again before you decide."))


def may_take_back(db: Session, actor: Actor, public_id: str) -> tuple[Decision, Post, Text]:
    """One of the actor's own decisions that can still be taken back. Raises NotFound, Forbidden or Conflict."""
    decision = db.scalars(
        select(Decision).where(Decision.public_id == public_id, Decision.decided_by == actor.person_id)
    ).first()
    if decision is None or Verb(decision.verb) not in TAKEN_BACK_BY:
        raise NotFound(_("There is no such decision, or it is not yours."))
    post, text = _of(db, decision)
    require(actor, "post.reverse", _thing(post))
    newest = db.scalar(select(Decision.id).where(Decision.post_id == post.id).order_by(Decision.id.desc()))
    is_older = TAKEN_BACK_BY[Verb(decision.verb)] == Verb.APPROVE and text.latest != decision.revision
    if _is_taken_back(db, decision) or newest != decision.id or is_older or post.waits_for is not None:
        raise Conflict(_("Something has happened to this post since then. Look at it as it is now."))
    return decision, post, text


def take_back(db: Session, actor: Actor, public_id: str, reason: str, note: str) -> Decision:
    """Reverse an own decision: what was kept back or removed is published, what was published is removed."""
    decision, post, text = may_take_back(db, actor, public_id)
    by, was_published = TAKEN_BACK_BY[Verb(decision.verb)], post.published_at is not None
    before, snapshot = fingerprint(db, text), snapshot_of(post, text)
    if by == Verb.REMOVE:
        move_post(db, post, text, PostState.REMOVED, reason, note)
    else:
        number = text.published if decision.verb == Verb.REMOVE and text.published else decision.revision
        reinstate_post(db, post, text, number)
    db.flush()
    snapshot["version"] = post.version
    made = _take_back(
        db, actor, decision, by, before=before, after=fingerprint(db, text), reason=reason, note=note, snapshot=snapshot
    )
    record(db, trust_id=post.trust_id, actor=actor.public_id, verb=TOLD[by], subject=f"post:{post.public_id}")
    if post.state == PostState.PUBLISHED and not was_published:
        say_published(db, post)
    return made


def _of(db: Session, decision: Decision) -> tuple[Post, Text]:
    post = db.get_one(Post, decision.post_id)
    return post, db.get_one(Text, post.text_id)


def _thing(post: Post) -> Thing:
    """What the policy needs to know. Nobody could decide on a post of their own, so none of these is."""
    return Thing(trust_id=post.trust_id, course_id=post.course_id, state=post.state)


def _is_taken_back(db: Session, decision: Decision) -> bool:
    return db.scalar(select(Decision.id).where(Decision.reverses == decision.public_id)) is not None


def _take_back(
    db: Session,
    actor: Actor,
    decision: Decision,
    verb: Verb,
    *,
    before: bytes | None,
    after: bytes | None,
    reason: str = "",
    note: str = "",
    snapshot: dict[str, object] | None = None,
) -> Decision:
    made = Decision(
        public_id=new_public_id(),
        trust_id=decision.trust_id,
        course_id=decision.course_id,
        post_id=decision.post_id,
        revision=decision.revision,
        verb=verb,
        reason=reason,
        note=note,
        decided_by=actor.person_id,
        decided_at=clock.now(),
        waited_s=0,
        hash_before=before,
        hash_after=after,
        batch=new_public_id(),
        reverses=decision.public_id,
        snapshot=snapshot or {},
    )
    db.add(made)
    db.flush()
    return made
