"""A trust's own words, what authors of cases say to findings, when posts were edited, which revisions were purged."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go there."""
    op.add_column("cases", sa.Column("kept", sa.JSON(), server_default="{}", nullable=False))
    op.create_table(
        "own_words",
        sa.Column("trust_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("hospitals", sa.JSON(), nullable=False),
        sa.Column("shapes", sa.JSON(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["trust_id"], ["trusts.id"], name=op.f("fk_own_words_trust_id")),
        sa.PrimaryKeyConstraint("trust_id", name=op.f("pk_own_words")),
    )
    op.add_column("posts", sa.Column("is_as_self", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("posts", sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("revisions", sa.Column("purged_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Go back."""
    op.drop_column("revisions", "purged_at")
    op.drop_column("posts", "edited_at")
    op.drop_column("posts", "is_as_self")
    op.drop_table("own_words")
    op.drop_column("cases", "kept")
