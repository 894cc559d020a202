"""Cohorts: named groups of a course's people. Made here by hand, or kept by the VLE and named once by a tutor.

A launch may say to which of the VLE's groups its person belongs. Their numbers become cohorts without a name, which
nobody can choose until a tutor has said what they are called.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, delete, exists, func, select
from sqlalchemy.orm import Session

from lti_tool.core import clock
from lti_tool.core.errors import NotFound
from lti_tool.core.ids import new_public_id
from lti_tool.core.language import gettext as _
from lti_tool.people.models import Cohort, CohortMember, Enrolment, Person
from lti_tool.people.queries import CourseLine
from lti_tool.people.rules import display_name


@dataclass(frozen=True, slots=True)
class CohortLine:
    """A cohort and how many of its people are in the course now. `name` is empty for one that awaits its name."""

    id: int
    public_id: str
    name: str
    vle_id: str
    people: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody of the course, and whether they are in the cohort."""

    public_id: str
    name: str
    is_in: bool


def _lines(course_id: int) -> Select[*tuple[Any, ...]]:
    is_here = and_(
        Enrolment.person_id == CohortMember.person_id, Enrolment.course_id == course_id, Enrolment.left_at.is_(None)
    )
    people = select(func.count()).select_from(CohortMember).join(Enrolment, is_here)
    people = people.where(CohortMember.cohort_id == Cohort.id).correlate(Cohort)
    columns = (Cohort.id, Cohort.public_id, Cohort.name, Cohort.vle_id, people.scalar_subquery())
    return select(*columns).where(Cohort.course_id == course_id)


def cohorts_of(db: Session, course_id: int) -> list[CohortLine]:
    """The cohorts of a course by name, those without one first."""
    return [CohortLine(*row) for row in db.execute(_lines(course_id).order_by(Cohort.name, Cohort.id))]


def get_cohort(db: Session, course: CourseLine, public_id: str) -> CohortLine:
    """A cohort of this course. Raises NotFound."""
    row = db.execute(_lines(course.id).where(Cohort.public_id == public_id)).first()
    if row is None:
        raise NotFound(_("There is no such cohort in this course."))
    return CohortLine(*row)


def candidates_of(db: Session, course_id: int, cohort_id: int | None) -> list[Candidate]:
    """Everybody of a course by name, and who of them is in the cohort."""
    is_in = exists().where(CohortMember.cohort_id == cohort_id, CohortMember.person_id == Person.id)
    rows = db.execute(
        select(Person.public_id, Person.name, is_in.correlate(Person))
        .join(Enrolment, Enrolment.person_id == Person.id)
        .where(Enrolment.course_id == course_id, Enrolment.left_at.is_(None))
        .order_by(Person.name, Person.id)
    )
    return [Candidate(public_id, display_name(name, public_id), bool(is_in)) for public_id, name, is_in in rows]


def make_cohort(db: Session, course: CourseLine, name: str, vle_id: str = "") -> Cohort:
    """A new cohort of the course, with nobody in it."""
    cohort = Cohort(
        public_id=new_public_id(),
        trust_id=course.trust_id,
        course_id=course.id,
        name=name,
        vle_id=vle_id,
        made_at=clock.now(),
    )
    db.add(cohort)
    db.flush()
    return cohort


def name_cohort(db: Session, cohort_id: int, name: str) -> None:
    """Call it so from now on."""
    db.get_one(Cohort, cohort_id).name = name


def fill_cohort(db: Session, course: CourseLine, cohort_id: int, people: Iterable[str]) -> int:
    """These people of the course, by public id, are its people from now on. Returns how many."""
    enrolled = db.scalars(
        select(Person.id)
        .join(Enrolment, Enrolment.person_id == Person.id)
        .where(Enrolment.course_id == course.id, Enrolment.left_at.is_(None), Person.public_id.in_(list(people)))
    ).all()
    db.execute(delete(CohortMember).where(CohortMember.cohort_id == cohort_id))
    for person_id in enrolled:
        db.add(CohortMember(cohort_id=cohort_id, person_id=person_id, trust_id=course.trust_id))
    db.flush()
    return len(enrolled)


def join_vle_groups(db: Session, course: CourseLine, person_id: int, vle_ids: Iterable[str]) -> None:
    """The VLE says that these are all of its groups in this course to which the person belongs."""
    wanted = set(vle_ids)
    rows = db.execute(
        select(Cohort.id, Cohort.vle_id, CohortMember.person_id)
        .outerjoin(CohortMember, and_(CohortMember.cohort_id == Cohort.id, CohortMember.person_id == person_id))
        .where(Cohort.course_id == course.id, Cohort.vle_id != "")
    ).all()
    known = {vle_id: (cohort_id, member is not None) for cohort_id, vle_id, member in rows}
    for vle_id in wanted - set(known):
        known[vle_id] = (make_cohort(db, course, "", vle_id).id, False)
    for vle_id, (cohort_id, is_in) in known.items():
        if vle_id in wanted and not is_in:
            db.add(CohortMember(cohort_id=cohort_id, person_id=person_id, trust_id=course.trust_id))
        elif vle_id not in wanted and is_in:
            left = delete(CohortMember).where(CohortMember.cohort_id == cohort_id, CohortMember.person_id == person_id)
            db.execute(left)
    db.flush()
