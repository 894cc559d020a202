"""Column types that refuse mistakes: naive times, unchecked HTML, rounded numbers, badly shaped ids."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from markupsafe import Markup
from sqlalchemy import DateTime, Dialect, Integer, LargeBinary, String, Text
from sqlalchemy.types import TypeDecorator

from lti_tool.core.ids import PUBLIC_ID_LENGTH


def _as_it_is(stored: Any) -> Any:
    return stored


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, stored and returned in UTC. A naive datetime is refused with ValueError."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A time without a zone cannot be stored.")
        return value.astimezone(UTC)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None]:
        """One function for each value, of which a page of posts has thousands; `process_result_value` takes three."""
        read: Callable[[Any], Any] = self.impl_instance.result_processor(dialect, coltype) or _as_it_is

        def in_utc(stored: Any) -> datetime | None:
            if stored is None:
                return None
            moment: datetime = read(stored)
            if moment.tzinfo is UTC:
                return moment
            return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)

        return in_utc


class SafeHtml(TypeDecorator[Markup]):
    """HTML that `core.richtext` has made. A plain string is refused with TypeError."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Markup | None, dialect: Dialect) -> str | None:
        if value is not None and not isinstance(value, Markup):
            raise TypeError("Only HTML from core.richtext may be stored as safe.")
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Markup | None:
        return None if value is None else Markup(value)  # noqa: S704 - the bind side let only Markup in


class Hundredths(TypeDecorator[Decimal]):
    """A number with two decimals at most, kept as a whole number of hundredths: SQLite would make a float of it."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        if value != round(value, 2):
            raise ValueError("Only two decimals can be stored.")
        return int(value * 100)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value) / 100


PublicId = String(PUBLIC_ID_LENGTH)
Digest = LargeBinary(32)
