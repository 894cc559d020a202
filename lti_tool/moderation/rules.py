"""Verbs, reasons, and which verb may answer what waits."""

from collections.abc import Mapping
from enum import StrEnum

from lti_tool.boards import WaitsFor, reasons
from lti_tool.core.language import gettext as _

NOTE_LENGTH = 2_000


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


ANSWERS: Mapping[WaitsFor, frozenset[Verb]] = {
    WaitsFor.NEW: frozenset({Verb.APPROVE, Verb.RETURN, Verb.REJECT}),
    WaitsFor.EDIT: frozenset({Verb.APPROVE, Verb.RETURN, Verb.REJECT}),
    WaitsFor.REPORT: frozenset({Verb.RESTORE, Verb.REMOVE}),
}
NEEDS_REASON = frozenset({Verb.REJECT, Verb.REMOVE})
NEEDS_NOTE = frozenset({Verb.RETURN})


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
    }
    return words[verb]


REASONS = tuple(reasons())
RISK = "risk"
HIDES_AT_ONCE = frozenset({"patient"})
