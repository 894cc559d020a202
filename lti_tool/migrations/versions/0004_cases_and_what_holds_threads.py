"""Cases, and what holds and gates a thread."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go there."""
    op.create_table(
        "cases",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("trust_id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("thread_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("state_reason", sa.String(length=20), nullable=False),
        sa.Column("state_note", sa.String(length=2000), nullable=False),
        sa.Column("state_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=150), nullable=False),
        sa.Column("speciality", sa.String(length=20), nullable=False),
        sa.Column("setting", sa.String(length=20), nullable=False),
        sa.Column("life_stage", sa.String(length=20), nullable=False),
        sa.Column("question", sa.String(length=300), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("best", sa.Integer(), nullable=True),
        sa.Column("certainty", sa.String(length=20), nullable=False),
        sa.Column("basis", sa.String(length=20), nullable=False),
        sa.Column("basis_note", sa.String(length=300), nullable=False),
        sa.Column("asks_trust", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("once", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["persons.id"], name=op.f("fk_cases_author_id")),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_cases_course_id")),
        sa.ForeignKeyConstraint(["thread_id"], ["threads.id"], name=op.f("fk_cases_thread_id")),
        sa.ForeignKeyConstraint(["trust_id"], ["trusts.id"], name=op.f("fk_cases_trust_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        sa.UniqueConstraint("once", name=op.f("uq_cases_once")),
        sa.UniqueConstraint("public_id", name=op.f("uq_cases_public_id")),
        sa.UniqueConstraint("thread_id", name=op.f("uq_cases_thread_id")),
    )
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cases_author_id"), ["author_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_cases_course_id_state_published_at"), ["course_id", "state", "published_at"], unique=False
        )
        batch_op.create_index("ix_cases_trust_state", ["trust_id", "state", "published_at"], unique=False)

    op.create_table(
        "thread_holds",
        sa.Column("thread_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("trust_id", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["thread_id"], ["threads.id"], name=op.f("fk_thread_holds_thread_id")),
        sa.ForeignKeyConstraint(["trust_id"], ["trusts.id"], name=op.f("fk_thread_holds_trust_id")),
        sa.PrimaryKeyConstraint("thread_id", "kind", name=op.f("pk_thread_holds")),
    )
    op.create_table(
        "thread_unlocks",
        sa.Column("thread_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("trust_id", sa.Integer(), nullable=False),
        sa.Column("unlocked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_thread_unlocks_person_id")),
        sa.ForeignKeyConstraint(["thread_id"], ["threads.id"], name=op.f("fk_thread_unlocks_thread_id")),
        sa.ForeignKeyConstraint(["trust_id"], ["trusts.id"], name=op.f("fk_thread_unlocks_trust_id")),
        sa.PrimaryKeyConstraint("thread_id", "person_id", name=op.f("pk_thread_unlocks")),
    )
    with op.batch_alter_table("thread_unlocks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_thread_unlocks_person_id"), ["person_id"], unique=False)

    op.create_table(
        "case_answers",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("trust_id", sa.Integer(), nullable=False),
        sa.Column("option", sa.Integer(), nullable=True),
        sa.Column("words", sa.String(length=1000), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_answers_case_id")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_case_answers_person_id")),
        sa.ForeignKeyConstraint(["trust_id"], ["trusts.id"], name=op.f("fk_case_answers_trust_id")),
        sa.PrimaryKeyConstraint("case_id", "person_id", name=op.f("pk_case_answers")),
    )
    with op.batch_alter_table("case_answers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_answers_person_id"), ["person_id"], unique=False)

    op.create_table(
        "case_decisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("trust_id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.Column("verb", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("note", sa.String(length=2000), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_decisions_case_id")),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_case_decisions_course_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["persons.id"], name=op.f("fk_case_decisions_decided_by")),
        sa.ForeignKeyConstraint(["trust_id"], ["trusts.id"], name=op.f("fk_case_decisions_trust_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_decisions")),
    )
    with op.batch_alter_table("case_decisions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_decisions_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_case_decisions_course_id_id"), ["course_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_case_decisions_decided_by"), ["decided_by"], unique=False)

    op.create_table(
        "case_texts",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("slot", sa.String(length=20), nullable=False),
        sa.Column("trust_id", sa.Integer(), nullable=False),
        sa.Column("text_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_texts_case_id")),
        sa.ForeignKeyConstraint(["text_id"], ["texts.id"], name=op.f("fk_case_texts_text_id")),
        sa.ForeignKeyConstraint(["trust_id"], ["trusts.id"], name=op.f("fk_case_texts_trust_id")),
        sa.PrimaryKeyConstraint("case_id", "slot", name=op.f("pk_case_texts")),
        sa.UniqueConstraint("text_id", name=op.f("uq_case_texts_text_id")),
    )
    with op.batch_alter_table("boards", schema=None) as batch_op:
        batch_op.add_column(sa.Column("kind", sa.String(length=10), server_default="", nullable=False))
        batch_op.create_index(
            "uq_boards_kind",
            ["course_id", "kind"],
            unique=True,
            sqlite_where=sa.text("kind <> ''"),
            postgresql_where=sa.text("kind <> ''"),
        )

    with op.batch_alter_table("threads", schema=None) as batch_op:
        batch_op.add_column(sa.Column("gate", sa.String(length=10), server_default="", nullable=False))
        batch_op.add_column(sa.Column("is_shared", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.create_index(
            "ix_threads_shared",
            ["trust_id"],
            unique=False,
            sqlite_where=sa.text("is_shared"),
            postgresql_where=sa.text("is_shared"),
        )


def downgrade() -> None:
    """Come back."""
    op.drop_table("case_texts")
    op.drop_table("case_decisions")
    op.drop_table("case_answers")
    op.drop_table("cases")
    op.drop_table("thread_unlocks")
    op.drop_table("thread_holds")
    with op.batch_alter_table("threads", schema=None) as batch_op:
        batch_op.drop_index("ix_threads_shared")
        batch_op.drop_column("is_shared")
        batch_op.drop_column("gate")
    with op.batch_alter_table("boards", schema=None) as batch_op:
        batch_op.drop_index("uq_boards_kind")
        batch_op.drop_column("kind")
