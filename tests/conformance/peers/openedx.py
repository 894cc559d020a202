"""Installs Open edX's LTI consumer into an environment of its own under var/, and runs it as a platform."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.conformance.peers.platforms import Platform, ToolAddresses

HERE = Path(__file__).parent
REQUIREMENTS = HERE / "openedx-requirements.txt"
ENVIRONMENT = HERE.parents[2] / "var" / "peers" / "openedx"


def install() -> Path:
    """Return the environment's interpreter; make the environment first when it is missing or older than the list."""
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    python, stamp = ENVIRONMENT / "bin" / "python", ENVIRONMENT / "installed"
    if stamp.exists() and stamp.read_text() == wanted:
        return python
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    if uv := shutil.which("uv"):
        steps = [[uv, "venv", str(ENVIRONMENT), "--python", sys.executable], [uv, "pip", "install", "--python", python]]
    else:
        steps = [[sys.executable, "-m", "venv", str(ENVIRONMENT)], [python, "-m", "pip", "install"]]
    steps[1] += ["--quiet", "--requirement", REQUIREMENTS]
    for step in steps:
        subprocess.run([str(part) for part in step], check=True, timeout=600)
    stamp.write_text(wanted)
    return python


@contextmanager
def openedx_platform(tool: ToolAddresses) -> Iterator[Platform]:
    """Run the consumer as a process until the end of the block."""
    command = [install(), HERE / "openedx_platform.py", tool.login_url, tool.launch_url, tool.jwks_url]
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    with subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, text=True, env=environ) as process:
        try:
            address = process.stdout.readline().strip() if process.stdout else ""
            if not address:
                raise RuntimeError("Open edX's consumer did not start")
            yield Platform("openedx", address)
        finally:
            process.kill()
