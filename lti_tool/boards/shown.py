"""The GET of this room that writes: after a thread was shown, its reader's mark moves (DESIGN, decision 4)."""

from sqlalchemy.exc import OperationalError

from lti_tool.boards.facts import PostFacts
from lti_tool.boards.marks import move_mark
from lti_tool.boards.reading import Mine
from lti_tool.core.log import log
from lti_tool.web import changing


def note_shown(question: PostFacts, mine: Mine) -> None:
    """Move the reader's mark if something new was shown. Losing it harms nobody."""
    if mine.shown_us is None:
        return
    try:
        with changing() as (db, actor):
            move_mark(db, actor, question.thread_id, question.board.course.id, mine.shown_us)
    except OperationalError:
        log.warning("mark_not_moved")
