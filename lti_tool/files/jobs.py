"""What the worker does for files: forget what was never sent, and erase the bytes of what nobody may read any more."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from lti_tool.core import clock
from lti_tool.core.db import Database
from lti_tool.files.actions import forget_rows
from lti_tool.files.models import File, FileQuota
from lti_tool.files.queries import names_of
from lti_tool.files.rules import STRAY_AFTER, UNSENT_FOR
from lti_tool.files.storage import Storage, storage_of
from lti_tool.journal import Job, Reach
from lti_tool.people import each_trust


def erase_gone(database: Database, slot: datetime) -> None:
    """Erase the bytes, then the rows; if it is killed between, it begins again and finds the rows."""
    storage = storage_of(database.notes["settings"])
    with database.transaction() as db:
        known = {name for _trust in each_trust(db) for name in _in_this_trust(db, slot)}
    with database.transaction() as db:
        for _trust in each_trust(db):
            _erase_in_this_trust(db, storage)
    _erase_strays(storage, known)


def _in_this_trust(db: Session, slot: datetime) -> list[str]:
    """Every name that has a row; what was never sent, and yesterday's counts, are forgotten on the way."""
    unsent = update(File).where(File.person_id.is_not(None), File.gone_at.is_(None))
    db.execute(unsent.where(File.created_at < slot - UNSENT_FOR).values(gone_at=slot))
    db.execute(delete(FileQuota).where(FileQuota.day < slot.date() - timedelta(days=1)))
    rows = db.execute(select(File.public_id, File.kind))
    return [name for public_id, kind in rows for name in names_of(public_id, kind)]


def _erase_in_this_trust(db: Session, storage: Storage) -> None:
    going = db.execute(select(File.id, File.public_id, File.kind).where(File.gone_at.is_not(None))).all()
    for _id, public_id, kind in going:
        for name in names_of(public_id, kind):
            storage.delete(name)
    forget_rows(db, [row.id for row in going])


def _erase_strays(storage: Storage, known: set[str]) -> None:
    """Bytes without a row: their transaction did not come to its end. New ones may still be in one."""
    before = clock.now() - STRAY_AFTER
    for name, since in storage.names():
        if name not in known and since < before:
            storage.delete(name)
    storage.clear_unfinished(before)


jobs = (Job("erase_files", erase_gone, Reach.OUTSIDE),)
