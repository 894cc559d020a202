"""What somebody looks for, as the address says it."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from lti_tool.search.rules import LONGEST_QUERY, MOST_WORDS, Kind, Since, Wanted, words_of

Choice = TypeVar("Choice", bound=StrEnum)


def wanted_of(said: Mapping[str, str]) -> Wanted:
    """What an address asks for. What it cannot mean is left out: a search is no form that one could fill in wrongly."""
    words = words_of(said.get("q", "")[:LONGEST_QUERY])[:MOST_WORDS]
    board = said.get("board", "")
    return Wanted(
        tuple(words), _one_of(Kind, said.get("kind", "")), board, _one_of(Since, said.get("since", "")) or Since.EVER
    )


def _one_of(choices: type[Choice], said: str) -> Choice | None:
    return choices(said) if said in list(choices) else None
