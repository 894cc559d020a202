"""Reading texts' revisions and one's own drafts."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Text as Words
from sqlalchemy import and_, bindparam, cast, select
from sqlalchemy.orm import Session

from lti_tool.access import Actor
from lti_tool.core.errors import NotFound
from lti_tool.core.language import gettext as _
from lti_tool.files import FileLine, files_of
from lti_tool.texts.evidence import evidence_from_row
from lti_tool.texts.forms import Attachment, Prepared
from lti_tool.texts.models import Draft, Revision, Text
from lti_tool.texts.rules import DRAFTS_A_PERSON


@dataclass(frozen=True, slots=True)
class DraftLine:
    """A draft of the person who looks."""

    public_id: str
    place: str
    fields: Mapping[str, str]
    updated_at: datetime


def get_revision(db: Session, text_id: int, number: int) -> Revision:
    """One version of a text that the caller has already been allowed to read. Raises NotFound."""
    revision = db.get(Revision, (text_id, number))
    if revision is None:
        raise NotFound(_("There is no such version."))
    return revision


def files_by_version(db: Session, *revisions: Revision) -> dict[int, tuple[FileLine, ...]]:
    """The files of these versions of one text, by the version's number."""
    return {
        each.number: files_of(db, {each.text_id: each.number}).get(each.text_id, ()) if each.files else ()
        for each in revisions
    }


def with_rest_of(db: Session, version: Revision, prepared: Prepared) -> Prepared:
    """Other words for this version, with what else belongs to it: its files, and what it stands on."""
    hung = files_by_version(db, version)[version.number]
    files = tuple(Attachment(file.public_id, file.alt, file.is_picture, file.is_doubtful) for file in hung)
    return replace(prepared, files=files).standing_on(evidence_from_row(version.level, version.references))


def has_files(db: Session, text: Text) -> bool:
    """Whether files hang on the newest version of this text."""
    return get_revision(db, text.id, text.latest).files > 0


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a text in a list, without its words."""

    number: int
    written_at: datetime
    is_purged: bool


def versions_of(db: Session, text_id: int, most: int = 100) -> list[Version]:
    """The newest versions of a text that the caller has already been allowed to read, newest first."""
    rows = db.execute(
        select(Revision.number, Revision.created_at, Revision.purged_at)
        .where(Revision.text_id == text_id)
        .order_by(Revision.number.desc())
        .limit(most)
    )
    return [Version(number, at, purged is not None) for number, at, purged in rows]


def find_draft(db: Session, actor: Actor, place: str) -> DraftLine | None:
    """The actor's own draft for this place."""
    return next(iter(_drafts(db, actor, Draft.place == place)), None)


# The same to be asked with other things: the fields as one word, and which row it is.
DRAFT_AS_WORDS = cast(Draft.fields, Words)
IS_DRAFT = and_(Draft.person_id == bindparam("person"), Draft.place == bindparam("place"))


def all_drafts(db: Session, actor: Actor) -> list[DraftLine]:
    """The actor's own drafts, newest first."""
    return _drafts(db, actor)


def _drafts(db: Session, actor: Actor, *conditions: object) -> list[DraftLine]:
    rows = db.execute(
        select(Draft.public_id, Draft.place, Draft.fields, Draft.updated_at)
        .where(Draft.person_id == actor.person_id, *conditions)  # type: ignore[arg-type]  # columns of this table
        .order_by(Draft.updated_at.desc())
        .limit(DRAFTS_A_PERSON)
    )
    return [DraftLine(*row) for row in rows]
