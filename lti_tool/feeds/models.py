"""Tables of feeds: rendered sessions, feeds, and addresses that were replaced."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.core.columns import Digest, PublicId, UtcDateTime
from lti_tool.core.db import Base


class CalendarBlock(Base):
    """A teaching session as one VEVENT. `version` is that of the session's row from which `body` was made."""

    __tablename__ = "calendar_blocks"
    session_id: Mapped[int] = mapped_column(ForeignKey("teaching_sessions.id"), primary_key=True, autoincrement=False)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))
    version: Mapped[int]
    sequence: Mapped[int]
    modified_at: Mapped[datetime] = mapped_column(UtcDateTime)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    hash: Mapped[bytes] = mapped_column(Digest)


class Feed(Base):
    """A person's address of a calendar or, where `board` names one, of a board's news.

    `seen_courses` maps a course's number to the last day on which it was theirs.

    Of the address only the hash of its secret is kept; the secret is derived from the feed key, `public_id` and
    `generation`, so that the owner can be shown it again. `addressed_at` is when this generation began.
    """

    __tablename__ = "feeds"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(PublicId, unique=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    filter: Mapped[dict[str, Any]] = mapped_column(JSON)
    generation: Mapped[int]
    token_hash: Mapped[bytes] = mapped_column(Digest, unique=True)
    seen_courses: Mapped[dict[str, str]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    addressed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_fetched_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    board: Mapped[str] = mapped_column(PublicId, default="", server_default="")
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RetiredAddress(Base):
    """An address that was replaced: for a while it says so to calendars that still follow it."""

    __tablename__ = "retired_feed_addresses"
    token_hash: Mapped[bytes] = mapped_column(Digest, primary_key=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))
    feed_id: Mapped[int] = mapped_column(ForeignKey("feeds.id"), index=True)
    retired_at: Mapped[datetime] = mapped_column(UtcDateTime)
