"""Which posts of a board wait, what moderators note about what waits, undo, and suggested words."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

PUBLIC_ID = sa.String(length=16)
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Go there."""
    _boards()
    op.add_column("posts", sa.Column("urgency", sa.Integer(), server_default="9", nullable=False))
    op.execute("UPDATE posts SET urgency = 3 WHERE waits_for = 'report'")
    op.execute("UPDATE posts SET urgency = 1 WHERE waits_for = 'report' AND state = 'hidden'")
    op.add_column("decisions", sa.Column("batch", PUBLIC_ID, server_default="", nullable=False))
    op.add_column("decisions", sa.Column("reverses", PUBLIC_ID, nullable=True))
    op.add_column("decisions", sa.Column("held_by", sa.JSON(), server_default="[]", nullable=False))
    op.add_column("decisions", sa.Column("snapshot", sa.JSON(), server_default="{}", nullable=False))
    op.create_index("ix_decisions_batch", "decisions", ["batch"])
    op.create_index("ix_decisions_reverses", "decisions", ["reverses"])
    _tables()


def _boards() -> None:
    op.add_column("boards", sa.Column("policy", sa.String(length=10), server_default="all", nullable=False))
    op.add_column("boards", sa.Column("first_posts", sa.Integer(), server_default="3", nullable=False))
    op.add_column("boards", sa.Column("target_minutes", sa.Integer(), server_default="120", nullable=False))
    op.execute("UPDATE boards SET policy = 'off' WHERE NOT is_moderated")
    op.drop_column("boards", "is_moderated")


def _tables() -> None:
    op.create_table(
        "queue_marks",
        sa.Column("kind", sa.String(length=10), primary_key=True),
        sa.Column("thing", PUBLIC_ID, primary_key=True),
        sa.Column("trust_id", sa.Integer(), sa.ForeignKey("trusts.id"), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("claimed_by", sa.Integer(), sa.ForeignKey("persons.id"), nullable=True),
        sa.Column("claimed_until", MOMENT, nullable=True),
        sa.Column("handed_by", sa.Integer(), sa.ForeignKey("persons.id"), nullable=True),
        sa.Column("handed_to", sa.Integer(), sa.ForeignKey("persons.id"), nullable=True),
        sa.Column("handed_note", sa.String(length=2000), server_default="", nullable=False),
        sa.Column("late_at", MOMENT, nullable=True),
    )
    op.create_index("ix_queue_marks_claimed_by", "queue_marks", ["claimed_by"])
    op.create_index("ix_queue_marks_handed_to", "queue_marks", ["handed_to"])
    op.create_table(
        "absences",
        sa.Column("person_id", sa.Integer(), sa.ForeignKey("persons.id"), primary_key=True),
        sa.Column("trust_id", sa.Integer(), sa.ForeignKey("trusts.id"), nullable=False),
        sa.Column("until", MOMENT, nullable=False),
    )
    op.create_table(
        "suggestions",
        sa.Column("text_id", sa.Integer(), sa.ForeignKey("texts.id"), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("trust_id", sa.Integer(), sa.ForeignKey("trusts.id"), nullable=False),
        sa.Column("title", sa.String(length=150), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
    )


def downgrade() -> None:
    """Go back."""
    for table in ("suggestions", "absences", "queue_marks"):
        op.drop_table(table)
    op.drop_index("ix_decisions_reverses", "decisions")
    op.drop_index("ix_decisions_batch", "decisions")
    for column in ("snapshot", "held_by", "reverses", "batch"):
        op.drop_column("decisions", column)
    op.drop_column("posts", "urgency")
    op.add_column("boards", sa.Column("is_moderated", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.execute("UPDATE boards SET is_moderated = false WHERE policy = 'off'")
    for column in ("target_minutes", "first_posts", "policy"):
        op.drop_column("boards", column)
