"""What the identifier check found in a text: beside its words while it is written, without them once it is kept.

Pure. A finding is known again after the text has been changed by its field, its kind, its words and how many such came
before: never by its position, which moves.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from lti_tool.confidentiality import (
    OWN_NAME,
    Finding,
    Level,
    find_own_name,
    label_start,
    needs_second_reviewer,
    scan,
)
from lti_tool.texts.rules import KNOWN, kept_because, kinds, may_keep

Kept = Mapping[str, str]
_LED_TO = re.compile(r"(?:\b(?:with|and)\s+)?(?:\b(?:the|his|her|their|an?)\s+)?$", re.IGNORECASE)
_SENTENCE_BEGINS = re.compile(r"(?:^|[.!?]\s+|\n\s*)$")


@dataclass(frozen=True, slots=True)
class FieldFinding:
    """A finding, the field in which it stands, and why its author keeps the words (a code; empty while it is open)."""

    field: str
    finding: Finding
    key: str = ""
    reason: str = ""

    @property
    def is_stop(self) -> bool:
        """Whether nothing can be sent while it stands as it is."""
        return self.finding.level == Level.REFUSE or (self.finding.level == Level.STOP and not self.reason)

    @property
    def is_own_name(self) -> bool:
        """Whether it names the author, where nobody may know who that is. Such a finding is never kept."""
        return self.finding.kind == OWN_NAME

    @property
    def is_piece(self) -> bool:
        """Whether it counts only together with others: the author is not asked about it."""
        return self.finding.level == Level.COUNT

    @property
    def is_open(self) -> bool:
        """Whether its author has still to say something about it."""
        return not self.is_piece and not self.reason


@dataclass(frozen=True, slots=True)
class Piece:
    """Words between two marks (`number` 0), or the words of the finding with this number."""

    words: str
    number: int = 0
    is_stop: bool = False


@dataclass(frozen=True, slots=True)
class Check:
    """What a page shows of a check. `found` is what the author is told of, `pieces` what counts only together."""

    found: list[FieldFinding]
    quotes: list[list[Piece]]
    pieces: list[str]

    @property
    def open(self) -> list[FieldFinding]:
        """What its author has still to change or to explain."""
        return [each for each in self.found if each.is_open]

    @property
    def stops(self) -> list[FieldFinding]:
        """What cannot be sent as it is."""
        return [each for each in self.found if each.is_stop]

    @property
    def names_author(self) -> bool:
        """Whether its author has still to say that others may know who they are."""
        return any(each.is_own_name for each in self.found)

    @property
    def changes(self) -> list[FieldFinding]:
        """What has a suggestion that one button takes."""
        return [each for each in self.open if each.finding.level != Level.REFUSE]

    @property
    def dates(self) -> int:
        """How many dates there are, which change together."""
        return sum(each.finding.kind == "date" for each in self.changes)

    @property
    def kinds(self) -> Mapping[str, str]:
        """What kinds are called."""
        return kinds()

    @property
    def reasons(self) -> Mapping[str, str]:
        """Why words may be kept."""
        return kept_because()


def check_of(fields: Mapping[str, str], findings: Sequence[FieldFinding]) -> Check:
    """What a page shows of what was found in these fields."""
    told = [each for each in findings if not each.is_piece]
    pieces = sorted({each.finding.kind for each in findings if each.is_piece})
    is_crowd = needs_second_reviewer(each.finding for each in findings)
    quotes = [cut(words, field, told) for field, words in fields.items() if any(e.field == field for e in told)]
    return Check(told, quotes, pieces if is_crowd else [])


def look_through(
    fields: Mapping[str, str], kept: Kept = MappingProxyType({}), *, is_whole: bool = False
) -> tuple[FieldFinding, ...]:
    """All findings of these fields. `kept`: key → why the author keeps the words; what may not be kept stays open.

    `is_whole`: with what stands within a request for care, for forms in which such a request may stand.
    """
    before: Counter[tuple[str, str, str]] = Counter()
    found = []
    for field, words in fields.items():
        for finding in scan(words) if is_whole else _most_of_all(scan(words)):
            key = _key(field, finding, before)
            reason = kept.get(key, "")
            found.append(FieldFinding(field, finding, key, reason if may_keep(finding.level, reason) else ""))
    return tuple(found)


def _key(field: str, finding: Finding, before: Counter[tuple[str, str, str]]) -> str:
    what = (field, finding.kind, finding.text)
    before[what] += 1
    return f"{field}-{finding.kind}-{hashlib.sha256(finding.text.encode()).hexdigest()[:12]}-{before[what] - 1}"


def own_names(fields: Mapping[str, str], name: str, kept: Kept = MappingProxyType({})) -> tuple[FieldFinding, ...]:
    """Where the bearer of this name is named in these fields, without what they have said others may read."""
    before: Counter[tuple[str, str, str]] = Counter()
    found = [
        FieldFinding(field, finding, _key(field, finding, before))
        for field, words in fields.items()
        for finding in find_own_name(words, name)
    ]
    return tuple(each for each in found if kept.get(each.key) != KNOWN)


def beside_own_names(found: Iterable[FieldFinding], own: Iterable[FieldFinding]) -> tuple[FieldFinding, ...]:
    """Both as one list, for the author's eyes alone: of two for the same words, what stops or else the own name."""
    found, own = list(found), list(own)
    stops = [each for each in found if each.finding.level in (Level.STOP, Level.REFUSE)]
    told = [each for each in own if not any(_meet(each, other) for other in stops)]
    both = [each for each in found if each in stops or not any(_meet(each, other) for other in told)] + told
    order = list(dict.fromkeys(each.field for each in both))
    return tuple(sorted(both, key=lambda each: (order.index(each.field), each.finding.start, -each.finding.end)))


def _meet(one: FieldFinding, other: FieldFinding) -> bool:
    if one.field != other.field:
        return False
    return one.finding.start < other.finding.end and other.finding.start < one.finding.end


def without_known(
    found: Iterable[FieldFinding], known: Mapping[str, Sequence[tuple[int, int]]]
) -> tuple[FieldFinding, ...]:
    """The findings without warnings of names that stand within these places of their fields."""
    return tuple(
        each
        for each in found
        if each.finding.level != Level.WARN
        or all(each.finding.end <= start or end <= each.finding.start for start, end in known.get(each.field, ()))
    )


def _most_of_all(findings: list[Finding]) -> list[Finding]:
    """Without what stands in a request for care: a suggestion for it would hide the request and leave it standing."""
    asked = [each for each in findings if each.level == Level.REFUSE]
    return [
        each
        for each in findings
        if each in asked or all(each.end <= request.start or request.end <= each.start for request in asked)
    ]


def accept(fields: Mapping[str, str], found: Iterable[FieldFinding], key: str) -> dict[str, str]:
    """The fields with the suggestion of one finding, or ("all") of every open one, in place of the words.

    Dates change together: each suggestion counts days from the first date, which would be gone after one change.
    """
    open_ones = [each for each in found if each.is_open and each.finding.level != Level.REFUSE]
    wanted = [each for each in found if each.key == key and not each.is_piece and each.finding.level != Level.REFUSE]
    if key == "all":
        wanted = open_ones
    elif wanted and wanted[0].finding.kind == "date":
        wanted += [each for each in open_ones if each.finding.kind == "date" and each not in wanted]
    changed = dict(fields)
    for each in sorted(wanted, key=lambda each: each.finding.start, reverse=True):
        changed[each.field] = _put(changed[each.field], each.finding)
    return changed


def _put(words: str, finding: Finding) -> str:
    before, after, instead = words[: finding.start], words[finding.end :], finding.suggestion
    if not instead:
        return _close(_LED_TO.sub("", words[: label_start(words, finding.kind, finding.start)]), after)
    if _SENTENCE_BEGINS.search(before) and finding.text[:1].isupper():
        instead = instead[:1].upper() + instead[1:]
    return before + instead + after


def _close(before: str, after: str) -> str:
    """What stood before and after words that are taken out: one space, no marks that belonged to them alone."""
    if before.endswith("(") and after.startswith(")"):
        before, after = before[:-1], after[1:]
    if not after.strip():
        return before.rstrip(" ") + after
    if _SENTENCE_BEGINS.search(before):
        after = re.sub(r"^[ .,;:]+", "", after)
        return before + after[:1].upper() + after[1:]
    if re.match(r"[\n.,;:!?)]|\Z", after):
        before = before.rstrip(" ")
        before = before.rstrip(",;:") if after[:1] in ".,;:" else before
    elif before[-1].isspace():
        after = after.lstrip(" ")
    return before + after


def cut(words: str, field: str, found: Sequence[FieldFinding]) -> list[Piece]:
    """The words of a field in pieces, those of each finding with its number: its place in `found`, from 1.

    Findings are in the order of the text; of two that overlap (two requests for care) the second has no mark.
    """
    pieces, at = [], 0
    for number, each in enumerate(found, 1):
        if each.field == field and each.finding.start >= at:
            start, end = each.finding.start, each.finding.end
            is_stop = each.finding.level in (Level.STOP, Level.REFUSE)
            pieces += [Piece(words[at:start]), Piece(words[start:end], number, is_stop)]
            at = end
    return [piece for piece in [*pieces, Piece(words[at:])] if piece.words]


def as_rows(found: Iterable[FieldFinding]) -> list[dict[str, Any]]:
    """Findings as they are kept with a revision: where they stand in it, and no second copy of the words."""
    return [
        {
            "level": each.finding.level.value,
            "kind": each.finding.kind,
            "start": each.finding.start,
            "end": each.finding.end,
            "field": each.field,
            "reason": each.reason,
        }
        for each in found
    ]


def from_rows(rows: Iterable[Mapping[str, Any]], fields: Mapping[str, str]) -> tuple[FieldFinding, ...]:
    """Findings that were kept with a revision whose fields these are."""
    return tuple(
        FieldFinding(
            row["field"],
            Finding(
                Level(row["level"]),
                row["kind"],
                row["start"],
                row["end"],
                fields.get(row["field"], "")[row["start"] : row["end"]],
            ),
            reason=row["reason"],
        )
        for row in rows
    )
