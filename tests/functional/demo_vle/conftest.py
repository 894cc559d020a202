"""One VLE a test session, one browser a test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from lti_tool.demo_platform import VleConfig, create_vle

from .administrator import Administrator
from .fake_tool import FakeTool, serving
from .walk import SITE, TOOL, Walk


@pytest.fixture(scope="session")
def demo_vle(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return create_vle(VleConfig(SITE, TOOL, tmp_path_factory.mktemp("demo-vle")))


@pytest.fixture
def walk(demo_vle: Flask) -> Walk:
    return Walk(demo_vle)


@pytest.fixture
def own_vle(tmp_path: Path) -> Flask:
    """A VLE that the test may change."""
    return create_vle(VleConfig(SITE, TOOL, tmp_path))


@pytest.fixture(scope="session")
def tool() -> Iterator[FakeTool]:
    """A tool whose keys can really be fetched."""
    with serving() as tool:
        yield tool


@pytest.fixture
def administrator(own_vle: Flask) -> Administrator:
    return Administrator(own_vle)
