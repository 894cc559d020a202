"""vdirsyncer and khal follow a feed over real HTTP, served by `lti-tool serve` with its worker beside it."""

import gzip
import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from lti_tool.core import clock
from lti_tool.core.settings import Settings
from lti_tool.feeds import CalendarBlock
from lti_tool.paths import folder
from tests.factories.calendars import faults
from tests.factories.demo import ROOT, free_port
from tests.factories.feeds import Scene, draft

OPENS_WITHIN_SECONDS = 60
RENDERS_WITHIN_SECONDS = 90  # a nudge is lost at most until the next sweep
SYNC = """
[general]
status_path = "{here}/status/"

[pair teaching]
a = "ours"
b = "theirs"
collections = null

[storage ours]
type = "http"
url = "{url}"

[storage theirs]
type = "filesystem"
path = "{here}/calendar/"
fileext = ".ics"
"""
SHOW = """
[calendars]
[[teaching]]
path = {here}/calendar/
readonly = True

[locale]
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
local_timezone = Europe/London
default_timezone = Europe/London

[sqlite]
path = {here}/khal.db
"""


@pytest.fixture
def port(settings: Settings) -> Iterator[int]:
    """Ourselves, serving this test's installation."""
    port = free_port()
    environ = {name: value for name, value in os.environ.items() if not name.startswith("LTI_TOOL_")} | {
        "PYTHONPATH": str(ROOT),
        "LTI_TOOL_CONFIG": str(folder("config") / "test.toml"),
        "LTI_TOOL_VAR_DIR": settings.var_dir,
    }
    command = [sys.executable, "-m", "lti_tool", "serve", "--bind", f"127.0.0.1:{port}", "--workers", "1"]
    with (Path(settings.var_dir) / "serve.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=log, stderr=log)
    try:
        wait_for(lambda: is_ready(port), OPENS_WITHIN_SECONDS)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def wait_for(happens: Callable[[], bool], seconds: float) -> None:
    until = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.2)


def is_ready(port: int) -> bool:
    try:
        return ask(port, "GET", "/readyz")[0].status == 200
    except OSError:
        return False


def ask(port: int, method: str, path: str, **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer, body


class Follower:
    """Somebody who keeps a calendar by vdirsyncer and looks at it in khal."""

    def __init__(self, here: Path, url: str) -> None:
        here.mkdir()
        (here / "calendar").mkdir()
        self.here = here
        (here / "vdirsyncer").write_text(SYNC.format(here=here, url=url), encoding="utf-8")
        (here / "khal").write_text(SHOW.format(here=here), encoding="utf-8")
        self.run("vdirsyncer", "-c", str(here / "vdirsyncer"), "discover", "teaching")

    def run(self, program: str, *words: str) -> str:
        command = [str(Path(sys.executable).with_name(program)), *words]
        own = {"HOME": str(self.here), "XDG_CACHE_HOME": str(self.here / "cache"), "LC_ALL": "C.UTF-8"}
        done = subprocess.run(
            command, env=os.environ | own, capture_output=True, text=True, check=False, timeout=120, input="y\n"
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def shown(self) -> list[str]:
        """Fetch, and what khal says of the time around the session."""
        self.run("vdirsyncer", "-c", str(self.here / "vdirsyncer"), "sync", "--force-delete", "teaching")
        lines = ("{start-date} {start-time}", "{title}", "{location}", "{status}")
        form = "|".join(line.strip() for line in lines)
        said = self.run("khal", "-c", str(self.here / "khal"), "list", "-df", "", "-f", form, "2026-12-01", "60d")
        return [line.strip() for line in said.splitlines() if line.strip()]


def worker_renders(scene: Scene, sequence: int) -> None:
    """Wait until the worker has stored the newest version."""

    def is_stored() -> bool:
        with scene.database.reading() as db:
            return db.scalar(select(func.max(CalendarBlock.sequence))) == sequence

    wait_for(is_stored, RENDERS_WITHIN_SECONDS)


def test_vdirsyncer_and_khal_follow_a_session_from_made_to_deleted(house, port, tmp_path):
    scene = Scene.of(house)
    path = scene.path(scene.feed())
    begins = clock.now().replace(year=2026, month=12, day=10, hour=13, minute=0, second=0, microsecond=0)
    session = scene.plan(draft("Echo; basics, “part 1”", begins))
    follower = Follower(tmp_path / "follower", f"http://127.0.0.1:{port}{path}")
    assert follower.shown() == ["2026-12-10 13:00|Echo; basics, “part 1”|Seminar room 2|CONFIRMED"]
    worker_renders(scene, 0)
    scene.change(
        session, room="Lecture theatre", starts_at=begins.replace(day=11), ends_at=begins.replace(day=11, hour=14)
    )
    assert follower.shown() == ["2026-12-11 13:00|Echo; basics, “part 1”|Lecture theatre|CONFIRMED"]
    worker_renders(scene, 1)
    scene.cancel(session)
    worker_renders(scene, 2)
    assert follower.shown() == ["2026-12-11 13:00|Cancelled: Echo; basics, “part 1”|Lecture theatre|CANCELLED"]
    scene.restore(session)
    assert follower.shown() == ["2026-12-11 13:00|Echo; basics, “part 1”|Lecture theatre|CONFIRMED"]
    scene.delete(session)
    assert follower.shown() == []


def test_on_the_wire_as_in_the_house(house, port):
    scene = Scene.of(house)
    path = scene.path(scene.feed())
    scene.plan()
    got, body = ask(port, "GET", path)
    assert got.status == 200
    assert faults(body) == []
    assert body == scene.fetch(path).data
    assert int(got.headers["Content-Length"]) == len(body)
    head, nothing = ask(port, "HEAD", path)
    assert nothing == b""
    for name in ("ETag", "Last-Modified", "Content-Length", "Content-Type", "Cache-Control", "Vary"):
        assert head.headers[name] == got.headers[name]
    known, nothing = ask(port, "GET", path, If_None_Match=got.headers["ETag"])
    assert (known.status, nothing) == (304, b"")
    zipped, packed = ask(port, "GET", path, Accept_Encoding="gzip")
    assert zipped.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed) == body
    lost, _page = ask(port, "GET", f"{path[:-5]}0.ics")
    assert lost.status == 404
