"""How people want to be told, their mail addresses, feeds of boards, and marks for taking part by a rule."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go there."""
    op.create_table(
        "mail_addresses",
        sa.Column("person_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("trust_id", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(length=600), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refused_with", sa.Integer(), nullable=True),
        sa.Column("is_refused", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_mail_addresses_person_id")),
        sa.ForeignKeyConstraint(["trust_id"], ["trusts.id"], name=op.f("fk_mail_addresses_trust_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_mail_addresses")),
    )
    op.create_table(
        "telling_choices",
        sa.Column("person_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("topic", sa.String(length=20), nullable=False),
        sa.Column("trust_id", sa.Integer(), nullable=False),
        sa.Column("how", sa.String(length=10), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_telling_choices_person_id")),
        sa.ForeignKeyConstraint(["trust_id"], ["trusts.id"], name=op.f("fk_telling_choices_trust_id")),
        sa.PrimaryKeyConstraint("person_id", "topic", name=op.f("pk_telling_choices")),
    )
    op.create_table(
        "taking_part_rules",
        sa.Column("board_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("trust_id", sa.Integer(), nullable=False),
        sa.Column("asks", sa.String(length=10), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_by_id", sa.Integer(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["board_id"], ["boards.id"], name=op.f("fk_taking_part_rules_board_id")),
        sa.ForeignKeyConstraint(["set_by_id"], ["persons.id"], name=op.f("fk_taking_part_rules_set_by_id")),
        sa.ForeignKeyConstraint(["trust_id"], ["trusts.id"], name=op.f("fk_taking_part_rules_trust_id")),
        sa.PrimaryKeyConstraint("board_id", name=op.f("pk_taking_part_rules")),
    )
    op.create_index(op.f("ix_taking_part_rules_set_by_id"), "taking_part_rules", ["set_by_id"])
    op.add_column("marks", sa.Column("by_rule", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("feeds", sa.Column("board", sa.String(length=16), server_default="", nullable=False))
    op.add_column("inbox_entries", sa.Column("mail_due", sa.String(length=6), server_default="", nullable=False))
    due = sa.text("mail_due <> ''")
    op.create_index("ix_inbox_entries_mail_due", "inbox_entries", ["person_id"], sqlite_where=due, postgresql_where=due)


def downgrade() -> None:
    """And back."""
    op.drop_index("ix_inbox_entries_mail_due", "inbox_entries")
    op.drop_column("inbox_entries", "mail_due")
    op.drop_column("feeds", "board")
    op.drop_column("marks", "by_rule")
    op.drop_table("taking_part_rules")
    op.drop_table("telling_choices")
    op.drop_table("mail_addresses")
