"""A link that left us finds its thing again: with a visit at once, else through the VLE, once, for nobody else."""

import re
from datetime import timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from lti_tool.core import clock
from lti_tool.core.db import as_trust
from lti_tool.launch import commands
from lti_tool.launch.models import Placement, Platform
from lti_tool.people import Course, Trust
from tests.factories.house import House
from tests.factories.platform import LTI
from tests.factories.vle import Vle
from tests.functional.launch.test_activities import NEW_BOARD, TUTOR, custom, link, placed_board, post
from tests.functional.launch.test_arrivals import BOB, forgetful
from tests.functional.launch.test_commands import add, run

pytestmark = pytest.mark.sql
HERE = {"Sec-Fetch-Site": "none", "Sec-Fetch-Dest": "document"}


def asked_question(vle: Vle) -> tuple[str, str, str]:
    """A board behind the activity with one question: board, thread and post."""
    browser, board = placed_board(vle)
    sent = post(browser, f"/boards/{board}/ask", {"title": "When?", "text": "Tell me.", "once": "A" * 16})
    assert sent.status_code == 303, sent.text
    thread = sent.location.removeprefix("/threads/")
    found = re.search(r'<article class="[^"]+" id="(\w{16})"', browser.get(sent.location).text)
    assert found
    return board, thread, found.group(1)


def course_of(vle: Vle, title: str = "Cardiology ST4") -> Course:
    with vle.house.database.reading() as db:
        as_trust(db, db.scalars(select(Trust.id)).one())
        return db.scalars(select(Course).where(Course.title == title)).one()


def lands_on(browser: FlaskClient, answer: TestResponse) -> str:
    """The last address of a launch, from its first answer on."""
    address = ""
    while answer.status_code in (302, 303):
        address = answer.location
        answer = browser.get(address)
    return address


def followed(vle: Vle, public_id: str) -> FlaskClient:
    """A browser in which somebody opened the link, and was told the way."""
    browser = vle.browser()
    page = browser.get(f"/go/{public_id}", headers=HERE)
    assert page.status_code == 200, page.text
    return browser


class TestWithAVisit:
    def test_it_opens_the_thing(self, vle: Vle) -> None:
        board, thread, question = asked_question(vle)
        browser = vle.browser()
        vle.arrive(browser, **TUTOR)
        assert browser.get(f"/go/{board}").location == f"/boards/{board}"
        assert browser.get(f"/go/{thread}").location == f"/threads/{thread}"
        assert browser.get(f"/go/{question}").location == f"/threads/{thread}#{question}"

    def test_what_one_may_not_see_is_not_there(self, vle: Vle) -> None:
        board, _thread, _question = asked_question(vle)
        stranger = vle.browser()
        elsewhere = {LTI + "context": {"id": "course-2", "title": "F1"}, **link("link-9")}
        vle.arrive(stranger, **elsewhere, sub="stranger")
        answer = stranger.get(f"/go/{board}")
        assert stranger.get(answer.location).status_code == 404

    @pytest.mark.parametrize("public_id", ["A" * 16, "x", "é" * 40])
    def test_what_does_not_exist(self, vle: Vle, public_id: str) -> None:
        browser = vle.browser()
        vle.arrive(browser)
        for somebody in (browser, vle.browser()):
            answer = somebody.get(f"/go/{public_id}")
            assert answer.status_code == 404
            assert "leads to nothing" in answer.text

    def test_it_keeps_the_visit_in_the_path(self, vle: Vle) -> None:
        _board, thread, _question = asked_question(vle)
        browser = vle.browser()
        answer = vle.launch(browser, **TUTOR)
        browser.delete_cookie("__Host-visit")
        visit = browser.get(answer.location).location.split("/")[2]
        assert browser.get(f"/v/{visit}/go/{thread}").location == f"/v/{visit}/threads/{thread}"


class TestTheGate:
    def test_it_names_the_course_and_the_vle_and_nothing_else(self, vle: Vle) -> None:
        _board, thread, _question = asked_question(vle)
        page = vle.browser().get(f"/go/{thread}", headers=HERE)
        assert "Open Cardiology ST4 in Northmoor Moodle" in page.text
        assert 'href="https://vle.example/course/view.php?id=course-1"' in page.text
        for secret in ("When?", "Ada", "Helen", "Tell me", "Ask cardiology"):
            assert secret not in page.text

    def test_course_ids_are_written_as_addresses_are(self, vle: Vle) -> None:
        odd = {LTI + "context": {"id": "course-v1:Trust+A&b=1#x", "title": "Odd"}}
        browser = vle.browser()
        vle.arrive(browser, **TUTOR, **odd)
        board = post(browser, f"/activities/{newest_activity(vle)}", NEW_BOARD).location.removeprefix("/boards/")
        page = vle.browser().get(f"/go/{board}", headers=HERE)
        assert 'view.php?id=course-v1%3ATrust%2BA%26b%3D1%23x"' in page.text

    def test_a_vle_whose_addresses_nobody_knows(self, vle: Vle) -> None:
        _board, thread, _question = asked_question(vle)
        with vle.house.database.transaction() as db:
            db.scalars(select(Platform)).one().course_url = ""
        page = vle.browser().get(f"/go/{thread}", headers=HERE)
        assert page.status_code == 200
        assert "Go to Cardiology ST4 in the VLE" in page.text
        assert "vle.example" not in page.text

    def test_cookies_say_nothing_of_a_person(self, vle: Vle) -> None:
        _board, thread, _question = asked_question(vle)
        answer = vle.browser().get(f"/go/{thread}", headers=HERE)
        partitioned, plain = answer.headers.getlist("Set-Cookie")
        for cookie in (partitioned, plain):
            assert cookie.startswith("__Host-way")
            assert all(word in cookie for word in ("Secure", "HttpOnly", "SameSite=None", "Max-Age=1800", "Path=/"))
        assert "Partitioned" in partitioned
        assert "Partitioned" not in plain


def newest_activity(vle: Vle) -> str:
    with vle.house.database.reading() as db:
        as_trust(db, db.scalars(select(Trust.id)).one())
        return db.scalars(select(Placement.public_id).order_by(Placement.id.desc())).first() or ""


class TestTheWayIn:
    def test_the_next_launch_lands_there_once(self, vle: Vle) -> None:
        _board, thread, question = asked_question(vle)
        browser = followed(vle, question)
        assert lands_on(browser, vle.launch(browser, **TUTOR)) == f"/threads/{thread}#{question}"
        board = lands_on(browser, vle.launch(browser, **TUTOR))
        assert board.startswith("/boards/")

    @pytest.mark.parametrize("jar", ["__Host-way", "__Host-way-plain"])
    def test_either_jar_is_enough(self, vle: Vle, jar: str) -> None:
        _board, thread, _question = asked_question(vle)
        browser = followed(vle, thread)
        browser.delete_cookie(jar)
        assert lands_on(browser, vle.launch(browser, **TUTOR)) == f"/threads/{thread}"

    def test_a_slip_that_stays_in_the_browser_is_used_up(self, vle: Vle) -> None:
        _board, thread, _question = asked_question(vle)
        browser = followed(vle, thread)
        slip = browser.get_cookie("__Host-way")
        assert slip
        lands_on(browser, vle.launch(browser, **TUTOR))
        browser.set_cookie("__Host-way", slip.value, secure=True)
        assert lands_on(browser, vle.launch(browser, **TUTOR)).startswith("/boards/")

    def test_another_course_is_not_led_astray(self, vle: Vle) -> None:
        _board, thread, _question = asked_question(vle)
        browser = followed(vle, thread)
        other = {LTI + "context": {"id": "course-2", "title": "F1"}, **link("link-9"), **custom(place="front")}
        assert lands_on(browser, vle.launch(browser, **TUTOR, **other)).endswith("/")
        assert lands_on(browser, vle.launch(browser, **TUTOR)) == f"/threads/{thread}"

    def test_somebody_elses_way_is_not_mine(self, vle: Vle) -> None:
        """A shared PC: Ada's visit is over, she follows a link, Bob opens the activity. He comes to his own page."""
        board, thread, _question = asked_question(vle)
        browser = vle.browser()
        vle.arrive(browser)
        with time_machine.travel(clock.now() + timedelta(hours=2)):
            assert browser.get(f"/go/{thread}", headers=HERE).status_code == 200
            bob = lands_on(browser, vle.launch(browser, **BOB))
            assert bob == f"/boards/{board}"
            assert lands_on(browser, vle.launch(browser)) == f"/boards/{board}"

    def test_it_is_mine_when_i_come_back(self, vle: Vle) -> None:
        _board, thread, _question = asked_question(vle)
        browser = vle.browser()
        vle.arrive(browser)
        with time_machine.travel(clock.now() + timedelta(hours=2)):
            browser.get(f"/go/{thread}", headers=HERE)
            assert lands_on(browser, vle.launch(browser)) == f"/threads/{thread}"

    def test_the_chooser_is_never_overridden(self, vle: Vle) -> None:
        _board, thread, _question = asked_question(vle)
        browser = followed(vle, thread)
        assert lands_on(browser, vle.launch(browser, **TUTOR, **vle.platform.choosing())).startswith("/choose/")

    def test_it_ends_after_half_an_hour(self, vle: Vle) -> None:
        _board, thread, _question = asked_question(vle)
        browser = followed(vle, thread)
        with time_machine.travel(clock.now() + timedelta(seconds=1801)):
            assert lands_on(browser, vle.launch(browser, **TUTOR)).startswith("/boards/")

    @pytest.mark.parametrize("slip", ["", "x", "e30.e30", "é"])
    def test_a_slip_that_is_none(self, vle: Vle, slip: str) -> None:
        browser = vle.browser()
        browser.set_cookie("__Host-way", slip, secure=True)
        assert vle.launch(browser).status_code == 303

    def test_a_launch_whose_browser_is_asked_goes_that_way_too(self, vle: Vle) -> None:
        _board, thread, _question = asked_question(vle)
        browser = followed(vle, thread)
        login = vle.login(vle.browser())
        page = browser.get(vle.post(browser, vle.token(login, **TUTOR), login.state).location)
        ticket = re.search(r'name="ticket" value="([^"]+)"', page.text)
        assert ticket
        pressed = browser.post(
            "/lti/continue", data={"ticket": ticket.group(1)}, headers={"Sec-Fetch-Site": "same-origin"}
        )
        assert lands_on(browser, pressed) == f"/threads/{thread}"


class TestWithoutAnyCookie:
    def test_the_address_is_shown_and_can_be_pasted(self, vle: Vle) -> None:
        _board, thread, _question = asked_question(vle)
        page = forgetful(vle).get(f"/go/{thread}", headers=HERE)
        address = f"http://localhost:5000/go/{thread}"
        assert address in page.text
        assert "Came by a link?" in page.text
        browser = vle.browser()
        vle.arrive(browser, **TUTOR)
        course = f"/courses/{course_of(vle).public_id}"
        assert f"{course}/link" in browser.get(f"{course}/").text
        for pasted in (address, f" {address}\n", thread, f"{address}?x=1#y"):
            answer = browser.get(f"{course}/link", query_string={"address": pasted})
            assert answer.location == f"/go/{thread}", pasted

    @pytest.mark.parametrize("pasted", ["", "https://evil.example/", "A" * 16, "javascript:alert(1)", "é"])
    def test_what_is_no_link_comes_back(self, vle: Vle, pasted: str) -> None:
        browser = vle.browser()
        vle.arrive(browser)
        course = f"/courses/{course_of(vle).public_id}"
        page = browser.get(f"{course}/link", query_string={"address": pasted})
        assert page.status_code == 400
        assert "Copy the whole address" in page.text


class TestCourseAddresses:
    def test_an_administrator_says_how_they_look(self, house: House) -> None:
        assert add(house, course_url="https://vle.example/c/{context.id}").exit_code == 0
        with house.database.reading() as db:
            assert db.scalars(select(Platform.course_url)).one() == "https://vle.example/c/{context.id}"

    @pytest.mark.parametrize("template", ["javascript:alert(1)", "{context.id}", "http://vle.example/{context.id}"])
    def test_what_is_no_address_is_refused(self, house: House, template: str) -> None:
        result = add(house, course_url=template)
        assert result.exit_code == 1
        assert "course_url: must be an address" in result.output

    def test_moodles_is_the_default(self, house: House) -> None:
        assert "{iss}/course/view.php?id={context.id}" in run(house, commands[0], "add", "--help").output
