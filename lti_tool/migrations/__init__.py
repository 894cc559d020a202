"""The history of the tables (Alembic). One head, always; a test holds the models against it."""

from functools import lru_cache
from pathlib import Path

from alembic.command import upgrade
from alembic.config import Config
from alembic.script import ScriptDirectory

from lti_tool.core.db import Base, Database


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config


@lru_cache(maxsize=1)
def head() -> str:
    """The revision that this version of the code needs."""
    found = ScriptDirectory.from_config(_config()).get_current_head()
    if found is None:
        raise RuntimeError("This installation holds no migrations.")
    return found


def is_known(revision: str) -> bool:
    """Whether this version of the code knows a revision, and so the way from there to the head."""
    return any(script.revision == revision for script in ScriptDirectory.from_config(_config()).walk_revisions())


def upgrade_tables(database: Database) -> None:
    """Bring the tables to the head."""
    config = _config()
    with database.engine.connect() as connection:
        config.attributes["connection"] = connection
        config.attributes["metadata"] = Base.metadata
        upgrade(config, "head")
