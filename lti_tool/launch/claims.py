"""What we keep of a launch: frozen values, filled by `message.py` and by nothing else.

We take the claims that we use and no other, and never keep the message as a whole. Personal fields do not show in a
`repr`, so that a log line or a traceback cannot carry them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Message(StrEnum):
    """What the platform asks for (Core §5.3.1). Anything else is refused."""

    OPEN = "LtiResourceLinkRequest"
    CHOOSE = "LtiDeepLinkingRequest"


@dataclass(frozen=True)
class PersonClaims:
    """How the platform calls the person. Any of it may be missing: LTI lets a platform keep all of it to itself."""

    name: str | None = None
    given_name: str | None = None
    family_name: str | None = None
    email: str | None = None
    locale: str | None = None


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
    """What the platform accepts from the chooser (Deep Linking §4.4.1). `data` goes back if and only if it came."""

    return_url: str = field(repr=False)
    accept_types: tuple[str, ...]
    accept_targets: tuple[str, ...]
    accept_multiple: bool
    accept_lineitem: bool
    title: str | None = None
    data: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class GradesClaims:
    """Where marks go (AGS §3.1). An address is None when the platform did not offer it."""

    scopes: frozenset[str]
    lineitems_url: str | None = None
    lineitem_url: str | None = None


@dataclass(frozen=True)
class LaunchClaims:
    """A launch that was checked in every way that does not need our own tables.

    `subject` is None for an anonymous launch, which only some platforms may send. `target` is a path with its query on
    our own host. `custom` has no unresolved variables (`$Context.id.history`) and no empty values. `return_url` may
    hold the platform's own secrets and is never logged or stored.
    """

    platform_id: str
    deployment_id: str
    message: Message
    subject: str | None = field(repr=False)
    roles: tuple[str, ...]
    target: str
    person: PersonClaims = field(repr=False)
    course: CourseClaims | None
    link: LinkClaims | None
    custom: Mapping[str, str] = field(repr=False)
    choosing: ChoosingClaims | None = None
    grades: GradesClaims | None = None
    roster_url: str | None = None
    return_url: str | None = field(default=None, repr=False)
