"""What is known already of a launch, in one query.

Every launch asks this inside the writers' turn, while all other launches wait, so it reads plain values: to make nine
objects of them takes three times as long as to ask the database. Who changes any of it writes by its number.
"""

from datetime import datetime
from typing import Any, NamedTuple, Self

from sqlalchemy import and_, bindparam, select
from sqlalchemy.orm import Session

from lti_tool.core.db import as_trust, fetch, trust_found_by
from lti_tool.launch.claims import LaunchClaims
from lti_tool.launch.faults import Fault, Refused
from lti_tool.launch.models import (
    CourseLink,
    Deployment,
    GradeService,
    Identity,
    Placement,
    Platform,
    PlatformFacts,
    RosterService,
)
from lti_tool.people import Course, CourseLine, Enrolment, EnrolmentLine, Person, PersonLine


class KnownPlatform(NamedTuple):
    """A platform as launches and the calls to its services need it."""

    id: int
    public_id: str
    issuer: str
    client_id: str
    auth_url: str
    token_url: str
    keys_url: str
    framed_by: str
    suggested_frame: str
    disabled_at: datetime | None


class KnownDeployment(NamedTuple):
    """A deployment, and whose it is."""

    id: int
    platform_id: int
    trust_id: int

    @classmethod
    def of(cls, deployment: Deployment) -> Self:
        """The line of a row."""
        return cls(deployment.id, deployment.platform_id, deployment.trust_id)


class KnownPlacement(NamedTuple):
    """An activity, and what it opens: see `models.Placement`."""

    id: int
    public_id: str
    trust_id: int
    title: str
    is_copy: bool
    asked: str
    kind: str
    thing: str

    @classmethod
    def of(cls, placement: Placement) -> Self:
        """The line of a row."""
        return cls(*(getattr(placement, name) for name in cls._fields))


class KnownFacts(NamedTuple):
    """What has shown itself of a connection: see `models.PlatformFacts`."""

    platform_id: int
    launched_at: datetime | None
    has_names: bool | None
    clock_offset: int | None
    fault: str


class KnownRoster(NamedTuple):
    """Where a course's roster is read."""

    course_id: int
    members_url: str


class KnownGrades(NamedTuple):
    """Where the marks of an activity go, and what we may do there."""

    placement_id: int
    columns_url: str
    column_url: str
    scopes: str


class Known(NamedTuple):
    """What is known of a launch already. At a first time the later ones are None."""

    platform: KnownPlatform
    deployment: KnownDeployment
    course: CourseLine | None
    person: PersonLine | None
    enrolment: EnrolmentLine | None
    placement: KnownPlacement | None
    facts: KnownFacts | None
    roster: KnownRoster | None
    grades: KnownGrades | None


# Which values make which line. The first of each is null where there is no such row.
_LINES: tuple[tuple[type[Any], type[Any], tuple[str, ...]], ...] = (
    (Platform, KnownPlatform, KnownPlatform._fields),
    (Deployment, KnownDeployment, KnownDeployment._fields),
    (Course, CourseLine, ("id", "public_id", "trust_id", "title")),
    (Person, PersonLine, PersonLine._fields),
    (Enrolment, EnrolmentLine, EnrolmentLine._fields),
    (Placement, KnownPlacement, KnownPlacement._fields),
    (PlatformFacts, KnownFacts, KnownFacts._fields),
    (RosterService, KnownRoster, KnownRoster._fields),
    (GradeService, KnownGrades, KnownGrades._fields),
)
# Written once: to build a statement takes longer than SQLite takes to answer it.
_IS_ITS = and_(Platform.public_id == bindparam("platform"), Deployment.deployment_id == bindparam("deployment"))
_ITS_TRUST = trust_found_by(
    select(Deployment.trust_id).join(Platform, Platform.id == Deployment.platform_id).where(_IS_ITS).scalar_subquery()
)
_KNOWN = (
    select(*(getattr(table, name) for table, _line, names in _LINES for name in names))
    .select_from(Platform)
    .join(Deployment, Deployment.platform_id == Platform.id)
    .outerjoin(PlatformFacts, PlatformFacts.platform_id == Platform.id)
    .outerjoin(
        CourseLink, and_(CourseLink.deployment_id == Deployment.id, CourseLink.context_id == bindparam("context"))
    )
    .outerjoin(Course, Course.id == CourseLink.course_id)
    .outerjoin(
        Identity,
        and_(
            Identity.platform_id == Platform.id,
            Identity.trust_id == Deployment.trust_id,
            Identity.subject == bindparam("subject"),
        ),
    )
    .outerjoin(Person, Person.id == Identity.person_id)
    .outerjoin(Enrolment, and_(Enrolment.person_id == Person.id, Enrolment.course_id == Course.id))
    .outerjoin(
        Placement,
        and_(
            Placement.deployment_id == Deployment.id,
            Placement.course_id == Course.id,
            Placement.link_id == bindparam("link"),
        ),
    )
    .outerjoin(RosterService, RosterService.course_id == Course.id)
    .outerjoin(GradeService, GradeService.placement_id == Placement.id)
    .where(_IS_ITS)
)


def get_known(db: Session, claims: LaunchClaims) -> Known:
    """All that is known of a verified launch. Raises Refused when its platform is off or gone since."""
    said = {
        "platform": claims.platform_id,
        "deployment": claims.deployment_id,
        "context": claims.course.id if claims.course else None,
        "subject": claims.subject,
        "link": claims.link.id if claims.link else None,
    }
    as_trust(db, _ITS_TRUST, platform=claims.platform_id, deployment=claims.deployment_id)
    row = fetch(db, _KNOWN, said).first()
    if row is None:
        raise Refused(Fault.DEPLOYMENT_UNKNOWN, f"deployment {claims.deployment_id[:80]!r} is gone")
    known = Known(*_lines_of(tuple(row)))
    if known.platform.disabled_at is not None:
        raise Refused(Fault.PLATFORM_OFF, f"platform {claims.platform_id} is switched off")
    return known


def _lines_of(values: tuple[Any, ...]) -> list[Any]:
    lines, begin = [], 0
    for _table, line, names in _LINES:
        end = begin + len(names)
        lines.append(line(*values[begin:end]) if values[begin] is not None else None)
        begin = end
    return lines
