"""Tables of cases: the cover sheet, its texts, the answers that people committed, and what reviewers decided."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.core.columns import PublicId, UtcDateTime
from lti_tool.core.db import Base


class Case(Base):
    """A cover sheet. It lies upon a thread as soon as it has been sent once; `sent` counts how often it was.

    `kept` is what its author said to findings of the identifier check: key of a finding → why the words stay.
    """

    __tablename__ = "cases"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(PublicId, unique=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), index=True)
    thread_id: Mapped[int | None] = mapped_column(ForeignKey("threads.id"), unique=True)
    state: Mapped[str] = mapped_column(String(10))
    state_reason: Mapped[str] = mapped_column(String(20))
    state_note: Mapped[str] = mapped_column(String(2000))
    state_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent: Mapped[int]
    title: Mapped[str] = mapped_column(String(150))
    speciality: Mapped[str] = mapped_column(String(20))
    setting: Mapped[str] = mapped_column(String(20))
    life_stage: Mapped[str] = mapped_column(String(20))
    question: Mapped[str] = mapped_column(String(300))
    options: Mapped[list[str]] = mapped_column(JSON)
    best: Mapped[int | None]
    certainty: Mapped[str] = mapped_column(String(20))
    basis: Mapped[str] = mapped_column(String(20))
    basis_note: Mapped[str] = mapped_column(String(300))
    asks_trust: Mapped[bool]
    kept: Mapped[dict[str, str]] = mapped_column(JSON, default=dict, server_default="{}")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    once: Mapped[str] = mapped_column(PublicId, unique=True)
    version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own declaration
    __table_args__ = (
        Index(None, "course_id", "state", "published_at"),
        Index("ix_cases_trust_state", "trust_id", "state", "published_at"),
    )


class CaseText(Base):
    """The text in one slot of a case. The presentation's is also that of the thread's opening post."""

    __tablename__ = "case_texts"
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    slot: Mapped[str] = mapped_column(String(20), primary_key=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))
    text_id: Mapped[int] = mapped_column(ForeignKey("texts.id"), unique=True)


class CaseAnswer(Base):
    """What somebody committed: the number of an option, or words of their own. Once, and never changed."""

    __tablename__ = "case_answers"
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), primary_key=True, index=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))
    option: Mapped[int | None]
    words: Mapped[str] = mapped_column(String(1000))
    answered_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CaseDecision(Base):
    """One decision of a reviewer: append-only. `sent` is the sending that it was about."""

    __tablename__ = "case_decisions"
    id: Mapped[int] = mapped_column(primary_key=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id"))
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    sent: Mapped[int]
    verb: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(String(2000))
    decided_by: Mapped[int] = mapped_column(ForeignKey("persons.id"), index=True)
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)
    __table_args__ = (Index(None, "course_id", "id"),)
