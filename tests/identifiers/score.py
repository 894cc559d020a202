"""How well the identifier check finds what our corpus marks: `python -m tests.identifiers.score [--half test|dev]`.

Recall is by mark: a mark is found when findings of its level, or of a higher one, cover the better half of it.
Precision of level A is by finding: one that covers no mark is false. False alarms are counted in the clean sentences,
for every 1,000 words. `--show` lists what was missed; it is refused for the test half.
"""

import argparse
import sys
from collections import Counter
from dataclasses import dataclass, field

from lti_tool.confidentiality import Finding, scan
from tests.identifiers.corpus import Sentence, clean_sentences, families, is_for_test, sentences


@dataclass
class Score:
    """What was counted over one half of the corpus."""

    marks: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    stops: int = 0
    false_stops: int = 0
    clean_words: int = 0
    false_cautions: int = 0
    missed: list[str] = field(default_factory=list)

    def recall(self, level: str) -> float:
        """Of what is marked at a level, the share that was found."""
        return self.found[level] / self.marks[level]

    @property
    def precision(self) -> float:
        """Of the findings of level A, the share that is marked."""
        return 1 - self.false_stops / self.stops

    @property
    def alarms(self) -> float:
        """False cautions for every 1,000 clean words."""
        return 1000 * self.false_cautions / self.clean_words


def measure(half: str) -> Score:
    """The score over the development or the test half."""
    score, wants_test = Score(), half == "test"
    for sentence in sentences([family for family in families() if is_for_test(family) == wants_test]):
        _count_marks(score, sentence, scan(sentence.text))
    for text in clean_sentences():
        if is_for_test(text) == wants_test:
            _count_alarms(score, text, scan(text))
    return score


def _count_marks(score: Score, sentence: Sentence, findings: list[Finding]) -> None:
    for start, end, level, slot in sentence.marks:
        levels = {"A"} if level == "A" else {"A", "B"}
        covered = sum(
            max(0, min(end, finding.end) - max(start, finding.start)) for finding in findings if finding.level in levels
        )
        score.marks[level] += 1
        if 2 * covered > end - start:
            score.found[level] += 1
        else:
            score.missed.append(f"{slot}: {sentence.text}")
    for finding in findings:
        if finding.level == "A":
            score.stops += 1
            if not any(
                start < finding.end and finding.start < end for start, end, level, _ in sentence.marks if level == "A"
            ):
                score.false_stops += 1
                score.missed.append(f"false A {finding.kind} {finding.text!r}: {sentence.text}")


def _count_alarms(score: Score, text: str, findings: list[Finding]) -> None:
    score.clean_words += len(text.split())
    for finding in findings:
        if finding.level == "A":
            score.stops += 1
            score.false_stops += 1
        if finding.level in ("A", "B", "refuse"):
            score.false_cautions += 1
            score.missed.append(f"alarm {finding.level} {finding.kind} {finding.text!r}: {text}")


def main() -> None:
    """Print the score."""
    parser = argparse.ArgumentParser(description="Score the identifier check on our own corpus.")
    parser.add_argument("--half", choices=("test", "dev"), default="test")
    parser.add_argument("--show", action="store_true", help="list what went wrong (development half only)")
    asked = parser.parse_args()
    if asked.show and asked.half == "test":
        sys.exit("What is missed in the test half stays unseen: looking at it would make it a second development half.")
    score = measure(asked.half)
    print(f"{asked.half} half: {sum(score.marks.values())} marks, {score.clean_words} clean words")
    for level in ("A", "B"):
        print(f"level {level}: recall {score.recall(level):.3f} of {score.marks[level]}")
    print(f"level A: precision {score.precision:.3f}; false alarms: {score.alarms:.2f} in 1,000 words")
    if asked.show:
        print("\n".join(sorted(set(score.missed))))


if __name__ == "__main__":
    main()
