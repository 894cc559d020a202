"""What an activity opens: not ready, the chooser, what the VLE says, and copies."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import select
from werkzeug.test import TestResponse

from lti_tool.launch.models import Placement
from lti_tool.people import Course, Visit
from tests.factories.platform import LTI
from tests.factories.vle import OURS, Vle, follow

pytestmark = pytest.mark.sql

TUTOR = {LTI + "roles": ["Instructor"], "sub": "tutor", "name": "Dr Helen Marsh"}
NEW_BOARD = {"do": "make", "title": "Ask cardiology", "names": "shown", "checked": "all"}


def post(browser: FlaskClient, path: str, data: dict[str, Any]) -> TestResponse:
    """Send a form of one of our pages, as the newest visit."""
    app = browser.application
    with app.extensions["database"].reading() as db:
        form_key = db.scalars(select(Visit.form_key).order_by(Visit.id.desc())).first()
    token = URLSafeTimedSerializer(app.config["SECRET_KEY"], salt="wtf-csrf-token").dumps(form_key)
    return browser.post(path, data={"csrf_token": token, **data}, headers=OURS)


def activity_of(vle: Vle, link: str = "link-1") -> Placement:
    with vle.inside().reading() as db:
        return db.scalars(select(Placement).where(Placement.link_id == link)).one()


def custom(**parameters: str) -> dict[str, Any]:
    return {LTI + "custom": parameters}


def link(link_id: str) -> dict[str, Any]:
    return {LTI + "resource_link": {"id": link_id, "title": "Questions"}}


def placed_board(vle: Vle) -> tuple[FlaskClient, str]:
    """A tutor has put a new board behind the activity; their browser and the board."""
    browser = vle.browser()
    vle.arrive(browser, **TUTOR)
    answer = post(browser, f"/activities/{activity_of(vle).public_id}", NEW_BOARD)
    assert answer.status_code == 303, answer.text
    return browser, answer.location.removeprefix("/boards/")


class TestNothingChosen:
    def test_a_learner_reads_that_it_is_not_ready(self, vle: Vle) -> None:
        page = vle.arrive(vle.browser())
        assert "Your tutor has not finished setting this up. Nothing is wrong with your account." in page.text
        assert "<form" not in page.text.split("<main")[1]

    def test_a_learner_cannot_choose(self, vle: Vle) -> None:
        browser = vle.browser()
        vle.arrive(browser)
        public_id = activity_of(vle).public_id
        assert post(browser, f"/activities/{public_id}", NEW_BOARD).status_code == 403
        assert browser.get(f"/activities/{public_id}/change").status_code == 403

    def test_a_tutor_makes_a_board_and_learners_find_it(self, vle: Vle) -> None:
        _browser, board = placed_board(vle)
        page = vle.arrive(vle.browser())
        assert "Ask cardiology" in page.text
        assert vle.launch(vle.browser()).status_code == 303
        assert activity_of(vle).thing == board

    def test_a_tutor_takes_a_board_that_is_there(self, vle: Vle) -> None:
        browser, board = placed_board(vle)
        page = vle.arrive(browser, **TUTOR, **link("link-2"))
        assert "What should people find here?" in page.text
        answer = post(browser, f"/activities/{activity_of(vle, 'link-2').public_id}", {"do": "use", "thing": board})
        assert answer.location == f"/boards/{board}"

    def test_the_front_page(self, vle: Vle) -> None:
        browser = vle.browser()
        vle.arrive(browser, **TUTOR)
        answer = post(browser, f"/activities/{activity_of(vle).public_id}", {"do": "use", "thing": "front"})
        assert re.fullmatch(r"/courses/\w{16}/", answer.location)

    def test_what_is_missing_comes_back_with_what_was_typed(self, vle: Vle) -> None:
        browser = vle.browser()
        vle.arrive(browser, **TUTOR)
        path = f"/activities/{activity_of(vle).public_id}"
        for sent in ({"do": "use"}, {"do": "use", "thing": "of-nobody"}, {"do": "use", "thing": ["front", "x"]}, {}):
            answer = post(browser, path, sent)
            assert answer.status_code == 400, sent
            assert "nhsuk-error-summary" in answer.text
        answer = post(browser, path, {"do": "make", "title": "Ask <b>me</b>"})
        assert answer.status_code == 400
        assert "Ask &lt;b&gt;me&lt;/b&gt;" in answer.text
        assert post(browser, path, {"do": "cancel"}).status_code == 400

    def test_nobody_of_another_course_knows_of_it(self, vle: Vle) -> None:
        placed_board(vle)
        public_id = activity_of(vle).public_id
        other = vle.browser()
        elsewhere = {LTI + "context": {"id": "course-2", "title": "F1"}, **link("link-9")}
        vle.arrive(other, **{**TUTOR, "sub": "other"}, **elsewhere)
        for path in (f"/activities/{public_id}", f"/activities/{public_id}/change"):
            assert other.get(path).status_code == 404
        assert post(other, f"/activities/{public_id}", NEW_BOARD).status_code == 404


class TestChange:
    def test_a_tutor_may_choose_anew(self, vle: Vle) -> None:
        browser, _board = placed_board(vle)
        placement = activity_of(vle)
        with vle.inside().reading() as db:
            course = db.get_one(Course, placement.course_id).public_id
        page = browser.get(f"/courses/{course}/activities")
        assert "Opens the board Ask cardiology" in page.text
        assert f"/activities/{placement.public_id}/change" in page.text
        assert browser.get(f"/activities/{placement.public_id}/change").status_code == 200
        post(browser, f"/activities/{placement.public_id}", {"do": "use", "thing": "front"})
        assert "front page" in browser.get(f"/courses/{course}/activities").text

    def test_learners_have_no_list(self, vle: Vle) -> None:
        browser = vle.browser()
        vle.arrive(browser)
        with vle.inside().reading() as db:
            course = db.get_one(Course, activity_of(vle).course_id).public_id
        assert browser.get(f"/courses/{course}/activities").status_code == 403


class TestWhatTheVleSays:
    def test_place_opens_the_board(self, vle: Vle) -> None:
        _browser, board = placed_board(vle)
        browser = vle.browser()
        answer = follow(browser, vle.launch(browser, **link("link-2"), **custom(place=board)))
        assert "Ask cardiology" in answer.text
        assert activity_of(vle, "link-2").thing == board

    def test_place_front(self, vle: Vle) -> None:
        vle.launch(vle.browser(), **custom(place="front"))
        assert activity_of(vle).kind == "front"

    def test_a_place_that_is_nothing(self, vle: Vle) -> None:
        for number, place in enumerate(("x" * 16, "../../etc", "\0", "é" * 300, "$ResourceLink.id")):
            page = vle.arrive(vle.browser(), **link(f"link-{number}"), **custom(place=place))
            assert "Not ready yet" in page.text

    def test_a_tutors_later_choice_stands_until_the_vle_says_something_new(self, vle: Vle) -> None:
        browser, board = placed_board(vle)
        vle.launch(vle.browser(), **link("link-2"), **custom(place=board))
        vle.arrive(browser, **TUTOR, **link("link-2"), **custom(place=board))
        post(browser, f"/activities/{activity_of(vle, 'link-2').public_id}", {"do": "use", "thing": "front"})
        vle.launch(vle.browser(), **link("link-2"), **custom(place=board))
        assert activity_of(vle, "link-2").kind == "front"


class TestCopies:
    def test_within_a_course_a_copy_opens_what_its_original_opens(self, vle: Vle) -> None:
        _browser, board = placed_board(vle)
        vle.launch(vle.browser(), **link("link-2"), **custom(resourcelink_id_history="gone,link-1"))
        assert activity_of(vle, "link-2").thing == board

    def test_from_another_course_a_copy_waits_for_its_tutor(self, vle: Vle) -> None:
        _browser, board = placed_board(vle)
        copied = {LTI + "context": {"id": "course-2", "title": "Next year"}, **link("link-2")}
        page = vle.arrive(vle.browser(), **copied, **custom(place=board))
        assert "Not ready yet" in page.text
        page = vle.arrive(vle.browser(), **TUTOR, **copied, **custom(place=board))
        assert "copied from another course" in page.text
        assert board not in page.text

    def test_a_role_in_one_course_is_none_in_another(self, vle: Vle) -> None:
        browser, board = placed_board(vle)
        other = vle.browser()
        vle.arrive(other, **{LTI + "context": {"id": "course-2", "title": "F1"}}, **link("link-9"), sub="stranger")
        assert other.get(f"/boards/{board}").status_code == 404
        assert browser.get(f"/boards/{board}").status_code == 200
