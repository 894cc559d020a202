"""A tool and a VLE as they really run: processes of their own on two host names, so that a frame is truly cross-site.

Over http they are on 127.0.0.1 and localhost, as a demo is; over https under invented names, with certificates of an
authority that exists for the test only. Chromium finds the names by its rules (`NAMES`); the tool reads the VLE's keys
from localhost, because Python asks the machine's own resolver.
"""

import datetime
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.factories.demo import free_port

ROOT = Path(__file__).parents[2]
READY_SECONDS = 30
STOP_SECONDS = 20
VLE_NAME, TOOL_NAME, OUTSIDE_NAME = "vle.example.test", "tool.trust.test", "guideline.elsewhere.test"
NAMES = ",".join(f"MAP {name} 127.0.0.1" for name in (VLE_NAME, TOOL_NAME, OUTSIDE_NAME))


@dataclass(frozen=True)
class Site:
    """`tool` and `vle` are addresses without a slash at the end; `log` is what the tool has written so far.

    `environ` is the tool's environment, for commands beside it.
    """

    tool: str
    vle: str
    log: Path
    environ: dict[str, str] = field(default_factory=dict, repr=False)

    def run(self, *words: str) -> str:
        """What `lti-tool` prints, run by whoever looks after the tool."""
        command = [sys.executable, "-m", "lti_tool", *words]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environ, check=True, capture_output=True, text=True, timeout=READY_SECONDS
        )
        return done.stdout


@dataclass(frozen=True)
class Papers:
    """Files of TLS: the authority that signed, a certificate for all names, and its key."""

    authority: Path
    certificate: Path
    key: Path


@contextmanager
def running_site(folder: Path, tables: Path, *, is_https: bool, is_connected: bool = True) -> Iterator[Site]:
    """Both, from their first answer until the end of the block. `tables` is a database that has them, and no more.

    If they are not connected, they do not know each other, and the VLE's courses have no activities.
    """
    tool_port, vle_port = free_port(), free_port()
    papers = make_papers(folder) if is_https else None
    tool = f"https://{TOOL_NAME}:{tool_port}" if papers else f"http://localhost:{tool_port}"
    vle = f"https://{VLE_NAME}:{vle_port}" if papers else f"http://127.0.0.1:{vle_port}"
    (folder / "tool").mkdir()
    (folder / "tool" / "grand-round.db").write_bytes(tables.read_bytes())
    environ = tool_settings(folder / "tool", tool, papers)
    site = Site(tool, vle, folder / "tool.log", environ)
    if is_connected:
        register(environ, vle, f"https://localhost:{vle_port}" if papers else vle)
    with ExitStack() as stack:
        keep = stack.enter_context
        files = ["--cert", str(papers.certificate), "--key", str(papers.key)] if papers else []
        command = ["lti_tool.demo_platform", "--port", str(vle_port), "--url", vle, "--tool", tool]
        command += [] if is_connected else ["--empty"]
        keep(running([*command, "--var", str(folder / "vle"), *files], os.environ, folder / "vle.log", vle_port))
        files = ["--certfile", str(papers.certificate), "--keyfile", str(papers.key)] if papers else []
        command = ["lti_tool", "serve", "--bind", f"127.0.0.1:{tool_port}", *files]
        keep(running(command, environ, site.log, tool_port))
        yield site


def tool_settings(var_dir: Path, base_url: str, papers: Papers | None) -> dict[str, str]:
    """The environment of the tool. Over https it is as strict as in production."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LTI_TOOL_")}
    said = {
        "BASE_URL": base_url,
        "SECRET_KEY": "of-this-test-alone-and-long-enough-for-the-settings",
        "FEED_KEY": "of-this-test-alone-too-and-just-as-long-as-the-other",
        "VAR_DIR": str(var_dir),
        "WORKERS": "1",
        "LOG_LEVEL": "debug",
    }
    if papers:
        said |= {"CA_FILE": str(papers.authority), "ALLOW_PRIVATE_HOSTS": "localhost"}
    else:
        said |= {"ALLOW_HTTP_LOOPBACK": "true"}
    return kept | {f"LTI_TOOL_{name}": value for name, value in said.items()}


def register(environ: dict[str, str], vle: str, services: str) -> None:
    """Connect the VLE as its administrator would; the tool itself calls it at `services`."""
    said = {
        "trust": "Northmoor University Hospitals",
        "name": "Northmoor learning",
        "issuer": vle,
        "client-id": "northmoorDemo01",
        "auth-url": f"{vle}/mod/lti/auth.php",
        "token-url": f"{services}/mod/lti/token.php",
        "jwks-url": f"{services}/mod/lti/certs.php",
        "deployment-id": "1",
    }
    options = [word for name, value in said.items() for word in (f"--{name}", value)]
    command = [sys.executable, "-m", "lti_tool", "platform", "add", *options]
    subprocess.run(command, cwd=ROOT, env=environ, check=True, capture_output=True, timeout=READY_SECONDS)


@contextmanager
def running(module: list[str], environ: os._Environ[str] | dict[str, str], log: Path, port: int) -> Iterator[None]:
    """A Python module as a process of its own, from the moment its port answers until the end of the block."""
    with log.open("wb") as written:
        command = [sys.executable, "-m", *module]
        process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=written, stderr=written)
    try:
        wait_for(port, process, log)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    """Until somebody listens; a process that ends before, or is too slow, fails the test with its last words."""
    until = datetime.datetime.now() + datetime.timedelta(seconds=READY_SECONDS)
    while datetime.datetime.now() < until and process.poll() is None:
        with socket.socket() as knock:
            if knock.connect_ex(("127.0.0.1", port)) == 0:
                return
        try:
            process.wait(0.05)
        except subprocess.TimeoutExpired:
            continue
    raise AssertionError(f"nothing listens on {port}:\n{log.read_text()[-3000:]}")


def make_papers(folder: Path) -> Papers:
    """An authority, and a certificate of it for every name that the test uses."""
    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = sign_paper("Authority of a test", authority_key, None, authority_key, [])
    paper = sign_paper(TOOL_NAME, key, authority, authority_key, [TOOL_NAME, VLE_NAME, "localhost"])
    papers = Papers(folder / "authority.pem", folder / "certificate.pem", folder / "key.pem")
    papers.authority.write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    papers.certificate.write_bytes(paper.public_bytes(serialization.Encoding.PEM))
    papers.key.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return papers


def sign_paper(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Certificate | None,
    issuer_key: ec.EllipticCurvePrivateKey,
    hosts: list[str],
) -> x509.Certificate:
    """A certificate for a day. Without an issuer it is an authority that signs itself."""
    now, a_day = datetime.datetime.now(datetime.UTC), datetime.timedelta(days=1)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    signer = x509.SubjectKeyIdentifier.from_public_key(issuer_key.public_key())
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - a_day)
        .not_valid_after(now + a_day)
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(signer), critical=False)
    )
    if hosts:
        names = x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts])
        builder = builder.add_extension(names, critical=False)
    return builder.sign(issuer_key, hashes.SHA256())
