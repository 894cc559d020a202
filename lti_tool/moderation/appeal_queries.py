"""Reading appeals. One condition says who may know of one, another for whom it waits."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup
from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from lti_tool.access import Actor, Thing
from lti_tool.boards import Post, decides, tag_of
from lti_tool.core.errors import NotFound
from lti_tool.core.language import gettext as _
from lti_tool.moderation.duty_models import Appeal
from lti_tool.moderation.models import Decision
from lti_tool.moderation.places import MOST_LISTED, PostPlace, place, place_columns, placed
from lti_tool.texts import Revision, Text, is_overwritten


@dataclass(frozen=True, slots=True)
class AppealFacts:
    """An appeal, with the decision that it is about. Who decided is known to the policy alone, and told to nobody."""

    public_id: str
    id: int
    post_id: int
    text_id: int
    trust_id: int
    course_id: int
    note: str
    made_at: datetime
    outcome: str
    answer: str
    answered_at: datetime | None
    verb: str
    reason: str
    decision_note: str
    is_mine: bool
    is_own_decision: bool
    can_come_back: bool
    place: PostPlace

    @property
    def thing(self) -> Thing:
        """What the policy needs to know of it."""
        return Thing(self.trust_id, self.course_id, self.is_mine, is_own_decision=self.is_own_decision)


def known_appeals(actor: Actor) -> ColumnElement[bool]:
    """The appeals of which the actor may know: of courses that they moderate, and all for the duty of last resort."""
    inside = Appeal.trust_id == actor.trust_id
    return inside if actor.runs_education else and_(inside, decides(actor))


def _waits_for(actor: Actor) -> ColumnElement[bool]:
    """Open appeals that this person should answer: not about their own decision."""
    duties = sorted(duty.value for duty in actor.duties)
    to_them = or_(and_(Appeal.goes_to == "", decides(actor)), Appeal.goes_to.in_(duties))
    return and_(known_appeals(actor), Appeal.outcome == "", Decision.decided_by != actor.person_id, to_them)


def _appeals() -> Select[*tuple[Any, ...]]:
    statement = select(
        Appeal, Decision.verb, Decision.reason, Decision.note.label("decision_note"), Decision.decided_by, Post.text_id,
        Post.board_id, Post.author_id.label("author"), Post.author_tag, *place_columns(),
    ).join(Decision, Decision.id == Appeal.decision_id).join(Post, Post.id == Appeal.post_id)  # fmt: skip
    return placed(statement)


def _appeal(db: Session, actor: Actor, row: Any, html: Markup | None = None, title: str = "") -> AppealFacts:
    found = row.Appeal
    mine = row.author == actor.person_id or row.author_tag == tag_of(db, actor.person_id, row.board_id)
    return AppealFacts(
        public_id=found.public_id,
        id=found.id,
        post_id=found.post_id,
        text_id=row.text_id,
        trust_id=found.trust_id,
        course_id=found.course_id,
        note=found.note,
        made_at=found.made_at,
        outcome=found.outcome,
        answer=found.answer,
        answered_at=found.answered_at,
        verb=row.verb,
        reason=row.reason,
        decision_note=row.decision_note,
        is_mine=mine,
        is_own_decision=row.decided_by == actor.person_id,
        can_come_back=row.state in ("returned", "rejected", "removed"),
        place=place(row, html, title),
    )


def open_appeals(db: Session, actor: Actor) -> list[AppealFacts]:
    """The appeals that this person should answer, the oldest first, without those of their own."""
    rows = db.execute(_appeals().where(_waits_for(actor)).order_by(Appeal.id).limit(MOST_LISTED))
    return [appeal for appeal in (_appeal(db, actor, row) for row in rows) if not appeal.is_mine]


def appeals_count(actor: Actor) -> ScalarSelect[int]:
    """For the bar: how many appeals wait for this person."""
    waiting = select(func.count()).select_from(Appeal).join(Decision, Decision.id == Appeal.decision_id)
    return waiting.join(Post, Post.id == Appeal.post_id).where(_waits_for(actor)).scalar_subquery()


def get_appeal(db: Session, actor: Actor, public_id: str) -> AppealFacts:
    """One appeal with the words that it is about, as they are now. Raises NotFound."""
    row = db.execute(_appeals().where(Appeal.public_id == public_id, known_appeals(actor))).first()
    if row is None:
        raise NotFound(_("There is no such appeal, or it is not for you."))
    newest = db.execute(
        select(Revision.html, Revision.title)
        .join(Text, Text.id == Revision.text_id)
        .where(Text.id == row.text_id, Revision.number == Text.latest)
    ).one()
    is_gone = is_overwritten(db, row.text_id)
    return _appeal(db, actor, row, None if is_gone else newest.html, newest.title)


def find_appeal_of(db: Session, actor: Actor, post_id: int) -> AppealFacts | None:
    """The appeal about a post that the caller has been shown to be the actor's own."""
    row = db.execute(_appeals().where(Appeal.post_id == post_id, Appeal.trust_id == actor.trust_id)).first()
    return _appeal(db, actor, row) if row else None


def last_refusal(db: Session, post_id: int) -> tuple[int, int] | None:
    """(number, who decided) of the decision that returned, rejected or removed a post."""
    row = db.execute(
        select(Decision.id, Decision.decided_by)
        .where(Decision.post_id == post_id, Decision.verb.in_(("return", "reject", "remove", "purge")))
        .order_by(Decision.id.desc())
        .limit(1)
    ).first()
    return (row.id, row.decided_by) if row else None
