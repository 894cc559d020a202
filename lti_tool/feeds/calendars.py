"""What an address shows: its stored blocks joined, the notice that it is off, or nothing any more.

A joined calendar is kept at hand by audience, name and day, because most people of a course share all three; it holds
as long as no session of its courses has changed. Nothing here writes: a session that the worker has not come to yet is
rendered for this reader alone, into the same bytes.
"""

import gzip
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from sqlalchemy.orm import Session

from lti_tool.core.language import gettext as _
from lti_tool.feeds.blocks import current_block
from lti_tool.feeds.ics import Stamp, head, join, render_notice
from lti_tool.feeds.queries import Audience, FeedLine, Reader, blocks_of, change_mark, reader_of
from lti_tool.feeds.rules import Rendered, Standing, Window, standing
from lti_tool.programme import session_facts
from lti_tool.web import go_path, outside_url

MOST_KEPT = 32


@dataclass(frozen=True)
class Calendar:
    """A calendar's bytes and the tag that is different exactly when they are."""

    body: bytes
    tag: str

    @cached_property
    def zipped(self) -> bytes:
        """The same compressed, always to the same bytes."""
        return gzip.compress(self.body, mtime=0)


@dataclass(frozen=True, slots=True)
class Shown:
    """What an address shows now; no calendar when it is over. `courses` are those of its owner today."""

    standing: Standing
    calendar: Calendar | None
    modified_at: datetime
    courses: frozenset[int]


class Shelf:
    """The calendars of late, for one process. Each is kept with the mark under which it holds."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, tuple[Hashable, Calendar]] = OrderedDict()
        self._door = threading.Lock()

    def find(self, key: Hashable, mark: Hashable) -> Calendar | None:
        """The calendar, if its mark is still this."""
        with self._door:
            kept_under, calendar = self._kept.get(key, (None, None))
            if calendar is None or kept_under != mark:
                return None
            self._kept.move_to_end(key)
            return calendar

    def keep(self, key: Hashable, mark: Hashable, calendar: Calendar) -> Calendar:
        """Keep it in place of what was there; the one that nobody asked for longest goes."""
        with self._door:
            self._kept[key] = (mark, calendar)
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return calendar


def shown_at(db: Session, shelf: Shelf, feed: FeedLine, now: datetime) -> Shown:
    """What the feed's address answers at this moment."""
    window = Window.at(now)
    reader = reader_of(db, feed, window.day)
    off_at = min(filter(None, (feed.off_at, reader.gone_at)), default=None)
    stands = standing(off_at, now)
    if stands is Standing.LIVE or off_at is None:
        return _live(db, shelf, feed, reader, window)
    calendar = _notice(feed, off_at, window) if stands is Standing.OFF else None
    return Shown(stands, calendar, max(off_at, window.began_at), reader.courses)


def _live(db: Session, shelf: Shelf, feed: FeedLine, reader: Reader, window: Window) -> Shown:
    mark = change_mark(db, reader.audience)
    key = (reader.audience, feed.name, window.day)
    calendar = shelf.find(key, mark)
    if calendar is None:
        calendar = shelf.keep(key, mark, _joined(db, feed.name, reader.audience, window))
    changed_at = max(filter(None, (mark[2], window.began_at, reader.changed_at)))
    return Shown(Standing.LIVE, calendar, changed_at, reader.courses)


def _joined(db: Session, name: str, audience: Audience, window: Window) -> Calendar:
    blocks = [_now(db, *found) for found in blocks_of(db, audience, window)]
    tag = hashlib.sha256(head(name) + b"".join(block.hash for block in blocks)).hexdigest()
    return Calendar(join(name, (block.body for block in blocks)), tag)


def _now(db: Session, public_id: str, version: int, last: Rendered | None) -> Rendered:
    """The stored block, or what it will be once the worker has been there."""
    if last is not None and last.version >= version:
        return last
    line = session_facts(db, public_id)
    assert line is not None  # one snapshot: it was listed a moment ago
    return current_block(line, last, outside_url(db.info["settings"].base_url, go_path(public_id)))


def _notice(feed: FeedLine, off_at: datetime, window: Window) -> Calendar:
    """One all-day entry that moves along with the days, so that whoever looks at today sees it."""
    days = (window.began_at - off_at).days + 1
    stamp = Stamp(max(days, 0), max(off_at, window.began_at))
    host = f"{feed.public_id}@switched-off.invalid"
    body = join(feed.name, (render_notice(host, _("This calendar has been switched off"), window.day, stamp),))
    return Calendar(body, hashlib.sha256(body).hexdigest())
