"""What may name a patient: a check of what people write, before anybody else reads it. Pure Python, no network.

`scan` finds identifiers and says of each how serious it is, what it is, and what could stand in its place. Its parts:
`own.py` says which words a trust adds; `normal.py` reads disguised characters and keeps every position; `stops.py`
finds what is never sent (level A), `cautions.py` what is better said otherwise (B), `jigsaw.py` what counts only
together (C), `direct_care.py` what belongs into the clinical system; `safe.py` names what only looks like an
identifier; `words.py` lists names, places and the capitalised words of medicine. Not here: what a room does with a
finding.
"""

from lti_tool.confidentiality.own import SHORTEST_NAME, is_shape, pattern_of, using_words
from lti_tool.confidentiality.rules import NOTHING_OF_ITS_OWN, Finding, Level, TrustWords
from lti_tool.confidentiality.stops import label_start
from lti_tool.confidentiality.text import jigsaw_score, needs_second_reviewer, scan

__all__ = [
    "NOTHING_OF_ITS_OWN",
    "SHORTEST_NAME",
    "Finding",
    "Level",
    "TrustWords",
    "is_shape",
    "jigsaw_score",
    "label_start",
    "needs_second_reviewer",
    "pattern_of",
    "scan",
    "using_words",
]
