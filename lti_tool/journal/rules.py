"""What a room hands to the journal: which of its jobs run for which verb, and how."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any


class Reach(StrEnum):
    """Where a job takes effect: in our database (once), or outside it (at least once, with a stable id)."""

    INSIDE = "inside"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class Job:
    """Something the worker does. An INSIDE job gets (db, line) in the transaction that marks the delivery done;
    an OUTSIDE job gets (database, line, stable id) and no transaction."""

    name: str
    run: Callable[..., Any]
    reach: Reach = Reach.INSIDE


@dataclass(frozen=True, slots=True)
class Listener:
    """When a line with this verb is recorded, this job is delivered, `after` later."""

    verb: str
    job: Job
    after: timedelta = timedelta()
