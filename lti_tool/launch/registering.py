"""Connecting platforms: what an administrator does by command, and later in the console."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.access import Duty, Role
from lti_tool.core.db import as_trust
from lti_tool.core.errors import Conflict, Invalid, NotFound
from lti_tool.core.ids import new_public_id
from lti_tool.core.language import gettext as _
from lti_tool.journal import record
from lti_tool.launch.actions import known_course, known_person, note_enrolment
from lti_tool.launch.claims import ID_LIMIT, CourseClaims
from lti_tool.launch.keys import ensure_key
from lti_tool.launch.known import KnownDeployment
from lti_tool.launch.message import is_usable, origin_of, read_address
from lti_tool.launch.models import Deployment, Identity, Platform, PlatformFacts, RoleOverride
from lti_tool.launch.protocol import Binding
from lti_tool.launch.queries import find_platform, overrides_of
from lti_tool.launch.rules import MOODLE_COURSE, course_address, enrolment_role
from lti_tool.people import (
    CourseLine,
    Person,
    PersonLine,
    Trust,
    appoint,
    display_name,
    end_appointment,
    enrol,
    find_trust,
    make_trust,
)

BY_COMMAND = "command"
NAME_LIMIT = 100
FRAMES_LIMIT = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformDraft:
    """What an administrator says of a VLE. `framed_by` may be empty: then its own origins."""

    name: str
    issuer: str
    client_id: str
    auth_url: str
    token_url: str
    keys_url: str
    deployments: tuple[str, ...]
    framed_by: tuple[str, ...] = ()
    course_url: str = MOODLE_COURSE
    binding: Binding = Binding.ASK
    allows_anonymous: bool = False


@dataclass(frozen=True, slots=True)
class AnnouncedPerson:
    """Somebody as a platform writes of them. `roles` are those in the course that is announced with them."""

    subject: str
    name: str
    roles: tuple[str, ...] = ()


def connect_platform(
    db: Session, trust_name: str, draft: PlatformDraft, now: datetime, *, invite: str = ""
) -> Platform:
    """Connect a platform, or give a connected one (same name, issuer and client) further deployments.

    Makes the trust at its first platform, and our own first key. One that connects itself by an invite (its public id)
    may lack a deployment. Raises Invalid with all problems, Conflict.
    """
    if problems := _problems(draft, db.info["settings"].allow_http_loopback, may_lack_deployment=bool(invite)):
        raise Invalid(_("The platform was not connected."), problems)
    trust = find_trust(db, trust_name) or make_trust(db, trust_name, now)
    platform = find_platform(db, draft.name) or _new_platform(db, draft, now)
    if (platform.issuer, platform.client_id) != (draft.issuer, draft.client_id):
        raise Conflict(_("There is a platform of that name with another issuer or client already."))
    for deployment_id in draft.deployments:
        _add_deployment(db, platform, trust, deployment_id)
    ensure_key(db, now)
    as_trust(db, trust.id)
    _note(db, platform, "platform.connected", trust.id, f"invite:{invite}" if invite else BY_COMMAND)
    return platform


def _new_platform(db: Session, draft: PlatformDraft, now: datetime) -> Platform:
    same = select(Platform).where(Platform.issuer == draft.issuer, Platform.client_id == draft.client_id)
    if (known := db.scalars(same).first()) is not None:
        raise Conflict(_("That issuer and client are connected already, as “%(name)s”.") % {"name": known.name})
    platform = Platform(
        public_id=new_public_id(),
        name=draft.name,
        issuer=draft.issuer,
        client_id=draft.client_id,
        auth_url=draft.auth_url,
        token_url=draft.token_url,
        keys_url=draft.keys_url,
        course_url=draft.course_url,
        framed_by=" ".join(_frames(draft)),
        suggested_frame="",
        binding=draft.binding,
        allows_anonymous=draft.allows_anonymous,
        created_at=now,
    )
    db.add(platform)
    db.flush()
    db.add(PlatformFacts(platform_id=platform.id, product="", fault=""))
    return platform


def _frames(draft: PlatformDraft) -> tuple[str, ...]:
    return draft.framed_by or tuple(dict.fromkeys((origin_of(draft.issuer), origin_of(draft.auth_url))))


def _add_deployment(db: Session, platform: Platform, trust: Trust, deployment_id: str) -> None:
    known = db.scalars(
        select(Deployment).where(Deployment.platform_id == platform.id, Deployment.deployment_id == deployment_id)
    ).first()
    if known is None:
        db.add(Deployment(platform_id=platform.id, trust_id=trust.id, deployment_id=deployment_id))
    elif known.trust_id != trust.id:
        raise Conflict(_("Deployment %(id)s belongs to another trust.") % {"id": deployment_id})


def move_platform(db: Session, draft: PlatformDraft) -> None:
    """The VLE of that name has other addresses now; its people, courses and activities stay. Raises Invalid."""
    if problems := _problems(draft, db.info["settings"].allow_http_loopback):
        raise Invalid(_("The platform was not changed."), problems)
    platform = get_platform(db, draft.name)
    platform.issuer, platform.client_id, platform.course_url = draft.issuer, draft.client_id, draft.course_url
    platform.auth_url, platform.token_url, platform.keys_url = draft.auth_url, draft.token_url, draft.keys_url
    platform.framed_by = " ".join(_frames(draft))
    _note(db, platform, "platform.moved", None)


def announce(
    db: Session, platform: Platform, person: AnnouncedPerson, course: CourseClaims | None, now: datetime
) -> tuple[PersonLine, CourseLine | None]:
    """Somebody of whom a platform has told us before they come. Makes the rows that their first launch would make."""
    deployment = db.scalars(select(Deployment).where(Deployment.platform_id == platform.id)).first()
    if deployment is None:
        raise NotFound(_("This platform has no deployment yet."))
    as_trust(db, deployment.trust_id)
    here = KnownDeployment.of(deployment)
    made = known_person(db, here, person.subject, person.name, now)
    if course is None:
        return made, None
    theirs, role = known_course(db, here, course, now), enrolment_role(person.roles, overrides_of(db, platform))
    if enrol(db, made.id, theirs, role, now):
        note_enrolment(db, made, theirs, role)
    return made, theirs


def switch_platform(db: Session, name: str, is_enabled: bool, now: datetime) -> None:
    """Let launches of a platform in again, or no longer. Visits that have begun go on."""
    platform = get_platform(db, name)
    platform.disabled_at = None if is_enabled else now
    _note(db, platform, "platform.enabled" if is_enabled else "platform.disabled", None)


def add_frame(db: Session, name: str, address: str) -> None:
    """Let the pages of this origin show us in a frame. Raises Invalid."""
    platform = get_platform(db, name)
    if read_address(address) is None:
        raise Invalid(_("An origin looks like https://vle.trust.nhs.uk."))
    origin = origin_of(address)
    framed_by = " ".join(dict.fromkeys((*platform.framed_by.split(), origin)))
    if len(framed_by) > FRAMES_LIMIT:
        raise Invalid(_("Too many origins frame this platform already."))
    platform.framed_by = framed_by
    if platform.suggested_frame == origin:
        platform.suggested_frame = ""
    _note(db, platform, "platform.framed", None)


def override_role(db: Session, name: str, written: str, role: Role) -> None:
    """Let a role of this platform mean another of ours from the next launch on. Raises Invalid."""
    platform = get_platform(db, name)
    if not _is_word(written):
        raise Invalid(_("Write the role as the platform sends it."))
    db.merge(RoleOverride(platform_id=platform.id, written=written, role=role))
    _note(db, platform, "platform.role_changed", None)


def appoint_person(
    db: Session, trust_name: str, name: str, subject: str, duty: Duty, now: datetime, until_at: datetime | None
) -> str:
    """Appoint somebody whom this platform has sent to a duty in their trust; returns how they are called.

    Raises NotFound when nobody of that id has come in yet, Invalid when the end lies in the past.
    """
    if until_at is not None and until_at <= now:
        raise Invalid(_("The last day of the duty lies in the past."))
    person = _person_of(db, trust_name, name, subject)
    appoint(db, person, duty, now, until_at)
    _note_duty(db, person, "person.appointed", duty)
    return display_name(person.name, person.public_id)


def release_person(db: Session, trust_name: str, name: str, subject: str, duty: Duty, now: datetime) -> str:
    """End a duty now; returns how the person is called. Raises NotFound when they do not hold it."""
    person = _person_of(db, trust_name, name, subject)
    if not end_appointment(db, person.id, duty, now):
        raise NotFound(_("They do not hold that duty."))
    _note_duty(db, person, "person.released", duty)
    return display_name(person.name, person.public_id)


def _person_of(db: Session, trust_name: str, name: str, subject: str) -> Person:
    platform, trust = get_platform(db, name), find_trust(db, trust_name)
    if trust is None:
        raise NotFound(_("There is no trust called “%(name)s”.") % {"name": trust_name})
    as_trust(db, trust.id)
    person = db.scalars(
        select(Person)
        .join(Identity, Identity.person_id == Person.id)
        .where(Identity.platform_id == platform.id, Identity.trust_id == trust.id, Identity.subject == subject)
    ).first()
    if person is None:
        raise NotFound(
            _("Nobody with that id has come from that VLE yet. Let them open an activity once, then repeat.")
        )
    return person


def _note_duty(db: Session, person: Person, verb: str, duty: Duty) -> None:
    subject = f"person:{person.public_id}"
    record(db, trust_id=person.trust_id, actor=BY_COMMAND, verb=verb, subject=subject, details={"duty": duty})


def get_platform(db: Session, name: str) -> Platform:
    """A platform by its name. Raises NotFound."""
    platform = find_platform(db, name)
    if platform is None:
        raise NotFound(_("There is no platform called “%(name)s”.") % {"name": name})
    return platform


def _note(db: Session, platform: Platform, verb: str, trust_id: int | None, actor: str = BY_COMMAND) -> None:
    record(db, trust_id=trust_id, actor=actor, verb=verb, subject=f"platform:{platform.public_id}")


def _problems(draft: PlatformDraft, allow_http_loopback: bool, may_lack_deployment: bool = False) -> dict[str, str]:
    addresses = {
        "issuer": draft.issuer,
        "auth_url": draft.auth_url,
        "token_url": draft.token_url,
        "jwks_url": draft.keys_url,
        **{f"framed_by {number}": origin for number, origin in enumerate(draft.framed_by, 1)},
    }
    problems = {
        name: _("must be an address that begins with https://")
        for name, address in addresses.items()
        if not is_usable(address, allow_http_loopback)
    }
    if draft.course_url and not is_usable(course_address(draft.course_url, draft.issuer, "1"), allow_http_loopback):
        problems["course_url"] = _("must be an address such as %(example)s, or empty") % {"example": MOODLE_COURSE}
    fits = {"name": _is_word(draft.name, NAME_LIMIT), "client_id": _is_word(draft.client_id)}
    if not may_lack_deployment:
        fits["deployment_id"] = _is_word("".join(draft.deployments))
    return problems | {name: _("is missing or too long") for name, is_fit in fits.items() if not is_fit}


def _is_word(word: str, limit: int = ID_LIMIT) -> bool:
    return 0 < len(word) <= limit and word.isprintable()
