"""Every page of the launch room in real Chromium, wide and narrow: axe finds nothing serious, nothing sticks out.

With PICTURES=<folder> in the environment each page is also photographed there.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Route
from werkzeug.test import TestResponse

from tests.browser.conftest import HOST
from tests.browser.test_every_page import axe, sticks_out
from tests.conformance.test_registration import invite, offer_on, opened, press
from tests.factories.house import House
from tests.factories.platform import GONE, INSTITUTION, LTI
from tests.factories.registering_vle import registering_vle
from tests.factories.vle import Vle, connected_vle
from tests.functional.launch.test_activities import NEW_BOARD, TUTOR, activity_of, link, post
from tests.functional.launch.test_arrivals import forgetful
from tests.functional.launch.test_connection_check import watch_on
from tests.functional.launch.test_ways_back import course_of

PICTURES = os.environ.get("PICTURES")
pytestmark = pytest.mark.browser


@pytest.fixture
def vle(house: House) -> Iterator[Vle]:
    with connected_vle(house) as found:
        yield found


def answers(vle: Vle) -> dict[str, TestResponse]:
    """Each page by name, as somebody meets it."""
    tutor = vle.browser()
    found = {
        "refused": vle.launch(vle.browser(), aud="another-tool"),
        "continue": vle.arrive(forgetful(vle)),
        "no-course": vle.launch(vle.browser(), **{LTI + "context": GONE}),
        "login-with-storage": vle.login(vle.browser(), lti_storage_target="_parent").answer,
        "not-ready": vle.arrive(vle.browser()),
        "choose": vle.arrive(tutor, **TUTOR),
    }
    path = f"/activities/{activity_of(vle).public_id}"
    found["choose-error"] = post(tutor, path, {"do": "use"})
    post(tutor, path, {**NEW_BOARD, "purpose": "Questions from the wards and clinics."})
    found["change"] = tutor.get(f"{path}/change")
    found["elsewhere"] = tutor.get("/window")
    copied = {LTI + "context": {"id": "course-2", "title": "Next year"}, **link("link-2")}
    found["choose-copy"] = vle.arrive(vle.browser(), **TUTOR, **copied)
    found |= connecting(vle)
    found["gate"] = vle.browser().get(f"/go/{board_of(vle)}", headers={"Sec-Fetch-Site": "none"})
    administrator = vle.browser()
    vle.arrive(administrator, **{LTI + "roles": [INSTITUTION + "Administrator"]}, sub="administrator")
    found["connection-in-course"] = administrator.get(f"/courses/{course_of(vle).public_id}/connection")
    chooser = vle.browser()
    found["choose-for-vle"] = vle.arrive(chooser, **TUTOR, **vle.platform.choosing())
    found["choose-nothing"] = vle.arrive(vle.browser(), **TUTOR, **vle.platform.choosing(accept_types=["file"]))
    return found


def board_of(vle: Vle) -> str:
    return activity_of(vle).thing


def connecting(vle: Vle) -> dict[str, TestResponse]:
    """The pages on which a VLE connects itself."""
    with registering_vle() as registering:
        browser, page = opened(vle.house, registering, invite(vle.house, "--name", "Southmoor learning"))
        found = {"register": page}
        end = browser.get(press(browser, offer_on(page)).location)
        found["registered"] = end
        found["connection"] = browser.get(watch_on(end.text))
        found["register-refused"] = opened(vle.house, registering, "A" * 43)[1]
    return found


@pytest.mark.parametrize("width", [1280, 390])
def test_every_page_of_a_launch(vle: Vle, chromium: Chromium, width: int) -> None:
    client, wrong = vle.browser(), {}
    for name, answer in answers(vle).items():
        assert answer.status_code in (200, 400, 401), name
        context = chromium.new_context(viewport={"width": width, "height": 900}, reduced_motion="reduce")

        def fulfil(route: Route, *, answer: TestResponse = answer) -> None:
            path = route.request.url.removeprefix(HOST)
            shown = answer if path == "/page" else client.get(path)
            route.fulfill(status=shown.status_code, headers=dict(shown.headers), body=shown.get_data())

        context.route(f"{HOST}/**", fulfil)
        context.route("https://vle.example/**", lambda route: route.abort())
        page = context.new_page()
        # The page on the way to the VLE would go on by itself; here its script is kept away, so that it can be seen.
        page.route("**/static/launch.js*", lambda route: route.abort())
        page.goto(f"{HOST}/page")
        if found := axe(page) + sticks_out(page):
            wrong[name] = found
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / f"launch-{name}-{width}.png", full_page=True)
        context.close()
    assert not wrong
