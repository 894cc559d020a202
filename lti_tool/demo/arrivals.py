"""The pretend VLE is connected, and its people are known before they first come, as by a roster.

Who they are, and what in which course, is read from the VLE's catalogue (a file, not its code); how to reach the VLE is
asked of its own programme, as an administrator would.
"""

import json
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

from sqlalchemy.orm import Session

from lti_tool.access import Actor, Role
from lti_tool.core import clock
from lti_tool.core.db import Database
from lti_tool.launch import (
    AnnouncedPerson,
    CourseClaims,
    PlatformDraft,
    announce,
    connect_platform,
    find_platform,
    move_platform,
)
from lti_tool.people import CourseLine, Enrolment


@dataclass(frozen=True, slots=True)
class Known:
    """Everybody by username, and the courses by the VLE's number."""

    actors: Mapping[str, Actor]
    courses: Mapping[int, CourseLine]


def connect(database: Database, issuer: str) -> None:
    """Connect the VLE, or follow it to another address (`DEMO_VLE_PORT`)."""
    with database.reading() as db:
        platform = find_platform(db, _catalogue()["trust"]["site"])
    if platform is not None and platform.issuer == issuer:
        return
    said = json.loads(_ask_vle(issuer))
    trust, keys_url, deployment = said.pop("trust"), said.pop("jwks_url"), said.pop("deployment_id")
    draft = PlatformDraft(keys_url=keys_url, deployments=(deployment,), **said)
    with database.transaction() as db:
        if platform is None:
            connect_platform(db, trust, draft, clock.now())
        else:
            move_platform(db, draft)


def announce_everybody(database: Database) -> Known:
    """All people of the VLE with their courses and roles there."""
    catalogue = _catalogue()
    titles = {course["id"]: course["title"] for course in catalogue["courses"]}
    courses: dict[int, CourseLine] = {}
    with database.transaction() as db:
        actors = {raw["username"]: _announce(db, raw, titles, courses) for raw in catalogue["people"]}
    return Known(actors, courses)


def _announce(db: Session, raw: Mapping[str, Any], titles: Mapping[int, str], courses: dict[int, CourseLine]) -> Actor:
    platform = find_platform(db, _catalogue()["trust"]["site"])
    assert platform is not None, "connect() was called before"
    name = " ".join(raw[part] for part in ("title", "given", "family") if part in raw)
    person, _none = announce(db, platform, AnnouncedPerson(str(raw["id"]), name), None, clock.now())
    roles: dict[int, Role] = {}
    for enrolment in raw.get("enrolments", ()):
        number = enrolment["course"]
        here = AnnouncedPerson(str(raw["id"]), name, (enrolment["role"],))
        _person, course = announce(db, platform, here, CourseClaims(str(number), titles[number]), clock.now())
        assert course is not None, "a course was announced"
        courses[number] = course
        roles[course.id] = Role(db.get_one(Enrolment, (person.id, course.id)).role)
    return Actor(person.id, person.public_id, person.trust_id, name, roles)


def _catalogue() -> dict[str, Any]:
    file = resources.files("lti_tool.demo_platform").joinpath("courses.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _ask_vle(issuer: str) -> str:
    command = [sys.executable, "-m", "lti_tool.demo_platform", "--registration", "--url", issuer]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603 - ourselves
