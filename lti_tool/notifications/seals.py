"""What an entry is about, sealed (Fernet: AES-CBC and HMAC-SHA256), and the keyed tags that find it again.

A mail carries a sealed token as well: whoever presses its button stops these mails without coming in (RFC 8058).
"""

import json
from base64 import urlsafe_b64encode
from dataclasses import asdict, dataclass

from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy.orm import Session

from lti_tool.core.ids import keyed_tag
from lti_tool.core.settings import Settings
from lti_tool.notifications.rules import About, How, Kind, Topic


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


@dataclass(frozen=True, slots=True)
class Stop:
    """Which mails somebody stops: those of a topic, or, where `what` is a way of being told, all that come so.

    Empty stands for all mails.
    """

    trust_id: int
    person_id: int
    what: str

    @property
    def of_everything(self) -> "Stop":
        """The same person's stop of all mails."""
        return Stop(self.trust_id, self.person_id, "")

    def covers(self, topic: Topic, how: How) -> bool:
        """Whether mails of this topic, which come in this way, are meant."""
        return self.what in ("", topic, how)


def seal_stop(settings: Settings, stop: Stop) -> str:
    """The token of a mail's stop button. It does not end: a mail may be opened years later."""
    said = json.dumps([stop.trust_id, stop.person_id, stop.what])
    return _stops(settings).encrypt(said.encode()).decode()


def read_stop(settings: Settings, token: str) -> Stop | None:
    """What a token stops; None for one that we did not seal."""
    try:
        return Stop(*json.loads(_stops(settings).decrypt(token.encode())))
    except InvalidToken:
        return None


def _stops(settings: Settings) -> Fernet:
    return Fernet(urlsafe_b64encode(settings.key_for("mail stops")))
