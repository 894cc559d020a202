"""Writing texts and keeping drafts."""

from collections.abc import Iterable, Mapping

from markupsafe import Markup
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from lti_tool.core import clock
from lti_tool.core.db import Database
from lti_tool.core.errors import Invalid
from lti_tool.core.ids import keyed_tag, new_public_id
from lti_tool.core.language import gettext as _
from lti_tool.files import MOST_A_TEXT, erase_files, let_go
from lti_tool.journal import record
from lti_tool.people import OpenVisit
from lti_tool.texts.evidence import references_as_rows
from lti_tool.texts.findings import as_rows
from lti_tool.texts.forms import Prepared
from lti_tool.texts.models import Draft, Revision, Text
from lti_tool.texts.rules import DRAFT_FIELDS, DRAFTS_A_PERSON, SOURCE_LENGTH, is_draft_place


def write(db: Session, trust_id: int, prepared: Prepared) -> Text:
    """A new text whose first revision is offered for publication."""
    text = Text(trust_id=trust_id, latest=1, offered=1, published=None)
    db.add(text)
    db.flush()
    _add_revision(db, text, prepared)
    return text


def revise(db: Session, text: Text, prepared: Prepared) -> None:
    """A new revision of a text; it is offered, and what is published stands."""
    text.latest += 1
    text.offered = text.latest
    _add_revision(db, text, prepared)


def publish(text: Text) -> None:
    """What was offered is what everybody reads from now on."""
    if text.offered is not None:
        text.published, text.offered = text.offered, None


def set_aside(text: Text) -> None:
    """What was offered is not published; its author can go on from it."""
    text.offered = None


def erase_files_of(db: Session, text_id: int, but: Iterable[int] = ()) -> int:
    """Nobody may read the files of this text any more, those of the revisions `but` apart. Returns how many go."""
    gone = erase_files(db, text_id, but)
    bare = update(Revision).where(Revision.text_id == text_id, Revision.number.not_in(list(but)))
    db.execute(bare.values(files=0))
    return gone


def purge_revisions(db: Session, text: Text, *, before: int, actor: str, subject: str) -> None:
    """Empty the versions with a smaller number than `before` of what they said, for good: nothing brings it back.

    `before` is the version that stays the oldest; one more than `text.latest` empties them all, and whoever asks has
    taken care that none is shown. The journal keeps a keyed hash of each version (of its title and words) as a proof
    of what was purged, from which nobody learns it; `actor` and `subject` are those of that line. What was purged
    already stays as it is, so a second time changes nothing.
    """
    old = db.scalars(
        select(Revision)
        .where(Revision.text_id == text.id, Revision.number < before, Revision.purged_at.is_(None))
        .order_by(Revision.number)
    ).all()
    key = db.info["settings"].key_for("purged revisions")
    proofs = {str(one.number): keyed_tag(key, one.title, one.source).hex() for one in old}
    for one in old:
        one.title, one.source, one.html, one.findings = "", "", Markup(""), []
        one.purged_at = clock.now()
    if proofs:
        details = {"versions": proofs}
        record(db, trust_id=text.trust_id, actor=actor, verb="text.purged", subject=subject, details=details)


def _add_revision(db: Session, text: Text, prepared: Prepared) -> None:
    db.add(
        Revision(
            text_id=text.id,
            number=text.latest,
            trust_id=text.trust_id,
            title=prepared.title,
            source=prepared.source,
            html=prepared.html,
            render_version=prepared.render_version,
            findings=as_rows(prepared.findings),
            level=prepared.evidence.level,
            references=references_as_rows(prepared.evidence.references),
            files=len(prepared.files),
            created_at=clock.now(),
        )
    )


def keep_draft(db: Session, trust_id: int, person_id: int, place: str, given: Mapping[str, str]) -> bool:
    """Keep what was typed as this person's draft for this place; nothing typed means no draft. Returns if it is kept.

    Raises Invalid for a place that is none, or when the person has too many drafts.
    """
    if not is_draft_place(place):
        raise Invalid(_("That draft belongs nowhere. Copy your text, reload the page and paste it."))
    names = (*DRAFT_FIELDS, *(f"alt-{file}" for file in given.get("files", "").split()[:MOST_A_TEXT]))
    fields = {name: given[name][: SOURCE_LENGTH * 2] for name in names if given.get(name)}
    draft = db.scalars(select(Draft).where(Draft.person_id == person_id, Draft.place == place)).first()
    if not any(fields.get(name, "").strip() for name in ("title", "text", "note", "files")):
        drop_draft(db, person_id, place)
        return False
    if draft is None:
        _refuse_hoard(db, person_id)
        draft = Draft(public_id=new_public_id(), trust_id=trust_id, person_id=person_id, place=place)
        db.add(draft)
    draft.fields, draft.updated_at = fields, clock.now()
    return True


def _refuse_hoard(db: Session, person_id: int) -> None:
    count = db.scalar(select(func.count()).select_from(Draft).where(Draft.person_id == person_id)) or 0
    if count >= DRAFTS_A_PERSON:
        raise Invalid(_("You have %(most)d drafts. Delete one, then save again.") % {"most": DRAFTS_A_PERSON})


def drop_draft(db: Session, person_id: int, place: str) -> None:
    """The draft has been sent, or nothing is left in it."""
    db.execute(delete(Draft).where(Draft.person_id == person_id, Draft.place == place))


def throw_draft_away(db: Session, person_id: int, place: str) -> None:
    """The draft is not wanted any more; with it go its files that were not sent."""
    draft = db.scalars(select(Draft).where(Draft.person_id == person_id, Draft.place == place)).first()
    if draft is not None:
        let_go(db, person_id, draft.fields.get("files", "").split())
        drop_draft(db, person_id, place)


def rescue(database: Database, visit: OpenVisit, form: Mapping[str, str]) -> bool:
    """Keep what a refused form held, for the person for whom it was drawn. Returns if there was anything to keep."""
    place = form.get("draft_place", "")
    if not is_draft_place(place):
        return False
    with database.within(visit.trust_id).transaction() as db:
        return keep_draft(db, visit.trust_id, visit.person_id, place, form)
