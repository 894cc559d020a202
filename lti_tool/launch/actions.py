"""What a launch changes, and who may say what an activity opens.

`receive` is one transaction: the state is used up first, so that of ten equal launches one goes on. For somebody who
was here before, it and `begin_visit` write three rows: the used state, the visit, the journal's line.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lti_tool.access import Actor, Role, require
from lti_tool.boards import boards_of, find_board, make_board
from lti_tool.core import clock
from lti_tool.core.db import insert_row
from lti_tool.core.errors import Conflict, Invalid
from lti_tool.core.ids import new_public_id
from lti_tool.core.language import gettext as _
from lti_tool.journal import record
from lti_tool.launch.adoption import known_or_adopted
from lti_tool.launch.claims import ChoosingClaims, CourseClaims, LaunchClaims, LinkClaims, Message
from lti_tool.launch.deep_linking import LINK, Chosen, answer_claims, seal_choosing
from lti_tool.launch.facts import note_launch
from lti_tool.launch.faults import Fault, Refused
from lti_tool.launch.forms import Choice
from lti_tool.launch.keys import sign
from lti_tool.launch.known import Known, KnownDeployment, KnownPlacement, KnownPlatform
from lti_tool.launch.message import origin_of
from lti_tool.launch.models import Choosing, Consumed, CourseLink, Identity, Placement, Platform
from lti_tool.launch.queries import Activity, Guest, find_course, find_person, find_placement, get_platform_of
from lti_tool.launch.rules import OF_A_COURSE, Kind, enrolment_role, kind_of, read_place
from lti_tool.launch.services import keep_grades, keep_groups, keep_roster
from lti_tool.launch.state import State
from lti_tool.people import (
    CourseLine,
    OpenVisit,
    PersonLine,
    end_visit,
    enrol,
    is_settled,
    keep_address,
    make_course,
    make_person,
    rename_course,
    rename_person,
    start_visit,
)

CHOOSING_FOR = timedelta(hours=1)
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Received:
    """A launch that was let in. `guest` is None for a launch without a course; `opens` is what it asks for.

    `wanted` is where somebody was on the way in this browser, as a public id; empty as a rule.
    """

    framed_by: str
    guest: Guest | None = None
    opens: KnownPlacement | Choosing | None = None
    wanted: str = ""


def consume(db: Session, digest: bytes, until: datetime, fault: Fault) -> None:
    """Use something up. The second use, on however many machines, ends the transaction: Refused with `fault`."""
    try:
        insert_row(db, Consumed, digest=digest, expires_at=until)
    except IntegrityError as error:
        raise Refused(fault, "used before") from error


def receive(db: Session, claims: LaunchClaims, state: State, roles: Mapping[str, Role], now: datetime) -> Received:
    """Let a verified launch in: who it is, which course, in what role, and what they want to open.

    `roles` is the platform's own table of roles.
    """
    consume(db, state.used_as, datetime.fromtimestamp(state.expires_at, UTC), Fault.USED_ALREADY)
    known = known_or_adopted(db, claims, roles, now)
    platform, deployment = known.platform, known.deployment
    _suggest_frame(db, platform, claims)
    note_launch(db, known.facts, claims, now)
    if claims.course is None:
        return Received(platform.framed_by)
    course = known_course(db, deployment, claims.course, now, known.course)
    person = _person(db, known, claims, now)
    if claims.email and claims.subject:
        keep_address(db, person.id, person.trust_id, claims.email)
    role = enrolment_role(claims.roles, roles) if claims.subject else Role.READER
    if not is_settled(known.enrolment, role) and enrol(db, person.id, course, role, now):
        note_enrolment(db, person, course, role)
    keep_groups(db, course, person, claims)
    keep_roster(db, platform, known.roster, deployment.id, course, claims, role, now)
    guest = Guest(person, course)
    if claims.message is Message.CHOOSE:
        return Received(platform.framed_by, guest, _choosing(db, deployment, guest, claims, now))
    assert claims.link is not None, "message.py reads a link for every launch that opens"
    placement = _placement(db, known, guest, claims.link, claims, role)
    keep_grades(db, platform, known.grades, placement, claims, role)
    return Received(platform.framed_by, guest, placement)


def begin_visit(db: Session, guest: Guest, framed_by: str, former: OpenVisit | None, now: datetime) -> tuple[str, str]:
    """Start the visit; returns its public id and its token. Somebody else's visit in this browser ends."""
    is_same_person = former is not None and former.person_id == guest.person.id
    if former is not None and not is_same_person:
        end_visit(db, former.id, now)
    form_key = former.form_key if former is not None and is_same_person else None
    started = start_visit(db, guest.person, guest.course.id, framed_by, now, form_key)
    trust_id, actor, subject = guest.course.trust_id, guest.person.public_id, f"course:{guest.course.public_id}"
    record(db, trust_id=trust_id, actor=actor, verb="visit.started", subject=subject)
    return started


def place(db: Session, actor: Actor, activity: Activity, choice: Choice) -> tuple[Kind, str]:
    """Say what an activity opens, which may be a new board; returns it. Raises Forbidden."""
    require(actor, "course.place", activity.course.thing)
    kind, thing = _chosen(db, actor, activity.course, choice)[0]
    placement = db.get_one(Placement, activity.id)
    placement.kind, placement.thing = kind, thing
    record(
        db,
        trust_id=placement.trust_id,
        actor=actor.public_id,
        verb="activity.placed",
        subject=f"activity:{placement.public_id}",
        details={"kind": kind, "thing": thing},
    )
    return kind, thing


def answer_chooser(
    db: Session,
    actor: Actor,
    choosing: Choosing,
    course: CourseLine,
    asked: ChoosingClaims,
    choice: Choice,
    launch_url: str,
) -> str:
    """The sealed answer that goes back to the VLE. Raises Forbidden, Invalid, and Conflict at the second answer."""
    require(actor, "course.place", course.thing)
    now = clock.now()
    if choosing.answered_at is not None:
        raise Conflict(_("Your choice has gone back to the VLE already. Close this page and choose again there."))
    if choice != Choice() and LINK not in asked.accept_types:
        raise Invalid(_("Nothing was sent."), {"thing": _("The VLE takes no links here. Cancel instead.")})
    choosing.answered_at = now
    titles = {board.public_id: board.title for board in boards_of(db, actor, course)}
    chosen = _chosen(db, actor, course, choice)
    if choice.board:
        titles[chosen[-1][1]] = choice.board.title
    names = {Kind.FRONT: _("My front page"), Kind.CASES: _("Learn from a case"), Kind.TEACHING: _("When is teaching?")}
    marks = choice.has_marks
    items = [Chosen(titles[thing] if thing else names[kind], thing or kind, marks) for kind, thing in chosen]
    platform, deployment = get_platform_of(db, choosing.deployment_id)
    return sign(db, answer_claims(platform, deployment, asked, items, launch_url, now), now)


def _chosen(db: Session, actor: Actor, course: CourseLine, choice: Choice) -> list[tuple[Kind, str]]:
    """What was chosen; a new board is opened on the way, and comes last."""
    chosen = [kind_of(thing) for thing in choice.things]
    if choice.board:
        chosen.append((Kind.BOARD, make_board(db, actor, course, choice.board).public_id))
    return chosen


def _is_board_of(db: Session, actor: Actor, course_id: int, public_id: str) -> bool:
    board = find_board(db, actor, public_id)
    return board is not None and course_id in {board.course.id, *board.joined}


def _person(db: Session, known: Known, claims: LaunchClaims, now: datetime) -> PersonLine:
    """Who comes in. An anonymous launch is somebody new each time."""
    if claims.subject is None:
        return PersonLine.of(make_person(db, known.deployment.trust_id, "", now))
    return known_person(db, known.deployment, claims.subject, claims.name or "", now, known.person)


def known_person(
    db: Session, deployment: KnownDeployment, subject: str, name: str, now: datetime, found: PersonLine | None = None
) -> PersonLine:
    """The person whom the platform means, made when it speaks of them for the first time; `found` saves the search."""
    known = found or find_person(db, deployment, subject)

    def make() -> PersonLine:
        person = make_person(db, deployment.trust_id, name, now)
        db.add(
            Identity(
                platform_id=deployment.platform_id,
                trust_id=deployment.trust_id,
                subject=subject,
                person_id=person.id,
            )
        )
        return PersonLine.of(person)

    person = known or _made_once(db, make, lambda: find_person(db, deployment, subject))
    if name and person.name != name:
        rename_person(db, person.id, name)
        return person._replace(name=name)
    return person


def known_course(
    db: Session, deployment: KnownDeployment, claims: CourseClaims, now: datetime, found: CourseLine | None = None
) -> CourseLine:
    """The course that the platform means, made when it speaks of it for the first time; `found` saves the search."""
    title = claims.title or claims.label or ""
    known = found or find_course(db, deployment, claims)

    def make() -> CourseLine:
        course = make_course(db, deployment.trust_id, title or _("Course"), now)
        db.add(
            CourseLink(
                trust_id=deployment.trust_id,
                deployment_id=deployment.id,
                context_id=claims.id,
                course_id=course.id,
            )
        )
        return CourseLine.of(course)

    course = known or _made_once(db, make, lambda: find_course(db, deployment, claims))
    if title and course.title != title:
        rename_course(db, course.id, title)
        return replace(course, title=title)
    return course


def _placement(
    db: Session, known: Known, guest: Guest, link: LinkClaims, claims: LaunchClaims, role: Role
) -> KnownPlacement:
    """The activity, and what it opens: what its custom parameter says, if that is here; else what was chosen."""
    deployment, course = known.deployment, guest.course
    placement = known.placement or _made_once(
        db,
        lambda: _new_placement(db, deployment, course, link, claims),
        lambda: find_placement(db, deployment, course, link.id),
    )
    now = placement._replace(title=link.title or placement.title)
    wanted = read_place(claims.custom.get("place", ""))
    if wanted and (wanted != placement.asked or not placement.kind):
        now = _followed(db, guest, now, wanted, role)
    if now != placement:
        db.execute(update(Placement).where(Placement.id == placement.id).values(**now._asdict()))
    return now


def _new_placement(
    db: Session, deployment: KnownDeployment, course: CourseLine, link: LinkClaims, claims: LaunchClaims
) -> KnownPlacement:
    """A copy within one course opens what its original opens. Of a copy from another course, what every course has one
    of is known too; a board stays behind with what people wrote there, so the copy waits for its new tutor.
    """
    original = find_placement(db, deployment, course, *link.history) if link.history else None
    elsewhere = find_placement(db, deployment, None, *link.history) if link.history and original is None else None
    if elsewhere is not None and elsewhere.kind in OF_A_COURSE:
        original = elsewhere
    is_copy = bool(link.history or (claims.course and claims.course.history))
    placement = Placement(
        public_id=new_public_id(),
        trust_id=deployment.trust_id,
        deployment_id=deployment.id,
        course_id=course.id,
        link_id=link.id,
        title=link.title or "",
        asked="",
        is_copy=is_copy,
        kind=original.kind if original else "",
        thing=original.thing if original else "",
    )
    db.add(placement)
    db.flush()
    return KnownPlacement.of(placement)


def _followed(db: Session, guest: Guest, placement: KnownPlacement, wanted: str, role: Role) -> KnownPlacement:
    """`place` may name a board of another course, when the VLE copied the course: then it opens nothing here."""
    placement = placement._replace(asked=wanted)
    kind, _thing = kind_of(wanted)
    person, course = guest.person, guest.course
    actor = Actor(person.id, person.public_id, person.trust_id, guest.name, {course.id: role})
    if kind is not Kind.BOARD:
        return placement._replace(kind=kind, thing="")
    if _is_board_of(db, actor, course.id, wanted):
        return placement._replace(kind=kind, thing=wanted)
    return placement if placement.kind else placement._replace(is_copy=True)


def _choosing(db: Session, deployment: KnownDeployment, guest: Guest, claims: LaunchClaims, now: datetime) -> Choosing:
    assert claims.choosing is not None, "message.py reads the settings of every launch that chooses"
    choosing = Choosing(
        public_id=new_public_id(),
        trust_id=deployment.trust_id,
        deployment_id=deployment.id,
        course_id=guest.course.id,
        person_id=guest.person.id,
        sealed=seal_choosing(db, claims.choosing),
        expires_at=now + CHOOSING_FOR,
    )
    db.add(choosing)
    db.flush()
    return choosing


def _suggest_frame(db: Session, platform: KnownPlatform, claims: LaunchClaims) -> None:
    """Where the launch came from may frame us, once the administrator says so: an issuer is not always the frame."""
    if claims.return_url is None:
        return
    origin = origin_of(claims.return_url)
    if origin not in platform.framed_by.split() and origin != platform.suggested_frame and len(origin) <= 300:
        db.execute(update(Platform).where(Platform.id == platform.id).values(suggested_frame=origin))


def note_enrolment(db: Session, person: PersonLine, course: CourseLine, role: Role) -> None:
    """Write down that somebody has another role now."""
    record(
        db,
        trust_id=course.trust_id,
        actor=person.public_id,
        verb="enrolment.changed",
        subject=f"course:{course.public_id}",
        details={"role": role},
    )


def _made_once(db: Session, make: Callable[[], Row], find: Callable[[], Row | None]) -> Row:
    """Make a row that another launch may be making at this moment; if it was quicker, theirs is ours."""
    try:
        with db.begin_nested():
            made = make()
            db.flush()
            return made
    except IntegrityError:
        found = find()
        if found is None:
            raise
        return found
