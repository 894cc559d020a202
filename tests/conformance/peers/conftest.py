"""Fixtures: a tool, a platform, and each made known to the other. Open edX runs only when asked for by `-m openedx`."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from tests.conformance.peers.browser import Browser
from tests.conformance.peers.openedx import openedx_platform
from tests.conformance.peers.platforms import Platform, ToolAddresses
from tests.conformance.peers.small_platform import create_app
from tests.conformance.peers.tools import Tool, addresses_of, grand_round, served, stand_in


@contextmanager
def small_platform(tool: ToolAddresses) -> Iterator[Platform]:
    """Run lti1p3platform in this process."""
    with served(lambda address: create_app(tool, address)) as address:
        yield Platform("lti1p3platform", address)


PLATFORMS: dict[str, Callable[[ToolAddresses], AbstractContextManager[Platform]]] = {
    "lti1p3platform": small_platform,
    "openedx": openedx_platform,
}
TOOLS: dict[str, Callable[[Path], AbstractContextManager[Tool]]] = {"grand-round": grand_round, "stand-in": stand_in}


def pytest_configure(config: pytest.Config) -> None:
    """Make the mark known."""
    config.addinivalue_line("markers", "openedx: launches from Open edX's consumer, installed apart (AGPL, tests only)")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what installs Open edX's consumer unless it was asked for by name."""
    if "openedx" not in config.getoption("markexpr"):
        skip = pytest.mark.skip(reason="runs with -m openedx")
        for item in items:
            if item.get_closest_marker("openedx"):
                item.add_marker(skip)


@pytest.fixture(scope="module", params=list(TOOLS))
def tool(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tool]:
    """A running tool: each of them, where a test does not name those that can do what it asks."""
    with TOOLS[request.param](tmp_path_factory.mktemp(request.param)) as running:
        yield running


@pytest.fixture(scope="module", params=["lti1p3platform", pytest.param("openedx", marks=pytest.mark.openedx)])
def platform(request: pytest.FixtureRequest, tool: Tool) -> Iterator[Platform]:
    """A running platform that knows the tool and is known to it."""
    with PLATFORMS[request.param](addresses_of(tool)) as running:
        tool.register_platform(running)
        yield running


@pytest.fixture
def browser() -> Browser:
    """A browser that has been nowhere."""
    return Browser()
