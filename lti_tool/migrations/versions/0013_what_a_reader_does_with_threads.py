"""Read marks, reactions, follows, bookmarks; pinned, locked, moved and tagged threads."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go there."""
    op.add_column("boards", sa.Column("tags", sa.String(length=700), server_default="", nullable=False))
    op.add_column("boards", sa.Column("moved_away", sa.Integer(), server_default="0", nullable=False))
    op.add_column("threads", sa.Column("tags", sa.String(length=120), server_default="", nullable=False))
    op.add_column("threads", sa.Column("locked_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("threads", sa.Column("lock_reason", sa.String(length=200), server_default="", nullable=False))
    op.add_column("thread_activity", sa.Column("is_pinned", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.drop_index(op.f("ix_thread_activity_board_id_last_at_us_thread_id"), table_name="thread_activity")
    op.create_index(
        op.f("ix_thread_activity_board_id_is_pinned_last_at_us_thread_id"),
        "thread_activity",
        ["board_id", "is_pinned", "last_at_us", "thread_id"],
    )
    _moves_and_marks()
    _kept_for_oneself()
    _reactions()


def _moves_and_marks() -> None:
    op.create_table(
        "thread_moves",
        sa.Column("board_id", sa.Integer(), nullable=False),
        sa.Column("thread_id", sa.Integer(), nullable=False),
        sa.Column("trust_id", sa.Integer(), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["board_id"], ["boards.id"], name=op.f("fk_thread_moves_board_id")),
        sa.ForeignKeyConstraint(["thread_id"], ["threads.id"], name=op.f("fk_thread_moves_thread_id")),
        sa.ForeignKeyConstraint(["trust_id"], ["trusts.id"], name=op.f("fk_thread_moves_trust_id")),
        sa.PrimaryKeyConstraint("board_id", "thread_id", name=op.f("pk_thread_moves")),
    )
    op.create_index(op.f("ix_thread_moves_thread_id"), "thread_moves", ["thread_id"])
    op.create_table(
        "read_marks",
        sa.Column("thread_id", sa.Integer(), nullable=False),
        sa.Column("reader", sa.LargeBinary(length=16), nullable=False),
        sa.Column("trust_id", sa.Integer(), nullable=False),
        sa.Column("seen_us", sa.BigInteger(), nullable=False),
        sa.Column("marked_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["thread_id"], ["threads.id"], name=op.f("fk_read_marks_thread_id")),
        sa.ForeignKeyConstraint(["trust_id"], ["trusts.id"], name=op.f("fk_read_marks_trust_id")),
        sa.PrimaryKeyConstraint("thread_id", "reader", name=op.f("pk_read_marks")),
    )
    op.create_index(op.f("ix_read_marks_marked_on"), "read_marks", ["marked_on"])


def _kept_for_oneself() -> None:
    op.create_table(
        "follows",
        sa.Column("thread_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("trust_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_follows_person_id")),
        sa.ForeignKeyConstraint(["thread_id"], ["threads.id"], name=op.f("fk_follows_thread_id")),
        sa.ForeignKeyConstraint(["trust_id"], ["trusts.id"], name=op.f("fk_follows_trust_id")),
        sa.PrimaryKeyConstraint("thread_id", "person_id", name=op.f("pk_follows")),
    )
    op.create_index(op.f("ix_follows_person_id"), "follows", ["person_id"])
    op.create_table(
        "bookmarks",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("thread_id", sa.Integer(), nullable=False),
        sa.Column("trust_id", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=140), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_bookmarks_person_id")),
        sa.ForeignKeyConstraint(["thread_id"], ["threads.id"], name=op.f("fk_bookmarks_thread_id")),
        sa.ForeignKeyConstraint(["trust_id"], ["trusts.id"], name=op.f("fk_bookmarks_trust_id")),
        sa.PrimaryKeyConstraint("person_id", "thread_id", name=op.f("pk_bookmarks")),
    )
    op.create_index(op.f("ix_bookmarks_thread_id"), "bookmarks", ["thread_id"])


def _reactions() -> None:
    op.create_table(
        "post_tallies",
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("trust_id", sa.Integer(), nullable=False),
        sa.Column("useful", sa.Integer(), nullable=False),
        sa.Column("agree", sa.Integer(), nullable=False),
        sa.Column("same", sa.Integer(), nullable=False),
        sa.Column("explain", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_post_tallies_post_id")),
        sa.ForeignKeyConstraint(["trust_id"], ["trusts.id"], name=op.f("fk_post_tallies_trust_id")),
        sa.PrimaryKeyConstraint("post_id", name=op.f("pk_post_tallies")),
    )
    op.create_table(
        "post_reactions",
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("reactor", sa.LargeBinary(length=16), nullable=False),
        sa.Column("trust_id", sa.Integer(), nullable=False),
        sa.Column("thread_id", sa.Integer(), nullable=False),
        sa.Column("word", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_post_reactions_post_id")),
        sa.ForeignKeyConstraint(["thread_id"], ["threads.id"], name=op.f("fk_post_reactions_thread_id")),
        sa.ForeignKeyConstraint(["trust_id"], ["trusts.id"], name=op.f("fk_post_reactions_trust_id")),
        sa.PrimaryKeyConstraint("post_id", "reactor", name=op.f("pk_post_reactions")),
    )
    op.create_index(op.f("ix_post_reactions_thread_id_reactor"), "post_reactions", ["thread_id", "reactor"])


def downgrade() -> None:
    """Go back."""
    for table in ("post_reactions", "post_tallies", "bookmarks", "follows", "read_marks", "thread_moves"):
        op.drop_table(table)
    op.drop_index(op.f("ix_thread_activity_board_id_is_pinned_last_at_us_thread_id"), table_name="thread_activity")
    op.drop_column("thread_activity", "is_pinned")
    op.create_index(
        op.f("ix_thread_activity_board_id_last_at_us_thread_id"),
        "thread_activity",
        ["board_id", "last_at_us", "thread_id"],
    )
    for column in ("lock_reason", "locked_at", "tags"):
        op.drop_column("threads", column)
    for column in ("moved_away", "tags"):
        op.drop_column("boards", column)
