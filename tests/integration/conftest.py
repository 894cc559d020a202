"""Real parts: a database file of its own for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lti_tool.core.db import Database
from tests.factories import journal as factory


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Database]:
    """An empty house with a journal."""
    database = factory.make_database(tmp_path)
    yield database
    database.close()
