"""Tables of search: what can be found, and the tokens of each.

`search_words` is a table of FTS5 on SQLite and one with a GIN index on PostgreSQL. It stands outside row-level
security, because PostgreSQL uses no such index on rows that it must hide (its match is not leakproof): so it holds
digests under a key and a trust's number, no word, and not whose they are. What a match means is in `search_entries`
and in the rooms' own tables, which are divided by trust.
"""

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, Text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.core.db import Base

Second = Integer().with_variant(BigInteger, "postgresql")


class SearchEntry(Base):
    """Something that can be found: a published post, a case that is out, a teaching session.

    `id` is the second at which it was published (or begins), counted from 1970, or the next that is free: so the newest
    first is the order of the key. `number` is that of the post, case or session. `version`, `scope` (the board or the
    course) and `is_shared` say of what the tokens were made.
    """

    __tablename__ = "search_entries"
    id: Mapped[int] = mapped_column(Second, primary_key=True, autoincrement=False)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))
    kind: Mapped[str] = mapped_column(String(10))
    number: Mapped[int]
    version: Mapped[int]
    scope: Mapped[int]
    is_shared: Mapped[bool]
    __table_args__ = (Index("uq_search_entries_thing", "trust_id", "kind", "number", unique=True),)


class SearchWords(Base):
    """The tokens of an entry. SQLite calls the key of such a table `rowid`, so it is called that everywhere."""

    __tablename__ = "search_words"
    id: Mapped[int] = mapped_column("rowid", Second, primary_key=True, autoincrement=False)
    words: Mapped[str] = mapped_column(Text().with_variant(TSVECTOR(), "postgresql"))
    __table_args__ = (Index("ix_search_words_words", "words", postgresql_using="gin"),)
