"""Real parts: a database of its own for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lti_tool.core.db import Database
from tests.conftest import POSTGRESQL
from tests.factories import journal as factory
from tests.factories import postgres


@pytest.fixture
def journal(tmp_path: Path, engine: str, request: pytest.FixtureRequest) -> Iterator[Database]:
    """An empty house with a journal."""
    if engine == POSTGRESQL:
        server: postgres.Server = request.getfixturevalue("postgres_server")
        name = request.getfixturevalue("postgres_database")
        for note, role in (("database-url", postgres.SERVING), ("database-url-of-intruder", "postgres")):
            (tmp_path / note).write_text(server.url(name, role).replace("postgresql:", "postgresql+psycopg:"))
        database = factory.open_database(tmp_path)
    else:
        database = factory.make_database(tmp_path)
    yield database
    database.close()
