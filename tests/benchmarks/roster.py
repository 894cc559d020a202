"""How long a roster of 20,000 takes, and how much memory: python -m tests.benchmarks.roster

Two processes: a pretend VLE with Moodle's quirks (short roles, `Link` headers in mixed case or with curly quotes and
`&amp;`, tokens that call themselves text/html, `?type_id=` in the addresses of columns, 409 for what is not newer), and
the one that is measured, which does what our worker does: it reads the roster into an empty installation, reads it
again unchanged, and sends twenty marks. Its peak memory counts everything from the start of the interpreter.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from lti_tool.access import Actor, Role
from lti_tool.app import open_database
from lti_tool.core import clock
from lti_tool.core.db import Database
from lti_tool.launch import CourseClaims, PlatformDraft, connect_platform
from lti_tool.launch.actions import known_course
from lti_tool.launch.forms import MarkDraft
from lti_tool.launch.marks import give_marks, send_marks
from lti_tool.launch.models import Deployment, GradeService, Mark, Placement, RosterService
from lti_tool.launch.queries import get_activity
from lti_tool.launch.syncing import sync_course
from lti_tool.migrations import upgrade_tables
from lti_tool.people import Enrolment, Person
from tests.conftest import make_settings
from tests.factories.services import GRADE_SCOPES, MoodleServices, member
from tests.factories.vle import served

SECONDS_WANTED = 60
MEGABYTES_WANTED = 200
MARKS = 20


def odd_link(address: str) -> str:
    """Every second page as Moodle's grade service writes it, the others in mixed case and without quotes."""
    if int(address.split("from=")[1].split("&")[0]) // 500 % 2:
        return f"<{address.replace('&', '&amp;')}>; rel=\u201cnext\u201d"
    return f"<{address}>; Rel=NEXT"


def run_vle(people: int, is_unpaged: bool) -> None:
    """Be the VLE until the standard input ends."""
    services = MoodleServices(members=[member(3, "Instructor"), *(member(number) for number in range(4, people + 3))])
    services.link = odd_link
    services.most_members = 0 if is_unpaged else services.most_members
    services.scores[2, "5"] = {"scoreGiven": 1, "scoreMaximum": 10, "timestamp": "2099-01-01T00:00:00+00:00"}
    with served(services.talk) as address:
        services.address = address
        print(
            json.dumps({name: getattr(services, name) for name in ("token_url", "members_url", "columns_url")}),
            flush=True,
        )
        sys.stdin.read()


def run_worker(folder: Path, vle: dict[str, str]) -> None:
    """Be the worker; print what it took."""
    database = open_database(make_settings(folder))
    upgrade_tables(database)
    course_id, activity = _connect(database, vle)
    first = _timed(lambda: sync_course(database, course_id, 300))
    again = _timed(lambda: sync_course(database, course_id, 300))
    with database.reading() as db:
        roster = db.get_one(RosterService, course_id)
        people = db.scalar(select(func.count()).select_from(Enrolment))
    marks = _timed(lambda: _send_marks(database, course_id, activity))
    with database.reading() as db:
        counted = db.execute(select(Mark.state, func.count()).group_by(Mark.state))
        states = {row[0]: row[1] for row in counted}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    told = {"first": first, "again": again, "marks": marks, "people": people, "reason": roster.reason}
    print(json.dumps(told | {"states": states, "peak_megabytes": peak}))


def _timed(work: Callable[[], Any]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began


def _connect(database: Database, vle: dict[str, str]) -> tuple[int, str]:
    """A course whose launches granted roster and marks."""
    origin = vle["token_url"].partition("/mod/")[0]
    draft = PlatformDraft(
        name="VLE",
        issuer=origin,
        client_id="client-1",
        auth_url=f"{origin}/auth",
        token_url=vle["token_url"],
        keys_url=f"{origin}/keys",
        deployments=("1",),
    )
    with database.transaction() as db:
        connect_platform(db, "Northmoor University Hospitals", draft, clock.now())
        deployment = db.scalars(select(Deployment)).one()
        course = known_course(db, deployment, CourseClaims("2", "Cardiology ST4"), clock.now())
        of_it = {"trust_id": course.trust_id, "deployment_id": deployment.id, "course_id": course.id}
        what = {"link_id": "1", "title": "Questions", "is_copy": False, "asked": "", "kind": "front", "thing": ""}
        placement = Placement(public_id="A" * 16, **of_it, **what)
        db.add_all(
            [
                placement,
                RosterService(**of_it, members_url=vle["members_url"], next_at=clock.now(), outcome="", reason=""),
            ]
        )
        db.flush()
        urls = {"columns_url": vle["columns_url"], "column_url": "", "target_url": ""}
        db.add(GradeService(placement_id=placement.id, trust_id=course.trust_id, scopes=" ".join(GRADE_SCOPES), **urls))
        return course.id, placement.public_id


def _send_marks(database: Database, course_id: int, activity: str) -> None:
    """Twenty marks; the VLE holds a newer one of the second learner."""
    with database.transaction() as db:
        learners = (
            select(Person).join(Enrolment, Enrolment.person_id == Person.id).where(Enrolment.role == Role.LEARNER)
        )
        people = db.scalars(learners.order_by(Person.id).limit(MARKS)).all()
        tutor = db.scalars(select(Person).join(Enrolment).where(Enrolment.role == Role.TUTOR)).one()
        actor = Actor(tutor.id, tutor.public_id, tutor.trust_id, tutor.name, {course_id: Role.TUTOR})
        drafts = [MarkDraft(person.public_id, 70, None) for person in people]
        give_marks(db, actor, get_activity(db, actor, activity), drafts)
    send_marks(database, activity, 30)


def _command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "tests.benchmarks.roster", *(str(argument) for argument in arguments)]


def main() -> None:
    """Read the arguments; measure, and exit with 1 where it took more than we promise."""
    parser = argparse.ArgumentParser(description="Measure the reading of a roster.")
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument(
        "--unpaged", action="store_true", help="a VLE that sends everybody at once, whatever it is asked"
    )
    parser.add_argument("--be", choices=["vle", "worker"], help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--told", type=json.loads, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.be == "vle":
        run_vle(asked.people, asked.unpaged)
    elif asked.be == "worker":
        run_worker(asked.folder, asked.told)
    else:
        sys.exit(measure(asked.people, asked.unpaged))


def measure(people: int, is_unpaged: bool) -> int:
    """Run both processes and print the figures; returns the exit status."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(
            _command("--be", "vle", "--people", people, *(["--unpaged"] if is_unpaged else [])), **pipes
        ) as vle,
    ):
        told = vle.stdout.readline().strip()
        worker = _command("--be", "worker", "--folder", folder, "--told", told)
        found = json.loads(
            subprocess.run(worker, stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()[-1]
        )
        vle.stdin.close()
    print(f"{found['people']} people: first reading {found['first']:.1f} s, again unchanged {found['again']:.1f} s")
    print(f"{MARKS} marks {found['marks']:.2f} s ({found['states']}), peak memory {found['peak_megabytes']:.0f} MB")
    is_good = found["people"] == people and not found["reason"] and found["first"] < SECONDS_WANTED
    return 0 if is_good and found["peak_megabytes"] < MEGABYTES_WANTED else 1


if __name__ == "__main__":
    main()
