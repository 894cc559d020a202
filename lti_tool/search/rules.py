"""What a word is, what stands for it in the index, what people may choose, and how an excerpt shows what was found.

Pure. Words are compared without accents, case or a plural's ending. The index holds none of them: each stands there as
a digest under a key of the installation and the number of its trust, so whoever reads the index alone reads nothing,
and no word of one trust is ever equal to one of another.
"""

import base64
import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from markupsafe import Markup, escape

from lti_tool.core.language import gettext as _

MOST_RANKED = 5_000
PAGE_OF_FOUND = 20
MOST_SIMILAR = 5
MOST_WORDS = 12
LONGEST_QUERY = 200
EXCERPT_LENGTH = 220
NARROWEST = 60  # whoever reads more boards and courses than these reads most of the trust: no word narrows it for them


class Kind(StrEnum):
    """What may be found."""

    QUESTION = "question"
    ANSWER = "answer"
    CASE = "case"
    TEACHING = "teaching"


class Since(StrEnum):
    """How far back to look."""

    EVER = ""
    MONTH = "month"
    YEAR = "year"


_SPANS = {Since.MONTH: timedelta(days=31), Since.YEAR: timedelta(days=366)}


def kinds() -> dict[str, str]:
    """The kinds in words, as people choose them."""
    return {
        Kind.QUESTION: _("Questions"),
        Kind.ANSWER: _("Answers"),
        Kind.CASE: _("Cases"),
        Kind.TEACHING: _("Teaching"),
    }


def spans() -> dict[str, str]:
    """How far back people may look."""
    return {Since.EVER: _("At any time"), Since.MONTH: _("In the last month"), Since.YEAR: _("In the last year")}


# Said so often that they tell nothing.
_SAID_ALWAYS = """
a an and are as at be been but by can could did do does for from had has have how i if in into is it its may me my no
not of on or our should so than that the their them then there these they this to too was we were what when where which
who why will with would you your
"""
_WORD = re.compile(r"[^\W_]+")
_PLAIN = str.maketrans({
    "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ħ": "h",
})  # fmt: skip


@lru_cache(maxsize=100_000)
def fold(word: str) -> str:
    """A word as the index compares it: without case, accents and an English plural's ending."""
    bare = unicodedata.normalize("NFKD", word.casefold())
    return _singular("".join(letter for letter in bare if not unicodedata.combining(letter)).translate(_PLAIN))


def _singular(word: str) -> str:
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    return word[:-2] if word.endswith(("ches", "shes", "sses", "xes")) else word[:-1]


STOP_WORDS = frozenset(map(fold, _SAID_ALWAYS.split()))


@lru_cache(maxsize=1_000)
def words_of(text: str) -> tuple[str, ...]:
    """The words that tell something, folded, each once, in their order."""
    found = (fold(each) for each in _WORD.findall(unicodedata.normalize("NFC", text)))
    return tuple(word for word in dict.fromkeys(found) if word and word not in STOP_WORDS)


@dataclass(frozen=True, slots=True)
class Digests:
    """Makes the tokens of one trust: what stands in the index for a word, a title's word, or a mark such as a board."""

    key: bytes
    trust_id: int

    def word(self, word: str) -> str:
        """Said anywhere in it, its title included."""
        return _token(self.key, self.trust_id, "word", word)

    def title_word(self, word: str) -> str:
        """Said in its title."""
        return _token(self.key, self.trust_id, "title", word)

    def mark(self, name: str, value: object = "") -> str:
        """`kind question`, `board 7`, `course 3`, `shared`."""
        return _token(self.key, self.trust_id, name, str(value))

    def all_of(self, title: str, text: str, marks: Iterable[tuple[str, object]]) -> list[str]:
        """Every token of a thing that can be found."""
        in_title = words_of(title)
        said = dict.fromkeys([*in_title, *words_of(text)])
        return [
            *(self.mark(*mark) for mark in marks),
            *(self.title_word(word) for word in in_title),
            *(self.word(word) for word in said),
        ]


@lru_cache(maxsize=100_000)
def _token(key: bytes, trust_id: int, name: str, word: str) -> str:
    """Eight letters and digits of a keyed BLAKE2b: 40 bits, so one word in millions is taken for another."""
    said = f"{name}\x1f{word}".encode()
    made = hashlib.blake2b(said, digest_size=5, key=key, person=trust_id.to_bytes(16, "big"))
    return base64.b32encode(made.digest()).decode().lower()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody looks for. `board` is a public id or empty."""

    words: tuple[str, ...]
    kind: Kind | None = None
    board: str = ""
    since: Since = Since.EVER

    def begins(self, now: datetime) -> int:
        """The first second of what may be found, counted from 1970."""
        span = _SPANS.get(self.since)
        return int((now - span).timestamp()) if span else 0


Groups = Sequence[Sequence[str]]
"""Of each inner row of tokens one must be there."""


def as_fts5(groups: Groups) -> str:
    """A condition of SQLite's FTS5. Tokens hold letters and digits alone, and are quoted all the same."""
    return " AND ".join("(" + " OR ".join(f'"{token}"' for token in group) + ")" for group in groups)


def as_tsquery(groups: Groups) -> str:
    """The same as a tsquery of PostgreSQL."""
    return " & ".join("(" + " | ".join(f"'{token}'" for token in group) + ")" for group in groups)


def excerpt_of(text: str, words: Iterable[str], length: int = EXCERPT_LENGTH) -> Markup:
    """The part of a text that says most of these words, which are marked. Everything is escaped."""
    text = unicodedata.normalize("NFC", text)
    hits = _hits(text, words)
    begin = _best_beginning(hits, length)
    begin, end = _whole_words(text, begin, min(len(text), begin + length))
    shown = _marked(text, [hit for hit in hits if begin <= hit[0] and hit[1] <= end], begin, end)
    return escape("…" if begin else "") + shown + escape("…" if end < len(text) else "")


def marked(text: str, words: Iterable[str]) -> Markup:
    """A whole text, with these words marked."""
    text = unicodedata.normalize("NFC", text)
    return _marked(text, _hits(text, words), 0, len(text))


def _hits(text: str, words: Iterable[str]) -> list[tuple[int, int]]:
    sought = set(words)
    return [found.span() for found in _WORD.finditer(text) if fold(found.group()) in sought]


def _marked(text: str, hits: Iterable[tuple[int, int]], begin: int, end: int) -> Markup:
    shown, last = Markup(), begin
    for start, stop in hits:
        shown += Markup("{}<mark>{}</mark>").format(text[last:start], text[start:stop])
        last = stop
    return shown + escape(text[last:end])


def _best_beginning(hits: Sequence[tuple[int, int]], length: int) -> int:
    """Where an excerpt begins that shows most hits, with a little of what stands before the first."""
    if not hits:
        return 0
    most = max(hits, key=lambda hit: sum(hit[0] <= start < hit[0] + length * 3 // 4 for start, _stop in hits))
    return max(0, most[0] - length // 4)


def _whole_words(text: str, begin: int, end: int) -> tuple[int, int]:
    """Move both ends inwards to where no word is cut."""
    if begin and (space := text.find(" ", begin, end)) != -1:
        begin = space + 1
    if end < len(text) and (space := text.rfind(" ", begin, end)) != -1:
        end = space
    return begin, end


def alike(hits: Sequence[Sequence[int]], words: int, most: int = MOST_SIMILAR * 3) -> list[int]:
    """Of the keys that each word of a title found, those that share most words with it; a rare word counts double.

    Of one word alone all is alike; of more, at least two must be shared.
    """
    shared: dict[int, int] = {}
    weight: dict[int, int] = {}
    longest = max((len(keys) for keys in hits), default=0)
    for keys in hits:
        for key in keys:
            shared[key] = shared.get(key, 0) + 1
            weight[key] = weight.get(key, 0) + (2 if len(keys) * 4 < longest else 1)
    enough = [key for key, count in shared.items() if count >= min(2, words)]
    return sorted(enough, key=lambda key: (weight[key], key), reverse=True)[:most]
