"""The rows of dynamic registration: a VLE connects itself by a one-time address, and every fault says its own thing."""

import json
import re
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from click.testing import CliRunner
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from lti_tool.core import clock
from lti_tool.journal import JournalLine
from lti_tool.launch import commands
from lti_tool.launch.faults import Fault
from lti_tool.launch.jobs import sweep_launches
from lti_tool.launch.models import Deployment, Platform, PlatformFacts, PlatformInvite
from lti_tool.people import Trust
from tests.factories.house import House
from tests.factories.registering_vle import GONE, PLATFORM, TOOL, RegisteringVle, registering_vle
from tests.factories.vle import FROM_THE_VLE, OURS, TRUST

PLATFORM_COMMANDS = commands[0]


@pytest.fixture
def registering() -> Iterator[RegisteringVle]:
    with registering_vle() as found:
        yield found


def run(house: House, *words: str) -> str:
    result = CliRunner().invoke(PLATFORM_COMMANDS, list(words), obj=lambda: house.database)
    assert result.exit_code == 0, result.output
    return result.output


def invite(house: House, *words: str) -> str:
    """The secret of a new invite, as the command prints it."""
    printed = run(house, "invite", "--trust", TRUST, *words)
    found = re.match(r"http://localhost:5000/lti/register\?invite=([A-Za-z0-9_-]{43})\n", printed)
    assert found, printed
    return found.group(1)


def opened(house: House, vle: RegisteringVle, secret: str, **changes: str) -> tuple[FlaskClient, TestResponse]:
    browser = house.app.test_client()
    return browser, browser.get(vle.opening(secret, **changes), headers=FROM_THE_VLE)


def offer_on(page: TestResponse) -> str:
    found = re.search(r'name="offer" value="([^"]+)"', page.text)
    assert found, page.text
    return found.group(1)


def press(browser: FlaskClient, offer: str, headers: dict[str, str] = OURS) -> TestResponse:
    return browser.post("/lti/register", data={"offer": offer}, headers=headers)


def connect(house: House, vle: RegisteringVle, *words: str) -> TestResponse:
    """From the invite to the closing page."""
    browser, page = opened(house, vle, invite(house, *words))
    answer = press(browser, offer_on(page))
    assert answer.status_code == 303, answer.text
    return browser.get(answer.location, headers=OURS)


def platforms(house: House) -> list[Platform]:
    with house.database.reading() as db:
        return list(db.scalars(select(Platform).order_by(Platform.id)))


@pytest.mark.sql
class TestTheWholeWay:
    def test_one_page_asks_and_nothing_has_happened_yet(self, house: House, registering: RegisteringVle) -> None:
        _browser, page = opened(house, registering, invite(house))
        assert page.status_code == 200
        for words in ("Connect this VLE to Grand Round?", registering.address, "moodle 4.5.6", TRUST, "Connect"):
            assert words in page.text
        assert "frame-ancestors *" in page.headers["Content-Security-Policy"]
        assert page.headers["Cache-Control"] == "no-store"
        assert registering.asked == []
        assert platforms(house) == []

    def test_the_vle_is_told_what_moodle_needs(self, house: House, registering: RegisteringVle) -> None:
        connect(house, registering)
        [(bearer, sent)] = registering.asked
        assert bearer == "Bearer eyJ0eXAi.pass.of-one-hour"
        assert "id_token" in sent["response_types"]
        assert sent["initiate_login_uri"] == "http://localhost:5000/lti/login"
        assert sent["redirect_uris"] == ["http://localhost:5000/lti/launch"]
        assert sent["jwks_uri"] == "http://localhost:5000/lti/jwks.json"
        assert sent["client_name"] == "Grand Round"
        assert sent["token_endpoint_auth_method"] == "private_key_jwt"
        assert {word.rpartition("/")[2] for word in sent["scope"].split()} == {
            "contextmembership.readonly",
            "lineitem",
            "score",
            "result.readonly",
        }

    def test_what_is_told_of_the_tool(self, house: House, registering: RegisteringVle) -> None:
        told: dict[str, Any] = {}
        original = registering.respond

        def respond(handler: Any) -> tuple[int, bytes]:
            answer = original(handler)
            if handler.command == "POST":
                told.update(json.loads(answer[1])[TOOL])
            return answer

        registering.respond = respond  # type: ignore[method-assign]  # to see what was sent
        connect(house, registering)
        assert told["domain"] == "localhost:5000"
        assert told["target_link_uri"] == "http://localhost:5000/lti/launch"
        assert [message["type"] for message in told["messages"]] == ["LtiResourceLinkRequest", "LtiDeepLinkingRequest"]
        assert {"sub", "name"} <= set(told["claims"])
        assert "email" not in told["claims"]
        assert told["custom_parameters"]["context_id_history"] == "$Context.id.history"

    def test_platform_and_deployment_are_kept(self, house: House, registering: RegisteringVle) -> None:
        page = connect(house, registering, "--name", "Northmoor Moodle")
        [platform] = platforms(house)
        assert (platform.name, platform.issuer) == ("Northmoor Moodle", registering.address)
        assert platform.client_id == "QxeVP4HMT5l4d1U"
        assert platform.auth_url.endswith("/mod/lti/auth.php")
        assert platform.course_url == "{iss}/course/view.php?id={context.id}"
        with house.database.reading() as db:
            assert db.scalars(select(Deployment.deployment_id)).one() == "2"
            assert db.scalars(select(PlatformFacts.product)).one().startswith("moodle 4.5.6")
            trust = db.scalars(select(Deployment.trust_id)).one()
        with house.database.within(trust).reading() as db:
            told = [(line.verb, line.actor) for line in db.scalars(select(JournalLine).order_by(JournalLine.id))]
            invited = db.scalars(select(PlatformInvite.public_id)).one()
        assert told == [("platform.invited", "command"), ("platform.connected", f"invite:{invited}")]
        assert "data-close-frame" in page.text
        for words in (
            "Pending",
            "Show in activity chooser and as a preconfigured tool",
            "Delegate to teacher",
            "by hand",
        ):
            assert words in page.text
        assert "frame-ancestors *" in page.headers["Content-Security-Policy"]

    def test_without_a_name_the_host_is_the_name(self, house: House, registering: RegisteringVle) -> None:
        connect(house, registering)
        assert platforms(house)[0].name == registering.address.removeprefix("http://")

    def test_two_trusts_may_share_a_vle(self, house: House, registering: RegisteringVle) -> None:
        connect(house, registering)
        printed = run(house, "invite", "--trust", "Southmoor")
        secret = printed.split("invite=")[1].split()[0]
        browser, page = opened(house, registering, secret)
        assert press(browser, offer_on(page)).status_code == 303
        first, second = platforms(house)
        assert second.name == f"{first.name} 2"
        with house.database.reading() as db:
            trusts = {trust.id: trust.name for trust in db.scalars(select(Trust))}
            assert [trusts[row.trust_id] for row in db.scalars(select(Deployment))] == [TRUST, "Southmoor"]

    def test_several_invites_may_be_open(self, house: House, registering: RegisteringVle) -> None:
        first, second = invite(house), invite(house)
        for secret in (second, first):
            assert opened(house, registering, secret)[1].status_code == 200

    def test_the_secret_is_not_stored(self, house: House) -> None:
        secret = invite(house)
        with house.database.reading() as db:
            row = db.scalars(select(PlatformInvite)).one()
        assert secret.encode() not in row.token_hash
        assert secret not in row.public_id

    def test_a_vle_that_is_not_moodle(self, house: House, registering: RegisteringVle) -> None:
        """No pass, no list of scopes, no product, 201, and a deployment that is a number."""
        registering.changes = {"scopes_supported": GONE, PLATFORM: GONE}
        registering.status, registering.deployment_id = 201, 17
        browser, page = opened(house, registering, invite(house), registration_token="")
        assert press(browser, offer_on(page)).status_code == 303
        assert registering.asked[0][0] == ""
        assert platforms(house)[0].course_url == ""
        with house.database.reading() as db:
            assert db.scalars(select(Deployment.deployment_id)).one() == "17"

    def test_the_clock_is_looked_at(self, house: House, registering: RegisteringVle) -> None:
        registering.date = (clock.now() + timedelta(seconds=40)).strftime("%a, %d %b %Y %H:%M:%S GMT")
        connect(house, registering)
        with house.database.reading() as db:
            assert 35 <= (db.scalars(select(PlatformFacts.clock_offset)).one() or 0) <= 41


@pytest.mark.sql
class TestTheButton:
    def test_pressed_twice_is_pressed_once(self, house: House, registering: RegisteringVle) -> None:
        browser, page = opened(house, registering, invite(house))
        answers = [press(browser, offer_on(page)) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [303, 303]
        assert len(registering.asked) == len(platforms(house)) == 1
        assert "Connected" in browser.get(answers[1].location).text

    def test_pressed_again_while_the_vle_thinks(self, house: House, registering: RegisteringVle) -> None:
        registering.wait = threading.Event()
        browser, page = opened(house, registering, invite(house))
        offer = offer_on(page)
        first = threading.Thread(target=press, args=(house.app.test_client(), offer))
        first.start()
        while not registering.asked:
            pass
        second = press(browser, offer)
        assert second.status_code == 303
        assert "One moment" in browser.get(second.location).text
        registering.wait.set()
        first.join()
        assert "Connected" in browser.get(second.location).text
        assert len(registering.asked) == 1

    @pytest.mark.parametrize("headers", [{}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}])
    def test_no_other_site_presses_it(self, house: House, registering: RegisteringVle, headers: dict[str, str]) -> None:
        browser, page = opened(house, registering, invite(house))
        assert press(browser, offer_on(page), headers).status_code == 403
        assert registering.asked == []

    def test_what_is_registered_is_what_was_shown(self, house: House, registering: RegisteringVle) -> None:
        """The offer is sealed: no other address can be put into it."""
        browser, page = opened(house, registering, invite(house))
        offer = offer_on(page)
        assert press(browser, offer[:-3] + "AAA").status_code == 400
        assert press(browser, "").status_code == 400
        assert registering.asked == []

    def test_a_refusal_does_not_use_the_invite_up(self, house: House, registering: RegisteringVle) -> None:
        secret = invite(house)
        registering.status = 401
        browser, page = opened(house, registering, secret)
        assert press(browser, offer_on(page)).status_code == 400
        registering.status = 200
        browser, page = opened(house, registering, secret)
        assert press(browser, offer_on(page)).status_code == 303


def used(house: House, registering: RegisteringVle) -> str:
    secret = invite(house)
    browser, page = opened(house, registering, secret)
    press(browser, offer_on(page))
    return secret


BEFORE_THE_BUTTON: dict[str, tuple[Fault, Any]] = {
    "unknown invite": (Fault.INVITE_UNKNOWN, lambda h, v: opened(h, v, "A" * 43)),
    "no invite": (Fault.INVITE_UNKNOWN, lambda h, v: opened(h, v, "")),
    "used invite": (Fault.INVITE_USED, lambda h, v: opened(h, v, used(h, v))),
    "opened by hand": (
        Fault.INVITE_IN_BROWSER,
        lambda h, v: opened(h, v, invite(h), openid_configuration="", registration_token=""),
    ),
    "a pass that breaks headers": (
        Fault.PASS_WRONG,
        lambda h, v: opened(h, v, invite(h), registration_token="a\r\nX-Evil: 1"),
    ),
    "not an address": (
        Fault.CONFIGURATION_UNREACHABLE,
        lambda h, v: opened(h, v, invite(h), openid_configuration="file:///etc/passwd"),
    ),
    "a private address": (
        Fault.CONFIGURATION_UNREACHABLE,
        lambda h, v: opened(h, v, invite(h), openid_configuration="https://10.0.0.7/openid"),
    ),
    "nobody answers": (
        Fault.CONFIGURATION_UNREACHABLE,
        lambda h, v: opened(h, v, invite(h), openid_configuration="http://127.0.0.1:9/openid"),
    ),
    "answers 500": (Fault.CONFIGURATION_UNREACHABLE, lambda h, v: say(h, v, configuration_status=500)),
    "huge": (Fault.CONFIGURATION_UNREACHABLE, lambda h, v: say(h, v, configuration_raw=b" " * 200_000)),
    "not JSON": (Fault.CONFIGURATION_UNREADABLE, lambda h, v: say(h, v, configuration_raw=b"<html>")),
    "a list": (Fault.CONFIGURATION_UNREADABLE, lambda h, v: say(h, v, configuration_raw=b"[1]")),
    "bottomless": (Fault.CONFIGURATION_UNREADABLE, lambda h, v: say(h, v, configuration_raw=b"[" * 100_000)),
    "issuer of another host": (
        Fault.CONFIGURATION_ELSEWHERE,
        lambda h, v: say(h, v, changes={"issuer": "https://moodle.example"}),
    ),
    "issuer of another port": (
        Fault.CONFIGURATION_ELSEWHERE,
        lambda h, v: say(h, v, changes={"issuer": "http://127.0.0.1:1"}),
    ),
    "no issuer": (Fault.CONFIGURATION_INCOMPLETE, lambda h, v: say(h, v, changes={"issuer": GONE})),
    "no registration address": (
        Fault.CONFIGURATION_INCOMPLETE,
        lambda h, v: say(h, v, changes={"registration_endpoint": GONE}),
    ),
    "keys over http": (
        Fault.CONFIGURATION_INCOMPLETE,
        lambda h, v: say(h, v, changes={"jwks_uri": "http://moodle.example/certs"}),
    ),
    "no RS256": (
        Fault.CONFIGURATION_INCOMPLETE,
        lambda h, v: say(h, v, changes={"id_token_signing_alg_values_supported": ["ES256"]}),
    ),
    "only passwords": (
        Fault.CONFIGURATION_INCOMPLETE,
        lambda h, v: say(h, v, changes={"token_endpoint_auth_methods_supported": ["client_secret_post"]}),
    ),
}


def say(house: House, vle: RegisteringVle, **told: Any) -> tuple[FlaskClient, TestResponse]:
    for name, value in told.items():
        setattr(vle, name, value)
    return opened(house, vle, invite(house))


def is_told(answer: TestResponse, fault: Fault, status: int = 400) -> None:
    assert answer.status_code == status, answer.text
    assert fault.happened in answer.text
    assert all(step in answer.text for step in fault.todo)
    assert re.search(r'gr-help-code">[2-9A-Z]{4}<', answer.text)


@pytest.mark.parametrize("row", BEFORE_THE_BUTTON)
def test_a_fault_before_the_button(house: House, registering: RegisteringVle, row: str) -> None:
    fault, go = BEFORE_THE_BUTTON[row]
    _browser, page = go(house, registering)
    is_told(page, fault)
    assert "frame-ancestors *" in page.headers["Content-Security-Policy"]


def test_an_invite_ends_after_seven_days(house: House, registering: RegisteringVle) -> None:
    secret = invite(house)
    with time_machine.travel(clock.now() + timedelta(days=7, seconds=1), tick=False):
        is_told(opened(house, registering, secret)[1], Fault.INVITE_EXPIRED)


def test_the_same_vle_twice_for_one_trust(house: House, registering: RegisteringVle) -> None:
    connect(house, registering, "--name", "Moodle")
    secret = invite(house)
    is_told(opened(house, registering, secret)[1], Fault.CONNECTED_ALREADY)
    run(house, "disable", "--name", "Moodle")
    assert opened(house, registering, secret)[1].status_code == 200


AFTER_THE_BUTTON: dict[str, tuple[Fault, dict[str, Any]]] = {
    "refused": (Fault.REGISTRATION_REFUSED, {"status": 403}),
    "fails": (Fault.REGISTRATION_REFUSED, {"status": 500}),
    "sends us on": (Fault.REGISTRATION_UNREACHABLE, {"status": 302}),
    "not JSON": (Fault.REGISTRATION_UNREADABLE, {"raw": b"OK"}),
    "without client_id": (Fault.REGISTRATION_UNREADABLE, {"answer_changes": {"client_id": GONE}}),
    "client_id is empty": (Fault.REGISTRATION_UNREADABLE, {"answer_changes": {"client_id": ""}}),
    "client_id is a list": (Fault.REGISTRATION_UNREADABLE, {"answer_changes": {"client_id": ["a"]}}),
    "client_id is too long": (Fault.REGISTRATION_UNREADABLE, {"answer_changes": {"client_id": "a" * 256}}),
}


@pytest.mark.parametrize("row", AFTER_THE_BUTTON)
def test_a_fault_after_the_button(house: House, registering: RegisteringVle, row: str) -> None:
    fault, told = AFTER_THE_BUTTON[row]
    browser, page = say(house, registering, **told)
    is_told(press(browser, offer_on(page)), fault)
    assert platforms(house) == []


def test_the_vle_is_gone_when_the_button_is_pressed(house: House) -> None:
    with registering_vle() as vle:
        browser, page = opened(house, vle, invite(house))
    is_told(press(browser, offer_on(page)), Fault.REGISTRATION_UNREACHABLE)


def test_the_page_stood_open_too_long(house: House, registering: RegisteringVle) -> None:
    browser, page = opened(house, registering, invite(house))
    with time_machine.travel(clock.now() + timedelta(seconds=3601), tick=False):
        is_told(press(browser, offer_on(page)), Fault.OFFER_ENDED)


def test_one_page_of_two_was_first(house: House, registering: RegisteringVle) -> None:
    secret = invite(house)
    (_one, first), (two, second) = opened(house, registering, secret), opened(house, registering, secret)
    with time_machine.travel(clock.now() + timedelta(seconds=2), tick=False):
        _two, second = opened(house, registering, secret)
    assert press(two, offer_on(first)).status_code == 303
    is_told(press(two, offer_on(second)), Fault.INVITE_USED)


def test_names_are_taken_once(house: House, registering: RegisteringVle) -> None:
    connect(house, registering, "--name", "Moodle")
    result = CliRunner().invoke(
        PLATFORM_COMMANDS, ["invite", "--trust", TRUST, "--name", "Moodle"], obj=lambda: house.database
    )
    assert result.exit_code == 1
    assert "of that name already" in result.output


def test_our_keys_are_there_before_anybody_is_connected(house: House) -> None:
    """A VLE may look at our keys before it registers us."""
    invite(house)
    assert len(json.loads(house.app.test_client().get("/lti/jwks.json").text)["keys"]) == 1


def test_the_list_tells_of_open_invites(house: House, registering: RegisteringVle) -> None:
    invite(house, "--name", "Later")
    assert f"An invite is open: Later, for {TRUST}, until " in run(house, "list")
    used(house, registering)
    assert run(house, "list").count("An invite is open") == 1


def test_an_invite_that_nobody_used_is_forgotten_at_last(house: House) -> None:
    invite(house)
    for days, left in ((36, 1), (38, 0)):
        with house.database.transaction() as db:
            sweep_launches(db, clock.now() + timedelta(days=days))
        with house.database.reading() as db:
            assert len(db.scalars(select(PlatformInvite)).all()) == left
