"""How a feed is put on a phone: its addresses for each kind of calendar, its QR code, and what is in it, in words.

None of these addresses holds a visit. Those of Google and Microsoft are links for a person to press; we ask nobody.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode, urlsplit

from sqlalchemy.orm import Session

from lti_tool.access import Actor
from lti_tool.core import clock
from lti_tool.core.ids import digest
from lti_tool.core.language import gettext as _
from lti_tool.feeds.actions import token
from lti_tool.feeds.queries import FeedLine, count_ahead, courses_of, feeds_of, own_grade, reader_of
from lti_tool.feeds.rules import MY_GRADE, Filter, Window
from lti_tool.people import CourseLine
from lti_tool.web import bare_path, public_url, qr_image


@dataclass(frozen=True, slots=True)
class Addresses:
    """One address as the programs that follow it want it. `web` is what a person copies."""

    web: str
    apple: str
    google: str
    outlook: str
    qr: str


@dataclass(frozen=True, slots=True)
class Offer:
    """A feed as its owner's page shows it. No addresses when they cannot be made again (the feed key was changed)."""

    public_id: str
    name: str
    contents: str
    ahead: int
    addresses: Addresses | None
    last_fetched_at: datetime | None
    addressed_at: datetime


def offers_of(db: Session, actor: Actor) -> list[Offer]:
    """All feeds of the actor that are on."""
    today = Window.at(clock.now()).day
    courses, grade = courses_of(db, actor), own_grade(db, actor.person_id, today)
    return [_offer(db, feed, courses, grade) for feed in feeds_of(db, actor)]


def _offer(db: Session, feed: FeedLine, courses: Sequence[CourseLine], grade: str | None) -> Offer:
    now = clock.now()
    window = Window.at(now)
    secret = token(db, feed.public_id, feed.generation)
    return Offer(
        public_id=feed.public_id,
        name=feed.name,
        contents=contents(feed.filter, {course.id: course.title for course in courses}, grade),
        ahead=count_ahead(db, reader_of(db, feed, window.day).audience, now, window.until_at),
        addresses=addresses(secret, feed.name) if digest(secret) == feed.token_hash else None,
        last_fetched_at=feed.last_fetched_at,
        addressed_at=feed.addressed_at,
    )


def addresses(secret: str, name: str) -> Addresses:
    """Of a feed with this secret."""
    web = public_url(bare_path("feeds.calendar", token=secret))
    apple = f"webcal://{urlsplit(web).netloc}{urlsplit(web).path}"
    return Addresses(
        web=web,
        apple=apple,
        google=f"https://calendar.google.com/calendar/r?{urlencode({'cid': apple})}",
        outlook=f"https://outlook.office.com/calendar/0/addfromweb?{urlencode({'url': web, 'name': name})}",
        qr=qr_image(apple),
    )


def contents(chosen: Filter, titles: Mapping[int, str], grade: str | None) -> str:
    """What is in a feed, in a sentence."""
    named = [titles[course] for course in chosen.courses if course in titles]
    courses = _list(named) if chosen.courses else _("your courses")
    words = {"courses": courses, "grades": _list(_grades(chosen.grades, grade))}
    if chosen.is_core_only:
        some, every = _("Core teaching of %(courses)s, for %(grades)s."), _("Core teaching of %(courses)s.")
    else:
        some, every = _("Teaching of %(courses)s, for %(grades)s."), _("All teaching of %(courses)s.")
    return (some if words["grades"] else every) % words


def _grades(chosen: Iterable[str], grade: str | None) -> list[str]:
    return [word for word in (grade if code == MY_GRADE else code for code in chosen) if word]


def _list(words: Sequence[str]) -> str:
    """Cardiology ST4, Renal ST3 and F1 Medicine"""
    if len(words) < 2:
        return "".join(words)
    return _("%(several)s and %(last)s") % {"several": ", ".join(words[:-1]), "last": words[-1]}
