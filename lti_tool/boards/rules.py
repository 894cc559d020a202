"""The life of a post, what a board may choose, and when a tutor next looks. Pure: no database, no clock."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from lti_tool.core.language import gettext as _

_TIME = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d")
PAGE_OF_THREADS = 50
PAGE_OF_POSTS = 200
NAME_LENGTH = 100
PURPOSE_LENGTH = 300
WAITS_TARGET = timedelta(hours=2)
QUIET_AFTER = timedelta(hours=48)


class PostState(StrEnum):
    """Where a post stands (CONFIDENTIALITY.md §4)."""

    PENDING = "pending"
    PUBLISHED = "published"
    RETURNED = "returned"
    REJECTED = "rejected"
    HIDDEN = "hidden"
    REMOVED = "removed"
    WITHDRAWN = "withdrawn"


class Hold(StrEnum):
    """Why nothing of a thread may be shown. Another room opens and closes holds through the door."""

    CLINICAL = "clinical"
    PRIVACY = "privacy"
    SECOND_REVIEWER = "second_reviewer"
    CONSENT = "consent"


class Gate(StrEnum):
    """What somebody must have done before a thread's replies are shown to them."""

    OPEN = ""
    COMMIT = "commit"


class BoardKind(StrEnum):
    """An ordinary board, or the home of threads that lie under another room's cover sheets."""

    BOARD = ""
    CASES = "cases"


class WaitsFor(StrEnum):
    """Why a post is in the queue."""

    NEW = "new"
    EDIT = "edit"
    REPORT = "report"


@dataclass(frozen=True, slots=True)
class Pause:
    """Somebody writes nothing on a board until then, and the reason as they are told it."""

    until_at: datetime
    reason: str


MOVES: Mapping[PostState, frozenset[PostState]] = {
    PostState.PENDING: frozenset(
        {PostState.PUBLISHED, PostState.RETURNED, PostState.REJECTED, PostState.WITHDRAWN, PostState.PENDING}
    ),
    PostState.PUBLISHED: frozenset({PostState.HIDDEN, PostState.REMOVED, PostState.WITHDRAWN, PostState.PENDING}),
    PostState.HIDDEN: frozenset({PostState.PUBLISHED, PostState.REMOVED}),
    PostState.RETURNED: frozenset({PostState.PENDING, PostState.PUBLISHED, PostState.WITHDRAWN}),
    PostState.REJECTED: frozenset({PostState.PENDING, PostState.PUBLISHED, PostState.WITHDRAWN}),
    PostState.REMOVED: frozenset({PostState.PUBLISHED}),  # after an appeal
    PostState.WITHDRAWN: frozenset(),
}


def may_move(old: PostState, new: PostState) -> bool:
    """Whether the state machine knows this step. An author of trust who fixes a returned post publishes it at once."""
    return new in MOVES[old]


def first_state(is_moderated: bool, skips_queue: bool, needs_review: bool) -> PostState:
    """Where a new post begins: before a tutor, unless the board or the author needs none and the text neither."""
    waits = needs_review or (is_moderated and not skips_queue)
    return PostState.PENDING if waits else PostState.PUBLISHED


def waits_for(state: PostState, has_offer: bool, is_flagged: bool) -> WaitsFor | None:
    """Why a tutor must look, the most urgent reason first; None when nobody must."""
    if state == PostState.HIDDEN or (state == PostState.PUBLISHED and is_flagged):
        return WaitsFor.REPORT
    if state == PostState.PENDING:
        return WaitsFor.NEW
    return WaitsFor.EDIT if state == PostState.PUBLISHED and has_offer else None


def are_times(words: str) -> bool:
    """Whether these are at most six times of day such as "08:30 12:30"."""
    found = words.split()
    return len(found) <= 6 and all(_TIME.fullmatch(word) for word in found)


def next_look(now: datetime, days: str, times: str, zone: ZoneInfo) -> datetime | None:
    """The next moment at which a tutor looks: `days` like "12345" (Monday is 1), `times` like "08:30 12:30".

    None when the board promises no times.
    """
    moments = sorted(time.fromisoformat(word) for word in times.split())
    local = now.astimezone(zone)
    for ahead in range(8):
        day = local.date() + timedelta(days=ahead)
        if str(day.isoweekday()) not in days:
            continue
        for moment in moments:
            look = datetime.combine(day, moment, zone)
            if look > local:
                return look
    return None


def reasons() -> dict[str, str]:
    """Why a post does not stand: code → words that are on the stone and in the log."""
    return {
        "patient": _("may identify a patient"),
        "risk": _("safety"),
        "care": _("concerns care happening now"),
        "unsafe": _("may be wrong or unsafe"),
        "unkind": _("unkind"),
        "topic": _("off topic"),
        "spam": _("spam"),
        "copyright": _("copyright"),
        "other": _("another reason"),
    }
