"""What a check has found: one line for a person, one object for a programme."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How it is. A note asks for a look and is no fault."""

    OK = "ok"
    NOTE = "note"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, how it is, in words, and who does what about it (empty where nothing is to be done)."""

    what: str
    state: State
    says: str
    who: str = ""

    @property
    def line(self) -> str:
        """The one line."""
        mark = {State.OK: "OK   ", State.NOTE: "NOTE ", State.WRONG: "WRONG"}[self.state]
        return f"{mark} {self.what}: {self.says}{' ' + self.who if self.who else ''}"


def ok(what: str, says: str) -> Finding:
    """All is well."""
    return Finding(what, State.OK, says)


def note(what: str, says: str, who: str = "") -> Finding:
    """Worth knowing."""
    return Finding(what, State.NOTE, says, who)


def wrong(what: str, says: str, who: str) -> Finding:
    """Somebody must do something."""
    return Finding(what, State.WRONG, says, who)
