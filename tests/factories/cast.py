"""Everybody who may touch a thing of a course, or should not: for tests that let all of them do anything."""

from lti_tool.access import Duty, Role
from lti_tool.people import Course
from tests.factories.house import House


class Cast:
    """The people of a course (`here`: part → name and role), and with them a tutor of another course, who runs
    education in the trust, and who does in another trust."""

    def __init__(self, house: House, here: dict[str, tuple[str, Role]]) -> None:
        self.house = house
        trust, foreign = house.trust(), house.trust("Another trust")
        self.course, self.other = house.course(trust), house.course(trust, "F1 Medicine")
        self.abroad = house.course(foreign, "Their course")
        runs = Duty.EDUCATION_ADMINISTRATOR
        self.people = {who: house.person(trust, name, {self.course.id: role}) for who, (name, role) in here.items()}
        self.people |= {
            "elsewhere": house.person(trust, "Jon", {self.other.id: Role.TUTOR}),
            "office": house.person(trust, "Ruth", {self.other.id: Role.READER}, runs),
            "abroad": house.person(foreign, "Eve", {self.abroad.id: Role.TUTOR}, runs),
        }
        with house.database.transaction() as db:
            self.actors = {who: house.actor(db, person, self.home(who)) for who, person in self.people.items()}

    def home(self, who: str) -> Course:
        """The course from which this one comes."""
        return {"elsewhere": self.other, "office": self.other, "abroad": self.abroad}.get(who, self.course)
