"""The rows of platforms' keys, over HTTP: honest changes let everybody in, mischief holds nobody up."""

import time
from http.server import BaseHTTPRequestHandler

import pytest

from lti_tool.core import clock
from lti_tool.launch.faults import Fault
from lti_tool.launch.jobs import read_platform_keys
from lti_tool.launch.models import PlatformKeySet
from tests.factories.platform import GONE, ec_jwk, key_set, public_jwk
from tests.factories.vle import Talk, Vle, says


def slow(handler: BaseHTTPRequestHandler) -> None:
    """Begins well and never ends."""
    handler.send_response(200)
    handler.end_headers()
    for _ in range(100):
        handler.wfile.write(b" ")
        time.sleep(0.2)


def test_rotated_kid_is_fetched_once(vle: Vle) -> None:
    assert vle.launch(vle.browser()).status_code == 303
    vle.keys = key_set(public_jwk("new-key"))
    browser = vle.browser()
    login = vle.login(browser)
    token = vle.platform.sign(vle.claims(login), {"kid": "new-key"}, key="new-key")
    assert vle.post(browser, token, login.state).status_code == 303
    assert vle.asked == 2


def test_a_new_process_needs_no_network(vle: Vle) -> None:
    vle.launch(vle.browser())
    vle.talk = says(b"", 500)
    vle.house.app.extensions["entrance"].keys._rings.clear()
    assert vle.launch(vle.browser()).status_code == 303
    assert vle.asked == 1


@pytest.mark.parametrize(
    "talk",
    [
        says(b"oh", 500),
        says(b"<html>Maintenance</html>"),
        says(b'{"keys": []}'),
        says(b"", 302, Location="http://127.0.0.1:1/"),
        says(b" " * 600_000),
        slow,
    ],
    ids=["500", "not JSON", "empty", "redirected", "huge", "slow"],
)
def test_a_key_set_that_cannot_be_read(vle: Vle, talk: Talk) -> None:
    vle.talk = talk
    started = time.monotonic()
    answer = vle.launch(vle.browser())
    assert answer.status_code == 401
    assert Fault.KEYS_UNREADABLE.happened in answer.text
    assert answer.headers["Retry-After"]
    assert time.monotonic() - started < 7


def test_the_last_good_set_is_kept(vle: Vle) -> None:
    vle.launch(vle.browser())
    vle.talk = says(b"", 500)
    browser = vle.browser()
    login = vle.login(browser)
    unknown = vle.platform.sign(vle.claims(login), {"kid": "other"})
    assert Fault.KEYS_UNREADABLE.happened in vle.post(browser, unknown, login.state).text
    assert vle.launch(vle.browser()).status_code == 303


@pytest.mark.parametrize("entry", [ec_jwk("vle-key-1"), public_jwk("vle-key-1", use="enc")], ids=["EC", "use enc"])
def test_a_key_of_another_kind(vle: Vle, entry: dict[str, object]) -> None:
    vle.keys = key_set(entry, public_jwk("other"))
    answer = vle.launch(vle.browser())
    assert answer.status_code == 401
    assert Fault.KEY_UNUSABLE.happened in answer.text


def test_a_key_without_alg(vle: Vle) -> None:
    vle.keys = key_set(public_jwk("vle-key-1", alg=GONE), ec_jwk("other"))
    assert vle.launch(vle.browser()).status_code == 303


def test_the_worker_reads_keys_before_anybody_waits(vle: Vle) -> None:
    read_platform_keys(vle.house.database, clock.now())
    vle.talk = says(b"", 500)
    assert vle.launch(vle.browser()).status_code == 303
    read_platform_keys(vle.house.database, clock.now())
    with vle.house.database.reading() as db:
        assert db.query(PlatformKeySet).one().published == vle.keys
