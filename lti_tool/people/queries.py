"""Who somebody is, what they may claim to be, and who else is in the course."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple, Self

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, literal, or_, select
from sqlalchemy.orm import Session

from lti_tool.access import TEACHERS, Actor, Duty, Role, Thing
from lti_tool.core import clock
from lti_tool.core.db import as_trust, fetch, trust_found_by
from lti_tool.core.errors import NotFound
from lti_tool.core.language import gettext as _
from lti_tool.people.models import Appointment, Course, Enrolment, Person, Rotation, Trust, Visit
from lti_tool.people.rules import RESCUE_FOR, display_name, is_live


@dataclass(frozen=True, slots=True)
class OpenVisit:
    """A visit with the person whose it is. `given_name` is "" where the VLE sends none."""

    id: int
    public_id: str
    person_id: int
    person_public_id: str
    trust_id: int
    name: str
    given_name: str
    course_id: int
    course_public_id: str
    course_title: str
    transport: str
    form_key: str
    framed_by: str
    notes: Mapping[str, Any]
    started_at: datetime
    touched_at: datetime
    is_live: bool


@dataclass(frozen=True, slots=True)
class CourseLine:
    """A course as pages name it."""

    id: int
    public_id: str
    trust_id: int
    title: str

    @classmethod
    def of(cls, course: Course) -> Self:
        """The line of a row."""
        return cls(course.id, course.public_id, course.trust_id, course.title)

    @property
    def thing(self) -> Thing:
        """What the policy needs to know of it."""
        return Thing(trust_id=self.trust_id, course_id=self.id)


class PersonLine(NamedTuple):
    """Somebody as launches know them. `name` is "" where the VLE sends none."""

    id: int
    public_id: str
    trust_id: int
    name: str

    @classmethod
    def of(cls, person: Person) -> Self:
        """The line of a row."""
        return cls(person.id, person.public_id, person.trust_id, person.name)


class EnrolmentLine(NamedTuple):
    """A role in a course, and whose word it is: see `models.Enrolment`."""

    role: str
    given_by: str
    absence: str
    left_at: datetime | None


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of a course. `grade` is None for who has said none."""

    id: int
    public_id: str
    grade: str | None


class _VisitLookup(NamedTuple):
    """How a visit is looked up by one of its columns: its trust, and then the newest with its person and course."""

    trust: Select[tuple[str]]
    visit: Select[*tuple[Any, ...]]

    @classmethod
    def by(cls, column: Any) -> Self:
        """The statements: every request begins with them, so they are made once."""
        newest = select(Visit.trust_id).where(column == bindparam("sought")).order_by(Visit.id.desc()).limit(1)
        found = newest.with_only_columns(
            Visit.id, Visit.public_id, Visit.person_id, Person.public_id.label("person_public_id"), Visit.trust_id,
            Person.name, Visit.course_id, Course.public_id.label("course_public_id"),
            Course.title.label("course_title"), Visit.transport, Visit.form_key, Visit.framed_by, Visit.notes,
            Visit.started_at, Visit.touched_at, Visit.ended_at,
        )  # fmt: skip
        found = found.join(Person, Person.id == Visit.person_id).join(Course, Course.id == Visit.course_id)
        return cls(trust_found_by(newest.scalar_subquery()), found)


_BY_TOKEN = _VisitLookup.by(Visit.token_hash)
_BY_FORM_KEY = _VisitLookup.by(Visit.form_key)


def _visit(
    db: Session, lookup: _VisitLookup, sought: Any, now: datetime, idle: timedelta, longest: timedelta
) -> OpenVisit | None:
    as_trust(db, lookup.trust, sought=sought)
    row = fetch(db, lookup.visit, {"sought": sought}).first()
    if row is None:
        return None
    found = row._asdict()
    name, ended_at = found.pop("name"), found.pop("ended_at")
    return OpenVisit(
        **found,
        name=display_name(name, row.person_public_id),
        given_name=name or "",
        is_live=ended_at is None and is_live(row.started_at, row.touched_at, now, idle, longest),
    )


def find_visit(db: Session, token_hash: bytes, now: datetime, idle: timedelta, longest: timedelta) -> OpenVisit | None:
    """The visit with this token, live or over; None when there never was one."""
    return _visit(db, _BY_TOKEN, token_hash, now, idle, longest)


def find_visit_of_form(
    db: Session, form_key: str, now: datetime, idle: timedelta, longest: timedelta
) -> OpenVisit | None:
    """The newest visit whose pages carry this form key, if it started within the last day."""
    visit = _visit(db, _BY_FORM_KEY, form_key, now, idle, longest)
    return visit if visit and now < visit.started_at + RESCUE_FOR else None


def get_actor(db: Session, visit: OpenVisit, now: datetime) -> Actor:
    """The person of this visit with all roles and current duties, in one query."""
    return _actor(db, visit.person_id, visit.person_public_id, visit.trust_id, visit.name, now)


def actor_of(db: Session, person_id: int, now: datetime) -> Actor:
    """The same of somebody who is not here: for what is sent to them or fetched in their name."""
    person = get_person(db, person_id)
    return _actor(db, person.id, person.public_id, person.trust_id, display_name(person.name, person.public_id), now)


_DUTIES = select(literal("duty").label("kind"), literal(0).label("course_id"), Appointment.duty.label("word")).where(
    Appointment.person_id == bindparam("person"),
    Appointment.trust_id == bindparam("trust"),
    Appointment.from_at <= bindparam("now"),
    or_(Appointment.until_at.is_(None), Appointment.until_at > bindparam("now")),
)
_ROLES = select(literal("role"), Enrolment.course_id, Enrolment.role).where(
    Enrolment.person_id == bindparam("person"), Enrolment.left_at.is_(None)
)
_DUTIES_AND_ROLES = _DUTIES.union_all(_ROLES)


def _actor(db: Session, person_id: int, public_id: str, trust_id: int, name: str, now: datetime) -> Actor:
    asked = {"person": person_id, "trust": trust_id, "now": now}
    rows = fetch(db, _DUTIES_AND_ROLES, asked).all()
    return Actor(
        person_id=person_id,
        public_id=public_id,
        trust_id=trust_id,
        name=name,
        roles={row.course_id: Role(row.word) for row in rows if row.kind == "role"},
        duties=frozenset(Duty(row.word) for row in rows if row.kind == "duty"),
    )


def get_person(db: Session, person_id: int) -> Person:
    """A person by number. Raises NotFound."""
    person = db.get(Person, person_id)
    if person is None:
        raise NotFound(_("There is no such person."))
    return person


def find_person_number(db: Session, public_id: str) -> int | None:
    """A person's number, for workers."""
    return db.scalar(select(Person.id).where(Person.public_id == public_id))


def get_course(db: Session, actor: Actor, public_id: str) -> CourseLine:
    """A course that the actor belongs to, or any of their trust for an education administrator. Raises NotFound."""
    row = db.execute(
        select(Course.id, Course.public_id, Course.trust_id, Course.title).where(Course.public_id == public_id)
    ).first()
    if row is None or row.trust_id != actor.trust_id:
        raise NotFound(_("There is no such course, or you do not belong to it."))
    if row.id not in actor.roles and not actor.runs_education:
        raise NotFound(_("There is no such course, or you do not belong to it."))
    return CourseLine(row.id, row.public_id, row.trust_id, row.title)


def find_course_number(db: Session, public_id: str) -> int | None:
    """A course's number, for workers."""
    return db.scalar(select(Course.id).where(Course.public_id == public_id))


def head_count(db: Session, course_id: int) -> tuple[int, int]:
    """How many belong to the course: (all but tutors, tutors)."""
    heads = select(Enrolment.role, func.count().label("heads")).where(
        Enrolment.course_id == course_id, Enrolment.left_at.is_(None)
    )
    counts = {row.role: row.heads for row in db.execute(heads.group_by(Enrolment.role))}
    tutors = counts.get(Role.TUTOR, 0) + counts.get(Role.ASSISTANT, 0)
    return sum(counts.values()) - tutors, tutors


def tutors_of(db: Session, course_id: int) -> list[tuple[int, str]]:
    """(person number, name) of those who decide in a course, in order of arrival."""
    rows = db.execute(
        select(Person.id, Person.name, Person.public_id)
        .join(Enrolment, Enrolment.person_id == Person.id)
        .where(decides_in(course_id))
        .order_by(Enrolment.since, Person.id)
    )
    return [(row.id, display_name(row.name, row.public_id)) for row in rows]


def decides_in(course_id: Any) -> ColumnElement[bool]:
    """The enrolments of those who decide in a course now. Needs Enrolment in the query."""
    here = and_(Enrolment.course_id == course_id, Enrolment.left_at.is_(None))
    return and_(here, Enrolment.role.in_(TEACHERS))


def education_administrators(db: Session, trust_id: int) -> list[int]:
    """The numbers of those who are now appointed to run education in a trust."""
    now = clock.now()
    rows = select(Appointment.person_id).where(
        Appointment.trust_id == trust_id,
        Appointment.duty == Duty.EDUCATION_ADMINISTRATOR,
        Appointment.from_at <= now,
        or_(Appointment.until_at.is_(None), Appointment.until_at > now),
    )
    return sorted(set(db.scalars(rows)))


def find_rotation(db: Session, person_id: int, today: date) -> Rotation | None:
    """The rotation that holds today, the newest if several do."""
    return db.scalars(
        select(Rotation)
        .where(
            Rotation.person_id == person_id,
            Rotation.from_on <= today,
            or_(Rotation.until_on.is_(None), Rotation.until_on >= today),
        )
        .order_by(Rotation.id.desc())
        .limit(1)
    ).first()


def enrolled_after(db: Session, course_id: int, today: date, after: int, most: int) -> list[Member]:
    """Everybody of a course with their grade today, by number: up to `most` after the number `after`."""
    grade = (
        select(Rotation.grade)
        .where(
            Rotation.person_id == Person.id,
            Rotation.from_on <= today,
            or_(Rotation.until_on.is_(None), Rotation.until_on >= today),
        )
        .order_by(Rotation.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = db.execute(
        select(Person.id, Person.public_id, grade)
        .join(Enrolment, Enrolment.person_id == Person.id)
        .where(Enrolment.course_id == course_id, Enrolment.left_at.is_(None), Person.id > after)
        .order_by(Person.id)
        .limit(most)
    )
    return [Member(*row) for row in rows]


def holders_of(db: Session, trust_id: int, duty: Duty, now: datetime) -> list[int]:
    """The numbers of those who hold this duty in the trust now."""
    held = select(Appointment.person_id).where(
        Appointment.trust_id == trust_id,
        Appointment.duty == duty,
        Appointment.from_at <= now,
        or_(Appointment.until_at.is_(None), Appointment.until_at > now),
    )
    return list(db.scalars(held.distinct().order_by(Appointment.person_id)))


def everybody_ever(db: Session, trust_id: int, course_id: int | None) -> list[int]:
    """The numbers of all who are or were in a course, or in any course of the trust when None is given."""
    people = select(Enrolment.person_id).join(Course, Course.id == Enrolment.course_id).distinct()
    where = Course.trust_id == trust_id if course_id is None else Course.id == course_id
    return list(db.scalars(people.where(where).order_by(Enrolment.person_id)))


def each_trust(db: Session) -> Iterator[int]:
    """Enter one trust after the other, for work that is done for all; the number of each in its turn."""
    for trust_id in db.scalars(select(Trust.id).order_by(Trust.id)).all():
        as_trust(db, trust_id)
        yield trust_id


def find_trust(db: Session, name: str) -> Trust | None:
    """A trust by its name."""
    return db.scalars(select(Trust).where(Trust.name == name)).first()
