"""The service door: `lti-tool …`. Every command opens its own transaction and prints plain sentences.

Wrong settings are listed all at once, and the exit status is 2.
"""

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TextIO

import click

from lti_tool import launch, operations
from lti_tool.app import jobs, listeners, open_as_owner, open_database
from lti_tool.confidentiality import NOTHING_OF_ITS_OWN, TrustWords, scan
from lti_tool.core.db import Database
from lti_tool.core.log import set_up_logs
from lti_tool.core.settings import Settings, SettingsError, load_settings
from lti_tool.demo import DemoError, reset_demo, run_demo
from lti_tool.journal import run_worker
from lti_tool.migrations import faults, serving_role, upgrade_tables
from lti_tool.paths import folder
from lti_tool.people import find_trust
from lti_tool.serving import end_with
from lti_tool.serving import serve as serve_house
from lti_tool.texts import trust_words


def get_settings() -> Settings:
    """The settings, or a list of all that is wrong with them and exit status 2."""
    try:
        return load_settings(os.environ, folder("config") / "default.toml")
    except SettingsError as error:
        click.echo("The settings need attention:", err=True)
        for problem in error.problems:
            click.echo(f"  - {problem}", err=True)
        sys.exit(2)


def get_database() -> Database:
    """The database that the settings name."""
    settings = get_settings()
    set_up_logs(settings.log_level)
    try:
        return open_database(settings)
    except OSError as error:
        click.echo(f"The folder {settings.var_dir} cannot be used ({error.strerror}): set LTI_TOOL_VAR_DIR.", err=True)
        sys.exit(2)


@click.group()
@click.pass_context
def main(context: click.Context) -> None:
    """Grand Round: boards, cases and teaching inside the VLE."""
    context.obj = get_database  # rooms' commands open the database through it


@main.command()
@click.option("--bind", default="127.0.0.1:5000", show_default=True, help="HOST:PORT to listen on.")
@click.option("--workers", type=click.IntRange(1, 64), help="Web processes (otherwise as the settings say).")
@click.option("--certfile", type=click.Path(exists=True), help="TLS certificate; usually the proxy in front has it.")
@click.option("--keyfile", type=click.Path(exists=True), help="TLS key.")
def serve(bind: str, workers: int | None, certfile: str | None, keyfile: str | None) -> None:
    """Serve Grand Round: web processes and one worker process beside them."""
    settings = get_settings()
    serve_house(settings, bind, workers or settings.workers, certfile, keyfile)


@main.command()
@click.option("--parent", type=int, hidden=True, help="End when this process is gone.")
def worker(parent: int | None) -> None:
    """Run deliveries, seal the journal, and start what the schedule names."""
    settings = get_settings()
    set_up_logs(settings.log_level)
    if parent:
        end_with(parent)
    known = [listener.job for listener in listeners()] + jobs()
    run_worker(settings, open_database(settings), known, folder("config") / "schedule.toml")


@main.command()
@click.option("--port", default=5000, envvar="DEMO_PORT", show_default=True, help="Where Grand Round listens.")
@click.option("--vle-port", default=5001, envvar="DEMO_VLE_PORT", show_default=True, help="Where the VLE listens.")
@click.option(
    "--var", type=click.Path(path_type=Path), default=Path("var/demo"), show_default=True, help="Data go here."
)
@click.option("--reset", is_flag=True, help="Throw away what was written in the demo, and stop.")
def demo(port: int, vle_port: int, var: Path, reset: bool) -> None:
    """Run Grand Round inside a pretend VLE on this machine, with people and talk of an invented trust."""
    try:
        if reset:
            reset_demo(var)
            click.echo("The demo begins anew the next time.")
        else:
            run_demo(var, port, vle_port)
    except DemoError as error:
        raise click.ClickException(str(error)) from error


@main.group()
def db() -> None:
    """The database."""


@db.command("upgrade")
def db_upgrade() -> None:
    """Bring the tables to this version. On PostgreSQL: divide them by trust, and let the serving role in."""
    database, owner = get_database(), open_as_owner(get_settings())
    upgrade_tables(owner, serving_role(database))
    owner.close()
    click.echo("The tables are up to date.")
    _say_faults(database)


@db.command("check")
@click.option("--mend", is_flag=True, help="Count again what is counted wrongly, and fill the index of search.")
def db_check(mend: bool) -> None:
    """Read all of it: pages, references, counters, search, the journal's chain. Exit status 1 if something is wrong."""
    database = get_database()
    is_well = _say_faults(database)
    for finding in operations.check_house(database, mend):
        click.echo(finding.line)
        is_well &= finding.state != operations.State.WRONG
    sys.exit(0 if is_well else 1)


def _say_faults(database: Database) -> bool:
    """Say whether row-level security holds for the role that serves people; nothing on SQLite, which has none."""
    with database.reader.connect() as connection:
        found, is_server = faults(connection), connection.dialect.name == "postgresql"
    for sentence in found:
        click.echo(sentence)
    if is_server and not found:
        click.echo("Row-level security is on: PostgreSQL shows each trust its own rows alone.")
    return not found


@main.command("scan")
@click.option("--batch", is_flag=True, help="One JSON string a line in, one JSON list of findings a line out.")
@click.option("--trust", metavar="NAME", help="Know the words of this trust as well.")
@click.argument("source", type=click.File(encoding="utf-8"), default="-")
def scan_text(batch: bool, trust: str | None, source: TextIO) -> None:
    """Check a text from standard input for what may name a patient: one JSON line a finding."""
    own = _words_of_trust(trust) if trust else NOTHING_OF_ITS_OWN
    if not batch:
        for finding in scan(source.read(), own):
            click.echo(json.dumps(asdict(finding)))
        return
    for number, line in enumerate(source, 1):
        try:
            text = json.loads(line)
        except ValueError:
            text = None
        if not isinstance(text, str):
            raise click.ClickException(f"Line {number} is not one JSON string.")
        click.echo(json.dumps([asdict(finding) for finding in scan(text, own)]))


def _words_of_trust(name: str) -> TrustWords:
    database = get_database()
    with database.reading() as db:
        trust = find_trust(db, name)
    if trust is None:
        raise click.ClickException(f"There is no trust called “{name}”.")
    with database.within(trust.id).reading() as db:
        return trust_words(db, trust.id)


for command in (*launch.commands, *operations.commands):
    main.add_command(command)
