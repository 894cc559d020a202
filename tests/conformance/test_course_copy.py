"""The rows of course copy: what an activity opens after its course was copied, by whatever the VLE says of it."""

import re
from typing import Any

import pytest
from sqlalchemy import select

from lti_tool.launch.models import Placement
from tests.factories.platform import LTI
from tests.factories.vle import Vle
from tests.functional.launch.test_activities import NEW_BOARD, TUTOR, activity_of, custom, link, placed_board, post
from tests.functional.launch.test_ways_back import lands_on

COPY = {LTI + "context": {"id": "course-2", "title": "Next year"}, **link("link-2")}
PAGES = {"cases": "/cases", "teaching": "/teaching", "front": "/"}

# What the VLE says of the copy. Moodle sends `$Context.id.history`, and the link's variable as it stands.
TELLS: dict[str, dict[str, str]] = {
    "link and course history": {"resourcelink_id_history": "link-1", "context_id_history": "course-1"},
    "link history alone": {"resourcelink_id_history": "link-1"},
    "a copy of a copy": {"resourcelink_id_history": "link-gone,link-1", "context_id_history": "course-gone,course-1"},
}
TELLS_BY_PLACE: dict[str, dict[str, str]] = {
    "our own parameter alone": {},
    "course history as Moodle": {
        "context_id_history": "course-1",
        "resourcelink_id_history": "$ResourceLink.id.history",
    },
    "empty histories": {"context_id_history": "", "resourcelink_id_history": ""},
    "everything": {"context_id_history": "course-1", "resourcelink_id_history": "link-1"},
}


def place_by_tutor(vle: Vle, thing: str) -> None:
    """A tutor of the first course chose it in the activity: the VLE knows nothing of that."""
    browser = vle.browser()
    vle.arrive(browser, **TUTOR)
    assert post(browser, f"/activities/{activity_of(vle).public_id}", {"do": "use", "thing": thing}).status_code == 303


def copied(vle: Vle, **changes: Any) -> str:
    """Where a learner of the copied course lands."""
    browser = vle.browser()
    return lands_on(browser, vle.launch(browser, **COPY, **changes))


@pytest.mark.parametrize("thing", PAGES)
@pytest.mark.parametrize("row", TELLS)
def test_what_every_course_has_opens_in_the_copy(vle: Vle, row: str, thing: str) -> None:
    place_by_tutor(vle, thing)
    original = activity_of(vle).course_id
    assert re.fullmatch(rf"/courses/\w{{16}}{PAGES[thing]}", copied(vle, **custom(**TELLS[row])))
    assert activity_of(vle, "link-2").course_id != original, "it is the new course's own"


@pytest.mark.parametrize("thing", PAGES)
@pytest.mark.parametrize("row", TELLS_BY_PLACE)
def test_what_was_put_there_by_the_dialog_opens_in_the_copy(vle: Vle, row: str, thing: str) -> None:
    parameters = {"place": thing, **TELLS_BY_PLACE[row]}
    vle.launch(vle.browser(), **custom(place=thing))
    assert re.fullmatch(rf"/courses/\w{{16}}{PAGES[thing]}", copied(vle, **custom(**parameters)))


@pytest.mark.parametrize("row", [*TELLS, *TELLS_BY_PLACE])
def test_a_board_waits_for_its_tutor(vle: Vle, row: str) -> None:
    _browser, board = placed_board(vle)
    parameters = TELLS.get(row) or {"place": board, **TELLS_BY_PLACE[row]}
    learner = vle.browser()
    page = vle.arrive(learner, **COPY, **custom(**parameters))
    assert "Not ready yet" in page.text
    assert learner.get(f"/boards/{board}").status_code == 404
    tutor = vle.browser()
    page = vle.arrive(tutor, **TUTOR, **COPY, **custom(**parameters))
    assert "copied from another course" in page.text
    chosen = post(tutor, f"/activities/{activity_of(vle, 'link-2').public_id}", NEW_BOARD)
    assert chosen.location not in ("", f"/boards/{board}")
    assert copied(vle, **custom(**parameters)) == chosen.location


@pytest.mark.parametrize("parameters", [TELLS["link history alone"], TELLS["a copy of a copy"]])
def test_within_the_course_a_copy_opens_the_same_board(vle: Vle, parameters: dict[str, str]) -> None:
    _browser, board = placed_board(vle)
    browser = vle.browser()
    assert lands_on(browser, vle.launch(browser, **link("link-2"), **custom(**parameters))) == f"/boards/{board}"


def test_unresolved_variables_are_no_history(vle: Vle) -> None:
    parameters = {"context_id_history": "$Context.id.history", "resourcelink_id_history": "$ResourceLink.id.history"}
    vle.launch(vle.browser(), **custom(**parameters))
    assert activity_of(vle).is_copy is False


def test_a_copy_of_what_nobody_has_chosen_yet_is_not_ready(vle: Vle) -> None:
    vle.launch(vle.browser())
    assert "/activities/" in copied(vle, **custom(resourcelink_id_history="link-1"))


def test_another_deployments_links_are_not_mine(vle: Vle) -> None:
    """Two trusts behind one VLE may have activities of the same number."""
    vle.connect(deployments=("1", "2"))
    place_by_tutor(vle, "cases")
    browser = vle.browser()
    login = vle.login(browser, lti_deployment_id="2")
    token = vle.token(login, **COPY, **custom(resourcelink_id_history="link-1"), **{LTI + "deployment_id": "2"})
    assert "/activities/" in lands_on(browser, vle.post(browser, token, login.state))
    with vle.house.database.reading() as db:
        assert [row.kind for row in db.scalars(select(Placement).order_by(Placement.id))] == ["cases", ""]
