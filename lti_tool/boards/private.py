"""Questions that only the tutors read. One becomes public if a tutor asks for it and its author agrees."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from lti_tool.access import Actor, require
from lti_tool.boards.facts import PostFacts
from lti_tool.boards.models import Post, Thread
from lti_tool.core import clock
from lti_tool.journal import record


def ask_public(db: Session, actor: Actor, question: PostFacts) -> None:
    """A tutor asks the author whether all who read the board may read this. Asking again changes nothing."""
    require(actor, "thread.ask_public", question.thing)
    if question.public_asked_at is None:
        _change(db, question, public_asked_at=clock.now())
        _note(db, question, actor.public_id, "post.asked_public")


def answer_public(db: Session, actor: Actor, question: PostFacts, is_agreed: bool) -> None:
    """The author agrees, and everybody reads the question with its replies; or it stays as it is."""
    require(actor, "thread.make_public", question.thing)
    _change(db, question, public_asked_at=None, is_private=not is_agreed)
    who = db.get_one(Post, question.id).alias or actor.public_id
    _note(db, question, who, "post.made_public" if is_agreed else "post.kept_private")


def _change(db: Session, question: PostFacts, **values: object) -> None:
    db.execute(update(Thread).where(Thread.id == question.thread_id).values(**values))


def _note(db: Session, question: PostFacts, who: str, verb: str) -> None:
    trust_id, subject = question.board.course.trust_id, f"post:{question.public_id}"
    record(db, trust_id=trust_id, actor=who, verb=verb, subject=subject)
