"""What every test stands on: an installation of its own in its own folder, with its own database. Nothing is shared."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from lti_tool.app import create_app, open_database
from lti_tool.core.db import Database
from lti_tool.core.settings import Settings, load_settings
from lti_tool.migrations import upgrade_tables
from lti_tool.paths import folder
from tests.factories.house import House


def make_settings(var_dir: Path, **given: str) -> Settings:
    """Settings of an installation that keeps everything in `var_dir`."""
    environ = {"LTI_TOOL_CONFIG": str(folder("config") / "test.toml"), "LTI_TOOL_VAR_DIR": str(var_dir)}
    return load_settings(environ | {f"LTI_TOOL_{name.upper()}": value for name, value in given.items()}, _default())


def _default() -> Path:
    return folder("config") / "default.toml"


@pytest.fixture(scope="session")
def empty_database_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with tables and nothing in them, made once by the migrations and copied for each test."""
    return empty_tables(tmp_path_factory.mktemp("empty"))


def empty_tables(var_dir: Path) -> Path:
    """Make such a database in this folder."""
    database = open_database(make_settings(var_dir))
    upgrade_tables(database)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return var_dir / "grand-round.db"


@pytest.fixture
def settings(tmp_path: Path, empty_database_file: Path) -> Settings:
    """Settings of a fresh installation whose tables exist."""
    shutil.copy(empty_database_file, tmp_path / "grand-round.db")
    return make_settings(tmp_path)


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    """The database of a fresh installation."""
    database = open_database(settings)
    yield database
    database.close()


@pytest.fixture
def house(settings: Settings, database: Database) -> House:
    """A fresh installation with an app, and ways to fill it."""
    return House(create_app(settings, database), database)
