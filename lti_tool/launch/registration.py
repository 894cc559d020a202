"""Dynamic registration (LTI Dynamic Registration 1.0), step by step: how a VLE and Grand Round connect by one address.

1. Whoever runs Grand Round makes an **invite** (`invites.py`): an address of ours with a secret, for one trust, once.
2. The VLE's administrator pastes it into the VLE, which opens it in a frame and adds `openid_configuration`, where the
   VLE says what it is, and `registration_token`, a pass that lets us register there (§3.3).
3. `read_configuration` reads what the VLE says of itself. Both addresses come from outside, so every call goes through
   the guard, and the issuer must live where its description does (§3.4): a description at evil.example cannot speak
   for a hospital's VLE.
4. A page asks the administrator once. What was read travels through it as an `Offer`, signed by us, so that what is
   registered is what was shown.
5. `register` sends our own description (§3.5) with the pass and reads the number under which the VLE knows us (§3.6).

Nothing here touches a table. Whatever is wrong raises `NotConnected` with a fault of its own.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from lti_tool.core import clock
from lti_tool.core.outbound import Answer, Guard, OutboundError
from lti_tool.launch.claims import ID_LIMIT
from lti_tool.launch.deep_linking import HISTORIES
from lti_tool.launch.faults import Fault, NotConnected
from lti_tool.launch.jose import read_json
from lti_tool.launch.message import is_usable, origin_of
from lti_tool.launch.platform import clock_offset
from lti_tool.launch.services import COLUMNS, MEMBERS, RESULTS, SCORES

_TOOL = "https://purl.imsglobal.org/spec/lti-tool-configuration"
_PLATFORM = "https://purl.imsglobal.org/spec/lti-platform-configuration"
SCOPES = (MEMBERS, COLUMNS, SCORES, RESULTS)
CLAIMS = ("iss", "sub", "name", "given_name", "family_name")
LARGEST_ANSWER = 128 * 1024
_PASS = re.compile(r"[!-~]{1,8000}")


@dataclass(frozen=True, slots=True)
class Configuration:
    """What a VLE says of itself. `clock_offset` is how many seconds its clock is ahead of ours, if it told the time."""

    issuer: str
    auth_url: str
    token_url: str
    keys_url: str
    registration_url: str
    product: str
    scopes: tuple[str, ...]
    clock_offset: int | None

    @property
    def host(self) -> str:
        return urlsplit(self.issuer).netloc


@dataclass(frozen=True, slots=True)
class Offer:
    """What the page asks about: which invite, what was read, and the VLE's pass."""

    invite: str
    configuration: Configuration
    registration_pass: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Registered:
    """The VLE's answer. Without a deployment the first launch brings it (docs/decisions/deployment-adoption.md)."""

    client_id: str
    deployment_id: str | None


def read_pass(raw: str) -> str:
    """The VLE's `registration_token`, which may be missing (§3.3). It goes into a header, so we look at its letters."""
    if raw and not _PASS.fullmatch(raw):
        raise NotConnected(Fault.PASS_WRONG, f"registration_token has {len(raw)} characters, or odd ones")
    return raw


def read_configuration(guard: Guard, address: str) -> Configuration:
    """Step 3. Raises NotConnected."""
    if not is_usable(address, guard.allow_http_loopback):
        raise NotConnected(Fault.CONFIGURATION_UNREACHABLE, "openid_configuration is not an https address")
    try:
        answer = guard.fetch(address, headers={"Accept": "application/json"}, limit_bytes=LARGEST_ANSWER)
    except OutboundError as error:
        raise NotConnected(Fault.CONFIGURATION_UNREACHABLE, str(error), shown=str(error)) from error
    if answer.status != 200:
        raise NotConnected(Fault.CONFIGURATION_UNREACHABLE, f"configuration answered with {answer.status}")
    said = _object(answer, Fault.CONFIGURATION_UNREADABLE)
    issuer, auth_url, token_url, keys_url, registration_url = (
        _address(said, name, guard)
        for name in ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri", "registration_endpoint")
    )
    if origin_of(issuer) != origin_of(address):
        raise NotConnected(Fault.CONFIGURATION_ELSEWHERE, f"issuer {issuer[:200]!r} of {origin_of(address)}")
    _check_abilities(said)
    scopes = said.get("scopes_supported")
    return Configuration(
        issuer=issuer,
        auth_url=auth_url,
        token_url=token_url,
        keys_url=keys_url,
        registration_url=registration_url,
        product=_product(said.get(_PLATFORM)),
        scopes=tuple(scope for scope in SCOPES if not isinstance(scopes, list) or scope in scopes),
        clock_offset=clock_offset(answer.headers, clock.now()),
    )


def _object(answer: Answer, fault: Fault) -> Mapping[str, Any]:
    try:
        said = read_json(answer.body)
    except ValueError as error:
        raise NotConnected(fault, f"not JSON: {str(error)[:80]}") from error
    if not isinstance(said, dict):
        raise NotConnected(fault, f"JSON {type(said).__name__} in place of an object")
    return said


def _address(said: Mapping[str, Any], name: str, guard: Guard) -> str:
    found = said.get(name)
    if not isinstance(found, str) or not is_usable(found, guard.allow_http_loopback):
        raise NotConnected(Fault.CONFIGURATION_INCOMPLETE, f"no usable {name}")
    return found


def _check_abilities(said: Mapping[str, Any]) -> None:
    """A VLE that lists what it can do must list what we do; one that lists nothing is believed (§3.4)."""
    for name, wanted in (
        ("token_endpoint_auth_methods_supported", "private_key_jwt"),
        ("id_token_signing_alg_values_supported", "RS256"),
        ("response_types_supported", "id_token"),
    ):
        listed = said.get(name)
        if isinstance(listed, list) and wanted not in listed:
            raise NotConnected(Fault.CONFIGURATION_INCOMPLETE, f"{name} lacks {wanted}")


def _product(configured: object) -> str:
    """What the VLE is, as one may read it: "moodle 4.5.6"; empty where it does not say."""
    if not isinstance(configured, dict):
        return ""
    words = [configured.get("product_family_code"), configured.get("version")]
    text = " ".join(word for word in words if isinstance(word, str))
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())[:100]


def tool_description(base_url: str, scopes: tuple[str, ...]) -> dict[str, Any]:
    """What we tell the VLE of ourselves (§3.5). Moodle wants `domain` to be the host of `target_link_uri`."""
    launch_url = f"{base_url}/lti/launch"
    return {
        "application_type": "web",
        "response_types": ["id_token"],
        "grant_types": ["implicit", "client_credentials"],
        "initiate_login_uri": f"{base_url}/lti/login",
        "redirect_uris": [launch_url],
        "client_name": "Grand Round",
        "jwks_uri": f"{base_url}/lti/jwks.json",
        "token_endpoint_auth_method": "private_key_jwt",
        "scope": " ".join(scopes),
        _TOOL: {
            "domain": urlsplit(base_url).netloc,
            "description": "Discussion boards, cases and teaching for people who train in hospitals.",
            "target_link_uri": launch_url,
            "custom_parameters": dict(HISTORIES),
            "claims": list(CLAIMS),
            "messages": [
                {"type": "LtiResourceLinkRequest", "target_link_uri": launch_url, "label": "Grand Round"},
                {
                    "type": "LtiDeepLinkingRequest",
                    "target_link_uri": launch_url,
                    "label": "Choose from Grand Round",
                    "placements": ["ContentArea"],
                },
            ],
        },
    }


def register(guard: Guard, offer: Offer, base_url: str) -> Registered:
    """Step 5. Raises NotConnected."""
    configuration = offer.configuration
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    if offer.registration_pass:
        headers["Authorization"] = f"Bearer {offer.registration_pass}"
    body = json.dumps(tool_description(base_url, configuration.scopes)).encode()
    try:
        answer = guard.fetch(
            configuration.registration_url, method="POST", headers=headers, body=body, limit_bytes=LARGEST_ANSWER
        )
    except OutboundError as error:
        raise NotConnected(Fault.REGISTRATION_UNREACHABLE, str(error), shown=str(error)) from error
    if answer.status not in (200, 201):
        raise NotConnected(Fault.REGISTRATION_REFUSED, f"registration answered with {answer.status}")
    said = _object(answer, Fault.REGISTRATION_UNREADABLE)
    client_id = _id(said.get("client_id"))
    if client_id is None:
        raise NotConnected(Fault.REGISTRATION_UNREADABLE, "no client_id")
    ours = said.get(_TOOL)
    return Registered(client_id, _id(ours.get("deployment_id")) if isinstance(ours, dict) else None)


def _id(value: object) -> str | None:
    """An id as some platforms write it, a number; None when it is none that we can keep."""
    word = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    return word if isinstance(word, str) and 0 < len(word) <= ID_LIMIT and word.isprintable() else None
