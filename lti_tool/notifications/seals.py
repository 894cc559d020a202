"""What an entry is about, sealed (Fernet: AES-CBC and HMAC-SHA256), and the keyed tags that find it again."""

import json
from base64 import urlsafe_b64encode
from dataclasses import asdict

from cryptography.fernet import Fernet
from sqlalchemy.orm import Session

from lti_tool.core.ids import keyed_tag
from lti_tool.notifications.rules import About, Kind


def once_tag(db: Session, person_id: int, line_id: int) -> bytes:
    """The same for one person and one journal line, so that nobody is told twice."""
    return keyed_tag(_tag_key(db), "once", person_id, line_id)


def thread_tag(db: Session, person_id: int, thread_public_id: str) -> bytes:
    """The same for one person and one thread."""
    return keyed_tag(_tag_key(db), "thread", person_id, thread_public_id)


def seal(db: Session, about: About) -> bytes:
    """Put away what an entry is about."""
    return _box(db).encrypt(json.dumps(asdict(about)).encode())


def open_sealed(db: Session, sealed: list[bytes]) -> list[About]:
    """What entries are about."""
    box = _box(db)
    opened = (json.loads(box.decrypt(one)) for one in sealed)
    return [About(Kind(found["kind"]), found["is_question"], found["thread"], found["post"]) for found in opened]


def _tag_key(db: Session) -> bytes:
    key: bytes = db.info["settings"].key_for("inbox tags")
    return key


def _box(db: Session) -> Fernet:
    return Fernet(urlsafe_b64encode(db.info["settings"].key_for("sealed inbox")))
