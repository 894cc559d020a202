"""Tables of what goes beyond the queue: appeals, concerns for somebody's safety, and the opening of sealed authors."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.core.columns import PublicId, UtcDateTime
from lti_tool.core.db import Base


class Appeal(Base):
    """An author asks somebody else to look again, once a post. `goes_to` is a duty where there is no other moderator.

    Holds no author: the post knows whose it is, or only their tag.
    """

    __tablename__ = "appeals"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(PublicId, unique=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id"))
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"), unique=True)
    decision_id: Mapped[int] = mapped_column(ForeignKey("decisions.id"))
    goes_to: Mapped[str] = mapped_column(String(40))
    note: Mapped[str] = mapped_column(String(2000))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    outcome: Mapped[str] = mapped_column(String(10), default="", server_default="")
    answer: Mapped[str] = mapped_column(String(2000), default="", server_default="")
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    __table_args__ = (
        Index(
            "ix_appeals_open",
            "trust_id",
            "course_id",
            sqlite_where=text("outcome = ''"),
            postgresql_where=text("outcome = ''"),
        ),
    )


class SafetyConcern(Base):
    """Somebody thinks that a person may be at risk. Read by those of one duty alone; `may_name`: who said so may be
    asked by them."""

    __tablename__ = "safety_concerns"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(PublicId, unique=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id"))
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    may_name: Mapped[bool]
    goes_to: Mapped[str] = mapped_column(String(40))
    note: Mapped[str] = mapped_column(String(2000))
    raised_at: Mapped[datetime] = mapped_column(UtcDateTime)
    taken_by: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    taken_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    done_by: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    called_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    __table_args__ = (
        UniqueConstraint("post_id", "person_id"),
        Index(
            "ix_safety_concerns_open",
            "trust_id",
            sqlite_where=text("done_at IS NULL"),
            postgresql_where=text("done_at IS NULL"),
        ),
    )


class SafetyNumbers(Base):
    """Whom somebody may turn to in this trust, a line each, as its education administrator keeps it."""

    __tablename__ = "safety_numbers"
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"), primary_key=True)
    words: Mapped[str] = mapped_column(String(2000))
    changed_by: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Opening(Base):
    """Somebody asks for the author of a pseudonymous post, and somebody else says yes or no. Never the name."""

    __tablename__ = "author_openings"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(PublicId, unique=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"), index=True)
    asked_by: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    reason: Mapped[str] = mapped_column(String(2000))
    untold_because: Mapped[str] = mapped_column(String(2000))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    is_confirmed: Mapped[bool] = mapped_column(default=False)
    shown_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    once: Mapped[str] = mapped_column(PublicId, unique=True)
    __table_args__ = (Index(None, "trust_id", "asked_at"),)
