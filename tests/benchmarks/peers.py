"""The tools that are measured, each started as its own process on loopback with the same number of workers."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.signing import SigningPlatform, public_jwk

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
LTIJS = ROOT / "var" / "benchmarks" / "ltijs"
BUILT = LTIJS / "node_modules" / "sqlite3" / "build" / "Release" / "node_sqlite3.node"
WORKERS = 2
THREADS = 8
START_SECONDS = 40.0


@dataclass(frozen=True)
class Tool:
    """A running tool: where a login starts, where a launch is aimed, and the process whose tree does the work."""

    name: str
    login_url: str
    target: str
    pid: int
    custom: dict[str, str] | None = None


def free_port() -> int:
    """Return a port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def started(command: list[str], environ: dict[str, str], port: int, log: Path) -> Iterator[int]:
    """Start a server, wait until it accepts connections, yield its process id, and stop it with all its children."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env=os.environ | environ, cwd=ROOT, stdout=output, stderr=output, start_new_session=True
        )
    try:
        _wait_until_open(process, port, log)
        yield process.pid
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait_until_open(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"{process.args!r} did not start:\n{log.read_text(errors='replace')[-3000:]}")


def peer_environ(platform: SigningPlatform, port: int, database: Path) -> dict[str, str]:
    """Return the settings that both peers read."""
    return {
        "PEER_PORT": str(port),
        "PEER_DATABASE": str(database),
        "PEER_WORKERS": str(WORKERS),
        "PEER_SECRET": "only-for-the-benchmark",
        "PEER_ISSUER": platform.issuer,
        "PEER_CLIENT_ID": platform.client_id,
        "PEER_DEPLOYMENT_ID": platform.deployment_id,
        "PEER_AUTH_URL": platform.auth_url,
        "PEER_TOKEN_URL": platform.token_url,
        "PEER_JWKS_URL": platform.jwks_url,
    }


@contextmanager
def pylti1p3(platform: SigningPlatform, folder: Path) -> Iterator[Tool]:
    """Start pylti1p3's Flask tool under gunicorn."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread"]
    command += ["--workers", str(WORKERS), "--threads", str(THREADS), "tests.benchmarks.pylti1p3_tool:create_app()"]
    with started(command, peer_environ(platform, port, folder / "cache"), port, folder / "pylti1p3.log") as pid:
        base = f"http://127.0.0.1:{port}"
        yield Tool("pylti1p3", f"{base}/lti/login", f"{base}/lti/launch", pid)


def install_ltijs() -> str:
    """Install ltijs from its lock under var/, once, and return why it cannot be run, or an empty string.

    sqlite3 is compiled (python3, make and a C++ compiler), against the system's node headers where they are; without
    them node-gyp fetches them.
    """
    if BUILT.exists():
        return ""
    if shutil.which("npm") is None:
        return "node and npm are not installed"
    LTIJS.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(HERE / "ltijs" / name, LTIJS / name)
    environ = dict(os.environ, npm_config_build_from_source="sqlite3")
    if Path("/usr/include/node/node_api.h").exists():
        environ["npm_config_nodedir"] = "/usr"
    log = LTIJS / "install.log"
    with log.open("wb") as output:
        done = subprocess.run(["npm", "ci"], cwd=LTIJS, env=environ, stdout=output, stderr=output, timeout=600)
    return "" if done.returncode == 0 and BUILT.exists() else f"npm ci failed, see {log}"


@contextmanager
def ltijs(platform: SigningPlatform, folder: Path, *, fixed_key: bool = False) -> Iterator[Tool]:
    """Start ltijs on SQLite; `fixed_key` gives it the platform's key, so that it need not fetch it at each launch."""
    port = free_port()
    environ = peer_environ(platform, port, folder / "ltijs.db") | {"NODE_PATH": str(LTIJS / "node_modules")}
    environ["NODE_ENV"] = "production"
    if fixed_key:
        environ["PEER_KEY"] = json.dumps(public_jwk(platform.key))
    with started(["node", str(HERE / "ltijs" / "tool.js")], environ, port, folder / "ltijs.log") as pid:
        base = f"http://127.0.0.1:{port}"
        yield Tool("ltijs-fixed-key" if fixed_key else "ltijs", f"{base}/login", f"{base}/", pid)


@contextmanager
def ltijs_fixed_key(platform: SigningPlatform, folder: Path) -> Iterator[Tool]:
    """Start ltijs with the platform's key given."""
    with ltijs(platform, folder, fixed_key=True) as tool:
        yield tool


Starter = Callable[[SigningPlatform, Path], AbstractContextManager[Tool]]
PEERS: dict[str, Starter] = {"ltijs": ltijs, "ltijs-fixed-key": ltijs_fixed_key, "pylti1p3": pylti1p3}
