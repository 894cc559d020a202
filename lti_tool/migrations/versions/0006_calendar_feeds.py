"""Calendar feeds: rendered sessions, the feeds, and addresses that were replaced."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go there."""

    op.create_table(
        "feeds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("trust_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("filter", sa.JSON(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("seen_courses", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("addressed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_fetched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_feeds_person_id")),
        sa.ForeignKeyConstraint(["trust_id"], ["trusts.id"], name=op.f("fk_feeds_trust_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feeds")),
        sa.UniqueConstraint("public_id", name=op.f("uq_feeds_public_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_feeds_token_hash")),
    )
    with op.batch_alter_table("feeds", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_feeds_person_id"), ["person_id"], unique=False)

    op.create_table(
        "retired_feed_addresses",
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("trust_id", sa.Integer(), nullable=False),
        sa.Column("feed_id", sa.Integer(), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name=op.f("fk_retired_feed_addresses_feed_id")),
        sa.ForeignKeyConstraint(["trust_id"], ["trusts.id"], name=op.f("fk_retired_feed_addresses_trust_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_retired_feed_addresses")),
    )
    with op.batch_alter_table("retired_feed_addresses", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_retired_feed_addresses_feed_id"), ["feed_id"], unique=False)

    op.create_table(
        "calendar_blocks",
        sa.Column("session_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("trust_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("modified_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["teaching_sessions.id"], name=op.f("fk_calendar_blocks_session_id")),
        sa.ForeignKeyConstraint(["trust_id"], ["trusts.id"], name=op.f("fk_calendar_blocks_trust_id")),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_calendar_blocks")),
    )


def downgrade() -> None:
    """And back."""

    op.drop_table("calendar_blocks")
    with op.batch_alter_table("retired_feed_addresses", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_retired_feed_addresses_feed_id"))

    op.drop_table("retired_feed_addresses")
    with op.batch_alter_table("feeds", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_feeds_person_id"))

    op.drop_table("feeds")
