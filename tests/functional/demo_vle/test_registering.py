"""A tool connects itself by dynamic registration, held against what was captured from a real Moodle."""

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from lti_tool.demo_platform import VleConfig, create_vle
from lti_tool.demo_platform.registering import new_registration_token

from .administrator import Administrator
from .fake_tool import AGS, CONFIGURATION, KEY, LTI, ROSTER_SCOPE, FakeTool
from .test_launches import shape
from .walk import SITE, TOOL, Walk, fields_of, form_in

MOODLE = json.loads((Path(__file__).parent / "moodle_registration.json").read_text(encoding="utf-8"))
HELEN, PRIYA = 3, 7


def test_the_frame_opens_the_address_with_a_token_for_an_hour(administrator: Administrator, tool: FakeTool) -> None:
    said = administrator.begin(tool)
    assert said["invite"] == "abc", "the query of the address is kept"
    assert said["openid_configuration"] == f"{SITE}/mod/lti/openid-configuration.php"
    claims = administrator.decode(said["registration_token"])
    assert shape(claims) == shape(MOODLE["token"])
    assert (claims["scope"], claims["exp"] - claims["iat"], len(claims["sub"])) == ("reg", 3600, 15)
    assert set(administrator.begin(tool, "/lti/register")) == {"openid_configuration", "registration_token"}


def test_the_configuration_is_what_moodle_says(administrator: Administrator) -> None:
    served = administrator.get("/mod/lti/openid-configuration.php")
    assert served.mimetype == "application/json"
    assert json.loads(served.get_data(as_text=True).replace(SITE, "http://localhost:8081")) == MOODLE["configuration"]


def test_the_answer_is_what_moodle_says(administrator: Administrator, tool: FakeTool) -> None:
    said = administrator.begin(tool)
    answer = administrator.register(tool, said["registration_token"], tool.registration())
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json; charset=utf-8")
    assert shape(answer.json) == shape(MOODLE["response"])
    assert answer.json["client_id"] == administrator.decode(said["registration_token"])["sub"]
    assert answer.json["scope"] == MOODLE["response"]["scope"]
    assert answer.json[CONFIGURATION]["deployment_id"] == "2", "the demo’s own tool is 1"
    assert answer.json[CONFIGURATION]["claims"] == MOODLE["response"][CONFIGURATION]["claims"]


def test_a_tool_is_pending_then_active_then_shown(administrator: Administrator, tool: FakeTool) -> None:
    administrator.register(tool, administrator.begin(tool)["registration_token"], tool.registration(client_name="New"))
    cards = administrator.text("/mod/lti/toolconfigure.php")
    assert "Pending" in cards
    assert "This tool has not yet been used" in cards
    teacher = Walk(administrator.app)
    teacher.become(HELEN)
    chooser, form = "/course/modchooser.php?course=2&section=0", "/course/modedit.php?course=2&section=0&typeid=2"
    assert ">New<" not in teacher.get(chooser).get_data(as_text=True)
    refused = teacher.get(form)
    assert refused.status_code == 403
    assert "New is pending" in refused.get_data(as_text=True)
    active = administrator.submit("/mod/lti/activate.php", {"id": "2"}, follow_redirects=True)
    assert "Pending" not in active.get_data(as_text=True)
    assert ">New<" not in teacher.get(chooser).get_data(as_text=True), "preconfigured is not yet in the chooser"
    refused = teacher.get(form)
    assert refused.status_code == 403
    assert "not shown in the activity chooser" in refused.get_data(as_text=True)
    administrator.set_up("2", usage="2")
    assert ">New<" in teacher.get(chooser).get_data(as_text=True)
    assert teacher.get(form).status_code == 200


def test_the_settings_that_registration_makes(administrator: Administrator, tool: FakeTool) -> None:
    administrator.register(tool, administrator.begin(tool)["registration_token"], tool.registration())
    page = administrator.text("/mod/lti/typessettings.php?id=2")
    for chosen in (
        "Show as preconfigured tool when adding an external tool",
        "Use this service for grade sync and column management",
        "Use this service to retrieve members&#39; information as per privacy settings",
        "Delegate to teacher",
        "Embed, without blocks",
        "Keyset URL",
    ):
        assert f"selected>{chosen}</option>" in page
    assert "ctxhist=$Context.id.history" in page
    assert f"{tool.url}/lti/jwks.json" in page


def test_a_modest_tool_gets_little(administrator: Administrator, tool: FakeTool) -> None:
    said = tool.registration(scope=None, more={"claims": None, "messages": None, "custom_parameters": None})
    body = administrator.register(tool, administrator.begin(tool)["registration_token"], said).json
    assert body["scope"] == ""
    assert "messages" not in body[CONFIGURATION]
    page = administrator.text("/mod/lti/typessettings.php?id=2")
    assert page.count("selected>Never</option>") == 3
    assert page.count("selected>Do not use this service</option>") == 2


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        *[
            ({name: None}, f"missing required attribute {name}")
            for name in (
                "response_types",
                "initiate_login_uri",
                "redirect_uris",
                "client_name",
                "jwks_uri",
                "token_endpoint_auth_method",
                CONFIGURATION,
            )
        ],
        ({"more": {"domain": None}}, "missing required attribute domain"),
        ({"more": {"target_link_uri": None}}, "missing required attribute target_link_uri"),
        ({"response_types": ["code"]}, "invalid_response_types"),
        ({"redirect_uris": "https://a.example"}, "invalid_redirect_uris"),
        ({"token_endpoint_auth_method": "none"}, "invalid_token_endpoint_auth_method"),
        ({"application_type": "native"}, "invalid_application_type"),
        ({"more": {"domain": "elsewhere.example"}}, "domain_targetlinkuri_mismatch"),
        ({"more": {"messages": ["x"]}}, f"missing required attribute {CONFIGURATION}"),
    ],
)
def test_bad_registrations_get_moodles_words(
    administrator: Administrator, tool: FakeTool, changed: dict[str, Any], word: str
) -> None:
    token = administrator.begin(tool)["registration_token"]
    answer = administrator.register(tool, token, tool.registration(**changed))
    assert (answer.status_code, answer.get_data(as_text=True)) == (400, word)
    assert administrator.register(tool, token, tool.registration()).status_code == 200, "the token is still good"


def test_a_token_is_good_once(administrator: Administrator, tool: FakeTool) -> None:
    token = administrator.begin(tool)["registration_token"]
    assert administrator.register(tool, token, tool.registration()).status_code == 200
    again = administrator.register(tool, token, tool.registration())
    assert (again.status_code, again.get_data(as_text=True)) == (401, "token_already_used")


def test_tokens_that_are_old_strange_or_missing(administrator: Administrator, tool: FakeTool) -> None:
    with administrator.app.test_request_context():
        old = new_registration_token(time.time() - 3601)
    expired = administrator.register(tool, old, tool.registration())
    assert expired.status_code == 404, "a real Moodle ends in its error page here"
    assert "Expired token" in expired.get_data(as_text=True)
    strange = tool.answer("x", "1", [], KEY)
    assert administrator.register(tool, strange, tool.registration()).status_code == 404
    nothing = administrator.register(tool, "", tool.registration())
    assert (nothing.status_code, nothing.get_data(as_text=True)) == (401, "missing_registration_token")
    for nonsense in ([], None, "x"):
        token = administrator.begin(tool)["registration_token"]
        assert administrator.register(tool, token, nonsense).status_code == 400


@pytest.mark.parametrize("address", ["", "tool.example", "javascript:alert(1)", "ftp://a.example", "http://["])
def test_an_address_that_is_none_is_asked_for_again(administrator: Administrator, address: str) -> None:
    page = administrator.submit("/mod/lti/toolconfigure.php", {"toolurl": address})
    assert page.status_code == 400
    assert "A valid URL must start with http(s)://" in page.get_data(as_text=True)
    assert fields_of(page.get_data(as_text=True))["toolurl"] == address


@pytest.mark.parametrize("person", [HELEN, PRIYA])
def test_only_the_administrator_may(walk: Walk, person: int) -> None:
    walk.become(person)
    assert "Site administration" not in walk.get("/my/courses.php").get_data(as_text=True)
    for path in ("/admin/search.php", "/mod/lti/toolconfigure.php", "/mod/lti/typessettings.php?id=1"):
        assert walk.get(path).status_code == 403
    assert walk.submit("/mod/lti/activate.php", {"id": "1"}).status_code == 403
    assert walk.submit("/mod/lti/delete.php?id=1", {}).status_code == 403
    assert walk.get("/mod/lti/startltiadvregistration.php?url=http://a.example").status_code == 403


def test_forms_without_the_key_of_the_session_change_nothing(administrator: Administrator) -> None:
    for path in ("activate.php", "toolconfigure.php", "typessettings.php?id=1", "delete.php?id=1"):
        assert administrator.post(f"/mod/lti/{path}", {"id": "1", "sesskey": "no"}).status_code == 403
    assert administrator.get("/mod/lti/startltiadvregistration.php?url=http://a.example&sesskey=no").status_code == 403
    assert "Grand Round" in administrator.text("/mod/lti/toolconfigure.php")


def test_a_second_run_keeps_the_tools_and_their_settings(own_vle: Flask, tool: FakeTool, tmp_path: Path) -> None:
    Administrator(own_vle).connect(tool, name="Kept", accept_grades="1")
    again = Administrator(create_vle(VleConfig(SITE, "http://localhost:5055", tmp_path)))
    page = again.text("/mod/lti/typessettings.php?id=2")
    assert 'value="Kept"' in page
    assert "selected>Always</option>" in page
    assert "http://localhost:5055/lti/launch" in again.text("/mod/lti/typessettings.php?id=1"), "the demo’s tool moved"


def test_a_vle_can_begin_without_a_tool(tmp_path: Path, tool: FakeTool) -> None:
    administrator = Administrator(create_vle(VleConfig(SITE, TOOL, tmp_path, is_empty=True)))
    assert "There are no external tools configured" in administrator.text("/mod/lti/toolconfigure.php")
    assert "/mod/lti/view.php" not in administrator.text("/course/view.php?id=2")
    assert administrator.connect(tool)["deployment"] == "1"


def test_a_tool_can_be_configured_by_hand_with_its_key(administrator: Administrator, tool: FakeTool) -> None:
    said = {
        "name": "By hand",
        "tool_url": f"{tool.url}/lti/launch",
        "login_url": f"{tool.url}/lti/login",
        "redirect_uris": f"{tool.url}/lti/launch",
        "key_type": "RSA_KEY",
        "public_key": "not a key",
        "roster_service": "1",
        "client_id": "byHandClient001",
        "usage": "2",
    }
    refused = administrator.submit("/mod/lti/typessettings.php", said)
    assert refused.status_code == 400
    assert "from its BEGIN line to its END line" in refused.get_data(as_text=True)
    assert "By hand" in refused.get_data(as_text=True), "what was typed is still there"
    administrator.submit("/mod/lti/typessettings.php", said | {"public_key": KEY.as_pem(private=False).decode()})
    form = tool.token_form("byHandClient001", ROSTER_SCOPE)
    assert administrator.post("/mod/lti/token.php", form).status_code == 200


def test_settings_with_nonsense_are_refused_and_shown_again(administrator: Administrator) -> None:
    page = administrator.set_up("1", name="", login_url="x", redirect_uris="y", icon="z", usage="9")
    text = page.get_data(as_text=True)
    assert page.status_code == 400
    for words in ("Tool name: You must", "Initiate login URL: A valid URL", "Redirection URI(s): one", "Icon URL: A"):
        assert words in text
    assert administrator.set_up("1").status_code == 303, "nothing was changed"


def test_a_deleted_tool_opens_nothing_and_gets_no_token(administrator: Administrator, tool: FakeTool) -> None:
    connected = administrator.connect(tool)
    asked = tool.token_form(connected["client"], f"{AGS}score")
    token = json.loads(administrator.post("/mod/lti/token.php", asked).data)["access_token"]
    used = re.search(r"being used (\d+) times", administrator.text("/mod/lti/toolconfigure.php"))
    assert used is not None
    assert f"Its {used[1]} activities stay" in administrator.text("/mod/lti/delete.php?id=1")
    administrator.submit("/mod/lti/delete.php?id=1", {})
    administrator.submit("/mod/lti/delete.php?id=2", {})
    opened = administrator.get("/mod/lti/view.php?id=2")
    assert opened.status_code == 404
    assert "LTI tool type not found" in opened.get_data(as_text=True)
    assert administrator.post("/mod/lti/token.php", asked).status_code == 400
    headers = {"Authorization": f"Bearer {token}"}
    columns = administrator.get("/mod/lti/services.php/2/lineitems?type_id=2", headers=headers)
    assert columns.status_code == 401


def test_names_and_addresses_are_shared_as_the_settings_say(administrator: Administrator) -> None:
    assert {"name", "email"} <= administrator.launch(2).keys()
    administrator.set_up("1", share_name="0", share_email="0", roster_service="0", grade_service="0")
    claims = administrator.launch(2)
    assert not {"name", "given_name", "family_name", "email"} & claims.keys()
    assert not [claim for claim in claims if "nrps" in claim or "ags" in claim]
    assert claims[f"{LTI}context"]["id"] == "2"


@pytest.mark.parametrize(("container", "there"), [("3", "<iframe"), ("4", 'target="_blank"')])
def test_the_launch_container(administrator: Administrator, container: str, there: str) -> None:
    administrator.set_up("1", container=container)
    assert there in administrator.text("/mod/lti/view.php?id=2")


def test_the_existing_window(administrator: Administrator) -> None:
    administrator.set_up("1", container="5")
    answer = administrator.get("/mod/lti/view.php?id=2")
    assert (answer.status_code, answer.location) == (303, "/mod/lti/launch.php?id=2&container=5")


def test_tools_launch_as_themselves_and_answer_at_their_own_addresses(own_vle: Flask, tool: FakeTool) -> None:
    administrator = Administrator(own_vle)
    connected = administrator.connect(tool)
    query = administrator.auth_query(2)
    assert administrator.ask(query | {"redirect_uri": f"{tool.url}/lti/launch"}).status_code == 400
    other = query | {"client_id": connected["client"], "redirect_uri": f"{tool.url}/lti/launch"}
    assert administrator.ask(other).status_code == 404, "the launch belongs to the first tool"
    assert "id_token" in form_in(administrator.ask(query)).fields
