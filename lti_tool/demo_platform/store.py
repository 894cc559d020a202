"""What people have changed in the pretend VLE since its first run, in one file of `var_dir`.

`courses.toml` stays as it is; the catalogue that everybody sees is made of both. A change is written to the file before
anybody sees it, and one that fails leaves nothing behind.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from threading import RLock
from typing import Any

from lti_tool.demo_platform.catalogue import Activity, Catalogue, Course, Enrolment, Person, Section
from lti_tool.demo_platform.fence import Fence
from lti_tool.demo_platform.tools import Tool

FILE_NAME = "demo-vle-changes.json"

# What people make is numbered from here, so that it never meets what is in the catalogue.
FIRST_FREE_NUMBER = 100


@dataclass(frozen=True)
class Score:
    """What a tool said last about one person in one column. `at` is an ISO 8601 time."""

    at: str
    given: float | None
    maximum: float | None
    comment: str
    is_final: bool


@dataclass(kw_only=True)
class Column:
    """One line item of a tool. `instance` is the activity that it belongs to, if any."""

    number: int
    course_id: int
    tool: int
    label: str
    score_maximum: float
    resource_id: str = ""
    tag: str = ""
    instance: int | None = None
    scores: dict[int, Score] = field(default_factory=dict)


@dataclass(frozen=True)
class CourseCopy:
    """A course that was copied. Its texts are those of `original`; `history` names its ancestors, newest first."""

    id: int
    title: str
    short: str
    original: int
    history: tuple[int, ...]


@dataclass
class Changes:
    """Everything that is different from `courses.toml`. A None among the enrolments is somebody who was taken out."""

    last_number: int = FIRST_FREE_NUMBER - 1
    last_tool: int = 0
    tools: dict[int, Tool] = field(default_factory=dict)
    activities: list[Activity] = field(default_factory=list)
    removed: set[int] = field(default_factory=set)
    copies: list[CourseCopy] = field(default_factory=list)
    enrolments: dict[tuple[int, int], Enrolment | None] = field(default_factory=dict)
    columns: dict[int, Column] = field(default_factory=dict)
    fence: Fence = field(default_factory=Fence)

    def next_number(self) -> int:
        """A number that nothing has had before."""
        self.last_number += 1
        return self.last_number

    def next_tool(self) -> int:
        """The number of a new tool."""
        self.last_tool += 1
        return self.last_tool


class Store:
    """The changes and the catalogue as it is now. Safe to use from several threads."""

    def __init__(self, var_dir: Path, base: Catalogue, first: Changes) -> None:
        """`first` is what there is at the first run."""
        self._path = var_dir / FILE_NAME
        self._lock = RLock()
        self._base = base
        self.changes = _read(self._path) if self._path.exists() else first
        self.catalogue = present(base, self.changes)
        if not self._path.exists():
            self._write(first)

    @contextmanager
    def change(self) -> Iterator[Changes]:
        """A draft to change inside the block; it counts when the block ends well."""
        with self._lock:
            draft = deepcopy(self.changes)
            yield draft
            self._write(draft)
            self.changes, self.catalogue = draft, present(self._base, draft)

    def _write(self, changes: Changes) -> None:
        draft = self._path.with_suffix(".new")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            json.dump(_written(changes), file, indent=1)
        draft.replace(self._path)


def present(base: Catalogue, changes: Changes) -> Catalogue:
    """The catalogue with all changes in it."""
    courses = {course.id: course for course in base.courses.values()}
    for copy in changes.copies:
        courses[copy.id] = _copied(courses[copy.original], copy)
    return replace(
        base,
        courses={number: _with_activities(course, changes) for number, course in courses.items()},
        people={number: _with_enrolments(person, changes) for number, person in base.people.items()},
    )


def _copied(original: Course, copy: CourseCopy) -> Course:
    sections = tuple(replace(section, activities=()) for section in original.sections)
    return replace(
        original, id=copy.id, title=copy.title, short=copy.short, id_number="", sections=sections, history=copy.history
    )


def _with_activities(course: Course, changes: Changes) -> Course:
    added = [one for one in changes.activities if one.course_id == course.id]

    def filled(number: int, section: Section) -> Section:
        there = [*section.activities, *(one for one in added if one.section == number)]
        return replace(section, activities=tuple(one for one in there if one.cmid not in changes.removed))

    return replace(course, sections=tuple(filled(number, one) for number, one in enumerate(course.sections)))


def _with_enrolments(person: Person, changes: Changes) -> Person:
    own = {course: enrolment for (course, one), enrolment in changes.enrolments.items() if one == person.id}
    merged = {**person.enrolments, **own}
    return replace(person, enrolments={course: one for course, one in merged.items() if one is not None})


def _written(changes: Changes) -> dict[str, Any]:
    plain = asdict(changes)
    plain["removed"] = sorted(changes.removed)
    plain["enrolments"] = [
        {"course": course, "person": person, "enrolment": asdict(one) if one else None}
        for (course, person), one in changes.enrolments.items()
    ]
    return plain


def _read(path: Path) -> Changes:
    raw = json.loads(path.read_text(encoding="utf-8"))
    return Changes(
        last_number=raw["last_number"],
        last_tool=raw["last_tool"],
        tools={int(number): _tool(one) for number, one in raw["tools"].items()},
        activities=[Activity(**one) for one in raw["activities"]],
        removed=set(raw["removed"]),
        copies=[CourseCopy(**one | {"history": tuple(one["history"])}) for one in raw["copies"]],
        enrolments={(one["course"], one["person"]): _enrolment(one["enrolment"]) for one in raw["enrolments"]},
        columns={int(number): _column(one) for number, one in raw["columns"].items()},
        fence=Fence(**raw["fence"]),
    )


def _tool(raw: dict[str, Any]) -> Tool:
    return Tool(**raw | {"redirect_uris": tuple(raw["redirect_uris"])})


def _enrolment(raw: dict[str, Any] | None) -> Enrolment | None:
    return Enrolment(**raw | {"steps": tuple(raw["steps"])}) if raw else None


def _column(raw: dict[str, Any]) -> Column:
    return Column(**raw | {"scores": {int(number): Score(**one) for number, one in raw["scores"].items()}})
