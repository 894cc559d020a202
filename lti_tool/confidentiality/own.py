"""A trust's own words: names of its hospitals, and shapes of the numbers that it gives to patients and samples.

A shape is written by somebody who runs education, not by a programmer: `#` stands for a digit, `?` for a letter, all
else for itself. So a shape has one length and a search for it never goes back, however long the text is.

Whose words are in force is a fact of the request: its edge says so once, and every check within asks for them here, so
that no form can forget them.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from lti_tool.confidentiality.rules import NOTHING_OF_ITS_OWN, TrustWords

LEAST_DIGITS, LEAST_DIGITS_ALONE = 4, 6
"""How many digits a shape has at least: with a letter that tells it from a year or a dose, and without one."""
LONGEST_SHAPE, SHORTEST_NAME = 30, 4
_SHAPE = re.compile(r"[A-Za-z0-9#?./ -]+")
_IN_FORCE: ContextVar[Callable[[], TrustWords] | None] = ContextVar("own_words", default=None)


def is_shape(words: str) -> bool:
    """Whether this is a shape that finds numbers and leaves doses, scores and years alone."""
    digits = sum(letter == "#" or letter.isdecimal() for letter in words)
    has_letter = any(letter == "?" or letter.isalpha() for letter in words)
    is_known = len(words) <= LONGEST_SHAPE and _SHAPE.fullmatch(words) is not None
    return is_known and words.count("#") >= 3 and digits >= (LEAST_DIGITS if has_letter else LEAST_DIGITS_ALONE)


def pattern_of(shape: str) -> str:
    """The regular expression of a shape: every place of it is one character."""
    places = {"#": r"\d", "?": "[A-Za-z]", " ": r"\s"}
    return rf"(?<!\w){''.join(places.get(letter) or re.escape(letter) for letter in shape)}(?!\w)"


def words_in_force() -> TrustWords:
    """The words of the trust for which this check is made; none outside a visit."""
    load = _IN_FORCE.get()
    return load() if load else NOTHING_OF_ITS_OWN


@contextmanager
def using_words(load: Callable[[], TrustWords]) -> Iterator[None]:
    """Every check until the end of the block uses these words. They are loaded when one is made, and once."""
    loaded: list[TrustWords] = []

    def once() -> TrustWords:
        if not loaded:
            loaded.append(load())
        return loaded[0]

    token = _IN_FORCE.set(once)
    try:
        yield
    finally:
        _IN_FORCE.reset(token)
