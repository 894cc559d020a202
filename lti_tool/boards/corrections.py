"""Corrections: what stands above a post that is wrong, and who must be told of it.

Facts of boards, because a thread shows them; `moderation` decides who may write one.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lti_tool.boards.authors import author_of
from lti_tool.boards.models import Board, Correction, Post, Thread
from lti_tool.boards.rules import PostState
from lti_tool.core import clock
from lti_tool.core.ids import new_public_id
from lti_tool.people import Person, display_name
from lti_tool.texts import Prepared, Revision, Text, publish, write


@dataclass(frozen=True, slots=True)
class CorrectionLine:
    """A correction as it stands above its post. `by` is empty on a pseudonymous board, where no tutor is named."""

    html: Markup
    by: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class CorrectionStory:
    """What the notifier says about a correction: no word of it."""

    trust_id: int
    thread_id: int
    thread_public_id: str
    post_public_id: str
    is_question: bool
    made_by: int
    read_since: datetime


def add_correction(
    db: Session, *, trust_id: int, thread_id: int, post_id: int, made_by: int, prepared: Prepared, once: str
) -> tuple[Correction, bool]:
    """Put a correction above a post; returns it and whether it is new: the same `once` twice is a double click."""
    sent = db.scalars(select(Correction).where(Correction.once == once)).first()
    if sent is not None:
        return sent, False
    text, now = write(db, trust_id, prepared), clock.now()
    publish(text)
    where = {"trust_id": trust_id, "thread_id": thread_id, "post_id": post_id, "text_id": text.id}
    correction = Correction(public_id=new_public_id(), made_by=made_by, made_at=now, once=once, **where)
    db.add(correction)
    db.execute(update(Thread).where(Thread.id == thread_id).values(corrected_at=now))
    db.flush()
    return correction, True


def corrections_of(db: Session, thread_id: int) -> Mapping[int, list[CorrectionLine]]:
    """The corrections of a thread that the reader may see, by the number of the post that they correct."""
    rows = db.execute(
        select(Correction.post_id, Revision.html, Person.name, Person.public_id, Correction.made_at)
        .add_columns(Board.is_pseudonymous)
        .join(Text, Text.id == Correction.text_id)
        .join(Revision, (Revision.text_id == Text.id) & (Revision.number == Text.published))
        .join(Person, Person.id == Correction.made_by)
        .join(Post, Post.id == Correction.post_id)
        .join(Board, Board.id == Post.board_id)
        .where(Correction.thread_id == thread_id)
        .order_by(Correction.id)
    )
    found: defaultdict[int, list[CorrectionLine]] = defaultdict(list)
    for post_id, html, name, person, made_at, is_pseudonymous in rows:
        by = "" if is_pseudonymous else display_name(name, person)
        found[post_id].append(CorrectionLine(html, by, made_at))
    return found


def last_correction(db: Session, post_id: int) -> datetime | None:
    """When a post was last corrected, if it was."""
    newest = select(Correction.made_at).where(Correction.post_id == post_id).order_by(Correction.id.desc())
    return db.scalar(newest.limit(1))


def correction_story(db: Session, public_id: str) -> CorrectionStory | None:
    """What may be said about a correction; None when it is gone."""
    row = db.execute(
        select(
            Correction.trust_id, Correction.thread_id, Thread.public_id, Post.public_id, Post.is_first,
            Correction.made_by, Post.published_at,
        )
        .join(Thread, Thread.id == Correction.thread_id)
        .join(Post, Post.id == Correction.post_id)
        .where(Correction.public_id == public_id, Post.published_at.is_not(None))
    ).first()  # fmt: skip
    return CorrectionStory(*row) if row else None  # type: ignore[arg-type]  # asked for what is not null


def writers_in(db: Session, thread_id: int, since: datetime) -> set[int]:
    """The persons who have written in the thread after `since`, for the job that tells of a correction and nobody else.

    Whoever wrote has read; who else did is known by marks. Their numbers go into sealed inbox entries only.
    """
    wrote = select(Post.public_id).where(
        Post.thread_id == thread_id,
        (Post.created_at >= since) | Post.is_first | (Post.state == PostState.PUBLISHED),
    )
    found = {author_of(db, public_id) for public_id in db.scalars(wrote).all()}
    return {person_id for person_id in found if person_id is not None}
