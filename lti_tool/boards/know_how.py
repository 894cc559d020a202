"""Know-how: answered questions that a tutor has made entries, each with an owner and the day by which to check it."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, delete, select
from sqlalchemy.orm import Session

from lti_tool.access import Actor, require
from lti_tool.boards.charter_models import KnowHow
from lti_tool.boards.facts import PostFacts
from lti_tool.boards.lines import BoardLine
from lti_tool.boards.models import Post, Thread
from lti_tool.boards.patterns import Template
from lti_tool.boards.rules import PostState
from lti_tool.boards.sight import is_held
from lti_tool.boards.slips import Inquiry, Slip, Slips, ask, inquiry
from lti_tool.core import clock
from lti_tool.core.db import again
from lti_tool.core.errors import Conflict, Invalid
from lti_tool.core.language import gettext as _
from lti_tool.journal import record
from lti_tool.people import Person, display_name, tutors_of

MOST_ENTRIES = 500


@dataclass(frozen=True, slots=True)
class Entry:
    """A question with the answer that holds. `is_due`: its day is over and nobody has checked it since."""

    thread_public_id: str
    title: str
    answer_public_id: str
    owner_public_id: str
    owner: str
    checked_on: date
    review_on: date
    is_due: bool


_ANSWER = again(Post)
_COLUMNS = (Thread.public_id, Thread.title, _ANSWER.public_id, Person.public_id, Person.name, KnowHow.checked_on,
            KnowHow.review_on)  # fmt: skip


def _entries(asked: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """Entries that everybody on their board may read: question and answer stand, nothing is held or private."""
    return (
        asked.select_from(KnowHow)
        .join(Thread, Thread.id == KnowHow.thread_id)
        .join(Post, and_(Post.thread_id == Thread.id, Post.is_first))
        .join(_ANSWER, _ANSWER.id == KnowHow.post_id)
        .join(Person, Person.id == KnowHow.owner_id)
        .where(Post.state == PostState.PUBLISHED, _ANSWER.state == PostState.PUBLISHED, ~Thread.is_private, ~is_held())
    )


def _entry(row: Any) -> Entry:
    thread, title, answer, owner, name, checked_on, review_on = row
    return Entry(thread, title, answer, owner, display_name(name, owner), checked_on, review_on, review_on < today())


def today() -> date:
    """The day it is in the United Kingdom."""
    return clock.now().astimezone(clock.LONDON).date()


def entries_of(db: Session, line: BoardLine) -> list[Entry]:
    """The entries of a board that its reader may read, by title; none on boards of other templates."""
    if line.template != Template.KNOW_HOW:
        return []
    rows = db.execute(_entries(select(*_COLUMNS)).where(KnowHow.board_id == line.id).limit(MOST_ENTRIES))
    return sorted((_entry(row) for row in rows), key=lambda entry: entry.title.casefold())


def find_entry(db: Session, line: BoardLine, thread_id: int) -> Entry | None:
    """The entry that this thread has become, if it has."""
    return entry_in(ask(db, entry_slips(line, thread_id)))


def entry_slips(line: BoardLine, thread_id: int) -> list[Slip]:
    """The same to be asked with others."""
    if line.template != Template.KNOW_HOW:
        return []
    return [Slip(_entry_of_thread(), {"thread": thread_id})]


@cache
def _entry_of_thread() -> Inquiry:
    entry = inquiry("entry", KnowHow.thread_id, *_COLUMNS)
    return _entries(entry).where(KnowHow.thread_id == bindparam("thread"))


def entry_in(slips: Slips) -> Entry | None:
    """What the answer says."""
    for _number, (*words, checked_on, review_on) in slips.get("entry", ()):
        return _entry((*words, date.fromisoformat(checked_on), date.fromisoformat(review_on)))
    return None


def keep_answer(db: Session, actor: Actor, answer: PostFacts, owner: str, review_on: date) -> None:
    """Make this reply the entry of its question, or say that it was checked today. `owner` is a public id."""
    require(actor, "post.keep", answer.thing)
    if answer.board.template != Template.KNOW_HOW or answer.is_first or answer.is_private:
        raise Conflict(_("Only an answer that everybody reads, on a board of practical know-how, becomes an entry."))
    owner_id = db.scalar(select(Person.id).where(Person.public_id == owner))
    if owner_id not in {number for number, _name in tutors_of(db, answer.board.course.id)}:
        raise Invalid(_("Not saved yet."), {"owner": _("Choose who looks after this entry.")})
    entry = db.get(KnowHow, answer.thread_id)
    if entry is None:
        where = {"thread_id": answer.thread_id, "trust_id": answer.board.course.trust_id, "board_id": answer.board.id}
        entry = KnowHow(**where)
        db.add(entry)
    entry.post_id, entry.owner_id, entry.checked_on, entry.review_on = answer.id, owner_id, today(), review_on
    db.flush()
    _note(db, actor, answer, "know_how.checked")


def drop_entry(db: Session, actor: Actor, answer: PostFacts) -> None:
    """It is an ordinary question again."""
    require(actor, "post.keep", answer.thing)
    db.execute(delete(KnowHow).where(KnowHow.thread_id == answer.thread_id))
    _note(db, actor, answer, "know_how.dropped")


def _note(db: Session, actor: Actor, answer: PostFacts, verb: str) -> None:
    subject = f"post:{answer.public_id}"
    record(db, trust_id=answer.board.course.trust_id, actor=actor.public_id, verb=verb, subject=subject)
