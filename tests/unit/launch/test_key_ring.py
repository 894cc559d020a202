"""The keys of platforms: asked for as little as possible, by one thread at a time, and never lost."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from lti_tool.core.outbound import OutboundError
from lti_tool.launch.faults import Fault, Refused
from lti_tool.launch.platform import KeyRing, ShelvedKeys
from lti_tool.launch.protocol import Registration
from tests.factories.platform import ec_jwk, key_set, public_jwk

NOW = datetime(2026, 11, 23, 9, 14, tzinfo=UTC)


def registration(number: int = 1) -> Registration:
    address = f"https://vle{number}.example"
    return Registration(f"platform-{number}", address, "client-1", address, f"{address}/certs", frozenset({"1"}))


class Shelf:
    """A shelf in memory."""

    def __init__(self) -> None:
        self.sets: dict[tuple[str, str], ShelvedKeys] = {}

    def load(self, platform_id: str, keys_url: str) -> ShelvedKeys | None:
        return self.sets.get((platform_id, keys_url))

    def save(self, platform_id: str, keys_url: str, keys: ShelvedKeys) -> None:
        self.sets[platform_id, keys_url] = keys


class Vle:
    """What the network says. `hold` makes it hang until it is let go."""

    def __init__(self, *names: str) -> None:
        self.published = key_set(*map(public_jwk, names))
        self.asked = 0
        self.fails = False
        self.seconds = 0.0
        self.gate = threading.Event()
        self.gate.set()

    def __call__(self, _address: str) -> bytes:
        self.asked += 1
        published = self.published
        time.sleep(self.seconds)
        self.gate.wait(5)
        if self.fails:
            raise OutboundError("It refused the connection.")
        return published


class Watch:
    """A clock for waiting, moved by hand."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def fault_of(function: Callable[..., object], *args: object) -> Fault:
    with pytest.raises(Refused) as refused:
        function(*args)
    return refused.value.fault


def test_a_known_key_is_asked_for_once() -> None:
    vle = Vle("a")
    ring = KeyRing(vle, Shelf(), 8)
    for _ in range(5):
        assert ring.find(registration(), "a")
    assert vle.asked == 1


def test_a_new_key_is_found_when_it_is_first_used() -> None:
    vle = Vle("a")
    ring = KeyRing(vle, Shelf(), 8)
    ring.find(registration(), "a")
    vle.published = key_set(public_jwk("b"))
    assert ring.find(registration(), "b")
    assert fault_of(ring.find, registration(), "a") is Fault.KEY_UNKNOWN


def test_invented_names_do_not_make_us_knock_all_day() -> None:
    vle, watch = Vle("a"), Watch()
    ring = KeyRing(vle, Shelf(), 8, watch)
    ring.find(registration(), "a")
    for number in range(50):
        assert fault_of(ring.find, registration(), f"invented-{number}") is Fault.KEY_UNKNOWN
    assert vle.asked == 3
    watch.seconds += 20
    vle.published = key_set(public_jwk("b"))
    assert ring.find(registration(), "b")


def test_one_platforms_noise_does_not_slow_another() -> None:
    vle = Vle("a")
    ring = KeyRing(vle, Shelf(), 8)
    for number in range(10):
        fault_of(ring.find, registration(1), f"invented-{number}")
    assert ring.find(registration(2), "a")


def test_the_last_good_set_stays() -> None:
    vle, watch = Vle("a"), Watch()
    ring = KeyRing(vle, Shelf(), 8, watch)
    ring.find(registration(), "a")
    vle.fails = True
    assert fault_of(ring.find, registration(), "b") is Fault.KEYS_UNREADABLE
    assert ring.find(registration(), "a")
    vle.fails, vle.published = False, b"<html>Maintenance</html>"
    watch.seconds += 60
    assert fault_of(ring.find, registration(), "b") is Fault.KEYS_UNREADABLE
    assert ring.find(registration(), "a")


def test_a_new_start_needs_no_network() -> None:
    shelf = Shelf()
    KeyRing(Vle("a"), shelf, 8).find(registration(), "a")
    silent = Vle("a")
    silent.fails = True
    assert KeyRing(silent, shelf, 8).find(registration(), "a")
    assert silent.asked == 0


def test_another_process_may_have_asked_already() -> None:
    shelf, first, second = Shelf(), Vle("a"), Vle("a")
    ring = KeyRing(first, shelf, 8)
    ring.find(registration(), "a")
    second.published = key_set(public_jwk("b"))
    KeyRing(second, shelf, 8).find(registration(), "b")
    assert ring.find(registration(), "b")
    assert first.asked == 1


def test_an_old_set_is_read_anew_and_withdrawn_keys_are_forgotten() -> None:
    with time_machine.travel(NOW, tick=False) as traveller:
        vle = Vle("a", "withdrawn")
        ring = KeyRing(vle, Shelf(), 8)
        ring.find(registration(), "a")
        vle.published = key_set(public_jwk("a"))
        traveller.shift(timedelta(hours=1))
        assert ring.find(registration(), "a")
        assert vle.asked == 2
        assert fault_of(ring.find, registration(), "withdrawn") is Fault.KEY_UNKNOWN


def test_an_old_set_serves_while_the_platform_is_down() -> None:
    with time_machine.travel(NOW, tick=False) as traveller:
        vle = Vle("a")
        ring = KeyRing(vle, Shelf(), 8)
        ring.find(registration(), "a")
        vle.fails = True
        traveller.shift(timedelta(days=3))
        for _ in range(10):
            assert ring.find(registration(), "a")
        assert vle.asked == 2


def test_a_new_address_of_the_keys_is_asked_at_once() -> None:
    vle = Vle("a")
    ring = KeyRing(vle, Shelf(), 8)
    ring.find(registration(), "a")
    moved = Registration("platform-1", "https://vle1.example", "client-1", "", "https://new.example", frozenset())
    assert ring.find(moved, "a")
    assert vle.asked == 2


@pytest.mark.parametrize("entry", [ec_jwk("k"), public_jwk("k", use="enc")])
def test_a_key_that_cannot_be_used_is_called_so(entry: dict[str, object]) -> None:
    vle = Vle("a")
    vle.published = key_set(public_jwk("a"), entry)
    assert fault_of(KeyRing(vle, Shelf(), 8).find, registration(), "k") is Fault.KEY_UNUSABLE


def test_a_key_renewed_under_its_name_is_looked_for_once_a_minute() -> None:
    vle, watch = Vle("a"), Watch()
    ring = KeyRing(vle, Shelf(), 8, watch)
    known = ring.find(registration(), "a")
    assert not ring.find_newer(registration(), "a", known)
    vle.published = key_set(public_jwk("renewed", kid="a"))
    assert not ring.find_newer(registration(), "a", known)
    watch.seconds += 60
    assert ring.find_newer(registration(), "a", known)


def test_a_crowd_at_an_honest_change_of_keys_asks_once_and_all_come_in() -> None:
    vle = Vle("a")
    ring = KeyRing(vle, Shelf(), 8)
    ring.find(registration(), "a")
    vle.published, vle.seconds = key_set(public_jwk("b")), 0.2
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: ring.find(registration(), "b"), range(8)))
    assert all(found)
    assert vle.asked == 2


def test_who_joined_a_question_from_before_the_change_asks_again() -> None:
    vle = Vle("a")
    ring = KeyRing(vle, Shelf(), 8)
    vle.seconds = 0.3
    with ThreadPoolExecutor(2) as pool:
        early = pool.submit(ring.find, registration(), "a")
        time.sleep(0.1)
        late = pool.submit(ring.find, registration(), "b")
        vle.published = key_set(public_jwk("a"), public_jwk("b"))
        assert early.result(5)
        assert late.result(5)


def test_a_platform_that_hangs_holds_at_most_half_of_the_threads() -> None:
    vle = Vle("a")
    vle.gate.clear()
    ring = KeyRing(vle, Shelf(), 8)
    with ThreadPoolExecutor(8) as pool:
        started = time.monotonic()
        launches = [pool.submit(ring.find, registration(), "a") for _ in range(8)]
        time.sleep(1.5)
        refused = [launch for launch in launches if launch.done()]
        assert len(refused) >= 4
        assert {fault_of(launch.result) for launch in refused} == {Fault.KEYS_BUSY}
        assert time.monotonic() - started < 2
        vle.fails = True
        vle.gate.set()
        held = [launch for launch in launches if launch not in refused]
        assert held
        assert {fault_of(launch.result) for launch in held} == {Fault.KEYS_UNREADABLE}


def test_after_a_failure_nobody_waits_for_nothing() -> None:
    vle = Vle("a")
    vle.fails = True
    ring = KeyRing(vle, Shelf(), 8)
    for _ in range(4):
        assert fault_of(ring.find, registration(), "a") is Fault.KEYS_UNREADABLE
    assert vle.asked == 3


def test_a_hanging_platform_leaves_a_seat_for_another() -> None:
    slow, quick = Vle("a"), Vle("b")
    slow.gate.clear()
    ring = KeyRing(lambda address: (slow if "vle1" in address else quick)(address), Shelf(), 8)
    with ThreadPoolExecutor(8) as pool:
        launches = [pool.submit(ring.find, registration(1), "a") for _ in range(7)]
        time.sleep(1.3)
        assert ring.find(registration(2), "b")
        slow.gate.set()
        for launch in launches:
            launch.exception(5)
