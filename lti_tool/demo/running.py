"""Starting and stopping the demo: the pretend VLE, and Grand Round as it is served anywhere else.

Both are processes of their own, so that they can only talk over HTTP. Whatever `LTI_TOOL_*` stands in the environment
is set aside: the demo never touches an installation that lives on the same machine.
"""

import fcntl
import multiprocessing
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType

import click

from lti_tool import serving
from lti_tool.core.log import set_up_logs
from lti_tool.core.outbound import Guard, OutboundError
from lti_tool.core.settings import PREFIX, Settings, load_settings
from lti_tool.demo.stage import set_the_stage
from lti_tool.paths import folder

LOOPBACK = "127.0.0.1"
READY_WITHIN_SECONDS = 60.0
STOP_WITHIN_SECONDS = 25.0
LOOK_EVERY_SECONDS = 0.1
LOCK_FILE = "running"
IsAlive = Callable[[], bool]


class DemoError(Exception):
    """The demo cannot run. The text says why, and what to do."""


class _Stopped(BaseException):
    """Somebody pressed Ctrl-C, closed the window, or sent SIGTERM."""


def run_demo(var_dir: Path, port: int, vle_port: int) -> None:
    """Run both until somebody stops them. Raises DemoError."""
    for signal_number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signal_number, _stop)
    try:
        with _only_one(var_dir), ExitStack() as running:
            _check_ports(port, vle_port)
            tool, vle = f"http://localhost:{port}", f"http://{LOOPBACK}:{vle_port}"
            environ = demo_environ(var_dir, tool)
            halves = [running.enter_context(_vle(_vle_command(var_dir, tool, vle, vle_port), environ))]
            settings = load_settings(environ, folder("config") / "default.toml")
            set_up_logs(settings.log_level)
            set_the_stage(settings, vle)
            halves.append(running.enter_context(_house(environ, f"{LOOPBACK}:{port}", settings)))
            _wait_until_ready(halves, (f"{vle}/", f"{tool}/readyz"))
            click.echo(_where_to_click(vle, var_dir))
            while all(is_alive() for is_alive in halves):
                time.sleep(LOOK_EVERY_SECONDS)
            raise DemoError("A part of the demo has stopped by itself; what it said stands above.")
    except _Stopped:
        click.echo("The demo has stopped. What was written is kept.")


def reset_demo(var_dir: Path) -> None:
    """Throw away what was written. Raises DemoError while the demo runs."""
    if var_dir.exists():
        with _only_one(var_dir):
            shutil.rmtree(var_dir)


def demo_environ(var_dir: Path, base_url: str) -> dict[str, str]:
    """The environment of the demo's processes: ours without any other installation's settings."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    return own | {
        f"{PREFIX}CONFIG": str(folder("config") / "development.toml"),
        f"{PREFIX}BASE_URL": base_url,
        f"{PREFIX}VAR_DIR": str(var_dir.absolute() / "house"),
        f"{PREFIX}LOG_LEVEL": "warning",
    }


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise _Stopped


@contextmanager
def _only_one(var_dir: Path) -> Iterator[None]:
    """The folder is ours while the block lasts; the kernel lets go of the lock however we end."""
    var_dir.mkdir(parents=True, exist_ok=True)
    with (var_dir / LOCK_FILE).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise DemoError("The demo is running already. Stop it first, with Ctrl-C in its window.") from error
        yield


def _check_ports(port: int, vle_port: int) -> None:
    for number, variable in ((port, "DEMO_PORT"), (vle_port, "DEMO_VLE_PORT")):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((LOOPBACK, number))
            except OSError as error:
                raise DemoError(
                    f"Port {number} is in use by another programme. Choose another: {variable}={number + 10} make demo"
                ) from error


def _vle_command(var_dir: Path, tool: str, vle: str, vle_port: int) -> list[str]:
    command = [sys.executable, "-m", "lti_tool.demo_platform", "--host", LOOPBACK, "--port", str(vle_port)]
    return [*command, "--url", vle, "--tool", tool, "--var", str(var_dir / "vle"), "--parent", str(os.getpid())]


@contextmanager
def _vle(command: list[str], environ: Mapping[str, str]) -> Iterator[IsAlive]:
    """The pretend VLE. In a terminal session of its own, so that Ctrl-C reaches only us and we end all in order."""
    process = subprocess.Popen(  # noqa: S603 - ourselves
        command, env=dict(environ), stdout=subprocess.DEVNULL, start_new_session=True
    )
    try:
        yield lambda: process.poll() is None
    finally:
        process.terminate()
        try:
            process.wait(STOP_WITHIN_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()


@contextmanager
def _house(environ: Mapping[str, str], bind: str, settings: Settings) -> Iterator[IsAlive]:
    """Grand Round. Forked, because we have imported all of it already and a newcomer waits."""
    process = multiprocessing.get_context("fork").Process(target=_serve, args=(environ, bind, settings))
    process.start()
    try:
        yield process.is_alive
    finally:
        process.terminate()
        process.join(STOP_WITHIN_SECONDS)
        if process.is_alive():
            os.killpg(process.pid or 0, signal.SIGKILL)


def _serve(environ: Mapping[str, str], bind: str, settings: Settings) -> None:
    serving.end_with(os.getppid())
    os.setsid()
    os.environ.clear()
    os.environ.update(environ)
    serving.serve(settings, bind, settings.workers, None, None)


def _wait_until_ready(halves: list[IsAlive], addresses: tuple[str, ...]) -> None:
    guard = Guard(allow_http_loopback=True)
    deadline = time.monotonic() + READY_WITHIN_SECONDS
    for address in addresses:
        while not _answers(guard, address):
            if not all(is_alive() for is_alive in halves) or time.monotonic() > deadline:
                raise DemoError(f"{address} does not answer, so the demo stops. What went wrong stands above.")
            time.sleep(LOOK_EVERY_SECONDS)


def _answers(guard: Guard, address: str) -> bool:
    try:
        return guard.fetch(address).status == 200
    except OutboundError:
        return False


def _where_to_click(vle: str, var_dir: Path) -> str:
    return f"""
Grand Round is running inside a pretend VLE. Everybody and everything in it is invented.

  1. Open {vle}/ in a browser.
  2. Be a student or a doctor by one click: Priya Nadar, for example.
  3. Open the course Cardiology ST4, and in it “Ask cardiology”. Read, ask, reply.
  4. Go back and be Dr Helen Marsh, a tutor: decide about what waits.

Each course page lists more that you can try. Ctrl-C in this window stops it.
What you write is kept in {var_dir} for the next time; make demo-reset throws it away.
"""
