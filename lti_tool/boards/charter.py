"""What a board is, beyond its name: who looks when the others are away, its dates, why it is closed, its rules."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import and_, bindparam, delete, select
from sqlalchemy.orm import Session

from lti_tool.access import Actor, require
from lti_tool.boards.audience import Anyone, values_of, visible_boards
from lti_tool.boards.authors import tag_of
from lti_tool.boards.charter_models import BoardClosing, BoardCohort, BoardRules, BoardSecond, RuleAcceptance
from lti_tool.boards.lines import BoardLine
from lti_tool.boards.models import Board
from lti_tool.boards.rules import Audience
from lti_tool.boards.slips import Inquiry, Slip, Slips, ask, inquiry, moment_in
from lti_tool.core import clock
from lti_tool.core.db import again
from lti_tool.core.errors import Conflict, Invalid
from lti_tool.core.language import gettext as _
from lti_tool.journal import record
from lti_tool.people import CourseLine, Enrolment, Person, cohorts_of, decides_in, display_name, tutors_of

_NEXT = again(Board)


@dataclass(frozen=True, slots=True)
class Closing:
    """Who closed a board, when and why. `next_board` and `next_title` are empty unless the reader may go there."""

    who: str
    at: datetime
    reason: str
    next_board: str
    next_title: str


@dataclass(frozen=True, slots=True)
class ClosingDraft:
    """How long a board is open. `next_board` is a public id or empty; `reason` counts where it is locked."""

    is_locked: bool
    reason: str
    next_board: str
    opens_at: datetime | None
    closes_at: datetime | None
    archived_at: datetime | None


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules that stand, a line each, and whether the reader has accepted them, when, or an older version."""

    version: int
    lines: tuple[str, ...]
    made_at: datetime
    accepted_at: datetime | None
    accepted_before: int | None


_MODERATORS = (
    inquiry("moderator", Person.id, Person.name, Person.public_id, Enrolment.since)
    .join(Enrolment, Enrolment.person_id == Person.id)
    .where(decides_in(bindparam("course")))
)


def moderators_slip(line: BoardLine) -> Slip:
    """Who decides on a board, to be asked with others."""
    return Slip(_MODERATORS, {"course": line.course.id})


def moderators_in(slips: Slips) -> list[tuple[int, str]]:
    """(person number, name) of what the answers say, in order of arrival."""
    found = sorted((since, number, name, person) for number, (name, person, since) in slips.get("moderator", ()))
    return [(number, display_name(name, person)) for _since, number, name, person in found]


def find_closing(db: Session, actor: Actor, line: BoardLine) -> Closing | None:
    """Why somebody closed this board, and where to go now."""
    return closing_in(ask(db, closing_slips(actor, line)), line)


def closing_slips(actor: Actor, line: BoardLine) -> list[Slip]:
    """The same to be asked with others."""
    if line.locked_at is None:
        return []
    return [Slip(_closed(actor.runs_education), values_of(actor) | {"board": line.id})]


@cache
def _closed(runs_education: bool) -> Inquiry:
    closed = inquiry("closed", BoardClosing.board_id, Person.name, Person.public_id, BoardClosing.reason,
                      _NEXT.public_id, _NEXT.title)  # fmt: skip
    may_go_there = visible_boards(Anyone(runs_education=runs_education), _NEXT)
    return (
        closed.join(Person, Person.id == BoardClosing.closed_by)
        .outerjoin(_NEXT, and_(_NEXT.id == BoardClosing.next_id, may_go_there))
        .where(BoardClosing.board_id == bindparam("board"))
    )


def closing_in(slips: Slips, line: BoardLine) -> Closing | None:
    """What the answer says."""
    for _number, (name, person, reason, next_board, next_title) in slips.get("closed", ()):
        if line.locked_at is not None:
            return Closing(display_name(name, person), line.locked_at, reason, next_board, next_title)
    return None


def find_rules(db: Session, actor: Actor, line: BoardLine) -> Rules | None:
    """The rules of this board, and what the actor has accepted of them; None where a board has none."""
    return rules_in(ask(db, rules_slips(db, actor, line)))


_BOARD: Any = bindparam("board")
_RULES = (
    inquiry("rules", BoardRules.version, BoardRules.made_at, BoardRules.source).where(
        BoardRules.board_id == _BOARD, BoardRules.version == bindparam("version")
    ),
    inquiry("accepted", RuleAcceptance.version, RuleAcceptance.accepted_at).where(
        RuleAcceptance.board_id == _BOARD, RuleAcceptance.tag == bindparam("tag")
    ),
)


def rules_slips(db: Session, actor: Actor, line: BoardLine) -> list[Slip]:
    """The same to be asked with others."""
    if not line.rules_version:
        return []
    who = {"board": line.id, "version": line.rules_version, "tag": tag_of(db, actor.person_id, line.id)}
    return [Slip(each, who) for each in _RULES]


def rules_in(slips: Slips) -> Rules | None:
    """What the answers say."""
    for version, (made_at, source) in slips.get("rules", ()):
        accepted = {number: moment_in(at) for number, (at,) in slips.get("accepted", ())}
        return Rules(
            version=version,
            lines=tuple(source.splitlines()),
            made_at=moment_in(made_at),
            accepted_at=accepted.get(version),
            accepted_before=None if version in accepted else max(accepted, default=None),
        )
    return None


def accept_rules(db: Session, actor: Actor, line: BoardLine, version: str) -> None:
    """The actor has ticked that they follow this version of the rules. Another version than the one that stands, or
    nothing ticked, changes nothing.
    """
    rules = find_rules(db, actor, line)
    if rules is None or rules.accepted_at is not None or version != str(rules.version):
        return
    accepted = {"board_id": line.id, "tag": tag_of(db, actor.person_id, line.id), "version": rules.version}
    db.add(RuleAcceptance(**accepted, trust_id=line.course.trust_id, accepted_at=clock.now()))
    db.flush()


def require_rules(db: Session, actor: Actor, line: BoardLine) -> None:
    """Raises Invalid until the actor has accepted the rules that stand."""
    rules = find_rules(db, actor, line)
    if rules is not None and rules.accepted_at is None:
        raise Invalid(
            _("Not sent yet. Your text is safe."),
            {"rules": _("Read the rules of this board and tick that you will follow them.")},
        )


def change_rules(db: Session, actor: Actor, line: BoardLine, source: str) -> int:
    """New rules, a line each; everybody is asked once again before they write. Returns the version that stands.

    Equal rules change nothing; empty ones end them.
    """
    require(actor, "board.manage", line.thing)
    board = db.get_one(Board, line.id)
    newest = db.scalars(
        select(BoardRules).where(BoardRules.board_id == line.id).order_by(BoardRules.version.desc()).limit(1)
    ).first()
    if not source:
        board.rules_version = 0
    elif newest is not None and newest.source == source:
        board.rules_version = newest.version
    else:
        version = newest.version + 1 if newest else 1
        made = {"board_id": line.id, "version": version, "trust_id": line.course.trust_id}
        db.add(BoardRules(**made, source=source, made_at=clock.now()))
        board.rules_version = version
    if board.rules_version != line.rules_version:
        note(db, actor, line, "board.rules_changed")
    return board.rules_version


def close_board(db: Session, actor: Actor, line: BoardLine, draft: ClosingDraft) -> None:
    """Say from when until when a board is open, or lock it with a reason. Locked boards keep when they were."""
    require(actor, "board.manage", line.thing)
    board = db.get_one(Board, line.id)
    board.opens_at, board.closes_at, board.archived_at = draft.opens_at, draft.closes_at, draft.archived_at
    board.locked_at = (board.locked_at or clock.now()) if draft.is_locked else None
    db.execute(delete(BoardClosing).where(BoardClosing.board_id == line.id))
    if draft.is_locked:
        db.add(
            BoardClosing(
                board_id=line.id,
                trust_id=line.course.trust_id,
                closed_by=actor.person_id,
                reason=draft.reason,
                next_id=_next_board(db, actor, line, draft.next_board),
            )
        )
    note(db, actor, line, "board.closed" if draft.is_locked else "board.dated")


def _next_board(db: Session, actor: Actor, line: BoardLine, public_id: str) -> int | None:
    other = and_(Board.course_id == line.course.id, Board.id != line.id, visible_boards(actor))
    return db.scalar(select(Board.id).where(Board.public_id == public_id, other)) if public_id else None


def put_second(db: Session, line_id: int, course: CourseLine, public_id: str) -> None:
    """Who decides while the others are away: one of the course's moderators, by public id, or nobody."""
    person_id = db.scalar(select(Person.id).where(Person.public_id == public_id)) if public_id else None
    if public_id and person_id not in {number for number, _name in tutors_of(db, course.id)}:
        raise Conflict(_("This person does not moderate here any more. Choose another."))
    db.execute(delete(BoardSecond).where(BoardSecond.board_id == line_id))
    if person_id is not None:
        db.add(BoardSecond(board_id=line_id, person_id=person_id, trust_id=course.trust_id))


def find_second(db: Session, line: BoardLine) -> str:
    """The second moderator's public id; empty where none is named."""
    return db.scalar(select(Person.public_id).where(Person.id == line.second_id)) or ""


def put_cohort(db: Session, board: Board, cohort: str) -> None:
    """Whose board it is, if it is a cohort's: one of its course, by public id."""
    if board.audience != Audience.COHORT:
        return
    found = [one for one in cohorts_of(db, board.course_id) if one.public_id == cohort and one.name]
    if not found:
        raise Invalid(_("Not saved yet."), {"cohort": _("Choose one of the cohorts of this course.")})
    db.add(BoardCohort(board_id=board.id, cohort_id=found[0].id, trust_id=board.trust_id))


def moderators_of(db: Session, course_id: int) -> list[tuple[str, str]]:
    """(public id, name) of those who decide in a course, for a tutor to choose from."""
    numbers = dict(tutors_of(db, course_id))
    rows = db.execute(select(Person.id, Person.public_id).where(Person.id.in_(numbers)))
    return sorted(((public_id, numbers[number]) for number, public_id in rows), key=lambda pair: pair[1])


def note(db: Session, actor: Actor, line: BoardLine, verb: str) -> None:
    """Write down that a board has changed."""
    subject = f"board:{line.public_id}"
    record(db, trust_id=line.course.trust_id, actor=actor.public_id, verb=verb, subject=subject)
