"""Lists page by keyset: a cursor says after which row the next page begins, so page 1,000 costs what page 1 costs."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar

from lti_tool.core.errors import Invalid

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last row seen: its moment and its number."""

    at: datetime
    number: int

    def encode(self) -> str:
        """As it travels in an address."""
        return base64.urlsafe_b64encode(json.dumps([self.at.timestamp(), self.number]).encode()).decode().rstrip("=")

    @staticmethod
    def decode(text: str) -> "Cursor":
        """Read a cursor from an address. Raises Invalid for anything that we did not make."""
        try:
            at, number = json.loads(base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4)))
            if type(at) is not float or type(number) is not int or not 0 <= number < 2**63:
                raise ValueError(text)
            return Cursor(datetime.fromtimestamp(at, UTC), number)
        except (ValueError, TypeError, OverflowError, OSError, RecursionError) as error:
            raise Invalid("That address is not complete. Go back to the list and try again.") from error


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Rows of one page and the cursor of the next; no cursor means that this is the last page."""

    rows: Sequence[Row]
    next_cursor: str | None = None
