"""`lti-tool platform …`, `keys …` and `appoint`. The service door adds them and gives each the database (`obj`)."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import click

from lti_tool.access import Duty, Role
from lti_tool.core import clock
from lti_tool.core.db import Database
from lti_tool.core.errors import Invalid, Problem
from lti_tool.launch import check, invites, registering
from lti_tool.launch.jobs import read_keys_of
from lti_tool.launch.keys import rotate_keys, signing_key_pem
from lti_tool.launch.protocol import Binding
from lti_tool.launch.queries import PlatformLine, all_platforms
from lti_tool.launch.registering import PlatformDraft
from lti_tool.launch.rules import MOODLE_COURSE
from lti_tool.launch.shelf import OwnAddress

Opener = Callable[[], Database]


@contextmanager
def _in_plain_words() -> Iterator[None]:
    """A problem becomes sentences and exit status 1."""
    try:
        yield
    except Problem as problem:
        details = problem.fields if isinstance(problem, Invalid) else {}
        sentences = [problem.message, *(f"  {name}: {why}" for name, why in details.items())]
        raise click.ClickException("\n".join(sentences)) from problem


@click.group()
def platform() -> None:
    """The VLEs that may send people here."""


@platform.command("add")
@click.option("--trust", required=True, help="The trust whose people come from there. Made if it is new.")
@click.option("--name", required=True, help="What you call this VLE.")
@click.option("--issuer", required=True, help="Its address as it writes it itself (Moodle: site address, no slash).")
@click.option("--client-id", required=True)
@click.option("--auth-url", required=True, help="Moodle: …/mod/lti/auth.php")
@click.option("--token-url", required=True, help="Moodle: …/mod/lti/token.php")
@click.option("--jwks-url", required=True, help="Moodle: …/mod/lti/certs.php")
@click.option("--deployment-id", required=True, multiple=True, help="May be given several times.")
@click.option("--framed-by", multiple=True, help="Who may show us in a frame, if it is not the VLE's own address.")
@click.option("--course-url", default=MOODLE_COURSE, show_default=True, help="The address of a course in the VLE.")
@click.option("--require-binding", is_flag=True, help="Refuse browsers that cannot be recognised, in place of asking.")
@click.option("--allow-anonymous", is_flag=True, help="Let people in, to read, of whom the VLE says nothing.")
@click.pass_obj
def platform_add(
    open_database: Opener,
    /,
    trust: str,
    jwks_url: str,
    deployment_id: tuple[str, ...],
    framed_by: tuple[str, ...],
    require_binding: bool,
    allow_anonymous: bool,
    **said: str,
) -> None:
    """Connect a VLE, or add a deployment to one that is connected."""
    draft = PlatformDraft(
        keys_url=jwks_url,
        deployments=deployment_id,
        framed_by=framed_by,
        binding=Binding.REQUIRE if require_binding else Binding.ASK,
        allows_anonymous=allow_anonymous,
        **said,
    )
    with _in_plain_words(), open_database().transaction() as db:
        registering.connect_platform(db, trust, draft, clock.now())
        base_url = db.info["settings"].base_url
    click.echo(
        f"Connected. Give the VLE these addresses:\n  login   {base_url}/lti/login\n  launch  {base_url}/lti/launch"
    )
    click.echo(f"  keys    {base_url}/lti/jwks.json")


@platform.command("invite")
@click.option("--trust", required=True, help="The trust whose people come from there. Made if it is new.")
@click.option("--name", default="", help="What you call this VLE; otherwise its host.")
@click.pass_obj
def platform_invite(open_database: Opener, trust: str, name: str) -> None:
    """Print a one-time address by which a VLE connects itself (dynamic registration)."""
    now = clock.now()
    with _in_plain_words(), open_database().transaction() as db:
        invite, secret = invites.make_invite(db, trust, name, now)
        base_url, key = db.info["settings"].base_url, db.info["settings"].key_for("tickets")
    watch = invites.write_watch(invite, key, now, invites.INVITE_FOR + invites.WATCH_FOR)
    click.echo(f"{base_url}/lti/register?invite={secret}")
    click.echo("")
    click.echo("Give this address to the administrator of the VLE. It connects one VLE, once, within seven days.")
    click.echo(
        "Moodle: Site administration, Plugins, External tool, Manage tools: paste it and choose Add LTI Advantage."
    )
    click.echo(f"Follow the connection here:\n  {base_url}/lti/connection/{watch}")


@platform.command("check")
@click.option("--name", required=True)
@click.pass_obj
def platform_check(open_database: Opener, name: str) -> None:
    """Say whether a VLE is connected, and who must do what. Exit status 1 when something is wrong."""
    database = open_database()
    with _in_plain_words(), database.reading() as db:
        found = registering.get_platform(db, name)
    problem = read_keys_of(database, found)
    address = OwnAddress(database.notes["settings"].base_url).find()
    with database.reading() as db:
        lines = check.checklist(db, found, address, check.trusts_of(db, found))
    for line in lines:
        click.echo(f"{line.state:<8} {line.title}: {line.words}")
        if line.about == "keys" and problem:
            click.echo(f"         {problem}")
        if line.todo:
            click.echo(f"         {line.todo}")
    sys.exit(any(line.state is check.State.WRONG for line in lines))


@platform.command("list")
@click.pass_obj
def platform_list(open_database: Opener) -> None:
    """Show every VLE, its deployments, and what waits for you."""
    with open_database().reading() as db:
        lines, open_still = all_platforms(db), invites.open_invites(db, clock.now())
    for line in lines:
        click.echo(_described(line))
    for trust, name, ends_at in open_still:
        click.echo(f"An invite is open: {name or 'a VLE'}, for {trust}, until {ends_at:%Y-%m-%d %H:%M} UTC")
    if not lines:
        click.echo("No VLE is connected yet. Connect one by: lti-tool platform add --help")


def _described(line: PlatformLine) -> str:
    found = line.platform
    state = "switched off" if found.disabled_at else "on"
    keys = f"keys read {line.keys_read_at:%Y-%m-%d %H:%M} UTC" if line.keys_read_at else "keys not read yet"
    rows = [f"{found.name} ({state}, {keys})", f"  issuer {found.issuer}, client {found.client_id}"]
    rows += [f"  deployment {deployment}: {trust}" for deployment, trust in line.deployments]
    rows += [f"  framed by {found.framed_by}"]
    if found.suggested_frame:
        command = f'lti-tool platform frame --name "{found.name}" --origin {found.suggested_frame}'
        rows += [f"  Launches come from {found.suggested_frame}. If that is right: {command}"]
    return "\n".join(rows)


@platform.command("disable")
@click.option("--name", required=True)
@click.pass_obj
def platform_disable(open_database: Opener, name: str) -> None:
    """Let nobody in from this VLE any more."""
    with _in_plain_words(), open_database().transaction() as db:
        registering.switch_platform(db, name, is_enabled=False, now=clock.now())
    click.echo(f"{name} is switched off.")


@platform.command("enable")
@click.option("--name", required=True)
@click.pass_obj
def platform_enable(open_database: Opener, name: str) -> None:
    """Let people in from this VLE again."""
    with _in_plain_words(), open_database().transaction() as db:
        registering.switch_platform(db, name, is_enabled=True, now=clock.now())
    click.echo(f"{name} is switched on.")


@platform.command("frame")
@click.option("--name", required=True)
@click.option("--origin", required=True, help="For example https://vle.trust.nhs.uk")
@click.pass_obj
def platform_frame(open_database: Opener, name: str, origin: str) -> None:
    """Let the pages of this origin show Grand Round in a frame."""
    with _in_plain_words(), open_database().transaction() as db:
        registering.add_frame(db, name, origin)
    click.echo(f"{origin} may frame Grand Round from the next launch on.")


@platform.command("role")
@click.option("--name", required=True)
@click.option("--written", required=True, help="The role as the VLE sends it.")
@click.option("--means", required=True, type=click.Choice([role.value for role in Role]))
@click.pass_obj
def platform_role(open_database: Opener, name: str, written: str, means: str) -> None:
    """Say what a role of this VLE means, where it is not what the standard says."""
    with _in_plain_words(), open_database().transaction() as db:
        registering.override_role(db, name, written, Role(means))
    click.echo(f"{written} means {means} from the next launch on.")


@click.group()
def keys() -> None:
    """Our own keys, with which VLEs check what we send them."""


@keys.command("rotate")
@click.option("--at-once", is_flag=True, help="A key was stolen: the new one signs now and the others are withdrawn.")
@click.pass_obj
def keys_rotate(open_database: Opener, at_once: bool) -> None:
    """Make a new key. It is published now and signs from tomorrow, because VLEs remember our keys for a while."""
    with open_database().transaction() as db:
        made = rotate_keys(db, clock.now(), at_once)
    click.echo(f"Key {made.kid} signs from {made.signs_from:%Y-%m-%d %H:%M} UTC.")


@keys.command("show")
@click.option("--pem", is_flag=True, help="As PEM, for a VLE that cannot fetch our keys.")
@click.pass_obj
def keys_show(open_database: Opener, pem: bool) -> None:
    """Show the public key that signs now."""
    database = open_database()
    with database.reading() as db:
        text = signing_key_pem(db, clock.now())
        base_url = db.info["settings"].base_url
    if not text:
        raise click.ClickException("There is no key yet. Make one by: lti-tool keys rotate")
    click.echo(text if pem else f"Our keys are published at {base_url}/lti/jwks.json. Use --pem to paste one.")


@click.command("appoint")
@click.option("--trust", required=True, help="The trust in which the duty is held.")
@click.option("--platform", "name", required=True, help="The VLE from which the person comes.")
@click.option("--subject", required=True, help="Their id there (Moodle: the number in the address of their profile).")
@click.option("--as", "duty", required=True, type=click.Choice([duty.value for duty in Duty]))
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="The last day; otherwise until somebody ends it.")
@click.option("--end", is_flag=True, help="End the duty now.")
@click.pass_obj
def appoint(
    open_database: Opener, trust: str, name: str, subject: str, duty: str, until: datetime | None, end: bool
) -> None:
    """Appoint somebody who has come in once to a duty in their trust."""
    last = (until + timedelta(days=1)).replace(tzinfo=clock.LONDON) if until else None
    with _in_plain_words(), open_database().transaction() as db:
        if end:
            who = registering.release_person(db, trust, name, subject, Duty(duty), clock.now())
        else:
            who = registering.appoint_person(db, trust, name, subject, Duty(duty), clock.now(), last)
    click.echo(f"{who} {'is no longer' if end else 'is now'} {duty.replace('_', ' ')} of {trust}.")


commands = (platform, keys, appoint)
