"""The launch as pure Python: what is asked of the VLE, what is believed of its answer."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from lti_tool.launch.claims import LaunchClaims, Message
from lti_tool.launch.faults import Fault, Refused
from lti_tool.launch.jose import Key, read_key_set
from lti_tool.launch.protocol import (
    Begun,
    Registration,
    Tool,
    begin,
    read_answer,
    read_login,
    verify,
)
from lti_tool.launch.rules import enrolment_role
from lti_tool.launch.state import is_same_browser, open_state
from tests.conformance.rows import BAD, GOOD, NO_COURSE, Bad, Good, worked_out
from tests.factories.platform import DEEP_LINKING, GONE, LTI, PretendPlatform, public_jwk
from tests.factories.platform import key_set as published

NOW = datetime(2026, 11, 23, 9, 14, tzinfo=UTC)
PLATFORM = PretendPlatform()
TOOL = Tool("https://tool.example", b"k" * 32)
REGISTRATION = Registration(
    platform_id="platform-1",
    issuer=PLATFORM.issuer,
    client_id=PLATFORM.client_id,
    auth_url=PLATFORM.auth_url,
    keys_url=PLATFORM.keys_url,
    deployments=frozenset({"1"}),
)
LOGIN = {
    "iss": PLATFORM.issuer,
    "login_hint": "hint 7",
    "target_link_uri": "https://tool.example/lti/launch?place=abc",
    "client_id": PLATFORM.client_id,
    "lti_deployment_id": "1",
    "lti_message_hint": '{"cmid":2}',
}


class Keys:
    """A platform's keys without the network. `newer` is what it publishes when asked again."""

    def __init__(self, current: bytes, newer: bytes | None = None) -> None:
        self.current, self.newer = current, newer or current

    def find(self, registration: Registration, kid: str) -> Sequence[Key]:
        found = read_key_set(self.current).keys.get(kid)
        if not found:
            raise Refused(Fault.KEY_UNKNOWN, kid)
        return found

    def find_newer(self, registration: Registration, kid: str, known: Sequence[Key]) -> Sequence[Key]:
        return read_key_set(self.newer).keys.get(kid, ()) if self.newer != self.current else ()


def asked(begun: Begun) -> dict[str, str]:
    return {
        name: values[0] for name, values in parse_qs(urlsplit(begun.location).query, keep_blank_values=True).items()
    }


def begun(**changes: str) -> Begun:
    return begin(read_login({**LOGIN, **changes}, TOOL), REGISTRATION, TOOL, None, NOW)


def launch(
    token: str, login: Begun, registration: Registration = REGISTRATION, keys: Keys | None = None
) -> LaunchClaims:
    state = open_state(login.state, TOOL.state_key, NOW)
    return verify(token, state, registration, keys or Keys(PLATFORM.key_set()), TOOL, NOW)


def fault_of(function: object, *args: object) -> Fault:
    with pytest.raises(Refused) as refused:
        function(*args)  # type: ignore[operator]  # any callable of this room
    return refused.value.fault


class TestLogin:
    def test_asks_the_vle_in_the_words_of_the_standard(self) -> None:
        login = begun()
        question = asked(login)
        assert login.location.startswith("https://vle.example/auth.php?")
        assert question.pop("state")
        assert len(question.pop("nonce")) == 43
        assert question == {
            "scope": "openid",
            "response_type": "id_token",
            "response_mode": "form_post",
            "prompt": "none",
            "client_id": "client-1",
            "redirect_uri": "https://tool.example/lti/launch",
            "login_hint": "hint 7",
            "lti_message_hint": '{"cmid":2}',
        }

    def test_keeps_the_query_of_the_auth_url(self) -> None:
        registration = replace(REGISTRATION, auth_url="https://vle.example/auth?tenant=a%20b&state=theirs#top")
        login = begin(read_login(LOGIN, TOOL), registration, TOOL, None, NOW)
        query = parse_qs(urlsplit(login.location).query)
        assert query["tenant"] == ["a b"]
        assert query["state"] == [login.state]
        assert "#" not in login.location

    def test_sends_no_message_hint_that_it_did_not_get(self) -> None:
        parameters = {name: value for name, value in LOGIN.items() if name != "lti_message_hint"}
        login = begin(read_login(parameters, TOOL), REGISTRATION, TOOL, None, NOW)
        assert "lti_message_hint" not in asked(login)

    @pytest.mark.parametrize(
        ("name", "fault"),
        [("iss", Fault.NO_ISSUER), ("login_hint", Fault.NO_LOGIN_HINT), ("target_link_uri", Fault.NO_TARGET)],
    )
    @pytest.mark.parametrize("value", ["", " ", None])
    def test_what_is_missing(self, name: str, fault: Fault, value: str | None) -> None:
        parameters = {key: found for key, found in {**LOGIN, name: value}.items() if found is not None}
        assert fault_of(read_login, parameters, TOOL) is fault

    @pytest.mark.parametrize(
        "target",
        [
            "https://evil.example/lti/launch",
            "http://tool.example/lti/launch",
            "https://tool.example:8443/lti/launch",
            "https://tool.example@evil.example/",
            "https://tool.example.evil.example/",
            "//tool.example/",
            "/lti/launch",
            "javascript:alert(1)",
            "https://tool.example\\@evil.example/",
            "https://[bad",
        ],
    )
    def test_a_target_that_is_not_ours(self, target: str) -> None:
        assert fault_of(read_login, {**LOGIN, "target_link_uri": target}, TOOL) is Fault.TARGET_ELSEWHERE

    @pytest.mark.parametrize("target", ["https://tool.example:443/x?a=1", "HTTPS://TOOL.EXAMPLE/x?a=1"])
    def test_the_same_target_spelt_otherwise(self, target: str) -> None:
        assert read_login({**LOGIN, "target_link_uri": target}, TOOL).target == "/x?a=1"

    @pytest.mark.parametrize("name", ["iss", "login_hint", "lti_message_hint", "client_id"])
    def test_too_long(self, name: str) -> None:
        assert fault_of(read_login, {**LOGIN, name: "x" * 4001}, TOOL) is Fault.TOO_LONG

    def test_unknown_deployment(self) -> None:
        login = read_login({**LOGIN, "lti_deployment_id": "2"}, TOOL)
        assert fault_of(begin, login, REGISTRATION, TOOL, None, NOW) is Fault.DEPLOYMENT_UNKNOWN

    def test_switched_off(self) -> None:
        registration = replace(REGISTRATION, is_enabled=False)
        assert fault_of(begin, read_login(LOGIN, TOOL), registration, TOOL, None, NOW) is Fault.PLATFORM_OFF

    def test_two_logins_of_one_browser_share_its_secret(self) -> None:
        first = begun()
        second = begin(read_login(LOGIN, TOOL), REGISTRATION, TOOL, first.browser_secret, NOW)
        assert second.browser_secret == first.browser_secret
        assert asked(second)["nonce"] != asked(first)["nonce"]

    @pytest.mark.parametrize("cookie", ["short", "x" * 44, "é" * 43, ""])
    def test_an_odd_cookie_is_replaced(self, cookie: str) -> None:
        login = begin(read_login(LOGIN, TOOL), REGISTRATION, TOOL, cookie, NOW)
        assert len(login.browser_secret) == 43
        assert login.browser_secret != cookie

    def test_the_frame_of_the_platforms_storage(self) -> None:
        assert read_login({**LOGIN, "lti_storage_target": "_parent"}, TOOL).storage_target == "_parent"
        assert read_login({**LOGIN, "lti_storage_target": "<script>"}, TOOL).storage_target is None


class TestState:
    def test_carries_what_was_asked(self) -> None:
        login = begun()
        state = open_state(login.state, TOOL.state_key, NOW)
        assert (state.platform_id, state.target) == ("platform-1", "/lti/launch?place=abc")
        assert is_same_browser(state, login.browser_secret)
        assert not is_same_browser(state, "another")
        assert not is_same_browser(state, None)

    def test_tells_nobody_its_secrets(self) -> None:
        login = begun()
        assert login.browser_secret not in login.location
        assert login.browser_secret not in repr(login)

    def test_ends_after_ten_minutes(self) -> None:
        state = begun().state
        assert open_state(state, TOOL.state_key, NOW + timedelta(seconds=599))
        assert fault_of(open_state, state, TOOL.state_key, NOW + timedelta(seconds=600)) is Fault.STATE_EXPIRED

    @pytest.mark.parametrize("raw", ["", "x", ".x.y", "e30.AAAA", "é", "a" * 100_000])
    def test_is_ours_or_nothing(self, raw: str) -> None:
        assert fault_of(open_state, raw, TOOL.state_key, NOW) is Fault.STATE_UNREADABLE

    def test_another_key_opens_nothing(self) -> None:
        assert fault_of(open_state, begun().state, b"l" * 32, NOW) is Fault.STATE_UNREADABLE

    def test_every_change_of_a_letter_is_noticed_or_harmless(self) -> None:
        """Base64 can spell one signature in several ways; each of them must be used up as one and the same."""
        slip = begun().state
        used_as = open_state(slip, TOOL.state_key, NOW).used_as
        for place in range(len(slip)):
            for letter in "Az09-_.":
                other = slip[:place] + letter + slip[place + 1 :]
                try:
                    assert open_state(other, TOOL.state_key, NOW).used_as == used_as
                except Refused:
                    continue

    def test_moodles_own_answer(self) -> None:
        assert read_answer({"state": "s", "id_token": "t"}).id_token == "t"
        assert fault_of(read_answer, {"state": "s"}) is Fault.NO_TOKEN
        assert fault_of(read_answer, {"id_token": "t"}) is Fault.NO_STATE
        assert fault_of(read_answer, {"error": "login_required", "state": "s"}) is Fault.LOGIN_REQUIRED
        assert fault_of(read_answer, {"error": "launch_no_longer_valid"}) is Fault.VLE_STOPPED


@pytest.mark.parametrize("row", BAD, ids=lambda row: row.name)
def test_refused(row: Bad) -> None:
    login = begun()
    claims = PLATFORM.claims(
        NOW.timestamp(), asked(login)["nonce"], **worked_out(row.changes, PLATFORM, NOW.timestamp())
    )
    assert fault_of(launch, row.sign(PLATFORM, claims), login) is row.fault


@pytest.mark.parametrize("row", [*GOOD, *NO_COURSE], ids=lambda row: row.name)
def test_accepted(row: Good) -> None:
    login = begun()
    claims = PLATFORM.claims(
        NOW.timestamp(), asked(login)["nonce"], **worked_out(row.changes, PLATFORM, NOW.timestamp())
    )
    launched = launch(row.sign(PLATFORM, claims), login)
    assert enrolment_role(launched.roles, {}) is row.role
    assert (launched.course is None) == (row in NO_COURSE)


class TestLaunch:
    def token(self, login: Begun, **changes: object) -> str:
        return PLATFORM.sign(PLATFORM.claims(NOW.timestamp(), asked(login)["nonce"], **changes))

    def test_says_who_where_and_what(self) -> None:
        login = begun()
        launched = launch(self.token(login), login)
        assert launched.platform_id == "platform-1"
        assert launched.subject == "person-1"
        assert launched.message is Message.OPEN
        assert launched.target == "/lti/launch"
        assert launched.course is not None
        assert (launched.course.id, launched.course.title) == ("course-1", "Cardiology ST4")
        assert launched.link is not None
        assert launched.link.id == "link-1"
        assert launched.name == "Ada Example"

    def test_a_name_in_two_parts(self) -> None:
        login = begun()
        assert launch(self.token(login, name=GONE), login).name == "Ada Example"
        assert launch(self.token(login, name=7, given_name=GONE), login).name == "Example"

    def test_shows_nobody_in_a_log(self) -> None:
        login = begun()
        shown = repr(launch(self.token(login), login))
        for secret in ("Ada", "ada@example.org", "person-1"):
            assert secret not in shown

    def test_of_another_login(self) -> None:
        first, second = begun(), begun()
        assert fault_of(launch, self.token(first), second) is Fault.NONCE_OTHER

    def test_of_another_platform(self) -> None:
        login = begun()
        assert fault_of(launch, self.token(login), login, replace(REGISTRATION, client_id="b")) is Fault.AUDIENCE_WRONG

    def test_switched_off_between_login_and_launch(self) -> None:
        login = begun()
        assert fault_of(launch, self.token(login), login, replace(REGISTRATION, is_enabled=False)) is Fault.PLATFORM_OFF

    def test_anonymous_where_the_platform_may(self) -> None:
        login = begun()
        token = self.token(login, sub=GONE)
        assert fault_of(launch, token, login) is Fault.SUBJECT_MISSING
        assert launch(token, login, replace(REGISTRATION, allows_anonymous=True)).subject is None

    def test_a_key_renewed_under_its_old_name(self) -> None:
        login = begun()
        old = published(public_jwk("old-key", kid="vle-key-1"))
        assert fault_of(launch, self.token(login), login, REGISTRATION, Keys(old)) is Fault.SEAL_BROKEN
        assert launch(self.token(login), login, REGISTRATION, Keys(old, PLATFORM.key_set()))

    def test_the_chooser(self) -> None:
        login = begun()
        launched = launch(self.token(login, **PLATFORM.choosing(data="é ☃")), login)
        assert launched.message is Message.CHOOSE
        assert launched.link is None
        assert launched.choosing is not None
        assert launched.choosing.data == "é ☃"
        assert launched.choosing.accept_multiple
        assert launch(self.token(login, **PLATFORM.choosing()), login).choosing.data is None  # type: ignore[union-attr]  # a chooser has it

    @pytest.mark.parametrize("settings", [GONE, None, {}, {"deep_link_return_url": "javascript:alert(1)"}])
    def test_a_chooser_that_leads_nowhere(self, settings: object) -> None:
        login = begun()
        changes = {**PLATFORM.choosing(), DEEP_LINKING + "deep_linking_settings": settings}
        assert fault_of(launch, self.token(login, **changes), login) is Fault.CHOOSING_WRONG

    def test_where_a_copy_came_from(self) -> None:
        custom = {"context_id_history": "9, 4", "resourcelink_id_history": "77", "place": "K7"}
        login = begun()
        launched = launch(self.token(login, **{LTI + "custom": custom}), login)
        assert launched.course is not None
        assert launched.link is not None
        assert (launched.course.history, launched.link.history) == (("9", "4"), ("77",))
        assert launched.custom["place"] == "K7"

    def test_titles_cannot_play_tricks(self) -> None:
        context = {"id": "c", "title": "Ward\u202e\n  round\x00" + "x" * 300}
        login = begun()
        course = launch(self.token(login, **{LTI + "context": context}), login).course
        assert course is not None
        assert course.title is not None
        assert course.title.startswith("Ward round x")
        assert len(course.title) == 200
