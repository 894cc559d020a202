"""Marks for taking part: a tutor gives them, the worker takes them to the VLE, and the page says what became of each.

What is saved is ours at once; sending is a delivery. A mark carries a moment (`stamp`), the same at every try and
later with every change, so that a repeated delivery changes nothing and an old one never overwrites a new one. Sending
the marks of an activity stops when the VLE cannot be reached, and the journal tries again later.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from lti_tool.access import Actor, Role, require
from lti_tool.core import clock
from lti_tool.core.db import Database
from lti_tool.core.errors import Invalid, NotFound
from lti_tool.core.language import gettext as _
from lti_tool.journal import record
from lti_tool.launch.access_tokens import PASSING, ServiceError, Trouble
from lti_tool.launch.forms import MarkDraft
from lti_tool.launch.grades import ColumnDraft, GradeBook, Score, Sent, find_or_make_column, find_result, send_score
from lti_tool.launch.models import Deployment, GradeService, Identity, Mark, Placement, Platform
from lti_tool.launch.queries import Activity
from lti_tool.launch.rules import MarkState, next_stamp
from lti_tool.launch.services import partner_of, takes_marks
from lti_tool.people import Enrolment, Person

GIVEN = "marks.given"
MOST_FAILURES = 3
COLUMN_CLAIM = timedelta(seconds=50)
WITHHELD_FOR = timedelta(days=1)


class MarksWait(Exception):
    """Not all marks are sent yet; the delivery is tried again."""


@dataclass(frozen=True, slots=True)
class _Parcel:
    """A mark on its way."""

    id: int
    subject: str | None = field(repr=False)
    mark: int | None
    stamp: datetime


@dataclass(frozen=True, slots=True)
class _Route:
    """Where the marks of an activity go."""

    placement_id: int
    book: GradeBook
    draft: ColumnDraft
    column_url: str
    target_url: str


def get_grade_service(db: Session, activity: Activity) -> GradeService:
    """Where the activity's marks go. Raises NotFound where the VLE takes none."""
    service = db.get(GradeService, activity.id)
    if service is None or not takes_marks(service, clock.now()):
        raise NotFound(_("The VLE takes no marks from Grand Round for this activity."))
    return service


def give_marks(db: Session, actor: Actor, activity: Activity, drafts: Sequence[MarkDraft]) -> int:
    """Save what was changed, and have it sent; returns how many marks. A second click finds nothing changed.

    Raises Forbidden, NotFound, and Invalid when somebody else has changed one of them meanwhile.
    """
    require(actor, "course.mark", activity.course.thing)
    get_grade_service(db, activity)
    people, now = _learners(db, activity, [draft.person for draft in drafts]), clock.now()
    marks = {mark.person_id: mark for mark in db.scalars(select(Mark).where(Mark.placement_id == activity.id))}
    problems: dict[str, str] = {}
    changed = 0
    for draft in drafts:
        number = people.get(draft.person)
        mark = marks.get(number) if number is not None else None
        stands = mark.mark if mark else None
        if number is None or draft.mark in (draft.was, stands):
            continue
        if stands != draft.was:
            problems[f"mark-{draft.person}"] = _(
                "Somebody else has changed this mark meanwhile; it is %(mark)s now."
            ) % {"mark": _("empty") if stands is None else stands}
            continue
        _set(db, actor, activity, number, mark, draft.mark, now)
        changed += 1
    if problems:
        raise Invalid(_("Nothing was saved."), problems)
    if changed:
        _note(db, actor, activity, changed)
    return changed


def send_again(db: Session, actor: Actor, activity: Activity) -> int:
    """Have those sent once more that were refused, or wait after a failure; returns how many. Raises Forbidden."""
    require(actor, "course.mark", activity.course.thing)
    get_grade_service(db, activity)
    stuck = or_(Mark.state == MarkState.REFUSED, (Mark.state == MarkState.WAITING) & (Mark.reason != ""))
    marks, now = db.scalars(select(Mark).where(Mark.placement_id == activity.id, stuck)).all(), clock.now()
    for mark in marks:
        if mark.state == MarkState.REFUSED:
            mark.stamp = next_stamp(now, mark.stamp)
        mark.state, mark.reason = MarkState.WAITING, ""
    if marks:
        _note(db, actor, activity, len(marks))
    return len(marks)


def _learners(db: Session, activity: Activity, people: Sequence[str]) -> dict[str, int]:
    rows = db.execute(
        select(Person.public_id, Person.id)
        .join(Enrolment, Enrolment.person_id == Person.id)
        .where(Enrolment.course_id == activity.course.id, Enrolment.role == Role.LEARNER)
        .where(Enrolment.left_at.is_(None), Person.public_id.in_(people))
    )
    return {row.public_id: row.id for row in rows}


def _set(
    db: Session, actor: Actor, activity: Activity, person_id: int, mark: Mark | None, given: int | None, now: datetime
) -> None:
    said = {"mark": given, "given_by_id": actor.person_id, "state": MarkState.WAITING, "reason": "", "by_rule": False}
    if mark is None:
        where = {"trust_id": activity.course.trust_id, "placement_id": activity.id, "person_id": person_id}
        db.add(Mark(**where, **said, stamp=next_stamp(now, None)))
        return
    mark.stamp = next_stamp(now, mark.stamp)
    for name, value in said.items():
        setattr(mark, name, value)


def _note(db: Session, actor: Actor, activity: Activity, count: int) -> None:
    subject, trust_id = f"activity:{activity.public_id}", activity.course.trust_id
    record(db, trust_id=trust_id, actor=actor.public_id, verb=GIVEN, subject=subject, details={"marks": count})


def send_marks(database: Database, activity: str, seconds: float) -> None:
    """Take the waiting marks of an activity to the VLE. Raises MarksWait when some of them must be tried again."""
    deadline = time.monotonic() + seconds
    with database.reading() as db:
        route, parcels = _route(db, activity), _parcels(db, activity)
    if route is None or not parcels:
        return
    failures = 0
    for parcel in parcels:
        if time.monotonic() > deadline:
            raise MarksWait
        try:
            _send(database, route, parcel)
        except ServiceError as error:
            failures += 1
            is_the_end = error.trouble is not Trouble.BUSY or failures >= MOST_FAILURES
            with database.transaction() as db:
                _stop(db, route, parcels if is_the_end else [parcel], error)
            if is_the_end and error.trouble not in PASSING:
                return
            if is_the_end:
                break
    if failures:
        raise MarksWait


def _route(db: Session, activity: str) -> _Route | None:
    row = db.execute(
        select(GradeService, Placement, Platform)
        .join(Placement, Placement.id == GradeService.placement_id)
        .join(Deployment, Deployment.id == Placement.deployment_id)
        .join(Platform, Platform.id == Deployment.platform_id)
        .where(Placement.public_id == activity, Platform.disabled_at.is_(None))
    ).first()
    if row is None:
        return None
    service, placement, platform = row
    book = GradeBook(partner_of(platform), frozenset(service.scopes.split()), service.columns_url)
    draft = ColumnDraft(placement.title or _("Taking part"), placement.public_id, placement.link_id)
    return _Route(placement.id, book, draft, service.column_url, service.target_url)


def _parcels(db: Session, activity: str) -> list[_Parcel]:
    rows = db.execute(
        select(Mark.id, Identity.subject, Mark.mark, Mark.stamp)
        .join(Placement, Placement.id == Mark.placement_id)
        .join(Deployment, Deployment.id == Placement.deployment_id)
        .outerjoin(
            Identity,
            (Identity.person_id == Mark.person_id)
            & (Identity.platform_id == Deployment.platform_id)
            & (Identity.trust_id == Mark.trust_id),
        )
        .where(Placement.public_id == activity, Mark.state == MarkState.WAITING)
        .order_by(Mark.id)
    )
    return [_Parcel(*row) for row in rows]


def _send(database: Database, route: _Route, parcel: _Parcel) -> None:
    """Send one mark and write down what became of it."""
    if parcel.subject is None:
        return _settle(database, parcel, MarkState.REFUSED, _("The VLE has never told us who this person is there."))
    score = Score(parcel.subject, parcel.mark, parcel.stamp)
    answer = _sent(database, route, score)
    if answer is Sent.NOT_NEWER:
        return _settle_older(database, route, parcel, score)
    if answer is Sent.NOBODY:
        words = _("The VLE does not know this person in the course, or takes no marks for them.")
        return _settle(database, parcel, MarkState.REFUSED, words)
    return _settle(database, parcel, MarkState.SENT, "")


def _sent(database: Database, route: _Route, score: Score) -> Sent:
    """A column of ours that is gone from the VLE is looked for, and if need be made, once more."""
    url = _column(database, route)
    try:
        return send_score(database, route.book, url, score)
    except ServiceError as error:
        if error.trouble is not Trouble.MISSING or route.column_url:
            raise
        _forget_column(database, route, url)
        return send_score(database, route.book, _column(database, route), score)


def _settle_older(database: Database, route: _Route, parcel: _Parcel, score: Score) -> None:
    """The VLE holds a mark that is as new as ours, or newer. If we cannot see which, ours is sent anew, once."""
    newer = _("The VLE holds a newer mark, which was not overwritten. Send again if yours shall count.")
    try:
        held = find_result(database, route.book, _column(database, route), score.subject)
        is_ours = _is_same(held, score.mark)
    except ServiceError as error:
        if error.trouble in PASSING:
            raise
        stamp = _anew(database, parcel)
        if stamp is None:
            return
        parcel = replace(parcel, stamp=stamp)
        is_ours = _sent(database, route, replace(score, stamp=stamp)) is Sent.TAKEN
    _settle(database, parcel, MarkState.SENT if is_ours else MarkState.REFUSED, "" if is_ours else newer)


def _is_same(held: float | None, mark: int | None) -> bool:
    """A grade book may round to its own scale."""
    return held is None if mark is None else held is not None and abs(held - mark) < 1


def _anew(database: Database, parcel: _Parcel) -> datetime | None:
    """A later moment for the mark; None when the tutor has changed it meanwhile, which has a delivery of its own."""
    with database.transaction() as db:
        stamp = next_stamp(clock.now(), parcel.stamp)
        same = update(Mark).where(Mark.id == parcel.id, Mark.stamp == parcel.stamp)
        return stamp if db.scalar(same.values(stamp=stamp).returning(Mark.id)) is not None else None


def _settle(database: Database, parcel: _Parcel, state: MarkState, reason: str) -> None:
    with database.transaction() as db:
        same = (Mark.id == parcel.id, Mark.stamp == parcel.stamp)
        db.execute(update(Mark).where(*same).values(state=state, reason=reason))


def _stop(db: Session, route: _Route, parcels: Sequence[_Parcel], error: ServiceError) -> None:
    """Nothing more can be sent now. Passing trouble leaves marks waiting, with the reason beside them."""
    state = MarkState.WAITING if error.trouble in PASSING else MarkState.REFUSED
    for parcel in parcels:
        same = (Mark.id == parcel.id, Mark.stamp == parcel.stamp, Mark.state == MarkState.WAITING)
        db.execute(update(Mark).where(*same).values(state=state, reason=error.words[:300]))
    if error.trouble is Trouble.NOT_GRANTED:
        until = clock.now() + WITHHELD_FOR
        service = update(GradeService).where(GradeService.placement_id == route.placement_id)
        db.execute(service.values(withheld_until=until))


def _column(database: Database, route: _Route) -> str:
    """The activity's column, found or made by one worker only. Raises ServiceError."""
    if route.column_url:
        return route.column_url
    of_it = GradeService.placement_id == route.placement_id
    with database.transaction() as db:
        now = clock.now()
        is_free = or_(GradeService.claimed_until.is_(None), GradeService.claimed_until <= now)
        db_row = db.execute(select(GradeService.target_url).where(of_it)).one()
        if db_row.target_url:
            return str(db_row.target_url)
        claim = update(GradeService).where(of_it, is_free).values(claimed_until=now + COLUMN_CLAIM)
        if db.scalar(claim.returning(GradeService.placement_id)) is None:
            raise ServiceError(Trouble.BUSY, _("The column for the marks is being made at this moment."))
    url = ""
    try:
        url = find_or_make_column(database, route.book, route.draft)
    finally:
        with database.transaction() as db:
            db.execute(update(GradeService).where(of_it).values(target_url=url, claimed_until=None))
    return url


def _forget_column(database: Database, route: _Route, url: str) -> None:
    with database.transaction() as db:
        of_it = (GradeService.placement_id == route.placement_id, GradeService.target_url == url)
        db.execute(update(GradeService).where(*of_it).values(target_url=""))
