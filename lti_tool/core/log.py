"""Structured logs on standard error, without names, tokens or what people wrote.

What may appear: verbs, public ids, route names, help codes, fault words, numbers. The last processor scrubs what
slipped in.
"""

import logging
import re
import sys
from typing import Any

import structlog

_SECRETS = re.compile(
    r"/v/[A-Za-z0-9_-]{43}"  # a visit in the path
    r"|/(?:calendar|feed)/[A-Za-z0-9_-]+"  # a feed, whose address is its key
    r"|/mail/stop/[A-Za-z0-9_=-]+"  # what stops somebody's mails
    r"|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*\.?[A-Za-z0-9_-]*"  # a JWT
    r"|(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])"  # any of our 256-bit secrets
    r"|sesskey=[^&\s\"']+"
)
_NEVER = {"name", "email", "token", "id_token", "text", "title", "source", "cookie", "password", "secret"}

log: structlog.stdlib.BoundLogger = structlog.get_logger("grand_round")


def scrub(text: str) -> str:
    """The text with everything that looks like a secret replaced."""
    return _SECRETS.sub("[secret]", text)


def _redact(_logger: object, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    clean = {key: "[left out]" if key in _NEVER else value for key, value in event.items()}
    return {key: scrub(value) if isinstance(value, str) else value for key, value in clean.items()}


def set_up_logs(level: str) -> None:
    """Send all logs as JSON lines to standard error, those of libraries too."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        structlog.stdlib.PositionalArgumentsFormatter(),
    ]
    last: list[Any] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        _redact,
        structlog.processors.JSONRenderer(),
    ]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=last))
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
