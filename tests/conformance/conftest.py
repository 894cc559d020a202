"""A fresh installation with a connected VLE for each row."""

from collections.abc import Iterator

import pytest

from tests.factories.house import House
from tests.factories.served_course import Scene, course_with_services
from tests.factories.vle import Vle, connected_vle


@pytest.fixture
def vle(house: House) -> Iterator[Vle]:
    """A VLE that is connected."""
    with connected_vle(house) as found:
        yield found


@pytest.fixture
def scene(house: House) -> Iterator[Scene]:
    """A course whose roster and grade book can be used."""
    with course_with_services(house) as found:
        yield found
