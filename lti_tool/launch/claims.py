"""What we keep of a launch: frozen values, filled by `message.py` and by nothing else.

We take the claims that we use and no other, and never keep the message as a whole. Personal fields do not show in a
`repr`, so that a log line or a traceback cannot carry them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

ID_LIMIT = 255
"""Characters of an id by which we find rows (Core §5.3.6 says so for `sub`)."""
ADDRESS_LIMIT = 2_000


class Message(StrEnum):
    """What the platform asks for (Core §5.3.1). Anything else is refused."""

    OPEN = "LtiResourceLinkRequest"
    CHOOSE = "LtiDeepLinkingRequest"


@dataclass(frozen=True)
class CourseClaims:
    """The course (LTI: context). `history` holds the ids of the courses it was copied from, nearest first."""

    id: str
    title: str | None = None
    label: str | None = None
    history: tuple[str, ...] = ()


@dataclass(frozen=True)
class LinkClaims:
    """The activity (LTI: resource link). `history` holds the ids of the activities it was copied from."""

    id: str
    title: str | None = None
    history: tuple[str, ...] = ()


@dataclass(frozen=True)
class ChoosingClaims:
    """What the platform accepts from the chooser (Deep Linking §4.4.1). `data` goes back if and only if it came.

    `accept_lineitem` is None where the platform does not say whether it makes columns of marks: Moodle makes them and
    does not say so.
    """

    return_url: str = field(repr=False)
    accept_types: tuple[str, ...]
    accept_targets: tuple[str, ...]
    accept_multiple: bool
    accept_lineitem: bool | None = None
    title: str | None = None
    data: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class RosterClaims:
    """Where the platform tells who is in the course (Names and Role Provisioning Services §3.6.1.1)."""

    members_url: str = field(repr=False)


@dataclass(frozen=True)
class GradeClaims:
    """Where the platform takes marks of this activity, and what it lets us do there (Assignment and Grades §3.1).

    `columns_url` holds all columns of the course's grade book that are ours, `column_url` the one of this activity;
    either may be empty. `scopes` are in order.
    """

    columns_url: str = field(repr=False)
    column_url: str = field(repr=False)
    scopes: tuple[str, ...]


@dataclass(frozen=True)
class LaunchClaims:
    """A launch that was checked in every way that does not need our own tables.

    `subject` is None for an anonymous launch, which only some platforms may send. `target` is a path with its query on
    our own host. `issued_at` is in seconds since 1970. `custom` has no unresolved variables (`$Context.id.history`) and
    no empty values. `return_url` may hold the platform's own secrets and is never logged or stored.
    """

    platform_id: str
    deployment_id: str
    message: Message
    subject: str | None = field(repr=False)
    roles: tuple[str, ...]
    target: str
    name: str | None = field(repr=False)
    course: CourseClaims | None
    link: LinkClaims | None
    custom: Mapping[str, str] = field(repr=False)
    choosing: ChoosingClaims | None = None
    issued_at: int = 0
    return_url: str | None = field(default=None, repr=False)
    roster: RosterClaims | None = None
    grades: GradeClaims | None = None
    email: str | None = field(default=None, repr=False)
