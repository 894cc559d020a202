"""The rows that every build must hold: one launch each, said once, asked of the protocol and of the running tool alike.

A row changes a proper launch in one way. `Bad` rows name the fault with which they are refused; `Good` rows name the
role that the person gets.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lti_tool.access import Role
from lti_tool.launch.faults import Fault
from tests.factories.platform import (
    GONE,
    INSTITUTION,
    LTI,
    MEMBERSHIP,
    SYSTEM,
    PretendPlatform,
    base64url,
    public_jwk,
)

DAY = 24 * 3600
Sign = Callable[[PretendPlatform, dict[str, Any]], str]


def plain(platform: PretendPlatform, claims: dict[str, Any]) -> str:
    """A proper token."""
    return platform.sign(claims)


@dataclass(frozen=True)
class Row:
    """`changes` may hold `Later(seconds)` and `OnTool(path)`."""

    name: str
    changes: Mapping[str, Any] = field(default_factory=dict)
    sign: Sign = plain


@dataclass(frozen=True)
class Bad(Row):
    fault: Fault = Fault.CLAIM_WRONG


@dataclass(frozen=True)
class Good(Row):
    role: Role = Role.LEARNER


@dataclass(frozen=True)
class Later:
    """A time so many seconds from now."""

    seconds: int


@dataclass(frozen=True)
class OnTool:
    """An address on our own host."""

    path: str


def worked_out(changes: Mapping[str, Any], platform: PretendPlatform, now: float) -> dict[str, Any]:
    """The changes with their times and addresses put in."""

    def value_of(value: Any) -> Any:
        if isinstance(value, Later):
            return int(now) + value.seconds
        return platform.tool_url + value.path if isinstance(value, OnTool) else value

    return {name: value_of(value) for name, value in changes.items()}


def with_header(**header: Any) -> Sign:
    """A proper token with other members in its header."""
    return lambda platform, claims: platform.sign(claims, header)


def with_body(body: Any) -> Sign:
    """A proper signature over another body. Bytes are taken as they are."""
    return lambda platform, _claims: platform.sign(body)


def tampered(platform: PretendPlatform, claims: dict[str, Any]) -> str:
    """The body was changed on its way."""
    head, _body, seal = platform.sign(claims).split(".")
    return ".".join([head, base64url(json.dumps({**claims, "sub": "the-tutor"}).encode()), seal])


def doubled(platform: PretendPlatform, claims: dict[str, Any]) -> str:
    """One name twice: readers differ in which they believe."""
    return platform.sign(json.dumps(claims)[:-1].encode() + b', "sub": "the-tutor"}')


def roles(*written: str) -> dict[str, Any]:
    """The roles claim; one word stands for a course role."""
    return {LTI + "roles": [role if ":" in role else MEMBERSHIP + role for role in written]}


CERTIFICATION_BAD = (
    Bad("no kid", sign=with_header(kid=GONE), fault=Fault.KEY_NOT_NAMED),
    Bad("wrong kid", sign=with_header(kid="no-such-key"), fault=Fault.KEY_UNKNOWN),
    Bad("wrong version", {LTI + "version": "11.3"}, fault=Fault.VERSION_WRONG),
    Bad("no version", {LTI + "version": GONE}, fault=Fault.VERSION_MISSING),
    Bad("body badltilaunch", sign=with_body({"name": "badltilaunch"}), fault=Fault.ISSUER_MISSING),
    Bad(
        "no LTI claims",
        {
            LTI + name: GONE
            for name in (
                "version",
                "message_type",
                "deployment_id",
                "target_link_uri",
                "resource_link",
                "context",
                "roles",
                "custom",
            )
        },
        fault=Fault.NOT_LTI,
    ),
    Bad("iat 11111 exp 22222", {"iat": 11111, "exp": 22222}, fault=Fault.EXPIRED),
    Bad("no message_type", {LTI + "message_type": GONE}, fault=Fault.MESSAGE_MISSING),
    Bad("no roles claim", {LTI + "roles": GONE}, fault=Fault.ROLES_MISSING),
    Bad("no deployment_id", {LTI + "deployment_id": GONE}, fault=Fault.DEPLOYMENT_MISSING),
    Bad("no resource_link.id", {LTI + "resource_link": {"title": "Questions"}}, fault=Fault.LINK_UNNAMED),
    Bad("no sub", {"sub": GONE}, fault=Fault.SUBJECT_MISSING),
)

NO_NAMES = {"name": GONE, "given_name": GONE, "family_name": GONE}
NO_EMAIL = {"email": GONE}
UNKNOWN_ROLE = "http://purl.imsglobal.org/vocab/lis/v2/uknownrole/unknown#Helper"
OURS = {"teacher": ("Instructor", Role.TUTOR), "student": ("Learner", Role.LEARNER)}

CERTIFICATION_GOOD = tuple(
    row
    for who, (role, ours) in OURS.items()
    for row in (
        Good(f"{who}: plain", roles(role), role=ours),
        Good(f"{who}: several roles", roles(role, INSTITUTION + "Guest", UNKNOWN_ROLE), role=ours),
        Good(f"{who}: short role", {LTI + "roles": [role]}, role=ours),
        Good(f"{who}: unknown role", {LTI + "roles": [UNKNOWN_ROLE]}, role=Role.READER),
        Good(f"{who}: roles []", {LTI + "roles": []}, role=Role.READER),
        Good(f"{who}: e-mail only", {**roles(role), **NO_NAMES}, role=ours),
        Good(f"{who}: names only", {**roles(role), **NO_EMAIL}, role=ours),
        Good(f"{who}: no personal data", {**roles(role), **NO_NAMES, **NO_EMAIL}, role=ours),
    )
)
NO_COURSE = tuple(
    Good(f"{who}: e-mail without context", {**roles(role), **NO_NAMES, LTI + "context": GONE}, role=ours)
    for who, (role, ours) in OURS.items()
)

FRAMEWORK_BAD = (
    Bad("target_link_uri missing", {LTI + "target_link_uri": GONE}, fault=Fault.NO_TARGET),
    Bad(
        "target_link_uri on another host",
        {LTI + "target_link_uri": "https://evil.example/lti/launch"},
        fault=Fault.TARGET_ELSEWHERE,
    ),
    Bad("unknown deployment", {LTI + "deployment_id": "99"}, fault=Fault.DEPLOYMENT_UNKNOWN),
    Bad("unknown message type", {LTI + "message_type": "LtiStartProctoring"}, fault=Fault.MESSAGE_UNKNOWN),
    Bad("bad signature", sign=lambda platform, claims: platform.sign(claims, key="thief"), fault=Fault.SEAL_BROKEN),
    Bad("tampered", sign=tampered, fault=Fault.SEAL_BROKEN),
    Bad("alg none", sign=PretendPlatform.unsigned, fault=Fault.ALGORITHM_WRONG),
    Bad("HS256 with our public PEM", sign=PretendPlatform.sign_hs256_with_public_key, fault=Fault.ALGORITHM_WRONG),
    Bad("RS384", sign=PretendPlatform.sign_rs384, fault=Fault.ALGORITHM_WRONG),
    Bad(
        "jwk in header",
        sign=lambda platform, claims: platform.sign(claims, {"kid": "thief", "jwk": public_jwk("thief")}, key="thief"),
        fault=Fault.BRINGS_ITS_KEY,
    ),
    Bad("jku in header", sign=with_header(jku="https://evil.example/keys"), fault=Fault.BRINGS_ITS_KEY),
    Bad("x5u in header", sign=with_header(x5u="https://evil.example/cert"), fault=Fault.BRINGS_ITS_KEY),
    Bad("crit in header", sign=with_header(crit=["exp"]), fault=Fault.BRINGS_ITS_KEY),
    Bad("not a JWT", sign=lambda *_: "hello", fault=Fault.TOKEN_UNREADABLE),
    Bad("wrong aud", {"aud": "another-tool"}, fault=Fault.AUDIENCE_WRONG),
    Bad("no aud", {"aud": GONE}, fault=Fault.AUDIENCE_MISSING),
    Bad("wrong iss", {"iss": "https://evil.example"}, fault=Fault.ISSUER_WRONG),
    Bad("iss with a slash", {"iss": "https://vle.example/"}, fault=Fault.ISSUER_WRONG),
    Bad(
        "aud list with ours and azp",
        {"aud": ["client-1", "another-tool"], "azp": "client-1"},
        fault=Fault.AUDIENCE_SHARED,
    ),
    Bad("extra aud without azp", {"aud": ["client-1", "another-tool"]}, fault=Fault.PARTY_MISSING),
    Bad("wrong azp", {"azp": "another-tool"}, fault=Fault.PARTY_WRONG),
    Bad("iss missing", {"iss": GONE}, fault=Fault.ISSUER_MISSING),
    Bad("nonce missing", {"nonce": GONE}, fault=Fault.NONCE_MISSING),
    Bad("nonce unknown", {"nonce": "never-seen"}, fault=Fault.NONCE_OTHER),
    Bad("exp missing", {"exp": GONE}, fault=Fault.EXPIRY_MISSING),
    Bad("iat missing", {"iat": GONE}, fault=Fault.ISSUED_MISSING),
    Bad("iat a day old", {"iat": Later(-DAY), "exp": Later(DAY)}, fault=Fault.TOO_OLD),
    Bad("iat an hour ahead", {"iat": Later(3600), "exp": Later(7200)}, fault=Fault.FROM_THE_FUTURE),
    Bad("resource_link null", {LTI + "resource_link": None}, fault=Fault.LINK_MISSING),
    Bad("resource_link missing", {LTI + "resource_link": GONE}, fault=Fault.LINK_MISSING),
    Bad("body a JSON list", sign=with_body(["name", "badltilaunch"]), fault=Fault.NOT_A_LIST_OF_CLAIMS),
    Bad("body not JSON", sign=with_body(b"hello"), fault=Fault.TOKEN_UNREADABLE),
    Bad("roles a string", {LTI + "roles": MEMBERSHIP + "Instructor"}, fault=Fault.ROLES_WRONG),
    Bad("roles a list of numbers", {LTI + "roles": [1]}, fault=Fault.ROLES_WRONG),
    Bad("sub over 255", {"sub": "s" * 256}, fault=Fault.SUBJECT_TOO_LONG),
    Bad("sub a number", {"sub": 7}, fault=Fault.SUBJECT_MISSING),
    Bad("sub with a NUL", {"sub": "person\0one"}, fault=Fault.CLAIM_WRONG),
    Bad("half a character", {"sub": "person\ud800"}, fault=Fault.TOKEN_UNREADABLE),
    Bad("context a list", {LTI + "context": ["course-1"]}, fault=Fault.CLAIM_WRONG),
    Bad("custom a list", {LTI + "custom": ["place"]}, fault=Fault.CLAIM_WRONG),
    Bad("duplicate JSON keys", sign=doubled, fault=Fault.TOKEN_AMBIGUOUS),
    Bad("64 KB token", {"padding": "x" * 48 * 1024}, fault=Fault.TOKEN_TOO_LARGE),
    Bad(
        "bottomless nesting",
        sign=with_body(b'{"a":' + b"[" * 20_000 + b"]" * 20_000 + b"}"),
        fault=Fault.TOKEN_UNREADABLE,
    ),
    Bad("times that are not numbers", {"exp": "soon"}, fault=Fault.EXPIRY_MISSING),
    Bad("time without end", sign=with_body(b'{"exp": 1e999}'), fault=Fault.TOKEN_UNREADABLE),
)

FRAMEWORK_GOOD = (
    Good("clock 50 s behind", {"iat": Later(-110), "exp": Later(-50)}),
    Good("clock 50 s ahead", {"iat": Later(50), "exp": Later(110)}),
    Good("unknown extra claims", {"https://vle.example/claim/colour": {"deep": ["green"]}, "extra": 1}),
    Good("unresolved variable", {LTI + "custom": {"resourcelink_id_history": "$ResourceLink.id.history", "n": None}}),
    Good("aud a list of one", {"aud": ["client-1"]}),
    Good("azp ours", {"azp": "client-1"}),
    Good("courtesies of the wrong kind", {"name": 7, "email": ["x"], LTI + "launch_presentation": {"locale": 3}}),
    Good("target with a query", {LTI + "target_link_uri": OnTool("/lti/launch?place=abc&x=%C3%A9")}),
    Good("header without typ", sign=with_header(typ=GONE)),
)

SUB = "http://purl.imsglobal.org/vocab/lis/v2/membership/"
ROLES_GOOD = (
    Good("role: teaching assistant", roles(SUB + "Instructor#TeachingAssistant"), role=Role.ASSISTANT),
    Good(
        "role: teaching assistant with its surname",
        roles("Instructor", SUB + "Instructor#TeachingAssistant"),
        role=Role.ASSISTANT,
    ),
    Good("role: content developer", roles("ContentDeveloper"), role=Role.DESIGNER),
    Good("role: mentor", roles("Mentor"), role=Role.MENTOR),
    Good("role: institution administrator", roles(INSTITUTION + "Administrator"), role=Role.ADMINISTRATOR),
    Good("role: system administrator", roles(SYSTEM + "Administrator"), role=Role.ADMINISTRATOR),
    Good("role: administrator who teaches", roles(SYSTEM + "Administrator", "Instructor"), role=Role.TUTOR),
    Good("role: lecturer", roles(SUB + "Instructor#Lecturer"), role=Role.TUTOR),
    Good("role: learner called instructor", roles(SUB + "Learner#Instructor"), role=Role.LEARNER),
    Good("role: teaches elsewhere", roles(INSTITUTION + "Instructor", "Learner"), role=Role.LEARNER),
    Good("role: student of the institution only", roles(INSTITUTION + "Student"), role=Role.READER),
)

BAD = (*CERTIFICATION_BAD, *FRAMEWORK_BAD)
GOOD = (*CERTIFICATION_GOOD, *FRAMEWORK_GOOD, *ROLES_GOOD)
