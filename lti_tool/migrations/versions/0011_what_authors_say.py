"""What authors of cases say to findings, when posts were edited, which revisions were purged."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go there."""
    op.add_column("cases", sa.Column("kept", sa.JSON(), server_default="{}", nullable=False))
    op.add_column("posts", sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("revisions", sa.Column("purged_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Go back."""
    op.drop_column("revisions", "purged_at")
    op.drop_column("posts", "edited_at")
    op.drop_column("cases", "kept")
