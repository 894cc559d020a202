"""What one running pretend VLE holds, and who is signed in to it."""

import secrets
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import cast
from urllib.parse import urlsplit

from flask import abort, current_app, session

from lti_tool.demo_platform.catalogue import Activity, Catalogue, Course, Person
from lti_tool.demo_platform.claims import Launch
from lti_tool.demo_platform.fence import Fence
from lti_tool.demo_platform.grades import GradeBook
from lti_tool.demo_platform.keys import KeyRing
from lti_tool.demo_platform.selection import Offers
from lti_tool.demo_platform.store import Store
from lti_tool.demo_platform.tools import Tool

MOST_PENDING_LAUNCHES = 10_000


@dataclass(frozen=True)
class VleConfig:
    """Where the VLE is, where its tool is, and the folder for what it keeps. Addresses are as a browser sees them.

    With `is_empty` no tool is connected at the first run, and the courses have no activities.
    """

    url: str
    tool_url: str
    var_dir: Path
    is_empty: bool = False

    def __post_init__(self) -> None:
        for name in ("url", "tool_url"):
            parts = urlsplit(getattr(self, name))
            if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
                raise ValueError(f"{name} must be an http or https address, not {getattr(self, name)!r}")

    @property
    def issuer(self) -> str:
        """The site address without a slash at its end, as Moodle names itself."""
        return self.url.rstrip("/")

    @property
    def tool(self) -> str:
        """The tool's address without a slash at its end."""
        return self.tool_url.rstrip("/")


class PendingLaunches:
    """Launches between the login request and the token; each can be taken once. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._launches: OrderedDict[str, Launch] = OrderedDict()

    def add(self, launch: Launch) -> str:
        """Keep the launch and return its id, in Moodle's form."""
        name = str(launch.activity.instance) if launch.activity else ""
        launch_id = f"ltilaunch{name}_{secrets.randbelow(10**10)}"
        with self._lock:
            self._launches[launch_id] = launch
            while len(self._launches) > MOST_PENDING_LAUNCHES:
                self._launches.popitem(last=False)
        return launch_id

    def find(self, launch_id: str) -> Launch | None:
        """The launch, or None if it is unknown or was taken."""
        return self._launches.get(launch_id)

    def take(self, launch_id: str) -> Launch | None:
        """The launch, for the first who asks."""
        with self._lock:
            return self._launches.pop(launch_id, None)


@dataclass(frozen=True)
class AccessToken:
    """What a bearer token is good for, and until when, in seconds since 1970."""

    tool: Tool
    scopes: frozenset[str]
    until: float


@dataclass(frozen=True)
class Vle:
    """The state of one application."""

    config: VleConfig
    store: Store
    keys: KeyRing
    pending: PendingLaunches = field(default_factory=PendingLaunches)
    offers: Offers = field(default_factory=Offers)
    access_tokens: dict[str, AccessToken] = field(default_factory=dict)

    @property
    def catalogue(self) -> Catalogue:
        """The people and courses as they are now."""
        return self.store.catalogue

    @property
    def grade_book(self) -> GradeBook:
        """The columns and scores."""
        return GradeBook(self.store)

    @property
    def tools(self) -> dict[int, Tool]:
        """The connected tools, the pending ones among them."""
        return self.store.changes.tools

    @property
    def fence(self) -> Fence:
        """What it does not call."""
        return self.store.changes.fence

    def find_client(self, client_id: object) -> Tool | None:
        """The tool that calls itself so, or None."""
        return next((tool for tool in self.tools.values() if tool.client_id == client_id), None)


def current_vle() -> Vle:
    """The VLE of the running request."""
    return cast(Vle, current_app.extensions["demo_vle"])


def find_me() -> Person | None:
    """Who is signed in, or None."""
    return current_vle().catalogue.people.get(session.get("person", 0))


def get_course(person: Person, course_id: int) -> Course:
    """The course, or a page that says why not."""
    course = current_vle().catalogue.courses.get(course_id)
    if course is None:
        abort(404, "There is no such course here.")
    if not person.may_open(course.id):
        abort(403, f"{person.name} is not enrolled in {course.title}, and nobody can enrol themselves.")
    return course


def get_activity(person: Person, cmid: int) -> tuple[Course, Activity]:
    """The activity with its course, or a page that says why not."""
    activity = current_vle().catalogue.find_activity(cmid)
    if activity is None:
        abort(404, "There is no such activity here.")
    return get_course(person, activity.course_id), activity


def get_own_course(person: Person, course_id: int) -> Course:
    """A course in which the person may change something, or a page that says why not."""
    course = get_course(person, course_id)
    if not person.may_edit(course.id):
        abort(403, f"Only a teacher of {course.title} can change it.")
    return course


def get_tool(number: int) -> Tool:
    """A tool that can be launched, or a page that says why not."""
    tool = current_vle().tools.get(number)
    if tool is None:
        abort(404, "LTI tool type not found. The administrator of this VLE has deleted the tool of this activity.")
    if not tool.is_active:
        abort(403, f"{tool.name} is pending: the administrator of this VLE has not activated it.")
    return tool


def registration(config: VleConfig, catalogue: Catalogue) -> dict[str, str]:
    """What a tool must know to trust this VLE, named as the options of `lti-tool platform add`."""
    return {
        "trust": catalogue.trust,
        "name": catalogue.site,
        "issuer": config.issuer,
        "client_id": catalogue.tool.client_id,
        "auth_url": f"{config.issuer}/mod/lti/auth.php",
        "token_url": f"{config.issuer}/mod/lti/token.php",
        "jwks_url": f"{config.issuer}/mod/lti/certs.php",
        "deployment_id": catalogue.tool.deployment_id,
        "course_url": "{iss}/course/view.php?id={context.id}",
    }
