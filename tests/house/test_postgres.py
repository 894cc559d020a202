"""Where PostgreSQL cannot be had the tests say so: they fail in continuous integration, and are loud elsewhere."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
A_TEST = "tests/house/test_tables.py::test_a_server_divides_every_table_that_carries_the_trust"


@pytest.mark.parametrize(
    ("is_ci", "status", "said"),
    [
        ("true", 1, "The tests on PostgreSQL must run here"),
        ("", 0, "NOTHING WAS TESTED ON POSTGRESQL"),
    ],
)
def test_a_machine_without_postgresql_is_told(is_ci, status, said):
    environ = os.environ | {"POSTGRESQL_FOLDER": str(ROOT / "docs"), "PATH": "/bin", "CI": is_ci}
    environ = {name: value for name, value in environ.items() if not name.startswith("PYTEST")}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", f"{A_TEST}[postgresql]"]
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
    assert (done.returncode, said in done.stdout) == (status, True), done.stdout + done.stderr
    assert "sudo apt install postgresql" in done.stdout or not is_ci
