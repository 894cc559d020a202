"""Care that is happening now: a request about one patient belongs into the clinical system and is refused here."""

import re
from collections.abc import Iterator

Hit = tuple[str, int, int]
_PLACE = (
    r"(?:(?:the\s+)?(?:pt|patient|lady|gentleman|man|woman|one)\s+(?:in|on)\s+)?(?:bed|side\s?room|cubicle|bay|resus|majors|chair)"
    r"\s*(?:no\.?\s*|number\s*)?[A-Z]?\d{1,3}[A-Z]?"
    r"|(?:the\s+|my\s+|our\s+|this\s+)?(?:pt|patient|lady|gentleman)\s+(?:in|on)\s+(?:ward|bed|bay|side\s?room|ITU|HDU|ICU|CCU|AMU|"
    r"SAU|MAU|resus)\b(?:\s*[A-Z]?\d{1,3}[A-Z]?)?"
    r"|(?-i:(?:Mr|Mrs|Ms|Miss)\.?\s+[A-Z][\w'-]*)(?:\s+(?:in|on)\s+(?:ward|bed)\s*\w{1,4})?"
)
_CARE = (
    r"review|see|clerk|assess|cannulate|prescribe|rechart|re-?chart|discharge|bleed|take\s+bloods?|chase|catheterise|"
    r"attend|check\s+on|look\s+at|transfer|admit|consent|scan|examine|come\s+to|go\s+to|visit|rewrite|sign\s+off"
)
_ASKED = re.compile(
    rf"\b(?:please|pls|plz|kindly|can|could|would|will|who\s+can|someone|somebody|anyone|anybody|need|needs)\b[^.!?\n]{{0,40}}?"
    rf"\b(?:{_CARE})\b[^.!?\n]{{0,40}}?(?:{_PLACE})[^.!?\n]{{0,80}}",
    re.IGNORECASE,
)
_WANTS = re.compile(
    rf"\b(?:{_PLACE})\s+(?:(?:is|are|was)\s+)?(?:still\s+|now\s+|also\s+|urgently\s+|currently\s+)?(?:wants?|needs?|requires?|asking|"
    rf"awaiting|waiting|would\s+like|wishes|prefers?|refus(?:es|ing)|due|requesting|to\s+be\s+(?:seen|reviewed|clerked))\b"
    rf"[^.!?\n]{{0,100}}",
    re.IGNORECASE,
)
_HANDED = re.compile(
    rf"\b(?:handover|jobs?|to\s?-?do|outstanding|chase)\b\s*[:-][^!?\n]{{0,60}}?(?:{_PLACE})[^.!?\n]{{0,80}}",
    re.IGNORECASE,
)
_PAGED = re.compile(
    r"\b(?:(?:crash|arrest|peri-?arrest|fast)\s+bleep|bleep\s+me|call\s+me)\b[^.!?\n]{0,60}\b(?:bed|ward|bay|patient|pt)\b[^.!?\n]{0,60}",
    re.IGNORECASE,
)


def find_direct_care(text: str) -> Iterator[Hit]:
    """Every request about a patient who is being cared for now, as (kind, start, end)."""
    for pattern in (_ASKED, _WANTS, _HANDED, _PAGED):
        yield from (
            ("direct_care", match.start(), match.start() + len(match[0].rstrip())) for match in pattern.finditer(text)
        )
