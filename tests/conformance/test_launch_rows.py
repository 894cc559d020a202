"""The rows of launches, over real requests: each bad one refused in words of its own, each good one on its page."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from markupsafe import escape
from sqlalchemy import select
from werkzeug.test import TestResponse

from lti_tool.access import Role
from lti_tool.core import clock
from lti_tool.launch.faults import Fault
from lti_tool.launch.models import Consumed, Identity, Platform
from lti_tool.people import Enrolment, Person, Visit
from tests.conformance.rows import BAD, GOOD, NO_COURSE, Bad, Good, worked_out
from tests.factories.platform import GONE
from tests.factories.vle import Vle, follow


def refusal(answer: TestResponse) -> Fault:
    """The fault whose words the page says. The page must be plain and carry a code."""
    assert answer.status_code in (400, 401), answer.text
    assert re.search(r"code: <strong[^>]*>[2-9A-Z]{4}</strong>", answer.text), answer.text
    assert "frame-ancestors *" in answer.headers["Content-Security-Policy"]
    said = [fault for fault in Fault if str(escape(fault.happened)) in answer.text]
    assert len(said) == 1
    return said[0]


def sent(vle: Vle, row: Bad | Good) -> TestResponse:
    browser = vle.browser()
    login = vle.login(browser)
    now = clock.now().timestamp()
    claims = vle.platform.claims(now, login.nonce, **worked_out(row.changes, vle.platform, now))
    return follow(browser, vle.post(browser, row.sign(vle.platform, claims), login.state))


def role_of(vle: Vle) -> Role:
    with vle.house.database.reading() as db:
        return Role(db.scalars(select(Enrolment.role)).one())


def visits(vle: Vle) -> int:
    with vle.house.database.reading() as db:
        return len(db.scalars(select(Visit)).all())


@pytest.mark.parametrize("row", BAD, ids=lambda row: row.name)
def test_refused(vle: Vle, row: Bad) -> None:
    answer = sent(vle, row)
    assert answer.status_code == 401
    assert refusal(answer) is row.fault
    assert visits(vle) == 0


@pytest.mark.parametrize("row", GOOD, ids=lambda row: row.name)
def test_accepted(vle: Vle, row: Good) -> None:
    page = sent(vle, row)
    assert page.status_code == 200, page.text
    assert "Cardiology ST4" in page.text
    assert role_of(vle) is row.role
    assert visits(vle) == 1


@pytest.mark.parametrize("row", NO_COURSE, ids=lambda row: row.name)
def test_without_a_course_the_page_says_what_to_do(vle: Vle, row: Good) -> None:
    page = sent(vle, row)
    assert page.status_code == 200
    assert "Open Grand Round from a course" in page.text
    assert visits(vle) == 0


def test_no_name_is_a_neutral_name(vle: Vle) -> None:
    browser = vle.browser()
    page = vle.arrive(browser, name=GONE, given_name=GONE, family_name=GONE)
    assert re.search(r"Member [A-Za-z0-9]{4}", page.text)


def test_state_missing(vle: Vle) -> None:
    browser = vle.browser()
    token = vle.token(vle.login(browser))
    assert refusal(browser.post("/lti/launch", data={"id_token": token})) is Fault.NO_STATE


def test_state_unknown(vle: Vle) -> None:
    browser = vle.browser()
    token = vle.token(vle.login(browser))
    assert refusal(vle.post(browser, token, "of-nobody")) is Fault.STATE_UNREADABLE


def test_token_missing(vle: Vle) -> None:
    browser = vle.browser()
    login = vle.login(browser)
    assert refusal(browser.post("/lti/launch", data={"state": login.state})) is Fault.NO_TOKEN


def test_state_of_another_login(vle: Vle) -> None:
    browser = vle.browser()
    first, second = vle.login(browser), vle.login(browser)
    assert refusal(vle.post(browser, vle.token(first), second.state)) is Fault.NONCE_OTHER


def test_replay_of_token_and_state(vle: Vle) -> None:
    browser = vle.browser()
    login = vle.login(browser)
    token = vle.token(login)
    assert vle.post(browser, token, login.state).status_code == 303
    assert refusal(vle.post(browser, token, login.state)) is Fault.USED_ALREADY
    assert visits(vle) == 1


def test_replay_with_a_state_that_is_spelt_otherwise(vle: Vle) -> None:
    """The last letter of a base64 signature holds spare bits: another letter may mean the same signature."""
    browser = vle.browser()
    login = vle.login(browser)
    token = vle.token(login)
    assert vle.post(browser, token, login.state).status_code == 303
    for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_":
        assert vle.post(browser, token, login.state[:-1] + letter).status_code == 401
    assert visits(vle) == 1


def test_old_token_with_fresh_state(vle: Vle) -> None:
    browser = vle.browser()
    login = vle.login(browser)
    token = vle.token(login)
    vle.post(browser, token, login.state)
    assert refusal(vle.post(browser, token, vle.login(browser).state)) is Fault.NONCE_OTHER


@pytest.mark.parametrize(
    ("error", "fault"), [("login_required", Fault.LOGIN_REQUIRED), ("launch_no_longer_valid", Fault.VLE_STOPPED)]
)
def test_the_platforms_own_error(vle: Vle, error: str, fault: Fault) -> None:
    browser = vle.browser()
    data = {"error": error, "error_description": "<b>odd</b>", "state": vle.login(browser).state}
    answer = browser.post("/lti/launch", data=data)
    assert refusal(answer) is fault
    assert "odd" not in answer.text


def test_ten_concurrent_posts_of_one_launch(vle: Vle) -> None:
    login = vle.login(vle.browser())
    token = vle.token(login)
    cookie = login.answer.headers["Set-Cookie"].partition(";")[0].partition("=")[2]

    def post(_number: int) -> TestResponse:
        browser = vle.browser()
        browser.set_cookie("__Host-login", cookie)
        return vle.post(browser, token, login.state)

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(post, range(10)))
    assert sorted(answer.status_code for answer in answers) == [303] + [401] * 9
    assert {refusal(answer) for answer in answers if answer.status_code == 401} == {Fault.USED_ALREADY}
    assert visits(vle) == 1


def test_launches_are_posted(vle: Vle) -> None:
    assert vle.browser().get("/lti/launch").status_code == 405


def test_anonymous_where_the_platform_may(vle: Vle) -> None:
    with vle.house.database.transaction() as db:
        db.scalars(select(Platform)).one().allows_anonymous = True
    page = vle.arrive(vle.browser(), sub=GONE)
    assert page.status_code == 200
    assert role_of(vle) is Role.READER
    with vle.house.database.reading() as db:
        assert db.scalars(select(Identity)).all() == []


def test_a_login_leaves_no_trace(vle: Vle) -> None:
    vle.login(vle.browser())
    with vle.house.database.reading() as db:
        assert db.scalars(select(Consumed)).all() == []
        assert db.scalars(select(Person)).all() == []
