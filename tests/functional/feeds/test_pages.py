"""Putting teaching on a phone, as a person does it."""

import html
import re

import pytest
from sqlalchemy import select, update

from lti_tool.access import Role
from lti_tool.core.ids import new_public_id
from lti_tool.feeds import Feed
from lti_tool.people import turn_to_path
from tests.factories.feeds import Scene, draft


@pytest.fixture
def sam(scene: Scene):
    return scene.house.browser(scene.learner, scene.course)


@pytest.fixture
def page(scene: Scene) -> str:
    return f"/courses/{scene.course.public_id}/teaching/phone"


def feeds(scene: Scene) -> list[Feed]:
    with scene.database.reading() as db:
        return list(db.scalars(select(Feed).order_by(Feed.id)))


def test_from_the_programme_to_a_calendar_that_is_followed(scene, sam, page):
    assert page in sam.get(page.removesuffix("/phone")).text
    first = sam.get(page)
    assert "Make my link" in first.text
    assert "webcal:" not in first.text
    once = re.search(r'name="once" value="(\w+)"', first.text)[1]
    for _click in range(2):
        assert sam.post(page, {"once": once}).status_code == 303
    assert [feed.name for feed in feeds(scene)] == ["My teaching"]
    scene.plan(draft())
    shown = html.unescape(sam.get(page).text)
    address = re.search(r'value="(http://localhost:5000(/calendar/[\w-]{24}\.ics))"', shown)
    assert f'href="webcal://localhost:5000{address[2]}"' in shown
    assert "All teaching of your courses. 1 session is to come." in re.sub(r"\s+", " ", shown)
    assert "calendar.google.com/calendar/r?cid=webcal%3A%2F%2Flocalhost%3A5000%2Fcalendar%2F" in shown
    assert "addfromweb?url=http%3A%2F%2Flocalhost%3A5000%2Fcalendar%2F" in shown
    assert "Never fetched." in shown
    assert b"SUMMARY:Echo basics" in scene.fetch(address[2]).data
    assert "Last fetched" in sam.get(page).text


def test_no_address_holds_the_visit(scene, page):
    scene.feed()
    browser = scene.house.browser(scene.learner, scene.course)
    with scene.database.transaction() as db:
        token = turn_to_path(db, browser.visit.public_id)
    client = scene.house.app.test_client(use_cookies=False)
    answer = client.get(f"/v/{token}{page}", base_url="https://localhost")
    assert answer.status_code == 200
    for address in re.findall(r'(?:href|value)="((?:webcal|https?):[^"]+)"', answer.text):
        assert token not in address
    assert re.search(r'value="http://localhost:5000/calendar/[\w-]{24}\.ics"', answer.text)


def test_another_link_with_a_filter(scene, sam, page):
    scene.feed()
    answer = sam.post(
        f"{page}/new",
        {
            "name": "  Core \x00 F2 ",
            "course": scene.course.public_id,
            "grade": "F2",
            "core": "yes",
            "once": new_public_id(),
        },
    )
    assert answer.status_code == 303
    made = feeds(scene)[1]
    assert made.name == "Core F2"
    assert made.filter == {"courses": [scene.course.id], "grades": ["F2"], "core": True}
    assert "Core teaching of Cardiology ST4, for F2." in html.unescape(sam.get(page).text)


def test_all_that_is_wrong_comes_back_with_what_was_typed(scene, sam, page):
    form = {"name": "x" * 61, "course": "AAAAAAAAAAAAAAAA", "grade": "Emperor", "core": "yes"}
    answer = sam.post(f"{page}/new", form)
    assert answer.status_code == 400
    for words in ("Shorten the name", "courses that you belong to", "among these grades", "x" * 61):
        assert words in answer.text
    assert re.search(r'name="core"[^>]*checked', answer.text)
    assert "Give it a name" in sam.post(f"{page}/new", {"name": "\u200b \n".replace("\u200b", "")}).text
    assert feeds(scene) == []


def test_a_course_that_is_not_theirs_cannot_be_chosen(scene, sam, page):
    other = scene.house.course(scene.house.trust("Another"), "Elsewhere")
    answer = sam.post(f"{page}/new", {"name": "Mine", "course": other.public_id})
    assert answer.status_code == 400
    assert feeds(scene) == []


@pytest.mark.parametrize("wish", ["replace", "off"])
def test_nobody_touches_another_persons_link(scene, page, wish):
    feed = scene.feed()
    before = scene.path(feed)
    tutor = scene.house.browser(scene.tutor, scene.course)
    assert tutor.get(f"{page}/{feed}/{wish}").status_code == 404
    assert tutor.post(f"{page}/{feed}/{wish}", {"seen": "1"}).status_code == 404
    assert "webcal:" not in tutor.get(page).text
    assert scene.path(feed) == before
    assert feeds(scene)[0].revoked_at is None


def test_replacing_and_switching_off_ask_first_and_say_what_happens(scene, sam, page):
    feed = scene.feed()
    old = scene.path(feed)
    assert "has been switched off" in sam.get(f"{page}/{feed}/replace").text
    assert scene.path(feed) == old
    assert sam.post(f"{page}/{feed}/replace", {"seen": "1"}).status_code == 303
    shown = sam.get(page).text
    assert "has a new link" in shown
    assert old not in shown
    assert sam.get(f"{page}/{feed}/off").status_code == 200
    assert sam.post(f"{page}/{feed}/off").status_code == 303
    assert "Make my link" in sam.get(page).text


@pytest.mark.parametrize("seen", ["", "0", "two", "²", "9" * 40, "-1"])
def test_a_page_that_is_old_replaces_nothing(scene, sam, page, seen):
    feed = scene.feed()
    before = scene.path(feed)
    assert sam.post(f"{page}/{feed}/replace", {"seen": seen}).status_code == 303
    assert scene.path(feed) == before


def test_a_link_that_cannot_be_shown_again_can_be_replaced(scene, sam, page):
    feed = scene.feed()
    path = scene.path(feed)
    with scene.database.transaction() as db:
        db.execute(update(Feed).values(token_hash=b"made with a former feed key 1234"))
    shown = sam.get(page).text
    assert "cannot be shown again" in shown
    assert path not in shown
    sam.post(f"{page}/{feed}/replace", {"seen": "1"})
    assert "webcal:" in sam.get(page).text


def test_a_double_click_of_somebody_elses_number_makes_nothing_of_theirs(scene, page):
    feed = scene.feed()
    tutor = scene.house.browser(scene.tutor, scene.course)
    answer = tutor.post(page, {"once": feed})
    assert answer.status_code in (303, 409)
    assert len([found for found in feeds(scene) if found.public_id == feed]) == 1
    assert feeds(scene)[0].person_id == scene.learner.id


def test_roles_do_not_matter_for_ones_own_phone(scene, page):
    for role in Role:
        person = scene.house.person(scene.trust, role.title(), {scene.course.id: role})
        browser = scene.house.browser(person, scene.course)
        assert browser.post(page).status_code == 303
