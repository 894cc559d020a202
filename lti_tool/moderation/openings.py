"""Break-glass: two people of the right duties open who wrote a pseudonymous post; the author is told.

One asks, the other says yes within a day, and the name is shown once to who asked. It is in no table, no message and
no journal line. Only `boards/authors.py` can open the seal.
"""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lti_tool.access import Actor, may, require
from lti_tool.boards import author_of
from lti_tool.core import clock
from lti_tool.core.errors import Conflict, Forbidden, Invalid
from lti_tool.core.ids import new_public_id
from lti_tool.core.language import gettext as _
from lti_tool.journal import record
from lti_tool.moderation.duty_forms import OpeningDraft
from lti_tool.moderation.duty_models import Opening
from lti_tool.moderation.handling import Handle
from lti_tool.moderation.opening_queries import OpeningFacts
from lti_tool.people import display_name, get_person


def ask_opening(db: Session, actor: Actor, handle: Handle, draft: OpeningDraft) -> str:
    """Ask for the author of a post on a board with hidden names; returns the request's public id."""
    require(actor, "author.open", handle.thing)
    if not handle.is_pseudonymous:
        raise Conflict(_("Names are shown on this board: nothing is sealed here."))
    if draft.untold_because and not may(actor, "author.open_untold", handle.thing):
        problem = _("Only the safeguarding lead may ask that the author is not told.")
        raise Invalid(_("Not sent yet."), {"untold_because": problem})
    sent = db.scalars(select(Opening).where(Opening.once == draft.once)).first()
    if sent is not None:
        return sent.public_id
    opening = Opening(
        public_id=new_public_id(),
        trust_id=actor.trust_id,
        post_id=handle.id,
        asked_by=actor.person_id,
        reason=draft.reason,
        untold_because=draft.untold_because,
        asked_at=clock.now(),
        once=draft.once,
    )
    db.add(opening)
    db.flush()
    _note(db, actor, "author.opening_asked", opening.public_id, {"post": handle.public_id})
    return opening.public_id


def answer_opening(db: Session, actor: Actor, facts: OpeningFacts, is_confirmed: bool) -> None:
    """Say yes or no to somebody else's request. Raises Forbidden for one's own, Conflict when it is over."""
    require(actor, "author.open", facts.thing)
    if facts.asked_by == actor.person_id:
        raise Forbidden(_("You asked for this. Another person must confirm it."))
    if facts.answered_by == actor.person_id and facts.is_confirmed == is_confirmed:
        return  # sent twice
    if facts.is_over or facts.answered_at is not None:
        raise Conflict(_("This request is over: it was answered, or a day has passed. It can be made again."))
    values = {"answered_by": actor.person_id, "answered_at": clock.now(), "is_confirmed": is_confirmed}
    answered = update(Opening).where(Opening.id == facts.id, Opening.answered_at.is_(None))
    if db.scalar(answered.values(**values).returning(Opening.id)) is None:
        raise Conflict(_("Somebody has answered this request already."))
    verb = "author.opening_confirmed" if is_confirmed else "author.opening_refused"
    _note(db, actor, verb, facts.public_id, {"post": facts.place.post_public_id})


def open_author(db: Session, actor: Actor, facts: OpeningFacts) -> str:
    """The name, once, for whoever asked. Raises Forbidden for others, Conflict unless it is confirmed and unread."""
    require(actor, "author.open", facts.thing)
    if facts.asked_by != actor.person_id:
        raise Forbidden(_("The name is shown to the person who asked for it, and to nobody else."))
    shown = update(Opening).where(Opening.id == facts.id, Opening.is_confirmed, Opening.shown_at.is_(None))
    if db.scalar(shown.values(shown_at=clock.now()).returning(Opening.id)) is None:
        raise Conflict(_("The name is shown once, after another person has confirmed. It is not shown now."))
    person_id = author_of(db, facts.place.post_public_id)
    if person_id is None:
        raise Conflict(_("The seal of this post is gone: nobody can open it any more."))
    person = get_person(db, person_id)
    verb = "author.opened_untold" if facts.untold_because else "author.opened"
    subject, details = f"post:{facts.place.post_public_id}", {"opening": facts.public_id}
    record(db, trust_id=actor.trust_id, actor=actor.public_id, verb=verb, subject=subject, details=details)
    return display_name(person.name, person.public_id)


def _note(db: Session, actor: Actor, verb: str, public_id: str, details: dict[str, str]) -> None:
    subject = f"opening:{public_id}"
    record(db, trust_id=actor.trust_id, actor=actor.public_id, verb=verb, subject=subject, details=details)
