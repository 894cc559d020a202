"""What the worker does for launches: forget what has ended, read platforms' keys before anybody waits for them, read
rosters, and take marks to the VLE.
"""

import time
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from lti_tool.core import clock
from lti_tool.core.db import Database
from lti_tool.core.log import log
from lti_tool.core.outbound import OutboundError, guard_from
from lti_tool.journal import Job, JournalLine, Listener, Reach
from lti_tool.launch.facts import note_clock, note_keys_read, note_refusal
from lti_tool.launch.faults import Fault
from lti_tool.launch.jose import KeySetError, read_key_set
from lti_tool.launch.marks import GIVEN, send_marks
from lti_tool.launch.models import Choosing, Consumed, Platform, PlatformInvite, ToolKey
from lti_tool.launch.part_marks import mark_taking_part
from lti_tool.launch.platform import ShelvedKeys, read_published
from lti_tool.launch.queries import all_platforms
from lti_tool.launch.services import OFFERED, WANTED
from lti_tool.launch.shelf import DatabaseShelf
from lti_tool.launch.syncing import sync_course, sync_due
from lti_tool.people import each_trust, find_course_number

# Both end well below the minute for which the journal gives a delivery to one worker, even when the last call is slow.
ROSTER_SECONDS = 40.0
MARKS_SECONDS = 30.0
SLOT_SECONDS = 1_200.0
TELL_OF_INVITES_FOR = timedelta(days=30)  # so long we still say that an invite has ended, and not that there was none


def sweep_launches(db: Session, slot: datetime) -> None:
    """Remove used states and tickets that have ended anyway, old choosers, keys that nobody needs, unused invites."""
    db.execute(delete(Consumed).where(Consumed.expires_at < slot))
    for trust_id in each_trust(db):
        db.execute(delete(Choosing).where(Choosing.trust_id == trust_id, Choosing.expires_at < slot))
    db.execute(delete(ToolKey).where(ToolKey.retires_at < slot))
    long_over = PlatformInvite.expires_at < slot - TELL_OF_INVITES_FOR
    db.execute(delete(PlatformInvite).where(PlatformInvite.used_at.is_(None), long_over))


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


def sync_roster(database: Database, line: JournalLine, _delivery: str) -> None:
    """Read the roster of a course that was launched from for the first time, or whose people page asks for it."""
    with database.reading() as db:
        course_id = find_course_number(db, line.subject.removeprefix("course:"))
    if course_id is not None:
        sync_course(database, course_id, ROSTER_SECONDS)


def sync_rosters(database: Database, _slot: datetime) -> None:
    """Read all rosters whose day has come, trust by trust."""
    deadline = time.monotonic() + SLOT_SECONDS
    with database.reading() as db:
        trusts = list(each_trust(db))
    for trust_id in trusts:
        sync_due(database.within(trust_id), deadline - time.monotonic())


def deliver_marks(database: Database, line: JournalLine, _delivery: str) -> None:
    """Take what a tutor has saved to the VLE."""
    send_marks(database, line.subject.removeprefix("activity:"), MARKS_SECONDS)


_ROSTER = Job("sync_roster", sync_roster, Reach.OUTSIDE)
listeners = (
    Listener(OFFERED, _ROSTER),
    Listener(WANTED, _ROSTER),
    Listener(GIVEN, Job("deliver_marks", deliver_marks, Reach.OUTSIDE)),
)
jobs = (
    Job("sync_rosters", sync_rosters, Reach.OUTSIDE),
    Job("sweep_launches", sweep_launches),
    Job("mark_taking_part", mark_taking_part),
    Job("read_platform_keys", read_platform_keys, Reach.OUTSIDE),
)
