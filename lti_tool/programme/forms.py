"""What a planner types: kept as it was typed, so that it always comes back, and turned into a draft for the actions."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlsplit

from werkzeug.datastructures import MultiDict

from lti_tool.core import clock
from lti_tool.core.errors import Invalid
from lti_tool.core.ids import is_public_id, new_public_id
from lti_tool.core.language import gettext as _
from lti_tool.people import GRADES
from lti_tool.programme.queries import SessionLine
from lti_tool.programme.rules import (
    AHEAD_AT_MOST,
    BACK_AT_MOST,
    DESCRIPTION_LENGTH,
    LINK_LENGTH,
    MOST_CPD,
    REASON_LENGTH,
    ROOM_LENGTH,
    SPEAKER_LENGTH,
    TITLE_LENGTH,
    SessionDraft,
    london_day,
    london_moment,
)
from lti_tool.texts import CARE, CONTACTS, name_nobody

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_TIME = re.compile(r"([01]?\d|2[0-3])[:.]?([0-5]\d)")
_UK_DAY = re.compile(r"(\d{1,2})[/. -](\d{1,2})[/. -](\d{4})")
TYPED = ("title", "day", "begins", "ends", "room", "online_url", "speaker", "text", "cpd")  # in the order of the page


@dataclass(frozen=True, slots=True)
class PlanForm:
    """A session as it stands in the form. `text` is its description; `warned` names the clashes that were shown."""

    title: str = ""
    day: str = ""
    begins: str = "13:00"
    ends: str = "14:00"
    room: str = ""
    online_url: str = ""
    speaker: str = ""
    text: str = ""
    cpd: str = ""
    grades: tuple[str, ...] = ()
    is_core: bool = False
    once: str = ""
    seen: int = 0
    warned: str = ""

    @staticmethod
    def of(fields: MultiDict[str, str]) -> "PlanForm":
        """From what a browser sent. A missing or odd `once` is replaced, so that nothing depends on it."""
        once = fields.get("once", "")
        return PlanForm(
            **{name: fields.get(name, "") for name in TYPED},
            grades=tuple(grade for grade in GRADES if grade in fields.getlist("grades")),
            is_core=bool(fields.get("core")),
            once=once if is_public_id(once) else new_public_id(),
            seen=number(fields.get("seen", "")),
            warned=fields.get("warned", ""),
        )

    @staticmethod
    def of_line(line: SessionLine) -> "PlanForm":
        """From what is planned."""
        begins, ends = line.starts_at.astimezone(clock.LONDON), line.ends_at.astimezone(clock.LONDON)
        return PlanForm(
            title=line.title,
            day=begins.date().isoformat(),
            begins=f"{begins:%H:%M}",
            ends=f"{ends:%H:%M}",
            room=line.room,
            online_url=line.online_url,
            speaker=line.speaker,
            text=line.description,
            cpd=f"{line.cpd_points:.2f}".rstrip("0").rstrip(".") if line.cpd_points else "",
            grades=line.grades,
            is_core=line.is_core,
            once=new_public_id(),
            seen=line.version,
        )

    def with_draft(self, fields: Mapping[str, str]) -> "PlanForm":
        """What a draft has kept counts more than what is planned."""
        kept: dict[str, Any] = {name: fields[name] for name in TYPED if fields.get(name)}
        return replace(self, **kept)


def session_draft(form: PlanForm) -> SessionDraft:
    """Raises Invalid with a sentence a field."""
    problems: dict[str, str] = {}
    starts_at, ends_at = _slot(form, problems)
    draft = SessionDraft(
        title=_line(form.title, TITLE_LENGTH, "title", problems),
        starts_at=starts_at,
        ends_at=ends_at,
        description=_paragraphs(form.text, problems),
        speaker=_line(form.speaker, SPEAKER_LENGTH, "speaker", problems),
        room=_line(form.room, ROOM_LENGTH, "room", problems),
        online_url=_link(form.online_url, problems),
        grades=form.grades,
        is_core=form.is_core,
        cpd_points=_points(form.cpd, problems),
    )
    if not draft.title and "title" not in problems:
        problems["title"] = _("Give the session a title.")
    words = {"title": draft.title, "text": draft.description, "speaker": draft.speaker, "room": draft.room}
    problems |= name_nobody(words, CARE | CONTACTS) | problems
    if problems:
        raise Invalid(_("Not saved yet."), {field: problems[field] for field in TYPED if field in problems})
    return draft


def reason_of(fields: Mapping[str, str]) -> str:
    """Why a session is cancelled: everybody reads it. Raises Invalid with a sentence a field."""
    problems: dict[str, str] = {}
    reason = _line(fields.get("note", ""), REASON_LENGTH, "note", problems)
    if not reason and not problems:
        problems["note"] = _("Say in a few words why, for example: The speaker is away.")
    problems |= name_nobody({"note": reason}, CARE | CONTACTS) | problems
    if problems:
        raise Invalid(_("Not cancelled yet."), problems)
    return reason


def day_of(text: str) -> date | None:
    """A day from an address or a form: 2026-11-24, or as people write it here: 24/11/2026. None for anything else."""
    text = text.strip()
    if found := _UK_DAY.fullmatch(text):
        text = f"{found[3]}-{found[2]:0>2}-{found[1]:0>2}"
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2100 else None


def number(text: str) -> int:
    """A version from a form; 0 for anything odd."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0


def _line(text: str, most: int, field: str, problems: dict[str, str]) -> str:
    words = " ".join(_CONTROL.sub("", text).split())
    if len(words) > most:
        problems[field] = _("Shorten this to %(most)d characters.") % {"most": most}
    return words


def _paragraphs(text: str, problems: dict[str, str]) -> str:
    words = _CONTROL.sub("", text.replace("\r\n", "\n")).strip()
    if len(words) > DESCRIPTION_LENGTH:
        problems["text"] = _("Shorten this to %(most)d characters.") % {"most": DESCRIPTION_LENGTH}
    return words


def _slot(form: PlanForm, problems: dict[str, str]) -> tuple[datetime, datetime]:
    """Begin and end. Where there is a problem, what is returned is not used."""
    day, begins, ends = day_of(form.day), _time(form.begins), _time(form.ends)
    if day is None:
        problems["day"] = _("Choose the day, for example 24/11/2026.")
    else:
        _refuse_odd_day(day, problems)
    for field, found in (("begins", begins), ("ends", ends)):
        if found is None:
            problems[field] = _("Write the time like this: 13:00.")
    if day is None or begins is None or ends is None:
        return clock.now(), clock.now()
    starts_at, ends_at = _moment(day, begins, "begins", problems), _moment(day, ends, "ends", problems)
    if ends_at <= starts_at and "ends" not in problems:
        problems["ends"] = _("The end must be later than the beginning.")
    return starts_at, ends_at


def _refuse_odd_day(day: date, problems: dict[str, str]) -> None:
    today = london_day(clock.now())
    if day > today + AHEAD_AT_MOST:
        problems["day"] = _("This is more than two years ahead. Is the year right?")
    elif day < today - BACK_AT_MOST:
        problems["day"] = _("This is more than a year ago. Is the year right?")


def _time(text: str) -> time | None:
    found = _TIME.fullmatch(text.strip())
    return time(int(found[1]), int(found[2])) if found else None


def _moment(day: date, at: time, field: str, problems: dict[str, str]) -> datetime:
    try:
        return london_moment(day, at)
    except Invalid as problem:
        problems[field] = problem.message
        return clock.now()


def _link(text: str, problems: dict[str, str]) -> str:
    text = text.strip()
    if not text:
        return ""
    try:
        address = urlsplit(text)
        is_fit = address.scheme in ("http", "https") and bool(address.hostname)
    except ValueError:
        is_fit = False
    if not is_fit or any(letter.isspace() for letter in text) or _CONTROL.search(text):
        problems["online_url"] = _("Copy the whole link, beginning with https://.")
    elif len(text) > LINK_LENGTH:
        problems["online_url"] = _("Shorten this to %(most)d characters.") % {"most": LINK_LENGTH}
    return text


def _points(text: str, problems: dict[str, str]) -> Decimal:
    try:
        points = Decimal(text.strip().replace(",", ".") or "0")
        is_fit = points.is_finite() and 0 <= points <= MOST_CPD and points == round(points, 2)
    except InvalidOperation:
        is_fit = False
    if not is_fit:
        problems["cpd"] = _("Write a number such as 1 or 0.75, at most %(most)s.") % {"most": MOST_CPD}
        return Decimal(0)
    return points
