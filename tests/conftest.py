"""What every test stands on: an installation of its own in its own folder, with its own database. Nothing is shared.

A test marked `sql` runs twice, on SQLite and on PostgreSQL. The second needs a server on this machine, which the tests
start by themselves: where there is none, they say so, and in continuous integration they fail.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from lti_tool.app import create_app, open_database
from lti_tool.core.db import Database
from lti_tool.core.settings import Settings, load_settings
from lti_tool.migrations import upgrade_tables
from lti_tool.paths import folder
from tests.factories import postgres
from tests.factories.house import House

SQLITE, POSTGRESQL = "sqlite", "postgresql"


def make_settings(var_dir: Path, **given: str) -> Settings:
    """Settings of an installation that keeps everything in `var_dir`."""
    environ = {"LTI_TOOL_CONFIG": str(folder("config") / "test.toml"), "LTI_TOOL_VAR_DIR": str(var_dir)}
    return load_settings(environ | {f"LTI_TOOL_{name.upper()}": value for name, value in given.items()}, _default())


def _default() -> Path:
    return folder("config") / "default.toml"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what is marked `sql` on both engines, or on those that the mark names."""
    marked = metafunc.definition.get_closest_marker("sql")
    if "engine" in metafunc.fixturenames and marked:
        marks = {POSTGRESQL: [pytest.mark.postgres]}
        engines = [pytest.param(name, marks=marks.get(name, ())) for name in marked.args or (SQLITE, POSTGRESQL)]
        metafunc.parametrize("engine", engines, indirect=True)


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> str:
    """Which database engine this test runs on."""
    return getattr(request, "param", SQLITE)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    """The server of this test run."""
    try:
        server = postgres.Server()
    except postgres.NoServer as reason:
        if os.environ.get("CI") == "true":
            pytest.fail(f"The tests on PostgreSQL must run here. {reason}")
        pytest.skip(str(reason))
    yield server
    server.stop()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly that half of the tests did not run."""
    skipped = terminalreporter.stats.get("skipped", [])
    if any("PostgreSQL" in str(report.longrepr) for report in skipped):
        terminalreporter.write_line("NOTHING WAS TESTED ON POSTGRESQL: config/make/system.sh installs it.", red=True)


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
def settings(tmp_path: Path, engine: str, request: pytest.FixtureRequest) -> Settings:
    """Settings of a fresh installation whose tables exist."""
    if engine == POSTGRESQL:
        name = request.getfixturevalue("postgres_database")
        server: postgres.Server = request.getfixturevalue("postgres_server")
        owner = server.url(name, postgres.OWNER)
        return make_settings(tmp_path, database_url=server.url(name), database_owner_url=owner)
    shutil.copy(request.getfixturevalue("empty_database_file"), tmp_path / "grand-round.db")
    return make_settings(tmp_path)


@pytest.fixture
def postgres_database(postgres_server: postgres.Server) -> Iterator[str]:
    """The name of an empty database on the server."""
    name = postgres_server.new_database()
    yield name
    postgres_server.drop(name)


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
