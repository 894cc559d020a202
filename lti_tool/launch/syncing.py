"""Bringing a course up to its roster: at the course's first launch, by the schedule, and when somebody asks.

Any number of workers may be told to; one claim in the course's row lets one of them. People are written a batch a
transaction, so that launches need not wait, and nothing is written for who stays as they are. Only when the roster
was read to its end does anybody count as gone: a platform that breaks off, or sends nobody, takes nobody's access.

Somebody is gone whom the roster lists no longer, unless the VLE has let them in within a visit's length: then the
launch knows better. When so many are gone that it looks like a mistake (`people.is_doubtful`), they stay until a person
who sets up the course has said whether they have left.
"""

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lti_tool.access import Actor, Role, require
from lti_tool.core import clock
from lti_tool.core.db import Database
from lti_tool.core.errors import Conflict, NotFound
from lti_tool.core.language import gettext as _
from lti_tool.core.log import log
from lti_tool.journal import record
from lti_tool.launch.access_tokens import PASSING, ServiceError, Trouble
from lti_tool.launch.models import Deployment, Identity, Platform, RosterService
from lti_tool.launch.queries import overrides_of
from lti_tool.launch.roster import Member, iter_members
from lti_tool.launch.rules import Outcome, again_after, enrolment_role
from lti_tool.launch.services import WANTED, Partner, partner_of, shares_roster
from lti_tool.people import (
    Absence,
    Course,
    CourseLine,
    Enrolment,
    ListedPerson,
    RollChange,
    call_roll,
    decide_missing,
    is_doubtful,
    make_persons,
    note_absences,
    who_came,
)

BATCH = 500
CLAIM_FOR = timedelta(seconds=90)
"""A worker that died is waited for so long. Each batch renews the claim."""
ASK_AGAIN_AFTER = timedelta(seconds=30)
SCHEDULED_SECONDS = 300.0
SYSTEM = "system"


@dataclass
class _Reading:
    """One reading of one course's roster. `seen` holds those who are in the course, by number."""

    course_id: int
    course: str
    trust_id: int
    platform_id: int
    partner: Partner
    members_url: str
    roles: Mapping[str, Role]
    began_at: datetime
    seen: set[int] = field(default_factory=set)
    joined: int = 0


def sync_course(database: Database, course_id: int, seconds: float) -> Trouble | None:
    """Read a course's roster, unless somebody does already; returns what was wrong. It is never longer than `seconds`.

    Trouble with the platform is written into the course's row, for its people page, and not raised.
    """
    with database.transaction() as db:
        reading = _begin(db, course_id, clock.now())
    if reading is None:
        return None
    try:
        _read_all(database, reading, seconds)
    except ServiceError as error:
        log.warning("roster_unreadable", course=reading.course, trouble=error.trouble.value)
        with database.transaction() as db:
            _give_up(db, reading, error, clock.now())
        return error.trouble
    with database.transaction() as db:
        _conclude(db, reading, clock.now())
    return None


def want_roster(db: Session, actor: Actor, course: CourseLine) -> bool:
    """Somebody asks for the roster. False when it is being read, or was asked for just now. Raises Forbidden."""
    require(actor, "course.roster", course.thing)
    service, now = _offered(db, course.id), clock.now()
    is_asked = service.wanted_at is not None and now < service.wanted_at + ASK_AGAIN_AFTER
    if is_asked or (service.claimed_until is not None and service.claimed_until > now):
        return False
    service.wanted_at = now
    _note(db, course.trust_id, actor.public_id, WANTED, course.public_id)
    return True


def decide_held(db: Session, actor: Actor, course: CourseLine, have_left: bool, seen: str) -> int:
    """Somebody says whether those whom the roster lists no longer have left; returns how many that are.

    `seen` is the moment of the reading that they decide about. Raises Forbidden, and Conflict when it is not the last.
    """
    require(actor, "course.roster", course.thing)
    service, now = _offered(db, course.id), clock.now()
    if service.held_at is None or service.held_at.isoformat() != seen:
        raise Conflict(_("The list has been read again, or somebody has decided already. Look at what is there now."))
    decided = decide_missing(db, course.id, have_left, now)
    service.held_at, service.held, service.held_of = None, 0, 0
    service.left = len(decided) if have_left else 0
    verb = "roster.leaving_confirmed" if have_left else "roster.leaving_refused"
    _note(db, course.trust_id, actor.public_id, verb, course.public_id, {"people": len(decided)})
    if have_left:
        _note_people(db, actor.public_id, course.trust_id, "enrolment.left", course.public_id, decided)
    return len(decided)


def _offered(db: Session, course_id: int) -> RosterService:
    service = db.get(RosterService, course_id)
    if service is None or not shares_roster(service):
        raise NotFound(_("The VLE does not share the list of this course’s people with Grand Round."))
    return service


def _begin(db: Session, course_id: int, now: datetime) -> _Reading | None:
    """Claim the course; None when somebody has it, or there is nothing to be read (any more)."""
    is_free = or_(RosterService.claimed_until.is_(None), RosterService.claimed_until <= now)
    claimed = db.execute(
        update(RosterService)
        .where(RosterService.course_id == course_id, RosterService.members_url != "", is_free)
        .values(claimed_until=now + CLAIM_FOR, tried_at=now)
        .returning(RosterService.members_url)
    ).first()
    if claimed is None:
        return None
    row = db.execute(
        select(Platform, Course)
        .join(Deployment, Deployment.platform_id == Platform.id)
        .join(RosterService, RosterService.deployment_id == Deployment.id)
        .join(Course, Course.id == RosterService.course_id)
        .where(RosterService.course_id == course_id)
    ).one()
    platform, course = row
    if platform.disabled_at is not None:
        _finish(db, course_id, now, next_at=now + again_after(0))
        return None
    people = (platform.id, partner_of(platform), claimed.members_url, overrides_of(db, platform))
    return _Reading(course.id, course.public_id, course.trust_id, *people, began_at=now)


def _read_all(database: Database, reading: _Reading, seconds: float) -> None:
    members = iter_members(database, reading.partner, reading.members_url, seconds=seconds)
    for batch in _batches(members):
        here = {member.subject: member for member in batch if member.is_here}
        if not here:
            continue
        try:
            _write(database, reading, here)
        except IntegrityError:  # somebody of this batch came in at this very moment: the second time they are known
            _write(database, reading, here)
    if not reading.seen:
        raise ServiceError(Trouble.NONSENSE, _("The list was empty, which cannot be, so nothing was changed."))


def _write(database: Database, reading: _Reading, here: Mapping[str, Member]) -> None:
    with database.transaction() as db:
        now = clock.now()
        numbers = _numbers(db, reading, here, now)
        listed = [
            ListedPerson(numbers[subject], member.name, enrolment_role(member.roles, reading.roles))
            for subject, member in here.items()
        ]
        change = call_roll(db, reading.trust_id, reading.course_id, listed, now)
        _note_change(db, reading, change)
        db.execute(
            update(RosterService)
            .where(RosterService.course_id == reading.course_id)
            .values(claimed_until=now + CLAIM_FOR)
        )
    reading.seen.update(numbers.values())
    reading.joined += change.joined + len(change.back)


def _numbers(db: Session, reading: _Reading, here: Mapping[str, Member], now: datetime) -> dict[str, int]:
    """The people by the platform's id for them; those of whom we hear for the first time are made."""
    of_platform = (Identity.platform_id == reading.platform_id, Identity.trust_id == reading.trust_id)
    known = select(Identity.subject, Identity.person_id).where(*of_platform, Identity.subject.in_(here))
    numbers = {row.subject: row.person_id for row in db.execute(known)}
    new = [subject for subject in here if subject not in numbers]
    made = make_persons(db, reading.trust_id, [here[subject].name for subject in new], now)
    of_them = {"platform_id": reading.platform_id, "trust_id": reading.trust_id}
    rows = [of_them | {"subject": subject, "person_id": number} for subject, number in zip(new, made, strict=True)]
    if rows:
        db.execute(insert(Identity), rows)
    return numbers | dict(zip(new, made, strict=True))


def _conclude(db: Session, reading: _Reading, now: datetime) -> None:
    """The roster was read to its end: whoever is not on it is gone, or is asked about."""
    rows = db.execute(
        select(Enrolment.person_id, Enrolment.absence)
        .join(Identity, Identity.person_id == Enrolment.person_id)
        .where(
            Enrolment.course_id == reading.course_id,
            Enrolment.left_at.is_(None),
            Identity.platform_id == reading.platform_id,
            Identity.trust_id == reading.trust_id,
        )
    ).all()
    gone = {row.person_id for row in rows if row.person_id not in reading.seen and row.absence != Absence.KEPT}
    longest = timedelta(hours=db.info["settings"].visit_longest_hours)
    gone -= who_came(db, reading.course_id, gone, reading.began_at - longest)
    is_held = is_doubtful(len(gone), len(rows))
    noted = note_absences(db, reading.course_id, gone, not is_held, now)
    counts = {"members": len(reading.seen), "joined": reading.joined, "left": 0 if is_held else len(noted)}
    held = {"held": len(gone) if is_held else 0, "held_of": len(rows), "held_at": now if is_held else None}
    good = {"read_at": now, "outcome": Outcome.READ, "reason": "", "failures": 0, "next_at": now + again_after(0)}
    _finish(db, reading.course_id, now, **good, **counts, **held)
    if not is_held:
        _note_people(db, SYSTEM, reading.trust_id, "enrolment.left", reading.course, noted)
    verb = "roster.held" if is_held else "roster.read"
    _note(db, reading.trust_id, SYSTEM, verb, reading.course, counts | {"held": held["held"]})


def _give_up(db: Session, reading: _Reading, error: ServiceError, now: datetime) -> None:
    failures = db.scalars(
        update(RosterService)
        .where(RosterService.course_id == reading.course_id)
        .values(failures=RosterService.failures + 1)
        .returning(RosterService.failures)
    ).one()
    said = {"outcome": error.trouble.value, "reason": error.words[:300], "next_at": now + again_after(failures)}
    _finish(db, reading.course_id, now, **said)
    _note(db, reading.trust_id, SYSTEM, "roster.failed", reading.course, {"trouble": error.trouble.value})


def _finish(db: Session, course_id: int, _now: datetime, **said: object) -> None:
    done = update(RosterService).where(RosterService.course_id == course_id)
    db.execute(done.values(claimed_until=None, wanted_at=None, **said))


def _note_change(db: Session, reading: _Reading, change: RollChange) -> None:
    for person, role in change.roles:
        details = {"course": reading.course, "role": role}
        record(
            db,
            trust_id=reading.trust_id,
            actor=SYSTEM,
            verb="enrolment.changed",
            subject=f"person:{person}",
            details=details,
        )
    _note_people(db, SYSTEM, reading.trust_id, "enrolment.returned", reading.course, change.back)


def _note_people(db: Session, actor: str, trust_id: int, verb: str, course: str, people: Iterable[str]) -> None:
    for person in people:
        record(db, trust_id=trust_id, actor=actor, verb=verb, subject=f"person:{person}", details={"course": course})


def _note(
    db: Session, trust_id: int, actor: str, verb: str, course: str, details: dict[str, object] | None = None
) -> None:
    record(db, trust_id=trust_id, actor=actor, verb=verb, subject=f"course:{course}", details=details)


def _batches(members: Iterator[Member]) -> Iterator[list[Member]]:
    while batch := list(islice(members, BATCH)):
        yield batch


def sync_due(database: Database, seconds: float) -> None:
    """Read every roster that is due, the longest waiting first. A platform that is away or slow is asked once."""
    deadline, given_up = time.monotonic() + seconds, set[int]()
    with database.reading() as db:
        due = db.execute(
            select(RosterService.course_id, Deployment.platform_id)
            .join(Deployment, Deployment.id == RosterService.deployment_id)
            .where(RosterService.members_url != "", RosterService.next_at <= clock.now())
            .order_by(RosterService.next_at)
        ).all()
    for course_id, platform_id in due:
        left = deadline - time.monotonic()
        if left <= 0:
            return
        if platform_id in given_up:
            continue
        if sync_course(database, course_id, min(left, SCHEDULED_SECONDS)) in PASSING:
            given_up.add(platform_id)
