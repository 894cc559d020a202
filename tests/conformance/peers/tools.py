"""The tools that the platforms launch into: Grand Round, and the smallest tool that pylti1p3 makes."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from wsgiref.types import StartResponse, WSGIApplication

import requests
from werkzeug.serving import make_server

from lti_tool.app import create_app, listeners, open_database
from lti_tool.core import clock
from lti_tool.core.db import Database
from lti_tool.journal import deliver, due_deliveries
from lti_tool.launch import PlatformDraft, connect_platform
from lti_tool.migrations import upgrade_tables
from tests.conformance.peers import stand_in as stand_in_tool
from tests.conformance.peers.browser import Browser, Form, form_with
from tests.conformance.peers.platforms import Platform, ToolAddresses
from tests.conftest import make_settings


class Tool(Protocol):
    """A running tool that can be told of a platform, and lets teachers choose what an activity opens."""

    base_url: str

    def register_platform(self, platform: Platform) -> None:
        """Make the platform known, so that its launches are accepted."""

    def choose(self, browser: Browser, page: requests.Response) -> Form:
        """Choose something on the page of deep linking; return the form that carries it back to the platform."""


class RosterTool(Tool, Protocol):
    """A tool that also reads who is in the course."""

    def roster(self, platform: Platform) -> set[str]:
        """Return the names of the course's active people, as the tool has read them after a launch."""


@dataclass(frozen=True)
class StandIn:
    """The smallest pylti1p3 tool."""

    base_url: str
    registrations: stand_in_tool.Registrations
    rosters: stand_in_tool.Rosters

    def register_platform(self, platform: Platform) -> None:
        """Add the platform to those that the running tool reads."""
        self.registrations[platform.issuer] = {
            "client_id": platform.client_id,
            "auth_login_url": platform.auth_url,
            "auth_token_url": platform.token_url,
            "key_set_url": platform.jwks_url,
            "deployment_ids": [platform.deployment_id],
        }

    def choose(self, browser: Browser, page: requests.Response) -> Form:
        """Return the page's form: the tool has chosen by itself."""
        return form_with("JWT", page)

    def roster(self, platform: Platform) -> set[str]:
        """Return what the last launch read."""
        return self.rosters[platform.issuer]


@dataclass(frozen=True)
class GrandRound:
    """Grand Round with a database of its own."""

    base_url: str
    database: Database

    def register_platform(self, platform: Platform) -> None:
        """Connect the platform, as an administrator does by command."""
        draft = PlatformDraft(
            name=platform.name,
            issuer=platform.issuer,
            client_id=platform.client_id,
            auth_url=platform.auth_url,
            token_url=platform.token_url,
            keys_url=platform.jwks_url,
            deployments=(platform.deployment_id,),
        )
        with self.database.transaction() as db:
            connect_platform(db, "Northmoor University Hospitals", draft, clock.now())

    def work(self) -> None:
        """Do what the worker does in the meantime."""
        jobs = {listener.job.name: listener.job for listener in listeners()}
        with self.database.reading() as db:
            due = due_deliveries(db, clock.now())
        for delivery_id, _due_at in due:
            deliver(self.database, jobs, delivery_id)

    def choose(self, browser: Browser, page: requests.Response) -> Form:
        """Put everybody's front page into the course."""
        choice = form_with("thing", page)
        choice.fields |= {"thing": "front", "do": "use"}
        return form_with("JWT", browser.submit(choice))


@contextmanager
def served(make_app: Callable[[str], WSGIApplication]) -> Iterator[str]:
    """Serve an app, made for its address, from threads of this process on a free port of loopback."""
    server = make_server("127.0.0.1", 0, _not_made_yet, threaded=True)
    address = f"http://127.0.0.1:{server.server_port}"
    server.app = make_app(address)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield address
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _not_made_yet(environ: dict[str, Any], start_response: StartResponse) -> list[bytes]:
    start_response("503 Service Unavailable", [])
    return []


@contextmanager
def grand_round(folder: Path) -> Iterator[Tool]:
    """Run Grand Round in this process."""
    opened: list[Database] = []

    def make_app(address: str) -> WSGIApplication:
        settings = make_settings(folder, base_url=address)
        opened.append(open_database(settings))
        upgrade_tables(opened[0])
        return create_app(settings, opened[0])

    with served(make_app) as address:
        yield GrandRound(address, opened[0])
    opened[0].close()


@contextmanager
def stand_in(_folder: Path) -> Iterator[RosterTool]:
    """Run the smallest pylti1p3 tool."""
    registrations: stand_in_tool.Registrations = {}
    rosters: stand_in_tool.Rosters = {}
    with served(lambda _address: stand_in_tool.create_app(registrations, rosters)) as address:
        yield StandIn(address, registrations, rosters)


def addresses_of(tool: Tool) -> ToolAddresses:
    """Return the addresses that our public contract promises."""
    return ToolAddresses(f"{tool.base_url}/lti/login", f"{tool.base_url}/lti/launch", f"{tool.base_url}/lti/jwks.json")
