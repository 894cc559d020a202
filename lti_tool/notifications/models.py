"""Tables of inboxes, and of how people want to be told."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.core.columns import PublicId, UtcDateTime
from lti_tool.core.db import Base


class InboxEntry(Base):
    """One thing that a person is told. `once` is a keyed tag of person and journal line, `thread_tag` one of person and
    thread, `sealed` what it is about: nothing here can be matched with a post without the key. `mail_due` says whether
    a mail shall tell of it too (`MailDue`), and is empty again once it does."""

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
    mail_due: Mapped[str] = mapped_column(String(6), default="", server_default="")
    __table_args__ = (
        Index(None, "person_id", "id"),
        Index(
            "ix_inbox_entries_unread",
            "person_id",
            sqlite_where=text("read_at IS NULL"),
            postgresql_where=text("read_at IS NULL"),
        ),
        Index(
            "ix_inbox_entries_mail_due",
            "person_id",
            sqlite_where=text("mail_due <> ''"),
            postgresql_where=text("mail_due <> ''"),
        ),
    )


class Choice(Base):
    """How a person wants to be told of a topic (`Topic`, `How`). No row means as usual."""

    __tablename__ = "telling_choices"
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), primary_key=True, autoincrement=False)
    topic: Mapped[str] = mapped_column(String(20), primary_key=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))
    how: Mapped[str] = mapped_column(String(10))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
