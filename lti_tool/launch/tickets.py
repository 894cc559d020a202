"""Tickets: slips that we sign for ourselves, to carry a launch over the gaps that browsers leave.

- An **arrival** (60 s) goes along when a visit starts. The page that takes it sees whether the visit's cookie came
  back, and if not, lets the visit travel in the path. It is good for one of the two, once.
- An **entry** (5 min) lets a person in after they pressed a button: in a browser that keeps no cookie, in a new window,
  on a phone. It is used up by `used_as`. It may say that the browser must prove itself (`browser_hash`).

They name people and courses by public id and the trust, in which those are found, by its number. They hold nothing
that a person typed. Invites and ways back (`invites.py`, `ways.py`) have slips of their own by the same hand.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from itsdangerous import BadData, URLSafeSerializer

from lti_tool.core.ids import digest, new_public_id
from lti_tool.launch.faults import Fault, Refused
from lti_tool.launch.state import State

ARRIVAL_SECONDS = 60
ENTRY_SECONDS = 300


@dataclass(frozen=True)
class Arrival:
    """`path` is where the visit begins, without any visit in it."""

    visit: str
    path: str


@dataclass(frozen=True)
class Entry:
    """Who may come in where. `must_prove` wants the secret whose hash is `browser_hash` from the platform's storage."""

    trust: int
    person: str
    course: str
    path: str
    framed_by: str = ""
    browser_hash: str = ""
    storage_target: str = ""
    storage_origin: str = ""
    must_prove: bool = False
    once: str = ""

    @property
    def used_as(self) -> bytes:
        """32 bytes under which this entry is used up."""
        return digest(self.once)

    @property
    def is_of_launch(self) -> bool:
        """Whether a launch made it, and not somebody who is here already."""
        return bool(self.browser_hash)


def new_entry(trust: int, person: str, course: str, path: str) -> Entry:
    """An entry for somebody who is here already: a new window, a phone."""
    return Entry(trust, person, course, path, once=new_public_id())


def entry_of_launch(
    trust: int, person: str, course: str, path: str, framed_by: str, state: State, origin: str, prove: bool
) -> Entry:
    """An entry for a launch whose browser is not known. `origin` is the platform's, which holds its storage."""
    return Entry(
        trust,
        person,
        course,
        path,
        framed_by,
        browser_hash=state.browser_hash,
        storage_target=state.storage_target or "",
        storage_origin=origin if state.storage_target else "",
        must_prove=prove,
        once=new_public_id(),
    )


def write_arrival(arrival: Arrival, key: bytes, now: datetime) -> str:
    """As it travels in an address."""
    return write_slip([arrival.visit, arrival.path], "arrival", key, now, ARRIVAL_SECONDS)


def read_arrival(raw: str, key: bytes, now: datetime) -> Arrival:
    """Raises Refused."""
    return Arrival(*read_slip(raw, "arrival", key, now))


def write_entry(entry: Entry, key: bytes, now: datetime) -> str:
    """As it travels in an address or a form."""
    said = [
        entry.trust,
        entry.person,
        entry.course,
        entry.path,
        entry.framed_by,
        entry.browser_hash,
        entry.storage_target,
        entry.storage_origin,
        entry.must_prove,
        entry.once,
    ]
    return write_slip(said, "entry", key, now, ENTRY_SECONDS)


def read_entry(raw: str, key: bytes, now: datetime) -> Entry:
    """Raises Refused."""
    return Entry(*read_slip(raw, "entry", key, now))


def write_slip(said: list[Any], kind: str, key: bytes, now: datetime, seconds: int) -> str:
    """What we say to ourselves later, signed. One kind cannot be read as another."""
    return str(_slips(kind, key).dumps([int(now.timestamp()) + seconds, *said]))


def read_slip(raw: str, kind: str, key: bytes, now: datetime) -> list[Any]:
    """What `write_slip` wrote. Raises Refused."""
    said: list[Any]
    try:
        ends_at, *said = _slips(kind, key).loads(raw)
    except (BadData, TypeError, ValueError) as error:
        raise Refused(Fault.TICKET_UNREADABLE, f"{kind}: {type(error).__name__}") from error
    if now.timestamp() >= ends_at:
        raise Refused(Fault.TICKET_EXPIRED, f"{kind} ended {int(now.timestamp()) - ends_at} s ago")
    return said


@cache
def _slips(kind: str, key: bytes) -> URLSafeSerializer:
    return URLSafeSerializer(
        key, salt=f"ticket: {kind}", signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"}
    )
