"""Erasing a post that names a patient, for good: every version, and the drafts and notes with its words.

What stays is the stone, and a journal line with the hashes of what was there.

Other rooms that hold words of posts (an index, files) export `purgers` at their door; app.py hands the whole list down.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lti_tool.access import Actor, require
from lti_tool.boards import Post, PostState, Thread, erase_poll, move_post
from lti_tool.core.db import Database
from lti_tool.core.errors import Conflict, Invalid
from lti_tool.core.language import gettext as _
from lti_tool.journal import JournalLine, record
from lti_tool.moderation.duty_models import Appeal
from lti_tool.moderation.flags import settle_reports
from lti_tool.moderation.handling import Handle, note_decision
from lti_tool.moderation.models import Decision, QueueMark, Report
from lti_tool.moderation.rules import Verb
from lti_tool.texts import Text, drop_drafts_with, is_overwritten, lines_of, overwrite

PRIVACY = "patient"


@dataclass(frozen=True, slots=True)
class Purging:
    """The post that other rooms must forget. `lines` are its words, for whoever keeps copies without its number."""

    trust_id: int
    post_id: int
    post_public_id: str
    text_id: int
    thread_id: int
    lines: tuple[str, ...]


Purger = Callable[[Session, Purging], Mapping[str, object]]
"""Overwrites what a room holds of a post, within the transaction; returns what the journal may say of it (counts,
hashes; never words)."""


def purge_post(db: Session, actor: Actor, handle: Handle, reason: str) -> Purging | None:
    """Erase a post for good; None when nothing is left to erase. Raises Invalid without the privacy reason."""
    require(actor, "post.purge", handle.thing)
    if reason != PRIVACY:
        raise Invalid(_("Not erased."), {"sure": _("Only what may identify a patient is erased for good.")})
    if handle.is_cover:
        raise Conflict(_("This opens a case. Take the case down first: its pages say how."))
    if is_overwritten(db, handle.text_id):
        return None
    lines = tuple(lines_of(db, handle.text_id))
    gone = Purging(handle.course.trust_id, handle.id, handle.public_id, handle.text_id, handle.thread_id, lines)
    _take_down(db, actor, handle)
    told: dict[str, object] = {"sha256": overwrite(db, db.get_one(Text, handle.text_id))}
    told["drafts"] = drop_drafts_with(db, _draft_places(handle), lines)
    _forget_notes(db, handle)
    for purger in db.info.get("purgers", ()):
        told |= purger(db, gone)
    settle_reports(db, note_decision(db, actor, handle, Verb.PURGE, PRIVACY), upheld=True)
    _note(db, actor, handle, "post.purged", told)
    return gone


def _take_down(db: Session, actor: Actor, handle: Handle) -> None:
    """A stone where others had read it; rejected where nobody had."""
    post, text = db.get_one(Post, handle.id), db.get_one(Text, handle.text_id)
    if post.state in (PostState.PUBLISHED, PostState.HIDDEN):
        move_post(db, post, text, PostState.REMOVED, PRIVACY)
        _note(db, actor, handle, "post.removed")
    elif post.state == PostState.PENDING:
        move_post(db, post, text, PostState.REJECTED, PRIVACY)
        _note(db, actor, handle, "post.rejected")
    post.state_note = ""
    if handle.is_first:
        db.execute(update(Thread).where(Thread.id == handle.thread_id).values(title=""))
        erase_poll(db, handle.thread_id)


def _forget_notes(db: Session, handle: Handle) -> None:
    """What people wrote about the post may repeat its words: the reasons stay, notes and undo go."""
    db.execute(update(Report).where(Report.post_id == handle.id).values(note=""))
    db.execute(update(Appeal).where(Appeal.post_id == handle.id).values(note="", answer=""))
    db.execute(update(Decision).where(Decision.post_id == handle.id).values(note="", snapshot={}))
    db.execute(update(QueueMark).where(QueueMark.thing == handle.public_id).values(handed_note=""))


def _draft_places(handle: Handle) -> list[str]:
    """Where a copy may lie in somebody's drafts: going on from it, or never thrown away after it was sent."""
    post, thread, board = handle.public_id, handle.thread_public_id, handle.board_public_id
    return [f"edit:{post}", f"decide:{post}", f"reply:{thread}", f"ask:{board}"]


def _note(db: Session, actor: Actor, handle: Handle, verb: str, details: dict[str, object] | None = None) -> None:
    subject = f"post:{handle.public_id}"
    record(db, trust_id=handle.course.trust_id, actor=actor.public_id, verb=verb, subject=subject, details=details)


def finish_purge(database: Database, line: JournalLine, _delivery: str) -> None:
    """Rewrite the database's file, so that no free space in it holds the words, and write that down once.

    Raises RuntimeError while somebody still reads from the log: the worker comes again. A server does this by itself
    (VACUUM), which docs/incident.md explains.
    """
    if not database.rewrite():
        raise RuntimeError("the log of the database is being read")
    with database.within(line.trust_id).transaction() as db:
        done = select(JournalLine.id).where(JournalLine.subject == line.subject, JournalLine.id > line.id)
        if db.scalar(done.where(JournalLine.verb == "post.purge_finished")) is None:
            said = {"rewritten": database.file is not None}
            subject = line.subject
            record(
                db, trust_id=line.trust_id, actor="system", verb="post.purge_finished", subject=subject, details=said
            )
