"""The rows of deep linking: what a tutor chooses goes back as the VLE wants to read it."""

import html
import json
import re
from datetime import timedelta
from typing import Any

import jwt
import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from lti_tool.core import clock
from lti_tool.launch.models import Choosing
from tests.factories.platform import DEEP_LINKING, LTI
from tests.factories.vle import Vle
from tests.functional.launch.test_activities import NEW_BOARD, TUTOR, post
from tests.functional.launch.test_ways_back import lands_on

SECOND_BOARD = {**NEW_BOARD, "title": "Fälle für ☃ & <Freunde>", "names": "hidden"}


def chooser(vle: Vle, **settings: Any) -> tuple[FlaskClient, TestResponse]:
    """A tutor's browser with the chooser open."""
    browser = vle.browser()
    return browser, vle.arrive(browser, **TUTOR, **vle.platform.choosing(**settings))


def choosing_path(vle: Vle) -> str:
    with vle.house.database.reading() as db:
        return f"/choose/{db.scalars(select(Choosing.public_id).order_by(Choosing.id.desc())).first()}"


def sent_back(vle: Vle, answer: TestResponse) -> tuple[str, dict[str, Any]]:
    """Where the answer goes and what it says, checked with our published key by another library than ours."""
    assert answer.status_code == 200, answer.text
    form = re.search(r'<form method="post" action="([^"]+)" data-send-now>', answer.text)
    token = re.search(r'name="JWT" value="([^"]+)"', answer.text)
    assert form
    assert token
    published = json.loads(vle.browser().get("/lti/jwks.json").text)
    key = jwt.PyJWKSet.from_dict(published)[jwt.get_unverified_header(token.group(1))["kid"]]
    said = jwt.decode(
        token.group(1), key, algorithms=["RS256"], audience=vle.platform.issuer, issuer=vle.platform.client_id
    )
    return html.unescape(form.group(1)), said


def choose(vle: Vle, browser: FlaskClient, data: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return sent_back(vle, post(browser, choosing_path(vle), data))


def items(said: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = said[DEEP_LINKING + "content_items"]
    return found


def made_board(vle: Vle, draft: dict[str, str] = NEW_BOARD) -> str:
    browser, _page = chooser(vle)
    _address, said = choose(vle, browser, draft)
    return str(items(said)[0]["custom"]["place"])


def test_the_answer_says_what_lti_wants(vle: Vle) -> None:
    browser, page = chooser(vle)
    assert page.status_code == 200
    address, said = choose(vle, browser, NEW_BOARD)
    assert address == "https://vle.example/return.php?course=2&id=1"
    assert said["aud"] == "https://vle.example"
    assert said[LTI + "message_type"] == "LtiDeepLinkingResponse"
    assert said[LTI + "version"] == "1.3.0"
    assert said[LTI + "deployment_id"] == "1"
    assert said["nonce"]
    assert 0 < said["exp"] - said["iat"] <= 300
    [item] = items(said)
    assert item["type"] == "ltiResourceLink"
    assert item["title"] == "Ask cardiology"
    assert item["url"] == "http://localhost:5000/lti/launch"


def test_what_was_chosen_opens_for_learners(vle: Vle) -> None:
    browser, _page = chooser(vle)
    _address, said = choose(vle, browser, NEW_BOARD)
    custom = items(said)[0]["custom"]
    assert custom["resourcelink_id_history"] == "$ResourceLink.id.history"
    page = vle.arrive(vle.browser(), **{LTI + "custom": custom})
    assert "Ask cardiology" in page.text


def test_several_items(vle: Vle) -> None:
    boards = [made_board(vle), made_board(vle, SECOND_BOARD)]
    browser, page = chooser(vle)
    assert 'type="checkbox" value="front"' in page.text
    _address, said = choose(vle, browser, {"do": "use", "thing": [*boards, "front"]})
    assert [item["custom"]["place"] for item in items(said)] == [*boards, "front"]


@pytest.mark.parametrize("accepted", [False, None])
def test_accept_multiple_false(vle: Vle, accepted: bool | None) -> None:
    board = made_board(vle)
    browser, page = chooser(vle, accept_multiple=accepted)
    assert 'type="radio" value="front"' in page.text
    assert post(browser, choosing_path(vle), {"do": "use", "thing": [board, "front"]}).status_code == 400
    _address, said = choose(vle, browser, {"do": "use", "thing": board})
    assert len(items(said)) == 1


def test_accept_types_without_links(vle: Vle) -> None:
    browser, page = chooser(vle, accept_types=["file"])
    assert page.status_code == 200
    assert "wants no links to activities" in page.text
    _address, said = choose(vle, browser, {"do": "cancel"})
    assert items(said) == []


def test_no_link_is_sent_to_whoever_takes_none(vle: Vle) -> None:
    browser, _page = chooser(vle, accept_types=["file"])
    assert post(browser, choosing_path(vle), {"do": "use", "thing": "front"}).status_code == 400


def test_accept_lineitem_without_marks_sends_no_line_item(vle: Vle) -> None:
    browser, _page = chooser(vle, accept_lineitem=True)
    _address, said = choose(vle, browser, NEW_BOARD)
    assert "lineItem" not in items(said)[0]


def test_cancel_is_an_answer_without_items(vle: Vle) -> None:
    browser, _page = chooser(vle)
    _address, said = choose(vle, browser, {"do": "cancel"})
    assert items(said) == []


def test_unicode_title(vle: Vle) -> None:
    browser, _page = chooser(vle)
    _address, said = choose(vle, browser, SECOND_BOARD)
    assert items(said)[0]["title"] == "Fälle für ☃ & <Freunde>"


def test_return_url_with_query(vle: Vle) -> None:
    url = "https://vle.example/mod/lti/contentitem_return.php?course=2&id=1&sesskey=GRDJTr42VG"
    browser, _page = chooser(vle, deep_link_return_url=url)
    answer = post(browser, choosing_path(vle), NEW_BOARD)
    assert sent_back(vle, answer)[0] == url
    assert "form-action 'self' https://vle.example;" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("data", ["opaque ☃", ""])
def test_data_is_echoed(vle: Vle, data: str) -> None:
    browser, _page = chooser(vle, data=data)
    _address, said = choose(vle, browser, NEW_BOARD)
    assert said[DEEP_LINKING + "data"] == data


def test_data_is_not_invented(vle: Vle) -> None:
    browser, _page = chooser(vle)
    _address, said = choose(vle, browser, NEW_BOARD)
    assert DEEP_LINKING + "data" not in said


def test_sizes_for_the_targets_that_the_platform_has(vle: Vle) -> None:
    browser, _page = chooser(vle)
    _address, said = choose(vle, browser, NEW_BOARD)
    assert items(said)[0]["iframe"] == items(said)[0]["window"] == {"width": 1000, "height": 800}
    browser, _page = chooser(vle, accept_presentation_document_targets=["iframe"])
    _address, said = choose(vle, browser, {"do": "use", "thing": "front"})
    assert "window" not in items(said)[0]


def test_one_choice_is_sent_once(vle: Vle) -> None:
    browser, _page = chooser(vle)
    choose(vle, browser, NEW_BOARD)
    assert post(browser, choosing_path(vle), NEW_BOARD).status_code == 409


def test_the_chooser_is_the_tutors_own_and_ends(vle: Vle) -> None:
    browser, _page = chooser(vle)
    path = choosing_path(vle)
    other = vle.browser()
    vle.arrive(other, **{**TUTOR, "sub": "other"})
    assert other.get(path).status_code == 404
    with time_machine.travel(clock.now() + timedelta(minutes=61), tick=False):
        assert browser.get(path).status_code in (401, 404)


def test_learners_choose_nothing(vle: Vle) -> None:
    browser = vle.browser()
    assert vle.arrive(browser, **vle.platform.choosing()).status_code == 403
    assert post(browser, choosing_path(vle), NEW_BOARD).status_code == 403


def test_where_the_answer_goes_is_stored_sealed(vle: Vle) -> None:
    chooser(vle, deep_link_return_url="https://vle.example/return?sesskey=SECRETKEY", data="opaque-data")
    with vle.house.database.reading() as db:
        sealed = db.scalars(select(Choosing.sealed)).one()
    assert b"SECRETKEY" not in sealed
    assert b"opaque-data" not in sealed


MARKS: dict[str, tuple[dict[str, Any], str | None, bool]] = {
    "takes columns, and the tutor asks": ({"accept_lineitem": True}, "yes", True),
    "takes columns, and the tutor does not ask": ({"accept_lineitem": True}, None, False),
    "takes none": ({"accept_lineitem": False}, "yes", False),
    "does not say, as Moodle": ({}, "yes", True),
    "says something odd": ({"accept_lineitem": ["yes"]}, None, False),
}


@pytest.mark.parametrize("row", MARKS)
def test_accept_lineitem(vle: Vle, row: str) -> None:
    settings, asked, has_column = MARKS[row]
    browser, page = chooser(vle, **settings)
    assert ('name="marks"' in page.text) is (settings.get("accept_lineitem") is not False)
    _address, said = choose(vle, browser, {**NEW_BOARD, **({"marks": asked} if asked else {})})
    [item] = items(said)
    if has_column:
        column = {"label": "Ask cardiology", "scoreMaximum": 100, "tag": "participation"}
        assert item["lineItem"] == {**column, "resourceId": item["custom"]["place"]}
    else:
        assert "lineItem" not in item


def test_a_new_board_goes_with_what_was_ticked(vle: Vle) -> None:
    board = made_board(vle)
    browser, _page = chooser(vle)
    things = [board, "cases", "teaching", "front"]
    _address, said = choose(vle, browser, {**SECOND_BOARD, "thing": things, "marks": "yes"})
    titles = [item["title"] for item in items(said)]
    assert titles == [
        "Ask cardiology", "Learn from a case", "When is teaching?", "My front page", "Fälle für ☃ & <Freunde>",
    ]  # fmt: skip
    assert all(item["lineItem"]["label"] == item["title"] for item in items(said))
    places = [item["custom"]["place"] for item in items(said)]
    assert places[:4] == things
    assert places[4] not in things


def test_a_new_board_goes_alone_where_one_is_taken(vle: Vle) -> None:
    browser, _page = chooser(vle, accept_multiple=False)
    _address, said = choose(vle, browser, {**NEW_BOARD, "thing": "front"})
    assert [item["title"] for item in items(said)] == ["Ask cardiology"]


@pytest.mark.parametrize("thing", ["cases", "teaching", "front"])
def test_each_kind_opens_for_a_learner(vle: Vle, thing: str) -> None:
    browser, _page = chooser(vle)
    _address, said = choose(vle, browser, {"do": "use", "thing": thing})
    learner, ends = vle.browser(), {"cases": "/cases", "teaching": "/teaching", "front": "/"}
    address = lands_on(learner, vle.launch(learner, **{LTI + "custom": items(said)[0]["custom"]}))
    assert re.fullmatch(rf"/courses/\w{{16}}{ends[thing]}", address)
    assert learner.get(address).status_code == 200


def test_what_was_typed_and_ticked_comes_back(vle: Vle) -> None:
    browser, _page = chooser(vle)
    page = post(
        browser, choosing_path(vle), {"do": "make", "title": "", "thing": "front", "marks": "yes", "names": "shown"}
    )
    assert page.status_code == 400
    assert re.search(r'value="front" checked', page.text)
    assert re.search(r'name="marks" type="checkbox" value="yes" checked', page.text)


def test_enter_in_the_name_means_the_new_board(vle: Vle) -> None:
    """Browsers press the first button of a form."""
    _browser, page = chooser(vle)
    form = page.text[page.text.index('action="/choose/') :]
    assert re.search(r"<button[^>]*>", form).group(0) == '<button type="submit" name="do" value="make" hidden>'  # type: ignore[union-attr]


def test_a_large_answer_is_one_form(vle: Vle) -> None:
    """Twenty boards go back in one message."""
    boards = [made_board(vle, {**NEW_BOARD, "title": f"Board {number}"}) for number in range(20)]
    browser, _page = chooser(vle)
    _address, said = choose(vle, browser, {"do": "use", "thing": boards})
    assert [item["custom"]["place"] for item in items(said)] == boards
