"""Every change of feeds: made, replaced, switched off, fetched; and the blocks that the worker stores."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lti_tool.access import Actor, require
from lti_tool.core import clock
from lti_tool.core.errors import Invalid
from lti_tool.core.ids import digest, new_public_id
from lti_tool.core.language import gettext as _
from lti_tool.feeds.blocks import current_block
from lti_tool.feeds.models import CalendarBlock, Feed, RetiredAddress
from lti_tool.feeds.queries import FeedLine, feeds_of, find_block, find_feed_of_board
from lti_tool.feeds.rules import MOST_FEEDS, Filter, token_of
from lti_tool.journal import record
from lti_tool.people import CourseLine
from lti_tool.programme import SessionLine
from lti_tool.web import go_path, outside_url


@dataclass(frozen=True, slots=True)
class FeedDraft:
    """What somebody wants to follow: teaching on their phone, or the news of a board (its public id)."""

    name: str
    filter: Filter
    board: str = ""


def make_feed(db: Session, actor: Actor, course: CourseLine, draft: FeedDraft, once: str) -> Feed:
    """Give the actor an address. The same `once` twice is a double click: the first feed is returned."""
    require(actor, "feed.make", course.thing)
    made = db.scalars(select(Feed).where(Feed.public_id == once)).first()
    if made is not None and made.person_id == actor.person_id:
        return made
    public_id = once if made is None else new_public_id()
    if draft.board and find_feed_of_board(db, actor, draft.board):
        raise Invalid(_("You have a link of this board already."))
    if not draft.board and len(feeds_of(db, actor)) >= MOST_FEEDS:
        most = {"most": MOST_FEEDS}
        raise Invalid(_("You have %(most)d calendar links, which is as many as one may have. Switch one off.") % most)
    now = clock.now()
    feed = Feed(
        public_id=public_id,
        trust_id=actor.trust_id,
        person_id=actor.person_id,
        name=draft.name,
        filter=draft.filter.stored(),
        generation=1,
        token_hash=digest(token(db, public_id, 1)),
        seen_courses=_seen({}, actor.roles, now.astimezone(clock.LONDON).date()),
        created_at=now,
        addressed_at=now,
        board=draft.board,
    )
    db.add(feed)
    db.flush()
    _record(db, actor, feed.public_id, "feed.made")
    return feed


def replace_address(db: Session, actor: Actor, course: CourseLine, line: FeedLine, seen: int) -> None:
    """Give the feed another address; the old one says for a while that it is off. `seen` is the generation shown."""
    require(actor, "feed.change", line.thing(course))
    if line.off_at is not None or line.generation != seen:
        return  # somebody's second click, or a page that is old
    now, generation = clock.now(), line.generation + 1
    db.add(RetiredAddress(token_hash=line.token_hash, trust_id=line.trust_id, feed_id=line.id, retired_at=now))
    feed = db.get_one(Feed, line.id)
    feed.generation, feed.token_hash = generation, digest(token(db, line.public_id, generation))
    feed.addressed_at, feed.last_fetched_at = now, None
    db.flush()
    _record(db, actor, line.public_id, "feed.replaced")


def switch_off(db: Session, actor: Actor, course: CourseLine, line: FeedLine) -> None:
    """The address shows nothing any more. Switching it off again changes nothing."""
    require(actor, "feed.change", line.thing(course))
    if line.off_at is not None:
        return
    db.get_one(Feed, line.id).revoked_at = clock.now()
    db.flush()
    _record(db, actor, line.public_id, "feed.switched_off")


def note_fetch(db: Session, line: FeedLine, courses: frozenset[int], now: datetime) -> None:
    """Somebody's calendar has asked; these are its owner's courses today. Losing it harms nobody."""
    seen = _seen(line.seen_courses, courses, now.astimezone(clock.LONDON).date())
    db.execute(update(Feed).where(Feed.id == line.id).values(last_fetched_at=now, seen_courses=seen))


def keep_block(db: Session, line: SessionLine) -> None:
    """Store the session's block, if it is not stored as it is now."""
    last = find_block(db, line.id)
    url = outside_url(db.info["settings"].base_url, go_path(line.public_id))
    block = current_block(line, last, url)
    if block is last:
        return
    row = db.get(CalendarBlock, line.id) or CalendarBlock(session_id=line.id, trust_id=line.course.trust_id)
    row.version, row.body, row.hash = block.version, block.body, block.hash
    row.sequence, row.modified_at = block.stamp.sequence, block.stamp.modified_at
    db.add(row)
    db.flush()


def token(db: Session, public_id: str, generation: int) -> str:
    """The secret part of this feed's address."""
    return token_of(db.info["settings"].feed_key, public_id, generation)


def _seen(before: Mapping[int, date], courses: Iterable[int], today: date) -> dict[str, str]:
    """The last day of each course: today for those of now."""
    return {str(course): day.isoformat() for course, day in {**before, **dict.fromkeys(courses, today)}.items()}


def _record(db: Session, actor: Actor, public_id: str, verb: str) -> None:
    record(db, trust_id=actor.trust_id, actor=actor.public_id, verb=verb, subject=f"feed:{public_id}")
