"""Where somebody names themselves: a signature under a text whose author nobody may know gives the author away.

The name is handed in and kept nowhere. A part of a name that is an ordinary word as well counts only where it is
written as a name is.
"""

import re
import unicodedata
from collections.abc import Iterator

from lti_tool.confidentiality.cautions import is_eponym
from lti_tool.confidentiality.normal import normalise
from lti_tool.confidentiality.rules import Finding, Level
from lti_tool.confidentiality.words import EPONYMS, FIRST_NAMES_TOO, NOT_SURNAMES, SURNAMES

OWN_NAME = "own_name"
SHORTEST_PART = 3
_TITLES = frozenset(
    ("dr", "mr", "mrs", "ms", "miss", "mx", "prof", "professor", "doctor", "sister", "nurse", "matron", "sir", "lady",
     "lord", "dame", "rev")
)  # fmt: skip
_WORDS = FIRST_NAMES_TOO | SURNAMES
_BETWEEN = r"[\s._,-]{1,3}"
_SENTENCE_BEGINS = re.compile(r"(?:^|[.!?:]\s+|\n)[\W_]*$")
_LINE_ENDS = re.compile(r"[\W_]*(?:\n|$)")


def find_own_name(source: str, name: str) -> list[Finding]:
    """Every place of the text in which the bearer of this name is named, in the order of the text; none overlap."""
    parts = _parts(name)
    if not parts:
        return []
    readable = normalise(source)
    text = _bare(readable.text)
    found: list[Finding] = []
    for start, end in sorted(_places(text, parts), key=lambda place: (place[0], -place[1])):
        begin, until = readable.span(start, end)
        if not found or found[-1].end <= begin:
            found.append(Finding(Level.WARN, OWN_NAME, begin, until, source[begin:until]))
    return found


def _parts(name: str) -> list[str]:
    """The words of a name without a title, as `_bare` leaves them: `Dr Siân Birch-Hale` → Sian, Birch-Hale."""
    words = [word.strip(".,") for word in _bare(normalise(name).text).split()]
    return [word for word in words if word and word.lower() not in _TITLES]


def _bare(text: str) -> str:
    """The text without accents, each letter where it stood."""
    return text if text.isascii() else "".join(unicodedata.normalize("NFD", letter)[0] for letter in text)


def _places(text: str, parts: list[str]) -> Iterator[tuple[int, int]]:
    if len(parts) > 1:
        first, last = re.escape(parts[0]), re.escape(parts[-1])
        middle = rf"(?:(?-i:[A-Z])[\w.'-]*{_BETWEEN}){{0,2}}"
        for one, other in ((first, last), (last, first)):
            yield from _spans(rf"{one}{_BETWEEN}{middle}{other}", text, re.IGNORECASE)
        letters = rf"{re.escape(parts[0][0])}\.?[ -]?{re.escape(parts[-1][0])}\.?"
        signed = re.compile(rf"^[\W_]*(?P<who>{letters})[\W_]*$", re.MULTILINE)
        yield from (match.span("who") for match in signed.finditer(text))
    for part in parts:
        if len(part) >= SHORTEST_PART:
            yield from _alone(text, part)


def _alone(text: str, part: str) -> Iterator[tuple[int, int]]:
    """One part of the name by itself."""
    is_word = part.lower() in _WORDS or part.lower() in NOT_SURNAMES
    for start, end in _spans(re.escape(part), text, re.IGNORECASE):
        if part.lower() in EPONYMS and is_eponym(text, end, part.lower()):
            continue
        if not is_word or _is_written_as_name(text, start, end):
            yield start, end


def _is_written_as_name(text: str, start: int, end: int) -> bool:
    """With a capital that no beginning of a sentence explains, or in a line of its own."""
    if not text[start].isupper():
        return False
    begins = _SENTENCE_BEGINS.search(text[max(0, start - 20) : start])
    return begins is None or _LINE_ENDS.match(text, end) is not None


def _spans(pattern: str, text: str, flags: int) -> Iterator[tuple[int, int]]:
    for match in re.compile(rf"(?<![^\W_])(?:{pattern})(?![^\W_])", flags).finditer(text):
        yield match.span()
