"""Files of posts: hung with the words, read by whoever may read the words, let go when nobody may any more."""

from datetime import datetime, timedelta

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import Session

from lti_tool.access import Actor, may
from lti_tool.boards.models import Post
from lti_tool.boards.posts import get_post_facts
from lti_tool.boards.queries import BoardLine
from lti_tool.boards.rules import PostState
from lti_tool.core.errors import Invalid
from lti_tool.files import FileLine, files_for, find_file, hang, unfit_words
from lti_tool.journal import Job, record
from lti_tool.people import each_trust
from lti_tool.texts import Prepared, Revision, Text, erase_files_of

WITHDRAWN_FOR = timedelta(days=1)
REMOVED_FOR = timedelta(days=30)  # within which a moderator's decision can still be turned
POSTS_A_NIGHT = 1_000


def hang_files(db: Session, actor: Actor, board: BoardLine, text: Text, prepared: Prepared) -> None:
    """Hang what the author added on the newest version. Raises Invalid for what this board does not take.

    What stood there already stays where a board has stopped taking files.
    """
    if not prepared.files:
        return
    found = files_for(db, actor, [file.public_id for file in prepared.files], text.id)
    if not board.takes_files and text.latest == 1:
        raise Invalid(unfit_words("board"))
    if not board.takes_pdf and any(not file.is_picture for file in found):
        raise Invalid(unfit_words("pdf"))
    hang(db, actor, text.id, text.latest, [(file.public_id, file.alt) for file in prepared.files])


def file_of_post(db: Session, actor: Actor, post_public_id: str, file_public_id: str) -> FileLine | None:
    """A file of the words that the actor may read: what is shown; for its author and who decides the newest too."""
    post = get_post_facts(db, actor, post_public_id)
    if post.html is None:
        return None
    numbers = {post.shown}
    if post.is_mine or may(actor, "post.decide", post.thing):
        numbers |= {post.latest, post.published or post.latest}
    return find_file(db, post.text_id, numbers, file_public_id)


def forget_files(db: Session, slot: datetime) -> None:
    """Let go of the files of posts that are withdrawn or removed for good, and of versions that nobody reads."""
    for trust_id in each_trust(db):
        for post_id, text in _gone_posts(db, trust_id, slot):
            _forget(db, trust_id, post_id, text, set())
        for post_id, text in _old_versions(db, trust_id):
            _forget(db, trust_id, post_id, text, {text.latest, text.offered or 0, text.published or 0})


def _gone_posts(db: Session, trust_id: int, slot: datetime) -> list[tuple[str, Text]]:
    gone = or_(
        and_(Post.state == PostState.WITHDRAWN, Post.state_at < slot - WITHDRAWN_FOR),
        and_(Post.state == PostState.REMOVED, Post.state_at < slot - REMOVED_FOR),
    )
    has_files = exists().where(Revision.text_id == Text.id, Revision.files > 0)
    return _posts_with(db, trust_id, gone, has_files)


def _old_versions(db: Session, trust_id: int) -> list[tuple[str, Text]]:
    is_read = or_(Revision.number == Text.latest, Revision.number == Text.offered, Revision.number == Text.published)
    old = exists().where(Revision.text_id == Text.id, Revision.files > 0, is_read.is_not(True))
    return _posts_with(db, trust_id, old)


def _posts_with(db: Session, trust_id: int, *conditions: object) -> list[tuple[str, Text]]:
    rows = db.execute(
        select(Post.public_id, Text)
        .join(Text, Text.id == Post.text_id)
        .where(Post.trust_id == trust_id, *conditions)  # type: ignore[arg-type]  # columns of these tables
        .limit(POSTS_A_NIGHT)
    )
    return [(post_id, text) for post_id, text in rows]


def _forget(db: Session, trust_id: int, post_public_id: str, text: Text, but: set[int]) -> None:
    details = {"count": erase_files_of(db, text.id, but)}
    if details["count"]:
        subject = f"post:{post_public_id}"
        record(db, trust_id=trust_id, actor="system", verb="files.erased", subject=subject, details=details)


jobs = (Job("forget_files", forget_files),)
