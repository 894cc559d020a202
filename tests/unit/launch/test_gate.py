"""One launch at a time in each web process, and who waits for the network steps aside."""

import threading
from collections.abc import Callable

import pytest

from lti_tool.launch.gate import Gate

SOON = 5.0
AT_ONCE = 0.05


def beside(do: Callable[[], None]) -> threading.Thread:
    """Do it in another thread."""
    thread = threading.Thread(target=do, daemon=True)
    thread.start()
    return thread


@pytest.mark.parametrize("is_shut", [True, False])
def test_a_second_launch_waits_until_the_first_has_ended_where_the_gate_is_shut(is_shut: bool) -> None:
    gate, is_through = Gate(is_shut=is_shut), threading.Event()

    def launch() -> None:
        with gate:
            is_through.set()

    with gate:
        beside(launch)
        assert is_through.wait(AT_ONCE if is_shut else SOON) is not is_shut
    assert is_through.wait(SOON)


def test_who_waits_for_the_network_lets_others_through_and_then_goes_on_alone() -> None:
    gate, has_begun, may_end = Gate(is_shut=True), threading.Event(), threading.Event()

    def launch() -> None:
        with gate:
            has_begun.set()
            may_end.wait(SOON)

    with gate:
        with gate.aside():
            other = beside(launch)
            assert has_begun.wait(SOON)
            may_end.set()
        other.join(AT_ONCE)
        assert not other.is_alive(), "the gate is ours again only when the other has gone"


def test_a_fault_while_waiting_leaves_the_gate_as_it_was() -> None:
    gate = Gate(is_shut=True)
    with pytest.raises(TimeoutError), gate, gate.aside():
        raise TimeoutError
    with gate:
        pass


def test_who_is_not_at_the_gate_steps_aside_for_nobody() -> None:
    gate, has_fetched, is_through = Gate(is_shut=True), threading.Event(), threading.Event()

    def fetch_keys() -> None:
        with gate.aside():
            has_fetched.set()

    def launch() -> None:
        with gate:
            is_through.set()

    with gate:
        beside(fetch_keys)
        assert has_fetched.wait(SOON)
        beside(launch)
        assert not is_through.wait(AT_ONCE)
    assert is_through.wait(SOON)
