"""What only a server does: transactions that overlap. Nothing is skipped, forked, sent twice or decided twice."""

import random
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from alembic.command import downgrade, upgrade
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError

from lti_tool.access import Role
from lti_tool.boards import get_post_facts
from lti_tool.boards.models import Post
from lti_tool.core import clock
from lti_tool.core.db import Database, as_trust
from lti_tool.core.errors import Conflict
from lti_tool.core.ids import new_public_id
from lti_tool.core.settings import Settings
from lti_tool.journal import count_unsealed, record, seal_all, verify
from lti_tool.journal.actions import hold_lease, seal
from lti_tool.journal.jobs import tidy
from lti_tool.journal.models import Delivery, JournalLine, Seal
from lti_tool.migrations import _config, faults, upgrade_tables
from lti_tool.migrations.row_security import let_in
from lti_tool.moderation.actions import decide
from lti_tool.moderation.forms import DecisionDraft
from lti_tool.moderation.models import Decision
from lti_tool.moderation.rules import Verb
from tests.factories import journal as factory
from tests.factories.house import House

pytestmark = pytest.mark.sql("postgresql")


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Do all of these at the same moment, each in a thread; what each returned or raised."""
    found: list[object] = [None] * len(acts)
    start = threading.Barrier(len(acts))

    def act(number: int) -> None:
        start.wait()
        try:
            found[number] = acts[number]()
        except Exception as error:
            found[number] = error

    threads = [threading.Thread(target=act, args=(number,)) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return found


def write(db, trust_id: int | None = None, verb: str = "test.other") -> None:
    record(db, trust_id=trust_id, actor="system", verb=verb, subject="test:1")


class TestSealing:
    def test_a_line_that_is_committed_after_a_later_one_was_sealed_is_sealed_next(self, journal: Database) -> None:
        with journal.transaction() as slow:
            write(slow)
            factory.write_lines(journal, "test.other", 3)
            assert seal_all(journal) == 3
        with journal.reading() as db:
            assert count_unsealed(db) == 1
        assert seal_all(journal) == 1
        with journal.reading() as db:
            assert db.scalars(select(Seal.line_id).order_by(Seal.seq)).all() == [2, 3, 4, 1]
            assert verify(db).first_broken is None

    def test_one_that_came_too_late_to_be_looked_for_is_sealed_at_night(self, journal: Database) -> None:
        with journal.transaction() as slow:
            write(slow)
            factory.write_lines(journal, "test.other", 5)
            seal_all(journal)
        assert seal_all(journal, look_back=2) == 0
        with journal.reading() as db:
            assert verify(db).unsealed == 1
        tidy(journal)
        with journal.reading() as db:
            verdict = verify(db)
        assert (verdict.unsealed, verdict.first_broken) == (0, None)

    def test_a_line_whose_transaction_failed_leaves_a_number_and_no_gap_in_the_chain(self, journal: Database) -> None:
        with pytest.raises(ZeroDivisionError), journal.transaction() as db:
            write(db)
            _ = 1 / 0
        factory.write_lines(journal, "test.other", 2)
        assert seal_all(journal) == 2
        with journal.reading() as db:
            assert verify(db).first_broken is None

    def test_many_writers_of_many_trusts_and_two_sealers_make_one_whole_chain(self, house: House) -> None:
        trusts = [house.trust(f"Trust {number}").id for number in range(3)]
        house.database.notes["listeners"] = {}
        is_over = threading.Event()

        def scribble(seed: int) -> None:
            chance = random.Random(seed)
            for _line in range(25):
                trust_id = chance.choice([*trusts, None])
                with house.database.within(trust_id).transaction() as db:
                    write(db, trust_id)
                    time.sleep(chance.random() / 100)
                    if chance.random() < 0.1:
                        db.rollback()

        def seal_on() -> None:
            sealed = 0
            while sealed or not is_over.is_set():
                with house.database.transaction() as db:
                    sealed = seal(db, "both of them", clock.now(), most=3)

        sealers = [threading.Thread(target=seal_on) for _ in range(2)]
        for sealer in sealers:
            sealer.start()
        assert at_once(*(lambda seed=seed: scribble(seed) for seed in range(6))) == [None] * 6
        is_over.set()
        for sealer in sealers:
            sealer.join(60)
        with house.database.reading() as db:
            verdict = verify(db)
            written = db.scalar(select(func.count()).select_from(JournalLine))
        assert (verdict.sealed, verdict.unsealed, verdict.first_broken) == (written, 0, None)
        assert written > 100

    def test_of_two_who_believe_to_hold_the_lease_one_waits(self, journal: Database) -> None:
        def hold(holder: str) -> bool:
            with journal.transaction() as db:
                held = hold_lease(db, "seal", holder, clock.now())
                time.sleep(0.1)
                return held

        assert sorted(at_once(lambda: hold("one"), lambda: hold("two"))) == [False, True]


class Ward:
    def __init__(self, house: House) -> None:
        self.house = house
        trust = house.trust()
        self.inside = house.database.within(trust.id)
        self.course = house.course(trust)
        self.sam = house.person(trust, "Sam Okafor", {self.course.id: Role.LEARNER})
        self.helen = house.person(trust, "Dr Helen Marsh", {self.course.id: Role.TUTOR})
        self.rhys = house.person(trust, "Dr Rhys Pennant", {self.course.id: Role.TUTOR})
        self.board = house.board(self.course, self.helen, pseudonymous=True)

    def count(self, table: type) -> int:
        with self.inside.reading() as db:
            return db.scalar(select(func.count()).select_from(table)) or 0


@pytest.fixture
def ward(house: House) -> Ward:
    return Ward(house)


class TestTurns:
    """Writers within a trust take turns, so what an action has looked up still holds when it writes."""

    def test_a_double_click_makes_one_post(self, ward: Ward) -> None:
        browsers = [ward.house.browser(ward.sam, ward.course) for _ in range(4)]
        form = {"title": "When?", "text": "Tell me.", "do": "send", "once": new_public_id()}
        path = f"/boards/{ward.board}/ask"
        answers = at_once(*(lambda browser=browser: browser.post(path, form).location for browser in browsers))
        assert len(set(answers)) == 1
        assert str(answers[0]).startswith("/")
        assert ward.count(Post) == 1

    def test_of_two_decisions_one_is_made_and_the_other_is_told(self, ward: Ward) -> None:
        post = ward.house.question(ward.sam, ward.course, ward.board)
        browsers = [ward.house.browser(who, ward.course) for who in (ward.helen, ward.rhys)]
        path = f"/courses/{ward.course.public_id}/waiting/{post}"
        forms = [{"verb": "approve", "seen": "1"}, {"verb": "reject", "seen": "1", "reason": "spam", "asked": "yes"}]
        both = zip(browsers, forms, strict=True)
        answers = at_once(*(lambda b=b, form=form: b.post(path, form).status_code for b, form in both))
        first, second = sorted(answers)
        assert first == 303
        assert second in (404, 409), "409 after approval; a rejected post is no moderator's any more"
        assert ward.count(Decision) == 1

    def test_autosave_in_two_tabs_keeps_one_draft(self, ward: Ward) -> None:
        browsers = [ward.house.browser(ward.sam, ward.course) for _ in range(4)]
        form = {"text": "x", "draft_place": f"ask:{ward.board}"}
        answers = at_once(*(lambda browser=browser: browser.post("/drafts", form).status_code for browser in browsers))
        assert answers == [200] * 4

    def test_a_decision_sees_what_was_committed_while_it_waited(self, ward: Ward) -> None:
        post = ward.house.question(ward.sam, ward.course, ward.board)

        def act(who) -> None:
            with ward.inside.transaction() as db:
                actor = ward.house.actor(db, who, ward.course)
                decide(db, actor, get_post_facts(db, actor, post), DecisionDraft(Verb.APPROVE, 1))
                time.sleep(0.1)

        found = at_once(lambda: act(ward.helen), lambda: act(ward.rhys))
        assert {type(one) for one in found} == {type(None), Conflict}

    def test_another_trust_does_not_wait(self, house: House) -> None:
        one, two = house.trust("One"), house.trust("Two")
        with house.database.within(one.id).transaction(), house.database.within(two.id).transaction() as db:
            assert db.scalar(text("SELECT 1")) == 1

    def test_who_waits_too_long_is_told(self, house: House, settings: Settings) -> None:
        trust = house.trust()
        with house.database.within(trust.id).transaction():
            impatient = house.database.within(trust.id)
            with house.database.engine.connect() as connection, pytest.raises(OperationalError, match="lock timeout"):
                connection.exec_driver_sql("SET LOCAL lock_timeout = '50ms'")
                connection.execute(text("SELECT pg_advisory_xact_lock(:k, :t)"), {"k": 0x47520001, "t": trust.id})
        with impatient.transaction() as db:
            assert db.scalar(text("SHOW lock_timeout")) == "20s"


class TestReading:
    def test_a_reader_sees_one_snapshot_and_cannot_write(self, ward: Ward) -> None:
        with ward.inside.reading() as db:
            before = db.scalar(select(func.count()).select_from(Post))
            ward.house.question(ward.sam, ward.course, ward.board)
            assert db.scalar(select(func.count()).select_from(Post)) == before == 0
            with pytest.raises(Exception, match="read-only transaction"):
                db.execute(text("DELETE FROM posts"))
        assert ward.count(Post) == 1

    def test_a_delivery_carries_the_trust_of_its_line(self, ward: Ward) -> None:
        ward.house.question(ward.sam, ward.course, ward.board)
        post = ward.house.question(ward.sam, ward.course, ward.board)
        with ward.inside.transaction() as db:
            actor = ward.house.actor(db, ward.helen, ward.course)
            decide(db, actor, get_post_facts(db, actor, post), DecisionDraft(Verb.APPROVE, 1))
        with ward.house.database.reading() as db:
            assert set(db.scalars(select(Delivery.trust_id))) == {ward.course.trust_id}
            as_trust(db, ward.course.trust_id + 1)
            assert db.scalars(select(JournalLine)).all() == []

    def test_thread_activity_holds_microseconds(self, ward: Ward) -> None:
        ward.house.question(ward.sam, ward.course, ward.board)
        with ward.inside.reading() as db:
            latest = db.scalar(text("SELECT last_at_us FROM thread_activity"))
        assert latest > (clock.now() - timedelta(minutes=5)).timestamp() * 1_000_000


class TestUpgrade:
    def test_an_upgrade_can_be_repeated_and_gone_back(self, settings: Settings, database: Database) -> None:
        owner = Database(settings.sqlalchemy_owner_url)
        upgrade_tables(owner, "grand_round_app")
        config = _config()
        with owner.engine.connect() as connection:
            config.attributes |= {"connection": connection, "metadata": None}
            downgrade(config, "-1")
            upgrade(config, "head")
        upgrade_tables(owner, "grand_round_app")
        owner.close()
        with database.reader.connect() as connection:
            assert faults(connection) == []

    def test_the_owner_is_told_that_it_must_not_serve(self, settings: Settings) -> None:
        owner = Database(settings.sqlalchemy_owner_url)
        with owner.engine.begin() as connection:
            assert "bypasses row-level security" in " ".join(faults(connection))
            connection.execute(text("ALTER TABLE drafts NO FORCE ROW LEVEL SECURITY"))
            connection.execute(text("DROP POLICY of_trust ON posts"))
            said = " ".join(faults(connection))
            assert "drafts is not divided" in said
            assert "posts is not divided" in said
            assert "boards" not in said
            let_in(connection, "grand_round_owner")
        upgrade_tables(owner)
        with owner.engine.connect() as connection:
            assert "not divided" not in " ".join(faults(connection))
        owner.close()


def test_the_queue_is_a_hint_that_may_be_lost(house: House, tmp_path: Path) -> None:
    """The queue is a file of one machine. A worker on another one finds every delivery by its sweep."""
    ward = Ward(house)
    post = house.question(ward.sam, ward.course, ward.board)
    with ward.inside.transaction() as db:
        actor = house.actor(db, ward.helen, ward.course)
        decide(db, actor, get_post_facts(db, actor, post), DecisionDraft(Verb.APPROVE, 1))
    (tmp_path / "queue.db").unlink(missing_ok=True)
    house.work()
    browser = house.browser(ward.sam, ward.course)
    assert "Your question was approved" in browser.get(f"/courses/{ward.course.public_id}/inbox").text
