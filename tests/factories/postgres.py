"""A private PostgreSQL server for the tests: in a folder of its own, on a socket of its own, gone when they end.

It trusts whoever reaches its socket and never waits for the disk. Tables belong to one role and the tests work as
another, as in an installation, so that row-level security binds them. Each test gets a copy of one empty database.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from itertools import count
from pathlib import Path

from sqlalchemy import Engine, create_engine, text

from lti_tool import app
from lti_tool.core.db import Database
from lti_tool.migrations import upgrade_tables
from tests.factories.journal import Trace

OWNER, SERVING = "grand_round_owner", "grand_round_app"
TEMPLATE = "empty_house"
CONFIGURATION = """
listen_addresses = ''
fsync = off
synchronous_commit = off
full_page_writes = off
autovacuum = off
shared_buffers = 32MB
max_connections = 100
log_min_messages = fatal
"""

assert app.ROOMS  # all tables are known before the template is made


class NoServer(Exception):
    """There is no PostgreSQL on this machine that could be started."""


def find_programs() -> Path:
    """The folder with initdb and postgres: that of the newest Debian package, or wherever the path leads."""
    folder = Path(os.environ.get("POSTGRESQL_FOLDER", "/usr/lib/postgresql"))
    packaged = sorted(folder.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    found = packaged[-1] if packaged else shutil.which("initdb")
    if found is None:
        raise NoServer("PostgreSQL is not installed here. On Debian or Ubuntu: sudo apt install postgresql")
    return Path(found).resolve().parent


class Server:
    """A running server. `new_database` makes a copy of the empty house and returns its name."""

    def __init__(self) -> None:
        self.programs = find_programs()
        self.folder = Path(tempfile.mkdtemp(prefix="gr-pg-"))
        self.account = _account()
        if self.account:
            shutil.chown(self.folder, self.account)
        self._numbers = count(1)
        self._run("initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        with (self.data / "postgresql.conf").open("a") as file:
            file.write(CONFIGURATION + f"unix_socket_directories = '{self.folder}'\n")
        self._run("pg_ctl", "-D", self.data, "-w", "-s", "-l", self.folder / "log", "start")
        self._end_with_us()
        self._admin = self._engine("postgres")
        self._make_template()

    @property
    def data(self) -> Path:
        """Where the server keeps its files."""
        return self.folder / "data"

    def url(self, name: str, role: str = SERVING) -> str:
        """The address of a database for a role."""
        return f"postgresql://{role}@/{name}?host={self.folder}"

    def new_database(self, template: str = TEMPLATE) -> str:
        """A database with tables and nothing in them; of the template1 that every server has, without tables."""
        name = f"house_{next(self._numbers)}"
        with self._admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template} OWNER {OWNER}"))
        return name

    def drop(self, name: str) -> None:
        """Throw a database away, whoever is still connected."""
        with self._admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))

    def stop(self) -> None:
        """End the server and remove its folder."""
        self._admin.dispose()
        self._run("pg_ctl", "-D", self.data, "-m", "immediate", "-s", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _end_with_us(self) -> None:
        """A test run that is killed stops nothing: a watcher beside us then does."""
        pid, stop = os.getpid(), f"{self.programs / 'pg_ctl'} -D {self.data} -m immediate -s stop"
        stop = f"runuser -u {self.account} -- {stop}" if self.account else stop
        watch = f"while kill -0 {pid}; do sleep 2; test -d {self.data} || exit 0; done; {stop}; rm -rf {self.folder}"
        subprocess.Popen(
            ["/bin/sh", "-c", watch], start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def _make_template(self) -> None:
        with self._admin.connect() as connection:
            connection.execute(text(f"CREATE ROLE {OWNER} LOGIN BYPASSRLS"))
            connection.execute(text(f"CREATE ROLE {SERVING} LOGIN"))
            connection.execute(text(f"CREATE DATABASE {TEMPLATE} OWNER {OWNER}"))
        owner = Database(_with_driver(self.url(TEMPLATE, OWNER)))
        upgrade_tables(owner, SERVING)
        with owner.engine.begin() as connection:
            Trace.__table__.create(connection)
            connection.execute(text(f"GRANT ALL ON {Trace.__tablename__} TO {SERVING}"))
            connection.execute(text(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {SERVING}"))
        owner.close()

    def _engine(self, name: str) -> Engine:
        return create_engine(_with_driver(self.url(name, "postgres")), isolation_level="AUTOCOMMIT")

    def _run(self, program: str, *words: object) -> None:
        as_account = ["runuser", "-u", self.account, "--"] if self.account else []
        command = [*as_account, str(self.programs / program), *map(str, words)]
        done = subprocess.run(
            command, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False
        )
        if done.returncode:
            raise NoServer(f"{program} failed: {done.stderr}")


def _with_driver(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


def _account() -> str:
    """Whom the server runs as: PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return ""
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"
