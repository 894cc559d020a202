"""The people of a seeded trust, their courses and boards, made by the rooms' own actions."""

import tomllib
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy.orm import Session

from lti_tool.access import Actor, Role
from lti_tool.boards import BoardDraft, BoardPolicy, alias_of, make_board, tag_of
from lti_tool.core import clock
from lti_tool.core.db import as_trust
from lti_tool.core.ids import PUBLIC_ID_LENGTH
from lti_tool.people import Course, CourseLine, Enrolment, Person, Trust, make_course, make_trust

WORDS: dict[str, Any] = tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))
PEOPLE_A_COURSE = 60
MOST_COURSES = 60
LEARNERS_A_TUTOR = 12
WRITERS_A_BOARD = 120
SHARES = (5, 2, 3)  # of the threads: on the named board, on the pseudonymous one, on the one without moderation


@dataclass(frozen=True, slots=True)
class Writer:
    """Somebody who writes on a board: under their name, or under a tag and an alias."""

    person_id: int
    is_tutor: bool
    tag: bytes | None
    alias: str | None


@dataclass(frozen=True, slots=True)
class Group:
    """A course with its people as they act in it."""

    line: CourseLine
    tutors: tuple[Actor, ...]
    learners: tuple[Actor, ...]


@dataclass(frozen=True, slots=True)
class Stage:
    """A board with those who write on it. `share` is how much of all talk happens there."""

    board_id: int
    course_id: int
    is_moderated: bool
    is_pseudonymous: bool
    share: int
    writers: tuple[Writer, ...]


def public_id(rng: Random) -> str:
    """Of the shape of `core.ids.new_public_id`, and the same again for the same seed. For invented things only."""
    return urlsafe_b64encode(rng.randbytes(PUBLIC_ID_LENGTH * 3 // 4)).decode()


@dataclass(frozen=True, slots=True)
class Crowd:
    """All of a seeded trust but what its people say."""

    trust: Trust
    groups: list[Group]
    stages: list[Stage]


def gather(db: Session, trust_name: str, people: int, rng: Random) -> Crowd:
    """A new trust with its people, courses and boards."""
    trust = make_trust(db, trust_name, clock.now())
    as_trust(db, trust.id)
    count = max(1, min(MOST_COURSES, people // PEOPLE_A_COURSE))
    courses = [make_course(db, trust.id, _course_title(number), clock.now()) for number in range(count)]
    persons = [_person(trust, rng) for _ in range(people)]
    db.add_all(persons)
    db.flush()
    groups = [_enrol(db, course, persons[number::count], persons, rng) for number, course in enumerate(courses)]
    stages = [stage for group in groups for stage in _boards(db, group, rng)]
    db.flush()
    return Crowd(trust, groups, stages)


def _course_title(number: int) -> str:
    specialities = WORDS["specialities"]
    return f"{specialities[number % len(specialities)]}, year {number // len(specialities) + 1}"


def _person(trust: Trust, rng: Random) -> Person:
    name = f"{rng.choice(WORDS['first_names'])} {rng.choice(WORDS['last_names'])}"
    return Person(public_id=public_id(rng), trust_id=trust.id, name=name, created_at=clock.now())


def _enrol(db: Session, course: Course, own: list[Person], everybody: list[Person], rng: Random) -> Group:
    """The course's own people, and a few more from elsewhere. One in a dozen is a tutor, and there is always one."""
    guests = rng.sample(everybody, min(len(everybody), len(own) // 4))
    people = list({person.id: person for person in (*own, *guests)}.values())
    roles = [Role.TUTOR] * max(1, len(people) // LEARNERS_A_TUTOR)
    roles += [Role.LEARNER] * (len(people) - len(roles))
    db.add_all(
        Enrolment(person_id=person.id, course_id=course.id, trust_id=course.trust_id, role=role, since=clock.now())
        for person, role in zip(people, roles, strict=True)
    )
    actors = [_actor(person, course, role) for person, role in zip(people, roles, strict=True)]
    tutors, learners = actors[: roles.count(Role.TUTOR)], actors[roles.count(Role.TUTOR) :]
    line = CourseLine.of(course)
    return Group(line, tuple(tutors), tuple(learners))


def _actor(person: Person, course: Course, role: Role) -> Actor:
    return Actor(person.id, person.public_id, person.trust_id, person.name, {course.id: role})


def _boards(db: Session, group: Group, rng: Random) -> list[Stage]:
    stages = []
    for title, share, is_pseudonymous, is_moderated in zip(
        WORDS["boards"], SHARES, (False, True, False), (True, True, False), strict=True
    ):
        draft = BoardDraft(
            title, WORDS["purpose"], is_pseudonymous, BoardPolicy.ALL if is_moderated else BoardPolicy.OFF
        )
        board = make_board(db, group.tutors[0], group.line, draft, public_id(rng))
        members = (*group.tutors, *group.learners)
        chosen = rng.sample(members, min(len(members), WRITERS_A_BOARD))
        writers = tuple(_writer(db, board.id, is_pseudonymous, actor, actor in group.tutors) for actor in chosen)
        stages.append(Stage(board.id, group.line.id, is_moderated, is_pseudonymous, share, writers))
    return stages


def _writer(db: Session, board_id: int, is_pseudonymous: bool, actor: Actor, is_tutor: bool) -> Writer:
    if not is_pseudonymous:
        return Writer(actor.person_id, is_tutor, None, None)
    tag = tag_of(db, actor.person_id, board_id)
    return Writer(actor.person_id, is_tutor, tag, alias_of(db, actor.trust_id, board_id, tag))
