"""The way back: a link that left us (a mail, a feed, a poster) finds its thing again through the VLE.

`/go/<public id>` opens the thing for who is here. Who is not is sent to the course in the VLE, and the browser keeps a
slip that says where they wanted to go; the next launch from that course in that browser lands there, once. The slip
names no person, except that of a visit which was here before: then it holds for them alone, so that on a ward's PC
nobody is led to somebody else's page. It lives half an hour.

The slip is kept twice, because browsers differ: partitioned, for a VLE that opens us in a window of its own (phones),
and plain, for one that frames us in a browser that still lets frames have cookies. Where neither comes back, the page
has said what to do: the address can be pasted into a page of ours (`views.follow`).
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lti_tool.core.db import insert_row
from lti_tool.core.ids import digest, new_public_id
from lti_tool.launch.faults import Refused
from lti_tool.launch.models import Consumed, CourseLink, Deployment, Platform
from lti_tool.launch.queries import Guest, is_consumed
from lti_tool.launch.rules import course_address
from lti_tool.launch.tickets import read_slip, write_slip
from lti_tool.people import Course, each_trust
from lti_tool.web import Landmark

WAY_SECONDS = 1800
PARTITIONED, PLAIN = "__Host-way", "__Host-way-plain"
Finder = Callable[[Session, str], Landmark | None]
_LAST_PART = re.compile(r"(?:.*/)?([A-Za-z0-9_-]{16})/?")


@dataclass(frozen=True, slots=True)
class Way:
    """Where somebody wanted to go. `person` is empty where nobody was known."""

    target: str
    course: str
    person: str
    once: str

    def fits(self, guest: Guest) -> bool:
        """Whether this launch is the one that was meant."""
        return self.course == guest.course.public_id and self.person in ("", guest.person.public_id)


@dataclass(frozen=True, slots=True)
class Gate:
    """The course in the VLE, as the page names it. `address` is empty where nobody has said how it looks."""

    course: str
    title: str
    vle: str
    address: str


def find_landmark(db: Session, finders: Iterable[Finder], public_id: str) -> Landmark | None:
    """What a public id means, asked of every room."""
    return next((found for find in finders if (found := find(db, public_id)) is not None), None)


def find_anywhere(db: Session, finders: Iterable[Finder], public_id: str) -> Landmark | None:
    """The same where nobody is here, who would say of which trust. The session stays within the trust where it was."""
    kept = list(finders)
    return next((found for _trust in each_trust(db) if (found := find_landmark(db, kept, public_id))), None)


def get_gate(db: Session, course_id: int) -> Gate:
    """The way into a course: through the VLE from which people came last, of those that are switched on."""
    course = db.get_one(Course, course_id)
    row = db.execute(
        select(Platform.name, Platform.issuer, Platform.course_url, CourseLink.context_id)
        .join(Deployment, Deployment.platform_id == Platform.id)
        .join(CourseLink, CourseLink.deployment_id == Deployment.id)
        .where(CourseLink.course_id == course_id, Platform.disabled_at.is_(None))
        .order_by(CourseLink.id.desc())
        .limit(1)
    ).first()
    if row is None:
        return Gate(course.public_id, course.title, "", "")
    address = course_address(row.course_url, row.issuer, row.context_id)
    return Gate(course.public_id, course.title, row.name, address)


def id_in(address: str) -> str:
    """The public id at the end of an address that somebody pasted; empty when there is none."""
    found = _LAST_PART.fullmatch(address.strip().partition("?")[0].partition("#")[0])
    return found[1] if found else ""


def new_way(target: str, course: str, person: str) -> Way:
    """A way that nobody has gone yet."""
    return Way(target, course, person, new_public_id())


def remember(answer: Response, way: Way, key: bytes, now: datetime) -> None:
    """Leave the slip in the browser, in both jars."""
    slip = write_slip([way.target, way.course, way.person, way.once], "way", key, now, WAY_SECONDS)
    for name in (PARTITIONED, PLAIN):
        answer.set_cookie(name, slip, max_age=WAY_SECONDS, **_attributes(name))  # type: ignore[arg-type]


def forget(answer: Response, cookies: Mapping[str, str]) -> None:
    """Take the slip out of the browser."""
    for name in (PARTITIONED, PLAIN):
        if name in cookies:
            answer.delete_cookie(name, **_attributes(name))  # type: ignore[arg-type]


def _attributes(name: str) -> dict[str, object]:
    kept = {"path": "/", "secure": True, "httponly": True, "samesite": "None"}
    return {**kept, "partitioned": name == PARTITIONED}


def read_way(cookies: Mapping[str, str], key: bytes, now: datetime) -> Way | None:
    """The way of this browser; None when there is none, or one that has ended."""
    for name in (PARTITIONED, PLAIN):
        try:
            return Way(*read_slip(cookies.get(name, ""), "way", key, now))
        except (Refused, TypeError):
            continue
    return None


def take(db: Session, way: Way, guest: Guest | None, now: datetime) -> bool:
    """Whether this launch goes that way. It can be gone once."""
    used_as = digest(way.once)
    if guest is None or not way.fits(guest) or is_consumed(db, used_as):
        return False
    insert_row(db, Consumed, digest=used_as, expires_at=now + timedelta(seconds=WAY_SECONDS))
    return True
