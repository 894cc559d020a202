"""The habits of Moodle's services that a tool must live with, one test each, held against captured answers."""

import json
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from lti_tool.demo_platform.fence import Fence

from .administrator import Administrator
from .fake_tool import AGS, KEY, LTI, ROSTER_SCOPE, FakeTool
from .walk import SITE, Walk

CLIENT = "northmoorDemo01"
ROSTER = "/mod/lti/services.php/CourseSection/3/bindings/1/memberships"
COLUMNS = "/mod/lti/services.php/3/lineitems"


@pytest.fixture
def caller(own_vle: Flask, tool: FakeTool) -> "Caller":
    Administrator(own_vle).set_up("1", keyset_url=f"{tool.url}/lti/jwks.json")
    return Caller(own_vle, tool)


class Caller(Walk):
    """The demo's own tool, calling the services."""

    def __init__(self, app: Flask, tool: FakeTool) -> None:
        super().__init__(app)
        self.tool = tool

    def token(self, *scopes: str) -> TestResponse:
        return self.post("/mod/lti/token.php", self.tool.token_form(CLIENT, " ".join(scopes)))

    def call(self, address: str, *scopes: str, method: str = "GET", json_body: Any = None) -> TestResponse:
        token = json.loads(self.token(*scopes).data)["access_token"]
        headers = {"Authorization": f"Bearer {token}", "Accept": "*/*"}
        return self.browser.open(address, method=method, base_url=SITE, headers=headers, json=json_body)


def score(**changed: Any) -> dict[str, Any]:
    return {
        "timestamp": "2026-11-22T12:25:32.000+00:00",
        "scoreGiven": 7,
        "scoreMaximum": 10,
        "activityProgress": "Completed",
        "gradingProgress": "FullyGraded",
        "userId": "7",
    } | changed


def test_a_token_is_json_that_calls_itself_html(caller: Caller) -> None:
    answer = caller.token(ROSTER_SCOPE)
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert json.loads(answer.data)["expires_in"] == 3600


def test_unknown_scopes_are_dropped_without_a_word(caller: Caller) -> None:
    groups = "https://purl.imsglobal.org/spec/lti-gs/scope/contextgroup.readonly"
    assert json.loads(caller.token(groups, ROSTER_SCOPE).data)["scope"] == ROSTER_SCOPE
    alone = caller.token(groups)
    assert (alone.status_code, json.loads(alone.data)) == (400, {"error": "invalid_scope"})


def test_scopes_of_services_that_the_administrator_has_switched_off_are_dropped(caller: Caller) -> None:
    Administrator(caller.app).set_up("1", roster_service="0", grade_service="1")
    given = json.loads(caller.token(ROSTER_SCOPE, f"{AGS}lineitem", f"{AGS}score").data)["scope"]
    assert given == f"{AGS}score"


def test_a_token_assertion_can_be_sent_again(caller: Caller) -> None:
    form = caller.tool.token_form(CLIENT, ROSTER_SCOPE)
    assert [caller.post("/mod/lti/token.php", form).status_code for _ in range(2)] == [200, 200]


def test_the_roster_is_unpaged_and_has_short_roles(caller: Caller) -> None:
    answer = caller.call(ROSTER, ROSTER_SCOPE)
    assert "Link" not in answer.headers
    assert {role for member in answer.json["members"] for role in member["roles"]} == {"Instructor", "Learner"}
    assert {member["status"] for member in answer.json["members"]} == {"Active"}
    wanted = {"status", "roles", "user_id", "lis_person_sourcedid", "name", "given_name", "family_name", "email"}
    assert all(member.keys() == wanted | {"ext_user_username"} for member in answer.json["members"])


def test_a_limit_makes_pages_that_keep_the_link(caller: Caller) -> None:
    answer = caller.call(f"{ROSTER}?rlid=4&limit=2", ROSTER_SCOPE)
    assert answer.headers["Link"] == f'<{SITE}{ROSTER}?limit=2&from=2&rlid=4>; rel="next"'
    last = caller.call(f"{ROSTER}?limit=2&from=4", ROSTER_SCOPE)
    assert "Link" not in last.headers


def test_a_link_in_the_roster_brings_its_custom_parameters(caller: Caller) -> None:
    member = next(one for one in caller.call(f"{ROSTER}?rlid=4", ROSTER_SCOPE).json["members"] if one["user_id"] == "7")
    (message,) = member["message"]
    assert message[f"{LTI}message_type"] == "LtiResourceLinkRequest"
    assert (message[f"{LTI}custom"]["place"], message[f"{LTI}custom"]["groups"]) == ("askf1medicine001", "3")


@pytest.mark.parametrize("link", ["999", "x", "1"])
def test_a_bad_link_is_not_found(caller: Caller, link: str) -> None:
    answer = caller.call(f"{ROSTER}?rlid={link}", ROSTER_SCOPE)
    assert (answer.status_code, answer.json["reason"]) == (404, f"Not Found: LTI link {link} doesn't exist")


def test_a_full_role_filters_as_well(caller: Caller) -> None:
    instructor = "http%3A%2F%2Fpurl.imsglobal.org%2Fvocab%2Flis%2Fv2%2Fmembership%23Instructor"
    members = caller.call(f"{ROSTER}?role={instructor}", ROSTER_SCOPE).json["members"]
    assert {member["user_id"] for member in members} == {"4", "5"}


def test_a_sites_token_reads_any_course(caller: Caller) -> None:
    assert caller.call(ROSTER.replace("/3/", "/2/"), ROSTER_SCOPE).status_code == 200


def test_names_in_the_roster_follow_the_privacy_settings(caller: Caller) -> None:
    Administrator(caller.app).set_up("1", share_name="0", share_email="0")
    member = caller.call(ROSTER, ROSTER_SCOPE).json["members"][0]
    assert not {"name", "given_name", "family_name", "email"} & member.keys()


def test_line_item_ids_hold_a_query(caller: Caller) -> None:
    (column,) = caller.call(f"{COLUMNS}?type_id=1", f"{AGS}lineitem").json
    assert column["id"] == f"{SITE}{COLUMNS}/4/lineitem?type_id=1"
    assert (column["resourceLinkId"], column["ltiLinkId"]) == ("4", "4")


def test_pages_of_line_items_have_a_link_that_nobody_can_read(caller: Caller) -> None:
    answer = caller.call(f"{COLUMNS}?type_id=1&resource_id=board-77&limit=1", f"{AGS}lineitem.readonly")
    link = answer.headers["Link"].encode("latin-1").decode()
    query = "resource_id=board-77&amp;type_id=1&amp;limit=1&amp;from=0"
    assert f"<{SITE}{COLUMNS}?{query}>; rel=“first”, <{SITE}{COLUMNS}?{query}>; rel=“canonical”" in link
    assert 'rel="' not in link
    assert "Link" not in caller.call(f"{COLUMNS}?type_id=1", f"{AGS}lineitem.readonly").headers


def test_scores_go_before_the_query_and_say_nothing(caller: Caller) -> None:
    address = f"{COLUMNS}/4/lineitem/scores?type_id=1"
    answer = caller.call(address, f"{AGS}score", method="POST", json_body=score())
    assert (answer.status_code, answer.data, answer.mimetype) == (200, b"", "application/vnd.ims.lis.v1.score+json")
    behind = f"{COLUMNS}/4/lineitem?type_id=1/scores"
    assert caller.call(behind, f"{AGS}score", method="POST", json_body=score()).status_code == 400


@pytest.mark.parametrize("when", ["2026-11-22T12:25:32.000+00:00", "2026-11-22T12:25:31Z", "2026-11-22T13:25:32+01:00"])
def test_the_same_or_an_older_timestamp_is_a_conflict(caller: Caller, when: str) -> None:
    address = f"{COLUMNS}/4/lineitem/scores?type_id=1"
    assert caller.call(address, f"{AGS}score", method="POST", json_body=score()).status_code == 200
    again = caller.call(address, f"{AGS}score", method="POST", json_body=score(timestamp=when, scoreGiven=1))
    assert (again.status_code, again.json) == (409, [])
    results = caller.call(f"{COLUMNS}/4/lineitem/results?type_id=1", f"{AGS}result.readonly").json
    assert [(one["resultScore"], one["timestamp"]) for one in results] == [(7, "2026-11-22T12:25:32+00:00")]
    later = score(timestamp="2026-11-22T12:25:33Z")
    assert caller.call(address, f"{AGS}score", method="POST", json_body=later).status_code == 200


@pytest.mark.parametrize("person", ["99", "6", "x", ""])
def test_an_unknown_person_is_a_bad_request_without_a_reason(caller: Caller, person: str) -> None:
    address = f"{COLUMNS}/4/lineitem/scores?type_id=1"
    answer = caller.call(address, f"{AGS}score", method="POST", json_body=score(userId=person))
    assert (answer.status_code, answer.json) == (400, [])


def test_there_is_no_groups_service(caller: Caller) -> None:
    for path in ("context/2/groups", "2/groups"):
        answer = caller.call(f"/mod/lti/services.php/{path}", ROSTER_SCOPE)
        assert (answer.status_code, answer.json["reason"]) == (400, f"No handler found for /{path} */* ")


def test_one_tool_does_not_see_the_columns_of_another(caller: Caller) -> None:
    connected = Administrator(caller.app).connect(caller.tool)
    answer = caller.post("/mod/lti/token.php", caller.tool.token_form(connected["client"], f"{AGS}lineitem"))
    headers = {"Authorization": f"Bearer {json.loads(answer.data)['access_token']}"}
    assert caller.get(f"{COLUMNS}?type_id=2", headers=headers).json == []
    assert caller.get(f"{COLUMNS}/4/lineitem?type_id=1", headers=headers).status_code == 404
    assert caller.get(f"{ROSTER}?rlid=4", headers=headers).status_code == 401


def test_private_addresses_are_not_called_where_moodles_own_lists_stand(caller: Caller) -> None:
    administrator = Administrator(caller.app)
    address = "/admin/settings.php?section=httpsecurity"
    assert caller.token(ROSTER_SCOPE).status_code == 200
    administrator.submit(address, {"do": "usual"})
    assert "172.16.0.0/12" in administrator.text(address)
    refused = caller.token(ROSTER_SCOPE)
    assert (refused.status_code, json.loads(refused.data)) == (400, {"error": "invalid_client"})
    administrator.submit(address, {"hosts": "10.0.0.0/8", "ports": "443\r\n80"})
    assert caller.token(ROSTER_SCOPE).status_code == 400, "its port is not allowed"
    administrator.submit(address, {"hosts": "10.0.0.0/8", "ports": f"443 80 {caller.tool.url.rpartition(':')[2]}"})
    assert caller.token(ROSTER_SCOPE).status_code == 200
    administrator.submit(address, {"do": "usual"})
    administrator.set_up("1", key_type="RSA_KEY", public_key=KEY.as_pem(private=False).decode())
    assert caller.token(ROSTER_SCOPE).status_code == 200, "a pasted key needs no call"


@pytest.mark.parametrize(
    ("hosts", "address", "is_stopped"),
    [
        ("", "http://127.0.0.1:5000/x", False),
        ("127.0.0.0/8", "http://127.0.0.1:5000/x", True),
        ("127.0.0.0/8", "http://localhost/x", True),
        ("LOCALHOST", "http://localhost/x", True),
        ("localhost", "http://127.0.0.1/x", False),
        ("10.0.0.0/8", "http://[::1]/x", False),
        ("::1", "http://[::1]/x", True),
        ("10.0.0.0/8", "http://nowhere.invalid/x", False),
    ],
)
def test_a_host_is_stopped_by_its_name_or_its_address(hosts: str, address: str, is_stopped: bool) -> None:
    assert Fence(hosts).stops(address) is is_stopped


def test_nonsense_in_the_lists_is_refused_and_shown_again(caller: Caller) -> None:
    administrator = Administrator(caller.app)
    address = "/admin/settings.php?section=httpsecurity"
    page = administrator.submit(address, {"hosts": "10.0.0.0/99", "ports": "http"})
    assert page.status_code == 400
    assert "Invalid entries: 10.0.0.0/99" in page.get_data(as_text=True)
    assert "Invalid entries: http" in page.get_data(as_text=True)
    assert caller.token(ROSTER_SCOPE).status_code == 200, "nothing was changed"
    teacher = Walk(caller.app)
    teacher.become(3)
    assert teacher.submit(address, {"do": "usual"}).status_code == 403
    assert administrator.post(address, {"do": "usual", "sesskey": "no"}).status_code == 403
