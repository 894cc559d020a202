"""What can be found, and the tokens of each: FTS5 on SQLite, tsvector and GIN on PostgreSQL."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go there."""
    second = sa.Integer().with_variant(sa.BigInteger(), "postgresql")
    op.create_table(
        "search_entries",
        sa.Column("id", second, autoincrement=False, nullable=False),
        sa.Column("trust_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("scope", sa.Integer(), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["trust_id"], ["trusts.id"], name=op.f("fk_search_entries_trust_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_entries")),
    )
    op.create_index("uq_search_entries_thing", "search_entries", ["trust_id", "kind", "number"], unique=True)
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE search_words USING"
            " fts5(words, detail=none, columnsize=0, tokenize='unicode61 remove_diacritics 2')"
        )
        return
    op.create_table(
        "search_words",
        sa.Column("rowid", second, autoincrement=False, nullable=False),
        sa.Column("words", postgresql.TSVECTOR(), nullable=False),
        sa.PrimaryKeyConstraint("rowid", name=op.f("pk_search_words")),
    )
    op.create_index("ix_search_words_words", "search_words", ["words"], postgresql_using="gin")


def downgrade() -> None:
    """And back."""
    op.drop_table("search_words")
    op.drop_index("uq_search_entries_thing", table_name="search_entries")
    op.drop_table("search_entries")
