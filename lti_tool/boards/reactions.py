"""Reactions as words: one a person and post, counted when given, and never a list of who.

A row names nobody: `reactor` is a keyed tag of person and thread, the same on every board, so that what somebody said
to posts can be joined neither with them nor, on a board of made-up names, with what they wrote. For the same reason the
journal has no line about it.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from lti_tool.access import Actor, require
from lti_tool.boards.reader_models import PostReaction, PostTally
from lti_tool.boards.slips import Slip, inquiry
from lti_tool.core.errors import Invalid
from lti_tool.core.ids import keyed_tag
from lti_tool.core.language import gettext as _

if TYPE_CHECKING:
    from lti_tool.boards.facts import PostFacts


class Reaction(StrEnum):
    """What one tap can say. None of them puts anybody down."""

    USEFUL = "useful"
    AGREE = "agree"
    SAME = "same"
    EXPLAIN = "explain"


COUNTS = tuple(getattr(PostTally, word) for word in Reaction)
Counts = Mapping[str, int]


def reaction_words() -> dict[str, str]:
    """Each reaction as a reader sees it."""
    return {
        Reaction.USEFUL: _("Useful"),
        Reaction.AGREE: _("Agree"),
        Reaction.SAME: _("Same for me"),
        Reaction.EXPLAIN: _("Please explain"),
    }


def counts_of(row: Any) -> Counts:
    """How many said what, from a row that was joined with the tallies; those that somebody said."""
    if row.useful is None:  # nobody has reacted
        return {}
    return {word: count for word in Reaction if (count := getattr(row, word))}


def reactor_tag(db: Session, person_id: int, thread_id: int) -> bytes:
    """The same for one person and one thread."""
    return keyed_tag(db.info["author_keys"].tag, "reacts", person_id, thread_id)


_OWN_REACTIONS = inquiry("reaction", PostReaction.post_id, PostReaction.word).where(
    PostReaction.thread_id == bindparam("thread"), PostReaction.reactor == bindparam("reactor")
)


def own_reactions(db: Session, actor: Actor, thread_id: int) -> Slip:
    """("reaction", post number, word) of the actor's own in this thread, to be united with what else is theirs."""
    return Slip(_OWN_REACTIONS, {"thread": thread_id, "reactor": reactor_tag(db, actor.person_id, thread_id)})


def react(db: Session, actor: Actor, post: "PostFacts", word: str) -> None:
    """The actor's reaction to this post is `word` from now on; none when it is empty. A second time changes nothing."""
    require(actor, "post.react", post.thing)
    if word and word not in list(Reaction):
        raise Invalid(_("We did not understand which reaction you meant. Reload the page and try again."))
    is_it = (PostReaction.post_id == post.id) & (
        PostReaction.reactor == reactor_tag(db, actor.person_id, post.thread_id)
    )
    before = db.scalar(select(PostReaction.word).where(is_it))
    if before == (word or None):
        return
    if before:
        db.execute(delete(PostReaction).where(is_it))
        _count(db, post, before, -1)
    if word:
        who = {"reactor": reactor_tag(db, actor.person_id, post.thread_id), "trust_id": post.board.course.trust_id}
        db.execute(insert(PostReaction).values(post_id=post.id, thread_id=post.thread_id, word=word, **who))
        _count(db, post, word, 1)


def _count(db: Session, post: "PostFacts", word: str, change: int) -> None:
    column = getattr(PostTally, word)
    if db.scalar(select(PostTally.post_id).where(PostTally.post_id == post.id)) is None:
        none = dict.fromkeys(Reaction, 0)
        db.execute(insert(PostTally).values(post_id=post.id, trust_id=post.board.course.trust_id, **none))
    db.execute(update(PostTally).where(PostTally.post_id == post.id).values({column: column + change}))
