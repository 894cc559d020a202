"""Seeded cases are what authors, reviewers and readers leave behind: gated, held, answered."""

from collections import Counter

from click.testing import CliRunner
from sqlalchemy import select, text

from lti_tool.cases import Case, CaseState
from lti_tool.operations import State, check_house, commands
from lti_tool.people import Course, Person
from tests.factories.house import House

SEED = next(command for command in commands if command.name == "seed")
SMALL = ("--people", "65", "--threads", "5", "--posts", "20", "--cases", "60", "--random", "7")


def test_cases_are_written_reviewed_and_answered(house: House) -> None:
    done = CliRunner().invoke(SEED, list(SMALL), obj=lambda: house.database)
    assert done.exit_code == 0, done.output
    with house.database.reading() as db:
        states = Counter(db.scalars(select(Case.state)))
        answers = db.scalar(text("SELECT count(*) FROM case_answers"))
        held = db.scalar(text("SELECT count(DISTINCT thread_id) FROM thread_holds"))
        published = db.scalars(select(Case).where(Case.state == CaseState.PUBLISHED)).first()
        assert published is not None
        course = db.get_one(Course, published.course_id)
        author = db.get_one(Person, published.author_id)
    assert sum(states.values()) == 60
    assert states[CaseState.PUBLISHED] > 40
    assert {CaseState.DRAFT, CaseState.PENDING, CaseState.RETURNED} <= set(states)
    assert held == states[CaseState.PENDING] + states[CaseState.RETURNED]
    assert answers > 200
    assert (
        house.browser(author, course).get(f"/courses/{course.public_id}/cases/{published.public_id}").status_code == 200
    )
    assert all(finding.state == State.OK for finding in check_house(house.database, mend=False))
