"""A teacher puts two things into a course of somebody else's platform in one go, and each opens for a learner."""

from typing import Any

import pytest
import requests

from tests.conformance.peers.browser import Browser, form_with
from tests.conformance.peers.platforms import Platform
from tests.conformance.peers.test_whole_launch import arrive, heading
from tests.conformance.peers.tools import Tool

BOARD = {"title": "Fälle für alle ☃", "names": "shown", "checked": "all", "do": "make"}


def taken(platform: Platform, browser: Browser, **chosen: Any) -> list[dict[str, Any]]:
    """What the platform has taken of what was chosen."""
    page = arrive(browser, platform, "tariq", "Instructor", "deep_linking")
    choice = form_with("thing", page)
    assert 'type="checkbox" value="front"' in page.text, "the platform takes several"
    choice.fields |= chosen
    answer = browser.submit(form_with("JWT", browser.submit(choice)))
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


def opened(platform: Platform, place: str) -> requests.Response:
    browser = Browser()
    start = platform.start_url("amina", "Learner", "resource", place)
    return browser.submit(form_with("id_token", browser.open(start)))


@pytest.mark.parametrize("tool", ["grand-round"], indirect=True)
def test_two_items_in_one_answer(tool: Tool, platform: Platform, browser: Browser) -> None:
    items = taken(platform, browser, thing=["cases", "teaching"], do="use")
    assert [item["type"] for item in items] == ["ltiResourceLink", "ltiResourceLink"]
    assert len({item["title"] for item in items}) == 2
    assert [item["custom"]["place"] for item in items] == ["cases", "teaching"]
    assert {item["url"] for item in items} == {f"{tool.base_url}/lti/launch"}


@pytest.mark.parametrize("tool", ["grand-round"], indirect=True)
def test_a_new_board_beside_the_front_page(tool: Tool, platform: Platform, browser: Browser) -> None:
    items = taken(platform, browser, thing=["front"], **BOARD)
    assert [item["title"] for item in items] == ["My front page", "Fälle für alle ☃"]
    page = opened(platform, items[1]["custom"]["place"])
    assert page.status_code == 200
    assert "Fälle für alle ☃" in heading(page)
