"""Tables of moderation: decisions (append-only) and reports."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.core.columns import PublicId, UtcDateTime
from lti_tool.core.db import Base


class Decision(Base):
    """One decision: who, what, why, and the fingerprint of what everybody could read before and after it."""

    __tablename__ = "decisions"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(PublicId, unique=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id"))
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"))
    revision: Mapped[int]
    verb: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(String(2000))
    decided_by: Mapped[int] = mapped_column(ForeignKey("persons.id"), index=True)
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)
    waited_s: Mapped[int]
    hash_before: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    hash_after: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    __table_args__ = (Index(None, "course_id", "decided_at"), Index(None, "post_id", "id"))


class Report(Base):
    """Somebody thinks that a post should not stand. Once a person and post; who reported is never shown.

    `upheld` is what a moderator made of it: it weighs the same person's next report, and is shown to nobody.
    """

    __tablename__ = "reports"
    id: Mapped[int] = mapped_column(primary_key=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    reason: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(String(2000))
    reported_at: Mapped[datetime] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    upheld: Mapped[bool | None]
    __table_args__ = (UniqueConstraint("post_id", "person_id"), Index(None, "person_id"))
