"""Files that hang on texts, how many hang on a revision, and whether a board takes any; polls and their votes."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go there."""
    op.add_column("boards", sa.Column("takes_files", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.add_column("revisions", sa.Column("files", sa.Integer(), server_default="0", nullable=False))
    op.add_column("threads", sa.Column("has_poll", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "polls",
        sa.Column("thread_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("trust_id", sa.Integer(), nullable=False),
        sa.Column("is_multiple", sa.Boolean(), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("voters", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["thread_id"], ["threads.id"], name=op.f("fk_polls_thread_id")),
        sa.ForeignKeyConstraint(["trust_id"], ["trusts.id"], name=op.f("fk_polls_trust_id")),
        sa.PrimaryKeyConstraint("thread_id", name=op.f("pk_polls")),
    )
    op.create_table(
        "poll_options",
        sa.Column("thread_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("trust_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(length=150), nullable=False),
        sa.Column("votes", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["thread_id"], ["polls.thread_id"], name=op.f("fk_poll_options_thread_id")),
        sa.ForeignKeyConstraint(["trust_id"], ["trusts.id"], name=op.f("fk_poll_options_trust_id")),
        sa.PrimaryKeyConstraint("thread_id", "position", name=op.f("pk_poll_options")),
    )
    op.create_table(
        "poll_votes",
        sa.Column("thread_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("tag", sa.LargeBinary(length=16), nullable=False),
        sa.Column("trust_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["thread_id"], ["polls.thread_id"], name=op.f("fk_poll_votes_thread_id")),
        sa.ForeignKeyConstraint(["trust_id"], ["trusts.id"], name=op.f("fk_poll_votes_trust_id")),
        sa.PrimaryKeyConstraint("thread_id", "tag", name=op.f("pk_poll_votes")),
    )
    op.create_table(
        "files",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("trust_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("is_doubtful", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_files_person_id")),
        sa.ForeignKeyConstraint(["trust_id"], ["trusts.id"], name=op.f("fk_files_trust_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_files")),
        sa.UniqueConstraint("public_id", name=op.f("uq_files_public_id")),
    )
    for name, column in (("ix_files_unsent", "person_id"), ("ix_files_gone", "gone_at")):
        where = sa.text(f"{column} IS NOT NULL")
        op.create_index(name, "files", [column], unique=False, sqlite_where=where, postgresql_where=where)
    op.create_table(
        "file_uses",
        sa.Column("text_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("trust_id", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("alt", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["files.id"], name=op.f("fk_file_uses_file_id")),
        sa.ForeignKeyConstraint(
            ["text_id", "number"], ["revisions.text_id", "revisions.number"], name=op.f("fk_file_uses_text_id")
        ),
        sa.ForeignKeyConstraint(["trust_id"], ["trusts.id"], name=op.f("fk_file_uses_trust_id")),
        sa.PrimaryKeyConstraint("text_id", "number", "position", name=op.f("pk_file_uses")),
    )
    op.create_index(op.f("ix_file_uses_file_id"), "file_uses", ["file_id"], unique=False)
    op.create_table(
        "file_quotas",
        sa.Column("tag", sa.LargeBinary(length=16), nullable=False),
        sa.Column("trust_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["trust_id"], ["trusts.id"], name=op.f("fk_file_quotas_trust_id")),
        sa.PrimaryKeyConstraint("tag", name=op.f("pk_file_quotas")),
    )


def downgrade() -> None:
    """Go back."""
    op.drop_table("file_quotas")
    op.drop_table("file_uses")
    op.drop_table("files")
    op.drop_table("poll_votes")
    op.drop_table("poll_options")
    op.drop_table("polls")
    op.drop_column("threads", "has_poll")
    op.drop_column("revisions", "files")
    op.drop_column("boards", "takes_files")
