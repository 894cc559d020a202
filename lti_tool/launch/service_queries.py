"""What the pages of rosters and marks show: who is in a course, and which mark each learner has."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import and_, case, func, literal, select, tuple_
from sqlalchemy.orm import Session

from lti_tool.access import Actor, Role, may
from lti_tool.core import clock
from lti_tool.launch.models import Deployment, GradeService, Mark, Placement, Platform, RosterService
from lti_tool.launch.queries import Activity
from lti_tool.launch.services import takes_marks
from lti_tool.people import Absence, CourseLine, Enrolment, GivenBy, Person, display_name, role_word

PEOPLE_A_PAGE = 200
LEARNERS_A_PAGE = 100
Line = TypeVar("Line")


@dataclass(frozen=True, slots=True)
class PersonLine:
    """Somebody in a course."""

    public_id: str
    name: str
    hat: str
    has_opened: bool
    is_missing: bool


@dataclass(frozen=True, slots=True)
class MarkLine:
    """A learner of an activity, with their mark; `state` is empty where they never had one."""

    public_id: str
    name: str
    mark: int | None
    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class NamesPage(Generic[Line]):
    """A page of people by name. `after` is the public id after which the next begins; None on the last page."""

    rows: Sequence[Line]
    after: str | None


def find_roster(db: Session, course: CourseLine) -> RosterService | None:
    """Where the course's roster is read, and how that went. None, or without an address, where the VLE grants none."""
    return db.get(RosterService, course.id)


def platform_name(db: Session, course: CourseLine) -> str:
    """What the administrator calls the VLE that the course is in; empty where no launch has said."""
    found = db.scalar(
        select(Platform.name)
        .join(Deployment, Deployment.platform_id == Platform.id)
        .join(RosterService, RosterService.deployment_id == Deployment.id)
        .where(RosterService.course_id == course.id)
    )
    return found or ""


def page_of_people(db: Session, course: CourseLine, after: str, most: int = PEOPLE_A_PAGE) -> NamesPage[PersonLine]:
    """Everybody in the course by name, whoever has opened it or not."""
    asked = select(Person.public_id, Person.name, Enrolment.role, Enrolment.given_by, Enrolment.absence).join(
        Enrolment, Enrolment.person_id == Person.id
    )
    rows = db.execute(_by_name(db, _here(asked, course), after, most)).all()
    lines = [
        PersonLine(
            row.public_id,
            display_name(row.name, row.public_id),
            role_word(Role(row.role)),
            row.given_by == GivenBy.LAUNCH,
            row.absence == Absence.MISSING,
        )
        for row in rows[:most]
    ]
    return NamesPage(lines, lines[-1].public_id if len(rows) > most else None)


def page_of_marks(db: Session, activity: Activity, after: str, most: int = LEARNERS_A_PAGE) -> NamesPage[MarkLine]:
    """The learners of the activity's course by name, with their marks in it."""
    asked = (
        select(Person.public_id, Person.name, Mark.mark, Mark.state, Mark.reason)
        .join(Enrolment, Enrolment.person_id == Person.id)
        .outerjoin(Mark, and_(Mark.person_id == Person.id, Mark.placement_id == activity.id))
        .where(Enrolment.role == Role.LEARNER)
    )
    rows = db.execute(_by_name(db, _here(asked, activity.course), after, most)).all()
    lines = [
        MarkLine(row.public_id, display_name(row.name, row.public_id), row.mark, row.state or "", row.reason or "")
        for row in rows[:most]
    ]
    return NamesPage(lines, lines[-1].public_id if len(rows) > most else None)


def marked_activities(db: Session, actor: Actor, course: CourseLine) -> set[str]:
    """The activities of a course (public ids) that take marks, for who may give some."""
    if not may(actor, "course.mark", course.thing):
        return set()
    rows = db.execute(
        select(Placement.public_id, GradeService)
        .join(GradeService, GradeService.placement_id == Placement.id)
        .where(Placement.course_id == course.id)
    )
    return {activity for activity, service in rows if takes_marks(service, clock.now())}


def has_stuck_marks(db: Session, activity: Activity) -> bool:
    """Whether a mark was refused, or waits after a failure."""
    stuck = select(Mark.id).where(Mark.placement_id == activity.id, Mark.reason != "")
    return db.scalar(stuck.limit(1)) is not None


# Who tells no name stands last.
_ORDER = (case((Person.name == "", 1), else_=0), func.lower(Person.name), Person.id)


def _here(asked: Any, course: CourseLine) -> Any:
    return asked.where(Enrolment.course_id == course.id, Enrolment.left_at.is_(None))


def _by_name(db: Session, asked: Any, after: str, most: int) -> Any:
    """One more than a page, so that we know whether there is another."""
    last = db.execute(select(*_ORDER).where(Person.public_id == after)).first() if after else None
    if last is not None:
        asked = asked.where(tuple_(*_ORDER) > tuple_(*(literal(part) for part in last)))
    return asked.order_by(*_ORDER).limit(most + 1)
