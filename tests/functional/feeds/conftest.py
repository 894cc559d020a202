"""A course that somebody's phone follows."""

import pytest

from tests.factories.feeds import Scene
from tests.factories.house import House


@pytest.fixture
def scene(house: House) -> Scene:
    return Scene.of(house)
