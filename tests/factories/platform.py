"""A pretend platform that can sign anything, proper or not.

It shares no code with the house and uses `cryptography` alone, so that a mistake in our reading of the standard is not
repeated by the one who writes. RSA keys take a while to make: each name gets one key for the whole test run.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as generate_ec_key
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256, SHA384
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

LTI = "https://purl.imsglobal.org/spec/lti/claim/"
DEEP_LINKING = "https://purl.imsglobal.org/spec/lti-dl/claim/"
MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
INSTITUTION = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#"
SYSTEM = "http://purl.imsglobal.org/vocab/lis/v2/system/person#"
GONE = object()
"""As the value of a change: the claim is left out."""


@cache
def _made(name: str, bits: int) -> RSAPrivateKey:
    return generate_private_key(65537, bits)


def rsa_key(name: str, bits: int = 2048) -> RSAPrivateKey:
    """The key of that name, made once in a test run."""
    return _made(name, bits)


def base64url(octets: bytes) -> str:
    """RFC 7515 §2: without padding."""
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def public_jwk(name: str, bits: int = 2048, **changes: Any) -> dict[str, Any]:
    """The public half of a key (RFC 7517). A change to GONE leaves a member out."""
    numbers = rsa_key(name, bits).public_key().public_numbers()
    entry = {
        "kty": "RSA",
        "alg": "RS256",
        "use": "sig",
        "kid": name,
        "n": base64url(numbers.n.to_bytes((numbers.n.bit_length() + 7) // 8, "big")),
        "e": base64url(numbers.e.to_bytes(3, "big")),
    }
    return {member: value for member, value in {**entry, **changes}.items() if value is not GONE}


@cache
def _ec_numbers() -> tuple[str, str]:
    numbers = generate_ec_key(SECP256R1()).public_key().public_numbers()
    return base64url(numbers.x.to_bytes(32, "big")), base64url(numbers.y.to_bytes(32, "big"))


def ec_jwk(name: str) -> dict[str, Any]:
    """A key of another kind, as some platforms publish beside their RSA ones."""
    x, y = _ec_numbers()
    return {"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": name, "x": x, "y": y}


def key_set(*entries: Mapping[str, Any]) -> bytes:
    """A published key set."""
    return json.dumps({"keys": list(entries)}).encode()


def changed(claims: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The claims with some of them replaced, added or (GONE) left out."""
    return {name: value for name, value in {**claims, **changes}.items() if value is not GONE}


def token(header: Mapping[str, Any] | bytes, body: Any, sign: Any) -> str:
    """A compact token. `header` and `body` may be bytes, which are taken as they are."""
    parts = [part if isinstance(part, bytes) else json.dumps(part).encode() for part in (header, body)]
    signed = ".".join(base64url(part) for part in parts)
    return f"{signed}.{base64url(sign(signed.encode()))}"


@dataclass(frozen=True)
class PretendPlatform:
    """A VLE with one client, one deployment and one course."""

    issuer: str = "https://vle.example"
    client_id: str = "client-1"
    deployment_id: str = "1"
    auth_url: str = "https://vle.example/auth.php"
    keys_url: str = "https://vle.example/certs.php"
    tool_url: str = "https://tool.example"
    kid: str = "vle-key-1"

    def claims(self, now: float, nonce: str, roles: Sequence[str] = ("Learner",), /, **changes: Any) -> dict[str, Any]:
        """The body of a proper launch of an activity. Short roles are written out in full."""
        return changed(
            {
                "iss": self.issuer,
                "aud": self.client_id,
                "iat": int(now),
                "exp": int(now) + 60,
                "nonce": nonce,
                "sub": "person-1",
                "name": "Ada Example",
                "given_name": "Ada",
                "family_name": "Example",
                "email": "ada@example.org",
                LTI + "version": "1.3.0",
                LTI + "message_type": "LtiResourceLinkRequest",
                LTI + "deployment_id": self.deployment_id,
                LTI + "target_link_uri": f"{self.tool_url}/lti/launch",
                LTI + "resource_link": {"id": "link-1", "title": "Questions"},
                LTI + "context": {
                    "id": "course-1",
                    "title": "Cardiology ST4",
                    "label": "CARD",
                    "type": ["CourseSection"],
                },
                LTI + "roles": [role if ":" in role else MEMBERSHIP + role for role in roles],
                LTI + "custom": {},
            },
            changes,
        )

    def choosing(self, **changes: Any) -> dict[str, Any]:
        """Changes that make a launch one of the chooser (deep linking)."""
        settings = {
            "deep_link_return_url": f"{self.issuer}/return.php?course=2&id=1",
            "accept_types": ["ltiResourceLink"],
            "accept_presentation_document_targets": ["iframe", "window"],
            "accept_multiple": True,
        }
        return {
            LTI + "message_type": "LtiDeepLinkingRequest",
            LTI + "resource_link": GONE,
            DEEP_LINKING + "deep_linking_settings": changed(settings, changes),
        }

    def sign(self, claims: Any, header: Mapping[str, Any] | bytes | None = None, key: str | None = None) -> str:
        """RS256. `header` replaces members of the usual one (or all of it, as bytes); `key` names another key."""
        usual = {"typ": "JWT", "alg": "RS256", "kid": self.kid}
        whole = header if isinstance(header, bytes) else changed(usual, header or {})
        return token(whole, claims, lambda text: rsa_key(key or self.kid).sign(text, PKCS1v15(), SHA256()))

    def sign_rs384(self, claims: Any) -> str:
        """A proper signature by an algorithm that LTI does not name."""
        header = {"alg": "RS384", "kid": self.kid}
        return token(header, claims, lambda text: rsa_key(self.kid).sign(text, PKCS1v15(), SHA384()))

    def sign_hs256_with_public_key(self, claims: Any) -> str:
        """The old trick: the public key, which everybody has, as the secret of a symmetric signature."""
        pem = rsa_key(self.kid).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        header = {"alg": "HS256", "kid": self.kid}
        return token(header, claims, lambda text: hmac.new(pem, text, hashlib.sha256).digest())

    def unsigned(self, claims: Any) -> str:
        """alg none."""
        return token({"alg": "none", "kid": self.kid}, claims, lambda _text: b"")

    def key_set(self) -> bytes:
        """What it publishes."""
        return key_set(public_jwk(self.kid))
