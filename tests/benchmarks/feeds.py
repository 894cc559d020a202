"""What a phone costs: CPU time of fetching a feed of 500 sessions, in process, beside rendering it for each request.

`python -m tests.benchmarks.feeds [--rounds N]` prints a table: CPU ms (median and worst of all requests), statements,
and bytes. *Cold* is the first request of a process for an audience, or the first after a change; the peer is a Flask
view that builds the same calendar with icalendar for each request, from rows that it need not read.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

import icalendar
from flask import Flask, Response

from lti_tool.app import create_app, open_database
from lti_tool.core import clock
from lti_tool.core.log import set_up_logs
from lti_tool.feeds.calendars import Shelf
from lti_tool.feeds.jobs import render_missing
from lti_tool.migrations import upgrade_tables
from lti_tool.programme import SessionLine
from tests.benchmarks.pages import count_queries
from tests.conftest import make_settings
from tests.factories.feeds import Scene, draft
from tests.factories.house import House

SESSIONS, REQUESTS, WARM_UP = 500, 40, 5
OUTCOMES = "By the end you can say which drug stops when, and who writes it into the letter to the practice.\n\n" * 4


def filled(house: House) -> tuple[Scene, str, list[SessionLine]]:
    """A course with its sessions, all rendered; the learner's address; and the sessions as the peer is given them."""
    scene = Scene.of(house)
    begins = clock.now().replace(minute=0, second=0, microsecond=0)
    wanted = [
        draft(
            f"Teaching {number}: antithrombotics after PCI", begins + timedelta(hours=17 * number), description=OUTCOMES
        )
        for number in range(SESSIONS)
    ]
    lines = [scene.session(scene.plan(one)) for one in wanted]
    with house.database.transaction() as db:
        render_missing(db, clock.now())
    return scene, scene.path(scene.feed()), lines


def peer(lines: list[SessionLine]) -> Callable[[], bytes]:
    """A view that renders all of them with icalendar for each request."""
    app = Flask("peer")

    def view() -> Response:
        calendar = icalendar.Calendar()
        calendar.add("version", "2.0")
        calendar.add("prodid", "-//Peer//EN")
        for line in lines:
            calendar.add_component(rendered(line))
        return Response(calendar.to_ical(), mimetype="text/calendar")

    app.add_url_rule("/", "view", view)
    client = app.test_client()
    return lambda: client.get("/").data


def rendered(line: SessionLine) -> icalendar.Event:
    """A session as a straightforward view writes it."""
    event = icalendar.Event()
    for name, value in {
        "uid": line.uid,
        "dtstamp": line.changed_at,
        "last-modified": line.changed_at,
        "sequence": line.version,
        "dtstart": line.starts_at.astimezone(clock.LONDON),
        "dtend": line.ends_at.astimezone(clock.LONDON),
        "summary": line.title,
        "location": line.room,
        "description": f"{line.description}\nSpeaker: {line.speaker}",
        "url": f"https://peer.example/{line.public_id}",
        "categories": ["Teaching"],
        "status": "CONFIRMED",
        "transp": "OPAQUE",
    }.items():
        event.add(name, value)
    return event


def ways(scene: Scene, path: str, lines: list[SessionLine]) -> Mapping[str, Callable[[], bytes]]:
    """What is measured, by name."""
    app = scene.house.app
    client = app.test_client(use_cookies=False)
    tag = client.get(path).headers["ETag"]

    def cold() -> bytes:
        app.extensions["calendars"] = Shelf()
        return client.get(path).data

    return {
        "304, the reader has it": lambda: client.get(path, headers={"If-None-Match": tag}).data,
        "warm": lambda: client.get(path).data,
        "warm, gzip": lambda: client.get(path, headers={"Accept-Encoding": "gzip"}).data,
        "cold": cold,
        "peer: icalendar for each request": peer(lines),
    }


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
        requests = ways(*filled(house))
        spent: dict[str, list[float]] = {name: [] for name in requests}
        for _round in range(rounds):
            for name, request in requests.items():
                spent[name] += cpu_ms(request, 5 if name.startswith("peer") else REQUESTS)
        print(f"| feed of {SESSIONS} sessions | CPU ms, median | worst | statements | bytes |\n|---|---|---|---|---|")
        for name, times in spent.items():
            count = count_queries(house, requests[name])
            print(
                f"| {name} | {statistics.median(times):.2f} | {max(times):.2f} | {count} | {len(requests[name]()):,} |"
            )
        database.close()


def cpu_ms(request: Callable[[], bytes], count: int) -> list[float]:
    """CPU milliseconds of each request, user and system, of this process."""
    spent = []
    for number in range(count + WARM_UP):
        before = time.process_time_ns()
        request()
        if number >= WARM_UP:
            spent.append((time.process_time_ns() - before) / 1e6)
    return spent


if __name__ == "__main__":
    main()
