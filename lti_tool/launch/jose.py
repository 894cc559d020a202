"""Keys and seals: the one place that knows JSON Web Tokens (RFC 7515, 7517, 7519). Signatures are joserfc's.

A platform's message arrives as `header.body.signature`. This module opens it in an order that gives an attacker nothing
to play with: size, then shape, then a header that may say only `RS256` and the name of a key, then the signature, and
only then is the body read. The algorithm is ours to choose and never the message's, so `none`, or `HS256` with a
public key as its secret, have nowhere to go in (RFC 8725 §3.1). Keys come from the platform's published list
and never from the message (`jwk`, `jku`, `x5u`, `x5c` are refused). JSON in which one name stands twice is refused: two
readers could believe two different things.
"""

import base64
import binascii
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from joserfc.errors import JoseError
from joserfc.jwk import RSAKey
from joserfc.jws import JWSRegistry, deserialize_compact, serialize_compact

from lti_tool.launch.faults import Fault, Refused

Key = RSAKey
ALGORITHM = "RS256"
TOKEN_LIMIT = 60_000
"""Characters. Moodle's launches have 6,700; a token is bounded because reading one costs us time."""
KEYS_LIMIT = 100
SMALLEST_KEY_BITS = 2048
LARGEST_KEY_BITS = 8192

_SHAPE = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")
_FORBIDDEN = ("jwk", "jku", "x5u", "x5c", "crit", "b64", "zip", "enc")
_REGISTRY = JWSRegistry(algorithms=[ALGORITHM], strict_check_header=False)


class KeySetError(Exception):
    """What a platform published as its keys is not a list of keys. The text says why, for the log and the console."""


@dataclass(frozen=True)
class KeySet:
    """A platform's published keys by name. `unusable` says of the others why they were passed over."""

    keys: Mapping[str, tuple[RSAKey, ...]]
    unusable: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class SealedToken:
    """A token whose shape and header are in order and whose signature nobody has checked yet."""

    raw: str = field(repr=False)
    kid: str


def read_sealed(raw: str) -> SealedToken:
    """Check size, shape and header. Raises Refused."""
    if len(raw) > TOKEN_LIMIT:
        raise Refused(Fault.TOKEN_TOO_LARGE, f"{len(raw)} characters")
    if not _SHAPE.fullmatch(raw):
        raise Refused(Fault.TOKEN_UNREADABLE, "not three parts of base64url")
    header = _object(_decoded(raw.partition(".")[0]), Fault.TOKEN_UNREADABLE)
    for name in _FORBIDDEN:
        if name in header:
            raise Refused(Fault.BRINGS_ITS_KEY, f"header holds {name}")
    if header.get("alg") != ALGORITHM:
        raise Refused(Fault.ALGORITHM_WRONG, f"alg is {str(header.get('alg'))[:20]!r}")
    kid = header.get("kid")
    if not isinstance(kid, str) or not kid:
        raise Refused(Fault.KEY_NOT_NAMED, "no kid")
    return SealedToken(raw, kid)


def open_sealed(token: SealedToken, keys: Iterable[RSAKey]) -> dict[str, Any]:
    """The claims of a token that one of the keys signed. Raises Refused."""
    for key in keys:
        try:
            payload = deserialize_compact(token.raw, key, registry=_REGISTRY).payload
        except (JoseError, ValueError):
            continue
        return _object(payload, Fault.NOT_A_LIST_OF_CLAIMS)
    raise Refused(Fault.SEAL_BROKEN, f"signature does not match key {token.kid[:80]!r}")


def read_key_set(body: bytes) -> KeySet:
    """The usable keys of a published key set (RFC 7517 §5). Raises KeySetError when there is no key at all to be read.

    Usable is an RSA key of 2048 to 8192 bits that is named and not set aside for another use or algorithm.
    """
    try:
        published = read_json(body)
    except ValueError as error:
        raise KeySetError(f"not JSON: {error}") from error
    listed = published.get("keys") if isinstance(published, dict) else None
    if not isinstance(listed, list) or not listed:
        raise KeySetError("not a set of keys")
    keys: dict[str, tuple[RSAKey, ...]] = {}
    unusable: dict[str, str] = {}
    for entry in listed[:KEYS_LIMIT]:
        kid = entry.get("kid") if isinstance(entry, dict) else None
        if not isinstance(kid, str) or not kid:
            continue
        try:
            keys[kid] = (*keys.get(kid, ()), _usable_key(entry))
        except ValueError as error:
            unusable[kid] = str(error)
    return KeySet(keys, unusable)


def new_private_key() -> Key:
    """A key of our own. Making one takes about a tenth of a second."""
    return RSAKey.generate_key(SMALLEST_KEY_BITS)


def private_pem(key: Key) -> bytes:
    """The secret half, to be sealed at once."""
    return key.as_pem(private=True)


def public_pem(key: Key) -> bytes:
    """The public half, for platforms whose administrators paste it."""
    return key.as_pem(private=False)


def read_pem(pem: bytes) -> Key:
    """A key from what `private_pem` or `public_pem` wrote."""
    return RSAKey.import_key(pem)


def public_entry(key: Key, kid: str) -> dict[str, Any]:
    """The public half as an entry of our published key set (RFC 7517 §4)."""
    return {**key.as_dict(private=False), "kid": kid, "alg": ALGORITHM, "use": "sig"}


def seal(claims: Mapping[str, Any], key: Key, kid: str) -> str:
    """A token of ours."""
    body = json.dumps(claims, ensure_ascii=False).encode("utf-8")
    return serialize_compact({"typ": "JWT", "alg": ALGORITHM, "kid": kid}, body, key, registry=_REGISTRY)


def _usable_key(entry: dict[str, Any]) -> RSAKey:
    """Raises ValueError with the reason. Only the public numbers are taken, whatever else the platform published."""
    if entry.get("kty") != "RSA":
        raise ValueError(f"kty is {str(entry.get('kty'))[:20]}")
    if entry.get("use", "sig") != "sig":
        raise ValueError(f"use is {str(entry['use'])[:20]}")
    if entry.get("alg", ALGORITHM) != ALGORITHM:
        raise ValueError(f"alg is {str(entry['alg'])[:20]}")
    operations = entry.get("key_ops", ["verify"])
    if not isinstance(operations, list) or "verify" not in operations:
        raise ValueError("key_ops does not hold verify")
    modulus, exponent = entry.get("n"), entry.get("e")
    if not isinstance(modulus, str) or not isinstance(exponent, str):
        raise ValueError("n or e is missing")
    bits = int.from_bytes(base64.urlsafe_b64decode(modulus + "=" * (-len(modulus) % 4))).bit_length()
    if not SMALLEST_KEY_BITS <= bits <= LARGEST_KEY_BITS:
        raise ValueError(f"{bits} bits")
    try:
        return RSAKey.import_key({"kty": "RSA", "n": modulus, "e": exponent})
    except (JoseError, ValueError, TypeError) as error:
        raise ValueError("n and e are not an RSA key") from error


def _decoded(part: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except binascii.Error as error:
        raise Refused(Fault.TOKEN_UNREADABLE, "base64url is broken") from error


def _object(text: bytes, otherwise: Fault) -> dict[str, Any]:
    try:
        value = read_json(text)
    except _TwiceError as error:
        raise Refused(Fault.TOKEN_AMBIGUOUS, str(error)) from error
    except ValueError as error:
        raise Refused(Fault.TOKEN_UNREADABLE, f"not JSON: {str(error)[:80]}") from error
    if not isinstance(value, dict):
        raise Refused(otherwise, f"JSON {type(value).__name__} in place of an object")
    return value


class _TwiceError(ValueError):
    """One name stands twice in a JSON object."""


def read_json(text: bytes) -> Any:
    """JSON without doubled names, NaN, infinities, halves of characters or bottomless nesting. Raises ValueError."""
    try:
        value = json.loads(text.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_constant)
        # "\ud800" alone and 1e999 pass json.loads; the one breaks a database, the other a clock.
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8")
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise _TwiceError(f"{name[:80]!r} stands twice")
        found[name] = value
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
