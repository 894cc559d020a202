"""What the author of a form says to findings of the identifier check, and what the form's page says back.

Pure, and used by every form whose page shows findings: its buttons are named as in `templates/macros/findings.html`.
"""

from collections.abc import Mapping

from lti_tool.confidentiality import Level
from lti_tool.core.language import gettext as _
from lti_tool.core.language import ngettext
from lti_tool.texts.findings import Check
from lti_tool.texts.rules import ASKED, SOURCE_LENGTH, elsewhere

CHECKED = ("title", "text", "note")
"""The boxes of our forms in which people write what is checked while they type."""


def wish_of(fields: Mapping[str, str]) -> str:
    """What the button that was pressed asks for: check, review, or what its `do` says (send, preview, draft, …)."""
    if "accept" in fields or "keep" in fields:
        return "check"
    return "review" if "ask" in fields else fields.get("do", "send")


def kept_of(fields: Mapping[str, str]) -> str:
    """What has been said to findings, `key:reason` with spaces between: before, and by the button just pressed."""
    said = []
    if key := fields.get("keep"):
        said = [f"{key}:{fields.get(f'why-{key}', '')}"]
    elif key := fields.get("ask"):
        said = [f"{key}:{ASKED}"]
    return " ".join([*fields.get("kept", "").split(), *said])


def answers_of(kept: str) -> dict[str, str]:
    """The same as a dictionary: key of a finding → why its author keeps the words."""
    pairs = (pair.rpartition(":") for pair in kept.split())
    return {key: reason for key, _colon, reason in pairs}


def typed_in(fields: Mapping[str, str]) -> dict[str, str]:
    """The words of a form that are checked, as they stand in its boxes now."""
    return {name: fields[name].replace("\r\n", "\n")[:SOURCE_LENGTH] for name in CHECKED if name in fields}


def problem_of(check: Check, problem: str = "") -> tuple[str, dict[str, str]]:
    """The head of a page whose form was not taken: what must change, and how much is worth changing."""
    if not check.open:
        return "", {}
    if any(each.finding.level == Level.REFUSE for each in check.stops):
        problem = elsewhere()
    elif all(each.is_own_name for each in check.open):
        problem = problem or _("Not sent yet: it names you")
    else:
        problem = problem or _("Not sent yet: it may name a patient")
    errors = {
        f"f{number}": _("%(kind)s must be taken out.") % {"kind": check.kinds[each.finding.kind]}
        for number, each in enumerate(check.found, 1)
        if each.is_stop
    }
    if worth := len(check.open) - len(check.stops):
        many = ngettext("%(num)s place is worth changing.", "%(num)s places are worth changing.", worth)
        errors["check"] = many % {"num": worth}
    return problem, errors


def told_now(check: Check, had_some: bool) -> str:
    """What is said politely, to those who hear the page, when the check of what is being typed has changed."""
    if not check.found:
        return _("Nothing is left that may name a patient.") if had_some else ""
    said = ""
    if patients := [each for each in check.found if not each.is_own_name]:
        many = ngettext("%(num)s place may name a patient.", "%(num)s places may name a patient.", len(patients))
        said = many % {"num": len(patients)}
    if own := len(check.found) - len(patients):
        many = ngettext("%(num)s place names you.", "%(num)s places name you.", own)
        said = f"{said} {many % {'num': own}}".strip()
    if check.stops:
        said += " " + _("%(num)s must change before you send.") % {"num": len(check.stops)}
    return said
