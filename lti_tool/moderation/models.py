"""Tables of moderation: decisions (append-only), reports, and what moderators note about what waits."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.core.columns import PublicId, UtcDateTime
from lti_tool.core.db import Base


class Decision(Base):
    """One decision: who, what, why, and the fingerprint of what everybody could read before and after it.

    Those of one press of a button share their `batch`; `reverses` is the decision that this one takes back; `held_by`
    are the kinds of findings that the check had made; `snapshot` is where the post stood, for who undoes it.
    """

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
    batch: Mapped[str] = mapped_column(PublicId, default="", server_default="", index=True)
    reverses: Mapped[str | None] = mapped_column(PublicId, index=True)
    held_by: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    snapshot: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default="{}")
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


class QueueMark(Base):
    """What moderators have noted about a thing that waits: who has it, who shall see it first, whether it was late.

    `since` is the beginning of the stay that it is about: a thing that waits again begins without marks.
    """

    __tablename__ = "queue_marks"
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    thing: Mapped[str] = mapped_column(PublicId, primary_key=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    claimed_by: Mapped[int | None] = mapped_column(ForeignKey("persons.id"), index=True)
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    handed_by: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    handed_to: Mapped[int | None] = mapped_column(ForeignKey("persons.id"), index=True)
    handed_note: Mapped[str] = mapped_column(String(2000), default="", server_default="")
    late_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Absence(Base):
    """Until when a moderator is away: they are not told of what is late."""

    __tablename__ = "absences"
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), primary_key=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))
    until: Mapped[datetime] = mapped_column(UtcDateTime)
