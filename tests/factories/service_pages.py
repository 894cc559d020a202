"""The pages of rosters and marks, filled: a course whose list looks like a mistake, and one whose VLE is away."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from lti_tool.access import Role
from lti_tool.core import clock
from lti_tool.core.ids import new_public_id
from lti_tool.launch import PlatformDraft, connect_platform
from lti_tool.launch.models import Mark, Placement, RosterService
from lti_tool.people import Course, Enrolment, Person, Trust
from tests.factories.house import House
from tests.factories.services import offer_services

NAMES = ("Amara Nwosu", "Ben Adeyemi", "Chloe Jones", "Dafydd Rees", "Erin Walsh", "Farid Rahman", "Grace Lim")
DRAFT = PlatformDraft(
    name="Northmoor Moodle",
    issuer="https://vle.example",
    client_id="1",
    auth_url="https://vle.example/auth",
    token_url="https://vle.example/token",
    keys_url="https://vle.example/keys",
    deployments=("1",),
)


def service_pages(house: House, trust: Trust, empty: Course, helen: Person) -> Iterator[tuple[Any, ...]]:
    """Every state that looks different: name, browser, path, form, status. `empty` is a course of Helen's."""
    doubtful, failing = house.course(trust, "Respiratory ST5"), house.course(trust, "Acute medicine")
    with house.database.transaction() as db:
        connect_platform(db, trust.name, DRAFT, clock.now())
        for course in (doubtful, failing):
            db.add(
                Enrolment(
                    person_id=helen.id, course_id=course.id, trust_id=trust.id, role=Role.TUTOR, since=clock.now()
                )
            )
    learners = [house.person(trust, name, {doubtful.id: Role.LEARNER}) for name in NAMES]
    activity, unread = _activity(house, doubtful), _activity(house, failing)
    with house.database.within(trust.id).transaction() as db:
        offer_services(db, db.get_one(Placement, activity.id), "https://vle.example", held_at=clock.now())
        offer_services(db, db.get_one(Placement, unread.id), "https://vle.example")
        _miss(db, doubtful, learners[2:])
        _fail(db.get_one(RosterService, failing.id))
        db.add_all(_marks(activity, learners, helen))
    browser = house.browser(helen, doubtful)
    people, marks = f"/courses/{doubtful.public_id}/people", f"/activities/{activity.public_id}/marks"
    yield "people-held", browser, people, {}, 200
    yield "home-doubtful", browser, f"/courses/{doubtful.public_id}/", {}, 200
    yield "people-failed", browser, f"/courses/{failing.public_id}/people", {}, 200
    yield "people-not-shared", browser, f"/courses/{empty.public_id}/people", {}, 200
    yield "people-decided", browser, f"{people}/left", {"do": "left", "seen": "2020-01-01"}, 409
    yield "marks", browser, marks, {}, 200
    yield "marks-wrong", browser, marks, {"do": "save", f"mark-{learners[0].public_id}": "many"}, 400
    yield "marks-nobody", browser, f"/activities/{unread.public_id}/marks", {}, 200


def _activity(house: House, course: Course) -> Placement:
    with house.database.within(course.trust_id).transaction() as db:
        placement = Placement(
            public_id=new_public_id(),
            trust_id=course.trust_id,
            deployment_id=1,
            course_id=course.id,
            link_id="1",
            title="Questions of the week",
            is_copy=False,
            asked="",
            kind="front",
            thing="",
        )
        db.add(placement)
        db.flush()
        return placement


def _miss(db: Any, course: Course, people: list[Person]) -> None:
    for person in people:
        enrolment = db.get_one(Enrolment, (person.id, course.id))
        enrolment.given_by, enrolment.absence = "roster", "missing"


def _fail(roster: RosterService) -> None:
    roster.outcome, roster.tried_at = "unreachable", clock.now() + timedelta(minutes=1)
    roster.reason = "vle.example could not be reached: it did not answer in time."


def _marks(activity: Placement, learners: list[Person], helen: Person) -> list[Mark]:
    states = (
        (70, "sent", ""),
        (85, "waiting", ""),
        (40, "waiting", "vle.example could not be reached: it refused the connection."),
        (90, "refused", "The VLE does not know this person in the course, or takes no marks for them."),
    )
    return [
        Mark(
            trust_id=activity.trust_id,
            placement_id=activity.id,
            person_id=learner.id,
            given_by_id=helen.id,
            mark=mark,
            stamp=clock.now(),
            state=state,
            reason=reason,
        )
        for learner, (mark, state, reason) in zip(learners, states, strict=False)
    ]
