"""Random names: public ids in addresses, secrets in cookies and tickets. Never counters, so nothing can be guessed."""

import hashlib
import hmac
import re
import secrets

PUBLIC_ID_LENGTH = 16
_ALPHABET = "abcdefghijkmnopqrstuvwxyz23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # without l, 1, I, 0, O: codes are read aloud
_PUBLIC_ID = re.compile(r"[A-Za-z0-9_-]{16}")


def new_public_id() -> str:
    """Sixteen letters and digits, about 93 bits. Drawn from 128 at once: a call of the system's a letter is slow."""
    left, letters = secrets.randbits(128), []
    for _ in range(PUBLIC_ID_LENGTH):
        left, letter = divmod(left, len(_ALPHABET))
        letters.append(_ALPHABET[letter])
    return "".join(letters)


def is_public_id(text: str) -> bool:
    """Whether `text` has the shape of a public id (it may still name nothing)."""
    return _PUBLIC_ID.fullmatch(text) is not None


def new_secret() -> str:
    """256 random bits as 43 URL-safe characters."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> bytes:
    """SHA-256 of a secret: what is stored instead of it, 32 bytes."""
    return hashlib.sha256(secret.encode()).digest()


def keyed_tag(key: bytes, *parts: object) -> bytes:
    """A 16-byte HMAC of `parts`: the same for the same parts, unlinkable without the key."""
    message = "\x1f".join(str(part) for part in parts).encode()
    return hmac.new(key, message, hashlib.sha256).digest()[:16]


def new_help_code() -> str:
    """Four letters and digits that a person can read to the help desk over the telephone."""
    return "".join(secrets.choice("23456789ABCDEFGHJKLMNPQRSTUVWXYZ") for _ in range(4))
