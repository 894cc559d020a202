"""The life of a post, what a board may choose, and when a tutor next looks. Pure: no database, no clock."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import IntEnum, StrEnum
from zoneinfo import ZoneInfo

from lti_tool.core.language import gettext as _

_TIME = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d")
PAGE_OF_THREADS = 50
PAGE_OF_POSTS = 200
NAME_LENGTH = 100
OPTION_LENGTH = 150
FEWEST_OPTIONS, MOST_OPTIONS = 2, 8
FEWEST_VOTES = 5
PURPOSE_LENGTH = 300
MOST_PINNED = 5  # less than a page, so that a page never ends among them
MOST_TAGS, TAG_LENGTH = 20, 30
TAGS_A_THREAD = 3
NOTE_LENGTH = 140
LOCK_REASON_LENGTH = 200
RULES_LENGTH = 2000
REASON_LENGTH = 300
SOMEBODY = "Somebody"
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
    REPLY = "reply"


class Audience(StrEnum):
    """Who reads a board: its course, a cohort of it, or several courses of the trust."""

    COURSE = "course"
    COHORT = "cohort"
    COURSES = "courses"


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


class BoardPolicy(StrEnum):
    """Which posts of a board wait for a moderator. What the identifier check holds waits whatever stands here."""

    OFF = "off"
    FIRST = "first"
    ALL = "all"
    ANONYMOUS = "anonymous"
    IMAGES = "images"
    CHECK = "check"


class Urgency(IntEnum):
    """What is looked at first (CONFIDENTIALITY.md §4)."""

    PRIVACY = 1
    SAFETY = 2
    CONDUCT = 3
    SPAM = 4
    USUAL = 9


TARGETS = (30, 60, 120, 240, 480, 1_440, 2_880, 4_320)  # minutes within which a board's posts are to be decided
USUAL_TARGET = 120
MOST_FIRST_POSTS = 20
USUAL_FIRST_POSTS = 3

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


def looks_first(policy: BoardPolicy, *, is_sealed: bool, has_images: bool, is_newcomer: bool) -> bool:
    """Whether this board's policy asks a moderator to look at a post before others do."""
    return {
        BoardPolicy.OFF: False,
        BoardPolicy.FIRST: is_newcomer,
        BoardPolicy.ALL: True,
        BoardPolicy.ANONYMOUS: is_sealed,
        BoardPolicy.IMAGES: has_images,
        BoardPolicy.CHECK: False,
    }[policy]


def first_state(
    policy: BoardPolicy,
    skips_queue: bool,
    needs_review: bool,
    *,
    is_sealed: bool = False,
    has_images: bool = False,
    is_newcomer: bool = False,
) -> PostState:
    """Where a new post begins: before a tutor, unless the board or the author needs none and the text neither."""
    asks = looks_first(policy, is_sealed=is_sealed, has_images=has_images, is_newcomer=is_newcomer)
    waits = needs_review or (asks and not skips_queue)
    return PostState.PENDING if waits else PostState.PUBLISHED


def leaves_mark(is_moderated: bool, published_at: datetime | None, now: datetime, quiet_minutes: int) -> bool:
    """Whether readers are told that a published post was changed: not within the first minutes, where nobody looks."""
    is_early = published_at is not None and now - published_at < timedelta(minutes=quiet_minutes)
    return is_moderated or not is_early


def is_open_at(
    now: datetime,
    *,
    locked_at: datetime | None,
    opens_at: datetime | None,
    closes_at: datetime | None,
    archived_at: datetime | None,
) -> bool:
    """Whether something new may be written on a board: nobody has closed it, and it is between its dates."""
    if locked_at is not None or (opens_at is not None and now < opens_at):
        return False
    return all(end is None or now < end for end in (closes_at, archived_at))


def waits_for(state: PostState, has_offer: bool, is_flagged: bool) -> WaitsFor | None:
    """Why a tutor must look, the most urgent reason first; None when nobody must."""
    if state == PostState.HIDDEN or (state == PostState.PUBLISHED and is_flagged):
        return WaitsFor.REPORT
    if state == PostState.PENDING:
        return WaitsFor.NEW
    return WaitsFor.EDIT if state == PostState.PUBLISHED and has_offer else None


@dataclass(frozen=True, slots=True)
class PollDraft:
    """What is asked with a question."""

    options: tuple[str, ...]
    is_multiple: bool
    closes_at: datetime | None


def poll_problems(options: tuple[str, ...], closes: str, today: date) -> dict[str, str]:
    """A sentence for each field of a poll that cannot be asked so."""
    problems = {}
    if not FEWEST_OPTIONS <= len(options) <= MOST_OPTIONS:
        problems["options"] = _("Write two to eight options, one on each line, or none at all.")
    elif len({option.casefold() for option in options}) < len(options):
        problems["options"] = _("Two options are the same. Change one.")
    elif any(len(option) > OPTION_LENGTH for option in options):
        problems["options"] = _("Shorten each option to %(most)d characters.") % {"most": OPTION_LENGTH}
    if closes and (last_day(closes) or date.min) < today:
        problems["closes"] = _("Choose a day that is not over, or leave it empty.")
    return problems


def last_day(words: str) -> date | None:
    """The day that a browser's date box sends."""
    try:
        return date.fromisoformat(words) if len(words) == len("2026-11-30") else None
    except ValueError:
        return None


def end_of(day: date, zone: ZoneInfo) -> datetime | None:
    """The midnight after this day; None after the last day that there is."""
    return datetime.combine(day + timedelta(days=1), time(), zone) if day < date.max else None


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


def pack(tags: Iterable[str]) -> str:
    """Tags as a column holds them: a stroke before, between and after, so that one is found whole."""
    words = "|".join(tags)
    return f"|{words}|" if words else ""


def unpack(column: str) -> tuple[str, ...]:
    """The tags of a column."""
    return tuple(filter(None, column.split("|")))
