"""What is installed is the whole house: from a wheel and from an editable install it starts, far from the checkout.

The packages come from this environment (nothing is fetched): the wheel is unpacked beside them, without dependencies.
"""

import os
import shutil
import socket
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from urllib.error import URLError
from urllib.request import urlopen

import pytest

ROOT = Path(__file__).parents[2]
WITHIN_SECONDS = 30
ASKS = """
from lti_tool.app import create_app, open_database
from lti_tool.core.settings import load_settings
from lti_tool.paths import folder
import lti_tool, os
settings = load_settings(os.environ, folder("config") / "default.toml")
app = create_app(settings)
app.jinja_env.get_template("layout.html")
print(lti_tool.__file__, folder("config"), folder("templates"), sep="\\n")
"""


def environ(var_dir: Path, *paths: Path) -> dict[str, str]:
    """A clean environment that finds packages in these places, then in this one."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LTI_TOOL_", "PYTHON"))}
    return kept | {
        "PYTHONPATH": os.pathsep.join(map(str, paths)),
        "LTI_TOOL_BASE_URL": "http://localhost:5000",
        "LTI_TOOL_SECRET_KEY": "a key of the test of packaging only",
        "LTI_TOOL_FEED_KEY": "another key of the test of packaging",
        "LTI_TOOL_ALLOW_HTTP_LOOPBACK": "yes",
        "LTI_TOOL_VAR_DIR": str(var_dir),
        "LTI_TOOL_WORKERS": "1",
    }


def run(command: list[str], **options: object) -> str:
    """Run a command; its output is the failure's message."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, **options)  # type: ignore[call-overload]  # options of run
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def copied(copy: Path) -> Path:
    """A copy of what is built, because building leaves its litter."""
    for name in ("lti_tool", "templates", "config"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy / name)
    return copy


def build(command: str, copy: Path) -> Path:
    """Have the build backend make a wheel of the copy."""
    out = copy / "out"
    out.mkdir()
    code = f"from setuptools import build_meta; print(build_meta.{command}({str(out)!r}))"
    wheel = run([sys.executable, "-c", code], cwd=copy, env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"})
    return out / wheel.strip().splitlines()[-1]


def unpack(wheel: Path, place: Path) -> Path:
    """Put a wheel's files where Python looks for them."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(place)
    return place


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that holds what the wheel holds."""
    wheel = build("build_wheel", copied(tmp_path_factory.mktemp("copy")))
    return unpack(wheel, tmp_path_factory.mktemp("site"))


@contextmanager
def served(var_dir: Path, *paths: Path) -> Iterator[str]:
    """`lti-tool serve` from these places, with tables; yields its address."""
    command, env = [sys.executable, "-m", "lti_tool"], environ(var_dir, *paths)
    run([*command, "db", "upgrade"], cwd=var_dir, env=env)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen([*command, "serve", "--bind", f"127.0.0.1:{port}"], cwd=var_dir, env=env)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


def get(address: str) -> str:
    """The answer, once there is one."""
    deadline = monotonic() + WITHIN_SECONDS
    while True:
        try:
            with urlopen(address, timeout=5) as answer:
                return answer.read().decode()
        except URLError:
            if monotonic() > deadline:
                raise
            sleep(0.1)


def test_the_wheel_holds_what_the_house_needs_and_nothing_else(installed: Path) -> None:
    inside = {path.relative_to(installed).as_posix() for path in installed.rglob("*") if path.is_file()}
    tops = {name.split("/")[0] for name in inside}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"lti_tool"}
    listed = run(["git", "ls-files", "lti_tool", "templates", "config"], cwd=ROOT).split()
    for name in listed:
        path = Path(name)
        is_for_makers = path.parts[:2] in (("config", "make"), ("config", "assets"))
        wanted = name if path.parts[0] == "lti_tool" else f"lti_tool/{name}"
        assert is_for_makers or wanted in inside, f"{name} is not installed: see package_data in setup.cfg"


def test_it_starts_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    package, config, templates = run(
        [sys.executable, "-c", ASKS], cwd=tmp_path, env=environ(tmp_path, installed)
    ).split()
    for place in (package, config, templates):
        assert Path(place).is_relative_to(installed)
    with served(tmp_path, installed) as address:
        assert get(f"{address}/healthz") == "ok\n"
        assert get(f"{address}/readyz") == "ready\n"
        assert "nhsuk" in get(f"{address}/static/vendor/nhsuk-frontend.min.css")


def test_it_starts_from_an_editable_install(tmp_path: Path) -> None:
    """`-S` keeps out what is installed here, which may be an editable install of this very checkout."""
    copy, site, var = (tmp_path / name for name in ("copy", "site", "var"))
    var.mkdir()
    unpack(build("build_editable", copied(copy)), site)
    packages = sysconfig.get_path("purelib")
    paths = f"sys.path[:0] = [{str(site)!r}]; sys.path.append({packages!r}); site.addsitedir({str(site)!r})"
    code = f"import site, sys; {paths}\n{ASKS}"
    package, config, templates = run([sys.executable, "-S", "-c", code], cwd=var, env=environ(var)).split()
    assert Path(package).is_relative_to(copy)
    assert Path(config) == copy / "config"
    assert Path(templates) == copy / "templates"


def test_the_commands_are_there(installed: Path) -> None:
    (entry,) = installed.glob("*.dist-info/entry_points.txt")
    assert "lti-tool = lti_tool.cli:main" in entry.read_text()
