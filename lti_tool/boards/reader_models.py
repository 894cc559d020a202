"""Tables of what readers do with threads: they name them as little as they can."""

from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.core.columns import UtcDateTime
from lti_tool.core.db import Base


class ReadMark(Base):
    """How far somebody has read a thread: all that `last_at_us` said when it was shown to them, on that day.

    `reader` is a keyed tag of person and course (`reading.reader_tag`): without the key nobody learns who read, and the
    order in which rows were made tells nobody who asked.
    """

    __tablename__ = "read_marks"
    thread_id: Mapped[int] = mapped_column(ForeignKey("threads.id"), primary_key=True)
    reader: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))
    seen_us: Mapped[int] = mapped_column(BigInteger)
    marked_on: Mapped[date] = mapped_column(index=True)


class Follow(Base):
    """Somebody has asked to be told of replies in a thread."""

    __tablename__ = "follows"
    thread_id: Mapped[int] = mapped_column(ForeignKey("threads.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), primary_key=True, index=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))
    since: Mapped[datetime] = mapped_column(UtcDateTime)


class BoardFollow(Base):
    """Somebody has asked to be told of new questions on a board: of all, or of those with one of its tags."""

    __tablename__ = "board_follows"
    board_id: Mapped[int] = mapped_column(ForeignKey("boards.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), primary_key=True, index=True)
    tag: Mapped[str] = mapped_column(String(30), primary_key=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))
    since: Mapped[datetime] = mapped_column(UtcDateTime)


class Bookmark(Base):
    """A thread that somebody wants to find again, and why, for their own eyes."""

    __tablename__ = "bookmarks"
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), primary_key=True)
    thread_id: Mapped[int] = mapped_column(ForeignKey("threads.id"), primary_key=True, index=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))
    note: Mapped[str] = mapped_column(String(140))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PostTally(Base):
    """How many reacted to a post in which word. Kept when they do, so that a thread counts nothing."""

    __tablename__ = "post_tallies"
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"), primary_key=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))
    useful: Mapped[int]
    agree: Mapped[int]
    same: Mapped[int]
    explain: Mapped[int]


class PostReaction(Base):
    """Somebody's reaction to a post, one each. `reactor` is a keyed tag of person and thread, and no row names them."""

    __tablename__ = "post_reactions"
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"), primary_key=True)
    reactor: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))
    thread_id: Mapped[int] = mapped_column(ForeignKey("threads.id"))
    word: Mapped[str] = mapped_column(String(10))
    __table_args__ = (Index(None, "thread_id", "reactor"),)
