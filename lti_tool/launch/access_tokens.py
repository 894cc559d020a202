"""Access tokens for a platform's services, and calls that carry one (Security Framework §4.1).

1. We sign a slip that says who asks (`iss` and `sub`: our client) and whom (`aud`: the platform's token address, as
   Moodle wants it), and post it to that address together with the scopes that we need.
2. The platform answers with a token for an hour or so, as JSON; Moodle calls that `text/html`, so the content type is
   not looked at. **Scopes that it does not grant it drops without a word**: what the token may do stands in the answer.
3. The token is kept in this process, by platform and scopes, until a little before it ends; never on disk.
4. A service that answers 401 does not know the token any more: we fetch a new one, once.

All failures are one exception, `ServiceError`, with words for people. It never holds what the platform wrote.
"""

import json
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from lti_tool.core import clock
from lti_tool.core.db import Database
from lti_tool.core.ids import new_secret
from lti_tool.core.language import gettext as _
from lti_tool.core.outbound import Answer, OutboundError, guard_from
from lti_tool.launch.keys import sign
from lti_tool.launch.platform import Asked, ask_service, ask_token
from lti_tool.launch.services import NOT_GRANTED, Partner

SLIP_SECONDS = 300
BACK_SECONDS = 5
"""A VLE whose clock is a little behind ours would find a slip of this very second written in the future."""
USUAL_SECONDS = 300
"""How long a token is used whose answer does not say."""
LONGEST_SECONDS = 86_400
TOKEN_LIMIT = 8_000
BY_SIGNED_SLIP = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class Trouble(StrEnum):
    """Why a service could not be used."""

    UNREACHABLE = "unreachable"
    BUSY = "busy"
    NOT_GRANTED = NOT_GRANTED
    REFUSED = "refused"
    MISSING = "missing"
    NONSENSE = "nonsense"


PASSING = frozenset((Trouble.UNREACHABLE, Trouble.BUSY))
"""Trouble after which it is worth trying the same again."""


class ServiceError(Exception):
    """A service of a platform could not be used. `words` can be read by a person."""

    def __init__(self, trouble: Trouble, words: str) -> None:
        super().__init__(words)
        self.trouble, self.words = trouble, words


@dataclass(frozen=True, slots=True)
class Token:
    """A token of a platform; what it may do, which can be less than was asked; and until when we use it."""

    value: str = field(repr=False)
    scopes: frozenset[str]
    until: datetime


@dataclass
class _Slot:
    """One kind of token. The lock lets one thread fetch while the others wait for what it brings."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    token: Token | None = None


_SLOTS: dict[tuple[str, ...], _Slot] = {}
_SLOTS_LOCK = threading.Lock()


def fetch_token(database: Database, partner: Partner, scopes: Iterable[str], instead_of: Token | None = None) -> Token:
    """A token for these scopes, kept or new; `instead_of` is one that was refused. Raises ServiceError."""
    asked = tuple(sorted(scopes))
    with _SLOTS_LOCK:
        slot = _SLOTS.setdefault((partner.platform_id, partner.client_id, partner.token_url, *asked), _Slot())
    with slot.lock:
        if slot.token is None or slot.token is instead_of or slot.token.until <= clock.now():
            slot.token = None
            slot.token = _fetched(database, partner, asked)
        return slot.token


def call(database: Database, partner: Partner, scopes: Iterable[str], needs: Iterable[str], asked: Asked) -> Answer:
    """Ask a service with a token for `scopes`, of which any of `needs` must be granted. Raises ServiceError.

    The answer is returned whatever its status, except for a 401 that a new token does not mend.
    """
    if not partner.owns(asked.url):
        raise ServiceError(
            Trouble.REFUSED, _("The address leads to another machine than the VLE’s, so it was not called.")
        )
    token = fetch_token(database, partner, scopes)
    answer = _asked(database, token, needs, asked)
    if answer.status == 401:
        answer = _asked(database, fetch_token(database, partner, scopes, instead_of=token), needs, asked)
    if answer.status == 401:
        raise ServiceError(Trouble.REFUSED, _("The VLE does not accept Grand Round’s access token."))
    return answer


def trouble_of(status: int, what: str) -> ServiceError:
    """Why an answer is no use, for those that mean the same everywhere. `what` was asked for, in words."""
    said = {"what": what, "status": status}
    if status in (404, 410):
        return ServiceError(Trouble.MISSING, _("The VLE has no %(what)s at that address any more.") % said)
    if status == 429 or status >= 500:
        return ServiceError(Trouble.BUSY, _("The VLE could not give the %(what)s now (error %(status)d).") % said)
    return ServiceError(Trouble.REFUSED, _("The VLE refused the %(what)s (error %(status)d).") % said)


def read_json(answer: Answer) -> Any:
    """The answer as JSON, whatever it calls itself. Raises ServiceError."""
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError) as error:
        raise ServiceError(Trouble.NONSENSE, _("The VLE’s answer could not be read.")) from error


def _asked(database: Database, token: Token, needs: Iterable[str], asked: Asked) -> Answer:
    if token.scopes.isdisjoint(needs):
        raise ServiceError(Trouble.NOT_GRANTED, _("The VLE does not grant this to Grand Round."))
    try:
        return ask_service(guard_from(database.notes["settings"]), token.value, asked)
    except OutboundError as error:
        raise ServiceError(Trouble.UNREACHABLE, str(error)) from error


def _fetched(database: Database, partner: Partner, scopes: tuple[str, ...]) -> Token:
    now = clock.now()
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": BY_SIGNED_SLIP,
        "client_assertion": _slip(database, partner, now),
        "scope": " ".join(scopes),
    }
    try:
        answer = ask_token(guard_from(database.notes["settings"]), partner.token_url, form)
    except OutboundError as error:
        raise ServiceError(Trouble.UNREACHABLE, str(error)) from error
    return _read(answer, scopes, now)


def _slip(database: Database, partner: Partner, now: datetime) -> str:
    """Our signed slip (RFC 7523 §3). Each has an id of its own, so that a platform can refuse a second use."""
    written = int(now.timestamp()) - BACK_SECONDS
    said = {
        "iss": partner.client_id,
        "sub": partner.client_id,
        "aud": partner.token_url,
        "iat": written,
        "exp": written + SLIP_SECONDS,
        "jti": new_secret(),
    }
    with database.reading() as db:
        return sign(db, said, now)


def _read(answer: Answer, asked: tuple[str, ...], now: datetime) -> Token:
    """The token of an answer (RFC 6749 §5.1, §5.2)."""
    said = read_json(answer) if answer.status < 500 and answer.status != 429 else {}
    if answer.status not in (200, 201):
        raise _refusal(answer.status, said)
    value, kind = said.get("access_token") if isinstance(said, dict) else None, "bearer"
    if isinstance(value, str):
        kind = str(said.get("token_type", "bearer")).lower()
    if not isinstance(value, str) or not 0 < len(value) <= TOKEN_LIMIT or kind != "bearer" or not _is_visible(value):
        raise ServiceError(Trouble.NONSENSE, _("The VLE’s answer holds no access token."))
    granted = said.get("scope")
    scopes = frozenset(granted.split()) if isinstance(granted, str) else frozenset(asked)
    seconds = _seconds(said.get("expires_in"))
    return Token(value, scopes, now + timedelta(seconds=seconds - min(60, seconds // 10)))


def _refusal(status: int, said: Any) -> ServiceError:
    error = said.get("error") if isinstance(said, dict) else None
    if error == "invalid_scope":
        return ServiceError(Trouble.NOT_GRANTED, _("The VLE does not grant this to Grand Round."))
    if status == 429 or status >= 500:
        return trouble_of(status, _("access token"))
    return ServiceError(
        Trouble.REFUSED,
        _("The VLE does not give Grand Round an access token (error %(status)d). It may not be able to read our key.")
        % {"status": status},
    )


def _is_visible(value: str) -> bool:
    return all("!" <= character <= "~" for character in value)


def _seconds(value: object) -> int:
    try:
        seconds = int(str(value))
    except ValueError:
        return USUAL_SECONDS
    return min(seconds, LONGEST_SECONDS) if seconds > 0 else USUAL_SECONDS
