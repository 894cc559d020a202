"""Marks by a rule: what a board asks for (`boards` counts it) goes to the VLE's grade book, once a night for everybody.

At a fixed hour, so that the moment of a mark tells nothing of the moment of a post. Whom a tutor has given a mark by
hand keeps it. Who has done nothing gets no mark, and who has less than before, because a post is gone, gets less.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.access import Role
from lti_tool.boards import Reckoning, reckon
from lti_tool.core import clock
from lti_tool.journal import record
from lti_tool.launch.marks import GIVEN
from lti_tool.launch.models import GradeService, Mark, Placement
from lti_tool.launch.rules import Kind, MarkState, next_stamp
from lti_tool.launch.services import takes_marks
from lti_tool.people import Enrolment, each_trust


def mark_taking_part(db: Session, _slot: datetime) -> None:
    """Count every board on which something is asked, and have what changed sent to the VLE."""
    for trust_id in each_trust(db):
        for reckoning in reckon(db, trust_id, clock.now()):
            for placement in _placements(db, reckoning.board):
                _mark(db, placement, reckoning)


def _placements(db: Session, board: str) -> list[Placement]:
    """The activities that open this board and of which the VLE takes marks."""
    rows = db.execute(
        select(Placement, GradeService)
        .join(GradeService, GradeService.placement_id == Placement.id)
        .where(Placement.kind == Kind.BOARD, Placement.thing == board)
        .order_by(Placement.id)
    )
    return [placement for placement, service in rows if takes_marks(service, clock.now())]


def _mark(db: Session, placement: Placement, reckoning: Reckoning) -> None:
    now, learners = clock.now(), _learners(db, placement)
    marks = {mark.person_id: mark for mark in db.scalars(select(Mark).where(Mark.placement_id == placement.id))}
    changed = 0
    for person_id, wanted in _wanted(reckoning.marks, learners, marks).items():
        mark = marks.get(person_id)
        if mark is None:
            where = {"trust_id": placement.trust_id, "placement_id": placement.id, "person_id": person_id}
            mark = Mark(**where, stamp=next_stamp(now, None), by_rule=True)
            db.add(mark)
        else:
            mark.stamp = next_stamp(now, mark.stamp)
        mark.mark, mark.given_by_id = wanted, reckoning.asked_by
        mark.state, mark.reason = MarkState.WAITING, ""
        changed += 1
    if changed:
        subject, details = f"activity:{placement.public_id}", {"marks": changed, "by": "rule"}
        record(db, trust_id=placement.trust_id, actor="system", verb=GIVEN, subject=subject, details=details)


def _wanted(counted: Mapping[int, int], learners: set[int], marks: Mapping[int, Mark]) -> dict[int, int | None]:
    """The marks that are to change; None takes one back whose posts are all gone."""
    wanted: dict[int, int | None] = {person: mark for person, mark in counted.items() if person in learners and mark}
    for person, mark in marks.items():
        if not mark.by_rule or mark.mark == wanted.get(person):
            wanted.pop(person, None)
        elif person in learners:
            wanted.setdefault(person, None)
    return wanted


def _learners(db: Session, placement: Placement) -> set[int]:
    is_here = (Enrolment.course_id == placement.course_id, Enrolment.left_at.is_(None))
    return set(db.scalars(select(Enrolment.person_id).where(*is_here, Enrolment.role == Role.LEARNER)))
