"""Seeded teaching is read, moved and cancelled like any other."""

from collections import Counter

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from lti_tool.core import clock
from lti_tool.journal import JournalLine
from lti_tool.operations import commands
from lti_tool.people import Course, Enrolment, Person
from lti_tool.programme import Programme, SessionState, TeachingSession
from tests.factories.house import House

SEED = next(command for command in commands if command.name == "seed")
SMALL = ("--people", "130", "--threads", "5", "--posts", "20", "--sessions", "150", "--random", "7")


@pytest.fixture
def seeded(house: House) -> House:
    done = CliRunner().invoke(SEED, list(SMALL), obj=lambda: house.database)
    assert done.exit_code == 0, done.output
    return house


def test_teaching_lies_before_and_after_today_and_some_is_moved_or_cancelled(seeded: House) -> None:
    with seeded.database.reading() as db:
        sessions = db.scalars(select(TeachingSession)).all()
        programmes = db.scalar(select(func.count()).select_from(Programme))
        verbs = Counter(db.scalars(select(JournalLine.verb).where(JournalLine.subject.startswith("session:"))))
    assert len(sessions) == 150
    assert programmes == 2
    past = sum(session.starts_at < clock.now() for session in sessions)
    assert 50 < past < 100
    assert all(session.starts_at < session.ends_at for session in sessions)
    assert all(session.starts_at.astimezone(clock.LONDON).hour in (8, 12, 13, 16) for session in sessions)
    states = Counter(session.state for session in sessions)
    assert states[SessionState.CANCELLED] == verbs["session.cancelled"] > 0
    assert sum(session.moved_at is not None for session in sessions) > 0
    assert verbs["session.added"] == 150


def test_a_learner_reads_the_week(seeded: House) -> None:
    with seeded.database.reading() as db:
        row = db.execute(
            select(Person, Course)
            .join(Enrolment, Enrolment.person_id == Person.id)
            .join(Course, Course.id == Enrolment.course_id)
            .where(Enrolment.role == "learner")
        ).first()
    assert row is not None
    answer = seeded.browser(row.Person, row.Course).get(f"/courses/{row.Course.public_id}/teaching")
    assert answer.status_code == 200
