"""Who asked to be told of new questions on a board, or with one of its tags."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go there."""
    op.create_table(
        "board_follows",
        sa.Column("board_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("tag", sa.String(length=30), nullable=False),
        sa.Column("trust_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["board_id"], ["boards.id"], name=op.f("fk_board_follows_board_id")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_board_follows_person_id")),
        sa.ForeignKeyConstraint(["trust_id"], ["trusts.id"], name=op.f("fk_board_follows_trust_id")),
        sa.PrimaryKeyConstraint("board_id", "person_id", "tag", name=op.f("pk_board_follows")),
    )
    op.create_index(op.f("ix_board_follows_person_id"), "board_follows", ["person_id"])


def downgrade() -> None:
    """And back."""
    op.drop_table("board_follows")
