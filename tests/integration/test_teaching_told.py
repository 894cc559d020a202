"""Who is told of teaching that changes late: those whom it concerns, once, in their inbox, and nobody else."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from lti_tool.access import Role
from lti_tool.core import clock
from lti_tool.journal import JournalLine, undone_deliveries
from lti_tool.notifications import rules
from lti_tool.notifications.jobs import tell_course
from lti_tool.notifications.queries import page_of_entries
from lti_tool.people import enrol, make_person, state_rotation
from lti_tool.programme import (
    cancel_session,
    change_session,
    delete_session,
    get_session,
    restore_session,
)
from tests.factories.house import House

pytestmark = pytest.mark.sql

HOUR = timedelta(hours=1)
MOVED, CANCELLED, AGAIN = (
    "Teaching was moved: see when and where",
    "Teaching was cancelled: see why",
    "Teaching takes place after all",
)


class Ward:
    """A course with two learners of different grades, one of none, and two tutors; somebody else elsewhere."""

    def __init__(self, house: House) -> None:
        self.house = house
        trust = house.trust()
        self.course, elsewhere = house.course(trust), house.course(trust, "F1 Medicine")
        here = self.course.id
        self.inside = house.database.within(trust.id)
        self.sam = house.person(trust, "Sam Okafor", {here: Role.LEARNER})
        self.priya = house.person(trust, "Priya Nadar", {here: Role.LEARNER})
        self.mina = house.person(trust, "Mina Farrow", {here: Role.LEARNER})
        self.helen = house.person(trust, "Dr Helen Marsh", {here: Role.TUTOR})
        self.rhys = house.person(trust, "Dr Rhys Pennant", {here: Role.TUTOR})
        self.tom = house.person(trust, "Tom Ashdown", {elsewhere.id: Role.LEARNER})
        self.all = (self.sam, self.priya, self.mina, self.helen, self.rhys, self.tom)
        today = clock.now().date() - timedelta(days=9)
        with self.inside.transaction() as db:
            state_rotation(db, self.sam, "ST3–8", "", "", today, "self")
            state_rotation(db, self.priya, "F2", "", "", today, "self")
            state_rotation(db, self.priya, "F1", "", "", today, "self")

    def plan(self, in_hours: int, **given: object) -> str:
        begins = (clock.now() + in_hours * HOUR).replace(microsecond=0)
        slot = {"starts_at": begins, "ends_at": begins + HOUR}
        return self.house.teaching(self.helen, self.course, "ECG clinic", **(slot | given))

    def act(self, session: str, action, *given: object) -> None:
        with self.inside.transaction() as db:
            actor = self.house.actor(db, self.helen, self.course)
            line = get_session(db, actor, session)
            action(db, actor, line, *given, line.version)

    def move(self, session: str, **given: object) -> None:
        def act(db, actor, line, version):
            change_session(db, actor, line, replace(line.draft, **given), version)

        self.act(session, act)

    def work(self) -> None:
        """Let the worker work, and see that nothing has failed."""
        self.house.work()
        with self.inside.reading() as db:
            assert not [undone for undone in undone_deliveries(db) if undone.oldest_due_at < clock.now()]

    def told(self, person) -> list[str]:
        with self.inside.transaction() as db:
            return [entry.sentence for entry in page_of_entries(db, self.house.actor(db, person, self.course)).rows]

    def told_to(self) -> dict[str, list[str]]:
        return {person.name: self.told(person) for person in self.all if self.told(person)}


@pytest.fixture
def ward(house: House) -> Ward:
    return Ward(house)


def test_a_late_move_is_told_to_those_whom_it_concerns_and_not_to_who_did_it(ward):
    session = ward.plan(47, grades=("F1", "Nurse"))
    ward.work()
    assert ward.told_to() == {}
    ward.move(session, room="Room 7")
    ward.work()
    ward.work()
    assert ward.told_to() == {name: [MOVED] for name in ("Priya Nadar", "Mina Farrow", "Dr Rhys Pennant")}


def test_moving_it_to_tomorrow_or_from_tomorrow_is_late_and_next_week_is_not(ward):
    far, near, soon = ward.plan(24 * 9), ward.plan(24 * 9), ward.plan(20)
    away = clock.now() + 24 * 12 * HOUR
    ward.move(far, starts_at=away, ends_at=away + HOUR)
    ward.move(near, title="ECG clinic, second part")
    ward.move(soon, title="ECG clinic, first part", speaker="Dr Hale")
    ward.act(far, cancel_session, "Away.")
    ward.work()
    assert ward.told_to() == {}
    tomorrow = clock.now() + 20 * HOUR
    ward.move(near, starts_at=tomorrow, ends_at=tomorrow + HOUR)
    ward.move(soon, starts_at=away, ends_at=away + HOUR)
    ward.work()
    assert ward.told(ward.sam) == [MOVED, MOVED]


def test_cancelled_and_on_again(ward):
    session = ward.plan(20)
    ward.act(session, cancel_session, "The speaker is away.")
    ward.work()
    ward.act(session, restore_session)
    ward.work()
    assert ward.told(ward.sam) == [AGAIN, CANCELLED]


def test_what_no_longer_holds_is_not_told(ward):
    session, deleted = ward.plan(20), ward.plan(20)
    ward.act(session, cancel_session, "A slip of the finger.")
    ward.act(session, restore_session)
    ward.move(deleted, room="Room 7")
    ward.act(deleted, delete_session)
    ward.work()
    assert ward.told(ward.sam) == [AGAIN]


def test_opening_the_session_marks_it_and_the_entry_leads_there(ward):
    session = ward.plan(20)
    ward.move(session, room="Room 7")
    ward.work()
    sam = ward.house.browser(ward.sam, ward.course)
    inbox = f"/courses/{ward.course.public_id}/inbox"
    page = sam.get(inbox).text
    assert f"/sessions/{session}" in page
    assert "ECG clinic" in page
    assert "gr-unread" in page
    assert sam.get(f"/sessions/{session}").status_code == 200
    assert "gr-unread" not in sam.get(inbox).text
    ward.act(session, delete_session)
    page = sam.get(inbox).text
    assert MOVED in page
    assert "You cannot open it any more" in page
    assert "ECG clinic" not in page


def test_rows_of_the_inbox_name_no_session(ward):
    session = ward.plan(20)
    ward.move(session, room="Room 7")
    ward.work()
    with ward.inside.reading() as db:
        rows = db.execute(text("SELECT * FROM inbox_entries")).all()
    assert len(rows) == 4
    assert session not in repr(rows)


def test_many_people_are_many_short_transactions_and_nobody_is_told_twice(ward, monkeypatch):
    monkeypatch.setitem(tell_course.__globals__, "PEOPLE_A_BATCH", 7)
    with ward.inside.transaction() as db:
        for number in range(30):
            person = make_person(db, ward.course.trust_id, f"Learner {number}", clock.now())
            enrol(db, person.id, ward.course, Role.LEARNER, clock.now())
    session = ward.plan(20)
    ward.move(session, room="Room 7")
    transactions = []
    begin = ward.inside.transaction
    with ward.inside.transaction() as db:
        line = db.query(JournalLine).filter_by(verb="session.changed").one()

    def counted():
        transactions.append(1)
        if len(transactions) == 3:
            raise ConnectionError("the worker dies here")
        return begin()

    monkeypatch.setattr(ward.inside, "transaction", counted)
    with pytest.raises(ConnectionError):
        tell_course(ward.inside, line, "")
    tell_course(ward.inside, line, "")
    monkeypatch.undo()
    with ward.inside.reading() as db:
        counts = db.execute(text("SELECT count(*), count(DISTINCT person_id) FROM inbox_entries")).one()
    assert tuple(counts) == (34, 34)
    assert len(transactions) > 5


def test_every_kind_of_entry_has_its_words():
    for kind in rules.Kind:
        assert rules.sentence(kind, is_question=True)
        assert rules.sentence(kind, is_question=False)
