"""What people are called, how long a visit lasts, which grades a rotation may have."""

from datetime import datetime, timedelta
from enum import StrEnum

from lti_tool.access import Role
from lti_tool.core.language import gettext as _

TOUCH_EVERY = timedelta(minutes=5)
RESCUE_FOR = timedelta(hours=24)  # an expired visit may still save a draft for so long
NAME_LENGTH = 200

# The UK's training grades, plus what else works on a ward. The trust's own list can replace it later.
GRADES = ("Student", "F1", "F2", "CT/ST1–2", "ST3–8", "Clinical fellow", "Consultant", "Nurse", "Pharmacist", "Other")


class Transport(StrEnum):
    """How a visit travels: not yet known, in a partitioned cookie, or in the path (`/v/<token>/`)."""

    NEW = "new"
    COOKIE = "cookie"
    PATH = "path"


class GivenBy(StrEnum):
    """Whose word a role in a course is."""

    LAUNCH = "launch"
    ROSTER = "roster"


class Absence(StrEnum):
    """Somebody who is in the course and not on its roster: nobody has decided yet, or somebody said that they stay."""

    NONE = ""
    MISSING = "missing"
    KEPT = "kept"


DOUBTED_PEOPLE = 5
DOUBTED_PERCENT = 10


def is_doubtful(gone: int, of: int) -> bool:
    """Whether so many people cannot just have left: more than five, and more than a tenth of the course."""
    return gone > DOUBTED_PEOPLE and gone * 100 > of * DOUBTED_PERCENT


def role_word(role: Role) -> str:
    """A role as pages name it."""
    words = {
        Role.TUTOR: _("tutor"),
        Role.ASSISTANT: _("teaching assistant"),
        Role.DESIGNER: _("course designer"),
        Role.ADMINISTRATOR: _("administrator"),
        Role.MENTOR: _("mentor"),
        Role.LEARNER: _("learner"),
        Role.READER: _("reader"),
    }
    return words[role]


def display_name(name: str, public_id: str) -> str:
    """What others see: the name, or a neutral one where the VLE sends none."""
    return name or _("Member %(code)s") % {"code": public_id[:4].upper()}


def is_live(started_at: datetime, touched_at: datetime, now: datetime, idle: timedelta, longest: timedelta) -> bool:
    """Whether a visit still holds. It is touched only every five minutes, so that much grace is given."""
    return now < started_at + longest and now < touched_at + idle + TOUCH_EVERY
