"""`lti-tool backup`, `restore`, `doctor`, `seed` and `deliveries`. Each prints plain sentences and an honest status."""

import json
import os
import secrets
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import click

from lti_tool.core import clock
from lti_tool.core.db import Database
from lti_tool.core.errors import Problem
from lti_tool.journal import retry_given_up, undone_deliveries
from lti_tool.operations.archive import Manifest
from lti_tool.operations.backup import in_mb, take_backup
from lti_tool.operations.doctor import examine
from lti_tool.operations.finding import State
from lti_tool.operations.restore import restore_archive
from lti_tool.operations.seeding import Plan, default_trust
from lti_tool.operations.seeding import seed as make_seed
from lti_tool.paths import folder

Opener = Callable[[], Database]
A_FILE = click.Path(dir_okay=False, path_type=Path)


@contextmanager
def _in_plain_words() -> Iterator[None]:
    """A problem becomes a sentence and exit status 1."""
    try:
        yield
    except Problem as problem:
        raise click.ClickException(problem.message) from problem


@click.command("backup")
@click.argument("file", type=A_FILE)
@click.pass_obj
def backup(open_database: Opener, /, file: Path) -> None:
    """Write everything into one archive, while people work.

    It holds every write that was answered before this command ends. The secret key is not in it: keep that elsewhere.
    """
    with _in_plain_words():
        take_backup(open_database(), file, lambda manifest: _say_and_end(file, manifest))


def _say_and_end(file: Path, manifest: Manifest) -> None:
    """Say what was done, and end at once: nobody may write between these words and our end."""
    click.echo(f"{file} holds everything until {manifest.taken_at} ({in_mb(file.stat().st_size)}).")
    click.echo(f"The journal in it: {manifest.sealed} lines sealed, {manifest.unsealed} to be. Head {manifest.head}")
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


@click.command("restore")
@click.argument("file", type=A_FILE)
@click.option("--replace", is_flag=True, help="Take the place of what is here, which stays beside as .before-restore.")
@click.pass_obj
def restore(open_database: Opener, /, file: Path, replace: bool) -> None:
    """Put an archive back, here or on another machine that has the same secret key."""
    with _in_plain_words():
        restored = restore_archive(open_database().notes["settings"], file, replace)
    for path in restored.aside:
        click.echo(f"What was here is now {path}.")
    verdict = restored.verdict
    click.echo(f"Restored: everything until {restored.manifest.taken_at}.")
    click.echo(f"The journal is whole: {verdict.sealed} lines sealed, {verdict.unsealed} to be. Head {verdict.head}")


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="One JSON list, for a programme that watches.")
def doctor(as_json: bool) -> None:
    """Look at the commonest faults, and say who does what. Exit status 1 when something is wrong."""
    found = []
    for finding in examine(os.environ, folder("config") / "default.toml"):
        found.append(finding)
        if not as_json:
            click.echo(finding.line)
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in found], ensure_ascii=False, indent=1))
    sys.exit(1 if any(finding.state == State.WRONG for finding in found) else 0)


@click.command("seed")
@click.option("--people", type=click.IntRange(2, 1_000_000), default=200, show_default=True)
@click.option("--threads", type=click.IntRange(1), default=1_000, show_default=True)
@click.option("--posts", type=click.IntRange(1), default=8_000, show_default=True, help="Questions and replies in all.")
@click.option("--cases", type=click.IntRange(0, 50_000), default=20, show_default=True)
@click.option("--sessions", type=click.IntRange(0, 50_000), default=100, show_default=True, help="Of teaching.")
@click.option("--trust", help="The new trust's name. Needed where there are people already.")
@click.option("--random", "number", type=int, help="The same number makes the same people say the same on one day.")
@click.pass_obj
def seed(
    open_database: Opener,
    /,
    people: int,
    threads: int,
    posts: int,
    cases: int,
    sessions: int,
    trust: str | None,
    number: int | None,
) -> None:
    """Fill a new trust with invented people and their talk, to try or to measure on. All of it, or nothing.

    Whoever else wants to write waits until it is done, so do not use it where people work.
    """
    chosen = secrets.randbelow(1_000_000) if number is None else number
    with _in_plain_words():
        database = open_database()
        with database.reading() as db:
            name = trust or default_trust(db)
        size = {"people": people, "threads": threads, "posts": posts, "cases": cases, "sessions": sessions}
        plan = Plan(trust=name, random=chosen, **size)
        make_seed(database, plan, click.echo)
    click.echo(f"To make the same again today: --random {chosen}")


@click.group("deliveries")
def deliveries() -> None:
    """What the worker has to do because of something that happened."""


@deliveries.command("list")
@click.pass_obj
def deliveries_list(open_database: Opener, /) -> None:
    """Show what waits and what was given up, by job."""
    with open_database().reading() as db:
        found = undone_deliveries(db)
    for one in found:
        click.echo(
            f"{one.job}: {one.waiting} waiting, {one.given_up} given up, oldest due {one.oldest_due_at:%F %R} UTC"
        )
    if not found:
        click.echo("Everything is done.")
    elif any(one.given_up for one in found):
        click.echo("Mend what made them fail (the worker's log says it), then: lti-tool deliveries retry")


@deliveries.command("retry")
@click.option("--job", help="Those of this job only.")
@click.pass_obj
def deliveries_retry(open_database: Opener, /, job: str | None) -> None:
    """Try again what was given up. The worker finds it within a minute."""
    with open_database().transaction() as db:
        counts = retry_given_up(db, job, clock.now())
    for name, count in counts.items():
        click.echo(f"{name}: {count} will be tried again.")
    if not counts:
        click.echo("Nothing was given up.")


commands = (backup, restore, doctor, seed, deliveries)
