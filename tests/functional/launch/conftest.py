"""A fresh installation with a connected VLE for each row."""

from collections.abc import Iterator

import pytest

from tests.factories.house import House
from tests.factories.vle import Vle, connected_vle


@pytest.fixture
def vle(house: House) -> Iterator[Vle]:
    """A VLE that is connected."""
    with connected_vle(house) as found:
        yield found
