"""Which posts a moderator looks at first, how urgently, and who is told when that takes too long.

A module of its own: a board's policy is asked by every way in which words come in, and by nothing else.
"""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.access import Actor
from lti_tool.boards.authors import tag_of
from lti_tool.boards.charter_models import BoardSecond
from lti_tool.boards.models import Post
from lti_tool.boards.queries import BoardLine
from lti_tool.boards.rules import BoardPolicy, PostState, Urgency, first_state
from lti_tool.texts import Prepared


def state_for(db: Session, actor: Actor, board: BoardLine, prepared: Prepared, *, skips_queue: bool) -> PostState:
    """Where what the actor now sends to this board begins. A PDF counts as an image: nobody checks what is in it."""
    return first_state(
        board.policy,
        skips_queue,
        prepared.needs_review or (board.policy == BoardPolicy.CHECK and prepared.is_crowd),
        is_sealed=board.is_pseudonymous,
        has_images=bool(prepared.files),
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


def second_of(db: Session, board_id: int) -> int | None:
    """The second moderator of a board, if one is named."""
    return db.scalar(select(BoardSecond.person_id).where(BoardSecond.board_id == board_id))
