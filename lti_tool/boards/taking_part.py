"""Taking part by a rule: what a tutor asks for on a board, and how far somebody has come. Marks are sent by `launch`.

A rule is for named boards alone. Where authors are sealed nothing may count whose posts are whose, and a mark would say
it. What counts is published now and was sent by the end of the day on which it is due: nobody loses by a tutor's delay.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from lti_tool.access import Actor, may, require
from lti_tool.boards.models import Board, Post, TakingPartRule
from lti_tool.boards.queries import BoardLine
from lti_tool.boards.rules import PostState
from lti_tool.boards.sight import is_held
from lti_tool.core import clock
from lti_tool.core.errors import Invalid
from lti_tool.core.language import gettext as _
from lti_tool.core.language import ngettext
from lti_tool.journal import record

MOST_ASKED = 20
COUNTED_ON_FOR = timedelta(days=14)  # after the due day: what waited for a tutor then is decided meanwhile
WHOLE = 100


class Asks(StrEnum):
    """What a rule asks for."""

    QUESTION_OR_ANSWERS = "either"
    POSTS = "posts"


@dataclass(frozen=True, slots=True)
class Rule:
    """A board's rule: so many posts, or one question or so many answers, until the end of a day in London."""

    asks: Asks
    number: int
    due_on: date

    def percent(self, questions: int, answers: int) -> int:
        """How much of it is done, as a mark."""
        if self.asks == Asks.QUESTION_OR_ANSWERS and questions:
            return WHOLE
        return min(self._done(questions, answers), self.number) * WHOLE // self.number

    def _done(self, questions: int, answers: int) -> int:
        return answers if self.asks == Asks.QUESTION_OR_ANSWERS else questions + answers

    @property
    def due_at(self) -> datetime:
        """The moment after the due day."""
        return datetime.combine(self.due_on + timedelta(days=1), time(), clock.LONDON).astimezone(UTC)

    @property
    def due_words(self) -> str:
        """Friday 4 December"""
        return f"{self.due_on:%A} {self.due_on.day} {self.due_on:%B}"

    def in_words(self) -> str:
        """What is asked."""
        if self.asks == Asks.POSTS:
            return ngettext("%(num)s post", "%(num)s posts", self.number) % {"num": self.number}
        either = ngettext("one question or %(num)s answer", "one question or %(num)s answers", self.number)
        return either % {"num": self.number}

    def progress(self, questions: int, answers: int) -> str:
        """How far somebody has come, to be said to them alone."""
        if self.percent(questions, answers) == WHOLE:
            return _("Done: %(asked)s.") % {"asked": self.in_words()}
        words = {"done": self._done(questions, answers), "number": self.number, "due": self.due_words}
        if self.asks == Asks.POSTS:
            return _("%(done)s of %(number)s posts, due %(due)s.") % words
        return _("%(done)s of %(number)s answers, or one question, due %(due)s.") % words


def rule_draft(fields: Mapping[str, str]) -> Rule:
    """A rule as a tutor sent it. Raises Invalid with a sentence a field."""
    problems = {}
    number, asks, due = fields.get("number", "").strip(), fields.get("asks", ""), fields.get("due", "").strip()
    if asks not in (*Asks,):
        problems["asks"] = _("Choose what you ask for.")
    if not (number.isascii() and number.isdecimal() and len(number) < 3 and 1 <= int(number) <= MOST_ASKED):
        problems["number"] = _("Ask for 1 to %(most)d.") % {"most": MOST_ASKED}
    try:
        due_on = date.fromisoformat(due)
    except ValueError:
        problems["due"] = _("Choose the day until which it counts.")
    if problems:
        raise Invalid(_("Not saved yet."), problems)
    return Rule(Asks(asks), int(number), due_on)


def set_rule(db: Session, actor: Actor, board: BoardLine, rule: Rule) -> None:
    """Ask for taking part on this board. The same rule twice is as once. Raises Forbidden and Invalid."""
    require(actor, "board.mark", board.thing)
    if board.is_pseudonymous:
        raise Invalid(sealed_refusal())
    row = db.get(TakingPartRule, board.id) or TakingPartRule(board_id=board.id, trust_id=board.course.trust_id)
    row.asks, row.number, row.due_on, row.ends_at = rule.asks, rule.number, rule.due_on, rule.due_at
    row.set_by_id, row.set_at = actor.person_id, clock.now()
    db.add(row)
    details = {"asks": str(rule.asks), "number": rule.number, "due": rule.due_on.isoformat()}
    _record(db, actor, board, "taking_part.asked", details)


def end_rule(db: Session, actor: Actor, board: BoardLine) -> None:
    """Ask for nothing any more. Marks that are in the VLE stay there."""
    require(actor, "board.mark", board.thing)
    row = db.get(TakingPartRule, board.id)
    if row is not None:
        db.delete(row)
        _record(db, actor, board, "taking_part.ended", {})


def sealed_refusal() -> str:
    """Why there is no rule where names are hidden."""
    return _("Names are hidden on this board for good. A mark for taking part would tell who wrote what.")


def _record(db: Session, actor: Actor, board: BoardLine, verb: str, details: dict[str, Any]) -> None:
    subject, trust_id = f"board:{board.public_id}", board.course.trust_id
    record(db, trust_id=trust_id, actor=actor.public_id, verb=verb, subject=subject, details=details)


def find_rule(db: Session, board_id: int) -> Rule | None:
    """What is asked on a board."""
    row = db.get(TakingPartRule, board_id)
    return _rule(row) if row else None


def own_progress(db: Session, actor: Actor, board: BoardLine) -> str:
    """For a learner, on their own page: how far they have come. Empty where nothing is asked, which asks nothing."""
    if not board.asks_part or board.is_pseudonymous or not may(actor, "part.take", board.thing):
        return ""
    r = TakingPartRule
    questions, answers = (_count(is_first, actor.person_id).scalar_subquery() for is_first in (True, False))
    row = db.execute(select(r, questions, answers).where(r.board_id == board.id)).first()
    return _rule(row[0]).progress(row[1], row[2]) if row else ""


def _count(is_first: bool, person_id: int) -> Any:
    mine = select(func.count()).select_from(Post).where(Post.author_id == person_id, Post.is_first == is_first)
    return mine.where(Post.board_id == TakingPartRule.board_id, _counts(), Post.created_at < TakingPartRule.ends_at)


def _counts() -> ColumnElement[bool]:
    return (Post.state == PostState.PUBLISHED) & ~is_held()


def _rule(row: TakingPartRule) -> Rule:
    return Rule(Asks(row.asks), row.number, row.due_on)


@dataclass(frozen=True, slots=True)
class Reckoning:
    """What a night's count found on a board: who has come how far (marks by person), and who asked for it."""

    board: str
    asked_by: int
    marks: Mapping[int, int]


def reckon(db: Session, trust_id: int, now: datetime) -> list[Reckoning]:
    """Count every board of a trust on which something is asked and whose day is not long over. For the worker."""
    found = select(TakingPartRule, Board.public_id).join(Board, Board.id == TakingPartRule.board_id)
    is_due = (TakingPartRule.ends_at > now - COUNTED_ON_FOR, ~Board.is_pseudonymous)
    rows = db.execute(found.where(TakingPartRule.trust_id == trust_id, *is_due).order_by(Board.id)).all()
    return [Reckoning(board, row.set_by_id, _marks(db, row.board_id, _rule(row))) for row, board in rows]


def _marks(db: Session, board_id: int, rule: Rule) -> dict[int, int]:
    questions = func.sum(case((Post.is_first, 1), else_=0))
    rows = db.execute(
        select(Post.author_id, questions, func.count())
        .where(Post.board_id == board_id, Post.author_id.is_not(None), _counts(), Post.created_at < rule.due_at)
        .group_by(Post.author_id)
    )
    return {person: rule.percent(asked, total - asked) for person, asked, total in rows}
