"""Tables of teaching. A session's row stays for ever, since calendars know it by its `uid`."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.core.columns import Hundredths, PublicId, UtcDateTime
from lti_tool.core.db import Base


class Programme(Base):
    """A course's teaching: one a course, made with its first session."""

    __tablename__ = "programmes"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(PublicId, unique=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"), index=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id"), unique=True)
    title: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class TeachingSession(Base):
    """One slot of teaching. `grades` holds codes of `people.GRADES`; empty means all.

    `uid` is the session's name in calendars, whole and for life (RFC 5545 §3.8.4.7). `changed_at` is of whole seconds
    and strictly later at each change that anybody can see. `moved_from` says in words what the last move changed.
    """

    __tablename__ = "teaching_sessions"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(PublicId, unique=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))
    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"), index=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id"))
    uid: Mapped[str] = mapped_column(String(300), unique=True)
    title: Mapped[str] = mapped_column(String(150))
    description: Mapped[str] = mapped_column(Text)
    speaker: Mapped[str] = mapped_column(String(150))
    room: Mapped[str] = mapped_column(String(120))
    online_url: Mapped[str] = mapped_column(String(500))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    grades: Mapped[list[str]] = mapped_column(JSON)
    is_core: Mapped[bool]
    cpd_points: Mapped[Decimal] = mapped_column(Hundredths)
    state: Mapped[str] = mapped_column(String(10))
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cancel_reason: Mapped[str] = mapped_column(String(300))
    moved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    moved_from: Mapped[str] = mapped_column(String(300))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    once: Mapped[str] = mapped_column(PublicId, unique=True)
    version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own declaration
    __table_args__ = (Index(None, "course_id", "starts_at"), Index(None, "trust_id", "starts_at"))
