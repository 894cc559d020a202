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
from lti_tool.demo_platform.grades import GradeBook
from lti_tool.demo_platform.keys import KeyRing

MOST_PENDING_LAUNCHES = 10_000


@dataclass(frozen=True)
class VleConfig:
    """Where the VLE is, where its tool is, and the folder for its keys. Both addresses are as a browser sees them."""

    url: str
    tool_url: str
    var_dir: Path

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
        launch_id = f"ltilaunch{launch.activity.instance}_{secrets.randbelow(10**10)}"
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
class Vle:
    """The state of one application."""

    config: VleConfig
    catalogue: Catalogue
    keys: KeyRing
    grade_book: GradeBook
    pending: PendingLaunches = field(default_factory=PendingLaunches)
    access_tokens: dict[str, tuple[frozenset[str], float]] = field(default_factory=dict)
    """Bearer token → its scopes and the end of its life, in seconds since 1970."""

    @property
    def redirect_uri(self) -> str:
        """The one address to which a token may go."""
        return f"{self.config.tool}/lti/launch"


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
