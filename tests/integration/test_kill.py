"""Durability: 500 people's posts while web and worker processes are killed, again and again, and the whole house once.

Whatever a person was answered is there, once. What the worker does inside the database is done once; what it sends
outside is sent at least once, under the same id each time. The journal's chain verifies.
"""

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import psutil
import pytest
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import func, select, text

from lti_tool.access import Role
from lti_tool.boards import Post, Thread
from lti_tool.core import clock
from lti_tool.core.db import Base, Database
from lti_tool.core.ids import new_public_id
from lti_tool.core.settings import Settings
from lti_tool.journal import Delivery, JournalLine, count_unsealed, undone_deliveries, verify
from lti_tool.journal.rules import CLAIM_FOR
from lti_tool.notifications import InboxEntry
from lti_tool.paths import folder
from lti_tool.web import VISIT_COOKIE
from tests.factories.house import Browser, House
from tests.factories.journal import Trace

ROOT = Path(__file__).parents[2]
POSTS = 500
CLIENTS = 16
PEOPLE = 8
QUESTIONS = 5
POSTS_BETWEEN_KILLS = 35
SETTLED_WITHIN_SECONDS = 240  # a killed worker's claim holds for a minute, then a sweep finds it
TRIES = 60
JUST_NOW = timedelta(milliseconds=200)

pytestmark = pytest.mark.kill


class Serving:
    """`lti-tool serve` with all its processes, which can be killed one by one or together."""

    def __init__(self, place: Path, customised: bool = True) -> None:
        self.place = place
        self.customised = [str(ROOT / "tests" / "factories" / "customised")] if customised else []
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.kills: Counter[str] = Counter()
        self.start()

    def start(self) -> None:
        environ = os.environ | {
            "PYTHONPATH": os.pathsep.join((str(ROOT), *self.customised)),
            "LTI_TOOL_CONFIG": str(folder("config") / "test.toml"),
            "LTI_TOOL_VAR_DIR": str(self.place),
            "LTI_TOOL_BASE_URL": f"http://localhost:{self.port}",
            "LTI_TOOL_POSTS_PER_HOUR": "100000",
            "LETTERS": str(self.place / "letters"),
        }
        command = [sys.executable, "-m", "lti_tool", "serve", "--bind", f"127.0.0.1:{self.port}", "--workers", "2"]
        with (self.place / "serve.log").open("ab") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=log, stderr=log)
        wait_for(self.is_ready, 60, "the house did not open")

    def is_ready(self) -> bool:
        try:
            return self.request("GET", "/readyz")[0] == 200
        except (OSError, http.client.HTTPException):
            return False

    def request(self, method: str, path: str, body: str = "", headers: dict[str, str] | None = None) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def children(self) -> tuple[list[psutil.Process], list[psutil.Process]]:
        """(web processes, worker processes)."""
        web, workers = [], []
        for child in psutil.Process(self.process.pid).children():
            is_worker = "worker" in child.cmdline()
            (workers if is_worker else web).append(child)
        return web, workers

    def kill_one(self, kind: str) -> None:
        web, workers = self.children()
        for victim in (web if kind == "web" else workers)[:1]:
            victim.send_signal(signal.SIGKILL)
            self.kills[kind] += 1

    def kill_everything(self) -> None:
        """What a power cut does, but for what the disk's own cache holds."""
        web, workers = self.children()
        for victim in (psutil.Process(self.process.pid), *web, *workers):
            victim.send_signal(signal.SIGKILL)
        self.process.wait()
        self.kills["house"] += 1
        self.start()

    def stop(self) -> None:
        self.process.terminate()
        assert self.process.wait(60) == 0


def wait_for(condition: Callable[[], bool], seconds: float, what: str, every: float = 0.25) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, what
        time.sleep(every)


class Crowd:
    """People who send replies and send them again until they are answered, as a person would press the button again."""

    def __init__(self, serving: Serving, settings: Settings, browsers: list[Browser], threads: list[str]) -> None:
        self.serving = serving
        self.browsers = browsers
        self.threads = threads
        self.forms = URLSafeTimedSerializer(settings.key_for("forms"), salt="wtf-csrf-token")
        self.answered: dict[str, int] = {}
        self.turn = threading.Condition()
        self.told = ""  # by the last answer, for whoever looks why it was not the one we wanted
        self.may_send = POSTS_BETWEEN_KILLS + CLIENTS

    def send(self, number: int) -> None:
        once, browser = new_public_id(), self.browsers[number % len(self.browsers)]
        form = {
            "csrf_token": self.forms.dumps(browser.visit.form_key),
            "do": "send",
            "once": once,
            "text": f"Reply number {number}.",
        }
        headers = {
            "Cookie": f"{VISIT_COOKIE}={browser.token}",
            "Sec-Fetch-Site": "same-origin",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        path = f"/threads/{self.threads[number % len(self.threads)]}/reply"
        with self.turn:
            assert self.turn.wait_for(lambda: number < self.may_send, 300)
        for _attempt in range(TRIES):
            status = self._try(path, urlencode(form), headers)
            if status == 303:
                with self.turn:
                    self.answered[once] = number
                    self.turn.notify_all()
                return
            assert status is None or status >= 500, (status, self.told)
            time.sleep(0.5)
        raise AssertionError(f"post {number} was never answered")

    def _try(self, path: str, body: str, headers: dict[str, str]) -> int | None:
        try:
            status, self.told = self.serving.request("POST", path, body, headers)
            return status
        except (OSError, http.client.HTTPException):
            return None

    def wait_until_answered(self, count: int) -> None:
        with self.turn:
            assert self.turn.wait_for(lambda: len(self.answered) >= count, 120), "the house stands still"

    def go_on_to(self, count: int) -> None:
        """Let people send so many, so that posts are under way at every kill."""
        with self.turn:
            self.may_send = count + CLIENTS
            self.turn.notify_all()


@pytest.fixture
def serving(house: House, tmp_path: Path) -> Iterator[Serving]:
    Base.metadata.create_all(house.database.engine, tables=[Base.metadata.tables[Trace.__tablename__]])
    serving = Serving(tmp_path)
    yield serving
    if serving.process.poll() is None:
        serving.stop()


def make_crowd(house: House, settings: Settings, serving: Serving) -> Crowd:
    trust = house.trust()
    course = house.course(trust)
    helen = house.person(trust, "Dr Helen Marsh", {course.id: Role.TUTOR})
    people = [house.person(trust, f"Trainee {number}", {course.id: Role.LEARNER}) for number in range(PEOPLE)]
    board = house.board(course, helen, moderated=False)
    for number in range(QUESTIONS):
        house.question(helen, course, board, title=f"Question {number}")
    with house.database.reading() as db:
        threads = list(db.scalars(select(Thread.public_id)))
    return Crowd(serving, settings, [house.browser(person, course) for person in people], threads)


def is_worker_at_work(database: Database) -> bool:
    with database.reading() as db:
        mine = select(Delivery.id).where(Delivery.done_at.is_(None), Delivery.claimed_until.is_not(None))
        return db.scalar(mine.where(Delivery.claimed_until > clock.now() + CLAIM_FOR - JUST_NOW).limit(1)) is not None


def kill_now_and_then(crowd: Crowd, database: Database) -> None:
    """At each turn posts are under way, and deliveries too when the worker is to die with them."""
    turns = ("web", "worker", "web", "worker", "worker", "house")
    for number, answered in enumerate(range(POSTS_BETWEEN_KILLS, POSTS, POSTS_BETWEEN_KILLS)):
        crowd.wait_until_answered(answered)
        kind = turns[number % len(turns)]
        if kind != "web":
            wait_for(lambda: is_worker_at_work(database), 60, "the worker does nothing", every=0.01)
        if kind == "house":
            crowd.serving.kill_everything()
        else:
            crowd.serving.kill_one(kind)
        crowd.go_on_to(answered + POSTS_BETWEEN_KILLS)
    crowd.go_on_to(POSTS)


def is_settled(database: Database) -> bool:
    with database.reading() as db:
        return not undone_deliveries(db) and not count_unsealed(db)


def test_nothing_that_was_answered_is_lost_and_nothing_is_done_twice(
    house: House, settings: Settings, serving: Serving, tmp_path: Path
) -> None:
    crowd = make_crowd(house, settings, serving)
    with ThreadPoolExecutor(CLIENTS) as pool:
        sending = [pool.submit(crowd.send, number) for number in range(POSTS)]
        kill_now_and_then(crowd, house.database)
        for one in sending:
            one.result(timeout=120)
    assert serving.kills["web"] >= 4
    assert serving.kills["worker"] >= 5
    assert serving.kills["house"] >= 2
    wait_for(lambda: is_settled(house.database), SETTLED_WITHIN_SECONDS, "some deliveries were not done")

    check_posts(house.database, crowd)
    check_deliveries(house.database, tmp_path / "letters")
    check_chain(house.database)
    check_from_outside(tmp_path)


def check_posts(database: Database, crowd: Crowd) -> None:
    with database.reading() as db:
        assert db.scalar(text("PRAGMA integrity_check")) == "ok"
        assert db.execute(text("PRAGMA foreign_key_check")).all() == []
        replies = db.scalars(select(Post.once).where(Post.is_first.is_(False))).all()
        sources = db.scalars(text("SELECT source FROM revisions WHERE source LIKE 'Reply number %'")).all()
        counted = db.scalar(text("SELECT sum(replies) FROM thread_activity"))
        sent = db.scalars(select(JournalLine.subject).where(JournalLine.verb == "post.sent")).all()
    assert Counter(replies) == Counter(crowd.answered.keys())
    assert Counter(sources) == Counter(f"Reply number {number}." for number in range(POSTS))
    assert counted == POSTS
    assert len(sent) == len(set(sent)) == POSTS + QUESTIONS


def check_deliveries(database: Database, letters: Path) -> None:
    with database.reading() as db:
        replies = {f"post:{name}" for name in db.scalars(select(Post.public_id).where(Post.is_first.is_(False)))}
        counted = Counter(db.scalars(select(Trace.what)))
        told = db.scalar(select(func.count()).select_from(InboxEntry))
        most_attempts = db.scalar(select(func.max(Delivery.attempts)))
        ids = dict(
            db.execute(
                select(JournalLine.subject, Delivery.public_id)
                .join(Delivery, Delivery.line_id == JournalLine.id)
                .where(Delivery.job == "send_letter")
            ).all()
        )
    assert most_attempts > 1, "no worker was killed at work: this test has shown nothing"
    assert counted == Counter(replies), "inside: once each"
    assert told == POSTS, "the author of the questions is told of each reply, once"
    sent = defaultdict(set)
    for letter in letters.read_text().splitlines():
        subject, stable_id = letter.split()
        sent[subject].add(stable_id)
    assert sent == {subject: {ids[subject]} for subject in replies}, "outside: at least once, always with the same id"


def check_chain(database: Database) -> None:
    with database.reading() as db:
        verdict = verify(db)
        lines = db.scalar(select(func.count()).select_from(JournalLine))
        previous = db.execute(text("SELECT count(*), count(DISTINCT previous), max(seq) FROM journal_seals")).one()
    assert (verdict.first_broken, verdict.unsealed, verdict.sealed) == (None, 0, lines)
    assert tuple(previous) == (lines, lines, lines), "no link has two followers"


def check_from_outside(place: Path) -> None:
    environ = os.environ | {"LTI_TOOL_CONFIG": str(folder("config") / "test.toml"), "LTI_TOOL_VAR_DIR": str(place)}
    checked = subprocess.run([sys.executable, "-m", "lti_tool", "db", "check"], cwd=ROOT, env=environ, check=False)
    assert checked.returncode == 0
