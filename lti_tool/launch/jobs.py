"""What the worker does for launches: forget what has ended, read platforms' keys before anybody waits for them, read
rosters, and take marks to the VLE.
"""

import time
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from lti_tool.core import clock
from lti_tool.core.db import Database
from lti_tool.core.log import log
from lti_tool.core.outbound import OutboundError, guard_from
from lti_tool.journal import Job, JournalLine, Listener, Reach
from lti_tool.launch.jose import KeySetError, read_key_set
from lti_tool.launch.marks import GIVEN, send_marks
from lti_tool.launch.models import Choosing, Consumed, ToolKey
from lti_tool.launch.platform import ShelvedKeys, fetch_key_set
from lti_tool.launch.queries import all_platforms
from lti_tool.launch.services import OFFERED, WANTED
from lti_tool.launch.shelf import DatabaseShelf
from lti_tool.launch.syncing import sync_course, sync_due
from lti_tool.people import each_trust, find_course_number

DELIVERY_SECONDS = 45.0  # below the minute for which the journal gives a delivery to one worker
SLOT_SECONDS = 1_200.0


def sweep_launches(db: Session, slot: datetime) -> None:
    """Remove used states and tickets that have ended anyway, old choosers, and keys that nobody needs any more."""
    db.execute(delete(Consumed).where(Consumed.expires_at < slot))
    for trust_id in each_trust(db):
        db.execute(delete(Choosing).where(Choosing.trust_id == trust_id, Choosing.expires_at < slot))
    db.execute(delete(ToolKey).where(ToolKey.retires_at < slot))


def read_platform_keys(database: Database, _slot: datetime) -> None:
    """Put the keys of every platform on the shelf. One that cannot be read keeps its last good set."""
    with database.reading() as db:
        guard, platforms = guard_from(db.info["settings"]), [line.platform for line in all_platforms(db)]
    shelf = DatabaseShelf(database)
    for platform in platforms:
        if platform.disabled_at is not None:
            continue
        try:
            published = fetch_key_set(guard, platform.keys_url)
            read_key_set(published)
        except (OutboundError, KeySetError) as error:
            log.warning("platform_keys_unreadable", platform=platform.public_id, reason=str(error))
        else:
            shelf.save(platform.public_id, platform.keys_url, ShelvedKeys(published, clock.now()))


def sync_roster(database: Database, line: JournalLine, _delivery: str) -> None:
    """Read the roster of a course that was launched from for the first time, or whose people page asks for it."""
    with database.reading() as db:
        course_id = find_course_number(db, line.subject.removeprefix("course:"))
    if course_id is not None:
        sync_course(database, course_id, DELIVERY_SECONDS)


def sync_rosters(database: Database, _slot: datetime) -> None:
    """Read all rosters whose day has come, trust by trust."""
    deadline = time.monotonic() + SLOT_SECONDS
    with database.reading() as db:
        trusts = list(each_trust(db))
    for trust_id in trusts:
        sync_due(database.within(trust_id), deadline - time.monotonic())


def deliver_marks(database: Database, line: JournalLine, _delivery: str) -> None:
    """Take what a tutor has saved to the VLE."""
    send_marks(database, line.subject.removeprefix("activity:"), DELIVERY_SECONDS)


_ROSTER = Job("sync_roster", sync_roster, Reach.OUTSIDE)
listeners = (
    Listener(OFFERED, _ROSTER),
    Listener(WANTED, _ROSTER),
    Listener(GIVEN, Job("deliver_marks", deliver_marks, Reach.OUTSIDE)),
)
jobs = (
    Job("sync_rosters", sync_rosters, Reach.OUTSIDE),
    Job("sweep_launches", sweep_launches),
    Job("read_platform_keys", read_platform_keys, Reach.OUTSIDE),
)
