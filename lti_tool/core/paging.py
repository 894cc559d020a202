"""Lists page by keyset: a cursor says after which row the next page begins, so page 1,000 costs what page 1 costs."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from lti_tool.core.errors import Invalid
from lti_tool.core.language import gettext as _

Row = TypeVar("Row")


LARGEST = 2**63


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last row seen, as the two whole numbers that the list is ordered by."""

    major: int
    minor: int

    def encode(self) -> str:
        """As it travels in an address."""
        return base64.urlsafe_b64encode(f"{self.major}.{self.minor}".encode()).decode().rstrip("=")

    @staticmethod
    def decode(text: str) -> "Cursor":
        """Read a cursor from an address. Raises Invalid for anything that we did not make."""
        try:
            major, minor = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4)).split(b".")
            cursor = Cursor(int(major), int(minor))
        except ValueError as error:
            raise Invalid(_("That address is not complete. Go back to the list and try again.")) from error
        if not (0 <= cursor.major < LARGEST and 0 <= cursor.minor < LARGEST):
            raise Invalid(_("That address is not complete. Go back to the list and try again."))
        return cursor


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Rows of one page and the cursor of the next; no cursor means that this is the last page."""

    rows: Sequence[Row]
    next_cursor: str | None = None
