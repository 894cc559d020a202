"""Commands as an administrator runs them: plain sentences, and an exit status that a script can read."""

import subprocess
import sys

import pytest
from click.testing import CliRunner

from lti_tool.access import Duty
from lti_tool.cli import main
from lti_tool.core import clock
from lti_tool.core.db import Database
from lti_tool.journal import record, seal_all
from lti_tool.launch.models import Identity
from lti_tool.people import get_actor
from tests.factories.house import House

pytestmark = pytest.mark.sql
TRUST = "Northmoor University Hospitals"
ADDRESSES = {
    "--issuer": "https://vle.example",
    "--client-id": "one",
    "--auth-url": "https://vle.example/auth",
    "--token-url": "https://vle.example/token",
    "--jwks-url": "https://vle.example/keys",
    "--deployment-id": "1",
}


@pytest.fixture
def run(settings, monkeypatch):
    """Run a command against this test's installation."""
    for name in ("base_url", "secret_key", "feed_key", "var_dir", "database_url", "database_owner_url"):
        monkeypatch.setenv(f"LTI_TOOL_{name.upper()}", getattr(settings, name))
    monkeypatch.setenv("LTI_TOOL_ALLOW_HTTP_LOOPBACK", "true")
    return lambda *words: CliRunner().invoke(main, list(words))


def connected(run):
    return run("platform", "add", "--trust", TRUST, "--name", "VLE", *(w for pair in ADDRESSES.items() for w in pair))


def test_all_that_is_wrong_with_the_settings_is_listed_at_once():
    environ = {"LTI_TOOL_BASE_URL": "http://trust.nhs.uk/x", "LTI_TOOL_THREADS": "many", "LTI_TOOL_SECRET_KEY": "short"}
    done = subprocess.run(
        [sys.executable, "-m", "lti_tool", "db", "check"], env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "threads: must be a whole number" in done.stderr
    databases = {"LTI_TOOL_DATABASE_URL": "mysql://db/house", "LTI_TOOL_DATABASE_OWNER_URL": "postgresql://db/house"}
    right_kind = (
        environ | databases | {"LTI_TOOL_THREADS": "0", "LTI_TOOL_LOG_LEVEL": "loud", "LTI_TOOL_CA_FILE": "/nowhere"}
    )
    done = subprocess.run(
        [sys.executable, "-m", "lti_tool", "serve"], env=right_kind, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert all(
        name in done.stderr
        for name in ("base_url", "secret_key", "feed_key", "threads", "log_level", "ca_file", "database_url")
    )
    assert "Traceback" not in done.stderr


def test_a_setting_that_does_not_exist_is_named(tmp_path):
    (tmp_path / "mine.toml").write_text('base_ulr = "https://x.example"\n')
    done = subprocess.run(
        [sys.executable, "-m", "lti_tool", "db", "check"],
        env={"LTI_TOOL_CONFIG": str(tmp_path / "mine.toml")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "base_ulr: there is no such setting" in done.stderr


def test_somebody_is_appointed_and_released(run, house: House):
    assert connected(run).exit_code == 0
    trust = house.trust("Another")
    course = house.course(trust)
    person = house.person(trust, "Ruth Calder", {course.id: "learner"})
    with house.database.within(trust.id).transaction() as db:
        db.add(Identity(platform_id=1, trust_id=trust.id, subject="5", person_id=person.id))
    words = ("appoint", "--trust", "Another", "--platform", "VLE", "--subject", "5", "--as", "education_administrator")
    assert "Ruth Calder is now education administrator of Another." in run(*words).output
    assert duties(house, person, course) == {Duty.EDUCATION_ADMINISTRATOR}
    assert "is no longer" in run(*words, "--end").output
    assert not duties(house, person, course)
    assert run(*words, "--end").exit_code == 1


def duties(house, person, course):
    with house.database.transaction() as db:
        return get_actor(db, house.visit(db, person, course)[0], clock.now()).duties


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--platform", "Nowhere", "--subject", "5"), "no platform called"),
        (("--platform", "VLE", "--subject", "99"), "Let them open an activity once"),
        (("--platform", "VLE", "--subject", "5", "--until", "2001-01-01"), "lies in the past"),
    ],
)
def test_an_appointment_that_cannot_be_made_says_why(run, words, said):
    connected(run)
    done = run("appoint", "--trust", TRUST, "--as", "safeguarding", *words)
    assert done.exit_code == 1
    assert said in done.output


@pytest.mark.sql("postgresql")
def test_an_empty_server_is_made_ready_by_one_command(postgres_server, run, monkeypatch, engine):
    name = postgres_server.new_database("template1")
    monkeypatch.setenv("LTI_TOOL_DATABASE_URL", postgres_server.url(name))
    monkeypatch.setenv("LTI_TOOL_DATABASE_OWNER_URL", postgres_server.url(name, "grand_round_owner"))
    for _again in range(2):
        done = run("db", "upgrade")
        assert done.exit_code == 0, done.output
        assert "Row-level security is on" in done.output
    assert connected(run).exit_code == 0
    done = run("db", "check")
    assert done.exit_code == 0
    assert "Row-level security is on" in done.output
    monkeypatch.setenv("LTI_TOOL_DATABASE_URL", postgres_server.url(name, "grand_round_owner"))
    done = run("db", "check")
    assert done.exit_code == 1
    assert "bypasses row-level security" in done.output
    postgres_server.drop(name)


def test_the_check_verifies_the_chain(run, settings, house: House):
    with house.database.transaction() as db:
        record(db, trust_id=None, actor="system", verb="test.done", subject="test:1")
    seal_all(house.database)
    assert run("db", "check").exit_code == 0
    intruder = Database(settings.sqlalchemy_owner_url)
    with intruder.transaction() as db:
        db.connection().exec_driver_sql("UPDATE journal_lines SET verb = 'test.changed'")
    intruder.close()
    done = run("db", "check")
    assert done.exit_code == 1
    assert "1" in done.output
