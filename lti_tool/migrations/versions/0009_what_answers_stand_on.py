"""What an answer stands on, who endorses it, which one was accepted, and what a newer one has taken the place of."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go there."""
    op.create_table(
        "endorsements",
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("trust_id", sa.Integer(), nullable=False),
        sa.Column("endorsed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_endorsements_person_id_persons")),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_endorsements_post_id_posts")),
        sa.ForeignKeyConstraint(["trust_id"], ["trusts.id"], name=op.f("fk_endorsements_trust_id_trusts")),
        sa.PrimaryKeyConstraint("post_id", "person_id", name=op.f("pk_endorsements")),
    )
    op.create_index(op.f("ix_endorsements_person_id"), "endorsements", ["person_id"])
    op.create_table(
        "post_standings",
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("trust_id", sa.Integer(), nullable=False),
        sa.Column("endorsements", sa.Integer(), nullable=False),
        sa.Column("endorsed_by", sa.Integer(), nullable=True),
        sa.Column("endorsed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("superseded_by", sa.String(length=16), nullable=True),
        sa.ForeignKeyConstraint(["endorsed_by"], ["persons.id"], name=op.f("fk_post_standings_endorsed_by_persons")),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_post_standings_post_id_posts")),
        sa.ForeignKeyConstraint(["trust_id"], ["trusts.id"], name=op.f("fk_post_standings_trust_id_trusts")),
        sa.PrimaryKeyConstraint("post_id", name=op.f("pk_post_standings")),
    )
    with op.batch_alter_table("revisions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("level", sa.String(length=15), server_default="", nullable=False))
        batch_op.add_column(sa.Column("references", sa.JSON(), server_default="[]", nullable=False))
    with op.batch_alter_table("thread_activity", schema=None) as batch_op:
        batch_op.add_column(sa.Column("endorsed", sa.Integer(), server_default="0", nullable=False))
    with op.batch_alter_table("threads", schema=None) as batch_op:
        batch_op.add_column(sa.Column("accepted_id", sa.Integer(), nullable=True))


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("thread_activity", schema=None) as batch_op:
        batch_op.drop_column("endorsed")
    with op.batch_alter_table("threads", schema=None) as batch_op:
        batch_op.drop_column("accepted_id")
    with op.batch_alter_table("revisions", schema=None) as batch_op:
        batch_op.drop_column("references")
        batch_op.drop_column("level")
    op.drop_table("post_standings")
    op.drop_table("endorsements")
