"""How a visit begins and travels: in its cookie, in the path, after a button, in a new window, on a phone."""

import re
from datetime import timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import event, select
from werkzeug.test import TestResponse

from lti_tool.core import clock
from lti_tool.journal import JournalLine
from lti_tool.launch.faults import Fault
from lti_tool.launch.models import Platform
from lti_tool.launch.registering import switch_platform
from lti_tool.people import Person, Visit
from tests.factories.vle import FROM_THE_VLE, OURS, Vle, follow

pytestmark = pytest.mark.sql

BOB = {"sub": "person-2", "name": "Bob Example"}


def forgetful(vle: Vle) -> FlaskClient:
    """A browser that keeps no cookie at all."""
    return vle.house.app.test_client(use_cookies=False)


def ticket_in(page: TestResponse) -> str:
    found = re.search(r'name="ticket" value="([^"]+)"', page.text)
    assert found, page.text
    return found.group(1)


def press(browser: FlaskClient, ticket: str, headers: dict[str, str] = OURS, **fields: str) -> TestResponse:
    return browser.post("/lti/continue", data={"ticket": ticket, **fields}, headers=headers)


def visits(vle: Vle) -> list[Visit]:
    with vle.house.database.reading() as db:
        return list(db.scalars(select(Visit).order_by(Visit.id)))


def require_binding(vle: Vle) -> None:
    with vle.house.database.transaction() as db:
        db.scalars(select(Platform)).one().binding = "require"


def switch(vle: Vle, *, is_enabled: bool) -> None:
    with vle.house.database.transaction() as db:
        switch_platform(db, db.scalars(select(Platform)).one().name, is_enabled=is_enabled, now=clock.now())


class TestCookie:
    def test_the_visit_travels_in_a_partitioned_cookie(self, vle: Vle) -> None:
        browser = vle.browser()
        answer = vle.launch(browser)
        assert answer.status_code == 303
        [cookie] = [value for value in answer.headers.getlist("Set-Cookie") if value.startswith("__Host-visit=")]
        for attribute in ("Secure", "HttpOnly", "SameSite=None", "Partitioned", "Path=/"):
            assert attribute in cookie
        arrived = browser.get(answer.location)
        assert arrived.status_code == 303
        assert "/v/" not in arrived.location
        assert browser.get(arrived.location).status_code == 200

    def test_a_ticket_that_was_taken_lets_nobody_else_in(self, vle: Vle) -> None:
        browser = vle.browser()
        answer = vle.launch(browser)
        browser.get(answer.location)
        thief = vle.browser().get(answer.location)
        assert thief.status_code == 401
        assert Fault.TICKET_USED.happened in thief.text
        assert browser.get(answer.location).status_code == 303

    def test_a_ticket_ends_after_a_minute(self, vle: Vle) -> None:
        answer = vle.launch(vle.browser())
        with time_machine.travel(clock.now() + timedelta(seconds=61), tick=False):
            late = vle.browser().get(answer.location)
        assert late.status_code == 401
        assert Fault.TICKET_EXPIRED.happened in late.text

    @pytest.mark.parametrize("ticket", ["", "x", "e30.e30", "é"])
    def test_a_ticket_that_is_none(self, vle: Vle, ticket: str) -> None:
        assert vle.browser().get("/lti/arrive", query_string={"ticket": ticket}).status_code == 401

    def test_somebody_else_in_the_same_browser_ends_the_former_visit(self, vle: Vle) -> None:
        browser = vle.browser()
        vle.arrive(browser)
        page = vle.arrive(browser, **BOB)
        assert "Bob Example" in page.text
        first, second = visits(vle)
        assert first.ended_at is not None
        assert second.ended_at is None

    def test_the_same_person_again_keeps_the_forms_of_other_tabs(self, vle: Vle) -> None:
        browser = vle.browser()
        vle.arrive(browser)
        vle.arrive(browser)
        first, second = visits(vle)
        assert first.ended_at is None
        assert first.form_key == second.form_key

    def test_the_frame_is_the_platforms_alone(self, vle: Vle) -> None:
        page = vle.arrive(vle.browser())
        assert "frame-ancestors 'self' https://vle.example" in page.headers["Content-Security-Policy"]


class TestPath:
    def arrive(self, vle: Vle, browser: FlaskClient) -> TestResponse:
        """Launch in a browser that keeps the login's cookie and loses the visit's."""
        answer = vle.launch(browser)
        browser.delete_cookie("__Host-visit")
        return browser.get(answer.location)

    def test_without_the_cookie_the_visit_travels_in_the_path(self, vle: Vle) -> None:
        browser = vle.browser()
        arrived = self.arrive(vle, browser)
        assert re.fullmatch(r"/v/[A-Za-z0-9_-]{43}/.*", arrived.location)
        page = browser.get(arrived.location, headers=FROM_THE_VLE)
        assert page.status_code == 200
        prefix = arrived.location[:46]
        links = re.findall(r'href="(/[^"]*)"', page.text)
        assert all(link.startswith((prefix, "/static/")) for link in links if not link.startswith("/static/"))
        assert not any(prefix in link for link in re.findall(r'(?:href|src)="(/static[^"]*)"', page.text))

    def test_the_cookies_token_does_not_open_the_path(self, vle: Vle) -> None:
        browser = vle.browser()
        answer = vle.launch(browser)
        cookie = browser.get_cookie("__Host-visit")
        assert cookie is not None
        browser.get(answer.location)
        assert browser.get(f"/v/{cookie.value}/").status_code in (401, 404)

    def test_a_typed_path_asks_first_and_shows_nothing(self, vle: Vle) -> None:
        browser = vle.browser()
        address = self.arrive(vle, browser).location
        typed = browser.get(address, headers={"Sec-Fetch-Site": "none"})
        assert typed.status_code == 200
        assert "Continue as Ada Example" in typed.text
        assert "What should people find here" not in typed.text
        assert f'href="{address}"' in typed.text

    def test_a_typed_path_of_an_ended_visit(self, vle: Vle) -> None:
        browser = vle.browser()
        address = self.arrive(vle, browser).location
        with time_machine.travel(clock.now() + timedelta(hours=9), tick=False):
            assert browser.get(address, headers={"Sec-Fetch-Site": "none"}).status_code == 401


class TestButton:
    def test_an_unknown_browser_is_asked_and_then_let_in(self, vle: Vle) -> None:
        browser = forgetful(vle)
        page = vle.arrive(browser)
        assert page.status_code == 200
        assert "Continue as Ada Example in Cardiology ST4" in page.text
        assert "frame-ancestors 'self' https://vle.example" in page.headers["Content-Security-Policy"]
        assert visits(vle) == []
        arrived = follow(browser, press(browser, ticket_in(page)))
        assert arrived.status_code == 200
        assert len(visits(vle)) == 1

    def test_the_button_works_once(self, vle: Vle) -> None:
        browser = forgetful(vle)
        ticket = ticket_in(vle.arrive(browser))
        assert press(browser, ticket).status_code == 303
        again = press(browser, ticket)
        assert again.status_code == 401
        assert Fault.TICKET_USED.happened in again.text

    @pytest.mark.parametrize(
        "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"}, {}]
    )
    def test_no_other_site_can_press_it(self, vle: Vle, headers: dict[str, str]) -> None:
        ticket = ticket_in(vle.arrive(forgetful(vle)))
        assert press(vle.browser(), ticket, headers).status_code == 403
        assert visits(vle) == []

    def test_its_page_can_be_reloaded_and_come_back_to(self, vle: Vle) -> None:
        browser = forgetful(vle)
        address = vle.launch(browser).location
        for headers in (FROM_THE_VLE, OURS, {"Sec-Fetch-Site": "none"}, {}):
            assert "Continue as Ada Example" in browser.get(address, headers=headers).text
        assert visits(vle) == []
        assert press(browser, ticket_in(browser.get(address))).status_code == 303
        again = browser.get(address, headers=FROM_THE_VLE)
        assert again.status_code == 401
        assert Fault.TICKET_USED.happened in again.text

    def test_looking_at_it_again_does_not_make_it_last_longer(self, vle: Vle) -> None:
        browser = forgetful(vle)
        address = vle.launch(browser).location
        with time_machine.travel(clock.now() + timedelta(seconds=290), tick=False):
            late = ticket_in(browser.get(address, headers=FROM_THE_VLE))
        with time_machine.travel(clock.now() + timedelta(seconds=301), tick=False):
            assert press(vle.browser(), late).status_code == 401

    def test_it_ends_after_five_minutes(self, vle: Vle) -> None:
        ticket = ticket_in(vle.arrive(forgetful(vle)))
        with time_machine.travel(clock.now() + timedelta(seconds=301), tick=False):
            assert press(vle.browser(), ticket).status_code == 401

    def test_a_launch_that_lost_its_cookie_cannot_be_replayed(self, vle: Vle) -> None:
        browser = forgetful(vle)
        login = vle.login(browser)
        token = vle.token(login)
        assert vle.post(browser, token, login.state).status_code == 303
        assert vle.post(browser, token, login.state).status_code == 401

    def test_somebody_elses_browser_is_asked(self, vle: Vle) -> None:
        """Silent login: a launch that began in one browser and is pushed into another shows whose it is."""
        victim = vle.browser()
        vle.login(victim)
        attacker = vle.login(vle.browser())
        page = follow(victim, vle.post(victim, vle.token(attacker, **BOB), attacker.state))
        assert "Continue as Bob Example" in page.text
        assert visits(vle) == []


class TestStorage:
    def asked(self, vle: Vle) -> tuple[TestResponse, str]:
        """A launch without cookies whose login used the platform's storage; the page, and what was left there."""
        login = vle.login(forgetful(vle), lti_storage_target="_parent")
        secret = re.search(r'data-value="([^"]+)"', login.answer.text)
        onward = re.search(r'href="https://vle\.example/auth\.php\?([^"]+)"', login.answer.text)
        assert secret
        assert onward
        query = dict(pair.split("=", 1) for pair in onward.group(1).replace("&amp;", "&").split("&"))
        token = vle.platform.sign(vle.platform.claims(clock.now().timestamp(), query["nonce"]))
        browser = forgetful(vle)
        return follow(browser, vle.post(browser, token, query["state"])), secret.group(1)

    def test_the_page_asks_the_platforms_storage_at_its_own_origin(self, vle: Vle) -> None:
        page, _secret = self.asked(vle)
        assert 'data-get-from="_parent"' in page.text
        assert 'data-origin="https://vle.example"' in page.text
        assert "/static/launch.js" in page.text

    def test_a_platform_may_require_it(self, vle: Vle) -> None:
        require_binding(vle)
        page, secret = self.asked(vle)
        without = press(vle.browser(), ticket_in(page))
        assert without.status_code == 401
        assert Fault.OTHER_BROWSER.happened in without.text
        assert press(vle.browser(), ticket_in(page), secret=secret).status_code == 303

    def test_where_it_is_required_and_there_is_none(self, vle: Vle) -> None:
        require_binding(vle)
        answer = vle.launch(forgetful(vle))
        assert answer.status_code == 401
        assert Fault.OTHER_BROWSER.happened in answer.text
        assert vle.launch(vle.browser()).status_code == 303


class TestElsewhere:
    def addresses(self, vle: Vle, browser: FlaskClient, **headers: str) -> tuple[str, str]:
        page = browser.get("/window", headers=headers)
        assert page.status_code == 200
        window = re.search(r'href="(/lti/continue\?ticket=[^"]+)" target="_blank"', page.text)
        phone = re.search(r"(http://localhost:5000/lti/continue\?ticket=[^<\s]+)", page.text)
        assert window
        assert phone
        assert 'src="data:image/svg+xml' in page.text
        return window.group(1), phone.group(1)

    def test_a_new_window_opens_at_once_on_the_same_page(self, vle: Vle) -> None:
        browser = vle.browser()
        vle.arrive(browser)
        came_from = f"{vle.platform.tool_url}/courses/x/boards"
        window, _phone = self.addresses(vle, browser, Referer=came_from)
        top = vle.browser()
        answer = top.get(window, headers=OURS)
        assert answer.status_code == 303
        assert top.get(answer.location, headers=OURS).location == "/courses/x/boards"

    def test_no_other_address_is_carried_along(self, vle: Vle) -> None:
        browser = vle.browser()
        vle.arrive(browser)
        for came_from in ("https://evil.example/boards/x", f"{vle.platform.tool_url}/lti/launch", "//evil/boards/"):
            window, _phone = self.addresses(vle, browser, Referer=came_from)
            top = vle.browser()
            arrived = top.get(top.get(window, headers=OURS).location, headers=OURS)
            assert re.fullmatch(r"/courses/[A-Za-z0-9]{16}/", arrived.location)

    def test_a_phone_is_asked_and_let_in_once(self, vle: Vle) -> None:
        browser = vle.browser()
        vle.arrive(browser)
        _window, phone = self.addresses(vle, browser)
        mobile = vle.browser()
        page = mobile.get(phone, headers={"Sec-Fetch-Site": "none"})
        assert "Continue as Ada Example" in page.text
        assert follow(mobile, press(mobile, ticket_in(page)), OURS).status_code == 200
        assert press(vle.browser(), ticket_in(page)).status_code == 401
        assert browser.get("/window").status_code == 200

    def test_looking_at_the_address_does_not_use_it_up(self, vle: Vle) -> None:
        browser = vle.browser()
        vle.arrive(browser)
        _window, phone = self.addresses(vle, browser)
        for _preview in range(3):
            assert vle.browser().get(phone).status_code == 200

    def test_nobody_without_a_visit(self, vle: Vle) -> None:
        assert vle.browser().get("/window").status_code == 401


class TestTraces:
    def test_a_returning_person_costs_one_question_and_three_rows(self, vle: Vle) -> None:
        vle.launch(vle.browser())
        sent: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            sent.append(" ".join(statement.split()[:3]))

        login = vle.login(browser := vle.browser())
        for engine in (vle.house.database.engine, vle.house.database.reader):
            event.listen(engine, "before_cursor_execute", note)
        assert vle.post(browser, vle.token(login), login.state).status_code == 303
        question = "SELECT platforms.id, platforms.public_id,"
        rows = [f"INSERT INTO {table}" for table in ("consumed", "visits", "journal_lines")]
        entered = [statement for statement in sent if statement.startswith("SELECT set_config")]
        rest = [statement for statement in sent if statement not in entered]
        if vle.house.database.engine.dialect.name == "sqlite":
            assert rest.pop(0) == "BEGIN IMMEDIATE"
            assert entered == []
        else:
            assert len(entered) == 1, "to enter the trust of the deployment"
        assert rest == [rows[0], question, *rows[1:]]

    def test_a_platform_that_was_just_believed_to_be_on_lets_nobody_in(self, vle: Vle) -> None:
        vle.launch(vle.browser())
        login = vle.login(browser := vle.browser())
        switch(vle, is_enabled=False)
        assert Fault.PLATFORM_OFF.happened in vle.post(browser, vle.token(login), login.state).text
        switch(vle, is_enabled=True)
        assert vle.launch(vle.browser()).status_code == 303

    def test_names_follow_the_vle_and_are_kept_when_it_sends_none(self, vle: Vle) -> None:
        vle.launch(vle.browser())
        vle.launch(vle.browser(), name="Ada Married")
        vle.launch(vle.browser(), name="", given_name="", family_name="")
        with vle.inside().reading() as db:
            assert db.scalars(select(Person.name)).one() == "Ada Married"

    def test_the_journal_tells_who_came_and_what_role_changed(self, vle: Vle) -> None:
        vle.launch(vle.browser())
        vle.launch(vle.browser(), **{"https://purl.imsglobal.org/spec/lti/claim/roles": ["Instructor"]})
        with vle.inside().reading() as db:
            lines = [(line.verb, line.details) for line in db.scalars(select(JournalLine).order_by(JournalLine.id))]
        told = [line for line in lines if line[0].startswith(("enrolment", "visit"))]
        assert told == [
            ("enrolment.changed", {"role": "learner"}),
            ("visit.started", {}),
            ("enrolment.changed", {"role": "tutor"}),
            ("visit.started", {}),
        ]

    def test_too_many_refusals_are_asked_to_wait_and_good_launches_are_not(self, vle: Vle) -> None:
        entrance = vle.house.app.extensions["entrance"]
        entrance.failures.storage.reset()
        object.__setattr__(entrance, "most_failures", type(entrance.most_failures)(3))
        statuses = [vle.launch(vle.browser(), sub="").status_code for _ in range(5)]
        assert statuses == [401, 401, 401, 429, 429]
        assert vle.launch(vle.browser()).status_code == 303
