"""Many people at once: what a list of everybody in a course (a roster) changes.

A roster adds people and gives roles to those who have not come in by themselves yet. It never touches the role of
somebody who has: the launch knows better (Moodle's non-editing teachers are learners on its roster). Nothing here is
done one by one, because a course may hold 20,000 people, and nothing is written for who stays as they are.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import case, func, insert, select, update
from sqlalchemy.orm import Session

from lti_tool.access import Role
from lti_tool.core.ids import new_public_id
from lti_tool.people.models import Enrolment, Person, Visit
from lti_tool.people.rules import NAME_LENGTH, Absence, GivenBy

PEOPLE_A_BATCH = 500
One = TypeVar("One")


@dataclass(frozen=True, slots=True)
class ListedPerson:
    """Somebody on a roster. `name` is empty where it is not told."""

    person_id: int
    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class RollChange:
    """What a batch of a roster changed. People stand as public ids."""

    joined: int
    roles: tuple[tuple[str, Role], ...]
    back: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RollCount:
    """How many belong to a course, how many of them have opened it, and how many its roster lists no longer."""

    here: int
    opened: int
    missing: int


def make_persons(db: Session, trust_id: int, names: Sequence[str], now: datetime) -> list[int]:
    """New people of a trust, in this order; returns their numbers."""
    rows = [
        {"public_id": new_public_id(), "trust_id": trust_id, "name": name[:NAME_LENGTH], "created_at": now}
        for name in names
    ]
    return list(db.scalars(insert(Person).returning(Person.id, sort_by_parameter_order=True), rows)) if rows else []


def call_roll(db: Session, trust_id: int, course_id: int, listed: Sequence[ListedPerson], now: datetime) -> RollChange:
    """Write what a batch of a roster says of people who are known by number."""
    by_number = {one.person_id: one for one in listed}
    # Locked (where the server can): a launch that comes at this moment must not be overwritten.
    those = select(Enrolment).where(Enrolment.course_id == course_id, Enrolment.person_id.in_(by_number))
    known = {enrolment.person_id: enrolment for enrolment in db.scalars(those.with_for_update())}
    names, joined, changed = [], [], []
    roles: list[tuple[str, Role]] = []
    back: list[str] = []
    for row in db.execute(select(Person.id, Person.public_id, Person.name).where(Person.id.in_(by_number))):
        one, enrolment = by_number[row.id], known.get(row.id)
        if one.name and one.name[:NAME_LENGTH] != row.name:
            names.append({"id": row.id, "name": one.name[:NAME_LENGTH]})
        key = {"person_id": row.id, "course_id": course_id}
        if enrolment is None:
            said = {"trust_id": trust_id, "role": one.role, "since": now, "given_by": GivenBy.ROSTER}
            joined.append(key | said | _PRESENT)
            continue
        role = one.role if enrolment.given_by == GivenBy.ROSTER else Role(enrolment.role)
        if role != enrolment.role:
            roles.append((row.public_id, role))
        if enrolment.left_at is not None:
            back.append(row.public_id)
        if role != enrolment.role or enrolment.left_at is not None or enrolment.absence:
            changed.append(key | {"role": role} | _PRESENT)
    if names:
        db.execute(update(Person), names)
    if joined:
        db.execute(insert(Enrolment), joined)
    if changed:
        db.execute(update(Enrolment), changed)
    return RollChange(len(joined), tuple(roles), tuple(back))


def who_came(db: Session, course_id: int, people: Collection[int], since: datetime) -> set[int]:
    """Those of these people (by number) whom the VLE has let into the course since then."""
    came: set[int] = set()
    for batch in _batches(sorted(people)):
        of_them = (Visit.course_id == course_id, Visit.person_id.in_(batch), Visit.started_at > since)
        came.update(db.scalars(select(Visit.person_id).where(*of_them)))
    return came


def note_absences(db: Session, course_id: int, gone: Collection[int], have_left: bool, now: datetime) -> list[str]:
    """What becomes of people (by number) whom the roster lists no longer: they have left, or a person must decide.

    Returns their public ids.
    """
    said = {"left_at": now, "absence": Absence.NONE} if have_left else {"absence": Absence.MISSING}
    noted: list[str] = []
    for batch in _batches(sorted(gone)):
        here = (Enrolment.course_id == course_id, Enrolment.person_id.in_(batch), Enrolment.left_at.is_(None))
        db.execute(update(Enrolment).where(*here).values(**said))
        noted += db.scalars(select(Person.public_id).where(Person.id.in_(batch)))
    return noted


def decide_missing(db: Session, course_id: int, have_left: bool, now: datetime) -> list[str]:
    """A person has said of all who are missing that they have left, or that they stay; returns their public ids."""
    said = {"left_at": now, "absence": Absence.NONE} if have_left else {"absence": Absence.KEPT}
    missing = (Enrolment.course_id == course_id, Enrolment.absence == Absence.MISSING, Enrolment.left_at.is_(None))
    who = select(Person.public_id).join(Enrolment, Enrolment.person_id == Person.id).where(*missing)
    decided = list(db.scalars(who.order_by(Person.id)))
    db.execute(update(Enrolment).where(*missing).values(**said))
    return decided


def count_missing(db: Session, course_id: int) -> int:
    """How many the roster lists no longer, of whom nobody has said yet whether they have left."""
    missing = (Enrolment.course_id == course_id, Enrolment.absence == Absence.MISSING, Enrolment.left_at.is_(None))
    return db.scalar(select(func.count()).select_from(Enrolment).where(*missing)) or 0


def count_roll(db: Session, course_id: int) -> RollCount:
    """How many are in a course."""
    opened, missing = Enrolment.given_by == GivenBy.LAUNCH, Enrolment.absence == Absence.MISSING
    counted = (func.count(), func.count(case((opened, 1))), func.count(case((missing, 1))))
    return RollCount(
        *db.execute(select(*counted).where(Enrolment.course_id == course_id, Enrolment.left_at.is_(None))).one()
    )


_PRESENT = {"absence": Absence.NONE, "left_at": None}


def _batches(many: Sequence[One]) -> Iterator[Sequence[One]]:
    for start in range(0, len(many), PEOPLE_A_BATCH):
        yield many[start : start + PEOPLE_A_BATCH]
