"""Row-level security: on PostgreSQL, every row that belongs to a trust is shown within that trust alone.

The policies are not written in migrations one by one: `divide_by_trust` runs after every upgrade and protects whatever
table the models know, so that a new one cannot be forgotten. A table either carries `trust_id`, or is named in
`OUTSIDE` with the reason; an upgrade that finds neither stops. docs/decisions/row-level-security.md says why.
"""

from sqlalchemy import Connection, Table, text

from lti_tool.core.db import TRUST_SETTING, Base, Database

# The tables that every trust's requests read, each with the reason. Most are asked before anybody is known.
OUTSIDE = {
    "trusts": "the tenants themselves",
    "platforms": "who speaks, when a login or launch comes in",
    "deployments": "which trust a launch belongs to",
    "platform_invites": "an address says which trust a VLE connects itself to; they hold no content",
    "platform_facts": "whether a VLE is connected well; nothing about people",
    "role_overrides": "a platform's words for roles, read to verify a launch",
    "platform_key_sets": "public keys",
    "tool_keys": "our own keys, sealed",
    "tool_key_readings": "when somebody last read them",
    "consumed": "digests of what was used up",
    "visits": "a token says whose visit it is, and so the trust",
    "feeds": "an address says whose calendar it is, and so the trust",
    "retired_feed_addresses": "the same of an address that was replaced",
    "deliveries": "the worker finds them by number, and so the trust; they hold no content",
    "search_words": "an index that PostgreSQL does not use on rows that it hides; digests of words, and not whose",
    "journal_seals": "one chain for all trusts: numbers and hashes",
    "leases": "about processes",
    "runs": "about the schedule",
}
# Where a row may belong to no trust: what administrators did to the installation itself.
MAY_BE_OF_NONE = {"journal_lines"}
# Tables whose rows are written once: the role that serves people can neither change nor remove them.
WRITTEN_ONCE = {"journal_lines", "journal_seals"}
VERSION = "alembic_version"

POLICY = "of_trust"
_MINE = f"trust_id = (SELECT nullif(current_setting('{TRUST_SETTING}', true), '')::integer)"
# Sealing and verifying read the lines of all trusts: that table only, reading only, and when the transaction says so.
_WHOLE_JOURNAL = "current_setting('grand_round.whole_journal', true) = 'yes'"


def known_tables() -> list[Table]:
    """Every table of the house (tests add some of their own, named so)."""
    return [table for table in Base.metadata.sorted_tables if not table.name.startswith("test_")]


def divided_tables() -> list[Table]:
    """The tables whose rows are shown within their trust alone. Raises RuntimeError for one that has not chosen."""
    divided = [table for table in known_tables() if table.name not in OUTSIDE]
    for table in divided:
        if "trust_id" not in table.columns:
            raise RuntimeError(f"{table.name}: give it trust_id, or name it in OUTSIDE with the reason.")
    return divided


def divide_by_trust(connection: Connection) -> None:
    """Turn row-level security on where it is not yet, for the owner too (FORCE). Safe to repeat."""
    done = {name for name, found in _found(connection).items() if found == (True, True, True)}
    for table in divided_tables():
        if table.name not in done:
            _divide(connection, table.name)


def _divide(connection: Connection, table: str) -> None:
    mine = f"trust_id IS NULL OR {_MINE}" if table in MAY_BE_OF_NONE else _MINE
    statements = [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"DROP POLICY IF EXISTS {POLICY} ON {table}",
        f"CREATE POLICY {POLICY} ON {table} USING ({mine}) WITH CHECK ({mine})",
    ]
    if table == "journal_lines":
        statements += [
            f"DROP POLICY IF EXISTS whole_journal ON {table}",
            f"CREATE POLICY whole_journal ON {table} FOR SELECT USING ({_WHOLE_JOURNAL})",
        ]
    for statement in statements:
        connection.exec_driver_sql(statement)


def let_in(connection: Connection, role: str) -> None:
    """Give the role that serves people what it needs, and no more. Tables that nobody knows stay closed to it."""
    if role == connection.scalar(text("SELECT current_user")):
        return  # one role for both: nothing to give
    quoted = connection.dialect.identifier_preparer.quote_identifier(role)
    schema = connection.scalar(text("SELECT current_schema()"))
    connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA {schema} TO {quoted}")
    connection.exec_driver_sql(f"GRANT SELECT ON {VERSION} TO {quoted}")
    for table in known_tables():
        may = "SELECT, INSERT" if table.name in WRITTEN_ONCE else "SELECT, INSERT, UPDATE, DELETE"
        connection.exec_driver_sql(f"REVOKE ALL ON {table.name} FROM {quoted}")
        connection.exec_driver_sql(f"GRANT {may} ON {table.name} TO {quoted}")
    connection.exec_driver_sql(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {quoted}")


def serving_role(database: Database) -> str:
    """The role that serves people, as the server calls it. Empty on SQLite, which has no roles."""
    with database.reader.connect() as connection:
        if connection.dialect.name != "postgresql":
            return ""
        return str(connection.scalar(text("SELECT current_user")))


def faults(connection: Connection) -> list[str]:
    """What keeps row-level security from holding for the role that asks, a sentence each. None on SQLite."""
    if connection.dialect.name != "postgresql":
        return []
    found = _found(connection)
    sentences = [
        f"{table.name} is not divided by trust: run lti-tool db upgrade."
        for table in divided_tables()
        if found.get(table.name) != (True, True, True)
    ]
    return sentences + _role_faults(connection)


def _role_faults(connection: Connection) -> list[str]:
    role, is_super, bypasses = connection.execute(
        text("SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
    ).one()
    owned = connection.scalar(
        text("SELECT count(*) FROM pg_tables WHERE schemaname = current_schema() AND tableowner = current_user")
    )
    sentences = []
    if is_super or bypasses:
        sentences.append(f"The role {role} bypasses row-level security: serve people with one that does not.")
    elif owned:
        sentences.append(f"The role {role} owns the tables and could switch row-level security off: use two roles.")
    return sentences


def _found(connection: Connection) -> dict[str, tuple[bool, bool, bool]]:
    """For every table: whether row-level security is on, whether it binds the owner, whether our policy is there."""
    rows = connection.execute(
        text(
            "SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity, EXISTS "
            "(SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = :policy) "
            "FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'"
        ),
        {"policy": POLICY},
    )
    return {name: (is_on, is_forced, has_policy) for name, is_on, is_forced, has_policy in rows}
