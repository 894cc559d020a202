"""A running demo, as a newcomer starts it."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
STOPS_WITHIN_SECONDS = 60


@dataclass(frozen=True)
class Demo:
    """Where its two halves answer, where it keeps what is written, what it said, and its process."""

    vle: str
    tool: str
    var_dir: Path
    said: str
    process: subprocess.Popen[str]


def free_port() -> int:
    """A port of the loopback that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def demo_command(var_dir: Path, port: int, vle_port: int) -> list[str]:
    """The command that runs it."""
    ports = ["--port", str(port), "--vle-port", str(vle_port)]
    return [sys.executable, "-m", "lti_tool", "demo", "--var", str(var_dir), *ports]


@contextmanager
def running_demo(var_dir: Path, port: int = 0, vle_port: int = 0) -> Iterator[Demo]:
    """`lti-tool demo`, from its last word until the end of the block. Ports that are 0 are chosen."""
    port, vle_port = port or free_port(), vle_port or free_port()
    environ = os.environ | {"PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        demo_command(var_dir, port, vle_port), cwd=var_dir.parent, env=environ, stdout=subprocess.PIPE, text=True
    )
    try:
        said = read_until(process, "Ctrl-C")
        yield Demo(f"http://127.0.0.1:{vle_port}", f"http://localhost:{port}", var_dir, said, process)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(STOPS_WITHIN_SECONDS)
        assert process.stdout is not None
        process.stdout.close()


def read_until(process: subprocess.Popen[str], word: str) -> str:
    """What it says up to the line with this word. Fails with all that it said when it ends before."""
    assert process.stdout is not None
    said = ""
    while word not in said:
        line = process.stdout.readline()
        assert line, f"the demo did not start (exit status {process.wait()}):\n{said}"
        said += line
    return said
