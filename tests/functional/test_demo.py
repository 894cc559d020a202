"""Starting and stopping the demo from outside, as `make demo` does."""

import os
import signal
import socket
import subprocess
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import psutil
import pytest

from tests.factories.demo import ROOT, demo_command, free_port, running_demo


def run(var_dir: Path, *more: str, port: int = 0, vle_port: int = 0) -> subprocess.CompletedProcess[str]:
    """Run a demo that is expected to end by itself."""
    command = [*demo_command(var_dir, port or free_port(), vle_port or free_port()), *more]
    environ = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(
        command, cwd=var_dir.parent, env=environ, capture_output=True, text=True, check=False, timeout=60
    )


def get(address: str) -> str:
    with urlopen(address, timeout=10) as answer:
        return answer.read().decode()


def is_open(address: str) -> bool:
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", urlsplit(address).port or 0)) == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_starts_says_where_to_click_and_stops(tmp_path, number):
    with running_demo(tmp_path / "var") as demo:
        assert f"{demo.vle}/" in demo.said
        assert get(f"{demo.tool}/readyz") == "ready\n"
        assert "Priya Nadar" in get(f"{demo.vle}/")
        demo.process.send_signal(number)
        assert demo.process.wait(60) == 0
        assert not is_open(demo.tool)
        assert not is_open(demo.vle)


def test_the_second_start_keeps_what_was_written_and_a_reset_does_not(tmp_path):
    var_dir = tmp_path / "var"
    with running_demo(var_dir) as demo:
        database = var_dir / "house" / "grand-round.db"
        first = database.stat().st_ino
        refused = run(var_dir, "--reset")
        assert refused.returncode == 1
        assert "running already" in refused.stderr
        refused = run(var_dir)
        assert refused.returncode == 1
        assert "running already" in refused.stderr
    with running_demo(var_dir) as demo:
        assert database.stat().st_ino == first
        assert get(f"{demo.tool}/readyz") == "ready\n"
    assert run(var_dir, "--reset").returncode == 0
    assert not database.exists()


def test_a_port_that_is_in_use_is_said_plainly(tmp_path):
    with closing(socket.socket()) as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        refused = run(tmp_path / "var", port=port)
        assert refused.returncode == 1
        assert f"Port {port} is in use" in refused.stderr
        assert f"DEMO_PORT={port + 10} make demo" in refused.stderr
        refused = run(tmp_path / "var", vle_port=port)
        assert f"DEMO_VLE_PORT={port + 10} make demo" in refused.stderr


def test_when_one_half_dies_the_other_stops_too(tmp_path):
    with running_demo(tmp_path / "var") as demo:
        children = psutil.Process(demo.process.pid).children()
        (vle,) = [child for child in children if "lti_tool.demo_platform" in child.cmdline()]
        vle.kill()
        assert demo.process.wait(60) == 1
        assert not is_open(demo.tool)


def test_when_it_is_killed_nobody_is_left_alone(tmp_path):
    with running_demo(tmp_path / "var") as demo:
        family = psutil.Process(demo.process.pid).children(recursive=True)
        demo.process.kill()
        _gone, left = psutil.wait_procs(family, timeout=60)
        assert not left
        assert not is_open(demo.vle)
