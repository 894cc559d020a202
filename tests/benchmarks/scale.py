"""What pages and searches cost as an installation grows, on seeded data, on SQLite and on PostgreSQL.

`python -m tests.benchmarks.scale [--posts N …] [--engines sqlite postgresql] [--folder FOLDER]` prints a table for
each engine and size, and one for each engine of how much dearer the largest is than the smallest. In bold stands what
is over what we want. `Calibration` is the CPU of a loop that never changes: compare two runs by it. CPU is this
process's, user and system, median of all requests, uncompressed; `ms` is the clock's, the database server's work in
it, and the least and the median of all requests: on a busy machine the least says more. A million posts need four
gigabytes in FOLDER.
"""

import argparse
import gzip
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, func, select, text

from lti_tool.access import Duty, Role
from lti_tool.app import create_app, open_database
from lti_tool.boards import Board, BoardPolicy, Post, Thread, ThreadActivity
from lti_tool.core import clock
from lti_tool.core.log import set_up_logs
from lti_tool.migrations import upgrade_tables
from lti_tool.operations.seeding import FIRST_TRUST, Plan, seed
from lti_tool.people import Course, Enrolment, Person, appoint, make_person
from lti_tool.programme import TeachingSession
from tests.benchmarks.pages import count_queries
from tests.conftest import make_settings
from tests.factories import postgres
from tests.factories.house import Browser, House


@dataclass(frozen=True, slots=True)
class Wanted:
    """The most that a page may cost: CPU ms, ms on the clock, bytes when compressed, queries."""

    cpu: float = 50
    clock: float = 50
    gzipped: int = 30_000
    queries: int = 20


WANTED = {
    "board of 50 threads": Wanted(12, 50, 30_000, 8),
    "thread of 200 posts": Wanted(20, 50, 60_000, 8),
}
DEARER = 1.3
RARE, COMMON = "zebrafinch", "guideline"  # the second is in a quarter of all posts
REQUESTS, WARM_UP = 40, 10
LARGE_SERVER = "shared_buffers = 512MB\nwork_mem = 16MB\nmax_wal_size = 4GB\n"


@contextmanager
def opened(engine: str, folder: Path) -> Iterator[tuple[Callable[[], None], dict[str, str]]]:
    """An empty installation: what lets the database know what there is once it is filled, and its settings."""
    if engine == "sqlite":
        database = open_database(make_settings(folder))
        upgrade_tables(database)
        yield database.close, {}  # who closes it last empties its log into it
        database.close()
        return
    postgres.CONFIGURATION += LARGE_SERVER
    tempfile.tempdir = str(folder)
    server = postgres.Server()
    name = server.new_database()
    settings = {"database_url": server.url(name)}
    database = open_database(make_settings(folder, **settings))
    owner = create_engine(
        server.url(name, postgres.OWNER).replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT"
    )
    try:
        yield lambda: analyse(owner), settings
    finally:
        database.close()
        owner.dispose()
        server.stop()


def analyse(owner: Engine) -> None:
    """What autovacuum does in an installation."""
    with owner.connect() as connection:
        connection.execute(text("VACUUM ANALYZE"))


def pages_of(house: House) -> Iterator[tuple[str, Browser, str]]:
    """(name, browser, path): a learner's and an administrator's, in the course that talks most."""
    with house.database.reading() as db:
        trust = db.scalar(select(func.max(text("id"))).select_from(text("trusts")))
    inside = house.database.within(trust)
    with inside.reading() as db:
        board = (
            db.execute(
                select(Board)
                .join(ThreadActivity, ThreadActivity.board_id == Board.id)
                .where(Board.is_pseudonymous.is_(False), Board.policy == BoardPolicy.OFF)
                .group_by(Board.id)
                .order_by(func.count().desc())
            )
            .scalars()
            .first()
        )
        thread = db.scalar(
            select(Thread.public_id)
            .join(Post, Post.thread_id == Thread.id)
            .join(Board, Board.id == Thread.board_id)
            .where(Thread.course_id == board.course_id, Board.is_pseudonymous.is_(False))
            .group_by(Thread.id)
            .order_by(func.count().desc())
            .limit(1)
        )
        course = db.get_one(Course, board.course_id)
        learner = db.scalars(
            select(Person)
            .join(Enrolment, Enrolment.person_id == Person.id)
            .where(Enrolment.course_id == course.id, Enrolment.role == Role.LEARNER)
            .order_by(Person.id)
        ).first()
        teaching = db.scalar(select(TeachingSession.public_id).limit(1))
        db.expunge_all()
    assert teaching is not None
    with inside.transaction() as db:
        ruth = make_person(db, trust, "Ruth", clock.now())
        appoint(db, ruth, Duty.EDUCATION_ADMINISTRATOR, clock.now(), None)
    for number in range(5):
        house.question(learner, course, board.public_id, f"Where is the {RARE} kept, {number}?", "A paragraph.")
    house.work()
    sam, admin = house.browser(learner, course), house.browser(ruth, course)
    search = f"/courses/{course.public_id}/search?q="
    yield "board of 50 threads", sam, f"/boards/{board.public_id}"
    yield "thread of 200 posts", sam, f"/threads/{thread}"
    yield "search, rare word", sam, search + RARE
    yield "search, common word", sam, search + COMMON
    yield "search, two common words", sam, search + COMMON + "+first"
    yield "search, rare word, whole trust", admin, search + RARE
    yield "search, common word, whole trust", admin, search + COMMON
    yield (
        "similar questions",
        sam,
        f"/boards/{board.public_id}/similar?title=When+should+we+stop+apixaban+before+surgery",
    )


def measure(request: Callable[[], bytes], requests: int) -> tuple[float, float, float]:
    """Median CPU ms, least and median ms on the clock."""
    cpu, wall = [], []
    for number in range(requests + WARM_UP):
        began, spent = time.perf_counter_ns(), time.process_time_ns()
        request()
        if number >= WARM_UP:
            cpu.append((time.process_time_ns() - spent) / 1e6)
            wall.append((time.perf_counter_ns() - began) / 1e6)
    return statistics.median(cpu), min(wall), statistics.median(wall)


def calibration() -> float:
    """CPU ms of a loop that never changes, the least of nine."""
    spent = []
    for _ in range(9):
        began = time.process_time_ns()
        for _number in range(100):
            "".join(str(number) for number in range(2_000))
        spent.append((time.process_time_ns() - began) / 1e6)
    return min(spent)


Costs = dict[str, tuple[float, float]]


def run(engine: str, posts: int, folder: Path, requests: int = REQUESTS) -> Costs:
    """Fill an installation, measure its pages, print a table; returns CPU and least ms of each.

    What fills and what measures are processes of their own: who has written a million posts is slower by a fifth
    afterwards, and so is the machine while it keeps what was written with.
    """
    people = max(50, posts // 200)
    plan = Plan(trust=FIRST_TRUST, people=people, threads=posts // 10, posts=posts, random=1, cases=20, sessions=100)
    with opened(engine, folder) as (settle, settings):
        began = time.perf_counter()
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as filler:
            filler.submit(fill, folder, settings, plan).result()
        settle()
        os.sync()
        print(f"\n### {engine}, {posts:,} posts (seeded in {time.perf_counter() - began:.0f} s)\n", flush=True)
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as fresh:
            lines, costs = fresh.submit(measured, folder, settings, requests).result()
        print("\n".join(lines), flush=True)
    return costs


def fill(folder: Path, settings: dict[str, str], plan: Plan) -> None:
    """Write what there is."""
    set_up_logs("warning")
    database = open_database(make_settings(folder, **settings))
    seed(database, plan, lambda _said: None)
    database.close()


def measured(folder: Path, settings: dict[str, str], requests: int) -> tuple[list[str], Costs]:
    """The table of an installation's pages, and what each costs."""
    set_up_logs("warning")
    database = open_database(make_settings(folder, **settings))
    house = House(create_app(database.notes["settings"], database), database)
    lines, costs = [f"Calibration {calibration():.1f} ms.\n"], {}
    lines.append("| page | CPU ms | least ms | median ms | queries | bytes | gzipped |\n|---|---|---|---|---|---|---|")
    for name, browser, path in pages_of(house):
        line, costs[name] = row(house, name, partial(browser.get, path), requests)
        lines.append(line)
    database.close()
    return lines, costs


def row(house: House, name: str, get: Callable[[], Any], requests: int) -> tuple[str, tuple[float, float]]:
    """A line of the table, and what it costs."""
    answer = get()
    assert answer.status_code == 200, (name, answer.status_code)
    cpu, least, median = measure(lambda: get().data, requests)
    wanted, queries, gzipped = WANTED.get(name, Wanted()), count_queries(house, get), len(gzip.compress(answer.data, 6))
    cells = [
        name,
        bold(f"{cpu:.1f}", cpu > wanted.cpu),
        bold(f"{least:.1f}", least > wanted.clock),
        f"{median:.1f}",
        bold(str(queries), queries > wanted.queries),
        f"{len(answer.data):,}",
        bold(f"{gzipped:,}", gzipped > wanted.gzipped),
    ]
    return f"| {' | '.join(cells)} |", (cpu, least)


def bold(figure: str, is_over: bool) -> str:
    """The figure, in bold where it is over what we want."""
    return f"**{figure}**" if is_over else figure


def compare(engine: str, smallest: Costs, largest: Costs) -> None:
    """How much dearer the pages of the largest installation are."""
    print(f"\n### {engine}, the largest against the smallest\n\n| page | CPU | least ms |\n|---|---|---|")
    for name, costs in largest.items():
        ratios = [large / small for large, small in zip(costs, smallest[name], strict=True)]
        print(f"| {name} | {' | '.join(bold(f'{ratio:.2f}', ratio > DEARER) for ratio in ratios)} |")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, nargs="+", default=[10_000, 1_000_000])
    parser.add_argument("--engines", nargs="+", choices=["sqlite", "postgresql"], default=["sqlite", "postgresql"])
    parser.add_argument("--folder", type=Path, help="Where the databases are made, and removed at the end.")
    asked = parser.parse_args()
    set_up_logs("warning")
    for engine in asked.engines:
        costs = []
        for posts in sorted(asked.posts):
            with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
                Path(folder).chmod(0o755)
                costs.append(run(engine, posts, Path(folder)))
        if len(costs) > 1:
            compare(engine, costs[0], costs[-1])


if __name__ == "__main__":
    main()
