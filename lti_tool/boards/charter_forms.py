"""What tutors send about what a board is: its rules, dates and closing."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from lti_tool.boards.charter import ClosingDraft
from lti_tool.boards.queries import BoardLine
from lti_tool.boards.rules import REASON_LENGTH, RULES_LENGTH
from lti_tool.core import clock
from lti_tool.core.errors import Invalid
from lti_tool.core.language import gettext as _
from lti_tool.texts import name_nobody

RULE_LINES = 12


def read_rules(fields: Mapping[str, str]) -> str:
    """Rules, a line each, without empty lines. Raises Invalid."""
    lines = [" ".join(line.split()) for line in fields.get("rules", "").replace("\x00", "").splitlines()]
    source = "\n".join(line for line in lines if line)
    problems = name_nobody({"rules": source})
    if len(source) > RULES_LENGTH or source.count("\n") >= RULE_LINES:
        problems["rules"] = _("Keep to %(most)d short lines: nobody reads more.") % {"most": RULE_LINES}
    if problems:
        raise Invalid(_("Not saved yet."), problems)
    return source


def read_closing(fields: Mapping[str, str], line: BoardLine) -> ClosingDraft:
    """Dates as they were typed, and why a board is closed. Raises Invalid with a sentence a field."""
    problems: dict[str, str] = {}
    days = {name: _day(fields, name, problems) for name in ("opens_on", "closes_on", "archives_on")}
    is_locked, reason = bool(fields.get("locked")), " ".join(fields.get("reason", "").split())
    if is_locked and not reason:
        problems["reason"] = _("Say why, so that people are not left to guess.")
    elif len(reason) > REASON_LENGTH:
        problems["reason"] = _("Shorten the reason to %(most)d characters.") % {"most": REASON_LENGTH}
    opens, closes = days["opens_on"], days["closes_on"]
    if opens and closes and closes < opens:
        problems["closes_on"] = _("It would close before it opens.")
    problems |= name_nobody({"reason": reason})
    if problems:
        raise Invalid(_("Not saved yet."), problems)
    archived_at = start_of(days["archives_on"])
    if fields.get("do") == "archive":
        archived_at = clock.now()
    elif fields.get("do") == "restore":
        archived_at = None
    elif line.is_archived and archived_at is not None and archived_at <= clock.now():
        archived_at = line.archived_at
    return ClosingDraft(is_locked, reason, fields.get("next", ""), start_of(opens), end_of(closes), archived_at)


def _day(fields: Mapping[str, str], name: str, problems: dict[str, str]) -> date | None:
    typed = fields.get(name, "").strip()
    if not typed:
        return None
    try:
        return date.fromisoformat(typed)
    except ValueError:
        problems[name] = _("Write a date such as 2027-02-03.")
        return None


def start_of(day: date | None) -> datetime | None:
    """The first moment of a day in the United Kingdom."""
    return datetime.combine(day, time(), clock.LONDON) if day else None


def end_of(day: date | None) -> datetime | None:
    """The moment at which a day is over."""
    return start_of(day + timedelta(days=1)) if day else None


def day_of(moment: datetime | None, *, is_end: bool = False) -> str:
    """The day of such a moment, as the form has it."""
    if moment is None:
        return ""
    local = moment.astimezone(clock.LONDON)
    return (local - timedelta(seconds=1) if is_end else local).date().isoformat()
