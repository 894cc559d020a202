"""Opening a board and changing its settings."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from lti_tool.access import Actor, may, require
from lti_tool.boards.actions import start_thread
from lti_tool.boards.charter import put_cohort, put_second
from lti_tool.boards.models import Board
from lti_tool.boards.patterns import Template
from lti_tool.boards.queries import BoardLine, board_lines
from lti_tool.boards.rules import USUAL_FIRST_POSTS, USUAL_TARGET, Audience, BoardPolicy
from lti_tool.core import clock
from lti_tool.core.ids import new_public_id
from lti_tool.journal import record
from lti_tool.people import CourseLine
from lti_tool.texts import prepare


@dataclass(frozen=True, slots=True)
class BoardDraft:
    """What a tutor has chosen for a board. `cohort` and `second` (a moderator) are public ids, or empty.

    `has_prompts`: the first posts are the template's own, in the tutor's name, where names are shown.
    """

    title: str
    purpose: str
    is_pseudonymous: bool
    policy: BoardPolicy
    look_days: str = "12345"
    look_times: str = "08:30 12:30 17:00"
    is_nameless: bool = False
    template: Template = Template.QUESTIONS
    audience: Audience = Audience.COURSE
    cohort: str = ""
    second: str = ""
    allows_private: bool = False
    archived_at: datetime | None = None
    has_prompts: bool = False
    takes_files: bool = True
    first_posts: int = USUAL_FIRST_POSTS
    target_minutes: int = USUAL_TARGET


def make_board(db: Session, actor: Actor, course: CourseLine, draft: BoardDraft, public_id: str | None = None) -> Board:
    """Open a board in a course."""
    require(actor, "board.manage", course.thing)
    board = Board(
        public_id=public_id or new_public_id(),
        trust_id=course.trust_id,
        course_id=course.id,
        title=draft.title,
        purpose=draft.purpose,
        is_pseudonymous=draft.is_pseudonymous or draft.is_nameless,
        is_nameless=draft.is_nameless,
        policy=draft.policy,
        first_posts=draft.first_posts,
        target_minutes=draft.target_minutes,
        look_days=draft.look_days,
        look_times=draft.look_times,
        created_at=clock.now(),
        template=draft.template,
        audience=draft.audience,
        allows_private=draft.allows_private,
        takes_files=draft.takes_files,
        archived_at=draft.archived_at,
    )
    db.add(board)
    db.flush()
    put_cohort(db, board, draft.cohort)
    put_second(db, board.id, course, draft.second)
    record(db, trust_id=course.trust_id, actor=actor.public_id, verb="board.made", subject=f"board:{board.public_id}")
    if draft.has_prompts and not board.is_pseudonymous:
        _post_prompts(db, actor, board_lines(db, {board.id})[board.id])
    return board


def _post_prompts(db: Session, actor: Actor, board: BoardLine) -> None:
    """The template's own first posts. Not where authors are sealed: they would show the alias of who opened it."""
    if may(actor, "thread.start", board.thing):
        for title, text in reversed(board.pattern.prompts):
            start_thread(db, actor, board, prepare(text, title), new_public_id())


def change_board(db: Session, actor: Actor, line: BoardLine, draft: BoardDraft) -> None:
    """Change a board's settings. Whether names are shown, and to whom, is for life: people wrote under that promise."""
    require(actor, "board.manage", line.thing)
    board = db.get_one(Board, line.id)
    board.title, board.purpose, board.policy = draft.title, draft.purpose, draft.policy
    board.first_posts, board.target_minutes = draft.first_posts, draft.target_minutes
    board.look_days, board.look_times = draft.look_days, draft.look_times
    board.allows_private, board.takes_files = draft.allows_private, draft.takes_files
    put_second(db, line.id, line.course, draft.second)
    record(db, trust_id=board.trust_id, actor=actor.public_id, verb="board.changed", subject=f"board:{board.public_id}")
