"""Polls: asked with a question, answered once, counted so that nobody's choice can be read.

A vote is two facts that nothing joins: a tag, keyed by person and poll, that somebody has voted; and the counters of
the options. So a vote can never be changed or taken back, and says so before it is sent. Results are for those who have
voted, and for everybody once the poll is closed; below five votes nobody sees any, whoever they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, case, delete, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lti_tool.access import Actor, require
from lti_tool.boards.facts import PostFacts
from lti_tool.boards.models import Poll, PollOption, PollVote, Thread
from lti_tool.boards.rules import FEWEST_VOTES, PollDraft
from lti_tool.boards.slips import Slip, Slips, ask, inquiry, moment_in
from lti_tool.core import clock
from lti_tool.core.errors import Conflict, Invalid
from lti_tool.core.ids import keyed_tag
from lti_tool.core.language import gettext as _
from lti_tool.journal import record


@dataclass(frozen=True, slots=True)
class OptionLine:
    """An option; votes and share of the voters in percent are zero for those who may not know them."""

    words: str
    votes: int = 0
    share: int = 0


@dataclass(frozen=True, slots=True)
class PollLine:
    """A poll as one person may see it; `voters` is zero for those who may not know how many there are."""

    options: tuple[OptionLine, ...]
    is_multiple: bool
    closes_at: datetime | None
    is_closed: bool
    has_voted: bool
    voters: int

    @property
    def last_moment(self) -> datetime | None:
        """Until when one may vote, within its last day."""
        return self.closes_at - timedelta(minutes=1) if self.closes_at else None

    @property
    def shows_results(self) -> bool:
        """Whether this person may know how others voted."""
        return (self.has_voted or self.is_closed) and self.voters >= FEWEST_VOTES


def find_poll(db: Session, actor: Actor, question: PostFacts) -> PollLine | None:
    """The poll of a question whose words the actor may read. One query, and none where there is no poll."""
    return poll_in(ask(db, poll_slips(db, actor, question)))


_THREAD: Any = bindparam("thread")
_POLL = (
    inquiry("poll", Poll.voters, case((Poll.is_multiple, "yes"), else_=""), Poll.closes_at).where(
        Poll.thread_id == _THREAD
    ),
    inquiry("voted", PollVote.thread_id).where(PollVote.thread_id == _THREAD, PollVote.tag == bindparam("voter")),
    inquiry("option", PollOption.position, PollOption.votes, PollOption.words).where(PollOption.thread_id == _THREAD),
)


def poll_slips(db: Session, actor: Actor, question: PostFacts) -> list[Slip]:
    """The same to be asked with others."""
    if not question.has_poll or question.html is None:
        return []
    this = {"thread": question.thread_id, "voter": _tag(db, actor, question.thread_id)}
    return [Slip(each, this) for each in _POLL]


def poll_in(slips: Slips) -> PollLine | None:
    """What the answers say, as far as this person may know it."""
    options = sorted(slips.get("option", ()))
    if not options:
        return None
    ((voters, (is_multiple, until)),) = slips["poll"]
    closes_at = moment_in(until) if until else None
    is_closed = closes_at is not None and closes_at <= clock.now()
    bare = tuple(OptionLine(words) for _position, (_votes, words) in options)
    poll = PollLine(bare, bool(is_multiple), closes_at, is_closed, "voted" in slips, voters)
    if not poll.shows_results:
        return replace(poll, voters=0)
    counted = (OptionLine(words, int(votes), round(100 * int(votes) / voters)) for _position, (votes, words) in options)
    return replace(poll, options=tuple(counted))


def _tag(db: Session, actor: Actor, thread_id: int) -> bytes:
    return keyed_tag(db.info["settings"].key_for("poll votes"), actor.person_id, thread_id)


def set_poll(db: Session, thread_id: int, draft: PollDraft | None) -> None:
    """Ask these options with the thread's question, which nobody but its author and the moderators has read yet."""
    erase_poll(db, thread_id)
    if draft is None:
        return
    thread = db.get_one(Thread, thread_id)
    thread.has_poll = True
    of_trust = {"thread_id": thread_id, "trust_id": thread.trust_id}
    db.add(Poll(**of_trust, is_multiple=draft.is_multiple, closes_at=draft.closes_at, voters=0))
    db.flush()
    db.add_all(
        PollOption(**of_trust, position=position, words=words, votes=0) for position, words in enumerate(draft.options)
    )
    db.flush()


def erase_poll(db: Session, thread_id: int) -> None:
    """Take the poll away with its words, its counters and the marks of who voted."""
    for table in (PollVote, PollOption, Poll):
        db.execute(delete(table).where(table.thread_id == thread_id))
    db.execute(update(Thread).where(Thread.id == thread_id).values(has_poll=False))


def vote(db: Session, actor: Actor, question: PostFacts, choices: Sequence[int]) -> bool:
    """Count the actor's vote. Returns False, and changes nothing, when they have voted before."""
    require(actor, "poll.vote", question.thing)
    poll = find_poll(db, actor, question)
    if poll is None or poll.is_closed:
        raise Conflict(_("This poll is closed."))
    if poll.has_voted:
        return False
    chosen = sorted(set(choices))
    is_fit = chosen and all(0 <= each < len(poll.options) for each in chosen)
    if not is_fit or (len(chosen) > 1 and not poll.is_multiple):
        raise Invalid(_("Not sent yet."), {"choice-0": _("Choose what you vote for.")})
    if not _mark(db, actor, question):
        return False
    counted = PollOption.thread_id == question.thread_id, PollOption.position.in_(chosen)
    db.execute(update(PollOption).where(*counted).values(votes=PollOption.votes + 1))
    db.execute(update(Poll).where(Poll.thread_id == question.thread_id).values(voters=Poll.voters + 1))
    trust_id, subject = question.board.course.trust_id, f"thread:{question.thread_public_id}"
    record(db, trust_id=trust_id, actor="voter", verb="poll.voted", subject=subject)
    return True


def _mark(db: Session, actor: Actor, question: PostFacts) -> bool:
    """Note that the actor has voted; of two clicks at once the key refuses one."""
    mark = PollVote(thread_id=question.thread_id, tag=_tag(db, actor, question.thread_id))
    mark.trust_id = question.board.course.trust_id
    try:
        with db.begin_nested():
            db.add(mark)
    except IntegrityError:
        return False
    return True
