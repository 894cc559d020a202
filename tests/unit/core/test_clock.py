"""The clock can be stopped for a block of one thread, and for nobody else."""

from datetime import UTC, datetime, timedelta, timezone
from threading import Thread

import pytest

from lti_tool.core import clock

THEN = datetime(2026, 3, 29, 2, 30, tzinfo=timezone(timedelta(hours=1)))


def test_it_stands_still_within_the_block_and_goes_on_after_it():
    before = clock.now()
    with clock.at(THEN):
        assert clock.now() == clock.now() == THEN
        assert clock.now().tzinfo is UTC
    assert timedelta() <= clock.now() - before < timedelta(seconds=5)


def test_it_goes_on_after_an_error_too():
    with pytest.raises(KeyError), clock.at(THEN):
        raise KeyError
    assert clock.now() != THEN


def test_blocks_may_stand_in_each_other():
    with clock.at(THEN):
        with clock.at(THEN + clock.HOUR):
            assert clock.now() == THEN + clock.HOUR
        assert clock.now() == THEN


def test_another_thread_does_not_see_it():
    seen = []
    with clock.at(THEN):
        thread = Thread(target=lambda: seen.append(clock.now()))
        thread.start()
        thread.join()
    assert abs(seen[0] - clock.now()) < timedelta(seconds=5)


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="zone"), clock.at(THEN.replace(tzinfo=None)):
        pass
