"""A person follows a link in a course of somebody else's platform and arrives on a page of the tool."""

import re

import pytest
import requests

from tests.conformance.peers.browser import Browser, form_with
from tests.conformance.peers.platforms import ROSTER, Platform, full_name
from tests.conformance.peers.tools import RosterTool, Tool


def arrive(browser: Browser, platform: Platform, person: str, role: str, kind: str = "resource") -> requests.Response:
    """Follow the link to the end."""
    return browser.submit(form_with("id_token", browser.open(platform.start_url(person, role, kind))))


def heading(page: requests.Response) -> str:
    """Return the text of the page's one h1, or an empty string."""
    found = re.findall(r"<h1[^>]*>(.*?)</h1>", page.text, re.DOTALL)
    return found[0].strip() if len(found) == 1 else ""


@pytest.mark.parametrize("role", ["Learner", "Instructor"])
def test_a_person_arrives_on_a_page(tool: Tool, platform: Platform, browser: Browser, role: str) -> None:
    page = arrive(browser, platform, "amina", role)
    assert page.status_code == 200, page.text
    assert page.url.startswith(tool.base_url)
    assert "/continue" not in page.url, "the browser was not recognised"
    assert heading(page)
    assert full_name("amina") in page.text


def test_the_same_person_may_come_again(platform: Platform, browser: Browser) -> None:
    assert arrive(browser, platform, "amina", "Learner").status_code == 200
    assert arrive(browser, platform, "amina", "Learner").status_code == 200


def test_the_platform_takes_what_a_teacher_chose(tool: Tool, platform: Platform, browser: Browser) -> None:
    page = arrive(browser, platform, "tariq", "Instructor", "deep_linking")
    assert page.status_code == 200, page.text
    taken = browser.submit(tool.choose(browser, page))
    assert taken.status_code == 200, taken.text
    assert [item["type"] for item in taken.json()] == ["ltiResourceLink"]
    assert taken.json()[0]["title"]
    assert taken.json()[0]["url"].startswith(tool.base_url)


@pytest.mark.parametrize("tool", ["stand-in"], indirect=True)
def test_the_tool_reads_every_page_of_the_roster(tool: RosterTool, platform: Platform, browser: Browser) -> None:
    arrive(browser, platform, "tariq", "Instructor")
    assert tool.roster(platform) == {full_name(person) for person, _, status in ROSTER if status == "Active"}


def test_a_changed_token_is_refused(platform: Platform, browser: Browser) -> None:
    form = form_with("id_token", browser.open(platform.start_url("amina")))
    head, claims, signature = form.fields["id_token"].split(".")
    form.fields["id_token"] = f"{head}.{claims}.{signature[:-12]}{'A' * 12}"
    assert browser.submit(form).status_code in range(400, 500)


def test_a_token_without_its_state_is_refused(platform: Platform, browser: Browser) -> None:
    form = form_with("id_token", browser.open(platform.start_url("amina")))
    form.fields["state"] = "of-nobody"
    assert browser.submit(form).status_code in range(400, 500)
