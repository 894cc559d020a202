"""What the identifier check says of a case: of one part while it is written, of the whole before others read it.

A part's form calls its boxes title, text and note; the case knows the same words by names of its own, under which what
the author said to findings is kept.
"""

from collections.abc import Mapping
from types import MappingProxyType

from lti_tool.cases.queries import CaseFacts
from lti_tool.cases.rules import Section, Slot
from lti_tool.texts import Check, accept, answers_of, check_of, look_through, typed_in

BOXES: Mapping[Section, Mapping[str, str]] = MappingProxyType(
    {
        Section.STORY: {"title": "title", "text": Slot.PRESENTATION},
        Section.QUESTION: {"title": "question", "text": "options"},
        Section.ANSWER: {"text": Slot.EXPLANATION, "note": Slot.LEARNING},
        Section.CONSENT: {"note": "basis_note"},
    }
)


def section_of(field: str) -> Section:
    """In which part an author changes these words of the case."""
    return next(section for section, boxes in BOXES.items() if field in boxes.values())


def words_of(facts: CaseFacts) -> dict[str, str]:
    """All the words of a case that are checked, as its boxes show them."""
    words = {"title": facts.title, "question": facts.question, "options": "\n".join(facts.options)}
    words |= {str(slot): source for slot, source in facts.source.items()} | {"basis_note": facts.basis_note}
    return words | ({str(Slot.LEARNING): "\n".join(facts.points)} if facts.points else {})


def check_case(facts: CaseFacts) -> Check:
    """What may name a patient in all the words of a case, for its author and its reviewers."""
    words = words_of(facts)
    return check_of(words, look_through(words, facts.kept))


def check_form(given: Mapping[str, str]) -> Check:
    """What may name a patient in a form of a case."""
    words = typed_in(given)
    return check_of(words, look_through(words, answers_of(given.get("kept", ""))))


def accepted(given: Mapping[str, str], key: str) -> dict[str, str]:
    """The form with the suggestion of one finding, or of all, in place of the words."""
    words = typed_in(given)
    return dict(given) | accept(words, look_through(words, answers_of(given.get("kept", ""))), key)


def kept_in_form(kept: Mapping[str, str], section: Section) -> str:
    """What was said to findings of this part, as its form carries it."""
    names = {field: box for box, field in BOXES[section].items()}
    own = ((key.partition("-"), reason) for key, reason in kept.items())
    return " ".join(f"{names[name]}-{rest}:{reason}" for (name, _dash, rest), reason in own if name in names)


def kept_in_case(check: Check, section: Section) -> dict[str, str]:
    """What a form's author says to what stands in it, by the case's own names: what is gone needs no answer."""
    said = ((each.key.partition("-"), each.reason) for each in check.found if each.reason)
    return {f"{BOXES[section][box]}-{rest}": reason for (box, _dash, rest), reason in said}
