"""The history of the tables (Alembic). One head, always; a test holds the models against it."""

from functools import lru_cache
from pathlib import Path

from alembic.command import upgrade
from alembic.config import Config
from alembic.script import ScriptDirectory

from lti_tool.core.db import Base, Database
from lti_tool.migrations.row_security import divide_by_trust, faults, let_in, serving_role

__all__ = ["faults", "head", "is_known", "serving_role", "upgrade_tables"]


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


def upgrade_tables(database: Database, app_role: str = "") -> None:
    """Bring the tables to the head; on PostgreSQL, divide them by trust and let the role in that serves people.

    There `database` is opened as the owner of the tables. A step that would read rows which row-level security hides
    from the owner fails instead of seeing none.
    """
    config = _config()
    with database.engine.connect() as connection:
        config.attributes["connection"] = connection
        config.attributes["metadata"] = Base.metadata
        is_server = connection.dialect.name == "postgresql"
        if is_server:
            connection.exec_driver_sql("SET LOCAL row_security = off")
        upgrade(config, "head")
        if is_server:
            with connection.begin():
                divide_by_trust(connection)
                if app_role:
                    let_in(connection, app_role)
