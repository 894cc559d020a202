"""Putting a correction above a post that is wrong, or that was removed because it was unsafe."""

from sqlalchemy.orm import Session

from lti_tool.access import Actor, require
from lti_tool.boards import add_correction
from lti_tool.core.errors import Conflict
from lti_tool.core.language import gettext as _
from lti_tool.journal import record
from lti_tool.moderation.handling import Handle, note_decision
from lti_tool.moderation.rules import Verb
from lti_tool.texts import Prepared

UNSAFE = "unsafe"


def correct_post(db: Session, actor: Actor, handle: Handle, prepared: Prepared, once: str) -> bool:
    """Correct a post that others have read; whoever read it is told by the worker. Once a form; False the second time.

    Raises Conflict for a post that was removed for another reason: a correction would tell what it said.
    """
    require(actor, "post.correct", handle.thing)
    if handle.state == "removed" and handle.state_reason != UNSAFE:
        raise Conflict(_("This post was not removed because it was wrong, so there is nothing to correct in public."))
    where = {"trust_id": handle.course.trust_id, "thread_id": handle.thread_id, "post_id": handle.id}
    made, is_new = add_correction(db, **where, made_by=actor.person_id, prepared=prepared, once=once)
    if is_new:
        note_decision(db, actor, handle, Verb.CORRECT, UNSAFE)
        said = {"post": handle.public_id}
        subject, who = f"correction:{made.public_id}", actor.public_id
        record(db, trust_id=made.trust_id, actor=who, verb="post.corrected", subject=subject, details=said)
    return is_new
