"""What a platform's roles mean to us; what an activity opens; where a course stands; when rosters and marks go.

LTI (Core §5.3.7 and appendix A.2) names a role by an address. It says two things: the **scope** in which the role holds
(this course, the institution, the whole system) and its **type**, perhaps with a finer one behind it:

    http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor               (COURSE, Instructor)
    http://purl.imsglobal.org/vocab/lis/v2/membership/Instructor#Lecturer      (COURSE, Instructor, Lecturer)
    http://purl.imsglobal.org/vocab/lis/v2/institution/person#Administrator    (INSTITUTION, Administrator)

Only both together mean anything: an *institution* Instructor teaches somewhere, which gives no right in this course,
and a *Learner's* finer type may be called Instructor (`membership/Learner#Instructor`). Old platforms write a course
role as one word (`Instructor`) or in the manner of LTI 1.1 (`urn:lti:role:ims/lis/Instructor`).

Of several roles the highest counts. Where a finer role stands beside its own plain one, the plain one is only its
surname (§A.2.3.1 asks platforms to send both) and does not count: a teaching assistant is not made a tutor by it.
Unknown roles and none at all are let in to read. A platform's own table may say otherwise for any role it sends.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import quote

from lti_tool.access import Role
from lti_tool.core.ids import is_public_id


class Scope(StrEnum):
    """Where a role holds."""

    SYSTEM = "system"
    INSTITUTION = "institution"
    COURSE = "course"


@dataclass(frozen=True, slots=True)
class PlatformRole:
    """A role as the platform means it. `finer` is its sub-role, or empty."""

    scope: Scope
    type: str
    finer: str = ""


LOWEST_FIRST = (
    Role.READER,
    Role.MENTOR,
    Role.LEARNER,
    Role.DESIGNER,
    Role.ADMINISTRATOR,
    Role.ASSISTANT,
    Role.TUTOR,
)
"""By what the policy lets each do. A tutor may do all that an administrator may, and decide about posts; Moodle's
administrators come as both."""

MEANINGS: Mapping[tuple[Scope, str], Role] = {
    (Scope.COURSE, "Instructor"): Role.TUTOR,
    (Scope.COURSE, "TeachingAssistant"): Role.ASSISTANT,
    (Scope.COURSE, "ContentDeveloper"): Role.DESIGNER,
    (Scope.COURSE, "Mentor"): Role.MENTOR,
    (Scope.COURSE, "Learner"): Role.LEARNER,
    (Scope.COURSE, "Administrator"): Role.ADMINISTRATOR,
    (Scope.INSTITUTION, "Administrator"): Role.ADMINISTRATOR,
    (Scope.SYSTEM, "Administrator"): Role.ADMINISTRATOR,
    (Scope.SYSTEM, "SysAdmin"): Role.ADMINISTRATOR,
}
FINER_MEANINGS: Mapping[PlatformRole, Role] = {
    PlatformRole(Scope.COURSE, "Instructor", finer): Role.ASSISTANT
    for finer in (
        "TeachingAssistant",
        "TeachingAssistantGroup",
        "TeachingAssistantOffering",
        "TeachingAssistantSection",
        "TeachingAssistantSectionAssociation",
        "TeachingAssistantTemplate",
        "Grader",
    )
}
"""Sub-roles that mean less than the role they belong to. All others mean the same."""

_ADDRESS = re.compile(
    r"http://purl\.imsglobal\.org/vocab/lis/v2/"
    r"(?P<scope>membership|institution/person|system/person)(/(?P<outer>[A-Za-z]+))?#(?P<type>[A-Za-z]+)"
)
_URN = re.compile(r"urn:lti:(?P<scope>role|instrole|sysrole):ims/lis/(?P<type>[A-Za-z]+)(/(?P<finer>[A-Za-z]+))?")
_GROUP = re.compile(r"[A-Za-z0-9_.:-]{1,60}")
MOST_GROUPS = 30
_SHORT = re.compile(r"[A-Za-z]+")
_SCOPES = {
    "membership": Scope.COURSE,
    "institution/person": Scope.INSTITUTION,
    "system/person": Scope.SYSTEM,
    "role": Scope.COURSE,
    "instrole": Scope.INSTITUTION,
    "sysrole": Scope.SYSTEM,
}


def read_role(written: str) -> PlatformRole | None:
    """A role from what a platform wrote, or None when it is written in no way that we know."""
    if match := _ADDRESS.fullmatch(written):
        outer, last = match["outer"], match["type"]
        return PlatformRole(_SCOPES[match["scope"]], outer or last, last if outer else "")
    if match := _URN.fullmatch(written):
        return PlatformRole(_SCOPES[match["scope"]], match["type"], match["finer"] or "")
    return PlatformRole(Scope.COURSE, written) if _SHORT.fullmatch(written) else None


def enrolment_role(written: Iterable[str], overrides: Mapping[str, Role]) -> Role:
    """Our role for those of a launch or a roster line. `overrides` is the platform's table, from a role as written."""
    given = set(written)
    own = [overrides[role] for role in given if role in overrides]
    read = {role for role in map(read_role, given - overrides.keys()) if role is not None}
    surnames = {(role.scope, role.type) for role in read if role.finer}
    counted = [role for role in read if role.finer or (role.scope, role.type) not in surnames]
    return max([Role.READER, *own, *map(_meaning, counted)], key=LOWEST_FIRST.index)


def _meaning(role: PlatformRole) -> Role:
    return FINER_MEANINGS.get(role) or MEANINGS.get((role.scope, role.type), Role.READER)


class Kind(StrEnum):
    """What an activity can open."""

    BOARD = "board"
    FRONT = "front"
    CASES = "cases"
    TEACHING = "teaching"


OF_A_COURSE = frozenset(Kind) - {Kind.BOARD}
"""What a course has one of, so that its word alone says what is meant."""


def read_groups(custom: str) -> list[str]:
    """The custom parameter `groups`: the VLE's numbers of a person's groups in the course, with commas between."""
    words = (word.strip() for word in custom.split(","))
    return [word for word in dict.fromkeys(words) if _GROUP.fullmatch(word)][:MOST_GROUPS]


def read_place(custom: str) -> str:
    """The custom parameter `place`: a board's public id or a word. Anything else is as if it were not there."""
    return custom if custom in OF_A_COURSE or is_public_id(custom) else ""


def kind_of(place: str) -> tuple[Kind, str]:
    """What a place that was read means: its kind, and the board's public id where it is a board."""
    return (Kind(place), "") if place in OF_A_COURSE else (Kind.BOARD, place)


MOODLE_COURSE = "{iss}/course/view.php?id={context.id}"


def course_address(template: str, issuer: str, context_id: str) -> str:
    """The address of a course in its VLE; empty where nobody has said how such addresses look."""
    return template.replace("{iss}", issuer.rstrip("/")).replace("{context.id}", quote(context_id, safe=""))


class Outcome(StrEnum):
    """How the last reading of a roster went. Trouble has words of its own (`access_tokens.Trouble`)."""

    NEVER = ""
    READ = "read"


READ_EVERY = timedelta(hours=20)
FIRST_AGAIN = timedelta(hours=1)
LONGEST_AGAIN = timedelta(days=7)


def again_after(failures: int) -> timedelta:
    """When a roster is read again: daily; after failures in a row 1 h, 2 h, 4 h … at most a week."""
    return min(FIRST_AGAIN * int(2 ** (min(failures, 20) - 1)), LONGEST_AGAIN) if failures else READ_EVERY


class MarkState(StrEnum):
    """What became of a mark in the VLE."""

    WAITING = "waiting"
    SENT = "sent"
    REFUSED = "refused"


HIGHEST_MARK = 100


def next_stamp(now: datetime, last: datetime | None) -> datetime:
    """The moment of a new mark: whole seconds (Moodle compares no finer), and later than the last one."""
    stamp = now.replace(microsecond=0)
    return stamp if last is None else max(stamp, last + timedelta(seconds=1))
