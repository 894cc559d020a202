"""Reading cases. Whether somebody may know of a case, and whether they may know how it ends, is decided here, in SQL.

The answer of a case (explanation, learning points, which option is best, certainty) leaves the database only for its
author, for those who review the course's cases, and for those who have committed an answer.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup
from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, case, func, or_, select, true
from sqlalchemy.orm import Session

from lti_tool.access import Actor, Thing
from lti_tool.boards import Hold, Post, PostState, Thread, ThreadActivity, is_held, is_unlocked
from lti_tool.cases.models import Case, CaseAnswer, CaseDecision, CaseText
from lti_tool.cases.rules import CaseState, Sheet, Slot, points_of
from lti_tool.core.errors import NotFound
from lti_tool.core.language import gettext as _
from lti_tool.people import Course, CourseLine, Person, display_name
from lti_tool.texts import Revision, Text
from lti_tool.web import Landmark


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """A case for one reader. What they may not know yet is None or empty: it never left the database."""

    id: int
    public_id: str
    state: CaseState
    state_reason: str
    state_note: str
    state_at: datetime
    sent: int
    title: str
    speciality: str
    setting: str
    life_stage: str
    question: str
    options: list[str]
    asks_trust: bool
    published_at: datetime | None
    thread_id: int | None
    thread_public_id: str | None
    opening_public_id: str | None
    replies: int
    is_shared: bool
    is_held: bool
    is_mine: bool
    is_revealed: bool
    is_reviewer: bool
    answered_at: datetime | None
    my_option: int | None
    my_words: str
    answers: int
    author: str
    best: int | None
    certainty: str
    basis: str
    basis_note: str
    kept: dict[str, str]
    course: CourseLine
    html: dict[Slot, Markup]
    source: dict[Slot, str]

    @property
    def thing(self) -> Thing:
        """What the policy needs to know of it."""
        return Thing(
            trust_id=self.course.trust_id,
            course_id=self.course.id,
            is_mine=self.is_mine,
            state=self.state,
            waits=self.state == CaseState.PENDING,
            is_shared=self.is_shared,
        )

    @property
    def points(self) -> list[str]:
        """The learning points, for those who may read them."""
        return points_of(self.source.get(Slot.LEARNING, ""))

    @property
    def sheet(self) -> Sheet:
        """What completeness asks of it."""
        return Sheet(
            title=self.title,
            setting=self.setting,
            life_stage=self.life_stage,
            has_presentation=Slot.PRESENTATION in self.html,
            question=self.question,
            options=self.options,
            best=self.best,
            certainty=self.certainty,
            has_explanation=Slot.EXPLANATION in self.html,
            points=len(self.points),
            basis=self.basis,
            basis_note=self.basis_note,
            speciality=self.speciality,
        )


REVIEWERS_SEE = (CaseState.PENDING, CaseState.PUBLISHED, CaseState.ENDED)


def reviews(actor: Actor) -> ColumnElement[bool]:
    """The cases of the courses in which the actor looks at them before others do."""
    return and_(Case.trust_id == actor.trust_id, Case.course_id.in_(actor.teaches_in))


def decides(actor: Actor) -> ColumnElement[bool]:
    """The cases about whose audience and end the actor decides: a reviewer, or for the whole trust."""
    in_trust = Case.trust_id == actor.trust_id
    return in_trust if actor.runs_education else reviews(actor)


def stands() -> ColumnElement[bool]:
    """The case is out: published, its opening post not hidden or removed, and no hold of its thread open."""
    return and_(Case.state == CaseState.PUBLISHED, Post.state == PostState.PUBLISHED, ~is_held())


def visible_cases(actor: Actor) -> ColumnElement[bool]:
    """The cases of which the actor may know. What is with its author is that person's alone, whatever it once was."""
    in_trust = Case.trust_id == actor.trust_id
    reached = or_(and_(in_trust, Case.course_id.in_(actor.roles)), and_(in_trust, Thread.is_shared), decides(actor))
    return or_(
        Case.author_id == actor.person_id,
        and_(reviews(actor), Case.state.in_(REVIEWERS_SEE)),
        and_(stands(), reached),
    )


def is_revealed(actor: Actor) -> ColumnElement[bool]:
    """Whether the actor may know how the case ends: its author, who decides about it, and who has answered."""
    return or_(Case.author_id == actor.person_id, decides(actor), and_(Thread.id.is_not(None), is_unlocked(actor)))


def joined(statement: Select[*tuple[Any, ...]], actor: Actor) -> Select[*tuple[Any, ...]]:
    """The statement over the cases that the actor may know, with course, thread, opening post and own answer."""
    mine = and_(CaseAnswer.case_id == Case.id, CaseAnswer.person_id == actor.person_id)
    return (
        statement.select_from(Case)
        .join(Course, Course.id == Case.course_id)
        .outerjoin(Thread, Thread.id == Case.thread_id)
        .outerjoin(Post, and_(Post.thread_id == Case.thread_id, Post.is_first))
        .outerjoin(CaseAnswer, mine)
        .where(visible_cases(actor))
    )


def answers_so_far() -> ScalarSelect[int]:
    """How many people have committed an answer to the case of the row."""
    everybody = CaseAnswer.__table__.alias("everybody")
    return select(func.count()).select_from(everybody).where(everybody.c.case_id == Case.id).scalar_subquery()


def get_case(db: Session, actor: Actor, public_id: str, course: CourseLine | None = None) -> CaseFacts:
    """A case that the actor may know; on a course's pages only one that shows there. Raises NotFound."""
    revealed, insider = is_revealed(actor), or_(Case.author_id == actor.person_id, decides(actor))
    statement = select(
        Case.id, Case.public_id, Case.state,
        case((insider, Case.state_reason), else_="").label("state_reason"),
        case((insider, Case.state_note), else_="").label("state_note"),
        Case.state_at, Case.sent, Case.title, Case.speciality, Case.setting, Case.life_stage, Case.question,
        Case.options, case((insider, Case.asks_trust), else_=False).label("asks_trust"), Case.published_at,
        Case.thread_id, Thread.public_id.label("thread_public_id"), Post.public_id.label("opening_public_id"),
        func.coalesce(select(ThreadActivity.replies).where(ThreadActivity.thread_id == Case.thread_id)
                      .scalar_subquery(), 0).label("replies"),
        func.coalesce(Thread.is_shared, False).label("is_shared"), is_held().label("is_held"),
        (Case.author_id == actor.person_id).label("is_mine"), revealed.label("is_revealed"),
        reviews(actor).label("is_reviewer"), CaseAnswer.answered_at, CaseAnswer.option.label("my_option"),
        func.coalesce(CaseAnswer.words, "").label("my_words"), answers_so_far().label("answers"),
        Person.name, Person.public_id.label("person"), case((revealed, Case.best)).label("best"),
        case((revealed, Case.certainty), else_="").label("certainty"),
        case((insider, Case.basis), else_="").label("basis"),
        case((insider, Case.basis_note), else_="").label("basis_note"), Case.kept,
        Course.id.label("course_number"), Course.public_id.label("course_public_id"), Course.trust_id.label("trust"),
        Course.title.label("course_title"),
    )  # fmt: skip
    here = or_(Case.course_id == course.id, Thread.is_shared) if course else true()
    found = db.execute(
        joined(statement, actor).join(Person, Person.id == Case.author_id).where(Case.public_id == public_id, here)
    ).first()
    if found is None:
        raise NotFound(_("There is no such case, or it is not for you."))
    return _facts(db, found)


def _facts(db: Session, row: Any) -> CaseFacts:
    values = dict(row._mapping)
    html, source = _texts(db, row.id, bool(row.is_revealed), row.state)
    author = display_name(values.pop("name"), values.pop("person"))
    course = CourseLine(*(values.pop(name) for name in ("course_number", "course_public_id", "trust", "course_title")))
    for name in ("is_shared", "is_held", "is_mine", "is_revealed", "is_reviewer", "asks_trust"):
        values[name] = bool(values[name])
    values["state"] = CaseState(row.state)
    values["kept"] = row.kept if row.is_mine or row.is_reviewer else {}
    return CaseFacts(**values, author=author, course=course, html=html, source=source)


def _texts(db: Session, case_id: int, reveals: bool, state: str) -> tuple[dict[Slot, Markup], dict[Slot, str]]:
    """The texts that may be shown, by slot: the approved versions of what is out, else the newest ones."""
    number = func.coalesce(Text.published, Text.latest) if state == CaseState.PUBLISHED else Text.latest
    rows = db.execute(
        select(CaseText.slot, Revision.html, Revision.source)
        .join(Text, Text.id == CaseText.text_id)
        .join(Revision, and_(Revision.text_id == Text.id, Revision.number == number))
        .where(CaseText.case_id == case_id, true() if reveals else CaseText.slot == Slot.PRESENTATION)
    ).all()
    return {Slot(row.slot): row.html for row in rows}, {Slot(row.slot): row.source for row in rows}


def counts_of(db: Session, facts: CaseFacts) -> dict[int, int]:
    """How many committed which option, for somebody who may know. Free answers are nobody's but their writer's."""
    if not facts.is_revealed:
        return {}
    counts: dict[int, int] = {}
    for option, people in db.execute(
        select(CaseAnswer.option, func.count())
        .where(CaseAnswer.case_id == facts.id, CaseAnswer.option.is_not(None))
        .group_by(CaseAnswer.option)
    ):
        counts[option or 0] = people
    return counts


@dataclass(frozen=True, slots=True)
class Tick:
    """What a reviewer has decided about a sending."""

    verb: str
    by: str
    at: datetime
    is_mine: bool


def ticks_of(db: Session, actor: Actor, facts: CaseFacts) -> dict[Hold, Tick]:
    """The ticks of this sending, for those who review it."""
    rows = db.execute(
        select(CaseDecision.verb, Person.name, Person.public_id, CaseDecision.decided_at, CaseDecision.decided_by)
        .join(Person, Person.id == CaseDecision.decided_by)
        .where(CaseDecision.case_id == facts.id, CaseDecision.sent == facts.sent, CaseDecision.verb.in_(list(Hold)))
    )
    return {
        Hold(verb): Tick(verb, display_name(name, person), at, by == actor.person_id)
        for verb, name, person, at, by in rows
    }


@dataclass(frozen=True, slots=True)
class CaseStory:
    """What the notifier says about a case. Holds no word of it."""

    trust_id: int
    author_id: int
    thread_public_id: str
    opening_public_id: str
    state: CaseState


def story_of_case(db: Session, public_id: str) -> CaseStory | None:
    """A case that has been sent at least once."""
    row = db.execute(
        select(Case.trust_id, Case.author_id, Thread.public_id, Post.public_id, Case.state)
        .join(Thread, Thread.id == Case.thread_id)
        .join(Post, and_(Post.thread_id == Thread.id, Post.is_first))
        .where(Case.public_id == public_id)
    ).first()
    return CaseStory(*row[:4], CaseState(row[4])) if row else None


def landmark_of(db: Session, public_id: str) -> Landmark | None:
    """Where a case's public id leads, or that of its thread: to the case, in its own course."""
    row = db.execute(
        select(Case.public_id, Course.public_id, Course.id)
        .join(Course, Course.id == Case.course_id)
        .outerjoin(Thread, Thread.id == Case.thread_id)
        .where(or_(Case.public_id == public_id, Thread.public_id == public_id))
    ).first()
    return Landmark("cases.case", {"course_id": row[1], "case_id": row[0]}, row[2]) if row else None
