"""Tables of files: what there is, where it hangs, and how much each person has sent today."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.core.columns import Digest, PublicId, UtcDateTime
from lti_tool.core.db import Base


class File(Base):
    """A file whose bytes lie in the store under its public id.

    `person_id` stands only while the file hangs on no text: once it does, nothing here says whose it is, and the text
    decides who may read it. `is_doubtful`: its own name, which is not kept, looked like that of a person. `gone_at`:
    nobody may read it any more, and its bytes are about to go.
    """

    __tablename__ = "files"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(PublicId, unique=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    kind: Mapped[str] = mapped_column(String(8))
    size: Mapped[int]
    width: Mapped[int]
    height: Mapped[int]
    sha256: Mapped[bytes] = mapped_column(Digest)
    is_doubtful: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    gone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    __table_args__ = (
        Index(
            "ix_files_unsent",
            "person_id",
            sqlite_where=text("person_id IS NOT NULL"),
            postgresql_where=text("person_id IS NOT NULL"),
        ),
        Index(
            "ix_files_gone",
            "gone_at",
            sqlite_where=text("gone_at IS NOT NULL"),
            postgresql_where=text("gone_at IS NOT NULL"),
        ),
    )


class FileUse(Base):
    """A file hangs on this revision of a text, at this place, and shows what `alt` says."""

    __tablename__ = "file_uses"
    text_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))
    file_id: Mapped[int] = mapped_column(ForeignKey("files.id"), index=True)
    alt: Mapped[str] = mapped_column(String(200))
    __table_args__ = (ForeignKeyConstraint(["text_id", "number"], ["revisions.text_id", "revisions.number"]),)


class FileQuota(Base):
    """How much somebody has sent on a day. `tag` is keyed by person and day, so it joins to no file."""

    __tablename__ = "file_quotas"
    tag: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))
    day: Mapped[date]
    files: Mapped[int]
    size: Mapped[int]
