"""What somebody says of their own rotation."""

from collections.abc import Mapping
from dataclasses import dataclass

from lti_tool.core.errors import Invalid
from lti_tool.core.language import gettext as _
from lti_tool.people import GRADES
from lti_tool.texts import name_nobody

WORDS_LENGTH = 80


@dataclass(frozen=True, slots=True)
class RotationDraft:
    """Grade, site and speciality."""

    grade: str
    site: str
    speciality: str


def rotation_draft(fields: Mapping[str, str]) -> RotationDraft:
    """Raises Invalid with a sentence a field."""
    site, speciality = (" ".join(fields.get(name, "").split()) for name in ("site", "speciality"))
    problems: dict[str, str] = {}
    if fields.get("grade") not in GRADES:
        problems["grade"] = _("Choose your grade, or skip this page.")
    for name, words in (("site", site), ("speciality", speciality)):
        if len(words) > WORDS_LENGTH:
            problems[name] = _("Shorten this to %(most)d characters.") % {"most": WORDS_LENGTH}
    problems = name_nobody({"site": site, "speciality": speciality}) | problems
    if problems:
        raise Invalid(_("Not saved yet."), problems)
    return RotationDraft(fields["grade"], site, speciality)
