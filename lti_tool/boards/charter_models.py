"""Tables of what a board is: who reads it, why it is closed, its rules, and the know-how that came of it."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.core.columns import UtcDateTime
from lti_tool.core.db import Base


class BoardCohort(Base):
    """The named group whose board this is: nobody else of the course but who teaches it or sets it up reads it."""

    __tablename__ = "board_cohorts"
    board_id: Mapped[int] = mapped_column(ForeignKey("boards.id"), primary_key=True)
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohorts.id"), index=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))


class BoardCourse(Base):
    """Another course that was asked to read and write on a board. It does so once its own side has accepted."""

    __tablename__ = "board_courses"
    board_id: Mapped[int] = mapped_column(ForeignKey("boards.id"), primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id"), primary_key=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    accepted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    accepted_by: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    __table_args__ = (Index(None, "course_id"),)


class BoardSecond(Base):
    """Who decides on a board while its other moderators are away."""

    __tablename__ = "board_seconds"
    board_id: Mapped[int] = mapped_column(ForeignKey("boards.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))


class BoardClosing(Base):
    """Who closed a board, why, and where one goes on. The row is gone when the board is open again."""

    __tablename__ = "board_closings"
    board_id: Mapped[int] = mapped_column(ForeignKey("boards.id"), primary_key=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))
    closed_by: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    reason: Mapped[str] = mapped_column(String(300))
    next_id: Mapped[int | None] = mapped_column(ForeignKey("boards.id"))


class BoardRules(Base):
    """One version of a board's rules, a line each. Versions are never changed: people accepted them as they stand."""

    __tablename__ = "board_rules"
    board_id: Mapped[int] = mapped_column(ForeignKey("boards.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))
    source: Mapped[str] = mapped_column(String(2000))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RuleAcceptance(Base):
    """Somebody has accepted this version. On every board the row knows them by their tag alone (`authors.tag_of`):

    a name beside the moment of a first post would tell who wrote it.
    """

    __tablename__ = "rule_acceptances"
    board_id: Mapped[int] = mapped_column(ForeignKey("boards.id"), primary_key=True)
    tag: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))
    accepted_at: Mapped[datetime] = mapped_column(UtcDateTime)


class KnowHow(Base):
    """An answered question that was made an entry of know-how: who looks after it, and until when it holds."""

    __tablename__ = "know_how"
    thread_id: Mapped[int] = mapped_column(ForeignKey("threads.id"), primary_key=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))
    board_id: Mapped[int] = mapped_column(ForeignKey("boards.id"), index=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"))
    owner_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    checked_on: Mapped[date]
    review_on: Mapped[date]
