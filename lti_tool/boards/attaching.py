"""Files in a composer: added, described and taken out by its own buttons, without a script; kept with its draft."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import PurePath

from flask import current_app, request
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage

from lti_tool.access import Actor, require
from lti_tool.boards.facts import PostFacts
from lti_tool.boards.forms import Composer
from lti_tool.boards.posts import get_post_facts, get_thread
from lti_tool.boards.queries import BoardLine, get_board
from lti_tool.confidentiality import MOST_PICTURE_BYTES, Cleaned, Level, Unfit, clean_upload, scan
from lti_tool.core.errors import Invalid
from lti_tool.core.language import gettext as _
from lti_tool.files import (
    MOST_A_TEXT,
    FileLine,
    add_file,
    files_for,
    let_go,
    put_away,
    storage_of,
    unfit_words,
)
from lti_tool.texts import Attachment, files_by_version, get_revision, keep_draft
from lti_tool.web import changing, reading

NAMES = {"titled_name", "full_name", "first_name", "file_name"}


@dataclass(frozen=True, slots=True)
class Spot:
    """Where somebody writes: the board, and the text that they change if there is one already."""

    board: BoardLine
    text_id: int | None = None


FindSpot = Callable[[Session, Actor], Spot]


def on_board(board_id: str) -> FindSpot:
    """Where somebody asks."""

    def find(db: Session, actor: Actor) -> Spot:
        board = get_board(db, actor, board_id)
        require(actor, "thread.start", board.thing)
        return Spot(board)

    return find


def in_thread(thread_id: str) -> FindSpot:
    """Where somebody replies."""

    def find(db: Session, actor: Actor) -> Spot:
        board, found = get_thread(db, actor, thread_id)
        require(actor, "post.reply", found.rows[0].thing)
        return Spot(board)

    return find


def on_post(post_id: str) -> FindSpot:
    """Where somebody changes their own post."""

    def find(db: Session, actor: Actor) -> Spot:
        post = get_post_facts(db, actor, post_id)
        require(actor, "post.edit", post.thing)
        return Spot(post.board, post.text_id)

    return find


def changed(composer: Composer, place: str, find_spot: FindSpot) -> Composer:
    """The composer with the file that was chosen, or without the one that was taken out. Its draft goes with it.

    Raises Invalid when the file is not kept: then the composer is as it was.
    """
    if (file := request.form.get("drop", "")) in composer.files:
        return _without(composer, place, file)
    sent = request.files.get("file")
    return _with(composer, place, find_spot, sent) if sent is not None and sent.filename else composer


def _without(composer: Composer, place: str, file: str) -> Composer:
    left = replace(composer, files=tuple(each for each in composer.files if each != file))
    with changing() as (db, actor):
        let_go(db, actor.person_id, [file])
        keep_draft(db, actor.trust_id, actor.person_id, place, left.draft)
    return left


def _with(composer: Composer, place: str, find_spot: FindSpot, sent: FileStorage) -> Composer:
    """Clean and store it before any lock is taken; from then on it is a file of its person's own."""
    with reading() as (db, actor):
        board = find_spot(db, actor).board
    if not board.takes_files or len(composer.files) >= MOST_A_TEXT:
        raise _refusal("many" if board.takes_files else "board")
    cleaned = _cleaned(sent, board.takes_pdf)
    public_id = put_away(storage_of(current_app.extensions["settings"]), cleaned)
    more = replace(composer, files=(*composer.files, public_id), alts={**composer.alts, public_id: ""})
    with changing() as (db, actor):
        add_file(db, actor, public_id, cleaned, is_doubtful=names_somebody(sent.filename or ""))
        keep_draft(db, actor.trust_id, actor.person_id, place, more.draft)
    return more


def _cleaned(sent: FileStorage, takes_pdf: bool) -> Cleaned:
    try:
        return clean_upload(sent.read(MOST_PICTURE_BYTES + 1), takes_pdf)
    except Unfit as reason:
        raise _refusal(reason.code) from reason


def _refusal(code: str) -> Invalid:
    return Invalid(_("That file was not added. Your text is safe."), {"file": unfit_words(code)})


def names_somebody(name: str) -> bool:
    """Whether the name of a file looks like that of a person. Dates and counters of cameras do not."""
    stem = PurePath(name.replace("\\", "/")).name
    words = "".join(letter if letter.isalnum() or letter in "'’" else " " for letter in PurePath(stem).stem)
    found = scan(stem[:200]) + scan(words[:200])
    return any(each.kind in NAMES or each.level == Level.STOP for each in found)


def attachments(composer: Composer, find_spot: FindSpot) -> tuple[Attachment, ...]:
    """What the composer would hang on its text. One that is gone is among them: a second click has sent it already."""
    if not composer.files:
        return ()
    with reading() as (db, actor):
        lines = files_for(db, actor, composer.files, find_spot(db, actor).text_id)
    found = {line.public_id: line for line in lines}
    return tuple(
        Attachment(file, composer.alts[file], line.is_picture, line.is_doubtful)
        if (line := found.get(file))
        else Attachment(file, composer.alts[file])
        for file in composer.files
    )


def keep(place: str, composer: Composer) -> None:
    """The words as they are now are the draft: what a suggestion has changed must not come back from an older one."""
    try:
        with changing() as (db, actor):
            keep_draft(db, actor.trust_id, actor.person_id, place, composer.draft)
    except Invalid:
        return  # too many drafts: the words stand in the page all the same


def described(hung: tuple[Attachment, ...], composer: Composer) -> tuple[Attachment, ...]:
    """The same files with what the composer says of them now."""
    return tuple(replace(file, alt=composer.alts[file.public_id]) for file in hung)


def lines_of(db: Session, actor: Actor, composer: Composer | None, post: PostFacts | None) -> list[FileLine]:
    """The composer's files as its page shows them. One that is gone is not among them."""
    return files_for(db, actor, composer.files, post.text_id if post else None) if composer else []


def fields_of(db: Session, post: PostFacts, number: int) -> dict[str, str]:
    """The files of a version as fields of a composer."""
    found = files_by_version(db, get_revision(db, post.text_id, number))[number]
    alts = {f"alt-{file.public_id}": file.alt for file in found}
    return {"files": " ".join(file.public_id for file in found)} | alts
