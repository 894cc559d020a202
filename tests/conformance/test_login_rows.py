"""The rows of logins, over real requests."""

import re
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from markupsafe import escape

from lti_tool.core import clock
from lti_tool.launch.faults import Fault
from lti_tool.launch.registering import switch_platform
from tests.factories.vle import Vle


@pytest.mark.parametrize(
    ("missing", "fault"),
    [("iss", Fault.NO_ISSUER), ("login_hint", Fault.NO_LOGIN_HINT), ("target_link_uri", Fault.NO_TARGET)],
)
def test_missing(vle: Vle, missing: str, fault: Fault) -> None:
    answer = vle.login(vle.browser(), **{missing: None}).answer
    assert answer.status_code == 400
    assert str(escape(fault.happened)) in answer.text


@pytest.mark.parametrize(
    "changes", [{"iss": "https://other.example"}, {"client_id": "other"}, {"iss": "https://vle.example/"}]
)
def test_unknown_platform(vle: Vle, changes: dict[str, str]) -> None:
    answer = vle.login(vle.browser(), **changes).answer
    assert answer.status_code == 400
    assert Fault.PLATFORM_UNKNOWN.happened in answer.text


def test_switched_off_platform(vle: Vle) -> None:
    with vle.house.database.transaction() as db:
        switch_platform(db, "Northmoor Moodle", is_enabled=False, now=clock.now())
    answer = vle.login(vle.browser()).answer
    assert answer.status_code == 400
    assert Fault.PLATFORM_OFF.happened in answer.text


@pytest.mark.parametrize("odd", ["\0", "\ud7ff\u202e", "a\nb"])
@pytest.mark.parametrize("name", ["iss", "client_id", "lti_deployment_id"])
def test_odd_letters(vle: Vle, name: str, odd: str) -> None:
    assert vle.login(vle.browser(), **{name: odd}).answer.status_code == 400


def test_get_and_post(vle: Vle) -> None:
    query = {
        "iss": vle.platform.issuer,
        "login_hint": "7",
        "target_link_uri": f"{vle.platform.tool_url}/lti/launch",
        "client_id": vle.platform.client_id,
    }
    browser = vle.browser()
    for answer in (browser.get("/lti/login", query_string=query), browser.post("/lti/login", data=query)):
        assert answer.status_code == 302
        assert answer.location.startswith(vle.platform.auth_url)


def test_without_client_and_deployment(vle: Vle) -> None:
    login = vle.login(vle.browser(), client_id=None, lti_deployment_id=None)
    assert parse_qs(urlsplit(login.location).query)["client_id"] == [vle.platform.client_id]


def test_without_client_where_there_are_two(vle: Vle) -> None:
    vle.connect(name="Second", client_id="client-2")
    answer = vle.login(vle.browser(), client_id=None).answer
    assert answer.status_code == 400
    assert Fault.PLATFORM_AMBIGUOUS.happened in answer.text
    assert vle.login(vle.browser(), client_id="client-2").answer.status_code == 302


def test_unknown_deployment(vle: Vle) -> None:
    answer = vle.login(vle.browser(), lti_deployment_id="99").answer
    assert answer.status_code == 400
    assert Fault.DEPLOYMENT_UNKNOWN.happened in answer.text


def test_target_on_another_host(vle: Vle) -> None:
    answer = vle.login(vle.browser(), target_link_uri="https://evil.example/lti/launch").answer
    assert answer.status_code == 400
    assert Fault.TARGET_ELSEWHERE.happened in answer.text


def test_target_query_kept(vle: Vle) -> None:
    target = f"{vle.platform.tool_url}/lti/launch?place=abc&x=%C3%A9"
    browser = vle.browser()
    login = vle.login(browser, target_link_uri=target)
    assert parse_qs(urlsplit(login.location).query)["redirect_uri"] == [f"{vle.platform.tool_url}/lti/launch"]
    token = vle.token(login, **{"https://purl.imsglobal.org/spec/lti/claim/target_link_uri": target})
    assert vle.post(browser, token, login.state).status_code == 303


def test_auth_url_with_a_query(vle: Vle) -> None:
    vle.platform = replace(vle.platform, issuer="https://other.example")
    vle.connect(name="Other", auth_url="https://other.example/auth?tenant=5")
    query = parse_qs(urlsplit(vle.login(vle.browser()).location).query)
    assert query["tenant"] == ["5"]
    assert query["response_mode"] == ["form_post"]


def test_the_cookie_binds_the_browser(vle: Vle) -> None:
    cookie = vle.login(vle.browser()).answer.headers["Set-Cookie"]
    name, _, rest = cookie.partition("=")
    assert name == "__Host-login"
    attributes = {part.strip().partition("=")[0]: part.strip().partition("=")[2] for part in rest.split(";")[1:]}
    assert {"Secure", "HttpOnly", "Partitioned"} <= set(attributes)
    assert (attributes["SameSite"], attributes["Path"], attributes["Max-Age"]) == ("None", "/", "600")
    assert "Domain" not in attributes


def test_a_platform_that_lends_storage_gets_a_page_and_no_other(vle: Vle) -> None:
    login = vle.login(vle.browser(), lti_storage_target="_parent")
    page = login.answer
    assert page.status_code == 200
    assert 'data-put-into="_parent"' in page.text
    assert 'data-origin="https://vle.example"' in page.text
    onward = re.search(r'href="(https://vle\.example/auth\.php[^"]*)"', page.text)
    assert onward
    assert "state=" in onward.group(1)
    assert vle.login(vle.browser()).answer.status_code == 302


def test_answers_are_kept_nowhere(vle: Vle) -> None:
    assert vle.login(vle.browser()).answer.headers["Cache-Control"] == "no-store"


def test_moodles_own_login_request(vle: Vle) -> None:
    login = vle.login(vle.browser(), lti_message_hint='{"cmid":2,"launchid":"ltilaunch1_1827807651"}')
    query = parse_qs(urlsplit(login.location).query)
    assert query["lti_message_hint"] == ['{"cmid":2,"launchid":"ltilaunch1_1827807651"}']
    assert query["prompt"] == ["none"]
