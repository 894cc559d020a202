"""core.columns: a number with two decimals stays what it was, and a finer one is refused."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite

from lti_tool.core.columns import Hundredths

DIALECT = sqlite.dialect()


@given(st.decimals(0, 99, places=2))
def test_it_comes_back_as_it_was(number):
    kept = Hundredths().process_bind_param(number, DIALECT)
    assert isinstance(kept, int)
    assert Hundredths().process_result_value(kept, DIALECT) == number


def test_nothing_stays_nothing_and_a_third_decimal_is_refused():
    assert Hundredths().process_bind_param(None, DIALECT) is None
    assert Hundredths().process_result_value(None, DIALECT) is None
    with pytest.raises(ValueError, match="two decimals"):
        Hundredths().process_bind_param(Decimal("0.755"), DIALECT)
