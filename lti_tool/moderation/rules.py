"""Verbs, reasons, which verb may answer what waits, in which order it waits, and for how long things hold."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum

from lti_tool.boards import Urgency, WaitsFor, reasons
from lti_tool.core.language import gettext as _

NOTE_LENGTH = 2_000
UNDO_FOR = timedelta(seconds=10)  # until then nobody is told
CLAIM_FOR = timedelta(minutes=15)
CASES_TARGET = timedelta(days=2)
MOST_WAITING = 50
MOST_AWAY = timedelta(days=365)


class Verb(StrEnum):
    """What a moderator decides."""

    APPROVE = "approve"
    RETURN = "return"
    REJECT = "reject"
    RESTORE = "restore"
    REMOVE = "remove"
    CORRECT = "correct"
    PAUSE = "pause"
    LIFT = "lift"
    UPHOLD = "uphold"
    OVERTURN = "overturn"
    PURGE = "purge"
    REDACT = "redact"
    SECOND = "second"
    UNDO = "undo"


class Period(StrEnum):
    """What a page of figures covers, up to now. A term is four months, as posts in training are."""

    WEEK = "week"
    MONTH = "month"
    TERM = "term"

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return timedelta(days={"week": 7, "month": 28, "term": 119}[self])

    @property
    def step(self) -> timedelta:
        """Of what it is divided into."""
        return timedelta(days=1 if self == Period.WEEK else 7)


class QueueKind(StrEnum):
    """What kind of thing waits. Each comes from the room that keeps it."""

    POST = "post"
    CASE = "case"


ANSWERS: Mapping[WaitsFor, frozenset[Verb]] = {
    WaitsFor.NEW: frozenset({Verb.APPROVE, Verb.RETURN, Verb.REJECT, Verb.REDACT}),
    WaitsFor.EDIT: frozenset({Verb.APPROVE, Verb.RETURN, Verb.REJECT, Verb.REDACT}),
    WaitsFor.REPORT: frozenset({Verb.RESTORE, Verb.REMOVE, Verb.REDACT}),
}
NEEDS_REASON = frozenset({Verb.REJECT, Verb.REMOVE})
REWRITES = frozenset({Verb.RETURN, Verb.REDACT})  # the moderator's own version goes with these
BULK = frozenset({Verb.APPROVE, Verb.REJECT})
UPHELD = frozenset({Verb.RETURN, Verb.REJECT, Verb.REMOVE, Verb.REDACT})  # what was held was rightly held
NO_DECISIONS = frozenset({Verb.SECOND, Verb.UNDO})  # of these the log and the figures say nothing
BEYOND = frozenset(  # nothing waited in the queue for these: they stand in the log, not in the figures
    {Verb.CORRECT, Verb.PAUSE, Verb.LIFT, Verb.UPHOLD, Verb.OVERTURN, Verb.PURGE}
)
TAKEN_BACK_BY: Mapping[Verb, Verb] = {
    Verb.APPROVE: Verb.REMOVE,
    Verb.RESTORE: Verb.REMOVE,
    Verb.REDACT: Verb.REMOVE,
    Verb.RETURN: Verb.APPROVE,
    Verb.REJECT: Verb.APPROVE,
    Verb.REMOVE: Verb.APPROVE,
}


def past(verb: Verb) -> str:
    """The verb as the log and the author read it."""
    words = {
        Verb.APPROVE: _("Approved"),
        Verb.RETURN: _("Returned with a note"),
        Verb.REJECT: _("Rejected"),
        Verb.RESTORE: _("Kept after a report"),
        Verb.REMOVE: _("Removed"),
        Verb.CORRECT: _("Corrected"),
        Verb.PAUSE: _("Paused somebody on the board"),
        Verb.LIFT: _("Lifted a pause"),
        Verb.UPHOLD: _("Looked at again after an appeal: the decision stands"),
        Verb.OVERTURN: _("Looked at again after an appeal: the decision was changed"),
        Verb.PURGE: _("Erased for good"),
        Verb.REDACT: _("Approved with changed words"),
        Verb.SECOND: _("Handed to a colleague"),
        Verb.UNDO: _("Undone"),
    }
    return words[verb]


REASONS = tuple(reasons())
RISK = "risk"
HIDES_AT_ONCE = frozenset({"patient"})
URGENCY: Mapping[str, Urgency] = {
    "patient": Urgency.PRIVACY,
    "care": Urgency.SAFETY,
    "unsafe": Urgency.SAFETY,
    RISK: Urgency.SAFETY,
    "spam": Urgency.SPAM,
}
"""How urgent a report with this reason is; any other concerns conduct."""
