"""The body of a launch, read once and strictly into `LaunchClaims`. Pure: a dictionary in, a frozen value out.

Three kinds of claim, three manners:

- **Who, where, what** (`sub`, `roles`, `deployment_id`, `message_type`, `resource_link` …) decide what a person may do.
  They must be there and have the type that LTI gives them, or the launch is refused.
- **Courtesies** (name, titles) make pages friendly. One that is missing or odd is as if it were not
  there: nobody is kept out because a middle name is a number.
- **Everything else** is not read at all.

Sources: LTI Core 1.3 §5.3 and §5.4; Deep Linking 2.0 §4.4.1.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, TypeGuard
from urllib.parse import urlsplit

from lti_tool.core.addresses import is_loopback
from lti_tool.launch.claims import (
    ADDRESS_LIMIT,
    ID_LIMIT,
    ChoosingClaims,
    CourseClaims,
    GradeClaims,
    LaunchClaims,
    LinkClaims,
    Message,
    RosterClaims,
)
from lti_tool.launch.faults import Fault, Refused
from lti_tool.people import is_mail_address

_LTI = "https://purl.imsglobal.org/spec/lti/claim/"
_DEEP_LINKING = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"
_ROSTER = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
_GRADES = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"

VERSION = "1.3.0"
TITLE_LIMIT = 200
SCOPES_LIMIT = 10

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
_UNRESOLVED = re.compile(r"\$[A-Za-z]+(\.[A-Za-z]+)+")


def read_claims(
    body: Mapping[str, Any], platform_id: str, knows: Callable[[str], bool], origin: str, allows_anonymous: bool
) -> LaunchClaims:
    """Read the body of a message whose seal, sender, receiver and age are already checked. Raises Refused.

    `knows` says whether a deployment may send people. `origin` is ours, as `https://host` or `https://host:port`.
    """
    subject = _subject(body, allows_anonymous)
    message = _message(body)
    custom = _custom(body)
    presentation = _part(body, _LTI + "launch_presentation") or {}
    return LaunchClaims(
        platform_id=platform_id,
        deployment_id=_deployment(body, knows),
        message=message,
        subject=subject,
        roles=_roles(body),
        target=_target(body, message, origin),
        name=read_name(body),
        course=_course(body, custom),
        link=_link(body, custom) if message is Message.OPEN else None,
        custom=custom,
        choosing=_choosing(body) if message is Message.CHOOSE else None,
        issued_at=int(body.get("iat") or 0),
        return_url=read_address(presentation.get("return_url")),
        roster=_roster(body),
        grades=_grades(body) if message is Message.OPEN else None,
        email=_mail(body),
    )


@lru_cache(maxsize=1024)  # a launch asks a dozen times, and mostly what the one before it asked
def origin_of(address: str) -> str:
    """`https://host` or `https://host:port` in lower case, without the port that goes without saying."""
    parts = urlsplit(address)
    usual = {"https": 443, "http": 80}.get(parts.scheme)
    port = "" if parts.port in (None, usual) else f":{parts.port}"
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{parts.scheme}://{host}{port}"


def target_on(origin: str, address: object) -> str | None:
    """The path and query of an address on our own origin, or None when it leads elsewhere or is no address."""
    known = read_address(address)
    if known is None or len(known) > ADDRESS_LIMIT or origin_of(known) != origin:
        return None
    parts = urlsplit(known)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


# Claims that decide. Each is there in the right type, or the launch is refused.


def _subject(body: Mapping[str, Any], allows_anonymous: bool) -> str | None:
    """Core §5.3.6; without `sub` the launch is anonymous (§5.3.6.1), which the platform's policy must allow."""
    subject = body.get("sub")
    if subject is None and allows_anonymous:
        return None
    if not isinstance(subject, str) or not subject.strip():
        raise Refused(Fault.SUBJECT_MISSING, "no sub")
    if len(subject) > ID_LIMIT:
        raise Refused(Fault.SUBJECT_TOO_LONG, f"sub has {len(subject)} characters")
    return _identifier(subject, "sub")


def _message(body: Mapping[str, Any]) -> Message:
    """Version and type (Core §5.3.1, §5.3.2), which together say that this is LTI at all."""
    if not any(isinstance(name, str) and name.startswith(_LTI) for name in body):
        raise Refused(Fault.NOT_LTI, "no claim of LTI")
    if body.get(_LTI + "version") is None:
        raise Refused(Fault.VERSION_MISSING, "no version")
    if body[_LTI + "version"] != VERSION:
        raise Refused(Fault.VERSION_WRONG, f"version is {str(body[_LTI + 'version'])[:20]!r}")
    kind = body.get(_LTI + "message_type")
    if kind is None:
        raise Refused(Fault.MESSAGE_MISSING, "no message_type")
    if kind not in list(Message):
        raise Refused(Fault.MESSAGE_UNKNOWN, f"message_type is {str(kind)[:60]!r}")
    return Message(kind)


def _deployment(body: Mapping[str, Any], knows: Callable[[str], bool]) -> str:
    """Core §5.3.3. The deployment must be one that the platform was connected with."""
    deployment = body.get(_LTI + "deployment_id")
    if not isinstance(deployment, str) or not deployment:
        raise Refused(Fault.DEPLOYMENT_MISSING, "no deployment_id")
    if not knows(deployment):
        raise Refused(Fault.DEPLOYMENT_UNKNOWN, f"deployment_id is {deployment[:80]!r}")
    return _identifier(deployment, "deployment_id")


def _roles(body: Mapping[str, Any]) -> tuple[str, ...]:
    """Core §5.3.7. The claim must be there; it may be an empty list."""
    if _LTI + "roles" not in body:
        raise Refused(Fault.ROLES_MISSING, "no roles")
    roles = body[_LTI + "roles"]
    if not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
        raise Refused(Fault.ROLES_WRONG, "roles is not a list of strings")
    return tuple(roles)


def _target(body: Mapping[str, Any], message: Message, origin: str) -> str:
    """Core §5.3.4. The signed address counts; the one in the login request was only a hint."""
    address = body.get(_LTI + "target_link_uri")
    if address is None and message is Message.CHOOSE:
        return "/"
    if address is None or address == "":
        raise Refused(Fault.NO_TARGET, "no target_link_uri")
    target = target_on(origin, address)
    if target is None:
        raise Refused(Fault.TARGET_ELSEWHERE, "target_link_uri is not on our host")
    return target


def _course(body: Mapping[str, Any], custom: Mapping[str, str]) -> CourseClaims | None:
    """Core §5.4.1. None when the activity stands outside any course."""
    course = _part(body, _LTI + "context")
    if course is None or course.get("id") in (None, ""):
        return None
    return CourseClaims(
        id=_identifier(course["id"], "context.id"),
        title=_words(course.get("title")),
        label=_words(course.get("label")),
        history=_history(custom.get("context_id_history")),
    )


def _link(body: Mapping[str, Any], custom: Mapping[str, str]) -> LinkClaims:
    """Core §5.3.5."""
    link = _part(body, _LTI + "resource_link")
    if link is None:
        raise Refused(Fault.LINK_MISSING, "no resource_link")
    if link.get("id") in (None, ""):
        raise Refused(Fault.LINK_UNNAMED, "no resource_link.id")
    return LinkClaims(
        id=_identifier(link["id"], "resource_link.id"),
        title=_words(link.get("title")),
        history=_history(custom.get("resourcelink_id_history")),
    )


def _choosing(body: Mapping[str, Any]) -> ChoosingClaims:
    settings = _part(body, _DEEP_LINKING) or {}
    return_url = read_address(settings.get("deep_link_return_url"))
    if return_url is None:
        raise Refused(Fault.CHOOSING_WRONG, "no usable deep_link_return_url")
    data = settings.get("data")
    return ChoosingClaims(
        return_url=return_url,
        accept_types=_names(settings.get("accept_types")),
        accept_targets=_names(settings.get("accept_presentation_document_targets")),
        accept_multiple=settings.get("accept_multiple") in (True, "true"),
        accept_lineitem=_yes_or_no(settings.get("accept_lineitem")),
        title=_words(settings.get("title")),
        data=data if isinstance(data, str) else None,
    )


def _yes_or_no(value: object) -> bool | None:
    """What a platform says, or None when it says nothing of the kind."""
    return (
        {True: True, "true": True, False: False, "false": False}.get(value) if isinstance(value, bool | str) else None
    )


def _identifier(value: object, name: str) -> str:
    """An id by which we find rows: up to 255 characters, none of them invisible (a NUL breaks PostgreSQL)."""
    if not is_identifier(value):
        raise Refused(Fault.CLAIM_WRONG, f"{name} is not an id of up to {ID_LIMIT} characters")
    return value


def is_identifier(value: object) -> TypeGuard[str]:
    """Whether we can find a row by it."""
    return isinstance(value, str) and 0 < len(value) <= ID_LIMIT and not _CONTROL.search(value)


def _part(body: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    """A claim that is an object. `null` counts as not there; any other type is a fault."""
    part = body.get(name)
    if part is not None and not isinstance(part, dict):
        raise Refused(Fault.CLAIM_WRONG, f"{name} is not an object")
    return part


# Courtesies. One that is odd is as if it were not there.


def read_name(body: Mapping[str, Any]) -> str | None:
    """The name as the platform writes it, or put together; None when it keeps names to itself."""
    parts = (_words(body.get("given_name")), _words(body.get("family_name")))
    return _words(body.get("name")) or " ".join(part for part in parts if part) or None


def _custom(body: Mapping[str, Any]) -> dict[str, str]:
    """Custom parameters (Core §5.4.6). Moodle sends `null`, empty strings and variables that it did not know.

    An empty `groups` stays: it says that somebody is in none.
    """
    custom = _part(body, _LTI + "custom") or {}
    return {
        name: value
        for name, value in custom.items()
        if isinstance(value, str) and (value or name == "groups") and not _UNRESOLVED.fullmatch(value)
    }


def _history(listed: str | None) -> tuple[str, ...]:
    """Where a copy came from: ids with commas between, nearest first (Core appendix F: `$Context.id.history`)."""
    ids = [entry.strip() for entry in (listed or "").split(",")]
    return tuple(entry for entry in ids[:20] if entry and len(entry) <= ID_LIMIT and not _CONTROL.search(entry))


def _roster(body: Mapping[str, Any]) -> RosterClaims | None:
    """NRPS §3.6.1.1. An address that is none grants nothing."""
    members_url = _service_address(_courtesy(body, _ROSTER), "context_memberships_url")
    return RosterClaims(members_url) if members_url else None


def _grades(body: Mapping[str, Any]) -> GradeClaims | None:
    """AGS §3.1. Without any address there is nothing to write to, whatever the scopes say."""
    said = _courtesy(body, _GRADES)
    columns_url, column_url = _service_address(said, "lineitems"), _service_address(said, "lineitem")
    scopes = sorted({scope for scope in _names(said.get("scope")) if is_identifier(scope) and " " not in scope})
    return GradeClaims(columns_url, column_url, tuple(scopes[:SCOPES_LIMIT])) if columns_url or column_url else None


def _courtesy(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = body.get(name)
    return part if isinstance(part, dict) else {}


def _service_address(said: Mapping[str, Any], name: str) -> str:
    """Whether it may be called at all is decided where it is kept (`services.py`): it must lead to the platform."""
    address = read_address(said.get(name))
    return address if address and len(address) <= ADDRESS_LIMIT else ""


def _words(value: object) -> str | None:
    """Words to be shown: invisible and direction-changing characters become spaces, and the length is bounded."""
    if not isinstance(value, str):
        return None
    return " ".join(_CONTROL.sub(" ", value).split())[:TITLE_LIMIT].strip() or None


def _mail(body: Mapping[str, Any]) -> str | None:
    """The mail address, where the platform sends one that can be used (OpenID Connect Core §5.1)."""
    address = body.get("email")
    return address if isinstance(address, str) and is_mail_address(address) else None


def _names(value: object) -> tuple[str, ...]:
    return tuple(name for name in value if isinstance(name, str)) if isinstance(value, list) else ()


def read_address(value: object) -> str | None:
    """An absolute http(s) address without spaces or invisible characters. Whether it may be called is outbound's."""
    if not isinstance(value, str) or not all("!" <= character <= "~" for character in value):
        return None
    try:
        parts = urlsplit(value)
        has_host = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None
    return value if parts.scheme in ("http", "https") and has_host and "@" not in parts.netloc else None


def is_usable(address: str, allow_http_loopback: bool) -> bool:
    """Whether the address of a platform may be kept: https, or this machine where the settings allow it."""
    if read_address(address) is None or len(address) > ADDRESS_LIMIT:
        return False
    parts = urlsplit(address)
    return parts.scheme == "https" or (allow_http_loopback and is_loopback(parts.hostname or ""))
