"""Two scenes: one that each test fills for itself, and one that is played once and then only read.

Everything that can become of an author's posts, and all that those reach who might find out, takes seconds: so the
tests that change nothing share it.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from lti_tool.app import create_app, open_database
from tests.conftest import make_settings
from tests.factories.house import House
from tests.factories.leaks import Played, Scene

NAMES = ("hidden", "nobody")


@pytest.fixture(scope="session", params=NAMES)
def played(
    request: pytest.FixtureRequest, empty_database_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Played]:
    folder = tmp_path_factory.mktemp("leaks")
    shutil.copy(empty_database_file, folder / "grand-round.db")
    settings = make_settings(folder)
    database = open_database(settings)
    with capture_logs() as logged:
        scene = Played(House(create_app(settings, database), database), request.param)
        scene.play()
        scene.seen = list(scene.all_seen())
    scene.logged, scene.found = list(logged), scene.marks()
    yield scene
    database.close()


@pytest.fixture(params=NAMES)
def scene(request: pytest.FixtureRequest, house: House) -> Scene:
    return Scene(house, request.param)
