"""Under which name somebody posts, and in which hat: the badge beside a name."""

from sqlalchemy.orm import Session

from lti_tool.access import Actor, may
from lti_tool.boards.authors import alias_of, tag_of
from lti_tool.boards.models import Post
from lti_tool.boards.queries import BoardLine
from lti_tool.core import clock
from lti_tool.core.language import gettext as _
from lti_tool.people import find_rotation


def put_author(db: Session, actor: Actor, board: BoardLine, post: Post) -> None:
    """A name and a badge on a named board; a tag and an alias, and nothing else, on a pseudonymous one."""
    has_hat = may(actor, "post.skip_queue", board.thing) and not board.is_pseudonymous
    post.is_as_self = post.is_as_self and has_hat  # nobody else has a hat to take off
    if board.is_pseudonymous:
        post.author_tag = tag_of(db, actor.person_id, board.id)
        post.alias = alias_of(db, post.trust_id, board.id, post.author_tag)
    else:
        post.author_id = actor.person_id
        post.badge = _("tutor") if has_hat and not post.is_as_self else _badge_of_rotation(db, actor)


def _badge_of_rotation(db: Session, actor: Actor) -> str:
    rotation = find_rotation(db, actor.person_id, clock.now().astimezone(clock.LONDON).date())
    if rotation is None:
        return ""
    return rotation.grade if rotation.stated_by != "self" else _("%(grade)s, self-declared") % {"grade": rotation.grade}
