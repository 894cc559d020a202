"""Reading through disguises: the text as a person reads it, with the way back to every character that was typed.

NFKC makes full-width digits and no-break spaces ordinary (Unicode Standard Annex #15); digits of other scripts become
ASCII; invisible characters go; every dash is a hyphen and every quotation mark a straight one.
"""

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_INVISIBLE = frozenset("\u00ad\u034f\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\u2064\ufeff")
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"
_QUOTES = {"\u2018": "'", "\u2019": "'", "\u201b": "'", "\u02bc": "'", "\u201c": '"', "\u201d": '"', "\u201f": '"'}
_PLAIN = _QUOTES | dict.fromkeys(_DASHES, "-") | dict.fromkeys(_INVISIBLE, "")


@dataclass(frozen=True, slots=True)
class Readable:
    """`text` is normalised; `origins[i]` is where its i-th character stood, with one entry more for the end."""

    text: str
    origins: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The characters as they were typed behind a stretch of `text`."""
        return self.origins[start], self.origins[end - 1] + 1


@lru_cache(maxsize=4096)
def _readable(character: str) -> str:
    if character in _PLAIN:
        return _PLAIN[character]
    if unicodedata.category(character) == "Cf":
        return ""
    digit = unicodedata.digit(character, None)
    return str(digit) if digit is not None else unicodedata.normalize("NFKC", character)


def normalise(source: str) -> Readable:
    """The text as it reads."""
    if source.isascii():
        return Readable(source, tuple(range(len(source) + 1)))
    letters: list[str] = []
    origins: list[int] = []
    for position, character in enumerate(source):
        for letter in _readable(character):
            letters.append(letter)
            origins.append(position)
    return Readable("".join(letters), (*origins, len(source)))
