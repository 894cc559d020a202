"""What a board is: its template, who reads it, dates, rules, and know-how; cohorts; questions that only tutors read."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go there."""
    op.create_table(
        "cohorts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("trust_id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("vle_id", sa.String(length=60), server_default="", nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_cohorts_course_id")),
        sa.ForeignKeyConstraint(["trust_id"], ["trusts.id"], name=op.f("fk_cohorts_trust_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cohorts")),
        sa.UniqueConstraint("public_id", name=op.f("uq_cohorts_public_id")),
    )
    op.create_index(op.f("ix_cohorts_course_id"), "cohorts", ["course_id"], unique=False)
    op.create_index(
        "uq_cohorts_vle",
        "cohorts",
        ["course_id", "vle_id"],
        unique=True,
        sqlite_where=sa.text("vle_id <> ''"),
        postgresql_where=sa.text("vle_id <> ''"),
    )
    op.create_table(
        "board_closings",
        sa.Column("board_id", sa.Integer(), nullable=False),
        sa.Column("trust_id", sa.Integer(), nullable=False),
        sa.Column("closed_by", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("next_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["board_id"], ["boards.id"], name=op.f("fk_board_closings_board_id")),
        sa.ForeignKeyConstraint(["closed_by"], ["persons.id"], name=op.f("fk_board_closings_closed_by")),
        sa.ForeignKeyConstraint(["next_id"], ["boards.id"], name=op.f("fk_board_closings_next_id")),
        sa.ForeignKeyConstraint(["trust_id"], ["trusts.id"], name=op.f("fk_board_closings_trust_id")),
        sa.PrimaryKeyConstraint("board_id", name=op.f("pk_board_closings")),
    )
    op.create_table(
        "board_cohorts",
        sa.Column("board_id", sa.Integer(), nullable=False),
        sa.Column("cohort_id", sa.Integer(), nullable=False),
        sa.Column("trust_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["board_id"], ["boards.id"], name=op.f("fk_board_cohorts_board_id")),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohorts.id"], name=op.f("fk_board_cohorts_cohort_id")),
        sa.ForeignKeyConstraint(["trust_id"], ["trusts.id"], name=op.f("fk_board_cohorts_trust_id")),
        sa.PrimaryKeyConstraint("board_id", name=op.f("pk_board_cohorts")),
    )
    op.create_index(op.f("ix_board_cohorts_cohort_id"), "board_cohorts", ["cohort_id"], unique=False)
    op.create_table(
        "board_courses",
        sa.Column("board_id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("trust_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["accepted_by"], ["persons.id"], name=op.f("fk_board_courses_accepted_by")),
        sa.ForeignKeyConstraint(["board_id"], ["boards.id"], name=op.f("fk_board_courses_board_id")),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_board_courses_course_id")),
        sa.ForeignKeyConstraint(["trust_id"], ["trusts.id"], name=op.f("fk_board_courses_trust_id")),
        sa.PrimaryKeyConstraint("board_id", "course_id", name=op.f("pk_board_courses")),
    )
    op.create_index(op.f("ix_board_courses_course_id"), "board_courses", ["course_id"], unique=False)
    op.create_table(
        "board_rules",
        sa.Column("board_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("trust_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=2000), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["board_id"], ["boards.id"], name=op.f("fk_board_rules_board_id")),
        sa.ForeignKeyConstraint(["trust_id"], ["trusts.id"], name=op.f("fk_board_rules_trust_id")),
        sa.PrimaryKeyConstraint("board_id", "version", name=op.f("pk_board_rules")),
    )
    op.create_table(
        "board_seconds",
        sa.Column("board_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("trust_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["board_id"], ["boards.id"], name=op.f("fk_board_seconds_board_id")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_board_seconds_person_id")),
        sa.ForeignKeyConstraint(["trust_id"], ["trusts.id"], name=op.f("fk_board_seconds_trust_id")),
        sa.PrimaryKeyConstraint("board_id", name=op.f("pk_board_seconds")),
    )
    op.create_table(
        "cohort_members",
        sa.Column("cohort_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("trust_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohorts.id"], name=op.f("fk_cohort_members_cohort_id")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_cohort_members_person_id")),
        sa.ForeignKeyConstraint(["trust_id"], ["trusts.id"], name=op.f("fk_cohort_members_trust_id")),
        sa.PrimaryKeyConstraint("cohort_id", "person_id", name=op.f("pk_cohort_members")),
    )
    op.create_index(op.f("ix_cohort_members_person_id"), "cohort_members", ["person_id"], unique=False)
    op.create_table(
        "rule_acceptances",
        sa.Column("board_id", sa.Integer(), nullable=False),
        sa.Column("tag", sa.LargeBinary(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("trust_id", sa.Integer(), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["board_id"], ["boards.id"], name=op.f("fk_rule_acceptances_board_id")),
        sa.ForeignKeyConstraint(["trust_id"], ["trusts.id"], name=op.f("fk_rule_acceptances_trust_id")),
        sa.PrimaryKeyConstraint("board_id", "tag", "version", name=op.f("pk_rule_acceptances")),
    )
    op.create_table(
        "know_how",
        sa.Column("thread_id", sa.Integer(), nullable=False),
        sa.Column("trust_id", sa.Integer(), nullable=False),
        sa.Column("board_id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=False),
        sa.Column("review_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["board_id"], ["boards.id"], name=op.f("fk_know_how_board_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["persons.id"], name=op.f("fk_know_how_owner_id")),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_know_how_post_id")),
        sa.ForeignKeyConstraint(["thread_id"], ["threads.id"], name=op.f("fk_know_how_thread_id")),
        sa.ForeignKeyConstraint(["trust_id"], ["trusts.id"], name=op.f("fk_know_how_trust_id")),
        sa.PrimaryKeyConstraint("thread_id", name=op.f("pk_know_how")),
    )
    op.create_index(op.f("ix_know_how_board_id"), "know_how", ["board_id"], unique=False)
    op.add_column("boards", sa.Column("template", sa.String(length=12), server_default="questions", nullable=False))
    op.add_column("boards", sa.Column("is_nameless", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("boards", sa.Column("audience", sa.String(length=10), server_default="course", nullable=False))
    op.add_column("boards", sa.Column("allows_private", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("boards", sa.Column("opens_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("boards", sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("boards", sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("boards", sa.Column("rules_version", sa.Integer(), server_default="0", nullable=False))
    op.add_column("threads", sa.Column("is_private", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("threads", sa.Column("public_asked_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Go back."""
    op.drop_column("threads", "public_asked_at")
    op.drop_column("threads", "is_private")
    op.drop_column("boards", "rules_version")
    op.drop_column("boards", "archived_at")
    op.drop_column("boards", "closes_at")
    op.drop_column("boards", "opens_at")
    op.drop_column("boards", "allows_private")
    op.drop_column("boards", "audience")
    op.drop_column("boards", "is_nameless")
    op.drop_column("boards", "template")
    op.drop_index(op.f("ix_know_how_board_id"), table_name="know_how")
    op.drop_table("know_how")
    op.drop_table("rule_acceptances")
    op.drop_index(op.f("ix_cohort_members_person_id"), table_name="cohort_members")
    op.drop_table("cohort_members")
    op.drop_table("board_seconds")
    op.drop_table("board_rules")
    op.drop_index(op.f("ix_board_courses_course_id"), table_name="board_courses")
    op.drop_table("board_courses")
    op.drop_index(op.f("ix_board_cohorts_cohort_id"), table_name="board_cohorts")
    op.drop_table("board_cohorts")
    op.drop_table("board_closings")
    op.drop_index(
        "uq_cohorts_vle",
        table_name="cohorts",
        sqlite_where=sa.text("vle_id <> ''"),
        postgresql_where=sa.text("vle_id <> ''"),
    )
    op.drop_index(op.f("ix_cohorts_course_id"), table_name="cohorts")
    op.drop_table("cohorts")
