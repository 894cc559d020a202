"""A picture is chosen, added, described and sent in a real Chromium, with scripts and without, and shown when asked."""

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser as Chromium
from werkzeug.serving import make_server

from lti_tool.access import Role
from lti_tool.app import create_app
from lti_tool.core.db import Database
from lti_tool.core.settings import Settings
from lti_tool.web import VISIT_COOKIE
from tests.factories.demo import free_port
from tests.factories.files import heavy_photo
from tests.factories.house import House

pytestmark = pytest.mark.browser


@pytest.fixture
def served(settings: Settings, database: Database) -> Iterator[tuple[House, str]]:
    """The house on a port of its own: a file that is intercepted on its way would not arrive."""
    port = free_port()
    address = f"http://localhost:{port}"
    app = create_app(replace(settings, base_url=address), database)
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield House(app, database), address
    server.shutdown()
    thread.join()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_picture_is_sent_from_a_real_browser(served, chromium: Chromium, tmp_path, scripts):
    house, address = served
    trust = house.trust()
    course = house.course(trust)
    sam = house.person(trust, "Sam Okafor", {course.id: Role.LEARNER})
    helen = house.person(trust, "Dr Helen Marsh", {course.id: Role.TUTOR})
    board = house.board(course, helen, moderated=False)
    (tmp_path / "photo.jpg").write_bytes(heavy_photo())
    context = chromium.new_context(java_script_enabled=scripts)
    token = house.browser(sam, course).token
    place = {"domain": "localhost", "path": "/", "secure": True, "httpOnly": True}
    context.add_cookies([{"name": VISIT_COOKIE, "value": token, **place}])
    page = context.new_page()
    page.goto(f"{address}/boards/{board}/ask")
    page.get_by_label("Question").fill("What is this?")
    page.get_by_label("Your text").fill("See the picture.")
    page.get_by_text("Add a picture or a PDF").click()
    page.get_by_label("Choose a picture or a PDF").set_input_files(tmp_path / "photo.jpg")
    page.get_by_role("button", name="Add it").click()
    words = page.get_by_label("What does picture 1 show?")
    words.fill("An ECG")
    words.press("Enter")  # sends: the form's first button is neither that of a file nor of a finding
    page.wait_for_url("**/threads/*")
    picture = page.get_by_role("img", name="An ECG")
    assert "size=small" in (picture.get_attribute("src") or "")
    page.get_by_role("link", name="Show it large").click()
    page.wait_for_url("**picture=*")
    assert "size=small" not in (picture.get_attribute("src") or "")
    assert page.request.get(address + str(picture.get_attribute("src"))).headers["content-type"] == "image/jpeg"
    context.close()
