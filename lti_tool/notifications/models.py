"""The inbox's table."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.core.columns import PublicId, UtcDateTime
from lti_tool.core.db import Base


class InboxEntry(Base):
    """One thing that a person is told. `once` is a keyed tag of person and journal line, `thread_tag` one of person and
    thread, `sealed` what it is about: nothing here can be matched with a post without the key."""

    __tablename__ = "inbox_entries"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(PublicId, unique=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    once: Mapped[bytes] = mapped_column(LargeBinary(16), unique=True)
    thread_tag: Mapped[bytes] = mapped_column(LargeBinary(16), index=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary(600))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    __table_args__ = (
        Index(None, "person_id", "id"),
        Index(
            "ix_inbox_entries_unread",
            "person_id",
            sqlite_where=text("read_at IS NULL"),
            postgresql_where=text("read_at IS NULL"),
        ),
    )
