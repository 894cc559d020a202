"""Launching the tool, held against launches captured from a real Moodle."""

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from joserfc import jws

from .walk import AUTH, LAUNCH, SITE, TOOL, Walk, form_in

MOODLE = json.loads((Path(__file__).parent / "moodle_launches.json").read_text(encoding="utf-8"))
LTI = "https://purl.imsglobal.org/spec/lti/claim/"
AGS = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
ROLES = "http://purl.imsglobal.org/vocab/lis/v2/"
ALEX, HELEN, SAM, PRIYA, JON, ELA = 2, 3, 6, 7, 9, 10
ASK_CARDIOLOGY, JOURNAL_CLUB, ASK_MEDICINE = 2, 4, 5


def shape(value: Any) -> Any:
    """The names and types of a JSON value, without its contents."""
    if isinstance(value, dict):
        return {name: shape(one) for name, one in value.items()}
    if isinstance(value, list):
        return ["list", *{type(one).__name__ for one in value}]
    return type(value).__name__


@pytest.mark.parametrize(("person", "who"), [(PRIYA, "learner"), (ALEX, "administrator")])
def test_claims_have_the_shape_that_moodle_sends(walk: Walk, person: int, who: str) -> None:
    walk.become(person)
    claims = walk.launch(ASK_MEDICINE)
    claims.pop(f"{LTI}custom")
    assert shape(claims) == shape(MOODLE[who]["claims"])
    if who == "administrator":
        assert claims[f"{LTI}roles"] == MOODLE[who]["claims"][f"{LTI}roles"]


def test_the_login_request_has_the_shape_that_moodle_sends(walk: Walk) -> None:
    walk.become(SAM)
    login = walk.login_request(ASK_CARDIOLOGY)
    assert login.keys() == MOODLE["login_request"].keys()
    assert (login["iss"], login["login_hint"], login["target_link_uri"]) == (SITE, str(SAM), LAUNCH)
    hint, captured = json.loads(login["lti_message_hint"]), json.loads(MOODLE["login_request"]["lti_message_hint"])
    assert shape(hint) == shape(captured)
    assert re.fullmatch(r"ltilaunch1_[0-9]+", hint["launchid"])


def test_the_token_says_who_where_and_what(walk: Walk) -> None:
    walk.become(SAM)
    claims = walk.launch(ASK_CARDIOLOGY)
    assert claims["iss"] == SITE
    assert claims["aud"] == walk.get("/demo/registration.json").json["client_id"]
    assert (claims["sub"], claims["nonce"], claims["name"]) == (str(SAM), "nonce-1", "Sam Okafor")
    assert claims["exp"] - claims["iat"] == 60
    assert abs(claims["iat"] - time.time()) < 5
    assert claims[f"{LTI}deployment_id"] == "1"
    assert claims[f"{LTI}roles"] == [f"{ROLES}membership#Learner"]
    assert claims[f"{LTI}context"] == {
        "id": "2",
        "label": "CARD-ST4",
        "title": "Cardiology ST4",
        "type": ["CourseSection"],
    }
    assert "lineitem" not in claims[AGS], "grades are delegated, so there is no column"


def test_custom_parameters_are_filled_in_and_unknown_ones_left_alone(walk: Walk) -> None:
    walk.become(PRIYA)
    assert walk.launch(ASK_CARDIOLOGY)[f"{LTI}custom"] == {
        "place": "askcardiology001",
        "context_history": "",
        "link_history": "$ResourceLink.id.history",
        "course_begins": "2026-08-31T23:00:00+00:00",
        "groups": "1",
    }


@pytest.mark.parametrize("person", [HELEN, ELA])
def test_the_journal_club_has_no_place_yet(walk: Walk, person: int) -> None:
    walk.become(person)
    assert "place" not in walk.launch(JOURNAL_CLUB)[f"{LTI}custom"]


@pytest.mark.parametrize(("person", "role"), [(HELEN, "Instructor"), (5, "Instructor"), (ELA, "Learner")])
def test_roles(walk: Walk, person: int, role: str) -> None:
    walk.become(person)
    assert walk.launch(ASK_CARDIOLOGY)[f"{LTI}roles"] == [f"{ROLES}membership#{role}"]


def test_the_whole_window_says_so_and_returns_without_a_stop(walk: Walk) -> None:
    walk.become(SAM)
    login = walk.login_request(ASK_CARDIOLOGY, container=5)
    answer = walk.ask(walk.auth_query(ASK_CARDIOLOGY, lti_message_hint=login["lti_message_hint"]))
    claims = walk.decode(form_in(answer).fields["id_token"])
    presentation = claims[f"{LTI}launch_presentation"]
    assert presentation["document_target"] == "frame"
    assert walk.get(presentation["return_url"].removeprefix(SITE)).location == "/course/view.php?id=2"


def test_the_frame_returns_by_a_link_that_needs_no_script(walk: Walk) -> None:
    walk.become(SAM)
    claims = walk.launch(ASK_CARDIOLOGY)
    query = walk.return_query(claims)
    assert query["launch_container"] == ["3"]
    assert len(query["sesskey"][0]) == 10
    address = claims[f"{LTI}launch_presentation"]["return_url"].removeprefix(SITE)
    page = walk.get(address).get_data(as_text=True)
    assert re.search(r'<a id="back" href="/course/view\.php\?id=2" target="_top">', page)
    told = walk.get(f"{address}&lti_errormsg=%3Cb%3ENo").get_data(as_text=True)
    assert "&lt;b&gt;No" in told
    assert "return.js" not in told


def test_a_launch_can_be_taken_once(walk: Walk) -> None:
    walk.become(SAM)
    query = walk.auth_query(ASK_CARDIOLOGY)
    assert "id_token" in form_in(walk.ask(query)).fields
    again = walk.ask(query)
    assert again.status_code == 404
    assert "used before" in again.get_data(as_text=True)


def test_a_launch_belongs_to_the_one_who_began_it(walk: Walk, demo_vle: Flask) -> None:
    walk.become(SAM)
    query = walk.auth_query(ASK_CARDIOLOGY)
    other = Walk(demo_vle)
    other.become(PRIYA)
    assert other.ask(query | {"login_hint": str(PRIYA)}).status_code == 404
    assert "id_token" in form_in(walk.ask(query)).fields, "the attempt has not used it up"


def test_an_unknown_launch_is_not_found(walk: Walk) -> None:
    walk.become(SAM)
    for hint in ('{"cmid":2,"launchid":"ltilaunch1_1"}', '{"launchid":""}'):
        assert walk.ask(walk.auth_query(ASK_CARDIOLOGY, lti_message_hint=hint)).status_code == 404


@pytest.mark.parametrize(
    "address",
    [
        f"{LAUNCH}/",
        f"{LAUNCH}?x=1",
        f"{TOOL}/lti",
        "http://127.0.0.1:5000/lti/launch",
        "https://evil.example/lti/launch",
        f"{LAUNCH} ",
        "",
        None,
    ],
)
def test_the_answer_goes_to_the_registered_address_only(walk: Walk, address: str | None) -> None:
    walk.become(SAM)
    answer = walk.ask(walk.auth_query(ASK_CARDIOLOGY, redirect_uri=address))
    assert answer.status_code == 400
    assert "<form" not in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"scope": "openid profile"}, "invalid_scope"),
        ({"scope": None}, "invalid_request"),
        ({"response_type": "code"}, "unsupported_response_type"),
        ({"response_type": None}, "invalid_request"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"response_mode": None}, "invalid_request"),
        ({"client_id": "somebodyElse01"}, "unauthorized_client"),
        ({"prompt": "login"}, "invalid_request"),
        ({"nonce": None}, "invalid_request"),
        ({"nonce": ""}, "invalid_request"),
        ({"login_hint": None}, "invalid_request"),
        ({"login_hint": "7"}, "access_denied"),
        ({"login_hint": "06"}, "access_denied"),
        ({"lti_message_hint": None}, "invalid_request"),
        ({"lti_message_hint": "not json"}, "invalid_request"),
        ({"lti_message_hint": "[1]"}, "invalid_request"),
        ({"lti_message_hint": '{"launchid": 7}'}, "invalid_request"),
        ({"lti_message_hint": "[" * 50_000}, "invalid_request"),
        ({"state": None}, "invalid_request"),
    ],
)
def test_errors_are_posted_to_the_tool(walk: Walk, changed: dict[str, str | None], error: str) -> None:
    walk.become(SAM)
    form = form_in(walk.post("/mod/lti/auth.php", walk.auth_query(ASK_CARDIOLOGY, **changed)))
    assert form.action == LAUNCH
    assert (form.fields["error"], "id_token" in form.fields) == (error, False)
    assert form.fields["error_description"]
    assert form.fields.get("state") == (None if "state" in changed else "state-1")


def test_without_a_cookie_the_request_comes_once_more_from_our_own_page(walk: Walk) -> None:
    """Firefox sends no Lax cookie after a redirect through another site; a post from our own page has it again."""
    walk.become(SAM)
    query = walk.auth_query(ASK_CARDIOLOGY)
    cookie = walk.browser.get_cookie("DemoVleSession")
    walk.browser.delete_cookie("DemoVleSession")
    form = form_in(walk.ask(query))
    assert (form.action, form.fields) == (AUTH, query | {"repost": "1"})
    walk.browser.set_cookie("DemoVleSession", cookie.value)
    assert "id_token" in form_in(walk.post("/mod/lti/auth.php", form.fields)).fields


def test_nobody_gets_no_token(walk: Walk) -> None:
    walk.become(SAM)
    query = walk.auth_query(ASK_CARDIOLOGY)
    walk.browser.delete_cookie("DemoVleSession")
    form = form_in(walk.post("/mod/lti/auth.php", query | {"repost": "1"}))
    assert (form.action, form.fields["error"]) == (LAUNCH, "login_required")
    assert walk.get(f"/mod/lti/launch.php?id={ASK_CARDIOLOGY}").status_code == 403


def test_somebody_else_in_the_same_browser_cannot_finish_a_launch(walk: Walk) -> None:
    walk.become(SAM)
    query = walk.auth_query(ASK_CARDIOLOGY)
    walk.become(PRIYA)
    assert form_in(walk.ask(query)).fields["error"] == "access_denied"


def test_who_is_not_enrolled_cannot_launch(walk: Walk) -> None:
    walk.become(JON)
    answer = walk.get(f"/mod/lti/launch.php?id={ASK_CARDIOLOGY}")
    assert answer.status_code == 403
    assert "is not enrolled in Cardiology ST4" in answer.get_data(as_text=True)


def test_published_keys_have_the_shape_that_moodle_sends_and_no_secret(walk: Walk) -> None:
    answer = walk.get("/mod/lti/certs.php")
    assert [sorted(key) for key in answer.json["keys"]] == [sorted(key) for key in MOODLE["jwks"]["keys"]]
    assert re.fullmatch(r"[0-9a-f]{20}", answer.json["keys"][0]["kid"])


def test_a_rotation_signs_anew_at_once_and_keeps_the_old_key_published(own_vle: Flask) -> None:
    walk = Walk(own_vle)
    walk.become(SAM)
    before = form_in(walk.ask(walk.auth_query(ASK_CARDIOLOGY))).fields["id_token"]
    kid = walk.post("/demo/rotate-keys", {}).json["kid"]
    after = form_in(walk.ask(walk.auth_query(ASK_CARDIOLOGY))).fields["id_token"]
    assert jws.extract_compact(after.encode()).headers() == {"typ": "JWT", "alg": "RS256", "kid": kid}
    assert jws.extract_compact(before.encode()).headers()["kid"] != kid
    assert walk.decode(before)["sub"] == walk.decode(after)["sub"] == str(SAM)
    for _ in range(4):
        walk.post("/demo/rotate-keys", {})
    assert len(walk.get("/mod/lti/certs.php").json["keys"]) == 4, "old keys go in the end"


@pytest.mark.parametrize(
    "from_elsewhere",
    [
        {"environ_base": {"REMOTE_ADDR": "192.0.2.7"}},
        {"headers": {"X-Forwarded-For": "192.0.2.7"}},
        {"headers": {"Sec-Fetch-Site": "cross-site"}},
    ],
)
def test_keys_rotate_from_this_machine_only(walk: Walk, from_elsewhere: dict[str, Any]) -> None:
    assert walk.post("/demo/rotate-keys", {}, **from_elsewhere).status_code == 403


def test_forms_work_without_javascript(walk: Walk) -> None:
    walk.become(SAM)
    for page in (walk.get("/mod/lti/launch.php?id=2"), walk.ask(walk.auth_query(ASK_CARDIOLOGY))):
        no_script = re.search(r"<noscript>(.*?)</noscript>", page.get_data(as_text=True), re.DOTALL)
        assert no_script is not None
        assert "<button>Continue</button>" in no_script[1]


def test_the_activity_page_frames_the_tool_under_its_own_name(walk: Walk) -> None:
    walk.become(SAM)
    page = walk.get("/mod/lti/view.php?id=2").get_data(as_text=True)
    assert re.search(r'<iframe [^>]*title="Ask cardiology" src="/mod/lti/launch\.php\?id=2"', page)
    assert "sandbox" not in page


@pytest.mark.parametrize(
    "agent",
    [
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Mobile/15E148 Safari",
        "Mozilla/5.0 (Linux; Android 15; SM-X710) AppleWebKit/537.36 Chrome/140.0 Safari/537.36",
    ],
)
def test_phones_and_tablets_give_the_tool_the_window(walk: Walk, agent: str) -> None:
    walk.become(SAM)
    answer = walk.get("/mod/lti/view.php?id=2", headers={"User-Agent": agent})
    assert (answer.status_code, answer.location) == (303, "/mod/lti/launch.php?id=2&container=5")
