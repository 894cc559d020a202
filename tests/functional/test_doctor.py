"""`lti-tool doctor`: each fault is produced for real, and its one line says what is wrong and who does what."""

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
import time_machine
from click.testing import CliRunner, Result
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import text
from werkzeug.serving import make_server

from lti_tool.app import create_app, open_database
from lti_tool.cli import main
from lti_tool.core import clock
from lti_tool.core.db import Database
from lti_tool.core.settings import Settings
from lti_tool.journal import Job, Listener, deliver, due_deliveries, record, seal_all
from lti_tool.journal.jobs import run_slot
from lti_tool.journal.rules import MOST_ATTEMPTS, Reach, Recurring
from lti_tool.launch import PlatformDraft, connect_platform
from lti_tool.operations import inside, outside
from lti_tool.operations.backup import take_backup
from lti_tool.paths import folder
from tests.conftest import make_settings
from tests.factories.house import House
from tests.factories.platform import key_set, public_jwk
from tests.factories.serving import listening
from tests.factories.vle import _put_tool_key, says, served


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@dataclass
class Patient:
    """An installation that serves, and the doctor who looks at it."""

    settings: Settings
    database: Database
    monkeypatch: pytest.MonkeyPatch

    def see(self, *words: str, **changed: str) -> Result:
        said = {
            name: getattr(self.settings, name) for name in ("base_url", "secret_key", "feed_key", "var_dir", "ca_file")
        } | changed
        for name, value in said.items():
            self.monkeypatch.setenv(f"LTI_TOOL_{name.upper()}", value)
        self.monkeypatch.setenv("LTI_TOOL_ALLOW_HTTP_LOOPBACK", changed.get("allow_http_loopback", "true"))
        return CliRunner().invoke(main, ["doctor", *words])

    def line(self, what: str, **changed: str) -> str:
        """The line about this, and an exit status that fits it."""
        done = self.see(**changed)
        lines = done.output.splitlines()
        assert done.exit_code == (1 if any(line.startswith("WRONG") for line in lines) else 0), done.output
        found = [line for line in lines if line[6:].startswith(f"{what}: ")]
        assert found, done.output
        return found[0]

    def change(self, statement: str, **values: object) -> None:
        with self.database.transaction() as db:
            db.execute(text(statement), values)


@contextmanager
def serving(settings: Settings, database: Database, tls: tuple[str, str] | None = None) -> Iterator[None]:
    """The house at its `base_url`."""
    port = int(settings.base_url.rpartition(":")[2])
    server = make_server("127.0.0.1", port, create_app(settings, database), threaded=True, ssl_context=tls)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()


def tick(database: Database) -> None:
    """What the worker of a healthy house has just done."""
    every = Recurring(
        Job("sweep", lambda _database, _slot: None, Reach.OUTSIDE), timedelta(seconds=60), None, clock.LONDON
    )
    run_slot(database, every, every.latest_slot(clock.now()))
    seal_all(database)


def connect(database: Database, keys_url: str, name: str = "Moodle") -> None:
    draft = PlatformDraft(
        name=name,
        issuer=f"https://{name.lower()}.example",
        client_id="1",
        auth_url=f"https://{name.lower()}.example/auth",
        token_url=f"https://{name.lower()}.example/token",
        keys_url=keys_url,
        deployments=("1",),
    )
    with database.transaction() as db:
        connect_platform(db, "Northmoor", draft, clock.now())


def vle(**headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    return says(key_set(public_jwk("one")), **headers)


@pytest.fixture
def patient(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Patient]:
    """A healthy one: served, worked for, backed up, with a VLE."""
    settings = make_settings(tmp_path, base_url=f"http://localhost:{free_port()}")
    database = open_database(settings)
    tmp_path.chmod(0o700)
    with served(vle()) as keys:
        _put_tool_key(House(create_app(settings, database), database))
        connect(database, f"{keys}/certs.php")
        tick(database)
        take_backup(database, tmp_path / "house.zip", lambda _manifest: None)
        with serving(settings, database):
            yield Patient(settings, database, monkeypatch)
    database.close()


def doctor(patient: Patient, *words: str) -> subprocess.CompletedProcess[str]:
    """The command as it is run, in a process of its own."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("LTI_TOOL_")} | {
        "LTI_TOOL_CONFIG": str(folder("config") / "test.toml"),
        "LTI_TOOL_VAR_DIR": patient.settings.var_dir,
        "LTI_TOOL_BASE_URL": patient.settings.base_url,
    }
    command = [sys.executable, "-m", "lti_tool", "doctor", *words]
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=False)


def test_a_healthy_house(patient: Patient) -> None:
    done = doctor(patient)
    assert done.returncode == 0, done.stdout
    lines = done.stdout.splitlines()
    assert all(line.startswith("OK    ") for line in lines), done.stdout
    assert len(lines) == 14
    assert done.stderr == ""


def test_as_json(patient: Patient) -> None:
    patient.change("DELETE FROM runs")
    done = doctor(patient, "--json")
    assert done.returncode == 1
    found = json.loads(done.stdout)
    assert set(found[0]) == {"what", "state", "says", "who"}
    assert {one["what"]: one["state"] for one in found if one["state"] != "ok"} == {"worker": "wrong"}


def test_settings_are_all_named_at_once(patient: Patient) -> None:
    done = patient.see(base_url="ftp://x", secret_key="short", threads="0")
    assert done.exit_code == 1
    lines = done.output.splitlines()
    assert len(lines) == 3
    assert all(line.startswith("WRONG settings: ") for line in lines)
    assert "base_url" in lines[0]


def test_a_folder_into_which_others_can_look(patient: Patient) -> None:
    Path(patient.settings.var_dir).chmod(0o755)
    line = patient.line("folder")
    assert line.startswith("WRONG folder: others on this machine can look into ")
    assert "chmod 700" in line


def test_a_folder_that_is_none(patient: Patient, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    line = patient.line("folder", var_dir=str(tmp_path / "file"))
    assert line.startswith("WRONG folder: ")
    assert "set var_dir" in line


def test_a_disk_without_room_for_a_copy(patient: Patient, tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    with (tmp_path / "files" / "huge").open("wb") as huge:
        huge.truncate(inside.shutil.disk_usage(tmp_path).free + 10**9)
    assert patient.line("disk").startswith("WRONG disk: ")
    assert "make room" in patient.line("disk")


def test_a_database_that_is_none(patient: Patient, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "grand-round.db").write_bytes(b"something else" * 500)
    line = patient.line("database", var_dir=str(elsewhere))
    assert line.startswith("WRONG database: it cannot be opened (file is not a database).")
    assert "restore" in line


def test_a_database_that_is_not_there(patient: Patient, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    assert "lti-tool db upgrade" in patient.line("database", var_dir=str(elsewhere))
    assert not (elsewhere / "grand-round.db").exists(), "a doctor changes nothing"


def test_a_database_on_another_machine(patient: Patient, tmp_path: Path) -> None:
    """As the kernel lists it; nothing can be mounted in a test."""
    mounts = tmp_path / "mounts"
    mounts.write_text(
        f"/dev/vda / ext4 rw 0 0\nnas:/share {tmp_path} nfs4 rw 0 0\nnas:/other {tmp_path}/x ext4 rw 0 0\n"
    )
    finding = inside.look_at_database(patient.database, mounts)
    assert finding.line.startswith("WRONG database: it lies on another machine's disk (nfs4)")
    mounts.write_text(f"nas:/share / nfs4 rw 0 0\n/dev/vdb {tmp_path} ext4 rw 0 0\n")
    assert inside.look_at_database(patient.database, mounts).state == "ok"


def test_tables_that_are_missing_older_or_newer(patient: Patient, tmp_path_factory: pytest.TempPathFactory) -> None:
    patient.change("UPDATE alembic_version SET version_num = '9999'")
    line = patient.line("tables")
    assert line.startswith("WRONG tables: they are of a newer version (9999).")
    patient.change("DELETE FROM alembic_version")
    assert "lti-tool db upgrade" in patient.line("tables")
    empty = tmp_path_factory.mktemp("empty")
    other = open_database(make_settings(empty))
    with other.transaction() as db:
        db.execute(text("CREATE TABLE something (id INTEGER)"))
    other.close()
    assert patient.line("tables", var_dir=str(empty)).startswith("WRONG tables: there are none yet.")


def test_no_worker(patient: Patient) -> None:
    with time_machine.travel(clock.now() + timedelta(minutes=5)):
        line = patient.line("worker")
    assert line.startswith("WRONG worker: none has run since ")
    assert "lti-tool serve" in line
    patient.change("DELETE FROM runs")
    assert patient.line("worker").startswith("WRONG worker: none has ever run")


def fail(_db: object, _line: object) -> None:
    raise ConnectionError("no mail")


def test_deliveries_that_are_late_or_given_up(patient: Patient) -> None:
    database, job = patient.database, Job("letter", fail)
    database.notes["listeners"] = {"test.letter": [Listener("test.letter", job)]}
    with database.transaction() as db:
        record(db, trust_id=None, actor="system", verb="test.letter", subject="a")
    assert patient.line("deliveries").startswith("OK")
    with time_machine.travel(clock.now() + timedelta(minutes=20)):
        tick(database)
        assert patient.line("deliveries").startswith("WRONG deliveries: 1 wait, the oldest since ")
    for attempt in range(MOST_ATTEMPTS):
        with time_machine.travel(clock.now() + timedelta(hours=7 * attempt)):
            with database.reading() as db:
                due = due_deliveries(db, clock.now())
            for delivery_id, _due_at in due:
                deliver(database, {"letter": job}, delivery_id)
    line = patient.line("deliveries")
    assert line.startswith("WRONG deliveries: given up after many attempts: letter (1).")
    assert "lti-tool deliveries retry" in line


def test_a_journal_that_somebody_changed(patient: Patient) -> None:
    patient.change("UPDATE journal_lines SET actor = 'somebody else' WHERE id = 1")
    line = patient.line("journal")
    assert line.startswith("WRONG journal: somebody changed it: its chain breaks at line 1.")
    assert "information governance" in line


def test_the_newest_part_of_a_long_journal(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    with patient.database.transaction() as db:
        for number in range(20):
            record(db, trust_id=None, actor="system", verb="test.done", subject=f"test:{number}")
    tick(patient.database)
    monkeypatch.setattr(inside, "NEWEST_LINES", 5)
    assert "the newest 5 of " in patient.line("journal")
    patient.change("UPDATE journal_lines SET actor = 'x' WHERE id = 3")
    assert patient.line("journal").startswith("OK"), "older lines are for db check"
    patient.change("UPDATE journal_lines SET actor = 'x' WHERE subject = 'test:18'")
    assert patient.line("journal").startswith("WRONG")


def test_no_backup_or_an_old_one(patient: Patient, tmp_path: Path) -> None:
    with time_machine.travel(clock.now() + timedelta(days=8)):
        tick(patient.database)
        assert patient.line("backup").startswith("WRONG backup: the last one is of ")
    (tmp_path / "last-backup").unlink()
    line = patient.line("backup")
    assert line.startswith("WRONG backup: none has been taken.")
    assert "lti-tool backup" in line


def test_our_keys(patient: Patient) -> None:
    assert patient.line("our keys", secret_key="another-key-that-is-also-long-enough").startswith(
        "WRONG our keys: they cannot be opened: secret_key is not the one"
    )
    with time_machine.travel(clock.now() + timedelta(days=401)):
        assert "lti-tool keys rotate" in patient.line("our keys")
    patient.change("DELETE FROM tool_keys")
    assert patient.line("our keys").startswith("WRONG our keys: there is none to sign with.")


def test_a_vle_that_does_not_answer(patient: Patient) -> None:
    connect(patient.database, f"http://127.0.0.1:{free_port()}/certs.php", "Canvas")
    line = patient.line("VLE “Canvas”")
    assert line.startswith("WRONG VLE “Canvas”: its keys cannot be read. 127.0.0.1 could not be reached")
    assert patient.line("VLE “Moodle”").startswith("OK")


def test_a_vle_whose_keys_are_none(patient: Patient) -> None:
    with served(says(b"<html>Log in</html>")) as page, served(says(b"", 404)) as missing:
        connect(patient.database, f"{page}/", "Page")
        connect(patient.database, f"{missing}/", "Missing")
        assert patient.line("VLE “Page”").startswith("WRONG VLE “Page”: its keys cannot be read.")
        assert "answered with 404" in patient.line("VLE “Missing”")


def test_a_vle_on_a_private_network(patient: Patient) -> None:
    connect(patient.database, "https://192.168.7.7/certs.php", "Inside")
    line = patient.line("VLE “Inside”")
    assert line.startswith("WRONG VLE “Inside”: its keys cannot be read. 192.168.7.7 is on a private network.")
    assert "allow_private_hosts" in line


def late(handler: BaseHTTPRequestHandler) -> None:
    """A VLE whose clock is wrong."""
    body = key_set(public_jwk("one"))
    handler.send_response_only(200)
    handler.send_header("Date", "Mon, 02 Mar 2026 09:00:00 GMT")
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def test_a_vle_whose_clock_is_wrong(patient: Patient) -> None:
    with served(late) as keys:
        connect(patient.database, f"{keys}/", "Late")
        line = patient.line("VLE “Late”")
    assert line.startswith("WRONG VLE “Late”: its clock is ")
    assert "NTP" in line


def test_an_address_that_leads_nowhere_or_to_somebody_else(patient: Patient) -> None:
    line = patient.line("address", base_url=f"http://localhost:{free_port()}")
    assert line.startswith("WRONG address: http://localhost:")
    assert "it refused the connection" in line
    with served(says(b"Welcome to nginx")) as other:
        assert "somebody else does" in patient.line("address", base_url=other)


def test_a_private_address(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    """The name leads to this machine, as a name inside a hospital leads to one of its own."""
    monkeypatch.setattr(outside, "is_loopback", lambda _host: False)
    line = patient.line("private address")
    assert line.startswith("NOTE  private address: localhost is on a private address")
    assert "cURL blocked hosts" in line


@contextmanager
def proxy(port: int, to: int, **headers: str) -> Iterator[None]:
    """A proxy in front of the house, as a trust has one."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            house = HTTPConnection("127.0.0.1", to, timeout=5)
            sent = dict(self.headers.items()) | {"X-Forwarded-For": "192.0.2.7"}
            house.request("GET", self.path, headers=sent | {name.replace("_", "-"): v for name, v in headers.items()})
            answer = house.getresponse()
            body = answer.read()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
            house.close()

        def log_message(self, *_: object) -> None:
            return

    with listening(Handler, port=port):
        yield


def test_proxies_that_the_settings_do_not_know(patient: Patient) -> None:
    outer, inner = free_port(), int(patient.settings.base_url.rpartition(":")[2])
    with proxy(outer, inner):
        line = patient.line("proxies", base_url=f"http://localhost:{outer}")
    assert line.startswith("WRONG proxies: a request comes past 1 of them, and trusted_proxies says 0.")
    assert "set trusted_proxies = 1" in line
    line = patient.line("proxies", trusted_proxies="2")
    assert line.startswith("WRONG proxies: a request comes past 0 of them, and trusted_proxies says 2.")


def test_a_proxy_that_does_not_say_how_it_was_called(tmp_path: Path, patient: Patient) -> None:
    outer, inner = free_port(), free_port()
    settings = make_settings(tmp_path, base_url=f"http://localhost:{inner}", trusted_proxies="1")
    seen = {"base_url": f"http://localhost:{outer}", "trusted_proxies": "1"}
    with serving(settings, patient.database):
        with proxy(outer, inner, Host="inside"):
            line = patient.line("proxies", **seen)
        assert line.startswith("WRONG proxies: we are called http://localhost:")
        assert "X-Forwarded-Host" in line
        with proxy(outer, inner, Host="inside", X_Forwarded_Host=f"localhost:{outer}"):
            assert patient.line("proxies", **seen).startswith("OK")


def test_another_key_behind_the_address(patient: Patient) -> None:
    assert "another secret_key" in patient.line("proxies", secret_key="another-key-that-is-also-long-enough")


def test_what_the_house_tells_the_doctor_it_tells_nobody_else(patient: Patient) -> None:
    port = int(patient.settings.base_url.rpartition(":")[2])
    for token in (None, "doctor", "doctor.Zm9v.YmFy"):
        house = HTTPConnection("localhost", port)
        house.request("GET", "/healthz", headers={"Grand-Round-Doctor": token} if token else {})
        answer = house.getresponse()
        assert answer.status == 200
        assert answer.getheader("Grand-Round-Seen") is None
        house.close()


def certificate(place: Path, days: int) -> tuple[str, str, str]:
    """(authority, certificate, key) for localhost, as files."""
    key, now = ec.generate_private_key(ec.SECP256R1()), clock.now()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    crt, pem = place / f"{days}.crt", place / f"{days}.key"
    crt.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    pem.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return str(crt), str(crt), str(pem)


@pytest.mark.parametrize(
    ("days", "begins"), [(90, "OK    certificate: good until "), (5, "WRONG certificate: it ends on ")]
)
def test_the_end_of_our_certificate(patient: Patient, tmp_path: Path, days: int, begins: str) -> None:
    authority, crt, key = certificate(tmp_path, days)
    settings = make_settings(tmp_path, base_url=f"https://localhost:{free_port()}", ca_file=authority)
    with serving(settings, patient.database, (crt, key)):
        said = {"base_url": settings.base_url, "ca_file": authority}
        assert patient.line("certificate", **said).startswith(begins)


def test_a_certificate_that_nobody_trusts(patient: Patient, tmp_path: Path) -> None:
    _authority, crt, key = certificate(tmp_path, 90)
    settings = make_settings(tmp_path, base_url=f"https://localhost:{free_port()}")
    with serving(settings, patient.database, (crt, key)):
        line = patient.line("address", base_url=settings.base_url)
    assert line.startswith("WRONG address: ")
    assert "its certificate was not accepted" in line
