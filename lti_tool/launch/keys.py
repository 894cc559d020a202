"""Our own keys: what platforms check our answers and requests for tokens with (Security Framework §4.1, §6.3).

A new key is published a day before it signs, because platforms keep our key set for a while; the old one stays
published for a week after it has signed for the last time. The secret halves are stored sealed under the installation's
secret key. Reading one from PEM takes 0.1 s, so a process keeps those that it has read.
"""

import json
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet
from sqlalchemy.orm import Session

from lti_tool.core.ids import new_public_id
from lti_tool.launch.jose import Key, new_private_key, private_pem, public_entry, public_pem, read_pem, seal
from lti_tool.launch.models import ToolKey
from lti_tool.launch.queries import find_signing_key, published_keys

PUBLISHED_BEFORE = timedelta(days=1)
PUBLISHED_AFTER = timedelta(days=7)


def ensure_key(db: Session, now: datetime) -> None:
    """Make the first key, if there is none."""
    if find_signing_key(db, now) is None:
        _make_key(db, now, now)


def rotate_keys(db: Session, now: datetime, at_once: bool) -> ToolKey:
    """Make a new key and let the others run out. `at_once` is for a key that was stolen: it signs now, alone."""
    signs_from = now if at_once or find_signing_key(db, now) is None else now + PUBLISHED_BEFORE
    for old in published_keys(db, now):
        old.retires_at = now if at_once else signs_from + PUBLISHED_AFTER
    return _make_key(db, now, signs_from)


def _make_key(db: Session, now: datetime, signs_from: datetime) -> ToolKey:
    key, kid = new_private_key(), new_public_id()
    row = ToolKey(
        kid=kid,
        public_jwk=json.dumps(public_entry(key, kid)),
        sealed=_box(db).encrypt(private_pem(key)),
        created_at=now,
        signs_from=signs_from,
    )
    db.add(row)
    db.flush()
    return row


def published_key_set(db: Session, now: datetime) -> dict[str, Any]:
    """What `/lti/jwks.json` says (RFC 7517 §5)."""
    return {"keys": [json.loads(row.public_jwk) for row in published_keys(db, now)]}


def signing_key_pem(db: Session, now: datetime) -> str:
    """The public half of the key that signs now, for administrators who must paste it."""
    row = find_signing_key(db, now)
    return public_pem(_opened(row.kid, row.sealed, _box(db))).decode() if row else ""


def sign(db: Session, claims: dict[str, Any], now: datetime) -> str:
    """A token of ours. An installation that never made a key makes it now."""
    ensure_key(db, now)
    row = find_signing_key(db, now)
    assert row is not None, "ensure_key has just made one"
    return seal(claims, _opened(row.kid, row.sealed, _box(db)), row.kid)


@lru_cache(maxsize=8)
def _opened(_kid: str, sealed: bytes, box: Fernet) -> Key:
    return read_pem(box.decrypt(sealed))


def _box(db: Session) -> Fernet:
    return _boxes(db.info["settings"].key_for("tool keys"))


@lru_cache(maxsize=2)
def _boxes(key: bytes) -> Fernet:
    return Fernet(urlsafe_b64encode(key))
