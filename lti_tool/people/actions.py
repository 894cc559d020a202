"""Changes of people. `launch` and the commands call these inside their own transactions."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, update
from sqlalchemy.orm import Session

from lti_tool.access import Duty, Role
from lti_tool.core.db import insert_row
from lti_tool.core.ids import digest, new_public_id, new_secret
from lti_tool.people.models import Appointment, Course, Enrolment, Person, Rotation, Trust, Visit
from lti_tool.people.queries import CourseLine, EnrolmentLine, PersonLine
from lti_tool.people.rules import NAME_LENGTH, Absence, GivenBy, Transport


def make_trust(db: Session, name: str, now: datetime) -> Trust:
    """A new tenant."""
    trust = Trust(public_id=new_public_id(), name=name[:NAME_LENGTH], created_at=now)
    db.add(trust)
    db.flush()
    return trust


def make_course(db: Session, trust_id: int, title: str, now: datetime) -> Course:
    """A course that a VLE has sent somebody from for the first time."""
    course = Course(public_id=new_public_id(), trust_id=trust_id, title=title[:255], created_at=now)
    db.add(course)
    db.flush()
    return course


def rename_course(db: Session, course_id: int, title: str) -> None:
    """The VLE calls it something else now."""
    db.execute(update(Course).where(Course.id == course_id).values(title=title[:255]))


def make_person(db: Session, trust_id: int, name: str, now: datetime) -> Person:
    """Somebody whom a VLE has sent for the first time. `name` may be empty."""
    person = Person(public_id=new_public_id(), trust_id=trust_id, name=name[:NAME_LENGTH], created_at=now)
    db.add(person)
    db.flush()
    return person


def rename_person(db: Session, person_id: int, name: str) -> None:
    """The VLE gives another name now."""
    db.execute(update(Person).where(Person.id == person_id).values(name=name[:NAME_LENGTH]))


def is_settled(enrolment: EnrolmentLine | None, role: Role) -> bool:
    """Whether a launch in this role says nothing of the enrolment that another launch has not said."""
    if enrolment is None or enrolment.role != role or enrolment.given_by != GivenBy.LAUNCH:
        return False
    return enrolment.left_at is None and enrolment.absence == Absence.NONE


def enrol(db: Session, person_id: int, course: Course | CourseLine, role: Role, now: datetime) -> bool:
    """Give the person the role that a launch says. Returns whether that is news.

    Whoever comes in belongs to the course, whatever a roster said before.
    """
    enrolment = db.get(Enrolment, (person_id, course.id))
    if enrolment is None:
        db.add(Enrolment(person_id=person_id, course_id=course.id, trust_id=course.trust_id, role=role, since=now))
        return True
    is_news = enrolment.role != role or enrolment.left_at is not None
    enrolment.role, enrolment.given_by = role, GivenBy.LAUNCH
    enrolment.absence, enrolment.left_at = Absence.NONE, None
    return is_news


def appoint(db: Session, person: Person, duty: Duty, from_at: datetime, until_at: datetime | None) -> Appointment:
    """Appoint the person to a duty in their own trust."""
    appointment = Appointment(
        trust_id=person.trust_id, person_id=person.id, duty=duty, from_at=from_at, until_at=until_at
    )
    db.add(appointment)
    db.flush()
    return appointment


def end_appointment(db: Session, person_id: int, duty: Duty, now: datetime) -> bool:
    """The person holds this duty no longer. Returns whether they held it."""
    held = update(Appointment).where(
        Appointment.person_id == person_id,
        Appointment.duty == duty,
        or_(Appointment.until_at.is_(None), Appointment.until_at > now),
    )
    return bool(db.scalars(held.values(until_at=now).returning(Appointment.id)).all())


def state_rotation(
    db: Session, person: Person, grade: str, site: str, speciality: str, from_on: date, stated_by: str
) -> Rotation:
    """Begin a new rotation; whatever held before ends the day before."""
    rotation = Rotation(
        trust_id=person.trust_id,
        person_id=person.id,
        grade=grade,
        site=site,
        speciality=speciality,
        from_on=from_on,
        stated_by=stated_by,
    )
    db.add(rotation)
    db.flush()
    return rotation


def start_visit(
    db: Session, person: Person | PersonLine, course_id: int, framed_by: str, now: datetime, form_key: str | None = None
) -> tuple[str, str]:
    """Start a visit; returns its public id and its token, which is stored nowhere.

    `form_key` is that of the same person's former visit in this browser, so that forms open in another tab still count.
    """
    token = new_secret()
    public_id = new_public_id()
    insert_row(
        db,
        Visit,
        public_id=public_id,
        trust_id=person.trust_id,
        person_id=person.id,
        course_id=course_id,
        token_hash=digest(token),
        transport=Transport.NEW,
        form_key=form_key or public_id,
        framed_by=framed_by,
        notes={},
        started_at=now,
        touched_at=now,
    )
    return public_id, token


def settle_in_cookie(db: Session, public_id: str, token_hash: bytes) -> bool:
    """The cookie of this visit came back, so it travels there from now on. False when it is of another visit."""
    settled = db.scalar(
        update(Visit)
        .where(
            Visit.public_id == public_id,
            Visit.token_hash == token_hash,
            Visit.transport != Transport.PATH,
            Visit.ended_at.is_(None),
        )
        .values(transport=Transport.COOKIE)
        .returning(Visit.id)
    )
    return settled is not None


def turn_to_path(db: Session, public_id: str) -> str | None:
    """Give a new visit a new token that travels in the path; None when it has arrived already (tickets count once)."""
    token = new_secret()
    changed = db.scalar(
        update(Visit)
        .where(Visit.public_id == public_id, Visit.transport == Transport.NEW, Visit.ended_at.is_(None))
        .values(transport=Transport.PATH, token_hash=digest(token))
        .returning(Visit.id)
    )
    return token if changed else None


def touch_visit(db: Session, visit_id: int, now: datetime) -> None:
    """Somebody is still there."""
    db.execute(update(Visit).where(Visit.id == visit_id).values(touched_at=now))


def leave_note(db: Session, visit_id: int, notes: dict[str, Any]) -> None:
    """Keep the visit's notes (messages for the next page)."""
    db.execute(update(Visit).where(Visit.id == visit_id).values(notes=notes))


def end_visit(db: Session, visit_id: int, now: datetime) -> None:
    """The visit is over, by Finish or by somebody else's launch."""
    db.execute(update(Visit).where(Visit.id == visit_id, Visit.ended_at.is_(None)).values(ended_at=now))
