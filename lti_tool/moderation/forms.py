"""What a moderator or a reporter sends."""

from collections.abc import Mapping
from dataclasses import dataclass

from lti_tool.core.errors import Invalid
from lti_tool.core.language import gettext as _
from lti_tool.moderation.rules import NEEDS_NOTE, NEEDS_REASON, NOTE_LENGTH, REASONS, RISK, Verb
from lti_tool.texts import CARE, CONTACTS, name_nobody


@dataclass(frozen=True, slots=True)
class DecisionDraft:
    """A decision on the version that the moderator saw."""

    verb: Verb
    seen: int
    reason: str = ""
    note: str = ""


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
    problems = {}
    if verb in NEEDS_REASON and reason not in REASONS:
        problems["reason"] = _("Choose a reason. The author reads it.")
    if verb in NEEDS_NOTE and not note:
        problems["note"] = _("Write what the author should change.")
    if len(note) > NOTE_LENGTH:
        problems["note"] = _("Shorten the note to %(most)d characters.") % {"most": NOTE_LENGTH}
    problems |= name_nobody({"note": note}, CARE) | problems
    if problems:
        raise Invalid(_("Not decided yet."), problems)
    return DecisionDraft(verb, seen, reason if verb in NEEDS_REASON else "", note)


def report_draft(fields: Mapping[str, str]) -> ReportDraft:
    """Raises Invalid with a sentence a field."""
    reason, note = fields.get("reason", ""), _note(fields)
    problems = {}
    if reason not in REASONS:
        problems["reason"] = _("Choose what is wrong.")
    if len(note) > NOTE_LENGTH:
        problems["note"] = _("Shorten this to %(most)d characters.") % {"most": NOTE_LENGTH}
    allowed = CARE | CONTACTS if reason == RISK else CARE  # only one duty reads it
    problems |= name_nobody({"note": note}, allowed) | problems
    if problems:
        raise Invalid(_("Not sent yet."), problems)
    return ReportDraft(reason, note, bool(fields.get("may_name")))


def _note(fields: Mapping[str, str]) -> str:
    return fields.get("note", "").replace("\r\n", "\n").replace("\x00", "").strip()
