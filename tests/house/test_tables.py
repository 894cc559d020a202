"""The migrations and the models tell the same story."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from lti_tool.core.db import Base
from lti_tool.migrations import _config


def is_ours(found, name, kind, _reflected, _other):
    """Whether a table is the house's own (a test may add one for its jobs)."""
    return not (kind == "table" and name.startswith("test_"))


def test_the_migrations_make_what_the_models_say(database):
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_object": is_ours})
        assert compare_metadata(context, Base.metadata) == []


def test_there_is_one_head():
    assert len(ScriptDirectory.from_config(_config()).get_heads()) == 1


def test_every_content_row_carries_the_trust():
    """Tenant key for row-level security; the tables outside it are named here, each with the reason."""
    outside = {
        "trusts": "the tenant itself",
        "leases": "about processes",
        "runs": "about the schedule",
        "deliveries": "found by number from the queue",
        "journal_seals": "one chain for all",
        "thread_activity": "counters of a thread, read with it",
        "board_aliases": "read with its board",
        "sealed_authors": "opened by a post's number alone",
    }
    for table in Base.metadata.sorted_tables:
        if not table.name.startswith(("test_", "tool_", "platform", "consumed", "deployment", "role_override")):
            assert "trust_id" in table.columns or table.name in outside, table.name
