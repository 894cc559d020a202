"""What a moderator or a reporter sends."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from werkzeug.datastructures import MultiDict

from lti_tool.core.errors import Invalid
from lti_tool.core.ids import is_public_id
from lti_tool.core.language import gettext as _
from lti_tool.moderation.rules import (
    BULK,
    MOST_AWAY,
    MOST_WAITING,
    NEEDS_REASON,
    NO_DECISIONS,
    NOTE_LENGTH,
    REASONS,
    REWRITES,
    RISK,
    Verb,
)
from lti_tool.texts import CARE, CONTACTS, Prepared, name_nobody, prepare


@dataclass(frozen=True, slots=True)
class DecisionDraft:
    """A decision on the version that the moderator saw. `version` is the moderator's own: suggested, or published."""

    verb: Verb
    seen: int
    reason: str = ""
    note: str = ""
    version: Prepared | None = None


@dataclass(frozen=True, slots=True)
class Tick:
    """A post that was ticked in the list, and the version that the list was drawn for."""

    post: str
    seen: int


@dataclass(frozen=True, slots=True)
class ReportDraft:
    """Why a post should not stand: a report, or a removal. `may_name`: the reporter may be asked about it by name."""

    reason: str
    note: str
    may_name: bool = False


def decision_draft(fields: Mapping[str, str]) -> DecisionDraft:
    """Raises Invalid with a sentence a field."""
    try:
        verb, seen = Verb(fields.get("verb", "")), int(fields.get("seen", ""))
    except ValueError as error:
        raise Invalid(_("Choose a decision on the page, then send it again.")) from error
    reason, note = fields.get("reason", ""), _note(fields)
    if verb in NO_DECISIONS:
        raise Invalid(_("Choose a decision on the page, then send it again."))
    problems = {}
    if verb in NEEDS_REASON and reason not in REASONS:
        problems["reason"] = _("Choose a reason. The author reads it.")
    version, faults = _version(fields) if verb in REWRITES else (None, {})
    if verb == Verb.RETURN and not note and version is None:
        problems["note"] = _("Write what the author should change.")
    if verb == Verb.REDACT and version is None:
        problems["text"] = _("Write what others may read.")
    problems |= _note_problem(note) | faults
    if problems:
        raise Invalid(_("Not decided yet."), problems)
    return DecisionDraft(verb, seen, reason if verb in NEEDS_REASON else "", note, version)


def _version(fields: Mapping[str, str]) -> tuple[Prepared | None, dict[str, str]]:
    """The moderator's own version, if the form holds one, and what is wrong with it."""
    if not fields.get("text", "").strip():
        return None, {}
    words = {name: fields[name] for name in ("title", "text") if name in fields}
    try:
        version = prepare(words["text"], words.get("title"))
    except Invalid as problem:
        return None, dict(problem.fields)
    return version, name_nobody(words)


def _note_problem(note: str, allowed: frozenset[str] = CARE) -> dict[str, str]:
    if len(note) > NOTE_LENGTH:
        return {"note": _("Shorten the note to %(most)d characters.") % {"most": NOTE_LENGTH}}
    return name_nobody({"note": note}, allowed)


def ticks(fields: MultiDict[str, str]) -> list[Tick]:
    """What was ticked in the list, as `post:version`. Raises Invalid when it is nothing, or not from our page."""
    found = []
    for value in dict.fromkeys(fields.getlist("tick")):
        post, _colon, seen = value.partition(":")
        if not (is_public_id(post) and seen.isascii() and seen.isdecimal() and len(seen) < 9):
            raise Invalid(_("Tick posts in the list, then press a button."))
        found.append(Tick(post, int(seen)))
    if not found or len(found) > MOST_WAITING:
        raise Invalid(_("Tick posts in the list, then press a button."))
    return found


def bulk_draft(fields: Mapping[str, str]) -> DecisionDraft:
    """One decision for several posts; `seen` is each tick's own. Raises Invalid with a sentence a field."""
    draft = decision_draft({**fields, "seen": "0"})
    if draft.verb not in BULK:
        raise Invalid(_("Choose a decision on the page, then send it again."))
    return draft


def second_draft(fields: Mapping[str, str]) -> tuple[int, str]:
    """(person, note) for a second opinion. Raises Invalid with a sentence a field."""
    who, note = fields.get("who", ""), _note(fields)
    problems = _note_problem(note)
    if not (who.isascii() and who.isdecimal() and len(who) < 10):
        problems["who"] = _("Choose whom to ask.")
    if not note:
        problems["note"] = _("Write what you would like to know.")
    if problems:
        raise Invalid(_("Not handed over yet."), problems)
    return int(who), note


def reversal_draft(fields: Mapping[str, str], by: Verb) -> tuple[str, str]:
    """(reason, note) for taking a decision back. Raises Invalid with a sentence a field."""
    reason, note = fields.get("reason", ""), _note(fields)
    problems = _note_problem(note)
    if by == Verb.REMOVE and reason not in REASONS:
        problems["reason"] = _("Choose a reason. The author reads it.")
    if not note:
        problems["note"] = _("Write why. The author reads it.")
    if problems:
        raise Invalid(_("Not taken back yet."), problems)
    return reason if by == Verb.REMOVE else "", note


def away_until(fields: Mapping[str, str], today: date) -> date | None:
    """The last day of an absence, or None for who is back. Raises Invalid with a sentence a field."""
    if fields.get("do") == "back":
        return None
    try:
        until = date.fromisoformat(fields.get("day", ""))
    except ValueError as error:
        raise Invalid(_("Not saved yet."), {"day": _("Choose the last day on which you are away.")}) from error
    if not today <= until <= today + MOST_AWAY:
        raise Invalid(_("Not saved yet."), {"day": _("Choose a day from today on, within a year.")})
    return until


def report_draft(fields: Mapping[str, str]) -> ReportDraft:
    """Raises Invalid with a sentence a field."""
    reason, note = fields.get("reason", ""), _note(fields)
    problems = {}
    if reason not in REASONS:
        problems["reason"] = _("Choose what is wrong.")
    problems |= _note_problem(note, CARE | CONTACTS if reason == RISK else CARE)  # only one duty reads such a one
    if problems:
        raise Invalid(_("Not sent yet."), problems)
    return ReportDraft(reason, note, bool(fields.get("may_name")))


def _note(fields: Mapping[str, str]) -> str:
    return fields.get("note", "").replace("\r\n", "\n").replace("\x00", "").strip()
