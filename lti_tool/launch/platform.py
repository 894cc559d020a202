"""Calls to platforms. All go through `core.outbound`; this is the one module of the room that makes any.

**Services.** `ask_token` and `ask_service` put a call into the form that platforms want; what is asked, and what the
answer means, is of `access_tokens.py`, `roster.py` and `grades.py`.

**Keys.** A platform publishes the keys that it signs with and changes them when it likes, unannounced. `KeyRing` knows
them with as little asking as possible and without being led by the nose:

- A key that is known is used at once. Nobody waits for the network because of a key that we hold.
- A name that is not known makes us ask the platform, so an honest change of keys refuses no launch. Anyone can invent
  names, so a platform is asked at most three times a minute for them.
- One thread asks, the others wait for its answer. A platform that does not answer could so hold the whole worker; after
  one second at most half of its threads may go on waiting, and the rest tell people to try again in a minute.
- When the platform cannot be read, the last good set stays. It is kept on a shelf (the database) for other processes
  and for the next start.
- A set is read anew each hour even if nothing unknown turns up, so that a key which was withdrawn is forgotten.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Protocol
from urllib.parse import urlencode

from lti_tool.core import clock
from lti_tool.core.log import log
from lti_tool.core.outbound import LIMIT_BYTES, TOTAL_SECONDS, Answer, Guard, OutboundError
from lti_tool.launch.faults import Fault, Refused
from lti_tool.launch.jose import Key, KeySet, KeySetError, read_key_set
from lti_tool.launch.protocol import Registration

FRESH_FOR = timedelta(hours=1)
SHELF_SECONDS = 600
"""For so long our own copy is believed before we look whether another process has put a newer set on the shelf."""
PATIENCE_SECONDS = 1.0
"""So long everybody waits for a platform that answered the last time. After that, only as many as there are seats."""
FLIGHT_SECONDS = 8.0
"""No fetch takes longer (outbound ends it after 5 s, and the shelf is quick)."""


@dataclass(frozen=True)
class ShelvedKeys:
    """A published key set as it came, and when."""

    published: bytes
    fetched_at: datetime


class KeyShelf(Protocol):
    """Where the last good key sets are kept across processes and starts."""

    def load(self, platform_id: str, keys_url: str) -> ShelvedKeys | None:
        """The last good set that came from this address."""

    def save(self, platform_id: str, keys_url: str, keys: ShelvedKeys) -> None:
        """Keep this set in place of the last."""


def fetch_key_set(guard: Guard, keys_url: str) -> bytes:
    """What the platform publishes as its keys. Raises OutboundError."""
    return read_published(guard, keys_url)[0]


def read_published(guard: Guard, keys_url: str) -> tuple[bytes, int | None]:
    """The same, and how many seconds the platform's clock is ahead of ours, if it told the time."""
    answer = guard.fetch(keys_url, headers={"Accept": "application/jwk-set+json, application/json"})
    if answer.status != 200:
        raise OutboundError(f"The address of the keys answered with {answer.status}.")
    return answer.body, clock_offset(answer.headers, clock.now())


def clock_offset(headers: Mapping[str, str], now: datetime) -> int | None:
    """How many seconds the clock of a machine that answered is ahead (RFC 9110 §6.6.1), if it told the time."""
    try:
        return round((parsedate_to_datetime(headers.get("date", "")) - now).total_seconds())
    except (TypeError, ValueError):
        return None


@dataclass(frozen=True, slots=True)
class Asked:
    """A call to a service: a GET, or a POST where there is a body."""

    url: str = field(repr=False)
    accept: str
    body: bytes | None = field(default=None, repr=False)
    body_type: str = ""
    limit_bytes: int = LIMIT_BYTES
    total_seconds: float = TOTAL_SECONDS


def ask_token(guard: Guard, token_url: str, form: Mapping[str, str]) -> Answer:
    """Ask for an access token. Raises OutboundError."""
    headers = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
    return guard.fetch(token_url, method="POST", headers=headers, body=urlencode(form).encode())


def ask_service(guard: Guard, token: str, asked: Asked) -> Answer:
    """Ask a service with an access token. Raises OutboundError."""
    headers = {"Accept": asked.accept, "Authorization": f"Bearer {token}"}
    if asked.body is not None:
        headers["Content-Type"] = asked.body_type
    return guard.fetch(
        asked.url,
        method="GET" if asked.body is None else "POST",
        headers=headers,
        body=asked.body,
        limit_bytes=asked.limit_bytes,
        total_seconds=asked.total_seconds,
    )


class Bucket:
    """Lets something happen `size` times, and again once every `seconds / size`."""

    def __init__(self, size: int, seconds: float, monotonic: Callable[[], float]) -> None:
        self._size, self._each, self._monotonic = size, seconds / size, monotonic
        self._left, self._filled_at = float(size), monotonic()

    def take(self) -> bool:
        """Whether it may happen now. The caller holds a lock."""
        now = self._monotonic()
        self._left = min(self._size, self._left + (now - self._filled_at) / self._each)
        self._filled_at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


@dataclass
class _Ring:
    """What one process knows about one platform. No lock is held while the network is asked."""

    platform_id: str
    keys_url: str
    unknown_names: Bucket
    broken_seals: Bucket
    stale_sets: Bucket
    lock: threading.Lock = field(default_factory=threading.Lock)
    keys: KeySet | None = None
    fetched_at: datetime | None = None
    shelf_seen_at: float = float("-inf")
    has_failed: bool = False
    flight: threading.Event | None = None
    waiting: int = 0

    def of_name(self, kid: str) -> tuple[Key, ...]:
        return self.keys.keys.get(kid, ()) if self.keys else ()


class KeyRing:
    """The published keys of all platforms, as this process knows them. Safe to use from many threads."""

    def __init__(
        self,
        fetch: Callable[[str], bytes],
        shelf: KeyShelf,
        threads: int,
        monotonic: Callable[[], float] = time.monotonic,
        aside: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self._fetch, self._shelf, self._monotonic, self._aside = fetch, shelf, monotonic, aside
        seats = max(1, threads // 2)
        self._seats = threading.BoundedSemaphore(seats)
        self._waiters_each = seats // 2  # so that one dumb platform leaves a seat for another
        self._lock = threading.Lock()
        self._rings: dict[str, _Ring] = {}

    def find(self, registration: Registration, kid: str) -> Sequence[Key]:
        """The keys of that name. Raises Refused when there is none or they cannot be read."""
        ring = self._ring(registration)
        self._look_on_shelf(ring, at_most_every=SHELF_SECONDS)
        if keys := ring.of_name(kid):
            if ring.fetched_at is None or clock.now() - ring.fetched_at >= FRESH_FOR:
                self._refresh_quietly(ring, ring.stale_sets)
            return keys
        self._look_on_shelf(ring, at_most_every=0)
        if keys := ring.of_name(kid) or self._asked_for(ring, kid):
            return keys
        if ring.has_failed or ring.keys is None:
            raise Refused(Fault.KEYS_UNREADABLE, f"keys of {ring.platform_id} cannot be read, kid {kid[:80]!r}")
        if kid in ring.keys.unusable:
            raise Refused(Fault.KEY_UNUSABLE, f"key {kid[:80]!r}: {ring.keys.unusable[kid]}")
        raise Refused(Fault.KEY_UNKNOWN, f"no key {kid[:80]!r}")

    def find_newer(self, registration: Registration, kid: str, known: Sequence[Key]) -> Sequence[Key]:
        """Other keys of that name than the known ones: some platforms make a new key and keep its name."""
        ring = self._ring(registration)
        self._refresh_quietly(ring, ring.broken_seals)
        keys = ring.of_name(kid)
        return keys if [key.as_dict() for key in keys] != [key.as_dict() for key in known] else ()

    def _asked_for(self, ring: _Ring, kid: str) -> tuple[Key, ...]:
        """Ask the platform. Who joined a question that was asked before the keys changed may ask once more."""
        for _ in range(2):
            flight, is_mine = self._flight(ring, ring.unknown_names)
            if flight is None:
                break
            if is_mine:
                self._fly(ring, flight)
            else:
                self._wait(ring, flight)
            if ring.of_name(kid) or is_mine:
                break
        return ring.of_name(kid)

    def _flight(self, ring: _Ring, bucket: Bucket) -> tuple[threading.Event | None, bool]:
        """The question under way, or a new one that is ours to ask; nothing when we have asked too often."""
        with ring.lock:
            if ring.flight is not None:
                return ring.flight, False
            if not self._seats.acquire(blocking=False):
                raise Refused(Fault.KEYS_BUSY, f"all seats are taken, platform {ring.platform_id}")
            if not bucket.take():
                self._seats.release()
                return None, False
            ring.flight = threading.Event()
            return ring.flight, True

    def _fly(self, ring: _Ring, flight: threading.Event) -> None:
        """Ask. Whatever happens, those who wait are let go."""
        try:
            with self._aside():
                published = self._fetch(ring.keys_url)
            keys = ShelvedKeys(published, clock.now())
            self._put_on(ring, keys)
            self._shelf.save(ring.platform_id, ring.keys_url, keys)
        except (OutboundError, KeySetError) as error:
            ring.has_failed = True
            log.warning("platform_keys_unreadable", platform=ring.platform_id, reason=str(error))
        finally:
            with ring.lock:
                ring.flight = None
            self._seats.release()
            flight.set()

    def _wait(self, ring: _Ring, flight: threading.Event) -> None:
        if not ring.has_failed and self._is_over(flight, PATIENCE_SECONDS):
            return
        with ring.lock:
            has_seat = ring.waiting < self._waiters_each and self._seats.acquire(blocking=False)
            ring.waiting += has_seat
        if not has_seat:
            raise Refused(Fault.KEYS_BUSY, f"nobody more may wait for platform {ring.platform_id}")
        try:
            self._is_over(flight, FLIGHT_SECONDS)
        finally:
            self._seats.release()
            with ring.lock:
                ring.waiting -= 1

    def _is_over(self, flight: threading.Event, seconds: float) -> bool:
        with self._aside():
            return flight.wait(seconds)

    def _refresh_quietly(self, ring: _Ring, bucket: Bucket) -> None:
        """Read the set anew unless it is being read. What comes of it refuses no launch: there are keys at hand."""
        with suppress(Refused):
            flight, is_mine = self._flight(ring, bucket)
            if flight is not None and is_mine:
                self._fly(ring, flight)

    def _ring(self, registration: Registration) -> _Ring:
        with self._lock:
            ring = self._rings.get(registration.platform_id)
            if ring is None or ring.keys_url != registration.keys_url:
                ring = _Ring(
                    registration.platform_id,
                    registration.keys_url,
                    unknown_names=Bucket(3, 60, self._monotonic),
                    broken_seals=Bucket(1, 60, self._monotonic),
                    stale_sets=Bucket(1, 300, self._monotonic),
                )
                self._rings[registration.platform_id] = ring
            return ring

    def _look_on_shelf(self, ring: _Ring, at_most_every: float) -> None:
        if self._monotonic() - ring.shelf_seen_at < at_most_every:
            return
        ring.shelf_seen_at = self._monotonic()
        shelved = self._shelf.load(ring.platform_id, ring.keys_url)
        if shelved is not None and (ring.fetched_at is None or shelved.fetched_at > ring.fetched_at):
            with suppress(KeySetError):
                self._put_on(ring, shelved)

    def _put_on(self, ring: _Ring, shelved: ShelvedKeys) -> None:
        """Raises KeySetError and leaves the ring as it is."""
        keys = read_key_set(shelved.published)
        with ring.lock:
            ring.keys, ring.fetched_at, ring.has_failed = keys, shelved.fetched_at, False
