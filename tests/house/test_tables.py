"""The migrations and the models tell the same story."""

import re
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from lti_tool import app
from lti_tool.core.db import Base
from lti_tool.migrations import _config
from lti_tool.migrations.row_security import MAY_BE_OF_NONE, OUTSIDE, WRITTEN_ONCE, faults, known_tables

PACKAGE = Path(app.__file__).parent


def is_ours(found, name, kind, _reflected, _other):
    """Whether a table is the house's own (a test may add one for its jobs; FTS5 keeps tables for itself)."""
    return not (kind == "table" and name.startswith(("test_", "search_words")))


@pytest.mark.sql
def test_the_migrations_make_what_the_models_say(database):
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_object": is_ours})
        assert compare_metadata(context, Base.metadata) == []


def test_there_is_one_head():
    assert len(ScriptDirectory.from_config(_config()).get_heads()) == 1


@pytest.mark.parametrize("table", known_tables(), ids=lambda table: table.name)
def test_every_table_carries_the_trust_or_says_why_not(table):
    """A new table chooses: rows of one trust, which PostgreSQL then divides, or a reason in `OUTSIDE`."""
    if table.name in OUTSIDE:
        assert OUTSIDE[table.name]
        return
    assert "trust_id" in table.columns, "give it trust_id, or name it in row_security.OUTSIDE with the reason"
    assert not table.columns["trust_id"].nullable or table.name in MAY_BE_OF_NONE


def test_no_table_is_named_that_is_not_there():
    assert set(OUTSIDE) | MAY_BE_OF_NONE | WRITTEN_ONCE <= {table.name for table in known_tables()}


@pytest.mark.sql
def test_a_server_divides_every_table_that_carries_the_trust(database):
    with database.reader.connect() as connection:
        assert faults(connection) == []
        if connection.dialect.name == "postgresql":
            on = "SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity"
            assert set(connection.scalars(text(on))) == {table.name for table in known_tables()} - set(OUTSIDE)


def test_one_room_alone_reads_the_journal_of_all_trusts():
    homes = {"journal/queries.py", "migrations/row_security.py"}
    for path in PACKAGE.rglob("*.py"):
        if path.relative_to(PACKAGE).as_posix() not in homes:
            assert not re.search(r"WHOLE_JOURNAL|grand_round\.whole_journal", path.read_text(encoding="utf-8")), path
