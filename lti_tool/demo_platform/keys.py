"""The identity of the pretend VLE: its RSA keys and the key of its cookie, kept in one private file.

A restart must keep them, or every tool that has registered this VLE would stop trusting it. The newest key signs;
older ones stay published, so that a token signed a moment before a rotation can still be checked.
"""

import json
import os
import secrets
from pathlib import Path
from threading import Lock
from typing import Any

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

FILE_NAME = "demo-vle.json"
PUBLISHED_KEYS = 4


class KeyRing:
    """The keys in `var_dir`, made at the first run. Safe to use from several threads."""

    def __init__(self, var_dir: Path) -> None:
        self._path = var_dir / FILE_NAME
        self._lock = Lock()
        var_dir.mkdir(parents=True, exist_ok=True)
        if self._path.exists():
            kept = json.loads(self._path.read_text(encoding="utf-8"))
            self.cookie_key: str = kept["cookie_key"]
            self._keys = [RSAKey.import_key(one) for one in kept["keys"]]
        else:
            self.cookie_key = secrets.token_urlsafe(32)
            self._keys = [_new_key()]
            self._save()

    def sign(self, claims: dict[str, Any]) -> str:
        """A compact RS256 token over the claims, with the newest key."""
        key = self._keys[0]
        return jwt.encode({"typ": "JWT", "alg": "RS256", "kid": key.kid}, claims, key, algorithms=["RS256"])

    def read(self, token: str) -> dict[str, Any]:
        """The claims of a token that this VLE has signed itself. Raises ValueError or JoseError."""
        return jwt.decode(token, KeySet(list(self._keys)), algorithms=["RS256"]).claims

    def public_set(self) -> dict[str, Any]:
        """The published JSON Web Key Set (RFC 7517 §5)."""
        return {"keys": [key.as_dict(private=False) for key in self._keys]}

    def rotate(self) -> str:
        """Sign with a new key from now on, keep the old ones published, and tell the new key's id."""
        with self._lock:
            self._keys = [_new_key(), *self._keys][:PUBLISHED_KEYS]
            self._save()
            return str(self._keys[0].kid)

    def _save(self) -> None:
        kept = {"cookie_key": self.cookie_key, "keys": [key.as_dict(private=True) for key in self._keys]}
        draft = self._path.with_suffix(".new")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            json.dump(kept, file)
        draft.replace(self._path)


def _new_key() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": secrets.token_hex(10), "alg": "RS256", "use": "sig"})
