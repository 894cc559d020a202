"""Which posts a moderator looks at first, how urgently, and who is told when that takes too long.

A module of its own: a board's policy is asked by every way in which words come in, and by nothing else.
"""

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from lti_tool.access import Actor, may
from lti_tool.boards.authors import tag_of
from lti_tool.boards.models import Board, BoardSecond, Post
from lti_tool.boards.queries import BoardLine
from lti_tool.boards.rules import BoardPolicy, PostState, Urgency, first_state
from lti_tool.core.errors import Invalid
from lti_tool.core.language import gettext as _
from lti_tool.people import tutors_of
from lti_tool.texts import Prepared


def state_for(
    db: Session, actor: Actor, board: BoardLine, prepared: Prepared, *, has_images: bool = False
) -> PostState:
    """Where what the actor now sends to this board begins."""
    return first_state(
        board.policy,
        may(actor, "post.skip_queue", board.thing),
        prepared.needs_review or (board.policy == BoardPolicy.CHECK and prepared.is_crowd),
        is_sealed=board.is_pseudonymous,
        has_images=has_images,
        is_newcomer=board.policy == BoardPolicy.FIRST and is_newcomer(db, actor, board),
    )


def urgency_of(prepared: Prepared) -> Urgency:
    """What the identifier check holds is looked at before all else."""
    return Urgency.PRIVACY if prepared.needs_review else Urgency.USUAL


def is_newcomer(db: Session, actor: Actor, board: BoardLine) -> bool:
    """Whether the actor has still to earn trust here: too few posts stand since the last one that was removed.

    Nobody is told of it, and no row says so: it is counted from the posts, by tag where authors are sealed.
    """
    mine = (
        Post.author_tag == tag_of(db, actor.person_id, board.id)
        if board.is_pseudonymous
        else Post.author_id == actor.person_id
    )
    here = (Post.board_id == board.id, mine)
    last_removed = db.scalar(
        select(func.max(Post.state_at, type_=Post.state_at.type)).where(*here, Post.state == PostState.REMOVED)
    )
    stands = select(func.count()).select_from(Post).where(*here, Post.state == PostState.PUBLISHED)
    if last_removed is not None:
        stands = stands.where(Post.published_at > last_removed)
    return (db.scalar(stands) or 0) < board.first_posts


def name_second(db: Session, board: Board, person_id: int | None) -> None:
    """Name the board's second moderator, or nobody. Raises Invalid for who does not decide in its course."""
    if person_id is not None and person_id not in {number for number, _name in tutors_of(db, board.course_id)}:
        raise Invalid(_("Not saved yet."), {"second": _("Choose somebody who decides in this course.")})
    db.execute(delete(BoardSecond).where(BoardSecond.board_id == board.id))
    if person_id is not None:
        db.add(BoardSecond(board_id=board.id, person_id=person_id, trust_id=board.trust_id))
        db.flush()


def second_of(db: Session, board_id: int) -> int | None:
    """The second moderator of a board, if one is named."""
    return db.scalar(select(BoardSecond.person_id).where(BoardSecond.board_id == board_id))
