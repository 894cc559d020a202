"""Invites by which a VLE connects itself, and what has shown itself of each connection."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go there. Platforms that are connected already get a row of facts, about which nothing is known yet."""
    op.create_table(
        "platform_invites",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("trust_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_by", sa.LargeBinary(length=32), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("platform_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["platform_id"], ["platforms.id"], name=op.f("fk_platform_invites_platform_id")),
        sa.ForeignKeyConstraint(["trust_id"], ["trusts.id"], name=op.f("fk_platform_invites_trust_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_platform_invites")),
        sa.UniqueConstraint("public_id", name=op.f("uq_platform_invites_public_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_platform_invites_token_hash")),
    )
    op.create_index(op.f("ix_platform_invites_platform_id"), "platform_invites", ["platform_id"])
    op.create_table(
        "platform_facts",
        sa.Column("platform_id", sa.Integer(), nullable=False),
        sa.Column("product", sa.String(length=100), nullable=False),
        sa.Column("launched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("has_names", sa.Boolean(), nullable=True),
        sa.Column("clock_offset", sa.Integer(), nullable=True),
        sa.Column("fault", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["platform_id"], ["platforms.id"], name=op.f("fk_platform_facts_platform_id")),
        sa.PrimaryKeyConstraint("platform_id", name=op.f("pk_platform_facts")),
    )
    op.create_table(
        "tool_key_readings",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tool_key_readings")),
    )
    op.execute("INSERT INTO platform_facts (platform_id, product, fault) SELECT id, '', '' FROM platforms")


def downgrade() -> None:
    """Go back."""
    op.drop_table("tool_key_readings")
    op.drop_table("platform_facts")
    op.drop_table("platform_invites")
