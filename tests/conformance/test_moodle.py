"""Launches as a Moodle 4.5 really sent them (`moodle/`), whole, with nothing but keys, nonce and times made ours."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from lti_tool.access import Role
from lti_tool.app import create_app
from lti_tool.core import clock
from lti_tool.core.db import Database
from lti_tool.people import Enrolment
from tests.conftest import make_settings
from tests.factories.house import House
from tests.factories.vle import Vle, connected_vle, follow

FOLDER = Path(__file__).parent / "moodle"
LTI = "https://purl.imsglobal.org/spec/lti/claim/"
ROLES = {"2": Role.TUTOR, "3": Role.TUTOR, "4": Role.LEARNER, "5": Role.LEARNER}


def captured(kind: str) -> list[dict[str, Any]]:
    found = [json.loads(path.read_text()) for path in sorted(FOLDER.glob(f"launch_{kind}_*.json"))]
    assert found, "the captured launches are part of the tests"
    return found


@pytest.fixture
def moodle(request: pytest.FixtureRequest, tmp_path: Path, database: Database) -> Iterator[tuple[Vle, dict[str, Any]]]:
    """An installation at the address to which the captured launch went."""
    claims = request.param["claims"]
    target = urlsplit(claims[LTI + "target_link_uri"])
    settings = make_settings(tmp_path, base_url=f"{target.scheme}://{target.netloc}")
    database.notes["settings"] = settings
    house = House(create_app(settings, database), database)
    with connected_vle(house, issuer=claims["iss"], client_id=claims["aud"]) as vle:
        yield vle, claims


def shifted(vle: Vle, claims: dict[str, Any], nonce: str) -> str:
    now = int(clock.now().timestamp())
    times = {"iat": now, "exp": now + claims["exp"] - claims["iat"]}
    return vle.platform.sign({**claims, **times, "nonce": nonce})


@pytest.mark.parametrize(
    "moodle", captured("LtiResourceLinkRequest"), indirect=True, ids=lambda one: one["claims"]["sub"]
)
def test_a_launch_lets_in(moodle: tuple[Vle, dict[str, Any]]) -> None:
    vle, claims = moodle
    browser = vle.browser()
    login = vle.login(browser, target_link_uri=claims[LTI + "target_link_uri"])
    page = follow(browser, vle.post(browser, shifted(vle, claims, login.nonce), login.state))
    assert page.status_code == 200
    assert claims[LTI + "context"]["title"] in page.text
    assert claims["name"] in page.text
    with vle.house.database.reading() as db:
        assert db.scalars(select(Enrolment.role)).one() == ROLES[claims["sub"]]


@pytest.mark.parametrize(
    "moodle", captured("LtiDeepLinkingRequest"), indirect=True, ids=lambda one: one["claims"]["sub"]
)
def test_a_chooser_opens(moodle: tuple[Vle, dict[str, Any]]) -> None:
    vle, claims = moodle
    browser = vle.browser()
    login = vle.login(browser, target_link_uri=claims[LTI + "target_link_uri"])
    page = follow(browser, vle.post(browser, shifted(vle, claims, login.nonce), login.state))
    assert page.status_code == 200
    assert "What should people find here?" in page.text
    assert "sesskey" not in page.text
