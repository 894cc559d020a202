"""Tables of what people write."""

from datetime import datetime
from typing import Any

from markupsafe import Markup
from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy import Text as LongText
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.core.columns import PublicId, SafeHtml, UtcDateTime
from lti_tool.core.db import Base


class Text(Base):
    """A text with its revisions. `latest` is the newest, which its author goes on from."""

    __tablename__ = "texts"
    id: Mapped[int] = mapped_column(primary_key=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))
    latest: Mapped[int]
    offered: Mapped[int | None]
    published: Mapped[int | None]


class Revision(Base):
    """One version: what was typed, and the HTML that was made of it once. Never changed, but emptied by a purge.

    `findings` says where the identifier check found something and what the author said to it, without the words.
    `level` and `references` are what an answer stands on (`evidence.py`).
    `files` is how many files hang on it, so that nobody asks for them where there are none.
    """

    __tablename__ = "revisions"
    text_id: Mapped[int] = mapped_column(ForeignKey("texts.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))
    title: Mapped[str] = mapped_column(String(150))
    source: Mapped[str] = mapped_column(LongText)
    html: Mapped[Markup] = mapped_column(SafeHtml)
    render_version: Mapped[int]
    findings: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list, server_default="[]")
    level: Mapped[str] = mapped_column(String(15), default="", server_default="")
    references: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list, server_default="[]")
    files: Mapped[int] = mapped_column(default=0, server_default="0")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    purged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class OwnWords(Base):
    """What a trust adds to the identifier check: one row a trust, names and shapes each in the order of its page."""

    __tablename__ = "own_words"
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"), primary_key=True, autoincrement=False)
    hospitals: Mapped[list[str]] = mapped_column(JSON)
    shapes: Mapped[list[str]] = mapped_column(JSON)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own declaration


class Suggestion(Base):
    """Words that a moderator has suggested in the place of a revision's, for its author to take or to leave."""

    __tablename__ = "suggestions"
    text_id: Mapped[int] = mapped_column(ForeignKey("texts.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))
    title: Mapped[str] = mapped_column(String(150))
    source: Mapped[str] = mapped_column(LongText)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Draft(Base):
    """What somebody has typed and not sent: only its own person ever sees it."""

    __tablename__ = "drafts"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(PublicId, unique=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    place: Mapped[str] = mapped_column(String(40))
    fields: Mapped[dict[str, str]] = mapped_column(JSON)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    __table_args__ = (UniqueConstraint("person_id", "place"),)
