"""Tables of boards. Counters live apart from what has a version, and change by SQL expression."""

from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, UniqueConstraint, false, text, true
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.boards.rules import USUAL_FIRST_POSTS, USUAL_TARGET, Urgency
from lti_tool.core.columns import PublicId, UtcDateTime
from lti_tool.core.db import Base


class Board(Base):
    """A board of a course. `kind` is empty for those that people see listed; else there is one of a kind a course.

    `tags` is the list that its tutors keep (`tending.pack`); `moved_away` counts threads that were moved elsewhere.
    `is_pseudonymous`: authors are sealed; `is_nameless`: no alias is shown either. Both are for life. `archived_at` may
    lie ahead: the board archives itself then. What else a board is stands in `charter_models.py`. `paused_until` is
    when the last pause of a person on it ends (`BoardPause`): until then each of them is asked for.
    """

    __tablename__ = "boards"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(PublicId, unique=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id"), index=True)
    title: Mapped[str] = mapped_column(String(100))
    purpose: Mapped[str] = mapped_column(String(300))
    is_pseudonymous: Mapped[bool]
    policy: Mapped[str] = mapped_column(String(10), default="all", server_default="all")
    first_posts: Mapped[int] = mapped_column(default=USUAL_FIRST_POSTS, server_default=str(USUAL_FIRST_POSTS))
    target_minutes: Mapped[int] = mapped_column(default=USUAL_TARGET, server_default=str(USUAL_TARGET))
    look_days: Mapped[str] = mapped_column(String(7))
    look_times: Mapped[str] = mapped_column(String(60))
    locked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    kind: Mapped[str] = mapped_column(String(10), default="", server_default="")
    takes_files: Mapped[bool] = mapped_column(default=True, server_default=true())
    tags: Mapped[str] = mapped_column(String(700), default="", server_default="")
    moved_away: Mapped[int] = mapped_column(default=0, server_default="0")
    template: Mapped[str] = mapped_column(String(12), default="questions", server_default="questions")
    is_nameless: Mapped[bool] = mapped_column(default=False, server_default=false())
    audience: Mapped[str] = mapped_column(String(10), default="course", server_default="course")
    allows_private: Mapped[bool] = mapped_column(default=False, server_default=false())
    opens_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closes_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    archived_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    rules_version: Mapped[int] = mapped_column(default=0, server_default="0")
    paused_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    __table_args__ = (
        Index(
            "uq_boards_kind",
            "course_id",
            "kind",
            unique=True,
            sqlite_where=text("kind <> ''"),
            postgresql_where=text("kind <> ''"),
        ),
    )


class Thread(Base):
    """A question and its replies. `title` is the one that may be shown: of the published version, once there is one.

    `gate` says what opens the replies to a person (`ThreadUnlock`); `is_shared` lets the whole trust read the thread.
    `tags` is written as the board's own list is (`tending.pack`). `corrected_at`: some post of it carries a correction.
    `is_private`: its author and the tutors alone read it; `public_asked_at` is when they asked whether all may.
    """

    __tablename__ = "threads"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(PublicId, unique=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))
    board_id: Mapped[int] = mapped_column(ForeignKey("boards.id"), index=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id"))
    title: Mapped[str] = mapped_column(String(150))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    gate: Mapped[str] = mapped_column(String(10), default="", server_default="")
    is_shared: Mapped[bool] = mapped_column(default=False, server_default=false())
    accepted_id: Mapped[int | None]  # a post of this thread; no foreign key, because each would need the other first
    has_poll: Mapped[bool] = mapped_column(default=False, server_default=false())
    tags: Mapped[str] = mapped_column(String(120), default="", server_default="")
    locked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lock_reason: Mapped[str] = mapped_column(String(200), default="", server_default="")
    is_private: Mapped[bool] = mapped_column(default=False, server_default=false())
    public_asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    corrected_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    __table_args__ = (
        Index("ix_threads_shared", "trust_id", sqlite_where=text("is_shared"), postgresql_where=text("is_shared")),
    )


class ThreadUnlock(Base):
    """The gate of this thread is open for this person."""

    __tablename__ = "thread_unlocks"
    thread_id: Mapped[int] = mapped_column(ForeignKey("threads.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), primary_key=True, index=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))
    unlocked_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ThreadHold(Base):
    """An open hold: while there is one, nothing of the thread is shown. A hold that is closed is gone."""

    __tablename__ = "thread_holds"
    thread_id: Mapped[int] = mapped_column(ForeignKey("threads.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ThreadActivity(Base):
    """What a board's list is ordered by. `last_at_us` is microseconds since 1970, so that a cursor is two numbers.

    What is pinned comes first; there are never so many that a page ends among them.
    """

    __tablename__ = "thread_activity"
    thread_id: Mapped[int] = mapped_column(ForeignKey("threads.id"), primary_key=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))
    board_id: Mapped[int] = mapped_column(ForeignKey("boards.id"))
    last_at_us: Mapped[int] = mapped_column(BigInteger)
    replies: Mapped[int]
    endorsed: Mapped[int] = mapped_column(default=0, server_default="0")
    is_pinned: Mapped[bool] = mapped_column(default=False, server_default=false())
    __table_args__ = (Index(None, "board_id", "is_pinned", "last_at_us", "thread_id"),)


class ThreadMove(Base):
    """A thread was on this board once: the note that stays in its old place."""

    __tablename__ = "thread_moves"
    board_id: Mapped[int] = mapped_column(ForeignKey("boards.id"), primary_key=True)
    thread_id: Mapped[int] = mapped_column(ForeignKey("threads.id"), primary_key=True, index=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))
    moved_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Post(Base):
    """A question or a reply. `branch_id` is the reply of the first level under which it stands: the order of a thread.

    On a named board `author_id` is the person; on a pseudonymous one it is null and `author_tag` and `alias` stand.
    `edited_at` is when what others read was last changed, but for changes so early that they leave no mark.
    `is_as_self`: its author is a tutor who speaks as anybody else would.
    """

    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(PublicId, unique=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id"))
    board_id: Mapped[int] = mapped_column(ForeignKey("boards.id"))
    thread_id: Mapped[int] = mapped_column(ForeignKey("threads.id"))
    branch_id: Mapped[int]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("posts.id"))
    is_first: Mapped[bool]
    text_id: Mapped[int] = mapped_column(ForeignKey("texts.id"), unique=True)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    author_tag: Mapped[bytes | None] = mapped_column(LargeBinary(16))
    alias: Mapped[str | None] = mapped_column(String(60))
    badge: Mapped[str] = mapped_column(String(60))
    state: Mapped[str] = mapped_column(String(10))
    state_reason: Mapped[str] = mapped_column(String(20))
    state_note: Mapped[str] = mapped_column(String(2000))
    state_at: Mapped[datetime] = mapped_column(UtcDateTime)
    is_flagged: Mapped[bool]
    is_as_self: Mapped[bool] = mapped_column(default=False, server_default=false())
    waits_for: Mapped[str | None] = mapped_column(String(10))
    urgency: Mapped[int] = mapped_column(default=Urgency.USUAL, server_default=str(int(Urgency.USUAL)))
    waiting_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    edited_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    once: Mapped[str] = mapped_column(PublicId, unique=True)
    version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own declaration
    __table_args__ = (
        Index(None, "thread_id", "branch_id", "id"),
        Index(
            "uq_posts_first", "thread_id", unique=True, sqlite_where=text("is_first"), postgresql_where=text("is_first")
        ),
        Index(
            "ix_posts_waiting",
            "course_id",
            "waiting_since",
            sqlite_where=text("waiting_since IS NOT NULL"),
            postgresql_where=text("waiting_since IS NOT NULL"),
        ),
        Index(None, "author_id", "board_id"),
        Index(None, "author_tag"),
    )


class TakingPartRule(Base):
    """What a tutor asks of learners on a named board (`taking_part.py`). At `ends_at`, `due_on` is over in London."""

    __tablename__ = "taking_part_rules"
    board_id: Mapped[int] = mapped_column(ForeignKey("boards.id"), primary_key=True, autoincrement=False)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))
    asks: Mapped[str] = mapped_column(String(10))
    number: Mapped[int]
    due_on: Mapped[date]
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    set_by_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), index=True)
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Endorsement(Base):
    """A tutor stands behind an answer."""

    __tablename__ = "endorsements"
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), primary_key=True, index=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))
    endorsed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PostStanding(Base):
    """What others have made of an answer, kept when it changes: a page reads it with the post. Missing means nothing.

    `endorsed_by` is who did so first; `superseded_by` the public id of the newer post
    that has taken its place.
    """

    __tablename__ = "post_standings"
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"), primary_key=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))
    endorsements: Mapped[int] = mapped_column(default=0)
    endorsed_by: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    endorsed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    superseded_by: Mapped[str | None] = mapped_column(PublicId)


class BoardAlias(Base):
    """Which alias a tag has on a board: the same for one person, taken by one only."""

    __tablename__ = "board_aliases"
    board_id: Mapped[int] = mapped_column(ForeignKey("boards.id"), primary_key=True)
    tag: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))
    alias: Mapped[str] = mapped_column(String(60))
    __table_args__ = (UniqueConstraint("board_id", "alias"),)


class SealedAuthor(Base):
    """Who wrote a pseudonymous post, encrypted. Opened by `authors.py` alone."""

    __tablename__ = "sealed_authors"
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"), primary_key=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))
    sealed: Mapped[bytes] = mapped_column(LargeBinary(200))


class Correction(Base):
    """What a tutor has put above a post that is wrong. Its text is published with it; who wrote it is a decision."""

    __tablename__ = "corrections"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(PublicId, unique=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))
    thread_id: Mapped[int] = mapped_column(ForeignKey("threads.id"))
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"))
    text_id: Mapped[int] = mapped_column(ForeignKey("texts.id"), unique=True)
    made_by: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    once: Mapped[str] = mapped_column(PublicId, unique=True)
    __table_args__ = (Index(None, "thread_id", "id"),)


class BoardPause(Base):
    """Somebody writes nothing on a board until a moment. On a pseudonymous one it names their tag, never the person."""

    __tablename__ = "board_pauses"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(PublicId, unique=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))
    board_id: Mapped[int] = mapped_column(ForeignKey("boards.id"))
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    author_tag: Mapped[bytes | None] = mapped_column(LargeBinary(16))
    reason: Mapped[str] = mapped_column(String(500))
    from_at: Mapped[datetime] = mapped_column(UtcDateTime)
    until_at: Mapped[datetime] = mapped_column(UtcDateTime)
    paused_by: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    lifted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lifted_by: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    __table_args__ = (Index(None, "board_id", "until_at"),)


class Poll(Base):
    """A poll that a thread's question carries. `voters` counts people, the options count votes."""

    __tablename__ = "polls"
    thread_id: Mapped[int] = mapped_column(ForeignKey("threads.id"), primary_key=True, autoincrement=False)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))
    is_multiple: Mapped[bool]
    closes_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    voters: Mapped[int]


class PollOption(Base):
    """What can be chosen, and how often it was."""

    __tablename__ = "poll_options"
    thread_id: Mapped[int] = mapped_column(ForeignKey("polls.thread_id"), primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))
    words: Mapped[str] = mapped_column(String(150))
    votes: Mapped[int]


class PollVote(Base):
    """Somebody has voted, once. The tag tells neither who nor what, and there is no time."""

    __tablename__ = "poll_votes"
    thread_id: Mapped[int] = mapped_column(ForeignKey("polls.thread_id"), primary_key=True, autoincrement=False)
    tag: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))
