"""Which published keys are used, and what is made of those that cannot be."""

import pytest

from lti_tool.launch.jose import KeySetError, read_key_set
from tests.factories.platform import GONE, ec_jwk, key_set, public_jwk


@pytest.mark.parametrize(
    "entry",
    [
        public_jwk("k"),
        public_jwk("k", alg=GONE),
        public_jwk("k", use=GONE),
        public_jwk("k", alg=GONE, use=GONE, key_ops=["verify"]),
        public_jwk("k", x5t="something", x5c=["something"]),
    ],
)
def test_used(entry: dict[str, object]) -> None:
    assert len(read_key_set(key_set(entry)).keys["k"]) == 1


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (ec_jwk("k"), "kty is EC"),
        (public_jwk("k", use="enc"), "use is enc"),
        (public_jwk("k", alg="RS512"), "alg is RS512"),
        (public_jwk("k", key_ops=["sign"]), "key_ops does not hold verify"),
        (public_jwk("k", key_ops="verify"), "key_ops does not hold verify"),
        (public_jwk("small", 1024, kid="k"), "1024 bits"),
        (public_jwk("k", n=GONE), "n or e is missing"),
        (public_jwk("k", n=["x"]), "n or e is missing"),
        (public_jwk("k", n="***"), "0 bits"),
        (public_jwk("k", e="AA"), "n and e are not an RSA key"),
        (public_jwk("k", e="AQ"), "n and e are not an RSA key"),
        ({"kid": "k"}, "kty is None"),
    ],
)
def test_passed_over(entry: dict[str, object], reason: str) -> None:
    keys = read_key_set(key_set(entry, public_jwk("good")))
    assert "k" not in keys.keys
    assert keys.unusable["k"] == reason
    assert "good" in keys.keys


def test_two_keys_of_one_name_are_both_tried() -> None:
    assert len(read_key_set(key_set(public_jwk("k"), public_jwk("other", kid="k"))).keys["k"]) == 2


def test_entries_without_a_name_are_left_aside() -> None:
    assert not read_key_set(key_set(public_jwk("k", kid=GONE), public_jwk("k", kid=7), {})).keys


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>Maintenance</html>",
        b"[]",
        b"{}",
        b'{"keys": []}',
        b'{"keys": {}}',
        b'{"keys": 1}',
        b"\xff",
        b"null",
    ],
)
def test_not_a_key_set(body: bytes) -> None:
    with pytest.raises(KeySetError):
        read_key_set(body)
