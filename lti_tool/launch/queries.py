"""Which platform speaks, whom and what it means, and what an activity opens.

Nobody is known yet when a launch is read, so these take no actor, except where a person looks at a course.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, true
from sqlalchemy.orm import Session

from lti_tool.access import Actor, Role
from lti_tool.core.db import as_trust
from lti_tool.core.errors import NotFound
from lti_tool.core.language import gettext as _
from lti_tool.launch.claims import CourseClaims
from lti_tool.launch.faults import Fault, Refused
from lti_tool.launch.known import KnownDeployment, KnownPlacement
from lti_tool.launch.models import (
    Choosing,
    Consumed,
    CourseLink,
    Deployment,
    Identity,
    Placement,
    Platform,
    PlatformInvite,
    PlatformKeySet,
    RoleOverride,
    ToolKey,
)
from lti_tool.launch.platform import ShelvedKeys
from lti_tool.launch.protocol import Binding, Registration
from lti_tool.people import Course, CourseLine, Person, PersonLine, Trust, display_name

ADOPT_FOR = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody who is about to come in, and where."""

    person: PersonLine
    course: CourseLine

    @property
    def name(self) -> str:
        """As pages call them."""
        return display_name(self.person.name, self.person.public_id)


@dataclass(frozen=True, slots=True)
class Activity:
    """A placement as pages read it, with its course. `kind` is empty until somebody has chosen."""

    id: int
    public_id: str
    title: str
    kind: str
    thing: str
    is_copy: bool
    course: CourseLine


@dataclass(frozen=True, slots=True)
class PlatformLine:
    """A platform as the console and `platform list` show it."""

    platform: Platform
    deployments: tuple[tuple[str, str], ...]
    keys_read_at: datetime | None


def get_registration(db: Session, issuer: str, client_id: str | None) -> Registration:
    """The platform of a login request. Raises Refused when there is none, or several and no word which."""
    known = select(Platform).where(Platform.issuer == issuer)
    found = db.scalars(known.where(Platform.client_id == client_id) if client_id else known).all()
    if not found:
        raise Refused(Fault.PLATFORM_UNKNOWN, f"iss {issuer[:200]!r}, client_id {str(client_id)[:80]!r}")
    if len(found) > 1:
        raise Refused(Fault.PLATFORM_AMBIGUOUS, f"iss {issuer[:200]!r} has {len(found)} clients and none was named")
    return _registration(db, found[0])


def get_registration_of_state(db: Session, platform_id: str) -> Registration:
    """The platform that our own state names. Raises Refused when it is gone since."""
    found = db.scalars(select(Platform).where(Platform.public_id == platform_id)).first()
    if found is None:
        raise Refused(Fault.PLATFORM_UNKNOWN, f"platform {platform_id} is gone")
    return _registration(db, found)


def _registration(db: Session, platform: Platform) -> Registration:
    known = select(Deployment.deployment_id).where(Deployment.platform_id == platform.id)
    deployments = frozenset(db.scalars(known))
    return Registration(
        platform_id=platform.public_id,
        issuer=platform.issuer,
        client_id=platform.client_id,
        auth_url=platform.auth_url,
        keys_url=platform.keys_url,
        deployments=deployments,
        adopts_until=None if deployments else _adopts_until(db, platform),
        is_enabled=platform.disabled_at is None,
        allows_anonymous=platform.allows_anonymous,
        binding=Binding(platform.binding),
        roles=overrides_of(db, platform),
    )


def _adopts_until(db: Session, platform: Platform) -> datetime | None:
    """Until when a platform without any deployment may bring its first one: a while after it connected itself."""
    invite = find_invite_of(db, platform)
    return invite.used_at + ADOPT_FOR if invite and invite.used_at else None


def find_invite_of(db: Session, platform: Platform) -> PlatformInvite | None:
    """The invite by which a platform connected itself, if it did."""
    return db.scalars(select(PlatformInvite).where(PlatformInvite.platform_id == platform.id)).first()


def overrides_of(db: Session, platform: Platform) -> Mapping[str, Role]:
    """The platform's own table of roles."""
    rows = db.execute(select(RoleOverride.written, RoleOverride.role).where(RoleOverride.platform_id == platform.id))
    return {written: Role(role) for written, role in rows}


def find_person(db: Session, deployment: KnownDeployment, subject: str) -> PersonLine | None:
    """Who the platform means by this subject."""
    found = db.scalars(
        select(Person)
        .join(Identity, Identity.person_id == Person.id)
        .where(
            Identity.platform_id == deployment.platform_id,
            Identity.trust_id == deployment.trust_id,
            Identity.subject == subject,
        )
    ).first()
    return PersonLine.of(found) if found else None


def find_course(db: Session, deployment: KnownDeployment, course: CourseClaims) -> CourseLine | None:
    """Which of our courses the deployment means."""
    found = db.scalars(
        select(Course)
        .join(CourseLink, CourseLink.course_id == Course.id)
        .where(CourseLink.deployment_id == deployment.id, CourseLink.context_id == course.id)
    ).first()
    return CourseLine.of(found) if found else None


def find_placement(
    db: Session, deployment: KnownDeployment, course: CourseLine | None, *link_ids: str
) -> KnownPlacement | None:
    """The activity with the first of these ids that we know, of the course or (None) of any."""
    here = true() if course is None else Placement.course_id == course.id
    found = db.scalars(
        select(Placement).where(Placement.deployment_id == deployment.id, here, Placement.link_id.in_(link_ids))
    )
    first = min(found, key=lambda placement: link_ids.index(placement.link_id), default=None)
    return KnownPlacement.of(first) if first else None


def is_consumed(db: Session, digest: bytes) -> bool:
    """Whether a state or ticket has been used. Who uses one up asks `actions.consume`, which cannot be overtaken."""
    return db.get(Consumed, digest) is not None


def get_guest(db: Session, trust: int, person: str, course: str) -> Guest:
    """The person and course of an entry. Raises Refused when one is gone since."""
    as_trust(db, trust)
    row = db.execute(
        select(Person, Course).where(
            Person.public_id == person, Course.public_id == course, Course.trust_id == Person.trust_id
        )
    ).first()
    if row is None:
        raise Refused(Fault.TICKET_UNREADABLE, "person or course is gone")
    return Guest(PersonLine.of(row.Person), CourseLine.of(row.Course))


def _activities(actor: Actor) -> Any:
    """Activities of the actor's courses, with all that `_activity` wants."""
    return (
        select(Placement, Course.public_id, Course.title)
        .join(Course, Course.id == Placement.course_id)
        .where(Placement.trust_id == actor.trust_id)
    )


def _activity(row: Any) -> Activity:
    placement, course, title = row
    line = CourseLine(placement.course_id, course, placement.trust_id, title)
    return Activity(
        placement.id, placement.public_id, placement.title, placement.kind, placement.thing, placement.is_copy, line
    )


def get_activity(db: Session, actor: Actor, public_id: str) -> Activity:
    """An activity of one of the actor's courses; any of the trust for an education administrator. Raises NotFound."""
    in_mine = true() if actor.runs_education else Placement.course_id.in_(actor.roles)
    row = db.execute(_activities(actor).where(Placement.public_id == public_id, in_mine)).first()
    if row is None:
        raise NotFound(_("There is no such activity, or you do not belong to its course."))
    return _activity(row)


def activities_of(db: Session, actor: Actor, course: CourseLine) -> list[Activity]:
    """All activities of a course through which somebody has come, the oldest first."""
    rows = db.execute(_activities(actor).where(Placement.course_id == course.id).order_by(Placement.id))
    return [_activity(row) for row in rows]


def get_choosing(db: Session, actor: Actor, public_id: str, now: datetime) -> tuple[Choosing, CourseLine]:
    """The actor's own visit to the chooser, while it lasts. Raises NotFound."""
    row = db.execute(
        select(Choosing, Course.public_id, Course.title)
        .join(Course, Course.id == Choosing.course_id)
        .where(Choosing.public_id == public_id, Choosing.person_id == actor.person_id, Choosing.expires_at > now)
    ).first()
    if row is None:
        raise NotFound(_("This page has ended. Go back to the VLE and choose the content again."))
    choosing, course, title = row
    return choosing, CourseLine(choosing.course_id, course, choosing.trust_id, title)


def get_platform_of(db: Session, deployment_id: int) -> tuple[Platform, Deployment]:
    """The platform and deployment with this number."""
    deployment = db.get_one(Deployment, deployment_id)
    return db.get_one(Platform, deployment.platform_id), deployment


def find_platform(db: Session, name: str) -> Platform | None:
    """A platform by the name that the administrator gave it."""
    return db.scalars(select(Platform).where(Platform.name == name)).first()


def all_platforms(db: Session) -> list[PlatformLine]:
    """Every platform with its deployments and their trusts."""
    read_at = {row.platform_id: row.fetched_at for row in db.scalars(select(PlatformKeySet))}
    trusts = {trust.id: trust.name for trust in db.scalars(select(Trust))}
    lines = []
    for platform in db.scalars(select(Platform).order_by(Platform.name)):
        rows = db.execute(
            select(Deployment.deployment_id, Deployment.trust_id).where(Deployment.platform_id == platform.id)
        )
        deployments = tuple((row.deployment_id, trusts[row.trust_id]) for row in rows)
        lines.append(PlatformLine(platform, deployments, read_at.get(platform.public_id)))
    return lines


def find_shelved_keys(db: Session, platform_id: str, keys_url: str) -> ShelvedKeys | None:
    """The last good key set of a platform from this address."""
    row = db.get(PlatformKeySet, platform_id)
    return ShelvedKeys(row.published, row.fetched_at) if row and row.keys_url == keys_url else None


def published_keys(db: Session, now: datetime) -> list[ToolKey]:
    """Our own keys that platforms may still need, the newest first."""
    rows = db.scalars(select(ToolKey).order_by(ToolKey.created_at.desc()))
    return [row for row in rows if row.retires_at is None or row.retires_at > now]


def find_signing_key(db: Session, now: datetime) -> ToolKey | None:
    """The key that we sign with now: the newest whose time has come."""
    ready = [key for key in published_keys(db, now) if key.signs_from <= now]
    return max(ready, key=lambda key: key.signs_from, default=None)
