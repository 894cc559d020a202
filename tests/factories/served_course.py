"""A course whose VLE grants its roster and its grade book, and a tutor who has opened an activity of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from lti_tool.launch.models import Identity, Mark, Placement, Platform, RosterService
from lti_tool.launch.services import Partner, partner_of
from lti_tool.people import Course, Enrolment, Person
from tests.factories.house import House
from tests.factories.platform import LTI
from tests.factories.services import MoodleServices, member, vle_with_services
from tests.factories.vle import Vle
from tests.functional.launch.test_activities import post

TUTOR = {LTI + "roles": ["Instructor"], "sub": "3", "name": "Tess Teacher"}


@dataclass
class Scene:
    """A VLE with a tutor and some learners in its course; the tutor has opened an activity."""

    vle: Vle
    services: MoodleServices
    browser: FlaskClient

    @property
    def house(self) -> House:
        return self.vle.house

    def open(self, **changes: Any) -> TestResponse:
        """The tutor opens the activity."""
        return self.vle.arrive(self.browser, **TUTOR, **{**self.services.claims(), **changes})

    def learner(self, number: int, **changes: Any) -> FlaskClient:
        """A learner opens the activity."""
        browser = self.vle.browser()
        said = {"sub": str(number), "name": f"Stu{number} Dent{number}", **self.services.claims(), **changes}
        assert self.vle.arrive(browser, **said).status_code == 200
        return browser

    def path(self, page: str) -> str:
        with self.vle.inside().reading() as db:
            course, activity = db.scalars(select(Course.public_id)).one(), db.scalars(select(Placement.public_id)).one()
        return page.format(course=course, activity=activity)

    def get(self, page: str) -> TestResponse:
        return self.browser.get(self.path(page))

    def post(self, page: str, **data: str) -> TestResponse:
        return post(self.browser, self.path(page), data)

    def read_roster(self) -> RosterService:
        """What the worker does after the first launch, or after somebody asked; how it went."""
        with self.vle.inside().transaction() as db:
            service = db.scalars(select(RosterService)).one()
            service.wanted_at = None
        if service.tried_at is not None:
            self.post("/courses/{course}/people")
        self.house.work(timedelta())
        with self.vle.inside().reading() as db:
            return db.scalars(select(RosterService)).one()

    def people(self) -> dict[str, Enrolment]:
        """Everybody who was ever in the course, by the VLE's number."""
        with self.vle.inside().reading() as db:
            rows = db.execute(
                select(Identity.subject, Enrolment).join(Enrolment, Enrolment.person_id == Identity.person_id)
            )
            return {row.subject: row.Enrolment for row in rows}

    def here(self) -> set[str]:
        return {subject for subject, enrolment in self.people().items() if enrolment.left_at is None}

    def person(self, number: int) -> str:
        """The public id of somebody."""
        with self.vle.inside().reading() as db:
            found = select(Person.public_id).join(Identity, Identity.person_id == Person.id)
            return db.scalars(found.where(Identity.subject == str(number))).one()

    def mark(self, **marks: str) -> TestResponse:
        """The tutor types marks (`s4="70"`) into the page as it stands, saves, and the worker takes them along."""
        said = self.typed(**marks)
        saved = self.post("/activities/{activity}/marks", do="save", **said)
        self.house.work(timedelta())
        return saved

    def typed(self, **marks: str) -> dict[str, str]:
        page, said = self.get("/activities/{activity}/marks"), {}
        assert page.status_code == 200, page.text
        for name, value in marks.items():
            person = self.person(int(name[1:]))
            stands = page.text.split(f'name="was-{person}" value="')[1].split('"')[0]
            said |= {f"mark-{person}": value, f"was-{person}": stands}
        return said

    def marks(self) -> dict[str, Mark]:
        with self.vle.inside().reading() as db:
            rows = db.execute(select(Identity.subject, Mark).join(Mark, Mark.person_id == Identity.person_id))
            return {row.subject: row.Mark for row in rows}

    def partner(self) -> Partner:
        with self.vle.inside().reading() as db:
            return partner_of(db.scalars(select(Platform)).one())


@contextmanager
def course_with_services(house: House) -> Iterator[Scene]:
    """A tutor (3) has opened an activity; five learners (4 to 8) are on the roster, which nobody has read yet."""
    with vle_with_services(house) as (vle, services):
        services.members = [member(3, "Instructor", name="Tess Teacher"), *(member(number) for number in range(4, 9))]
        scene = Scene(vle, services, vle.browser())
        assert scene.open().status_code == 200
        yield scene
