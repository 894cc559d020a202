"""Reading requests to open a sealed author, and what the bar counts for those of a duty."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ScalarSelect, Select, func, select
from sqlalchemy.orm import Session, aliased

from lti_tool.access import Actor, Thing, may
from lti_tool.boards import Post
from lti_tool.core import clock
from lti_tool.core.errors import NotFound
from lti_tool.core.language import gettext as _
from lti_tool.moderation.appeal_queries import appeals_count
from lti_tool.moderation.duty_models import Opening, SafetyConcern
from lti_tool.moderation.duty_rules import CONFIRM_WITHIN
from lti_tool.moderation.places import MOST_LISTED, PostPlace, place, place_columns, placed
from lti_tool.moderation.safety_queries import known_concerns
from lti_tool.people import Person, display_name


@dataclass(frozen=True, slots=True)
class OpeningFacts:
    """Somebody asks who wrote a post. Never the answer."""

    public_id: str
    id: int
    post_id: int
    trust_id: int
    asked_by: int
    asked_by_name: str
    reason: str
    untold_because: str
    asked_at: datetime
    answered_by: int | None
    answered_at: datetime | None
    is_confirmed: bool
    shown_at: datetime | None
    place: PostPlace

    @property
    def thing(self) -> Thing:
        """What the policy needs to know of it."""
        return Thing(self.trust_id, 0)

    @property
    def is_over(self) -> bool:
        """Whether nobody answered in time."""
        return self.answered_at is None and self.asked_at + CONFIRM_WITHIN < clock.now()


def _openings() -> Select[*tuple[Any, ...]]:
    asker = aliased(Person)
    statement = select(Opening, asker.name.label("asker"), asker.public_id.label("asker_id"), *place_columns()).join(
        Post, Post.id == Opening.post_id
    )
    return placed(statement).join(asker, asker.id == Opening.asked_by)


def _opening(row: Any) -> OpeningFacts:
    found = row.Opening
    return OpeningFacts(
        public_id=found.public_id,
        id=found.id,
        post_id=found.post_id,
        trust_id=found.trust_id,
        asked_by=found.asked_by,
        asked_by_name=display_name(row.asker or "", row.asker_id),
        reason=found.reason,
        untold_because=found.untold_because,
        asked_at=found.asked_at,
        answered_by=found.answered_by,
        answered_at=found.answered_at,
        is_confirmed=found.is_confirmed,
        shown_at=found.shown_at,
        place=place(row),
    )


def open_openings(db: Session, actor: Actor) -> list[OpeningFacts]:
    """Requests that run, the newest first; nothing for whoever has no such duty."""
    if not may(actor, "author.open", Thing(actor.trust_id, 0)):
        return []
    since = clock.now() - 2 * CONFIRM_WITHIN
    rows = db.execute(
        _openings()
        .where(Opening.trust_id == actor.trust_id, Opening.asked_at > since)
        .order_by(Opening.id.desc())
        .limit(MOST_LISTED)
    )
    return [_opening(row) for row in rows]


def get_opening(db: Session, actor: Actor, public_id: str) -> OpeningFacts:
    """One request to open a sealed author. The caller requires the duty. Raises NotFound."""
    row = db.execute(_openings().where(Opening.public_id == public_id, Opening.trust_id == actor.trust_id)).first()
    if row is None:
        raise NotFound(_("There is no such request, or it is not for you."))
    return _opening(row)


def duties_count(actor: Actor) -> ScalarSelect[int]:
    """For the bar: concerns that nobody has seen to, appeals, and names that wait for this person's yes or no."""
    concerns = select(func.count()).where(known_concerns(actor), SafetyConcern.done_at.is_(None)).scalar_subquery()
    since = clock.now() - CONFIRM_WITHIN
    opens = may(actor, "author.open", Thing(actor.trust_id, 0))
    asked = select(func.count()).where(
        Opening.trust_id == actor.trust_id,
        Opening.answered_at.is_(None),
        Opening.asked_at > since,
        Opening.asked_by != (actor.person_id if opens else Opening.asked_by),
    )
    return concerns + asked.scalar_subquery() + appeals_count(actor)  # type: ignore[return-value]  # a sum of counts
