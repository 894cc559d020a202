"""What an administrator types, and what it says back."""

import json
from datetime import timedelta

import time_machine
from click.testing import CliRunner, Result
from sqlalchemy import select

from lti_tool.core import clock
from lti_tool.launch import commands
from lti_tool.launch.jobs import sweep_launches
from lti_tool.launch.models import Consumed, Platform, ToolKey
from tests.factories.house import House
from tests.factories.platform import LTI, MEMBERSHIP
from tests.factories.vle import Vle

PLATFORM, KEYS, *_ = commands
ADD = {
    "--trust": "Northmoor",
    "--name": "Moodle",
    "--issuer": "https://moodle.example",
    "--client-id": "abc",
    "--auth-url": "https://moodle.example/mod/lti/auth.php",
    "--token-url": "https://moodle.example/mod/lti/token.php",
    "--jwks-url": "https://moodle.example/mod/lti/certs.php",
    "--deployment-id": "1",
}


def run(house: House, command: object, *words: str) -> Result:
    return CliRunner().invoke(command, list(words), obj=lambda: house.database)  # type: ignore[arg-type]  # a group


def add(house: House, **changes: str) -> Result:
    options = ADD | {f"--{name.replace('_', '-')}": value for name, value in changes.items()}
    return run(house, PLATFORM, "add", *(word for option in options.items() for word in option))


def test_add_list_disable_enable(house: House) -> None:
    assert "No VLE is connected yet" in run(house, PLATFORM, "list").output
    added = add(house)
    assert added.exit_code == 0, added.output
    assert "http://localhost:5000/lti/login" in added.output
    listed = run(house, PLATFORM, "list").output
    assert "Moodle (on, keys not read yet)" in listed
    assert "deployment 1: Northmoor" in listed
    assert "framed by https://moodle.example" in listed
    assert run(house, PLATFORM, "disable", "--name", "Moodle").exit_code == 0
    assert "Moodle (switched off" in run(house, PLATFORM, "list").output
    assert run(house, PLATFORM, "enable", "--name", "Moodle").exit_code == 0
    assert "Moodle (on" in run(house, PLATFORM, "list").output


def test_a_second_deployment_for_another_trust(house: House) -> None:
    add(house)
    assert add(house, deployment_id="2", trust="Southmoor").exit_code == 0
    assert "deployment 2: Southmoor" in run(house, PLATFORM, "list").output
    taken = add(house, deployment_id="2")
    assert taken.exit_code == 1
    assert "belongs to another trust" in taken.output


def test_all_problems_at_once(house: House) -> None:
    wrong = add(
        house,
        name="n" * 101,
        issuer="moodle",
        auth_url="http://moodle.example/",
        jwks_url="https://user:x@moodle/",
        token_url="https://moodle.example/" + "x" * 2_000,
        client_id="",
    )
    assert wrong.exit_code == 1
    for name in ("name", "issuer", "auth_url", "jwks_url", "token_url", "client_id"):
        assert f"  {name}: " in wrong.output
    with house.database.reading() as db:
        assert db.scalars(select(Platform)).all() == []


def test_one_name_means_one_platform(house: House) -> None:
    add(house)
    assert "another issuer or client" in add(house, client_id="other").output
    assert "connected already" in add(house, name="Other").output


def test_unknown_names(house: House) -> None:
    for command in ("disable", "enable"):
        result = run(house, PLATFORM, command, "--name", "Nobody")
        assert result.exit_code == 1
        assert "no platform called" in result.output


def test_a_role_that_means_something_else_here(vle: Vle) -> None:
    manager = MEMBERSHIP + "Manager"
    words = ("role", "--name", "Northmoor Moodle", "--written", manager, "--means", "tutor")
    assert run(vle.house, PLATFORM, *words).exit_code == 0
    page = vle.arrive(vle.browser(), **{LTI + "roles": [manager]})
    assert "What should people find here?" in page.text


def test_a_frame_is_suggested_by_a_launch_and_confirmed_by_a_person(vle: Vle) -> None:
    returns = {LTI + "launch_presentation": {"return_url": "https://frame.example/back?sesskey=abc"}}
    page = vle.arrive(vle.browser(), **returns)
    assert "frame.example" not in page.headers["Content-Security-Policy"]
    listed = run(vle.house, PLATFORM, "list").output
    assert "Launches come from https://frame.example" in listed
    assert "sesskey" not in listed
    words = ("frame", "--name", "Northmoor Moodle", "--origin", "https://frame.example")
    assert run(vle.house, PLATFORM, *words).exit_code == 0
    assert "Launches come from" not in run(vle.house, PLATFORM, "list").output
    page = vle.arrive(vle.browser(), **returns)
    assert "https://vle.example https://frame.example" in page.headers["Content-Security-Policy"]
    assert (
        run(vle.house, PLATFORM, "frame", "--name", "Northmoor Moodle", "--origin", "x'; script-src *").exit_code == 1
    )


def published(house: House) -> list[str]:
    answer = house.app.test_client().get("/lti/jwks.json")
    assert answer.headers["Cache-Control"] == "public, max-age=600"
    return [entry["kid"] for entry in json.loads(answer.text)["keys"]]


def signing(house: House) -> str:
    return run(house, KEYS, "show", "--pem").output


def test_keys_overlap_when_they_are_rotated(house: House) -> None:
    assert run(house, KEYS, "show").exit_code == 1
    add(house)
    [first], pem = published(house), signing(house)
    assert pem.startswith("-----BEGIN PUBLIC KEY-----")
    assert run(house, KEYS, "rotate").exit_code == 0
    assert set(published(house)) > {first}
    assert signing(house) == pem
    with time_machine.travel(clock.now() + timedelta(hours=25), tick=False):
        assert signing(house) != pem
        assert first in published(house)
    with time_machine.travel(clock.now() + timedelta(days=9), tick=False):
        assert first not in published(house)
        with house.database.transaction() as db:
            sweep_launches(db, clock.now())
        with house.database.reading() as db:
            assert [key.kid for key in db.scalars(select(ToolKey))] == published(house)


def test_a_stolen_key_goes_at_once(house: House) -> None:
    add(house)
    [first], pem = published(house), signing(house)
    run(house, KEYS, "rotate", "--at-once")
    assert first not in published(house)
    assert signing(house) != pem


def test_no_secret_half_is_published_or_stored_open(house: House) -> None:
    add(house)
    entry = json.loads(house.app.test_client().get("/lti/jwks.json").text)["keys"][0]
    assert set(entry) == {"kty", "n", "e", "kid", "alg", "use"}
    with house.database.reading() as db:
        assert b"PRIVATE" not in db.scalars(select(ToolKey.sealed)).one()


def test_what_has_ended_is_forgotten(vle: Vle) -> None:
    vle.launch(vle.browser())
    with vle.house.database.transaction() as db:
        sweep_launches(db, clock.now())
        assert len(db.scalars(select(Consumed)).all()) == 1
        sweep_launches(db, clock.now() + timedelta(minutes=11))
        assert db.scalars(select(Consumed)).all() == []
