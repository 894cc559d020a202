"""What a page costs: CPU time of one request in process, uncompressed, beside Flask's empty page in the same run.

`python -m tests.benchmarks.pages [--rounds N]` prints a table: CPU ms (median of all requests), queries, and bytes.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from flask import Flask
from sqlalchemy import event

from lti_tool.access import Role
from lti_tool.app import create_app, open_database
from lti_tool.core.log import set_up_logs
from lti_tool.migrations import upgrade_tables
from tests.conftest import make_settings
from tests.factories.house import Browser, House

THREADS, REPLIES, READERS = 60, 199, 31
REQUESTS, WARM_UP = 60, 15


def filled(house: House) -> tuple[Browser, dict[str, str]]:
    """A course of 31 learners, a board of 60 threads, a thread of 199 replies; a learner's browser and the pages."""
    trust = house.trust()
    course = house.course(trust)
    people = [house.person(trust, f"Person {number}", {course.id: Role.LEARNER}) for number in range(READERS)]
    tutor = house.person(trust, "Dr Helen Marsh", {course.id: Role.TUTOR})
    board = house.board(course, tutor, moderated=False)
    first = ""
    for number in range(THREADS):
        asker = people[number % READERS]
        first = house.question(asker, course, board, f"Question {number}: when does it stop?", "A paragraph. " * 30)
    for number in range(REPLIES):
        house.answer(
            people[number % READERS], course, first, "An answer with **weight** and a [link](https://nice.org.uk). " * 8
        )
    thread = house.facts(tutor, course, first).thread_public_id
    pages = {"board of 50 threads": f"/boards/{board}", "thread of 200 posts": f"/threads/{thread}"}
    return house.browser(people[0], course), pages | {"home": f"/courses/{course.public_id}/"}


def cpu_ms(request: Callable[[], object], count: int = REQUESTS) -> list[float]:
    """CPU milliseconds of each request, user and system, of this process."""
    spent = []
    for number in range(count + WARM_UP):
        before = time.process_time_ns()
        request()
        if number >= WARM_UP:
            spent.append((time.process_time_ns() - before) / 1e6)
    return spent


def empty_page() -> Callable[[], object]:
    """Flask with one view that answers an empty page."""
    app = Flask("empty")
    app.add_url_rule("/", "empty", lambda: "")
    client = app.test_client()
    return lambda: client.get("/").data


def count_queries(house: House, request: Callable[[], object]) -> int:
    """How many statements a request sends, apart from those that begin a transaction and enter its trust."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA", "SET LOCAL", "SELECT set_config")):
            sent.append(statement)

    for engine in (house.database.engine, house.database.reader):
        event.listen(engine, "before_cursor_execute", note)
    request()
    for engine in (house.database.engine, house.database.reader):
        event.remove(engine, "before_cursor_execute", note)
    return len(sent)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        set_up_logs("warning")
        database = open_database(make_settings(Path(folder)))
        upgrade_tables(database)
        house = House(create_app(database.notes["settings"], database), database)
        browser, pages = filled(house)
        requests = {name: (lambda path=path: browser.get(path).data) for name, path in pages.items()}
        spent: dict[str, list[float]] = {name: [] for name in ("Flask's empty page", *requests)}
        for _round in range(rounds):
            for name, request in {"Flask's empty page": empty_page(), **requests}.items():
                spent[name] += cpu_ms(request)
        print("| page | CPU ms, median | × Flask's empty page | queries | bytes |\n|---|---|---|---|---|")
        base = statistics.median(spent["Flask's empty page"])
        for name, times in spent.items():
            middle = statistics.median(times)
            queries = count_queries(house, requests[name]) if name in requests else 0
            size = len(browser.get(pages[name]).data) if name in pages else 0
            print(f"| {name} | {middle:.2f} | {middle / base:.0f} | {queries} | {size:,} |")
        database.close()


if __name__ == "__main__":
    main()
