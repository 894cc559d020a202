"""A platform that signs launches in this process and publishes its public key from a process of its own.

The key set is served apart because a peer that fetches it at each launch must not wait for the load generator.
"""

import base64
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256

CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
KEY_ID = "benchmark"
COURSE = {"id": "3", "label": "ACUTE", "title": "Acute medicine"}
SECONDS_TO_LIVE = 60  # as Moodle's tokens


def base64url(octets: bytes) -> str:
    """Encode as RFC 7515 §2 wants it: without padding."""
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def public_jwk(key: RSAPrivateKey) -> dict[str, str]:
    """Return the public half of the key as a JWK (RFC 7517)."""
    numbers = key.public_key().public_numbers()
    modulus = base64url(numbers.n.to_bytes((numbers.n.bit_length() + 7) // 8, "big"))
    exponent = base64url(numbers.e.to_bytes(3, "big"))
    return {"kty": "RSA", "alg": "RS256", "use": "sig", "kid": KEY_ID, "n": modulus, "e": exponent}


@dataclass(frozen=True)
class SigningPlatform:
    """A VLE with one client, one deployment and one course; it signs for any of its numbered people."""

    jwks_url: str
    issuer: str = "https://vle.example"
    client_id: str = "benchmark-client"
    deployment_id: str = "1"
    auth_url: str = "https://vle.example/mod/lti/auth.php"
    token_url: str = "https://vle.example/mod/lti/token.php"
    key: RSAPrivateKey = field(default_factory=lambda: generate_private_key(65537, 2048), repr=False)

    def id_token(self, person: int, nonce: str, target: str, custom: dict[str, str] | None = None) -> str:
        """Sign a launch of the numbered person, valid from now for a minute."""
        now = int(time.time())
        header = {"typ": "JWT", "alg": "RS256", "kid": KEY_ID}
        claims = self._claims(person, target) | {"nonce": nonce, "iat": now, "exp": now + SECONDS_TO_LIVE}
        if custom:
            claims[CLAIM + "custom"] = custom
        signed = ".".join(base64url(json.dumps(part).encode()) for part in (header, claims))
        return f"{signed}.{base64url(self.key.sign(signed.encode(), PKCS1v15(), SHA256()))}"

    def _claims(self, person: int, target: str) -> dict[str, object]:
        return {
            "iss": self.issuer,
            "aud": self.client_id,
            "sub": str(1000 + person),
            "name": f"Person {person}",
            "given_name": "Person",
            "family_name": str(person),
            "email": f"person{person}@example.org",
            CLAIM + "version": "1.3.0",
            CLAIM + "message_type": "LtiResourceLinkRequest",
            CLAIM + "deployment_id": self.deployment_id,
            CLAIM + "target_link_uri": target,
            CLAIM + "resource_link": {"id": "7", "title": "Ask a question"},
            CLAIM + "roles": [MEMBERSHIP + ("Instructor" if person % 10 == 0 else "Learner")],
            CLAIM + "context": {**COURSE, "type": ["CourseSection"]},
            CLAIM + "launch_presentation": {"locale": "en", "document_target": "iframe"},
            CLAIM + "tool_platform": {"guid": "vle.example", "product_family_code": "moodle", "version": "2024100706"},
        }


@contextmanager
def signing_platform(folder: Path) -> Iterator[SigningPlatform]:
    """Yield a platform whose key set answers on loopback until the end of the block."""
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "http.server", "--bind", "127.0.0.1", "--directory", str(folder), "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as server:
        try:
            announced = re.search(r"port (\d+)", server.stdout.readline() if server.stdout else "")
            if announced is None:
                raise RuntimeError("the key set's server did not start")
            platform = SigningPlatform(f"http://127.0.0.1:{announced[1]}/jwks.json")
            (folder / "jwks.json").write_text(json.dumps({"keys": [public_jwk(platform.key)]}), encoding="utf-8")
            yield platform
        finally:
            server.kill()
