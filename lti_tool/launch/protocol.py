"""The LTI 1.3 launch, step by step. Pure: no table, no Flask, no clock of its own; `views.py` walks through it.

A VLE (LTI says *platform*) opens a page of ours (we are the *tool*) for a person, and says who that is.

1. **The VLE sends the browser to `/lti/login`** (Security Framework §5.1.1.1) with `iss` (which VLE), `login_hint` (its
   own word for the person), `target_link_uri` (the page wanted) and, as a rule, `client_id` and `lti_deployment_id`.
   Nothing of this is signed, so `read_login` believes nothing: it checks that all is there and that the page is ours.
2. **We send the browser back to the VLE** (§5.1.1.2; `begin`) with an OpenID Connect request. Two random values go
   along: a *nonce*, which must come back inside the signed message, and a secret in a cookie, which binds the browser.
   We write neither down. Their hashes travel in the *state*, a slip that we sign and that lives ten minutes
   (`state.py`), so a flood of logins costs no disk.
3. **The VLE posts to `/lti/launch`** (§5.1.1.3) `id_token`, its signed message, and our `state`; or `error`, when it
   could not say who the person is. `read_answer` takes them, `open_state` opens our own slip.
4. **`verify` checks the message** (§5.1.3): a signature by a key that this VLE publishes (`jose.py`), written by this
   VLE (`iss`), for us alone (`aud`, `azp`), now (`iat`, `exp`), for this very login (`nonce`). Then `message.py` reads
   what LTI adds: who, in which course, in what role, to open what (Core §5.3).
5. **`is_same_browser`** says whether the browser that began is the one that arrives (by the cookie, or the platform's
   storage). When that cannot be told, the person is asked, so that nobody is signed in unawares as somebody else.
6. Outside this module, and in one transaction, the state is **used up**: the unique row of its hash makes the second
   use of a launch fail, on however many machines (`actions.enter`).

Times are whole seconds since 1970, UTC. Whatever is wrong raises `Refused` with a `Fault` of its own.
"""

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from lti_tool.access import Role
from lti_tool.launch.claims import ADDRESS_LIMIT, LaunchClaims
from lti_tool.launch.faults import Fault, Refused
from lti_tool.launch.jose import Key, open_sealed, read_sealed
from lti_tool.launch.message import origin_of, read_claims, target_on
from lti_tool.launch.state import STATE_SECONDS, State, hash_of, is_same_login, seal_state

SKEW_SECONDS = 60
"""By how much the clocks of a VLE and of ours may differ, either way."""
AGE_SECONDS = STATE_SECONDS + SKEW_SECONDS
"""How old a message may be. It was asked for by a state, so it cannot be older than one lives."""
HINT_LIMIT = 4_000
"""Characters of `login_hint` and `lti_message_hint`, which we hand back as they came. Canvas's have 1,200."""

_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")


class Binding(StrEnum):
    """What a platform wants when the browser is not known by cookie or storage: ask the person, or refuse."""

    ASK = "ask"
    REQUIRE = "require"


@dataclass(frozen=True)
class Tool:
    """Ourselves. `base_url` has no slash at its end; `state_key` is 32 bytes that only states are signed with."""

    base_url: str
    state_key: bytes = field(repr=False)

    @property
    def launch_url(self) -> str:
        return f"{self.base_url}/lti/launch"


@dataclass(frozen=True)
class Registration:
    """A platform as the protocol needs it. `issuer` is compared letter by letter, slash and all.

    `adopts_until` is set where the first launch may bring the first deployment (docs/decisions/deployment-adoption.md).
    `roles` are the platform's own table: what a role as it writes it means to us, where LTI says otherwise.
    """

    platform_id: str
    issuer: str
    client_id: str
    auth_url: str
    keys_url: str
    deployments: frozenset[str]
    adopts_until: datetime | None = None
    is_enabled: bool = True
    allows_anonymous: bool = False
    binding: Binding = Binding.ASK
    roles: Mapping[str, Role] = field(default_factory=dict)

    def knows(self, deployment_id: str, now: datetime) -> bool:
        """Whether somebody may come in from there."""
        may_adopt = not self.deployments and self.adopts_until is not None and now < self.adopts_until
        return deployment_id in self.deployments or may_adopt


@dataclass(frozen=True)
class Login:
    """A login request that is complete. `target` is a path with its query on our host."""

    issuer: str
    client_id: str | None
    deployment_id: str | None
    login_hint: str = field(repr=False)
    message_hint: str | None = field(repr=False)
    target: str
    storage_target: str | None


@dataclass(frozen=True)
class Begun:
    """What step 2 sends: the address at the VLE, and the secret for the cookie that binds the browser."""

    location: str
    state: str = field(repr=False)
    browser_secret: str = field(repr=False)


@dataclass(frozen=True)
class VleAnswer:
    """The two tokens of step 3, unread."""

    id_token: str = field(repr=False)
    state: str = field(repr=False)


class PlatformKeys(Protocol):
    """Where the published keys come from (`platform.py`)."""

    def find(self, registration: Registration, kid: str) -> Sequence[Key]:
        """The keys of that name. Raises Refused when there is none or they cannot be read."""

    def find_newer(self, registration: Registration, kid: str, known: Sequence[Key]) -> Sequence[Key]:
        """Other keys of that name than the known ones, published since; empty when there are none."""


def read_login(parameters: Mapping[str, str], tool: Tool) -> Login:
    """Step 1. Raises Refused when something is missing or leads elsewhere."""
    for name, fault in (
        ("iss", Fault.NO_ISSUER),
        ("login_hint", Fault.NO_LOGIN_HINT),
        ("target_link_uri", Fault.NO_TARGET),
    ):
        if not parameters.get(name, "").strip():
            raise Refused(fault, f"no {name}")
    for name in _LOGIN_PARAMETERS:
        limit = HINT_LIMIT if name.endswith("_hint") else ADDRESS_LIMIT
        if len(parameters.get(name, "")) > limit:
            raise Refused(Fault.TOO_LONG, f"{name} has {len(parameters[name])} characters")
    for name in ("iss", "client_id", "lti_deployment_id"):
        if not parameters.get(name, "").isprintable():
            raise Refused(Fault.ODD_LETTERS, f"{name} holds control characters")
    target = target_on(origin_of(tool.base_url), parameters["target_link_uri"])
    if target is None:
        raise Refused(Fault.TARGET_ELSEWHERE, "target_link_uri is not on our host")
    return Login(
        issuer=parameters["iss"],
        client_id=parameters.get("client_id") or None,
        deployment_id=parameters.get("lti_deployment_id") or None,
        login_hint=parameters["login_hint"],
        message_hint=parameters.get("lti_message_hint"),
        target=target,
        storage_target=_frame_name(parameters.get("lti_storage_target")),
    )


def begin(login: Login, registration: Registration, tool: Tool, cookie: str | None, now: datetime) -> Begun:
    """Step 2. A browser that already holds a secret keeps it, so that two activities opened at once do not quarrel."""
    check_registration(registration)
    if login.deployment_id is not None and not registration.knows(login.deployment_id, now):
        raise Refused(Fault.DEPLOYMENT_UNKNOWN, f"lti_deployment_id is {login.deployment_id[:80]!r}")
    browser_secret = cookie if cookie and _SECRET.fullmatch(cookie) else secrets.token_urlsafe(32)
    nonce = secrets.token_urlsafe(32)
    state = State(
        platform_id=registration.platform_id,
        target=login.target,
        nonce_hash=hash_of(nonce),
        browser_hash=hash_of(browser_secret),
        storage_target=login.storage_target,
        expires_at=int(now.timestamp()) + STATE_SECONDS,
    )
    slip = seal_state(state, tool.state_key)
    asked = {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": registration.client_id,
        "redirect_uri": tool.launch_url,
        "login_hint": login.login_hint,
        "state": slip,
        "nonce": nonce,
    }
    if login.message_hint is not None:
        asked["lti_message_hint"] = login.message_hint
    return Begun(_with_query(registration.auth_url, asked), slip, browser_secret)


def check_registration(registration: Registration) -> None:
    """A platform that was switched off begins nothing and finishes nothing. Raises Refused."""
    if not registration.is_enabled:
        raise Refused(Fault.PLATFORM_OFF, f"platform {registration.platform_id} is switched off")


def read_answer(parameters: Mapping[str, str]) -> VleAnswer:
    """Step 3: the message, or the VLE's own error (OpenID Connect Core §3.1.2.6). Raises Refused."""
    error = parameters.get("error")
    if error:
        fault = Fault.LOGIN_REQUIRED if error == "login_required" else Fault.VLE_STOPPED
        raise Refused(fault, f"error={error[:40]!r} {parameters.get('error_description', '')[:120]!r}")
    if not parameters.get("state"):
        raise Refused(Fault.NO_STATE, "no state")
    if not parameters.get("id_token"):
        raise Refused(Fault.NO_TOKEN, "no id_token")
    return VleAnswer(parameters["id_token"], parameters["state"])


def verify(
    id_token: str, state: State, registration: Registration, keys: PlatformKeys, tool: Tool, now: datetime
) -> LaunchClaims:
    """Step 4. `registration` is the platform that the state names. Raises Refused."""
    check_registration(registration)
    body = _opened(id_token, registration, keys)
    _check_parties(body, registration)
    _check_times(body, int(now.timestamp()))
    _check_nonce(body, state)
    return read_claims(
        body,
        registration.platform_id,
        lambda deployment_id: registration.knows(deployment_id, now),
        origin_of(tool.base_url),
        registration.allows_anonymous,
    )


def _opened(id_token: str, registration: Registration, keys: PlatformKeys) -> dict[str, Any]:
    """The signed body. A platform may replace a key under the same name, so a broken seal is looked at once more."""
    token = read_sealed(id_token)
    found = keys.find(registration, token.kid)
    try:
        return open_sealed(token, found)
    except Refused as refused:
        newer = keys.find_newer(registration, token.kid, found) if refused.fault is Fault.SEAL_BROKEN else ()
        if not newer:
            raise
        return open_sealed(token, newer)


def _check_parties(body: Mapping[str, Any], registration: Registration) -> None:
    """From whom and for whom (Security Framework §5.1.3, points 3 to 6).

    Additional audiences "not trusted by the tool" must be refused, and we trust none.
    """
    if not isinstance(body.get("iss"), str) or not body["iss"]:
        raise Refused(Fault.ISSUER_MISSING, "no iss")
    if body["iss"] != registration.issuer:
        raise Refused(Fault.ISSUER_WRONG, f"iss is {body['iss'][:120]!r}")
    audiences = [body["aud"]] if isinstance(body.get("aud"), str) else body.get("aud")
    if not audiences or not isinstance(audiences, list):
        raise Refused(Fault.AUDIENCE_MISSING, "no aud")
    if registration.client_id not in audiences:
        raise Refused(Fault.AUDIENCE_WRONG, f"aud is {str(audiences)[:120]!r}")
    if len(audiences) > 1 and body.get("azp") is None:
        raise Refused(Fault.PARTY_MISSING, "several aud and no azp")
    if body.get("azp") is not None and body["azp"] != registration.client_id:
        raise Refused(Fault.PARTY_WRONG, f"azp is {str(body['azp'])[:120]!r}")
    if len(audiences) > 1:
        raise Refused(Fault.AUDIENCE_SHARED, f"aud is {str(audiences)[:120]!r}")


def _check_times(body: Mapping[str, Any], now: int) -> None:
    """When (points 7 and 8). Moodle's messages live 60 seconds, so its clock must be right to about a minute."""
    expires = _time(body, "exp", Fault.EXPIRY_MISSING)
    issued = _time(body, "iat", Fault.ISSUED_MISSING)
    if now >= expires + SKEW_SECONDS:
        raise Refused(Fault.EXPIRED, f"exp was {now - expires} s ago")
    if now > issued + AGE_SECONDS:
        raise Refused(Fault.TOO_OLD, f"iat was {now - issued} s ago")
    if issued > now + SKEW_SECONDS:
        raise Refused(Fault.FROM_THE_FUTURE, f"iat is {issued - now} s ahead")


def _time(body: Mapping[str, Any], name: str, fault: Fault) -> int:
    value = body.get(name)
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise Refused(fault, f"no {name}")
    return int(value)


def _check_nonce(body: Mapping[str, Any], state: State) -> None:
    """For this login (point 9): the nonce's hash is in the state, and the state can be used once."""
    nonce = body.get("nonce")
    if not isinstance(nonce, str) or not nonce:
        raise Refused(Fault.NONCE_MISSING, "no nonce")
    if not is_same_login(state, nonce):
        raise Refused(Fault.NONCE_OTHER, "nonce is of another login")


_LOGIN_PARAMETERS = (
    "iss",
    "login_hint",
    "target_link_uri",
    "client_id",
    "lti_deployment_id",
    "lti_message_hint",
    "lti_storage_target",
)


def _frame_name(name: str | None) -> str | None:
    """The name of the frame that holds the platform's storage (LTI Client Side postMessages §4)."""
    return name if name and re.fullmatch(r"[A-Za-z0-9_.-]{1,100}", name) else None


def _with_query(address: str, added: Mapping[str, str]) -> str:
    """An address may already have a query (some platforms' do); what it holds stays, unless we say the same name."""
    parts = urlsplit(address)
    kept = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name not in added]
    return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode([*kept, *added.items()]), ""))
