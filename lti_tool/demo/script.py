"""The demo's weeks before it began, read from the TOML files beside this one: who did what, when. Pure."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from importlib import resources
from typing import Any

from lti_tool.core.clock import LONDON
from lti_tool.demo.cases import CaseEvent, case_events

_WRAPPED = re.compile(r"(?<!\n)\n(?!\n|[-*>|] |\d+\. |\|)")


class Does(StrEnum):
    """What somebody does."""

    ASK = "ask"
    REPLY = "reply"
    EDIT = "edit"
    REPORT = "report"
    APPROVE = "approve"
    RETURN = "return"
    REJECT = "reject"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class Event:
    """Somebody does something at a moment. `who` is a username; `post` and `to` are the script's own names of posts."""

    at: datetime
    who: str
    does: Does
    board: str
    post: str
    to: str = ""
    title: str = ""
    text: str = ""
    reason: str = ""
    note: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BoardLines:
    """A board as it is opened. `course` is the VLE's number of it."""

    public_id: str
    course: int
    title: str
    purpose: str
    is_pseudonymous: bool
    opened_by: str
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Script:
    """Everything that is played. `duties` and `rotations` are as in `cast.toml`."""

    duties: tuple[dict[str, str], ...]
    rotations: tuple[dict[str, str], ...]
    boards: tuple[BoardLines, ...]
    events: tuple[Event, ...]
    cases: tuple[CaseEvent, ...]


def read_script(now: datetime) -> Script:
    """All of it in the order in which it happened, `now` being the moment at which it ends."""
    cast = _read("cast.toml")
    raw_boards = [_read(name) for name in _board_files()]
    events = [event for raw in raw_boards for event in _events(raw, now)]
    return Script(
        duties=tuple(cast["duties"]),
        rotations=tuple(cast["rotations"]),
        boards=tuple(_board(raw) for raw in raw_boards),
        events=tuple(sorted(events, key=lambda event: event.at)),
        cases=tuple(case_events(_cases(), lambda raw, before: _moment(raw, now, before), now)),
    )


def _board_files() -> list[str]:
    names = (entry.name for entry in resources.files(__package__).iterdir())
    return sorted(name for name in names if name.endswith(".toml") and name[0].isdigit())


def _cases() -> list[dict[str, Any]]:
    unwrapped = ("text", "explanation")
    raw_cases = _read("cases.toml")["cases"]
    return [raw | {name: _unwrapped(raw[name]) for name in unwrapped if name in raw} for raw in raw_cases]


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath(name).read_text(encoding="utf-8"))


def _board(raw: dict[str, Any]) -> BoardLines:
    return BoardLines(**{name: value for name, value in raw.items() if name != "posts"})


def _events(raw: dict[str, Any], now: datetime) -> Iterator[Event]:
    for number, post in enumerate(raw["posts"]):
        board, key = raw["public_id"], post.get("id") or f"{raw['public_id']} {number}"
        at = _moment(post, now, now)
        does = Does.REPLY if "to" in post else Does.ASK
        words = {"to": post.get("to", ""), "title": post.get("title", ""), "text": _unwrapped(post["text"])}
        yield Event(at, post["who"], does, board, key, tags=tuple(post.get("tags", ())), **words)
        for step in post.get("then", ()):
            at = _moment(step, now, at)
            words = {name: _unwrapped(step.get(name, "")) for name in ("title", "text", "reason", "note")}
            yield Event(at, step["who"], Does(step["does"]), board, key, **words)


def _unwrapped(text: str) -> str:
    """The text with its paragraphs on one line each, as people type them; lists, quotes and tables stay as they are."""
    return _WRAPPED.sub(" ", text.strip())


def _moment(raw: Mapping[str, Any], now: datetime, before: datetime) -> datetime:
    """`hours` before now, `after` so many minutes, or `days` before today `at` a time in London."""
    if "hours" in raw:
        return now - timedelta(hours=raw["hours"])
    if "after" in raw:
        return before + timedelta(minutes=raw["after"])
    day = now.astimezone(LONDON).date() - timedelta(days=raw["days"])
    return datetime.combine(day, time.fromisoformat(raw["at"]), LONDON)
