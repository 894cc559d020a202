"""The journal's chain: whatever is changed is found, and two sealers never fork it."""

import multiprocessing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from lti_tool.core import clock
from lti_tool.core.db import Database
from lti_tool.journal import JournalLine, Verdict, count_unsealed, seal_all, verify
from lti_tool.journal.actions import hold_lease, seal
from lti_tool.journal.models import Seal
from tests.factories import journal as factory

pytestmark = pytest.mark.sql

SPAWN = multiprocessing.get_context("spawn")


def verdict(database: Database, batch: int = 7) -> Verdict:
    with database.reading() as db:
        return verify(db, batch)


def test_an_empty_journal_is_whole(journal: Database) -> None:
    assert verdict(journal) == Verdict(sealed=0, unsealed=0, first_broken=None, head="00" * 32)
    assert seal_all(journal) == 0


def test_the_chain_verifies_and_counts_what_is_not_sealed_yet(journal: Database) -> None:
    factory.write_lines(journal, "test.other", 30)
    assert seal_all(journal) == 30
    factory.write_lines(journal, "test.other", 4)

    found = verdict(journal)

    assert (found.sealed, found.unsealed, found.first_broken) == (30, 4, None)
    with journal.reading() as db:
        assert count_unsealed(db) == 4
        assert found.head == db.scalars(select(Seal.hash).order_by(Seal.seq.desc())).first().hex()  # type: ignore[union-attr]  # there are thirty


@pytest.mark.parametrize(
    "change",
    [
        {"verb": "test.forged"},
        {"details": {"n": 99}},
        {"actor": "somebody else"},
        {"at": clock.now() + timedelta(seconds=1)},
        {"subject": "test:0 "},
    ],
)
def test_a_changed_line_is_found(journal: Database, tmp_path: Path, change: dict[str, object]) -> None:
    factory.write_lines(journal, "test.other", 20)
    seal_all(journal)
    with factory.intruder(tmp_path) as db:
        db.execute(update(JournalLine).where(JournalLine.id == 12).values(**change))

    assert verdict(journal).first_broken == 12


def test_a_line_taken_out_is_found_with_or_without_its_seal(journal: Database, tmp_path: Path) -> None:
    factory.write_lines(journal, "test.other", 20)
    seal_all(journal)
    with factory.intruder(tmp_path) as db:
        db.execute(delete(JournalLine).where(JournalLine.id == 9))
    assert verdict(journal).first_broken == 9

    with factory.intruder(tmp_path) as db:
        db.execute(delete(Seal).where(Seal.seq == 9))
    assert verdict(journal).first_broken == 9


def test_a_seal_made_up_for_a_changed_line_breaks_the_next_link(journal: Database, tmp_path: Path) -> None:
    factory.write_lines(journal, "test.other", 20)
    seal_all(journal)
    with factory.intruder(tmp_path) as db:
        db.execute(update(Seal).where(Seal.seq == 5).values(hash=bytes(32)))
    assert verdict(journal).first_broken == 5


def seal_for_a_while(place: str, stop: object) -> None:
    """A sealing process that believes it holds the lease, as the other one does; one line a transaction."""
    database = factory.open_database(Path(place))
    while True:
        is_last = stop.is_set()  # type: ignore[attr-defined]  # an Event of another process
        with database.transaction() as db:
            sealed = seal(db, "both of them", clock.now(), most=1)
        if is_last and not sealed:
            with database.reading() as db:
                if not count_unsealed(db):
                    break
    database.close()


def test_two_sealers_in_parallel_processes_make_one_chain(journal: Database, tmp_path: Path) -> None:
    stop = SPAWN.Event()
    sealers = [SPAWN.Process(target=seal_for_a_while, args=(str(tmp_path), stop), daemon=True) for _ in range(2)]
    for sealer in sealers:
        sealer.start()
    factory.write_lines(journal, "test.other", 150)
    stop.set()
    for sealer in sealers:
        sealer.join(60)

    assert [sealer.exitcode for sealer in sealers] == [0, 0]
    found = verdict(journal)
    assert (found.sealed, found.unsealed, found.first_broken) == (150, 0, None)


def test_only_the_holder_of_the_lease_seals(journal: Database) -> None:
    factory.write_lines(journal, "test.other", 3)
    now = clock.now()
    with journal.transaction() as db:
        assert hold_lease(db, "seal", "the first", now)
        assert not hold_lease(db, "seal", "the second", now)
        assert seal(db, "the second", now) == 0
        assert seal(db, "the first", now, most=1) == 1
    with journal.transaction() as db:
        assert seal(db, "the second", now + timedelta(seconds=29)) == 0
        assert seal(db, "the second", now + timedelta(seconds=31)) == 2
    assert verdict(journal).first_broken is None
