"""Grand Round as the launches meet it: installed by its own commands, served as in production, with a board to open."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import select

from lti_tool.access import Role
from lti_tool.app import create_app, open_database
from lti_tool.core.settings import load_settings
from lti_tool.launch.models import CourseLink, Deployment
from lti_tool.paths import folder as carried
from lti_tool.people import Trust
from tests.benchmarks.peers import ROOT, THREADS, WORKERS, Tool, free_port, started
from tests.benchmarks.signing import COURSE, SigningPlatform
from tests.factories.house import House

TRUST = "Northmoor University Hospitals"


@contextmanager
def grand_round(platform: SigningPlatform, folder: Path) -> Iterator[Tool]:
    """Start Grand Round with two web processes and its worker beside them, on SQLite with every commit on the disk."""
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    environ = {
        "LTI_TOOL_CONFIG": str(carried("config") / "development.toml"),
        "LTI_TOOL_BASE_URL": base,
        "LTI_TOOL_VAR_DIR": str(folder),
        "LTI_TOOL_THREADS": str(THREADS),
    }
    _run(environ, "db", "upgrade")
    _run(environ, "platform", "add", *_connection(platform))
    board = _board_of_the_course(environ)
    command = [sys.executable, "-m", "lti_tool", "serve", "--bind", f"127.0.0.1:{port}", "--workers", str(WORKERS)]
    with started(command, environ, port, folder / "grand-round.log") as pid:
        yield Tool("grand-round", f"{base}/lti/login", f"{base}/lti/launch", pid, {"place": board})


def _run(environ: dict[str, str], *words: str) -> None:
    subprocess.run([sys.executable, "-m", "lti_tool", *words], env=os.environ | environ, cwd=ROOT, check=True)


def _connection(platform: SigningPlatform) -> list[str]:
    said = {
        "--trust": TRUST,
        "--name": "Benchmark",
        "--issuer": platform.issuer,
        "--client-id": platform.client_id,
        "--auth-url": platform.auth_url,
        "--token-url": platform.token_url,
        "--jwks-url": platform.jwks_url,
        "--deployment-id": platform.deployment_id,
    }
    return [word for option in said.items() for word in option]


def _board_of_the_course(environ: dict[str, str]) -> str:
    """The board that the course's activity opens, as if a tutor had been there before; its public id."""
    settings = load_settings(environ, carried("config") / "default.toml")
    database = open_database(settings)
    house = House(create_app(settings, database), database)
    with database.reading() as db:
        deployment = db.scalars(select(Deployment)).one()
        trust = db.get_one(Trust, deployment.trust_id)
    course = house.course(trust, COURSE["title"])
    with database.transaction() as db:
        link = {"deployment_id": deployment.id, "context_id": COURSE["id"], "course_id": course.id}
        db.add(CourseLink(trust_id=trust.id, **link))
    board = house.board(course, house.person(trust, "Dr Helen Marsh", {course.id: Role.TUTOR}))
    database.close()
    return board
