"""Where the identifier check found something in a revision, and what its author said to it."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go there."""
    with op.batch_alter_table("revisions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("findings", sa.JSON(), server_default="[]", nullable=False))


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("revisions", schema=None) as batch_op:
        batch_op.drop_column("findings")
