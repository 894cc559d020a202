"""Teaching of a course and somebody's phone that follows it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from werkzeug.test import TestResponse

from lti_tool.access import Role
from lti_tool.core.db import Database
from lti_tool.core.ids import new_public_id
from lti_tool.feeds.actions import FeedDraft, make_feed, replace_address, switch_off, token
from lti_tool.feeds.queries import get_feed
from lti_tool.feeds.rules import Filter
from lti_tool.people import Course, CourseLine, Person, Trust
from lti_tool.programme import (
    SessionDraft,
    SessionLine,
    add_session,
    cancel_session,
    change_session,
    delete_session,
    get_session,
    restore_session,
)
from tests.factories.house import House, moment

NOON = moment("2026-11-27T12:00:00+00:00")


def draft(title: str = "Echo basics", starts_at: datetime | None = None, **given: object) -> SessionDraft:
    """An hour of teaching, on Thursday 3 December 2026 at 13:00 in London unless said otherwise."""
    begins = starts_at or moment("2026-12-03T13:00:00+00:00")
    usual = {"description": "Bring a question.", "speaker": "Dr Helen Marsh", "room": "Seminar room 2"}
    return SessionDraft(
        **({"title": title, "starts_at": begins, "ends_at": begins + timedelta(hours=1)} | usual | given)
    )


@dataclass
class Scene:
    """A course with a tutor who plans and a learner who follows."""

    house: House
    trust: Trust
    course: Course
    tutor: Person
    learner: Person

    @staticmethod
    def of(house: House) -> "Scene":
        """A new one."""
        trust = house.trust()
        course = house.course(trust)
        tutor = house.person(trust, "Dr Helen Marsh", {course.id: Role.TUTOR})
        return Scene(house, trust, course, tutor, house.person(trust, "Sam Okafor", {course.id: Role.LEARNER}))

    @property
    def database(self) -> Database:
        """The database as the course's trust sees it."""
        return self.house.database.within(self.trust.id)

    @property
    def line(self) -> CourseLine:
        """The course as rooms read it."""
        return CourseLine.of(self.course)

    def plan(self, wanted: SessionDraft | None = None) -> str:
        """Plan a session; returns its public id. The worker has not come by yet."""
        with self.database.transaction() as db:
            actor = self.house.actor(db, self.tutor, self.course)
            return add_session(db, actor, self.line, wanted or draft(), new_public_id()).public_id

    def session(self, public_id: str) -> SessionLine:
        """The session as it is now."""
        with self.database.transaction() as db:
            return get_session(db, self.house.actor(db, self.tutor, self.course), public_id)

    def change(self, public_id: str, **given: object) -> None:
        """Change some fields of a session."""
        with self.database.transaction() as db:
            actor = self.house.actor(db, self.tutor, self.course)
            line = get_session(db, actor, public_id)
            names = SessionDraft.__dataclass_fields__
            as_is = SessionDraft(**{name: getattr(line, name) for name in names})
            change_session(db, actor, line, replace(as_is, **given), line.version)

    def cancel(self, public_id: str, reason: str = "The speaker is ill.") -> None:
        """Cancel a session."""
        with self.database.transaction() as db:
            actor = self.house.actor(db, self.tutor, self.course)
            line = get_session(db, actor, public_id)
            cancel_session(db, actor, line, reason, line.version)

    def restore(self, public_id: str) -> None:
        """It takes place after all."""
        with self.database.transaction() as db:
            actor = self.house.actor(db, self.tutor, self.course)
            line = get_session(db, actor, public_id)
            restore_session(db, actor, line, line.version)

    def delete(self, public_id: str) -> None:
        """Delete a session."""
        with self.database.transaction() as db:
            actor = self.house.actor(db, self.tutor, self.course)
            line = get_session(db, actor, public_id)
            delete_session(db, actor, line, line.version)

    def feed(self, name: str = "My teaching", of: Filter | None = None, who: Person | None = None) -> str:
        """A feed of the learner; returns its public id."""
        with self.database.transaction() as db:
            actor = self.house.actor(db, who or self.learner, self.course)
            wanted = FeedDraft(name, of or Filter())
            return make_feed(db, actor, self.line, wanted, new_public_id()).public_id

    def path(self, feed: str, who: Person | None = None) -> str:
        """The address of a feed, as its owner is shown it."""
        with self.database.transaction() as db:
            found = get_feed(db, self.house.actor(db, who or self.learner, self.course), feed)
            return f"/calendar/{token(db, found.public_id, found.generation)}.ics"

    def replace(self, feed: str) -> None:
        """Give a feed another address."""
        with self.database.transaction() as db:
            actor = self.house.actor(db, self.learner, self.course)
            found = get_feed(db, actor, feed)
            replace_address(db, actor, self.line, found, found.generation)

    def switch_off(self, feed: str) -> None:
        """Switch a feed off."""
        with self.database.transaction() as db:
            actor = self.house.actor(db, self.learner, self.course)
            switch_off(db, actor, self.line, get_feed(db, actor, feed))

    def fetch(self, path: str, **headers: str) -> TestResponse:
        """What a phone gets that knows nothing but the address."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.house.app.test_client(use_cookies=False).get(path, headers=given)
