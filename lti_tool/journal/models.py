"""Tables of the journal: lines, deliveries, seals, runs and leases."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.core.columns import Digest, PublicId, UtcDateTime
from lti_tool.core.db import Base


class JournalLine(Base):
    """One thing that happened: who (a public id or an alias, never a name), what, to what. Never changed or removed."""

    __tablename__ = "journal_lines"
    id: Mapped[int] = mapped_column(primary_key=True)
    trust_id: Mapped[int | None] = mapped_column(ForeignKey("trusts.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(60))
    verb: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(80), index=True)
    details: Mapped[dict[str, Any]] = mapped_column(JSON)


class Delivery(Base):
    """One job to be done for a line. `public_id` is stable over retries: it becomes a Message-ID or a timestamp.

    `trust_id` is the line's: the worker, which finds deliveries of all trusts, enters it before it reads the line.
    """

    __tablename__ = "deliveries"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(PublicId, unique=True)
    line_id: Mapped[int] = mapped_column(ForeignKey("journal_lines.id"))
    trust_id: Mapped[int | None] = mapped_column(ForeignKey("trusts.id"))
    job: Mapped[str] = mapped_column(String(60))
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    __table_args__ = (Index(None, "done_at", "due_at"),)


class Seal(Base):
    """A link of the chain: line number `line_id` is number `seq` in the order of sealing; `hash` covers both."""

    __tablename__ = "journal_seals"
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    line_id: Mapped[int] = mapped_column(ForeignKey("journal_lines.id"), unique=True)
    previous: Mapped[bytes] = mapped_column(Digest)
    hash: Mapped[bytes] = mapped_column(Digest)


class Lease(Base):
    """Who may do something alone, and until when."""

    __tablename__ = "leases"
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    holder: Mapped[str] = mapped_column(PublicId)
    until: Mapped[datetime] = mapped_column(UtcDateTime)


class Run(Base):
    """A recurring job's slot that somebody has claimed: the unique key makes any number of schedulers harmless."""

    __tablename__ = "runs"
    job: Mapped[str] = mapped_column(String(60), primary_key=True)
    slot: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
