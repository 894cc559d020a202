"""Connections that come at once and are kept are shared among the web processes."""

import http.client
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import psutil
import pytest

from lti_tool.core.settings import Settings
from lti_tool.serving import FairWorker
from tests.factories.house import House
from tests.integration.test_kill import Serving, wait_for

CONNECTIONS = 16
EVEN, TIMES = 7, 30

pytestmark = pytest.mark.kill  # alone on the machine: who wakes up first is what it is about


@pytest.fixture
def serving(house: House, settings: Settings) -> Iterator[Serving]:
    """Two web processes and a worker."""
    serving = Serving(Path(settings.var_dir), customised=False)
    yield serving
    serving.stop()


def test_no_web_process_takes_what_another_could(serving: Serving) -> None:
    """Nearly always: while a process is only waking up, or the machine does something else, the other takes more.

    Without `FairWorker` the smaller share is as large in one of seven times.
    """
    wait_for(lambda: min(held_of(serving, 4)) > 0, 30, "one of the processes never answered the door")
    found = [held_of(serving, CONNECTIONS) for _time in range(TIMES)]
    assert {sum(held) for held in found} == {CONNECTIONS}
    assert sum(min(held) >= EVEN for held in found) > TIMES * 0.6, found


def held_of(serving: Serving, count: int) -> list[int]:
    """How many of so many new connections each web process takes."""
    web, _workers = serving.children()
    with ExitStack() as stack:
        connections = [
            stack.enter_context(closing(http.client.HTTPConnection("127.0.0.1", serving.port, timeout=30)))
            for _ in range(count)
        ]
        for connection in connections:
            connection.connect()
            connection.request("GET", "/healthz")
        assert {connection.getresponse().status for connection in connections} == {200}
        return [len(established(process)) for process in web]


def established(process: psutil.Process) -> list[object]:
    """The browsers' connections that a process holds."""
    return [one for one in process.net_connections("tcp4") if one.status == psutil.CONN_ESTABLISHED]


def test_a_process_on_its_own_waits_for_nobody() -> None:
    """There is nobody to leave a connection to."""
    assert FairWorker.later(workers=1, held=5) == 0
    assert 0 < FairWorker.later(workers=2, held=5) < FairWorker.later(workers=2, held=6)
    assert FairWorker.later(workers=2, held=500) < 0.01
