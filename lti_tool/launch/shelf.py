"""The shelf of `platform.KeyRing` in our own database: the last good key sets, for all processes and the next start."""

from lti_tool.core.db import Database
from lti_tool.launch.models import PlatformKeySet
from lti_tool.launch.platform import ShelvedKeys
from lti_tool.launch.queries import find_shelved_keys


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
