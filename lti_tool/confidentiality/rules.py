"""What a finding is, how serious it can be, and what a trust may add."""

from dataclasses import dataclass
from enum import StrEnum

SECOND_REVIEWER_FROM = 3


class Level(StrEnum):
    """How serious a finding is: stop until changed, warn, count for the jigsaw, or not for this place at all."""

    STOP = "A"
    WARN = "B"
    COUNT = "C"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Finding:
    """Words that may name a patient. `start` and `end` count characters of the text as it was given.

    `suggestion` may stand in place of the words; empty means that they are best taken out.
    """

    level: Level
    kind: str
    start: int
    end: int
    text: str
    suggestion: str = ""


@dataclass(frozen=True, slots=True)
class TrustWords:
    """What a trust adds: names of its hospitals and practices, and patterns (regular expressions) of its numbers."""

    hospitals: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()


NOTHING_OF_ITS_OWN = TrustWords()
