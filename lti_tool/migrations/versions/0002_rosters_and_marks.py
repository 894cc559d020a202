"""Rosters and marks."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go there."""
    with op.batch_alter_table("enrolments", schema=None) as batch_op:
        batch_op.add_column(sa.Column("given_by", sa.String(length=10), server_default="launch", nullable=False))
        batch_op.add_column(sa.Column("absence", sa.String(length=10), server_default="", nullable=False))
        batch_op.add_column(sa.Column("left_at", sa.DateTime(timezone=True), nullable=True))

    op.create_table(
        "roster_services",
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("trust_id", sa.Integer(), nullable=False),
        sa.Column("deployment_id", sa.Integer(), nullable=False),
        sa.Column("members_url", sa.String(length=2000), nullable=False),
        sa.Column("wanted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("members", sa.Integer(), nullable=False),
        sa.Column("joined", sa.Integer(), nullable=False),
        sa.Column("left", sa.Integer(), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("held_of", sa.Integer(), nullable=False),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_roster_services_course_id")),
        sa.ForeignKeyConstraint(["deployment_id"], ["deployments.id"], name=op.f("fk_roster_services_deployment_id")),
        sa.ForeignKeyConstraint(["trust_id"], ["trusts.id"], name=op.f("fk_roster_services_trust_id")),
        sa.PrimaryKeyConstraint("course_id", name=op.f("pk_roster_services")),
    )
    with op.batch_alter_table("roster_services", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_roster_services_next_at"), ["next_at"], unique=False)

    op.create_table(
        "grade_services",
        sa.Column("placement_id", sa.Integer(), nullable=False),
        sa.Column("trust_id", sa.Integer(), nullable=False),
        sa.Column("columns_url", sa.String(length=2000), nullable=False),
        sa.Column("column_url", sa.String(length=2000), nullable=False),
        sa.Column("scopes", sa.String(length=2600), nullable=False),
        sa.Column("target_url", sa.String(length=2000), nullable=False),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withheld_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["placement_id"], ["placements.id"], name=op.f("fk_grade_services_placement_id")),
        sa.ForeignKeyConstraint(["trust_id"], ["trusts.id"], name=op.f("fk_grade_services_trust_id")),
        sa.PrimaryKeyConstraint("placement_id", name=op.f("pk_grade_services")),
    )
    op.create_table(
        "marks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("trust_id", sa.Integer(), nullable=False),
        sa.Column("placement_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("given_by_id", sa.Integer(), nullable=False),
        sa.Column("mark", sa.Integer(), nullable=True),
        sa.Column("stamp", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["given_by_id"], ["persons.id"], name=op.f("fk_marks_given_by_id")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_marks_person_id")),
        sa.ForeignKeyConstraint(["placement_id"], ["placements.id"], name=op.f("fk_marks_placement_id")),
        sa.ForeignKeyConstraint(["trust_id"], ["trusts.id"], name=op.f("fk_marks_trust_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marks")),
        sa.UniqueConstraint("placement_id", "person_id", name=op.f("uq_marks_placement_id_person_id")),
    )
    with op.batch_alter_table("marks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_marks_given_by_id"), ["given_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_marks_person_id"), ["person_id"], unique=False)


def downgrade() -> None:
    """And back."""
    op.drop_table("marks")
    op.drop_table("grade_services")
    op.drop_table("roster_services")
    with op.batch_alter_table("enrolments", schema=None) as batch_op:
        batch_op.drop_column("left_at")
        batch_op.drop_column("absence")
        batch_op.drop_column("given_by")
