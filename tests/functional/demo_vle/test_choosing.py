"""A teacher chooses content in the tool, and what the VLE makes of the answer."""

import json
import re
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from joserfc.jwk import RSAKey
from werkzeug.test import TestResponse

from .administrator import Administrator
from .fake_tool import DL, LTI, FakeTool
from .test_launches import shape
from .walk import SITE, Walk, fields_of, form_in

HELEN, RHYS, PRIYA = 3, 4, 7
COURSE, SECTION = 2, 1
BOARD = {
    "type": "ltiResourceLink",
    "title": "Board 0",
    "text": "Ask <here>",
    "url": "http://localhost:5000/lti/launch",
    "custom": {"place": "board0000000000a", "cid": "$Context.id.history"},
    "icon": {"url": "http://localhost:5000/static/board.svg", "width": 40},
    "iframe": {"width": 900, "height": 600},
    "available": {"startDateTime": "2026-01-01T00:00:00Z"},
    "lineItem": {"scoreMaximum": 10, "label": "Participation", "resourceId": "board-0", "tag": "ctag"},
}
CASES = {"type": "ltiResourceLink", "title": "Cases – Fälle ✓", "custom": {"place": "cases"}}


class Teacher(Walk):
    """Dr Helen Marsh, choosing in a tool that was connected."""

    def __init__(self, app: Flask, tool: FakeTool, connected: dict[str, str]) -> None:
        super().__init__(app)
        self.tool, self.client, self.deployment = tool, connected["client"], connected["deployment"]
        self.become(HELEN)

    def claims(self) -> dict[str, Any]:
        """Press "Select content": the claims with which the tool is opened."""
        page = self.get(f"/mod/lti/contentitem.php?course={COURSE}&id={self.deployment}&section={SECTION}")
        login = form_in(page)
        assert login.action == f"{self.tool.url}/lti/login"
        query = {
            "scope": "openid",
            "response_type": "id_token",
            "response_mode": "form_post",
            "client_id": login.fields["client_id"],
            "redirect_uri": f"{self.tool.url}/lti/launch",
            "state": "s",
            "nonce": "n",
            "login_hint": login.fields["login_hint"],
            "lti_message_hint": login.fields["lti_message_hint"],
        }
        sent = form_in(self.ask(query))
        assert sent.action == f"{self.tool.url}/lti/launch"
        return self.decode(sent.fields["id_token"])

    def send(self, message: str) -> TestResponse:
        """The tool's form, as the browser posts it."""
        address = self.claims()[f"{DL}deep_linking_settings"]["deep_link_return_url"]
        assert address.startswith(f"{SITE}/mod/lti/contentitem_return.php?")
        return self.post(address.removeprefix(SITE), {"JWT": message})

    def answer(self, items: list[Any], **changed: Any) -> TestResponse:
        return self.send(self.tool.answer(self.client, self.deployment, items, **changed))

    def course(self) -> str:
        return self.get(f"/course/view.php?id={COURSE}").get_data(as_text=True)

    def save_one(self, answer: TestResponse, **changed: str) -> TestResponse:
        """Follow the frame to the form, and save it."""
        page = self.get(onward(answer))
        fields = fields_of(page.get_data(as_text=True)) | changed
        return self.post(onward(answer).partition("&offer=")[0], fields, follow_redirects=True)


def onward(answer: TestResponse) -> str:
    found = re.search(r'id="onward" href="([^"]+)" target="_top"', answer.get_data(as_text=True))
    assert found is not None, answer.get_data(as_text=True)
    return found[1].replace("&amp;", "&")


@pytest.fixture
def connected(administrator: Administrator, tool: FakeTool) -> dict[str, str]:
    return administrator.connect(tool)


@pytest.fixture
def teacher(own_vle: Flask, tool: FakeTool, connected: dict[str, str]) -> Teacher:
    return Teacher(own_vle, tool, connected)


def test_the_tool_is_told_what_moodle_tells_it(teacher: Teacher) -> None:
    claims = teacher.claims()
    assert claims[f"{LTI}message_type"] == "LtiDeepLinkingRequest"
    assert claims[f"{LTI}target_link_uri"] == f"{teacher.tool.url}/lti/launch"
    assert claims["aud"] == teacher.client
    assert f"{LTI}resource_link" not in claims
    assert claims[f"{LTI}launch_presentation"] == {"locale": "en"}
    settings = claims[f"{DL}deep_linking_settings"]
    query = parse_qs(urlsplit(settings.pop("deep_link_return_url")).query)
    assert (query["course"], query["id"], len(query["sesskey"][0])) == ([str(COURSE)], [teacher.deployment], 10)
    assert settings == {
        "accept_types": ["ltiResourceLink"],
        "accept_presentation_document_targets": ["frame", "iframe", "window"],
        "accept_copy_advice": False,
        "accept_multiple": True,
        "accept_unsigned": False,
        "auto_create": False,
        "can_confirm": False,
        "title": "Grand Round",
        "text": "Boards, cases and teaching",
    }


def test_one_thing_fills_the_form_and_is_saved_with_the_teachers_words(teacher: Teacher) -> None:
    answer = teacher.answer([BOARD])
    page = teacher.get(onward(answer)).get_data(as_text=True)
    fields = fields_of(page)
    assert (fields["name"], fields["introeditor"], fields["has_grades"]) == ("Board 0", "Ask <here>", "on")
    assert "Successfully fetched tool configuration from the selected content." in page
    course = teacher.save_one(answer, name="Ask us").get_data(as_text=True)
    assert "“Ask us” is in the course." in course
    assert "Ask &lt;here&gt;" in course
    assert "http://localhost:5000/static/board.svg" in course


def test_it_launches_like_any_other_with_its_own_parameters(own_vle: Flask, teacher: Teacher) -> None:
    teacher.save_one(teacher.answer([BOARD | {"url": f"{teacher.tool.url}/lti/launch"}]))
    number = newest(teacher)
    student = Walk(own_vle)
    student.become(PRIYA)
    login = form_in(student.get(f"/mod/lti/launch.php?id={number}")).fields
    assert (login["client_id"], login["lti_deployment_id"]) == (teacher.client, teacher.deployment)
    claims = launched(student, teacher.tool, number)
    assert claims[f"{LTI}resource_link"] == {"id": str(number), "title": "Board 0", "description": "Ask <here>"}
    custom = claims[f"{LTI}custom"]
    assert (custom["place"], custom["cid"], custom["groups"]) == ("board0000000000a", "", "1")
    assert "/lineitems/" in claims["https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"]["lineitem"]


def newest(walk: Walk) -> int:
    """The page number of the activity that was added last."""
    course = walk.get(f"/course/view.php?id={COURSE}").get_data(as_text=True)
    return max(map(int, re.findall(r"/mod/lti/view\.php\?id=(\d+)", course)))


def launched(walk: Walk, tool: FakeTool, cmid: int) -> dict[str, Any]:
    login = form_in(walk.get(f"/mod/lti/launch.php?id={cmid}")).fields
    query = {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "client_id": login["client_id"],
        "redirect_uri": f"{tool.url}/lti/launch",
        "state": "s",
        "nonce": "n",
        "login_hint": login["login_hint"],
        "lti_message_hint": login["lti_message_hint"],
    }
    return walk.decode(form_in(walk.ask(query)).fields["id_token"])


def test_several_things_are_posted_one_after_another(teacher: Teacher) -> None:
    page = teacher.answer([BOARD, CASES, CASES | {"title": "Teaching", "custom": {"place": "teaching"}}])
    form = form_in(page)
    assert 'data-count="3"' in page.get_data(as_text=True)
    for index in range(3):
        assert "Teaching" not in teacher.course().partition('class="activities"')[2]
        added = teacher.post(form.action, form.fields | {"index": str(index)})
        assert added.location == f"/course/view.php?id={COURSE}"
    teacher.post(form.action, form.fields | {"index": "1"})
    course = teacher.course()
    names = re.findall(r'<h3><a href="[^"]+">([^<]+)</a>', course.split('id="section-2"')[1].split("</section>")[0])
    assert names == ["Board 0", "Cases – Fälle ✓", "Teaching"], "in their order, and none of them twice"


def test_without_javascript_one_button_adds_them_all(teacher: Teacher) -> None:
    form = form_in(teacher.answer([BOARD, CASES]))
    first = teacher.post(form.action, form.fields, follow_redirects=True).get_data(as_text=True)
    assert "“Board 0” is in the course." in first
    assert "“Cases – Fälle ✓” is in the course." in first
    assert "is in the course." not in teacher.post(form.action, form.fields, follow_redirects=True).get_data(
        as_text=True
    )


def test_a_saved_form_sent_twice_adds_one(teacher: Teacher) -> None:
    answer = teacher.answer([CASES])
    teacher.save_one(answer)
    teacher.save_one(answer)
    assert teacher.course().count("Cases – Fälle ✓</a></h3>") == 1


@pytest.mark.parametrize("items", [[], None])
def test_cancelling_changes_nothing(teacher: Teacher, items: list[Any] | None) -> None:
    before = teacher.course()
    answer = teacher.answer(items) if items is not None else teacher.answer([], content_items=None)
    assert answer.status_code == 200
    assert "Nothing was selected" in answer.get_data(as_text=True)
    assert "offer" not in onward(answer)
    assert teacher.course() == before


def test_the_tools_own_words_are_shown(teacher: Teacher) -> None:
    wrong = teacher.answer([], errormsg="The <board> is gone").get_data(as_text=True)
    assert "The &lt;board&gt; is gone" in wrong
    assert "onward.js" not in wrong
    assert "Come again" in teacher.answer([], msg="Come again").get_data(as_text=True)


STRANGE_KEY = RSAKey.generate_key(2048, {"kid": "tool-key", "alg": "RS256", "use": "sig"})


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"key": STRANGE_KEY}, "signature does not match"),
        ({"aud": "http://localhost:9"}, "aud must be its issuer"),
        ({"aud": [SITE, "http://localhost:9"]}, "aud must be its issuer"),
        ({"iss": "northmoorDemo01"}, "iss must be the client id"),
        ({"deployment_id": "1"}, "another deployment"),
        ({"message_type": "LtiResourceLinkRequest"}, "another message type"),
        ({"version": "1.1"}, "another version"),
        ({"nonce": ""}, "no nonce"),
        ({"nonce": 7}, "no nonce"),
        ({"exp": 1}, "Check the clock"),
        ({"iat": 1}, "Check the clock"),
        ({"iat": time.time() + 3600}, "Check the clock"),
        ({"exp": None}, "Check the clock"),
        ({"data": "x"}, "data that this VLE has not sent"),
        ({"content_items": "x"}, "Invalid Content-Item response format"),
        ({"content_items": ["x"]}, "Invalid Content-Item response format"),
        ({"content_items": [{"type": "link"}]}, "Invalid media type: link"),
        ({"content_items": [BOARD | {"url": "javascript:alert(1)"}]}, "must start with http"),
        ({"content_items": [BOARD] * 101}, "Invalid Content-Item response format"),
    ],
)
def test_bad_answers_are_refused_in_plain_words(teacher: Teacher, changed: dict[str, Any], fault: str) -> None:
    before = teacher.course()
    answer = teacher.answer([BOARD], **changed)
    assert answer.status_code == 400
    assert fault in answer.get_data(as_text=True)
    assert teacher.course() == before


def test_an_answer_counts_once(teacher: Teacher) -> None:
    message = teacher.tool.answer(teacher.client, teacher.deployment, [BOARD])
    assert teacher.send(message).status_code == 200
    again = teacher.send(message)
    assert again.status_code == 400
    assert "sent this answer before" in again.get_data(as_text=True)
    assert teacher.send("rubbish").status_code == 400
    assert teacher.send("").status_code == 400


def test_without_a_cookie_the_answer_comes_once_more_from_our_own_page(teacher: Teacher) -> None:
    address = teacher.claims()[f"{DL}deep_linking_settings"]["deep_link_return_url"]
    message = {"JWT": teacher.tool.answer(teacher.client, teacher.deployment, [CASES])}
    cookie = teacher.browser.get_cookie("DemoVleSession")
    teacher.browser.delete_cookie("DemoVleSession")
    form = form_in(teacher.post(address.removeprefix(SITE), message))
    assert (form.action, form.fields) == (address, message | {"repost": "1"})
    assert teacher.post(address.removeprefix(SITE), form.fields).status_code == 403, "nobody is signed in"
    teacher.browser.set_cookie("DemoVleSession", cookie.value)
    assert "You have chosen content" in teacher.post(address.removeprefix(SITE), form.fields).get_data(as_text=True)


def test_only_a_teacher_of_the_course_chooses(own_vle: Flask, teacher: Teacher) -> None:
    address = teacher.claims()[f"{DL}deep_linking_settings"]["deep_link_return_url"].removeprefix(SITE)
    message = teacher.tool.answer(teacher.client, teacher.deployment, [BOARD])
    student, colleague = Walk(own_vle), Walk(own_vle)
    student.become(PRIYA)
    colleague.become(RHYS)
    begin = f"/mod/lti/contentitem.php?course={COURSE}&id={teacher.deployment}&section=0"
    assert student.get(begin).status_code == 403
    assert student.post(address, {"JWT": message}).status_code == 403
    assert colleague.post(address, {"JWT": message}).status_code == 403, "the key in the address is Helen’s"
    assert teacher.get(begin.replace("section=0", "section=99")).status_code == 404
    offered = onward(teacher.answer([BOARD]))
    assert colleague.get(offered).status_code == 404, "what Helen chose is hers"


def test_a_tool_that_is_not_offered_cannot_be_chosen_in(administrator: Administrator, teacher: Teacher) -> None:
    answer = onward(teacher.answer([BOARD]))
    administrator.set_up(teacher.deployment, usage="1")
    begin = f"/mod/lti/contentitem.php?course={COURSE}&id={teacher.deployment}&section=0"
    assert teacher.get(begin).status_code == 403
    assert teacher.get(answer).status_code == 403
    administrator.set_up(teacher.deployment, usage="2")
    fields = fields_of(administrator.text(f"/mod/lti/typessettings.php?id={teacher.deployment}"))
    del fields["has_selection"]
    administrator.post(f"/mod/lti/typessettings.php?id={teacher.deployment}", fields)
    assert teacher.get(begin).status_code == 403
    assert "Select content</a>" not in teacher.get(
        f"/course/modedit.php?typeid={teacher.deployment}&course={COURSE}&section=0"
    ).get_data(as_text=True)


@pytest.mark.parametrize(
    ("setting", "columns"),
    [("0", []), ("1", [("Board 0", 10), ("Cases – Fälle ✓", 100)]), ("2", [("Board 0", 10)])],
)
def test_columns_follow_accept_grades(
    administrator: Administrator, teacher: Teacher, setting: str, columns: list[tuple[str, int]]
) -> None:
    administrator.set_up(teacher.deployment, accept_grades=setting)
    form = form_in(teacher.answer([BOARD, CASES]))
    teacher.post(form.action, form.fields)
    asked = teacher.tool.token_form(teacher.client, "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem")
    token = json.loads(teacher.post("/mod/lti/token.php", asked).data)["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    found = teacher.get(f"/mod/lti/services.php/{COURSE}/lineitems?type_id=2", headers=headers).json
    assert [(one["label"], one["scoreMaximum"]) for one in found] == columns
    assert all(shape(one)["resourceLinkId"] == "str" for one in found)
    if columns:
        assert (found[0]["resourceId"], found[0]["tag"]) == ("board-0", "ctag")


def test_an_activity_without_chosen_content_opens_the_tool_itself(teacher: Teacher) -> None:
    address = f"/course/modedit.php?add=lti&typeid={teacher.deployment}&course={COURSE}&section=0"
    fields = fields_of(teacher.get(address).get_data(as_text=True))
    empty = teacher.post(address, fields | {"introeditor": "Some words"})
    assert empty.status_code == 400
    assert "Activity name: You must supply a value here." in empty.get_data(as_text=True)
    assert fields_of(empty.get_data(as_text=True))["introeditor"] == "Some words"
    teacher.post(address, fields | {"name": "Bare"})
    claims = launched(teacher, teacher.tool, newest(teacher))
    assert claims[f"{LTI}target_link_uri"] == f"{teacher.tool.url}/lti/launch"
    assert claims[f"{LTI}custom"] == {"ctxhist": "", "groups": ""}
