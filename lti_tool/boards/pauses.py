"""Pauses: somebody writes nothing on a board until a moment, and is told why where they would write.

Facts of boards, because a board and its composer show them; `moderation` decides who pauses whom. On a pseudonymous
board a pause names the tag of a post's author, so nobody learns who it is.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from lti_tool.access import Actor
from lti_tool.boards.authors import tag_of
from lti_tool.boards.models import Board, BoardPause, Post, Thread
from lti_tool.boards.rules import Pause
from lti_tool.core import clock
from lti_tool.core.errors import Conflict, Forbidden
from lti_tool.core.ids import new_public_id
from lti_tool.core.language import gettext as _
from lti_tool.people import Course, Person, display_name


class Paused(Forbidden):
    """Somebody is paused on this board. What they typed is kept."""


@dataclass(frozen=True, slots=True)
class PauseLine:
    """A running pause as moderators list it: under the name that the board shows."""

    public_id: str
    post_public_id: str
    thread_public_id: str
    who: str
    board_title: str
    course_title: str
    reason: str
    from_at: datetime
    until_at: datetime


def find_pause(db: Session, actor: Actor, board_id: int, paused_until: datetime | None) -> Pause | None:
    """The actor's pause on this board. Asks only where somebody is paused (`Board.paused_until`)."""
    if paused_until is None or paused_until <= clock.now():
        return None
    tag = tag_of(db, actor.person_id, board_id)
    row = db.execute(
        select(BoardPause.until_at, BoardPause.reason)
        .where(BoardPause.board_id == board_id, _runs())
        .where((BoardPause.person_id == actor.person_id) | (BoardPause.author_tag == tag))
        .order_by(BoardPause.until_at.desc())
        .limit(1)
    ).first()
    return Pause(*row) if row else None


def refuse_paused(pause: Pause | None) -> None:
    """Raise Paused for somebody who is paused, with the reason in words."""
    if pause is not None:
        until = pause.until_at.astimezone(clock.LONDON)
        when = {"day": f"{until:%d.%m.%Y}", "time": f"{until:%H:%M}", "reason": pause.reason}
        raise Paused(
            _("You are paused on this board until %(day)s, %(time)s: “%(reason)s” Your text is in your drafts.") % when
        )


def pause_author(db: Session, post_id: int, paused_by: int, reason: str, until_at: datetime) -> tuple[BoardPause, bool]:
    """Pause the author of a post on its board; returns the pause and whether it is new (a form may be sent twice).

    Raises Conflict when another pause of theirs runs there.
    """
    post = db.get_one(Post, post_id)
    who = {"person_id": post.author_id, "author_tag": post.author_tag}
    same = [getattr(BoardPause, name) == value for name, value in who.items() if value is not None]
    running = db.scalars(select(BoardPause).where(BoardPause.board_id == post.board_id, _runs(), *same)).first()
    if running is not None and (running.post_id, running.paused_by, running.reason) == (post.id, paused_by, reason):
        return running, False
    if running is not None:
        raise Conflict(_("They are paused on this board already. Lift that pause first to set another end."))
    pause = BoardPause(
        public_id=new_public_id(),
        trust_id=post.trust_id,
        board_id=post.board_id,
        post_id=post.id,
        reason=reason,
        from_at=clock.now(),
        until_at=until_at,
        paused_by=paused_by,
        **who,
    )
    db.add(pause)
    board = db.get_one(Board, post.board_id)
    board.paused_until = max(board.paused_until or until_at, until_at)
    db.flush()
    return pause, True


def lift_pause(db: Session, public_id: str, lifted_by: int) -> bool:
    """End a pause now; False when it runs no longer."""
    lifted = update(BoardPause).where(BoardPause.public_id == public_id, _runs())
    values = {"lifted_at": clock.now(), "lifted_by": lifted_by}
    return db.scalar(lifted.values(**values).returning(BoardPause.id)) is not None


def running_pauses(db: Session, actor: Actor, course_id: int) -> list[PauseLine]:
    """The pauses that run on the boards of a course, the next to end first. The caller may manage them."""
    rows = db.execute(
        select(
            BoardPause.public_id, Post.public_id, Thread.public_id, Post.alias, Person.name, Person.public_id,
            Board.title, Course.title,
            BoardPause.reason, BoardPause.from_at, BoardPause.until_at,
        )
        .join(Post, Post.id == BoardPause.post_id)
        .join(Thread, Thread.id == Post.thread_id)
        .join(Board, Board.id == BoardPause.board_id)
        .join(Course, Course.id == Board.course_id)
        .outerjoin(Person, Person.id == BoardPause.person_id)
        .where(Board.course_id == course_id, Board.trust_id == actor.trust_id, _runs())
        .order_by(BoardPause.until_at)
    )  # fmt: skip
    return [
        PauseLine(pause, post, thread, alias or display_name(name or "", person or ""), *rest)
        for pause, post, thread, alias, name, person, *rest in rows
    ]


def _runs() -> ColumnElement[bool]:
    return BoardPause.lifted_at.is_(None) & (BoardPause.until_at > clock.now())
