"""One of each that goes beyond the queue: an appeal, a concern, a pause, a request for a name."""

from datetime import timedelta

from sqlalchemy import select

from lti_tool.access import Duty, Role
from lti_tool.boards import get_post_facts
from lti_tool.boards.models import BoardPause
from lti_tool.core import clock
from lti_tool.core.ids import new_public_id
from lti_tool.moderation import DecisionDraft, ReportDraft, Verb, decide, report_post
from lti_tool.moderation.appeals import make_appeal
from lti_tool.moderation.duty_forms import OpeningDraft
from lti_tool.moderation.duty_models import Appeal, SafetyConcern
from lti_tool.moderation.handling import get_handle
from lti_tool.moderation.openings import ask_opening
from lti_tool.moderation.pausing import begin_pause
from lti_tool.people import Course, Person, Trust
from tests.factories.house import House


def make_matters(house: House, course: Course, author: Person, tutor: Person, board: str) -> dict[str, str]:
    """Their public ids, by name: `tutor` has decided, `author` asks somebody else; `rejected` can still be appealed."""
    trust = house.database.within(course.trust_id)
    first, rejected, read = (house.question(author, course, board) for _each in range(3))
    with trust.transaction() as db:
        actor = house.actor(db, tutor, course)
        for post, verb in ((first, Verb.REJECT), (rejected, Verb.REJECT), (read, Verb.APPROVE)):
            decide(db, actor, get_post_facts(db, actor, post), DecisionDraft(verb, 1, "topic", "Elsewhere, please."))
    with trust.transaction() as db:
        actor = house.actor(db, author, course)
        make_appeal(db, actor, get_post_facts(db, actor, first), "It is about the heart after all.")
        appeal = db.scalars(select(Appeal.public_id)).one()
    reader = house.person(trust_of(house, course), "Reader", {course.id: Role.LEARNER})
    with trust.transaction() as db:
        actor = house.actor(db, reader, course)
        report_post(db, actor, get_post_facts(db, actor, read), ReportDraft("risk", "They sound hopeless.", True))
        concern = db.scalars(select(SafetyConcern.public_id)).one()
    with trust.transaction() as db:
        actor = house.actor(db, tutor, course)
        until = clock.now() + timedelta(days=7)
        begin_pause(db, actor, get_handle(db, actor, read, "pause.begin"), "Please answer without sarcasm.", until)
        pause = db.scalars(select(BoardPause.public_id)).one()
    opening = make_opening(house, course, author, tutor)
    return {"appeal": appeal, "rejected": rejected, "concern": concern, "pause": pause, "opening": opening}


def make_opening(house: House, course: Course, author: Person, tutor: Person) -> str:
    """A request for the name of an author on a board with hidden names."""
    board = house.board(course, tutor, pseudonymous=True, moderated=False)
    post = house.question(author, course, board)
    lead = house.person(trust_of(house, course), "Safe Lead", {course.id: Role.READER}, Duty.SAFEGUARDING)
    with house.database.within(course.trust_id).transaction() as db:
        actor = house.actor(db, lead, course)
        draft = OpeningDraft("They write of harming themselves.", "", new_public_id())
        return ask_opening(db, actor, get_handle(db, actor, post, "author.open"), draft)


def trust_of(house: House, course: Course) -> Trust:
    """The trust of a course."""
    with house.database.reading() as db:
        return db.get_one(Trust, course.trust_id)
