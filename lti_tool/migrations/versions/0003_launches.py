"""Launches: platforms, what they call things, and what may be used once."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go there."""
    op.create_table(
        "consumed",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_consumed")),
    )
    with op.batch_alter_table("consumed", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_consumed_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "platforms",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("issuer", sa.String(length=2000), nullable=False),
        sa.Column("client_id", sa.String(length=255), nullable=False),
        sa.Column("auth_url", sa.String(length=2000), nullable=False),
        sa.Column("token_url", sa.String(length=2000), nullable=False),
        sa.Column("keys_url", sa.String(length=2000), nullable=False),
        sa.Column("course_url", sa.String(length=2000), nullable=False),
        sa.Column("framed_by", sa.String(length=500), nullable=False),
        sa.Column("suggested_frame", sa.String(length=300), nullable=False),
        sa.Column("binding", sa.String(length=10), nullable=False),
        sa.Column("allows_anonymous", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_platforms")),
        sa.UniqueConstraint("issuer", "client_id", name=op.f("uq_platforms_issuer_client_id")),
        sa.UniqueConstraint("name", name=op.f("uq_platforms_name")),
        sa.UniqueConstraint("public_id", name=op.f("uq_platforms_public_id")),
    )
    op.create_table(
        "tool_keys",
        sa.Column("kid", sa.String(length=16), nullable=False),
        sa.Column("public_jwk", sa.String(length=2000), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signs_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retires_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("kid", name=op.f("pk_tool_keys")),
    )
    op.create_table(
        "deployments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("platform_id", sa.Integer(), nullable=False),
        sa.Column("trust_id", sa.Integer(), nullable=False),
        sa.Column("deployment_id", sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(["platform_id"], ["platforms.id"], name=op.f("fk_deployments_platform_id")),
        sa.ForeignKeyConstraint(["trust_id"], ["trusts.id"], name=op.f("fk_deployments_trust_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deployments")),
        sa.UniqueConstraint("platform_id", "deployment_id", name=op.f("uq_deployments_platform_id_deployment_id")),
    )
    op.create_table(
        "platform_key_sets",
        sa.Column("platform_id", sa.String(length=16), nullable=False),
        sa.Column("keys_url", sa.String(length=2000), nullable=False),
        sa.Column("published", sa.LargeBinary(), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["platform_id"], ["platforms.public_id"], name=op.f("fk_platform_key_sets_platform_id")
        ),
        sa.PrimaryKeyConstraint("platform_id", name=op.f("pk_platform_key_sets")),
    )
    op.create_table(
        "role_overrides",
        sa.Column("platform_id", sa.Integer(), nullable=False),
        sa.Column("written", sa.String(length=255), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["platform_id"], ["platforms.id"], name=op.f("fk_role_overrides_platform_id")),
        sa.PrimaryKeyConstraint("platform_id", "written", name=op.f("pk_role_overrides")),
    )
    op.create_table(
        "choosings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("trust_id", sa.Integer(), nullable=False),
        sa.Column("deployment_id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_choosings_course_id")),
        sa.ForeignKeyConstraint(["deployment_id"], ["deployments.id"], name=op.f("fk_choosings_deployment_id")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_choosings_person_id")),
        sa.ForeignKeyConstraint(["trust_id"], ["trusts.id"], name=op.f("fk_choosings_trust_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_choosings")),
        sa.UniqueConstraint("public_id", name=op.f("uq_choosings_public_id")),
    )
    with op.batch_alter_table("choosings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_choosings_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_choosings_person_id"), ["person_id"], unique=False)

    op.create_table(
        "course_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("trust_id", sa.Integer(), nullable=False),
        sa.Column("deployment_id", sa.Integer(), nullable=False),
        sa.Column("context_id", sa.String(length=255), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_course_links_course_id")),
        sa.ForeignKeyConstraint(["deployment_id"], ["deployments.id"], name=op.f("fk_course_links_deployment_id")),
        sa.ForeignKeyConstraint(["trust_id"], ["trusts.id"], name=op.f("fk_course_links_trust_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_links")),
        sa.UniqueConstraint("deployment_id", "context_id", name=op.f("uq_course_links_deployment_id_context_id")),
    )
    with op.batch_alter_table("course_links", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_course_links_course_id"), ["course_id"], unique=False)

    op.create_table(
        "identities",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("platform_id", sa.Integer(), nullable=False),
        sa.Column("trust_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_identities_person_id")),
        sa.ForeignKeyConstraint(["platform_id"], ["platforms.id"], name=op.f("fk_identities_platform_id")),
        sa.ForeignKeyConstraint(["trust_id"], ["trusts.id"], name=op.f("fk_identities_trust_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identities")),
        sa.UniqueConstraint(
            "platform_id", "trust_id", "subject", name=op.f("uq_identities_platform_id_trust_id_subject")
        ),
    )
    with op.batch_alter_table("identities", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_identities_person_id"), ["person_id"], unique=False)

    op.create_table(
        "placements",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("trust_id", sa.Integer(), nullable=False),
        sa.Column("deployment_id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("link_id", sa.String(length=255), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("is_copy", sa.Boolean(), nullable=False),
        sa.Column("asked", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("thing", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_placements_course_id")),
        sa.ForeignKeyConstraint(["deployment_id"], ["deployments.id"], name=op.f("fk_placements_deployment_id")),
        sa.ForeignKeyConstraint(["trust_id"], ["trusts.id"], name=op.f("fk_placements_trust_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_placements")),
        sa.UniqueConstraint(
            "deployment_id", "course_id", "link_id", name=op.f("uq_placements_deployment_id_course_id_link_id")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_placements_public_id")),
    )
    with op.batch_alter_table("placements", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_placements_course_id"), ["course_id"], unique=False)


def downgrade() -> None:
    """And back."""
    op.drop_table("placements")
    op.drop_table("identities")
    op.drop_table("course_links")
    op.drop_table("choosings")
    op.drop_table("role_overrides")
    op.drop_table("platform_key_sets")
    op.drop_table("deployments")
    op.drop_table("tool_keys")
    op.drop_table("platforms")
    op.drop_table("consumed")
