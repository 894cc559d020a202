"""Reading the whole database: is every page whole, does every counter count and search find, does the chain hold."""

from collections.abc import Iterator
from contextlib import ExitStack

from sqlalchemy import select, text

from lti_tool.boards import count_wrong_counters, count_wrong_tallies, mend_counters, mend_tallies
from lti_tool.core.db import Database, has_row_security
from lti_tool.files import count_missing, storage_of
from lti_tool.journal import record, undone_deliveries, verify
from lti_tool.operations.finding import Finding, ok, wrong
from lti_tool.people import Trust
from lti_tool.search import count_wrong_entries, mend_trust

MOST_FAULTS = 20
MEND = "Mend it: lti-tool db check --mend"
RESTORE = "Restore the newest backup that is whole: lti-tool restore FILE --replace"


def check_house(database: Database, mend: bool) -> Iterator[Finding]:
    """Each finding as soon as it is there. `mend` counts again what is counted wrong."""
    if database.engine.dialect.name == "sqlite":
        yield _pages(database)
        yield _references(database)
    yield _counters(database, mend)
    yield _search(database, mend)
    yield _files(database)
    yield _journal(database)


def _files(database: Database) -> Finding:
    storage, missing = storage_of(database.notes["settings"]), 0
    for part in _divided(database):
        with part.reading() as db:
            missing += count_missing(db, storage)
    if not missing:
        return ok("files", "every picture and PDF that a text names is in the folder of files.")
    return wrong("files", f"{missing} pictures or PDFs are named by texts and not in the folder of files.", RESTORE)


def _pages(database: Database) -> Finding:
    with database.reading() as db:
        faults = [str(fault) for fault in db.scalars(text(f"PRAGMA integrity_check({MOST_FAULTS})"))]
    if faults == ["ok"]:
        return ok("pages", "every page of the database is whole.")
    return wrong("pages", f"the database file is damaged ({faults[0]}; at least {len(faults)} faults).", RESTORE)


def _references(database: Database) -> Finding:
    with database.reading() as db:
        faults = db.execute(text("PRAGMA foreign_key_check")).all()
    if not faults:
        return ok("references", "every row refers to one that is there.")
    tables = ", ".join(sorted({str(fault[0]) for fault in faults}))
    return wrong("references", f"{len(faults)} rows refer to some that are not there ({tables}).", RESTORE)


def _counters(database: Database, mend: bool) -> Finding:
    parts = _divided(database)
    with ExitStack() as opened:
        readers = [opened.enter_context(part.reading()) for part in parts]
        threads, posts = sum(map(count_wrong_counters, readers)), sum(map(count_wrong_tallies, readers))
    faults = [f"{threads} threads count their replies wrongly."] if threads else []
    faults += [f"{posts} posts count their reactions wrongly."] if posts else []
    if not faults:
        return ok("counters", "every thread counts its replies rightly, and every post its reactions.")
    if not mend:
        return wrong("counters", " ".join(faults), MEND)
    return ok("counters", f"{sum(map(_mend, parts))} counted wrongly, and were counted again.")


def _search(database: Database, mend: bool) -> Finding:
    with database.reading() as db:
        trusts = list(db.scalars(select(Trust.id).order_by(Trust.id)))
    count = sum(_wrong_entries(database.within(trust_id), trust_id) for trust_id in trusts)
    if not count:
        return ok("search", "the index holds everything that can be found.")
    if not mend and count <= (waiting := _on_their_way(database)):
        return ok("search", f"the worker has {waiting} changes to bring into the index; nothing else is missing.")
    if not mend:
        return wrong("search", f"{count} entries of the index are not as they should be.", MEND)
    mended = sum(mend_trust(database.within(trust_id), trust_id) for trust_id in trusts)
    return ok("search", f"{mended} entries of the index were not as they should be, and were made anew.")


def _on_their_way(database: Database) -> int:
    with database.reading() as db:
        return sum(one.waiting for one in undone_deliveries(db) if one.job.startswith("search_"))


def _wrong_entries(part: Database, trust_id: int) -> int:
    with part.reading() as db:
        return count_wrong_entries(db, trust_id)


def _mend(part: Database) -> int:
    with part.transaction() as db:
        mended, trust_id = mend_counters(db) + mend_tallies(db), part.notes.get("trust")
        details = {"count": mended}
        if mended:
            record(db, trust_id=trust_id, actor="command", verb="counters.mended", subject="threads", details=details)
    return mended


def _divided(database: Database) -> list[Database]:
    """The database in as many parts as it shows at once: on a server one for each trust."""
    with database.reading() as db:
        if not has_row_security(db):
            return [database]
        return [database.within(number) for number in db.scalars(select(Trust.id).order_by(Trust.id))]


def _journal(database: Database) -> Finding:
    with database.reading() as db:
        verdict = verify(db)
    if verdict.first_broken is None:
        return ok("journal", f"whole: {verdict.sealed} lines sealed, {verdict.unsealed} to be. Head {verdict.head}")
    return wrong(
        "journal",
        f"it was changed: its chain breaks at line {verdict.first_broken} of the order of sealing.",
        "Tell whoever answers for information governance, and keep this database as it is.",
    )
