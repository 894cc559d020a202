"""People, courses and enrolment."""

import re
from pathlib import Path

import pytest
from flask import Flask

from lti_tool.demo_platform import VleConfig, create_vle
from lti_tool.demo_platform.catalogue import load_catalogue

from .walk import SITE, Walk, form_in

CATALOGUE = load_catalogue()
PEOPLE = list(CATALOGUE.people.values())
COURSES = list(CATALOGUE.courses.values())
EVERYBODY_EVERYWHERE = [(person, course) for person in PEOPLE for course in COURSES]
OPEN_DOORS = [(person, course) for person, course in EVERYBODY_EVERYWHERE if person.may_open(course.id)]
SAM, PRIYA, JON, ALEX = 6, 7, 9, 2


def test_the_trust_has_the_ten_people_that_a_visitor_needs() -> None:
    roles = [person.role for person in PEOPLE]
    assert len(PEOPLE) == 10
    for role, how_many in {
        "Medical student": 2,
        "F1": 3,
        "Registrar (ST4)": 1,
        "Tutor (consultant": 2,
        "Education administrator": 1,
        "VLE administrator": 1,
    }.items():
        assert sum(one.startswith(role) for one in roles) == how_many, role


def test_numbers_in_the_file_meet_only_once() -> None:
    activities = [activity for course in COURSES for activity in course.activities]
    assert len({one.cmid for one in activities}) == len({one.instance for one in activities}) == len(activities)
    places = [one.custom["place"] for one in activities if "place" in one.custom]
    boards = [place for place in places if len(place) == 16]  # others are words for pages, the same in each course
    assert len(set(boards)) == len(boards) == 4
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{16}", place) for place in boards)


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.username)
def test_one_click_becomes_anybody(walk: Walk, person) -> None:
    front = walk.get("/").get_data(as_text=True)
    button = re.search(rf'<button[^>]* value="{person.id}">(.*?)</button>', front, re.DOTALL)
    assert button is not None
    assert person.name in button[1]
    assert person.role in button[1]
    page = walk.become(person.id)
    assert page.status_code == 200
    assert page.request.path == "/my/courses.php"
    assert f"<strong>{person.name}</strong>, <span>{person.role}</span>" in page.get_data(as_text=True)


@pytest.mark.parametrize(("person", "course"), EVERYBODY_EVERYWHERE, ids=lambda one: getattr(one, "short", one.id))
def test_enrolment_is_respected(walk: Walk, person, course) -> None:
    walk.become(person.id)
    is_allowed = person.is_site_administrator or course.id in person.enrolments
    addresses = [f"/course/view.php?id={course.id}", f"/user/index.php?id={course.id}"]
    for activity in course.activities:
        addresses += [f"/mod/lti/view.php?id={activity.cmid}", f"/mod/lti/launch.php?id={activity.cmid}"]
    assert {walk.get(address).status_code for address in addresses} == {200 if is_allowed else 403}
    courses = walk.get("/my/courses.php").get_data(as_text=True)
    assert (f"/course/view.php?id={course.id}" in courses) is is_allowed


def test_somebody_is_in_both_courses_and_somebody_in_only_one() -> None:
    assert {len(person.enrolments) for person in PEOPLE} == {0, 1, 2}


@pytest.mark.parametrize(("person", "course"), OPEN_DOORS, ids=lambda one: getattr(one, "short", one.id))
def test_a_course_says_who_i_am_and_what_i_can_try(walk: Walk, person, course) -> None:
    walk.become(person.id)
    page = walk.get(f"/course/view.php?id={course.id}").get_data(as_text=True)
    assert f"<strong>{person.name}</strong>, {person.role}" in page
    assert len(person.steps_in(course.id)) >= 2
    for opened in re.findall(r"Open “([^”]*)”", " ".join(person.steps_in(course.id))):
        assert f">{opened}</a>" in page, "a step opens an activity that is not here"


def test_a_page_asked_for_by_nobody_opens_after_the_click(walk: Walk) -> None:
    asked = walk.get("/course/view.php?id=3")
    assert (asked.status_code, asked.location) == (303, "/")
    assert "Choose a person, and it opens" in walk.get("/").get_data(as_text=True)
    assert walk.become(PRIYA).request.full_path == "/course/view.php?id=3"
    assert walk.become(JON).request.path == "/my/courses.php", "the wish is used up"


def test_logging_out_needs_the_link_of_the_page(walk: Walk) -> None:
    page = walk.become(SAM).get_data(as_text=True)
    assert walk.get("/login/logout.php?sesskey=no").status_code == 403
    link = re.search(r'href="(/login/logout\.php\?sesskey=\w+)">Log out / be somebody else', page)
    assert link is not None
    assert walk.get(link[1]).location == "/"
    assert walk.get("/my/courses.php").status_code == 303


def test_the_cookie_is_guarded(walk: Walk) -> None:
    answer = walk.post("/login/index.php", {"person": str(SAM)})
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("DemoVleSession=")
    assert {"Secure", "HttpOnly", "SameSite=Lax"} <= set(cookie.split("; "))


def test_a_browser_that_drops_secure_cookies_on_http_gets_in_all_the_same(walk: Walk) -> None:
    first = walk.post("/login/index.php", {"person": str(SAM)})
    walk.browser.delete_cookie("DemoVleSession")
    second = walk.get(first.location)
    assert "Secure" not in second.headers["Set-Cookie"].split("; ")
    assert walk.get(second.location).location == "/my/courses.php"
    assert "Sam Okafor" in walk.get("/my/courses.php").get_data(as_text=True)


def test_a_browser_without_cookies_is_told_so(walk: Walk) -> None:
    answer = walk.post("/login/index.php", {"person": str(SAM)})
    for _ in range(2):
        walk.browser.delete_cookie("DemoVleSession")
        answer = walk.get(answer.location)
    assert answer.status_code == 400
    assert "keeps no cookie" in answer.get_data(as_text=True)


def test_another_loopback_name_leads_to_our_own(walk: Walk) -> None:
    answer = walk.browser.get("/course/view.php?id=2", base_url="http://127.0.0.1:5001")
    assert (answer.status_code, answer.location) == (302, f"{SITE}/course/view.php?id=2")
    signing_in = walk.browser.post("/login/index.php", data={"person": "6"}, base_url="http://127.0.0.1:5001")
    assert (signing_in.status_code, signing_in.location) == (307, f"{SITE}/login/index.php")
    assert walk.browser.get("/", base_url="http://vle.example").status_code == 200, "a proxy’s name is left alone"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/course/view.php", 400),
        ("/course/view.php?id=x", 400),
        ("/course/view.php?id=²", 400),
        ("/course/view.php?id=99999999999999999999", 400),
        ("/course/view.php?id=1", 404),
        ("/mod/lti/view.php?id=99", 404),
        ("/mod/lti/launch.php?id=0", 404),
        ("/mod/lti/return.php?course=", 400),
        ("/nothing", 404),
        ("/login/index.php?testsession=rubbish", 303),
    ],
)
def test_bad_addresses_get_plain_answers(walk: Walk, path: str, status: int) -> None:
    walk.become(ALEX)
    answer = walk.get(path)
    assert answer.status_code == status
    if status != 303:
        assert "<h1>" in answer.get_data(as_text=True)


@pytest.mark.parametrize("person", ["", "0", "99", "x", "²", "-1", "9" * 400])
def test_nobody_else_can_be_become(walk: Walk, person: str) -> None:
    assert walk.post("/login/index.php", {"person": person}).status_code == 400


def test_another_site_cannot_sign_somebody_in(walk: Walk) -> None:
    answer = walk.post("/login/index.php", {"person": "6"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


def test_pages_carry_safe_headers(walk: Walk) -> None:
    headers = walk.become(SAM).headers
    assert "script-src 'self'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("address", ["javascript:alert(1)", "localhost:5000", "http://", "http://localhost/?a=b"])
def test_an_odd_address_is_refused_at_the_start(tmp_path: Path, address: str) -> None:
    with pytest.raises(ValueError, match="http"):
        VleConfig(SITE, address, tmp_path)


def test_a_restart_keeps_keys_and_visitors(own_vle: Flask, tmp_path: Path) -> None:
    before = Walk(own_vle)
    before.become(SAM)
    after = Walk(create_vle(VleConfig(SITE, "http://localhost:5000", tmp_path)))
    after.browser = before.browser
    after.browser.application = after.app
    assert "Sam Okafor" in after.get("/my/courses.php").get_data(as_text=True)
    assert after.get("/mod/lti/certs.php").json == before.get("/mod/lti/certs.php").json
    assert (tmp_path / "demo-vle.json").stat().st_mode & 0o077 == 0, "the private key is nobody else’s to read"


def test_the_front_page_is_one_form(walk: Walk) -> None:
    assert form_in(walk.get("/")).action == "/login/index.php"
