"""Reading concerns for somebody's safety, and whom one may turn to. One condition says who may know of a concern."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup
from sqlalchemy import ColumnElement, Select, and_, false, or_, select, true
from sqlalchemy.orm import Session

from lti_tool.access import Actor, Duty, Thing, may
from lti_tool.boards import Post
from lti_tool.core.db import again
from lti_tool.core.errors import NotFound
from lti_tool.core.language import gettext as _
from lti_tool.moderation.duty_models import SafetyConcern, SafetyNumbers
from lti_tool.moderation.duty_rules import numbers_in
from lti_tool.moderation.places import MOST_LISTED, PostPlace, place, place_columns, placed, words
from lti_tool.people import Person, display_name

_Raiser, _Taker = again(Person), again(Person)


@dataclass(frozen=True, slots=True)
class ConcernFacts:
    """A concern for somebody's safety. `raised_by` is empty unless they let themselves be named."""

    public_id: str
    trust_id: int
    course_id: int
    goes_to: str
    note: str
    raised_by: str
    raised_at: datetime
    taken_by: str
    taken_by_number: int | None
    taken_at: datetime | None
    done_at: datetime | None
    place: PostPlace

    @property
    def thing(self) -> Thing:
        """What the policy needs to know of it."""
        return Thing(self.trust_id, self.course_id)

    def is_taken_by(self, actor: Actor) -> bool:
        """Whether the actor sees to it."""
        return self.taken_by_number == actor.person_id


def known_concerns(actor: Actor) -> ColumnElement[bool]:
    """The concerns of which the actor may know: all of the trust for the duty; else those that went to theirs.

    The education administrator also knows of those that nobody took on in time, and was told of.
    """
    duties = sorted(duty.value for duty in actor.duties)
    reach = or_(
        SafetyConcern.goes_to.in_(duties),
        true() if Duty.SAFEGUARDING in actor.duties else false(),
        and_(true() if actor.runs_education else false(), SafetyConcern.called_at.is_not(None)),
    )
    return and_(SafetyConcern.trust_id == actor.trust_id, reach)


def _concerns() -> Select[*tuple[Any, ...]]:
    statement = select(
        SafetyConcern, Post.text_id, _Raiser.name.label("raiser"), _Raiser.public_id.label("raiser_id"),
        _Taker.name.label("taker"), _Taker.public_id.label("taker_id"), *place_columns(),
    ).join(Post, Post.id == SafetyConcern.post_id)  # fmt: skip
    named = and_(_Raiser.id == SafetyConcern.person_id, SafetyConcern.may_name)
    return placed(statement).outerjoin(_Raiser, named).outerjoin(_Taker, _Taker.id == SafetyConcern.taken_by)


def _concern(row: Any, html: Markup | None = None, title: str = "") -> ConcernFacts:
    found = row.SafetyConcern
    return ConcernFacts(
        public_id=found.public_id,
        trust_id=found.trust_id,
        course_id=found.course_id,
        goes_to=found.goes_to,
        note=found.note,
        raised_by=display_name(row.raiser or "", row.raiser_id) if row.raiser_id else "",
        raised_at=found.raised_at,
        taken_by=display_name(row.taker or "", row.taker_id) if row.taker_id else "",
        taken_by_number=found.taken_by,
        taken_at=found.taken_at,
        done_at=found.done_at,
        place=place(row, html, title),
    )


def open_concerns(db: Session, actor: Actor) -> list[ConcernFacts]:
    """What the actor must see to, the oldest first; nothing for whoever has no such duty."""
    if not may(actor, "concern.read", Thing(actor.trust_id, 0)):
        return []
    rows = db.execute(
        _concerns()
        .where(known_concerns(actor), SafetyConcern.done_at.is_(None))
        .order_by(SafetyConcern.raised_at, SafetyConcern.id)
        .limit(MOST_LISTED)
    )
    return [_concern(row) for row in rows]


def get_concern(db: Session, actor: Actor, public_id: str) -> ConcernFacts:
    """One concern with the words that caused it. Raises NotFound."""
    row = db.execute(_concerns().where(SafetyConcern.public_id == public_id, known_concerns(actor))).first()
    if row is None:
        raise NotFound(_("There is no such concern, or it is not for you."))
    return _concern(row, *words(db, row.text_id))


def numbers_of(db: Session, trust_id: int) -> list[str]:
    """Whom somebody of this trust may turn to, a line each."""
    return numbers_in(written_numbers(db, trust_id))


def written_numbers(db: Session, trust_id: int) -> str:
    """What the education administrator has written down; empty where nobody has."""
    return db.scalar(select(SafetyNumbers.words).where(SafetyNumbers.trust_id == trust_id)) or ""
