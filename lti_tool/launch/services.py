"""What a platform grants behind the browser's back, and whom we may ask for it.

A launch says where the course's roster is read and where marks of the activity go. These addresses are secrets of no
kind and dangers of one: an access token of a site-wide tool reads any course of the VLE. So we call only what a
verified launch has said, and keep of it only what leads to a host that the platform was connected with. A launch that
says nothing new writes nothing.
"""

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lti_tool.access import Role
from lti_tool.core.log import log
from lti_tool.journal import record
from lti_tool.launch.claims import GradeClaims, LaunchClaims, Message
from lti_tool.launch.known import KnownGrades, KnownPlacement, KnownPlatform, KnownRoster
from lti_tool.launch.message import origin_of
from lti_tool.launch.models import GradeService, Placement, Platform, RosterService
from lti_tool.launch.rules import read_groups
from lti_tool.people import CourseLine, PersonLine, join_vle_groups

MEMBERS = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
COLUMNS = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem"
COLUMNS_READ = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly"
RESULTS = "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly"
SCORES = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
OURS = frozenset((COLUMNS, COLUMNS_READ, RESULTS, SCORES))
"""What we ask of a grade book, where the launch offers it."""

NOT_GRANTED = "not_granted"
"""How the reading of a roster ended (`access_tokens.Trouble`) when the token lacked the scope."""
OFFERED = "roster.offered"
WANTED = "roster.wanted"
_SPEAKS_FOR_THE_COURSE = (Role.TUTOR, Role.ADMINISTRATOR)


@dataclass(frozen=True, slots=True)
class Partner:
    """A platform as its services see it. `origins` are all that may be called; tokens go nowhere else."""

    platform_id: str
    client_id: str = field(repr=False)
    token_url: str
    origins: frozenset[str]

    def owns(self, address: str) -> bool:
        """Whether the address leads to this platform."""
        return origin_of(address) in self.origins


@dataclass(frozen=True, slots=True)
class Grants:
    """What the launches of a course have granted us."""

    roster: bool
    marks: bool


def partner_of(platform: Platform | KnownPlatform) -> Partner:
    """The platform, with every origin that its administrator gave."""
    given = (platform.issuer, platform.auth_url, platform.token_url, platform.keys_url, *platform.framed_by.split())
    origins = frozenset(origin_of(address) for address in given)
    return Partner(platform.public_id, platform.client_id, platform.token_url, origins)


def takes_marks(service: GradeService | None, now: datetime) -> bool:
    """Whether marks of an activity can go to the VLE: scores are in scope, and there is a column or we may make one."""
    if service is None or (service.withheld_until is not None and service.withheld_until > now):
        return False
    scopes = service.scopes.split()
    has_column = bool(service.column_url) or (bool(service.columns_url) and COLUMNS in scopes)
    return SCORES in scopes and has_column


def shares_roster(service: RosterService | None) -> bool:
    """Whether the VLE lets us read a course's roster: its launches say where, and its tokens do not lack the scope."""
    return service is not None and bool(service.members_url) and service.outcome != NOT_GRANTED


def grants_of(db: Session, course_id: int, now: datetime) -> Grants:
    """Whether the roster of a course can be read, and whether any of its activities takes marks."""
    roster = db.get(RosterService, course_id)
    activities = db.scalars(
        select(GradeService)
        .join(Placement, Placement.id == GradeService.placement_id)
        .where(Placement.course_id == course_id)
    )
    return Grants(shares_roster(roster), any(takes_marks(one, now) for one in activities))


def keep_groups(db: Session, course: CourseLine, person: PersonLine, claims: LaunchClaims) -> None:
    """To which of the VLE's groups the person belongs, where launches say so: `groups=$Moodle.Person.userGroupIds`."""
    if "groups" in claims.custom:
        join_vle_groups(db, course, person.id, read_groups(claims.custom["groups"]))


def keep_roster(
    db: Session,
    platform: KnownPlatform,
    known: KnownRoster | None,
    deployment_id: int,
    course: CourseLine,
    claims: LaunchClaims,
    role: Role,
    now: datetime,
) -> None:
    """Keep where the roster is. The first launch that says so makes the worker read it."""
    said = claims.roster.members_url if claims.roster else ""
    url = _of_platform(platform, said)
    if known is None and url:
        _offer_roster(db, deployment_id, course, url, now)
    elif known is not None and known.members_url != url and (url or _may_withdraw(claims, role)):
        changed = {"members_url": url, "next_at": now, "failures": 0, "outcome": ""}
        db.execute(update(RosterService).where(RosterService.course_id == course.id).values(**changed))


def _offer_roster(db: Session, deployment_id: int, course: CourseLine, url: str, now: datetime) -> None:
    first = RosterService(
        course_id=course.id,
        trust_id=course.trust_id,
        deployment_id=deployment_id,
        members_url=url,
        next_at=now,
        outcome="",
        reason="",
    )
    with suppress(IntegrityError), db.begin_nested():  # another first launch was quicker
        db.add(first)
        db.flush()
        record(db, trust_id=course.trust_id, actor="system", verb=OFFERED, subject=f"course:{course.public_id}")


def keep_grades(
    db: Session,
    platform: KnownPlatform,
    known: KnownGrades | None,
    placement: KnownPlacement,
    claims: LaunchClaims,
    role: Role,
) -> None:
    """Keep where the marks of this activity go, and what we may do there."""
    said = _grades_of(platform, claims.grades)
    if known is None and said:
        new = GradeService(placement_id=placement.id, trust_id=placement.trust_id, target_url="", **said)
        with suppress(IntegrityError), db.begin_nested():
            db.add(new)
            db.flush()
    elif known is not None and (said or _may_withdraw(claims, role)):
        wanted = said or {"columns_url": "", "column_url": "", "scopes": ""}
        if any(getattr(known, name) != value for name, value in wanted.items()):
            changed = {**wanted, "withheld_until": None}
            if known.columns_url != wanted["columns_url"]:
                changed["target_url"] = ""
            db.execute(update(GradeService).where(GradeService.placement_id == placement.id).values(**changed))


def _grades_of(platform: KnownPlatform, claims: GradeClaims | None) -> dict[str, str]:
    """What the launch says of the grade book, or nothing."""
    if claims is None:
        return {}
    columns_url, column_url = _of_platform(platform, claims.columns_url), _of_platform(platform, claims.column_url)
    scopes = " ".join(scope for scope in claims.scopes if scope in OURS)
    return {"columns_url": columns_url, "column_url": column_url, "scopes": scopes}


def _may_withdraw(claims: LaunchClaims, role: Role) -> bool:
    """A platform may keep a service from a learner's launch. From a tutor's it is missing when it is switched off."""
    return claims.message is Message.OPEN and role in _SPEAKS_FOR_THE_COURSE


def _of_platform(platform: KnownPlatform, address: str) -> str:
    """The address, if it leads to this platform."""
    if address and not partner_of(platform).owns(address):
        log.warning("service_elsewhere", platform=platform.public_id, origin=origin_of(address))
        return ""
    return address
