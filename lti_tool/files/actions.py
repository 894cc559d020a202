"""Keeping, hanging and erasing files. Bytes are written before the transaction and erased after it, by a job."""

import hashlib
from collections.abc import Iterable, Sequence
from contextlib import suppress

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lti_tool.access import Actor
from lti_tool.confidentiality import Cleaned
from lti_tool.core import clock
from lti_tool.core.errors import Invalid
from lti_tool.core.ids import keyed_tag, new_public_id
from lti_tool.core.language import gettext as _
from lti_tool.files.models import File, FileQuota, FileUse
from lti_tool.files.rules import ALT_LENGTH, MOST_A_DAY, MOST_A_TEXT, MOST_BYTES_A_DAY, unfit_words
from lti_tool.files.storage import Storage


def put_away(storage: Storage, cleaned: Cleaned) -> str:
    """Write the bytes under a new random name, which is returned. Nobody can read them until `add_file`."""
    public_id = new_public_id()
    storage.put(public_id, cleaned.data)
    if cleaned.small:
        storage.put(f"{public_id}.small", cleaned.small)
    return public_id


def add_file(db: Session, actor: Actor, public_id: str, cleaned: Cleaned, is_doubtful: bool) -> None:
    """The actor's own file, until it is sent with a text. Raises Invalid when they have sent too much today."""
    _charge(db, actor, len(cleaned.data) + len(cleaned.small))
    db.add(
        File(
            public_id=public_id,
            trust_id=actor.trust_id,
            person_id=actor.person_id,
            kind=cleaned.kind,
            size=len(cleaned.data),
            width=cleaned.width,
            height=cleaned.height,
            sha256=hashlib.sha256(cleaned.data).digest(),
            is_doubtful=is_doubtful,
            created_at=clock.now(),
        )
    )
    db.flush()


def _charge(db: Session, actor: Actor, size: int) -> None:
    """Count it against the person's day. The tag can be made by those only who know the person and our key."""
    today = clock.now().astimezone(clock.LONDON).date()
    tag = keyed_tag(db.info["settings"].key_for("file quotas"), actor.person_id, today)
    _begin_day(db, FileQuota(tag=tag, trust_id=actor.trust_id, day=today, files=0, size=0))
    fits = FileQuota.files < MOST_A_DAY, FileQuota.size + size <= MOST_BYTES_A_DAY
    counted = update(FileQuota).where(FileQuota.tag == tag, *fits)
    values = {"files": FileQuota.files + 1, "size": FileQuota.size + size}
    if db.execute(counted.values(**values).returning(FileQuota.tag)).first() is None:
        raise Invalid(unfit_words("day"))


def _begin_day(db: Session, quota: FileQuota) -> None:
    """The first file of a person's day; of two that come at once the key refuses one."""
    if db.scalar(select(FileQuota.day).where(FileQuota.tag == quota.tag)) is None:
        with suppress(IntegrityError), db.begin_nested():
            db.add(quota)


def hang(db: Session, actor: Actor, text_id: int, number: int, files: Sequence[tuple[str, str]]) -> None:
    """Hang these files, each with what it shows, on a new revision of the actor's own text.

    Raises Invalid for one that is neither the actor's nor the text's, or is gone.
    """
    if len(files) > MOST_A_TEXT:
        raise Invalid(unfit_words("many"))
    db.flush()  # the revision, on which they hang
    for position, (public_id, alt) in enumerate(files):
        file = db.scalars(select(File).where(File.public_id == public_id, File.gone_at.is_(None))).first()
        is_there = file is not None and (file.person_id == actor.person_id or _hangs_on(db, file.id, text_id))
        if file is None or not is_there:
            raise Invalid(_("One of your files is not here any more. Your text is safe: add the file again."))
        file.person_id = None
        use = FileUse(text_id=text_id, number=number, position=position, trust_id=file.trust_id, file_id=file.id)
        use.alt = alt[:ALT_LENGTH]
        db.add(use)
    db.flush()


def _hangs_on(db: Session, file_id: int, text_id: int) -> bool:
    use = select(FileUse.position).where(FileUse.file_id == file_id, FileUse.text_id == text_id)
    return db.scalar(use.limit(1)) is not None


def let_go(db: Session, person_id: int, public_ids: Iterable[str]) -> None:
    """The person's draft is gone, or does without these files; what has been sent stays."""
    if found := list(public_ids):
        mine = update(File).where(File.public_id.in_(found), File.person_id == person_id, File.gone_at.is_(None))
        db.execute(mine.values(gone_at=clock.now()))


def erase_files(db: Session, text_id: int, but: Iterable[int] = ()) -> int:
    """Nobody may read this text's files any more, those of the revisions `but` apart. Returns how many go."""
    kept = select(FileUse.file_id).where(FileUse.text_id == text_id, FileUse.number.in_(list(but)))
    used = select(FileUse.file_id).where(FileUse.text_id == text_id, FileUse.file_id.not_in(kept))
    going = list(db.scalars(used.distinct()))
    if going:
        db.execute(update(File).where(File.id.in_(going)).values(gone_at=clock.now()))
        db.execute(delete(FileUse).where(FileUse.file_id.in_(going)))
    return len(going)


def forget_rows(db: Session, file_ids: Sequence[int]) -> None:
    """The bytes are gone, and so are the rows."""
    db.execute(delete(FileUse).where(FileUse.file_id.in_(file_ids)))
    db.execute(delete(File).where(File.id.in_(file_ids), File.gone_at.is_not(None)))
