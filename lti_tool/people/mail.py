"""A person's mail address: kept sealed, and only while this installation sends mail. Nothing else depends on it."""

import re
from base64 import urlsafe_b64encode
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.orm import Session

from lti_tool.core import clock
from lti_tool.people.models import Enrolment, MailAddress

ADDRESS_LENGTH = 254  # RFC 5321 §4.5.3.1.3
# The plain half of RFC 5321 §4.1.2: no quotes, no comments, no line breaks, ASCII only, a host with a dot.
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z0-9-]{2,63}")


@dataclass(frozen=True, slots=True)
class MailLine:
    """What we know of somebody's address. `address` is empty where none is kept; `is_unwanted` where none shall be."""

    address: str = field(default="", repr=False)
    is_unwanted: bool = False
    is_refused: bool = False

    @property
    def is_usable(self) -> bool:
        """Whether mail may be sent there."""
        return bool(self.address) and not self.is_refused


def is_mail_address(value: object) -> bool:
    """Whether mail can be sent to it without any header or command being changed by it."""
    return isinstance(value, str) and len(value) <= ADDRESS_LENGTH and _ADDRESS.fullmatch(value) is not None


def keep_address(db: Session, person_id: int, trust_id: int, address: str) -> None:
    """Remember what a VLE says, unless the installation sends no mail or the person wants none kept."""
    if not db.info["settings"].smtp_url or not is_mail_address(address):
        return
    row = db.get(MailAddress, person_id)
    if row is None:
        row = MailAddress(person_id=person_id, trust_id=trust_id, told_at=clock.now())
        db.add(row)
    elif row.sealed is None or _opened(db, row.sealed) == address:
        return
    row.sealed, row.told_at = _box(db).encrypt(address.encode()), clock.now()
    row.refused_at, row.refused_with, row.is_refused = None, None, False


def find_address(db: Session, person_id: int) -> MailLine:
    """What is kept of this person."""
    row = db.get(MailAddress, person_id)
    if row is None:
        return MailLine()
    address = _opened(db, row.sealed) if row.sealed is not None else ""
    return MailLine(address, row.sealed is None, row.is_refused)


def with_address(db: Session, person_ids: Collection[int]) -> set[int]:
    """Those of these people to whom mail may be sent."""
    usable = (MailAddress.sealed.is_not(None), ~MailAddress.is_refused)
    return set(db.scalars(select(MailAddress.person_id).where(MailAddress.person_id.in_(person_ids), *usable)))


def refuse_mail(db: Session, person_id: int, code: int, *, is_address: bool) -> None:
    """The mail server says for good that it does not take a mail: for its recipient, or for something else."""
    refused = update(MailAddress).where(MailAddress.person_id == person_id)
    values = {"refused_at": clock.now(), "refused_with": code, **({"is_refused": True} if is_address else {})}
    db.execute(refused.values(values))


def forget_address(db: Session, person_id: int, trust_id: int) -> None:
    """The person wants no address kept: it goes at once, and no launch brings it back."""
    row = db.get(MailAddress, person_id) or MailAddress(person_id=person_id, trust_id=trust_id)
    row.sealed, row.told_at = None, clock.now()
    row.refused_at, row.refused_with, row.is_refused = None, None, False
    db.add(row)


def allow_address(db: Session, person_id: int) -> None:
    """The person wants mail after all: the next launch may bring an address."""
    db.execute(delete(MailAddress).where(MailAddress.person_id == person_id, MailAddress.sealed.is_(None)))


def codes_refused(db: Session, since: datetime) -> dict[int, int]:
    """How many mails the server has refused since then, by its code, in the trust that the session is within."""
    found = select(MailAddress.refused_with, func.count()).where(MailAddress.refused_at >= since)
    return {code: count for code, count in db.execute(found.group_by(MailAddress.refused_with)) if code is not None}


def forget_needless_addresses(db: Session, trust_id: int) -> None:
    """Nobody is mailed who is in no course, and nobody at all where no mail is sent: their addresses go."""
    kept = delete(MailAddress).where(MailAddress.trust_id == trust_id, MailAddress.sealed.is_not(None))
    if db.info["settings"].smtp_url:
        is_here = exists().where(Enrolment.person_id == MailAddress.person_id, Enrolment.left_at.is_(None))
        kept = kept.where(~is_here)
    db.execute(kept)


def _opened(db: Session, sealed: bytes) -> str:
    """Empty when it was sealed with another secret key: the next launch brings it again."""
    try:
        return _box(db).decrypt(sealed).decode()
    except InvalidToken:
        return ""


def _box(db: Session) -> Fernet:
    return Fernet(urlsafe_b64encode(db.info["settings"].key_for("mail addresses")))
