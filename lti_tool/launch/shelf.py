"""Between the database and what a process keeps at hand.

`DatabaseShelf` is the shelf of `platform.KeyRing`: the last good key sets, for all processes and the next start.
`Registrations` are the platforms themselves, so that a rush of launches does not ask for the same one each time.
`OwnAddress` is where our own address leads.
"""

import time
from collections.abc import Callable
from urllib.parse import urlsplit

from lti_tool.core.db import Database
from lti_tool.core.outbound import is_private_host
from lti_tool.launch.check import Reachable
from lti_tool.launch.models import PlatformKeySet
from lti_tool.launch.platform import ShelvedKeys
from lti_tool.launch.protocol import Registration
from lti_tool.launch.queries import find_shelved_keys, get_registration_of_state

BELIEVED_SECONDS = 5.0
ADDRESS_SECONDS = 60.0


class DatabaseShelf:
    """Opens short transactions of its own: keys are read and kept while no launch has begun to write."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def load(self, platform_id: str, keys_url: str) -> ShelvedKeys | None:
        """The last good set that came from this address."""
        with self._database.reading() as db:
            return find_shelved_keys(db, platform_id, keys_url)

    def save(self, platform_id: str, keys_url: str, keys: ShelvedKeys) -> None:
        """Keep this set in place of the last."""
        with self._database.transaction() as db:
            row = db.get(PlatformKeySet, platform_id) or PlatformKeySet(platform_id=platform_id)
            row.keys_url, row.published, row.fetched_at = keys_url, keys.published, keys.fetched_at
            db.add(row)


class Registrations:
    """What administrators have said of platforms, read anew every few seconds.

    It may be that much out of date, so the launch's own transaction looks again whether the platform is switched off
    or its deployment gone (`queries.get_known`).
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._read: dict[str, tuple[float, Registration]] = {}

    def get(self, platform_id: str) -> Registration:
        """The platform that our own state names. Raises Refused when it is gone."""
        now = time.monotonic()
        read_at, registration = self._read.get(platform_id, (now - BELIEVED_SECONDS, None))
        if registration is None or now - read_at >= BELIEVED_SECONDS:
            with self._database.reading() as db:
                registration = get_registration_of_state(db, platform_id)
            if registration.is_enabled:
                self._read[platform_id] = (now, registration)
        return registration


class OwnAddress:
    """Where our own address leads, looked up at most once a minute."""

    def __init__(self, base_url: str, is_private: Callable[[str], bool] = is_private_host) -> None:
        self._base_url, self._is_private = base_url, is_private
        self._found: tuple[float, Reachable] | None = None

    def find(self) -> Reachable:
        """As a VLE sees it, if it asks the same name server."""
        if self._found is None or time.monotonic() - self._found[0] >= ADDRESS_SECONDS:
            host = urlsplit(self._base_url).hostname or ""
            self._found = (time.monotonic(), Reachable(self._base_url, self._is_private(host)))
        return self._found[1]
