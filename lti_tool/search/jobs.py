"""What the worker does for the index: keep it after each thing that happens, and make it good every night.

Each job reads what is there now, so it does not matter in which order deliveries come, or how often.
"""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.boards import Post, Thread
from lti_tool.cases import Case
from lti_tool.core.db import Database
from lti_tool.journal import Job, JournalLine, Listener, Reach
from lti_tool.moderation import Purging
from lti_tool.people import each_trust
from lti_tool.programme import TeachingSession
from lti_tool.search.actions import drop_surplus, drop_unreadable, mend, refresh
from lti_tool.search.rules import Kind
from lti_tool.search.sources import POSTS, SOURCES, numbers_of_thread

POST_VERBS = (
    *("published", "edited", "approved", "restored", "corrected"),
    *("hidden", "removed", "withdrawn", "redacted", "purged", "moved"),
)
THREAD_VERBS = ("moved", "shared", "merged", "retitled")
CASE_VERBS = ("published", "withdrawn", "consent_ended", "widened", "narrowed")
APPEAL_VERBS = ("overturned",)
SESSION_VERBS = ("added", "changed", "cancelled", "restored", "deleted")


def keep_post(db: Session, line: JournalLine) -> None:
    """A post was published, changed, moved or taken away."""
    is_it = Post.public_id == line.subject.removeprefix("post:")
    _refresh(db, line, POSTS, list(db.scalars(select(Post.id).where(is_it))))


def forget_post(db: Session, gone: Purging) -> Mapping[str, object]:
    """A post was erased for good: its digests go in the same transaction."""
    refresh(db, gone.trust_id, POSTS, [gone.post_id])
    return {}


def keep_thread(db: Session, line: JournalLine) -> None:
    """All of a thread has another place, another title or other readers."""
    _refresh(db, line, POSTS, numbers_of_thread(db, line.subject.removeprefix("thread:")))


def keep_case(db: Session, line: JournalLine) -> None:
    """A case came out, was taken down, or has other readers; and with it what was said about it."""
    found = db.execute(
        select(Case.id, Thread.public_id)
        .outerjoin(Thread, Thread.id == Case.thread_id)
        .where(Case.public_id == line.subject.removeprefix("case:"))
    ).first()
    if found is not None:
        _refresh(db, line, (Kind.CASE,), [found[0]])
        _refresh(db, line, POSTS, numbers_of_thread(db, found[1] or ""))


def keep_session(db: Session, line: JournalLine) -> None:
    """Teaching was planned, changed, cancelled or deleted."""
    is_it = TeachingSession.public_id == line.subject.removeprefix("session:")
    _refresh(db, line, (Kind.TEACHING,), list(db.scalars(select(TeachingSession.id).where(is_it))))


def _refresh(db: Session, line: JournalLine, kinds: tuple[Kind, ...], numbers: list[int]) -> None:
    if line.trust_id is not None:
        refresh(db, line.trust_id, kinds, numbers)


def mend_all(database: Database, _slot: object = None) -> int:
    """Put in what is missing, take out what is not to be found, trust by trust, a few hundred in a transaction."""
    with database.reading() as db:
        trusts = list(each_trust(db))
    return sum(mend_trust(database.within(trust_id), trust_id) for trust_id in trusts)


def mend_trust(database: Database, trust_id: int) -> int:
    """The same for one trust; returns how much was put in or taken out."""
    with database.transaction() as db:
        total = drop_unreadable(db, trust_id)
    for kinds in SOURCES:
        dropped = 1
        while dropped:
            with database.transaction() as db:
                dropped = drop_surplus(db, trust_id, kinds)
            total += dropped
        after: int | None = 0
        while after is not None:
            with database.transaction() as db:
                put_in, after = mend(db, trust_id, kinds, after)
            total += put_in
    return total


_POST, _THREAD = Job("search_post", keep_post), Job("search_thread", keep_thread)
_CASE, _SESSION = Job("search_case", keep_case), Job("search_session", keep_session)
listeners = (
    *(Listener(f"post.{verb}", _POST) for verb in POST_VERBS),
    *(Listener(f"appeal.{verb}", _POST) for verb in APPEAL_VERBS),
    Listener("decision.undone", _POST),
    *(Listener(f"thread.{verb}", _THREAD) for verb in THREAD_VERBS),
    *(Listener(f"case.{verb}", _CASE) for verb in CASE_VERBS),
    *(Listener(f"session.{verb}", _SESSION) for verb in SESSION_VERBS),
)
purgers = (forget_post,)
jobs = (Job("mend_search", mend_all, Reach.OUTSIDE),)
