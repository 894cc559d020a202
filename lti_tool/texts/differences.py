"""What changed between two versions of a text, word by word. Pure.

Lines are compared first and the words of those that changed after them, so that a long text costs little: what has
changed wholesale is shown as taken out and put in.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

MOST_COMPARED = 250_000
"""How many pairs of words are compared at most within lines that changed: 500 words with 500."""
_WORDS = re.compile(r"\s+|[^\s]+")


class Change(StrEnum):
    """What became of some words."""

    SAME = "same"
    GONE = "gone"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Run:
    """Words that stand together, and what became of them."""

    change: Change
    words: str


def differences(before: str, after: str) -> list[Run]:
    """The whole of both versions in order: what stayed, what went, what came."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    runs: list[Run] = []
    for same, gone, came in _steps(old, new):
        if same:
            runs.append(Run(Change.SAME, same))
        else:
            runs += _within(gone, came)
    return list(_joined(runs))


def _within(gone: str, came: str) -> Iterator[Run]:
    """The words of lines that changed."""
    old, new = _WORDS.findall(gone), _WORDS.findall(came)
    steps = _steps(old, new) if len(old) * len(new) <= MOST_COMPARED else [("", gone, came)]
    for same, out, put_in in steps:
        yield Run(Change.SAME, same)
        yield Run(Change.GONE, out)
        yield Run(Change.NEW, put_in)


def _steps(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """What is the same; or else what went and what came in its place."""
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        yield ("".join(old[a:b]), "", "") if kind == "equal" else ("", "".join(old[a:b]), "".join(new[c:d]))


def _joined(runs: list[Run]) -> Iterator[Run]:
    """Without empty runs, and with neighbours of one kind in one."""
    kept: list[Run] = []
    for run in (run for run in runs if run.words):
        if kept and kept[-1].change == run.change:
            kept[-1] = Run(run.change, kept[-1].words + run.words)
        else:
            kept.append(run)
    yield from kept
