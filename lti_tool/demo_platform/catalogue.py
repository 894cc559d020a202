"""The pretend trust as data: people, courses, activities and texts, read once from `courses.toml`."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib import resources
from typing import Any, Literal

CourseRole = Literal["Instructor", "NonEditingInstructor", "Learner"]
LtiRole = Literal["Instructor", "Learner"]
ROLE_WORDS: Mapping[CourseRole, str] = {
    "Learner": "Student",
    "NonEditingInstructor": "Non-editing teacher",
    "Instructor": "Teacher",
}


@dataclass(frozen=True)
class Enrolment:
    """One person in one course. `groups` is the comma list that Moodle sends; `steps` is what a newcomer can try."""

    role: CourseRole
    groups: str = ""
    steps: tuple[str, ...] = ()
    is_suspended: bool = False


@dataclass(frozen=True)
class Person:
    """Somebody whom a visitor of the demo can be. `id` is the `sub` of a launch."""

    id: int
    username: str
    title: str
    given: str
    family: str
    kind: str
    role: str
    about: str
    id_number: str
    is_site_administrator: bool
    steps: tuple[str, ...]
    enrolments: Mapping[int, Enrolment]

    @property
    def name(self) -> str:
        """The full name as people say it."""
        return " ".join(part for part in (self.title, self.given, self.family) if part)

    @property
    def email(self) -> str:
        """An address that can never belong to anybody (RFC 2606)."""
        return f"{self.username}@northmoor.example"

    def may_open(self, course_id: int) -> bool:
        """Whether the VLE shows this course to the person."""
        enrolment = self.enrolments.get(course_id)
        return self.is_site_administrator or (enrolment is not None and not enrolment.is_suspended)

    def may_edit(self, course_id: int) -> bool:
        """Whether the person may add activities and enrol others."""
        return self.may_open(course_id) and (self.is_site_administrator or self._course_role(course_id) == "Instructor")

    def role_in(self, course_id: int) -> LtiRole:
        """The role at launch. Moodle gives its administrator, enrolled or not, the role of a teacher."""
        return "Learner" if self._course_role(course_id) == "Learner" else "Instructor"

    def roster_role_in(self, course_id: int) -> LtiRole:
        """The role in the roster, where Moodle takes a non-editing teacher for a learner."""
        return "Instructor" if self._course_role(course_id) == "Instructor" else "Learner"

    def role_word_in(self, course_id: int) -> str:
        """The role as Moodle's pages write it."""
        return ROLE_WORDS[self._course_role(course_id)]

    def _course_role(self, course_id: int) -> CourseRole:
        enrolment = self.enrolments.get(course_id)
        return enrolment.role if enrolment else "Instructor"

    def steps_in(self, course_id: int) -> tuple[str, ...]:
        """What this person can try in the course."""
        enrolment = self.enrolments.get(course_id)
        return enrolment.steps if enrolment else self.steps


@dataclass(frozen=True)
class Activity:
    """One external tool link. `cmid` is its page in the VLE, `instance` the `resource_link.id` of a launch.

    `tool` is the number of its tool, an empty `url` that tool's own, `section` its place on the page, counted from 0;
    `column` is the grade column that the tool may fill.
    """

    cmid: int
    instance: int
    course_id: int
    name: str
    intro: str
    custom: Mapping[str, str]
    tool: int = 1
    section: int = 0
    url: str = ""
    icon: str = ""
    column: int | None = None
    shares_name: bool = True
    shares_email: bool = True


@dataclass(frozen=True)
class Section:
    """A topic or a week of a course: paragraphs, then activities."""

    title: str
    text: tuple[str, ...]
    activities: tuple[Activity, ...]


@dataclass(frozen=True)
class Course:
    """A course of the VLE. `id` is the `context.id` of a launch, `history` what it was copied from, newest first."""

    id: int
    title: str
    short: str
    id_number: str
    summary: str
    begins_at: datetime
    sections: tuple[Section, ...]
    history: tuple[int, ...] = ()

    @property
    def activities(self) -> tuple[Activity, ...]:
        """All activities in the order of the page."""
        return tuple(activity for section in self.sections for activity in section.activities)


@dataclass(frozen=True)
class FirstTool:
    """The tool that is connected from the start, so that a demo has something to open."""

    name: str
    client_id: str
    deployment_id: str
    custom: Mapping[str, str]


@dataclass(frozen=True)
class Catalogue:
    """Everything in `courses.toml`, or what people have made of it since."""

    trust: str
    site: str
    description: str
    tool: FirstTool
    people: Mapping[int, Person]
    courses: Mapping[int, Course]

    def people_by_kind(self) -> dict[str, list[Person]]:
        """The people under the headings of the front page, in the order of the file."""
        kinds: dict[str, list[Person]] = {}
        for person in self.people.values():
            kinds.setdefault(person.kind, []).append(person)
        return kinds

    def courses_of(self, person: Person) -> list[Course]:
        """The courses that the person may open."""
        return [course for course in self.courses.values() if person.may_open(course.id)]

    def enrolled_in(self, course: Course) -> list[Person]:
        """Teachers first, then learners, each by family name; also those whose enrolment is suspended."""
        enrolled = [person for person in self.people.values() if course.id in person.enrolments]
        return sorted(enrolled, key=lambda person: (person.role_in(course.id), person.family))

    def active_in(self, course: Course) -> list[Person]:
        """The same without the suspended."""
        return [person for person in self.enrolled_in(course) if not person.enrolments[course.id].is_suspended]

    def find_activity(self, cmid: int) -> Activity | None:
        """The activity behind a page number, or None."""
        return next((one for course in self.courses.values() for one in course.activities if one.cmid == cmid), None)

    def find_instance(self, instance: int) -> Activity | None:
        """The activity behind a resource link id, or None."""
        activities = (one for course in self.courses.values() for one in course.activities)
        return next((one for one in activities if one.instance == instance), None)


def load_catalogue() -> Catalogue:
    """Read `courses.toml` from the package; a mistake in it fails here, at the start."""
    raw = tomllib.loads(resources.files(__package__).joinpath("courses.toml").read_text(encoding="utf-8"))
    people = [_person(one) for one in raw["people"]]
    courses = [_course(one) for one in raw["courses"]]
    return Catalogue(
        trust=raw["trust"]["name"],
        site=raw["trust"]["site"],
        description=raw["trust"]["description"],
        tool=FirstTool(**raw["tool"]),
        people={person.id: person for person in people},
        courses={course.id: course for course in courses},
    )


def _person(raw: dict[str, Any]) -> Person:
    enrolments = {
        one["course"]: Enrolment(one["role"], one["groups"], tuple(one["steps"])) for one in raw.get("enrolments", [])
    }
    plain = {key: raw[key] for key in ("id", "username", "given", "family", "kind", "role", "about", "id_number")}
    return Person(
        **plain,
        title=raw.get("title", ""),
        is_site_administrator=raw.get("site_administrator", False),
        steps=tuple(raw.get("steps", [])),
        enrolments=enrolments,
    )


def _course(raw: dict[str, Any]) -> Course:
    sections = tuple(
        Section(
            title=one["title"],
            text=tuple(one["text"]),
            activities=tuple(_activity(activity, raw["id"], number) for activity in one.get("activities", [])),
        )
        for number, one in enumerate(raw["sections"])
    )
    plain = {key: raw[key] for key in ("id", "title", "short", "id_number", "summary")}
    return Course(**plain, begins_at=raw["begins"], sections=sections)


def _activity(raw: dict[str, Any], course_id: int, section: int) -> Activity:
    plain = {key: raw[key] for key in ("cmid", "instance", "name", "intro", "custom")}
    column = raw["instance"] if raw.get("has_grades") else None
    return Activity(**plain, course_id=course_id, section=section, column=column)
