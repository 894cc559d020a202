"""What tutors do with a whole thread: pin, lock, move, tag; and the list of tags that a board has.

A thread moves within its course, and between boards that show names: on a board of made-up names everybody carries an
alias of that board alone, and a move would either break the author's hold on their posts or tie two aliases together.
The thread keeps its address, so every link to it holds; a note stays in its old place (`ThreadMove`).
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from lti_tool.access import Actor, require
from lti_tool.boards.facts import PostFacts
from lti_tool.boards.models import Board, Post, Thread, ThreadActivity, ThreadMove
from lti_tool.boards.queries import BoardLine, boards_of
from lti_tool.boards.reader_models import BoardFollow
from lti_tool.boards.rules import (
    LOCK_REASON_LENGTH,
    MOST_PINNED,
    MOST_TAGS,
    TAG_LENGTH,
    TAGS_A_THREAD,
    BoardKind,
    pack,
)
from lti_tool.core import clock
from lti_tool.core.errors import Conflict, Invalid
from lti_tool.core.language import gettext as _
from lti_tool.journal import record
from lti_tool.texts import name_nobody


def pin_thread(db: Session, actor: Actor, question: PostFacts, is_pinned: bool) -> None:
    """Keep the thread at the head of its board, or no more. Raises Conflict when too many are."""
    thread = _tended(db, actor, question)
    if question.is_pinned == is_pinned:
        return
    pinned = select(func.count()).where(ThreadActivity.board_id == thread.board_id, ThreadActivity.is_pinned)
    if is_pinned and (db.scalar(pinned) or 0) >= MOST_PINNED:
        raise Conflict(_("%(most)d questions are pinned already. Unpin one of them first.") % {"most": MOST_PINNED})
    db.execute(update(ThreadActivity).where(ThreadActivity.thread_id == thread.id).values(is_pinned=is_pinned))
    _record(db, actor, thread, "thread.pinned" if is_pinned else "thread.unpinned")


def lock_reason(words: str) -> str:
    """Why a thread is locked, as readers see it. Raises Invalid with a sentence."""
    reason = " ".join(words.replace("\x00", "").split())
    if not reason:
        raise Invalid(_("Not saved yet."), {"reason": _("Say why: readers see it under the question.")})
    if len(reason) > LOCK_REASON_LENGTH:
        sentence = _("Shorten the reason to %(most)d characters.") % {"most": LOCK_REASON_LENGTH}
        raise Invalid(_("Not saved yet."), {"reason": sentence})
    if problems := name_nobody({"reason": reason}):
        raise Invalid(_("Not saved yet."), problems)
    return reason


def lock_thread(db: Session, actor: Actor, question: PostFacts, reason: str) -> None:
    """Nothing new can be written in the thread; `reason` stands where one would reply."""
    thread = _tended(db, actor, question)
    if thread.locked_at is not None and thread.lock_reason == reason:
        return
    thread.locked_at, thread.lock_reason = thread.locked_at or clock.now(), reason
    _record(db, actor, thread, "thread.locked")


def unlock_replies(db: Session, actor: Actor, question: PostFacts) -> None:
    """People can reply again. A second time changes nothing."""
    thread = _tended(db, actor, question)
    if thread.locked_at is not None:
        thread.locked_at, thread.lock_reason = None, ""
        _record(db, actor, thread, "thread.unlocked")


def places_for(db: Session, actor: Actor, question: PostFacts) -> list[BoardLine]:
    """The boards to which this thread may be moved."""
    if question.board.is_pseudonymous or question.is_cover:
        return []
    others = boards_of(db, actor, question.board.course)
    return [board for board in others if board.id != question.board.id and not board.is_pseudonymous]


def move_thread(db: Session, actor: Actor, question: PostFacts, board_public_id: str) -> BoardLine:
    """Put the thread and all its posts on another board; a note stays. Tags that are not kept there fall away."""
    thread = _tended(db, actor, question)
    place = next((one for one in places_for(db, actor, question) if one.public_id == board_public_id), None)
    if place is None:
        raise Invalid(_("Not moved yet."), {"board": _("Choose a board to which it can be moved.")})
    old = question.board
    for post in db.scalars(select(Post).where(Post.thread_id == thread.id)):
        post.board_id = place.id
    thread.board_id = place.id
    thread.tags = pack(tag for tag in question.tags if tag in place.tags)
    moved = update(ThreadActivity).where(ThreadActivity.thread_id == thread.id)
    db.execute(moved.values(board_id=place.id, is_pinned=False))
    came_back = delete(ThreadMove).where(ThreadMove.board_id == place.id, ThreadMove.thread_id == thread.id)
    db.execute(came_back)
    db.add(ThreadMove(board_id=old.id, thread_id=thread.id, trust_id=thread.trust_id, moved_at=clock.now()))
    db.flush()
    for board_id in (old.id, place.id):
        notes = select(func.count()).where(ThreadMove.board_id == board_id).scalar_subquery()
        db.execute(update(Board).where(Board.id == board_id).values(moved_away=notes))
    _record(db, actor, thread, "thread.moved", {"from": old.public_id, "to": place.public_id})
    return place


def chosen_tags(board: BoardLine, tags: Sequence[str]) -> list[str]:
    """Those of a board's own tags that somebody chose, in the board's order. Raises Invalid for too many."""
    chosen = [tag for tag in board.tags if tag in tags]
    if len(chosen) > TAGS_A_THREAD:
        raise Invalid(_("Not saved yet."), {"tags": _("Choose up to %(most)d tags.") % {"most": TAGS_A_THREAD}})
    return chosen


def tag_thread(db: Session, actor: Actor, question: PostFacts, tags: Sequence[str]) -> None:
    """These tags of its board stand on the thread, and no others."""
    thread = _tended(db, actor, question)
    if (packed := pack(chosen_tags(question.board, tags))) != thread.tags:
        thread.tags = packed
        _record(db, actor, thread, "thread.tagged")


def tag_own_question(db: Session, actor: Actor, board: BoardLine, post: Post, tags: Sequence[str]) -> None:
    """What the asker chose while asking; once asked, tutors keep the tags."""
    require(actor, "thread.start", board.thing)
    db.get_one(Thread, post.thread_id).tags = pack(chosen_tags(board, tags))


def tag_list(words: str) -> list[str]:
    """A board's tags from a box with one on a line. Raises Invalid with a sentence."""
    lines = (" ".join(line.replace("|", " ").replace("\x00", "").split()) for line in words.splitlines())
    found: dict[str, str] = {}
    for line in filter(None, lines):
        found.setdefault(line.casefold(), line)
    tags = list(found.values())
    if len(tags) > MOST_TAGS:
        problem = _("Keep up to %(most)d tags: few are found, many are not.") % {"most": MOST_TAGS}
    elif any(len(tag) > TAG_LENGTH for tag in tags):
        problem = _("Shorten each tag to %(most)d characters.") % {"most": TAG_LENGTH}
    else:
        problem = name_nobody({"tags": "\n".join(tags)}).get("tags", "")
    if problem:
        raise Invalid(_("Not saved yet."), {"tags": problem})
    return tags


def keep_tags(db: Session, actor: Actor, line: BoardLine, tags: Sequence[str]) -> None:
    """The board has these tags; one that is not among them any more falls from its threads."""
    require(actor, "thread.tend", line.thing)
    board = db.get_one(Board, line.id)
    if board.tags == pack(tags):
        return
    board.tags = pack(tags)
    for gone in (tag for tag in line.tags if tag not in tags):
        _take_off(db, line.id, gone)
        db.execute(delete(BoardFollow).where(BoardFollow.board_id == line.id, BoardFollow.tag == gone))
    record(db, trust_id=board.trust_id, actor=actor.public_id, verb="board.tagged", subject=f"board:{board.public_id}")


def _take_off(db: Session, board_id: int, tag: str) -> None:
    """Cut one tag out of the column of every thread that carries it."""
    has_it = Thread.tags.contains(f"|{tag}|", autoescape=True)
    rest = func.replace(Thread.tags, f"|{tag}|", "|")
    db.execute(update(Thread).where(Thread.board_id == board_id, has_it).values(tags=rest))
    db.execute(update(Thread).where(Thread.board_id == board_id, Thread.tags == "|").values(tags=""))


def _tended(db: Session, actor: Actor, question: PostFacts) -> Thread:
    """The thread, for somebody who may look after it. A cover sheet's thread is its own room's to arrange."""
    require(actor, "thread.tend", question.thing)
    if question.board.kind != BoardKind.BOARD:
        raise Conflict(_("This discussion belongs to a case, and stays with it."))
    return db.get_one(Thread, question.thread_id)


def _record(db: Session, actor: Actor, thread: Thread, verb: str, details: dict[str, Any] | None = None) -> None:
    subject = f"thread:{thread.public_id}"
    record(db, trust_id=thread.trust_id, actor=actor.public_id, verb=verb, subject=subject, details=details)
