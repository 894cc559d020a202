"""Behind the browser's back, with somebody else's platform: the roster over its pages, a column, a score.

Neither platform checks for whom our signed slip is meant: tests/conformance/test_service_rows.py does.
"""

import pytest
import requests
from sqlalchemy import func, select

from lti_tool.launch.models import Identity, Placement, RosterService
from lti_tool.launch.syncing import sync_course
from lti_tool.people import Enrolment, Person
from tests.conformance.peers.browser import Browser, form_with
from tests.conformance.peers.platforms import ROSTER, Platform, full_name
from tests.conformance.peers.tools import GrandRound

pytestmark = pytest.mark.parametrize("tool", ["grand-round"], indirect=True)
ACTIVE = {person for person, _role, status in ROSTER if status == "Active"}


def arrive(browser: Browser, platform: Platform, person: str, role: str) -> None:
    """Follow the link to the end."""
    page = browser.submit(form_with("id_token", browser.open(platform.start_url(person, role))))
    assert page.status_code == 200, page.text


def test_a_roster_of_2500_over_its_pages(tool: GrandRound, platform: Platform, browser: Browser) -> None:
    arrive(browser, platform, "tariq", "Instructor")
    tool.work()
    with tool.database.reading() as db:
        assert db.scalars(select(RosterService.reason)).one() == ""
        assert db.scalars(select(RosterService.members)).one() == len(ACTIVE) == 2_499
        here = select(Identity.subject, Person.name, Enrolment.role).join(Person, Person.id == Identity.person_id)
        rows = db.execute(here.join(Enrolment, Enrolment.person_id == Person.id)).all()
    assert {row.subject for row in rows} == ACTIVE
    assert {row.name for row in rows} == {full_name(person) for person in ACTIVE}
    assert [row.subject for row in rows if row.role == "tutor"] == ["tariq"]


def test_a_column_is_made_once_and_takes_scores(tool: GrandRound, platform: Platform, browser: Browser) -> None:
    arrive(Browser(), platform, "amina", "Learner")
    arrive(browser, platform, "tariq", "Instructor")
    tool.work()
    with tool.database.reading() as db:
        activity = db.scalars(select(Placement.public_id)).one()
        found = select(Person.public_id).join(Identity, Identity.person_id == Person.id)
        amina = db.scalars(found.where(Identity.subject == "amina")).one()
    for mark in ("70", "75"):
        form = form_with(f"mark-{amina}", browser.open(f"{tool.base_url}/activities/{activity}/marks"))
        form.fields |= {f"mark-{amina}": mark, "do": "save"}
        assert browser.submit(form).status_code == 200
        tool.work()
        [(key, score)] = requests.get(f"{platform.base_url}/scores", timeout=10).json().items()
        assert key == "1:amina"
        assert (score["scoreGiven"], score["scoreMaximum"]) == (int(mark), 100)
    page = browser.open(f"{tool.base_url}/activities/{activity}/marks").text
    assert "Sent" in page
    assert "Refused" not in page


def test_the_same_roster_again_changes_nothing(tool: GrandRound, platform: Platform, browser: Browser) -> None:
    arrive(browser, platform, "tariq", "Instructor")
    tool.work()
    with tool.database.reading() as db:
        course_id = db.scalars(select(RosterService.course_id)).one()
    assert sync_course(tool.database, course_id, 60) is None
    with tool.database.reading() as db:
        assert db.scalar(select(func.count()).select_from(Person)) == len(ACTIVE)
        assert db.scalars(select(RosterService.joined)).one() == 0
