"""Moderation beyond the queue: appeals, concerns for safety, corrections, pauses, and the opening of sealed authors."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go there."""
    op.create_table(
        "safety_numbers",
        sa.Column("trust_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(length=2000), nullable=False),
        sa.Column("changed_by", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["changed_by"], ["persons.id"], name=op.f("fk_safety_numbers_changed_by")),
        sa.ForeignKeyConstraint(["trust_id"], ["trusts.id"], name=op.f("fk_safety_numbers_trust_id")),
        sa.PrimaryKeyConstraint("trust_id", name=op.f("pk_safety_numbers")),
    )
    op.create_table(
        "author_openings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("trust_id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=2000), nullable=False),
        sa.Column("untold_because", sa.String(length=2000), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_by", sa.Integer(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_confirmed", sa.Boolean(), nullable=False),
        sa.Column("shown_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("once", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["answered_by"], ["persons.id"], name=op.f("fk_author_openings_answered_by")),
        sa.ForeignKeyConstraint(["asked_by"], ["persons.id"], name=op.f("fk_author_openings_asked_by")),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_author_openings_post_id")),
        sa.ForeignKeyConstraint(["trust_id"], ["trusts.id"], name=op.f("fk_author_openings_trust_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_author_openings")),
        sa.UniqueConstraint("once", name=op.f("uq_author_openings_once")),
        sa.UniqueConstraint("public_id", name=op.f("uq_author_openings_public_id")),
    )
    op.create_index(op.f("ix_author_openings_post_id"), "author_openings", ["post_id"], unique=False)
    op.create_index(
        op.f("ix_author_openings_trust_id_asked_at"), "author_openings", ["trust_id", "asked_at"], unique=False
    )
    op.create_table(
        "board_pauses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("trust_id", sa.Integer(), nullable=False),
        sa.Column("board_id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("author_tag", sa.LargeBinary(length=16), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paused_by", sa.Integer(), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["board_id"], ["boards.id"], name=op.f("fk_board_pauses_board_id")),
        sa.ForeignKeyConstraint(["lifted_by"], ["persons.id"], name=op.f("fk_board_pauses_lifted_by")),
        sa.ForeignKeyConstraint(["paused_by"], ["persons.id"], name=op.f("fk_board_pauses_paused_by")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_board_pauses_person_id")),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_board_pauses_post_id")),
        sa.ForeignKeyConstraint(["trust_id"], ["trusts.id"], name=op.f("fk_board_pauses_trust_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_board_pauses")),
        sa.UniqueConstraint("public_id", name=op.f("uq_board_pauses_public_id")),
    )
    op.create_index(op.f("ix_board_pauses_board_id_until_at"), "board_pauses", ["board_id", "until_at"], unique=False)
    op.create_table(
        "corrections",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("trust_id", sa.Integer(), nullable=False),
        sa.Column("thread_id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("text_id", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("once", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["made_by"], ["persons.id"], name=op.f("fk_corrections_made_by")),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_corrections_post_id")),
        sa.ForeignKeyConstraint(["text_id"], ["texts.id"], name=op.f("fk_corrections_text_id")),
        sa.ForeignKeyConstraint(["thread_id"], ["threads.id"], name=op.f("fk_corrections_thread_id")),
        sa.ForeignKeyConstraint(["trust_id"], ["trusts.id"], name=op.f("fk_corrections_trust_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corrections")),
        sa.UniqueConstraint("once", name=op.f("uq_corrections_once")),
        sa.UniqueConstraint("public_id", name=op.f("uq_corrections_public_id")),
        sa.UniqueConstraint("text_id", name=op.f("uq_corrections_text_id")),
    )
    op.create_index(op.f("ix_corrections_thread_id_id"), "corrections", ["thread_id", "id"], unique=False)
    op.create_table(
        "safety_concerns",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("trust_id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("may_name", sa.Boolean(), nullable=False),
        sa.Column("goes_to", sa.String(length=40), nullable=False),
        sa.Column("note", sa.String(length=2000), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_by", sa.Integer(), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.Integer(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_safety_concerns_course_id")),
        sa.ForeignKeyConstraint(["done_by"], ["persons.id"], name=op.f("fk_safety_concerns_done_by")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_safety_concerns_person_id")),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_safety_concerns_post_id")),
        sa.ForeignKeyConstraint(["taken_by"], ["persons.id"], name=op.f("fk_safety_concerns_taken_by")),
        sa.ForeignKeyConstraint(["trust_id"], ["trusts.id"], name=op.f("fk_safety_concerns_trust_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_safety_concerns")),
        sa.UniqueConstraint("post_id", "person_id", name=op.f("uq_safety_concerns_post_id_person_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_safety_concerns_public_id")),
    )
    op.create_index(
        "ix_safety_concerns_open",
        "safety_concerns",
        ["trust_id"],
        unique=False,
        sqlite_where=sa.text("done_at IS NULL"),
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.create_table(
        "appeals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("trust_id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.Column("goes_to", sa.String(length=40), nullable=False),
        sa.Column("note", sa.String(length=2000), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=10), server_default="", nullable=False),
        sa.Column("answer", sa.String(length=2000), server_default="", nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_appeals_course_id")),
        sa.ForeignKeyConstraint(["decision_id"], ["decisions.id"], name=op.f("fk_appeals_decision_id")),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_appeals_post_id")),
        sa.ForeignKeyConstraint(["trust_id"], ["trusts.id"], name=op.f("fk_appeals_trust_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeals")),
        sa.UniqueConstraint("post_id", name=op.f("uq_appeals_post_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_appeals_public_id")),
    )
    op.create_index(
        "ix_appeals_open",
        "appeals",
        ["trust_id", "course_id"],
        unique=False,
        sqlite_where=sa.text("outcome = ''"),
        postgresql_where=sa.text("outcome = ''"),
    )
    op.add_column("boards", sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("reports", sa.Column("upheld", sa.Boolean(), nullable=True))
    op.create_index(op.f("ix_reports_person_id"), "reports", ["person_id"], unique=False)
    op.add_column("threads", sa.Column("corrected_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Go back."""
    op.drop_column("threads", "corrected_at")
    op.drop_index(op.f("ix_reports_person_id"), table_name="reports")
    op.drop_column("reports", "upheld")
    op.drop_column("boards", "paused_until")
    op.drop_index(
        "ix_appeals_open",
        table_name="appeals",
        sqlite_where=sa.text("outcome = ''"),
        postgresql_where=sa.text("outcome = ''"),
    )
    op.drop_table("appeals")
    op.drop_index(
        "ix_safety_concerns_open",
        table_name="safety_concerns",
        sqlite_where=sa.text("done_at IS NULL"),
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.drop_table("safety_concerns")
    op.drop_index(op.f("ix_corrections_thread_id_id"), table_name="corrections")
    op.drop_table("corrections")
    op.drop_index(op.f("ix_board_pauses_board_id_until_at"), table_name="board_pauses")
    op.drop_table("board_pauses")
    op.drop_index(op.f("ix_author_openings_trust_id_asked_at"), table_name="author_openings")
    op.drop_index(op.f("ix_author_openings_post_id"), table_name="author_openings")
    op.drop_table("author_openings")
    op.drop_table("safety_numbers")
