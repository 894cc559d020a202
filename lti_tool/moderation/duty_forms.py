"""What people send beyond the queue: pauses, appeals, corrections, requests for a name, whom to turn to."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from lti_tool.core import clock
from lti_tool.core.errors import Invalid
from lti_tool.core.ids import is_public_id, new_public_id
from lti_tool.core.language import gettext as _
from lti_tool.moderation.duty_rules import (
    CORRECTION_LENGTH,
    LONGEST_PAUSE_DAYS,
    NUMBERS_LENGTH,
    PAUSE_REASON_LENGTH,
    REASON_LENGTH,
)
from lti_tool.texts import CARE, CONTACTS, Prepared, name_nobody, own_names, prepare


@dataclass(frozen=True, slots=True)
class PauseDraft:
    """Until when, and why, in words for the person who is paused."""

    reason: str
    until_at: datetime


@dataclass(frozen=True, slots=True)
class OpeningDraft:
    """Why a name must be known; `untold_because` is why the author must not be told, empty when they are."""

    reason: str
    untold_because: str
    once: str


def pause_draft(fields: Mapping[str, str]) -> PauseDraft:
    """Raises Invalid with a sentence a field. The last day counts whole."""
    reason = _words(fields, "reason")
    problems = _length(reason, "reason", PAUSE_REASON_LENGTH, _("Write why. The person reads it."))
    today = clock.now().astimezone(clock.LONDON).date()
    try:
        last = date.fromisoformat(fields.get("until", ""))
    except ValueError:
        last = today - timedelta(days=1)
        problems["until"] = _("Choose the last day of the pause.")
    if "until" not in problems and not today <= last <= today + timedelta(days=LONGEST_PAUSE_DAYS):
        problems["until"] = _("Choose a day from today to %(most)d days ahead.") % {"most": LONGEST_PAUSE_DAYS}
    _refuse(problems, {"reason": reason}, _("Nobody is paused yet."))
    until_at = datetime.combine(last + timedelta(days=1), time(), clock.LONDON)
    return PauseDraft(reason, until_at)


def appeal_note(fields: Mapping[str, str]) -> str:
    """Why somebody should look again. Raises Invalid."""
    note = _words(fields, "note")
    problems = _length(note, "note", REASON_LENGTH, _("Write what the other moderator should know."))
    _refuse(problems, {"note": note}, _("Not sent yet."), CARE)
    return note


def stay_sealed(note: str, name: str) -> None:
    """Refuse an appeal in which somebody names themselves, where nobody may know who wrote the post. Raises Invalid."""
    if own := own_names({"note": note}, name):
        words = _("Take out “%(words)s”, your own name: it stays hidden from whoever looks again.")
        raise Invalid(_("Not sent yet."), {"note": words % {"words": own[0].finding.text}})


def appeal_answer(fields: Mapping[str, str]) -> tuple[bool, str]:
    """(whether the decision is changed, what the author is told). Raises Invalid."""
    answer, outcome = _words(fields, "answer"), fields.get("outcome", "")
    problems = _length(answer, "answer", REASON_LENGTH, _("Write why. The author reads it."))
    if outcome not in ("uphold", "overturn"):
        problems["outcome"] = _("Choose whether the decision stands.")
    _refuse(problems, {"answer": answer}, _("Not sent yet."), CARE)
    return outcome == "overturn", answer


def opening_draft(fields: Mapping[str, str]) -> OpeningDraft:
    """Raises Invalid with a sentence a field."""
    reason, untold = _words(fields, "reason"), _words(fields, "untold_because")
    problems = _length(reason, "reason", REASON_LENGTH, _("Write why the name must be known. It is kept for audit."))
    if fields.get("untold"):
        why = _("Write why the author must not be told.")
        problems |= _length(untold, "untold_because", REASON_LENGTH, why)
    _refuse(problems, {"reason": reason, "untold_because": untold}, _("Not sent yet."), CARE | CONTACTS)
    return OpeningDraft(reason, untold if fields.get("untold") else "", once_of(fields))


def numbers_of_form(fields: Mapping[str, str]) -> str:
    """Whom to turn to, a line each; empty for the usual ones. Raises Invalid."""
    words = _words(fields, "numbers")
    problems = {}
    if len(words) > NUMBERS_LENGTH:
        problems["numbers"] = _("Shorten this to %(most)d characters.") % {"most": NUMBERS_LENGTH}
    _refuse(problems, {"numbers": words}, _("Not saved yet."), CARE | CONTACTS)
    return words


def correction_of(fields: Mapping[str, str]) -> Prepared:
    """A correction, checked like every text. What only warns must have been looked at. Raises Invalid."""
    words = _words(fields, "text")
    problems = _length(words, "text", CORRECTION_LENGTH, _("Write what is right, and where it stands."))
    _refuse(problems, {"text": words}, _("Not published yet."))
    prepared = prepare(words)
    if prepared.told and not fields.get("looked"):
        found = ", ".join(f"“{each.finding.text}”" for each in prepared.told[:5])
        problem = _("Look at %(found)s: does it name a patient? Take it out, or tick that you have looked.")
        raise Invalid(_("Not published yet."), {"text": problem % {"found": found}})
    return prepared


def once_of(fields: Mapping[str, str]) -> str:
    """What makes a form count once; a missing or odd one is replaced."""
    once = fields.get("once", "")
    return once if is_public_id(once) else new_public_id()


def post_in(address: str) -> str:
    """The public id of a post in what was pasted: its link, an address of its page, or the id. Raises Invalid."""
    found = [part for part in re.split(r"[/#?=&\s]", address) if is_public_id(part)]
    if not found:
        problem = _("Paste the link of the post. Whoever moderates it finds it under “Moderate”.")
        raise Invalid(_("We did not find that post."), {"address": problem})
    return found[-1]


def _words(fields: Mapping[str, str], name: str) -> str:
    return fields.get(name, "").replace("\r\n", "\n").replace("\x00", "").strip()


def _length(words: str, name: str, most: int, empty: str) -> dict[str, str]:
    if not words:
        return {name: empty}
    return {name: _("Shorten this to %(most)d characters.") % {"most": most}} if len(words) > most else {}


def _refuse(
    problems: dict[str, str], fields: Mapping[str, str], title: str, allowed: frozenset[str] = frozenset()
) -> None:
    """Raise Invalid for what is wrong with a form, and for what names a person in it."""
    problems |= {name: said for name, said in name_nobody(fields, allowed).items() if name not in problems}
    if problems:
        raise Invalid(title, problems)
