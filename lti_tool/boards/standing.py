"""What others make of an answer: accepted by who asked, endorsed by tutors, superseded by a newer one."""

from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from lti_tool.access import Actor, require
from lti_tool.boards.facts import PostFacts
from lti_tool.boards.models import Endorsement, Post, PostStanding, Thread, ThreadActivity
from lti_tool.boards.rules import PostState
from lti_tool.core import clock
from lti_tool.core.errors import Conflict, Invalid
from lti_tool.core.language import gettext as _
from lti_tool.journal import record


def accept_answer(db: Session, actor: Actor, question: PostFacts, answer: PostFacts) -> None:
    """The answer that helped stands right under its question. Another one may take its place; twice takes it back."""
    require(actor, "answer.accept", question.thing)
    if answer.thread_id != question.thread_id or answer.is_first or answer.state != PostState.PUBLISHED:
        raise Conflict(_("This reply cannot be read by everybody any more. Choose another one."))
    thread = db.get_one(Thread, question.thread_id)
    is_same = thread.accepted_id == answer.id
    thread.accepted_id = None if is_same else answer.id
    _record(db, actor, question, answer, "answer.unaccepted" if is_same else "answer.accepted")


def endorse_answer(db: Session, actor: Actor, answer: PostFacts) -> None:
    """A tutor stands behind it; twice takes it back. Raises Invalid where nothing says what the answer stands on."""
    require(actor, "answer.endorse", answer.thing)
    before = db.get(Endorsement, (answer.id, actor.person_id))
    if before is not None:
        db.delete(before)
    elif not answer.evidence.may_be_endorsed:
        raise Invalid(_("Not endorsed. An answer can be endorsed when it says what it stands on, with its reference."))
    else:
        row = {"post_id": answer.id, "person_id": actor.person_id, "trust_id": answer.board.course.trust_id}
        db.add(Endorsement(**row, endorsed_at=clock.now()))
    db.flush()
    _count_endorsements(db, answer)
    verb = "answer.endorsed" if before is None else "answer.unendorsed"
    _record(db, actor, None, answer, verb)


def _count_endorsements(db: Session, answer: PostFacts) -> None:
    first = db.execute(
        select(Endorsement.person_id, Endorsement.endorsed_at)
        .where(Endorsement.post_id == answer.id)
        .order_by(Endorsement.endorsed_at, Endorsement.person_id)
        .limit(1)
    ).first()
    count = db.scalar(select(func.count()).select_from(Endorsement).where(Endorsement.post_id == answer.id)) or 0
    standing = _standing(db, answer)
    standing.endorsements = count
    by: tuple[int | None, datetime | None] = (first.person_id, first.endorsed_at) if first else (None, None)
    standing.endorsed_by, standing.endorsed_at = by
    db.flush()
    count_endorsed(db, answer.thread_id)


def supersede_answer(db: Session, actor: Actor, answer: PostFacts, newer: PostFacts | None) -> None:
    """A newer reply of the thread has taken its place; None takes that back. Raises Conflict."""
    require(actor, "answer.supersede", answer.thing)
    if newer is not None:
        is_there = newer.thread_id == answer.thread_id and newer.state == PostState.PUBLISHED and not newer.is_first
        if not is_there or newer.id <= answer.id:
            raise Conflict(_("Choose a newer reply of this discussion that everybody can read."))
    _standing(db, answer).superseded_by = newer.public_id if newer else None
    _record(db, actor, None, answer, "answer.superseded" if newer else "answer.stands_again")


def _standing(db: Session, answer: PostFacts) -> PostStanding:
    standing = db.get(PostStanding, answer.id)
    if standing is None:
        standing = PostStanding(post_id=answer.id, trust_id=answer.board.course.trust_id, endorsements=0)
        db.add(standing)
    return standing


def _record(db: Session, actor: Actor, question: PostFacts | None, answer: PostFacts, verb: str) -> None:
    """Who asked a question on a pseudonymous board, or wrote the reply, is its alias in the journal too."""
    mine = next((post for post in (question, answer) if post is not None and post.is_mine), None)
    who = mine.author if mine is not None and mine.board.is_pseudonymous else actor.public_id
    trust_id, subject = answer.board.course.trust_id, f"post:{answer.public_id}"
    record(db, trust_id=trust_id, actor=who, verb=verb, subject=subject)


def count_endorsed(db: Session, thread_id: int) -> None:
    """How many answers of a thread are endorsed and can be read, for the board's list."""
    counted = (
        select(func.count())
        .select_from(PostStanding)
        .join(Post, Post.id == PostStanding.post_id)
        .where(Post.thread_id == thread_id, Post.state == PostState.PUBLISHED, PostStanding.endorsements > 0)
        .scalar_subquery()
    )
    db.execute(update(ThreadActivity).where(ThreadActivity.thread_id == thread_id).values(endorsed=counted))
