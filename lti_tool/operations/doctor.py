"""The commonest faults of an installation, each looked at once, in the order in which one causes the next.

What cannot be looked at because something before it is wrong is left out: there is one thing to mend, and then another
look. Nothing is changed. No check takes longer than some seconds; `lti-tool db check` is the one that reads everything.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from lti_tool.app import open_database
from lti_tool.core.db import Database
from lti_tool.core.settings import Settings, SettingsError, load_settings
from lti_tool.operations import inside, outside
from lti_tool.operations.finding import Finding, State, ok, wrong

WITH_TABLES = (
    inside.look_at_worker,
    inside.look_at_deliveries,
    inside.look_at_journal,
    inside.look_at_backup,
    inside.look_at_our_keys,
    inside.look_at_mail,
)


def examine(environ: Mapping[str, str], default: Path) -> Iterator[Finding]:
    """Every finding as soon as it is there. `default` is `config/default.toml`."""
    try:
        settings = load_settings(environ, default)
    except SettingsError as error:
        for problem in error.problems:
            yield wrong("settings", problem, "Whoever runs the server: put it right in the settings file.")
        return
    yield ok("settings", f"complete, for {settings.base_url}.")
    folder = inside.look_at_folder(settings)
    yield folder
    if Path(settings.var_dir).is_dir():
        yield from _of_database(settings, open_database(settings))
    yield from outside.look_at_address(settings)


def _of_database(settings: Settings, database: Database) -> Iterator[Finding]:
    try:
        found = inside.look_at_database(database)
        yield found
        if found.state == State.WRONG:
            return
        yield inside.look_at_disk(database)
        tables = inside.look_at_tables(database)
        yield tables
        if tables.state == State.WRONG:
            return
        for look in WITH_TABLES:
            yield look(database)
        yield from outside.look_at_platforms(database)
    finally:
        database.close()
