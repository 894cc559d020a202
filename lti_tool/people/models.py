"""Tables of people. Every row that tells about a person carries the trust, the tenant key."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, false, text
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.core.columns import Digest, PublicId, UtcDateTime
from lti_tool.core.db import Base


class Trust(Base):
    """A hospital trust: the tenant."""

    __tablename__ = "trusts"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(PublicId, unique=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Course(Base):
    """A course of the VLE, as its launches describe it."""

    __tablename__ = "courses"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(PublicId, unique=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"), index=True)
    title: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Person(Base):
    """Somebody whom a VLE has sent to us."""

    __tablename__ = "persons"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(PublicId, unique=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Enrolment(Base):
    """A person's role in a course.

    `given_by` says whose word the role is: a launch's, which a roster never changes, or a roster's (`GivenBy`). So it
    says as well whether the person has opened the course here: a roster speaks only of those who have not. `absence` is
    what became of somebody whom the roster lists no longer, until `left_at` is set (`Absence`). Who has left keeps
    what they wrote and may read nothing.
    """

    __tablename__ = "enrolments"
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id"), primary_key=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))
    role: Mapped[str] = mapped_column(String(20))
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    given_by: Mapped[str] = mapped_column(String(10), default="launch", server_default="launch")
    absence: Mapped[str] = mapped_column(String(10), default="", server_default="")
    left_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    __table_args__ = (Index(None, "course_id", "role"),)


class Appointment(Base):
    """A duty in a trust, by name and with dates."""

    __tablename__ = "appointments"
    id: Mapped[int] = mapped_column(primary_key=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), index=True)
    duty: Mapped[str] = mapped_column(String(40))
    from_at: Mapped[datetime] = mapped_column(UtcDateTime)
    until_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Rotation(Base):
    """Where a trainee works now. `stated_by` is "self" until an administrator loads or confirms it."""

    __tablename__ = "rotations"
    id: Mapped[int] = mapped_column(primary_key=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), index=True)
    grade: Mapped[str] = mapped_column(String(40))
    site: Mapped[str] = mapped_column(String(80))
    speciality: Mapped[str] = mapped_column(String(80))
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    stated_by: Mapped[str] = mapped_column(String(10))


class MailAddress(Base):
    """Where a person gets mail, sealed: what their VLE said last. Kept only where the installation sends mail.

    `sealed` is null when the person wants none to be kept: then no launch fills it again. `refused_at` and
    `refused_with` (an SMTP code) tell of the last mail that the server would not take; `is_refused` says that it was
    for the address, to which nothing is sent any more. A new address clears them.
    """

    __tablename__ = "mail_addresses"
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), primary_key=True, autoincrement=False)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary(600))
    told_at: Mapped[datetime] = mapped_column(UtcDateTime)
    refused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    refused_with: Mapped[int | None]
    is_refused: Mapped[bool] = mapped_column(default=False, server_default=false())


class Cohort(Base):
    """A group of a course's people. One that the VLE keeps has its `vle_id`, and no name until a tutor gives it one."""

    __tablename__ = "cohorts"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(PublicId, unique=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id"))
    name: Mapped[str] = mapped_column(String(80))
    vle_id: Mapped[str] = mapped_column(String(60), default="", server_default="")
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    __table_args__ = (
        Index(None, "course_id"),
        Index(
            "uq_cohorts_vle",
            "course_id",
            "vle_id",
            unique=True,
            sqlite_where=text("vle_id <> ''"),
            postgresql_where=text("vle_id <> ''"),
        ),
    )


class CohortMember(Base):
    """Somebody belongs to a cohort."""

    __tablename__ = "cohort_members"
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohorts.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), primary_key=True, index=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))


class Visit(Base):
    """One launch's stay. Only the hash of its token is stored (256 bits); flash messages live in `notes`."""

    __tablename__ = "visits"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(PublicId, unique=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), index=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id"))
    token_hash: Mapped[bytes] = mapped_column(Digest, unique=True)
    transport: Mapped[str] = mapped_column(String(10))
    form_key: Mapped[str] = mapped_column(PublicId, index=True)
    framed_by: Mapped[str] = mapped_column(String(500))
    notes: Mapped[dict[str, Any]] = mapped_column(JSON)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    touched_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
