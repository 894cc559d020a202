"""The state: a slip that we sign, hand to the VLE with the login and get back with the launch. Nothing is stored.

It says for which platform and page the login was, when it ends, and the hashes of the two secrets of it: the nonce
(which must come back inside the platform's signed message) and the browser's secret (which is in a cookie, or in the
platform's storage). Who reads the slip learns neither. It is used up by `used_as`, which comes from the nonce and not
from the slip's letters, because one signature can be spelt in more than one way in base64.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from itsdangerous import BadData, URLSafeSerializer

from lti_tool.launch.faults import Fault, Refused

STATE_SECONDS = 600


@dataclass(frozen=True)
class State:
    """`target` is a path with its query on our host; `expires_at` is in seconds since 1970."""

    platform_id: str
    target: str
    nonce_hash: str
    browser_hash: str
    storage_target: str | None
    expires_at: int

    @property
    def used_as(self) -> bytes:
        """32 bytes under which this login is used up."""
        return bytes.fromhex(self.nonce_hash)


def seal_state(state: State, key: bytes) -> str:
    """The slip as letters that may stand in an address."""
    said = [
        state.platform_id,
        state.target,
        state.nonce_hash,
        state.browser_hash,
        state.storage_target,
        state.expires_at,
    ]
    return str(_slips(key).dumps(said))


def open_state(raw: str, key: bytes, now: datetime) -> State:
    """Raises Refused when it is not one of ours or has ended."""
    try:
        state = State(*_slips(key).loads(raw))
    except (BadData, TypeError, ValueError) as error:
        raise Refused(Fault.STATE_UNREADABLE, f"state: {type(error).__name__}") from error
    if now.timestamp() >= state.expires_at:
        raise Refused(Fault.STATE_EXPIRED, f"state ended {int(now.timestamp()) - state.expires_at} s ago")
    return state


def is_same_browser(state: State, secret: str | None) -> bool:
    """Whether the browser that arrives is the one that began. `secret` is from its cookie or the platform's storage."""
    return secret is not None and hmac.compare_digest(hash_of(secret), state.browser_hash)


def is_same_login(state: State, nonce: str) -> bool:
    """Whether the nonce of a message is the one that this login sent out."""
    return hmac.compare_digest(hash_of(nonce), state.nonce_hash)


def hash_of(secret: str) -> str:
    """SHA-256 in hexadecimal. The secrets have 256 bits, so no salt is wanted."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


@cache
def _slips(key: bytes) -> URLSafeSerializer:
    return URLSafeSerializer(
        key, salt="lti state", signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"}
    )
