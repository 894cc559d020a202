"""How strong an answer is: its level, and its references, tidied without asking anybody outside. Pure.

Levels are those of CONFIDENTIALITY §4 (guideline … local practice). A DOI is read as ISO 26324 writes it, a PMID as
PubMed does; both become links to the registries' own resolvers, which nobody calls until a reader does.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from lti_tool.core.errors import Invalid
from lti_tool.core.language import gettext as _
from lti_tool.core.richtext import is_safe_address

REFERENCES_AT_MOST = 5
REFERENCE_LENGTH = 400

_DOI = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|\bdoi:?\s*)?\b(10\.\d{4,9}/[^\s\"<>]+)", re.IGNORECASE)
_PMID = re.compile(r"(?:https?://pubmed\.ncbi\.nlm\.nih\.gov/|\bPMID:?\s*)(\d{1,8})\b/?", re.IGNORECASE)
_NICE = re.compile(r"\b(?:NICE\s+)?((?:NG|CG|TA|QS)\d{1,4})\b")
_ADDRESS = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
_TRAILING = ".,;:)]}>'\""


class EvidenceLevel(StrEnum):
    """Where an answer comes from, the strongest first. The empty one says that its author gave nothing."""

    GUIDELINE = "guideline"
    REVIEW = "review"
    TRIAL = "trial"
    OBSERVATIONAL = "observational"
    EXPERT = "expert"
    LOCAL = "local"
    NONE = ""


FROM_THE_LITERATURE = frozenset(
    {EvidenceLevel.GUIDELINE, EvidenceLevel.REVIEW, EvidenceLevel.TRIAL, EvidenceLevel.OBSERVATIONAL}
)


@dataclass(frozen=True, slots=True)
class Reference:
    """One reference: what its author typed, what readers see, and where it leads (empty when nowhere)."""

    typed: str
    label: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an answer stands on."""

    level: EvidenceLevel = EvidenceLevel.NONE
    references: tuple[Reference, ...] = ()

    @property
    def may_be_endorsed(self) -> bool:
        """What says that it comes from the literature must say from where, and nobody endorses what says nothing."""
        return self.level != EvidenceLevel.NONE and (self.level not in FROM_THE_LITERATURE or bool(self.references))


NOTHING_SAID = Evidence()


def level_names() -> dict[str, str]:
    """What levels are called, in the order of a list to choose from."""
    return {
        EvidenceLevel.NONE: _("Opinion, no source given"),
        EvidenceLevel.GUIDELINE: _("Guideline"),
        EvidenceLevel.REVIEW: _("Systematic review"),
        EvidenceLevel.TRIAL: _("Trial"),
        EvidenceLevel.OBSERVATIONAL: _("Observational study"),
        EvidenceLevel.EXPERT: _("Expert opinion"),
        EvidenceLevel.LOCAL: _("Local practice"),
    }


def read_evidence(level: str, references: str) -> Evidence:
    """What a composer sent. Raises Invalid with a sentence for each field."""
    problems = {}
    if level not in level_names():
        problems["level"] = _("Choose where it comes from.")
    lines = [" ".join(line.split()) for line in references.splitlines() if line.strip()]
    if len(lines) > REFERENCES_AT_MOST:
        problems["references"] = _("Give at most %(most)d references, one a line.") % {"most": REFERENCES_AT_MOST}
    elif any(len(line) > REFERENCE_LENGTH for line in lines):
        problems["references"] = _("Shorten each reference to %(most)d characters.") % {"most": REFERENCE_LENGTH}
    if problems:
        raise Invalid(_("Not sent yet. Your text is safe."), problems)
    return Evidence(EvidenceLevel(level), tuple(tidy_reference(line) for line in lines))


def tidy_reference(typed: str) -> Reference:
    """One line as readers see it: a DOI, a PMID, a NICE number or an address in it is where it leads."""
    for pattern, name, address in (
        (_DOI, "doi:{}", "https://doi.org/{}"),
        (_PMID, "PMID {}", "https://pubmed.ncbi.nlm.nih.gov/{}/"),
    ):
        if found := pattern.search(typed):
            number = found.group(1).rstrip(_TRAILING)
            return _named(typed, found, name.format(number), address.format(number))
    if found := _ADDRESS.search(typed):
        address = _without_trackers(found.group(0).rstrip(_TRAILING))
        if is_safe_address(address):
            return _named(typed, found, _short(address), address)
    if found := _NICE.search(typed):
        return Reference(typed, typed, f"https://www.nice.org.uk/guidance/{found.group(1).lower()}")
    return Reference(typed, typed)


def _named(typed: str, found: "re.Match[str]", name: str, address: str) -> Reference:
    """What else stands in the line is its name; alone, a number or an address is its own."""
    rest = f"{typed[: found.start()]} {typed[found.end() :]}"
    words = " ".join(rest.split()).strip(" .,;:()[]–-")
    return Reference(typed, f"{words}, {name}" if words else name, address)


def _without_trackers(address: str) -> str:
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    kept = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name[:4] != "utm_"]
    return urlunsplit((parts.scheme.lower(), parts.netloc.lower(), parts.path, urlencode(kept), parts.fragment))


def _short(address: str) -> str:
    parts = urlsplit(address)
    whole = f"{parts.netloc.removeprefix('www.')}{parts.path}".rstrip("/")
    return whole if len(whole) <= 60 else f"{whole[:57]}…"


def references_as_rows(references: Iterable[Reference]) -> list[dict[str, str]]:
    """References as they are kept with a revision."""
    return [{"typed": one.typed, "label": one.label, "href": one.href} for one in references]


def evidence_from_row(level: str | None, rows: Iterable[Mapping[str, Any]] | None) -> Evidence:
    """Evidence as it was kept with a revision."""
    if not level and not rows:
        return NOTHING_SAID
    references = tuple(Reference(row["typed"], row["label"], row["href"]) for row in rows or ())
    return Evidence(EvidenceLevel(level or ""), references)
