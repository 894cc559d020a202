"""What Alembic runs. The connection comes from `upgrade_tables`; batch mode, because SQLite cannot alter columns."""

from typing import Any, Literal

from alembic import context

from lti_tool.core.columns import Hundredths, SafeHtml, UtcDateTime


def render_plain(kind: str, found: Any, _autogen: Any) -> str | Literal[False]:
    """Write our own column types as what they are in the database, so that old migrations need no code of ours."""
    if kind == "type" and isinstance(found, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(found, SafeHtml):
        return "sa.Text()"
    if kind == "type" and isinstance(found, Hundredths):
        return "sa.Integer()"
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=context.config.attributes["metadata"],
    render_as_batch=True,
    compare_type=True,
    render_item=render_plain,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
if connection.in_transaction():
    connection.commit()
