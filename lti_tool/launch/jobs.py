"""What the worker does for launches: forget what has ended, and read platforms' keys before anybody waits for them."""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from lti_tool.core import clock
from lti_tool.core.db import Database
from lti_tool.core.log import log
from lti_tool.core.outbound import OutboundError, guard_from
from lti_tool.journal import Job, Reach
from lti_tool.launch.facts import note_clock, note_keys_read, note_refusal
from lti_tool.launch.faults import Fault
from lti_tool.launch.jose import KeySetError, read_key_set
from lti_tool.launch.models import Choosing, Consumed, Platform, ToolKey
from lti_tool.launch.platform import ShelvedKeys, read_published
from lti_tool.launch.queries import all_platforms
from lti_tool.launch.shelf import DatabaseShelf


def sweep_launches(db: Session, slot: datetime) -> None:
    """Remove used states and tickets that have ended anyway, old choosers, and keys that nobody needs any more."""
    db.execute(delete(Consumed).where(Consumed.expires_at < slot))
    db.execute(delete(Choosing).where(Choosing.expires_at < slot))
    db.execute(delete(ToolKey).where(ToolKey.retires_at < slot))


def read_platform_keys(database: Database, _slot: datetime) -> None:
    """Put the keys of every platform on the shelf. One that cannot be read keeps its last good set."""
    with database.reading() as db:
        platforms = [line.platform for line in all_platforms(db)]
    for platform in platforms:
        if platform.disabled_at is None:
            read_keys_of(database, platform)


def read_keys_of(database: Database, platform: Platform) -> str:
    """Put the keys of a platform on the shelf, and note by how much its clock is wrong. Returns why not, or nothing."""
    guard = guard_from(database.notes["settings"])
    try:
        published, offset = read_published(guard, platform.keys_url)
        read_key_set(published)
    except (OutboundError, KeySetError) as error:
        log.warning("platform_keys_unreadable", platform=platform.public_id, reason=str(error))
        with database.transaction() as db:
            note_refusal(db, platform.public_id, Fault.KEYS_UNREADABLE)
        return str(error)
    DatabaseShelf(database).save(platform.public_id, platform.keys_url, ShelvedKeys(published, clock.now()))
    with database.transaction() as db:
        note_clock(db, platform.public_id, offset)
        note_keys_read(db, platform.public_id)
    return ""


jobs = (
    Job("sweep_launches", sweep_launches),
    Job("read_platform_keys", read_platform_keys, Reach.OUTSIDE),
)
