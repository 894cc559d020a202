"""The trust on every row that tells about one, so that a server can divide them (row-level security)."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# Table, and where its rows find the trust that they belong to.
TOLD_BY = {
    "thread_activity": "SELECT trust_id FROM threads WHERE threads.id = thread_activity.thread_id",
    "board_aliases": "SELECT trust_id FROM boards WHERE boards.id = board_aliases.board_id",
    "sealed_authors": "SELECT trust_id FROM posts WHERE posts.id = sealed_authors.post_id",
    "deliveries": "SELECT trust_id FROM journal_lines WHERE journal_lines.id = deliveries.line_id",
}


def upgrade() -> None:
    """Go there."""
    for table, told in TOLD_BY.items():
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column("trust_id", sa.Integer(), nullable=True))
        op.execute(f"UPDATE {table} SET trust_id = ({told})")  # noqa: S608 - both are written above
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.create_foreign_key(batch_op.f(f"fk_{table}_trust_id"), "trusts", ["trust_id"], ["id"])
            if table != "deliveries":
                batch_op.alter_column("trust_id", existing_type=sa.Integer(), nullable=False)
    with op.batch_alter_table("thread_activity", schema=None) as batch_op:
        batch_op.alter_column("last_at_us", existing_type=sa.Integer(), type_=sa.BigInteger(), existing_nullable=False)


def downgrade() -> None:
    """Go back. Microseconds do not fit into an integer of a server, so that column stays wide."""
    for table in TOLD_BY:
        if op.get_context().dialect.name == "postgresql":
            op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
            op.execute(f"DROP POLICY IF EXISTS of_trust ON {table}")
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_constraint(batch_op.f(f"fk_{table}_trust_id"), type_="foreignkey")
            batch_op.drop_column("trust_id")
