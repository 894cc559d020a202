"""The check itself: every finder over the text as it reads, and where two findings meet, the more serious one."""

import re
from bisect import bisect
from collections.abc import Iterable
from functools import lru_cache

from lti_tool.confidentiality.cautions import find_cautions
from lti_tool.confidentiality.direct_care import find_direct_care
from lti_tool.confidentiality.jigsaw import find_pieces
from lti_tool.confidentiality.normal import Readable, normalise
from lti_tool.confidentiality.own import words_in_force
from lti_tool.confidentiality.rules import SECOND_REVIEWER_FROM, Finding, Level, TrustWords
from lti_tool.confidentiality.safe import safe_spans
from lti_tool.confidentiality.stops import find_stops

ELSEWHERE = "Use the clinical system."
_ORDER = {Level.STOP: 0, Level.WARN: 1, Level.COUNT: 2}
_ALWAYS = frozenset({"email", "person_url"})  # these are addresses themselves, so no reference can contain them


def scan(source: str, own: TrustWords | None = None) -> list[Finding]:
    """All findings in the order of the text; none overlap, but a request for direct care stands beside what it names.

    `own` are words of a trust, if not those in force (`own.py`).

    Source: CONFIDENTIALITY.md §1; the kinds follow Hrynaszkiewicz et al. 2010.
    """
    readable = normalise(source)
    text = readable.text
    numbers, hospitals = _patterns(own or words_in_force())
    found = [
        *((Level.STOP, kind, start, end, "") for kind, start, end in find_stops(text, numbers)),
        *((Level.WARN, *hit) for hit in find_cautions(text, hospitals)),
        *((Level.COUNT, kind, start, end, "") for kind, start, end in find_pieces(text)),
    ]
    kept = _most_serious(found, safe_spans(text))
    refused = ((Level.REFUSE, kind, start, end, ELSEWHERE) for kind, start, end in find_direct_care(text))
    return [_finding(source, readable, hit) for hit in sorted([*kept, *refused], key=lambda hit: (hit[2], -hit[3]))]


def jigsaw_score(findings: Iterable[Finding]) -> int:
    """How many different kinds of level C there are: three of them may describe one person."""
    return len({finding.kind for finding in findings if finding.level is Level.COUNT})


def needs_second_reviewer(findings: Iterable[Finding]) -> bool:
    """Whether the pieces together want a second pair of eyes."""
    return jigsaw_score(findings) >= SECOND_REVIEWER_FROM


_Hit = tuple[Level, str, int, int, str]


def _most_serious(found: list[_Hit], taken: list[tuple[int, int]]) -> list[_Hit]:
    """Of findings that overlap, the more serious stays, and of two equal ones the longer. `taken` is in order."""
    kept: list[_Hit] = []
    for hit in sorted(found, key=lambda hit: (_ORDER[hit[0]], hit[2] - hit[3], hit[2])):
        start, end = hit[2], hit[3]
        place = bisect(taken, (start, end))
        is_free = (place == 0 or taken[place - 1][1] <= start) and (place == len(taken) or taken[place][0] >= end)
        if is_free:
            taken.insert(place, (start, end))
        if is_free or hit[1] in _ALWAYS:
            kept.append(hit)
    return kept


def _finding(source: str, readable: Readable, hit: _Hit) -> Finding:
    level, kind, start, end, suggestion = hit
    begin, until = readable.span(start, end)
    return Finding(level, kind, begin, until, source[begin:until], suggestion)


@lru_cache(maxsize=64)
def _patterns(own: TrustWords) -> tuple[tuple[re.Pattern[str], ...], re.Pattern[str] | None]:
    """The trust's own words, compiled once. Raises re.error for a pattern that is none."""
    numbers = tuple(re.compile(pattern, re.IGNORECASE) for pattern in own.numbers)
    names = "|".join(re.escape(name) for name in own.hospitals)
    return numbers, re.compile(rf"(?<!\w)(?:{names})(?!\w)", re.IGNORECASE) if names else None
