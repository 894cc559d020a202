"""The front door: puts the rooms together. `ROOMS` is the whole house at one glance.

Each door may export `blueprint` or `blueprints`, `listeners` (verb → job), `bar` (entries), `jobs` (recurring),
`landmarks` (public id → where it leads), `asides` (place on a lower room's page → what to show there), `purgers` (what
a room overwrites when a post is erased for good). Nothing
registers itself at import: this file hands the lists down.
"""

from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

from flask import Flask

from lti_tool import (
    boards,
    cases,
    feeds,
    files,
    home,
    launch,
    moderation,
    notifications,
    programme,
    search,
    texts,
    web,
)
from lti_tool.boards import AuthorKeys
from lti_tool.core.db import Database
from lti_tool.core.settings import Settings
from lti_tool.journal import Job, Listener, make_nudge
from lti_tool.migrations import head
from lti_tool.paths import folder

ROOMS: tuple[ModuleType, ...] = (
    home,
    boards,
    cases,
    programme,
    feeds,
    moderation,
    notifications,
    search,
    texts,
    files,
    launch,
)


def open_database(settings: Settings) -> Database:
    """The database with what the doors hand down to every session: settings, keys, listeners, the nudge.

    Makes `var_dir` where it is missing. Raises OSError when it may not.
    """
    Path(settings.var_dir).mkdir(mode=0o700, parents=True, exist_ok=True)
    database = Database(settings.sqlalchemy_url, connections=settings.threads + 2)
    database.notes |= {
        "settings": settings,
        "author_keys": AuthorKeys(settings.key_for("author tags"), settings.key_for("sealed authors")),
        "search_key": settings.key_for("search words"),
        "listeners": _listeners(),
        "purgers": tuple(purger for room in ROOMS for purger in getattr(room, "purgers", ())),
        "nudge": make_nudge(settings),
    }
    return database


def open_as_owner(settings: Settings) -> Database:
    """The database as the role that owns the tables, which row-level security does not bind: for commands only.

    On SQLite, and where no owner is named, it is the same as any other.
    """
    return open_database(replace(settings, database_url=settings.database_owner_url or settings.database_url))


def create_app(settings: Settings, database: Database | None = None) -> Flask:
    """The WSGI application."""
    app = Flask(__name__, template_folder=str(folder("templates")), static_folder=None)
    app.extensions |= {
        "settings": settings,
        "database": database or open_database(settings),
        "bar": [entry for room in ROOMS for entry in getattr(room, "bar", ())],
        # The higher room first: a case answers for its thread before boards does.
        "landmarks": [find for room in reversed(ROOMS) for find in getattr(room, "landmarks", ())],
        "asides": {place: show for room in ROOMS for place, show in getattr(room, "asides", {}).items()},
        "head": head(),
    }
    app.extensions["rescue"] = lambda visit, form: texts.rescue(app.extensions["database"], visit, form)
    web.set_up(app)
    for room in ROOMS:
        for blueprint in getattr(room, "blueprints", None) or (room.blueprint,):
            app.register_blueprint(blueprint)
    return app


def jobs() -> list[Job]:
    """Every recurring job of the rooms."""
    return [job for room in ROOMS for job in getattr(room, "jobs", ())]


def _listeners() -> dict[str, tuple[Listener, ...]]:
    by_verb: defaultdict[str, list[Listener]] = defaultdict(list)
    for room in ROOMS:
        for listener in getattr(room, "listeners", ()):
            by_verb[listener.verb].append(listener)
    return {verb: tuple(found) for verb, found in by_verb.items()}


def listeners() -> list[Listener]:
    """Every room's listeners: the worker finds a delivery's job among them."""
    found: list[Any] = [listener for room in ROOMS for listener in getattr(room, "listeners", ())]
    return found
