"""How long texts may be, what a draft's place looks like, and what is said about words that may name a patient."""

import re

from lti_tool.confidentiality import Level
from lti_tool.core.language import gettext as _

TITLE_LENGTH = 150
SOURCE_LENGTH = 20_000
DRAFTS_A_PERSON = 200
LINE_SAYS_ENOUGH = 12
DRAFT_FIELDS = (
    *("title", "text", "note", "parent", "hat", "level", "references", "files", "options", "many", "closes"),
    "only_tutors",
    *("day", "begins", "ends", "room", "online_url", "speaker", "cpd"),  # of teaching
)

_PLACE = re.compile(r"[a-z]{3,12}:[A-Za-z0-9_-]{16}")


def draft_place(kind: str, public_id: str) -> str:
    """Where a draft belongs: `ask:<board>`, `reply:<thread>`, `edit:<post>`, `plan:<course>` …"""
    return f"{kind}:{public_id}"


def is_draft_place(text: str) -> bool:
    """Whether this names a place in the shape that we make."""
    return _PLACE.fullmatch(text) is not None


ASKED = "asked"
"""The author says that the check is wrong, and asks a moderator to look."""

KNOWN = "known"
"""The author of a text on a board without names says that others may know who they are."""

CARE = frozenset({"direct_care"})
CONTACTS = frozenset({"email", "phone", "postcode", "person_url"})
"""Kinds of findings that may stand in some places: `please review this` in a report, where to write to in teaching."""


def lines_to_look_for(words: str) -> list[str]:
    """The lines by which these words are found again: those that say enough, or all of them where none does."""
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    return [line for line in lines if len(line) >= LINE_SAYS_ENOUGH] or lines


def elsewhere() -> str:
    """What is said to whoever asks for care of a patient now."""
    return _("This is about care that is happening now. Use the clinical system.")


def kept_because() -> dict[str, str]:
    """Why an author keeps words that may name a patient: code → words, as the author and the moderator read them."""
    return {
        "source": _("an author or a guideline"),
        "staff": _("a member of staff"),
        "disease": _("a disease or a sign"),
        "other": _("something else"),
    }


def may_keep(level: Level, reason: str) -> bool:
    """Whether this answers a finding of this level: what stops can only be looked at, what warns can be explained."""
    return reason == ASKED if level == Level.STOP else level == Level.WARN and reason in kept_because()


def kinds() -> dict[str, str]:
    """What the check finds: kind → how the author and the moderator read it."""
    return {
        "own_name": _("Your own name"),
        "nhs_number": _("An NHS number"),
        "chi_number": _("A CHI number"),
        "hc_number": _("A Health and Care number"),
        "national_insurance": _("A National Insurance number"),
        "hospital_number": _("A hospital, sample or request number"),
        "date_of_birth": _("A date of birth"),
        "email": _("An e-mail address"),
        "phone": _("A telephone number"),
        "postcode": _("A whole postcode"),
        "person_url": _("The address of somebody’s page"),
        "direct_care": _("A request about a patient"),
        "titled_name": _("A title with a surname"),
        "full_name": _("A first name with a surname"),
        "first_name": _("A first name"),
        "initials": _("Initials"),
        "date": _("A date"),
        "ward_bed": _("A ward or a bed"),
        "hospital": _("The name of a hospital or practice"),
        "street": _("The name of a street"),
        "age_over_89": _("An age over 89"),
        "registration_number": _("A registration number"),
        "bleep": _("A bleep number"),
        "handle": _("A name on a network"),
        "file_name": _("The name of a file"),
        "age": _("age"),
        "sex": _("sex"),
        "ethnicity": _("ethnicity"),
        "religion": _("religion"),
        "occupation": _("occupation"),
        "relation": _("family"),
        "rare_disease": _("a rare disease"),
        "multiple_birth": _("twins or more"),
        "month": _("month"),
        "place": _("place"),
        "event": _("what was in the news"),
        "speech": _("words that were spoken"),
    }
