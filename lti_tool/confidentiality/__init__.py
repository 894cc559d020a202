"""What may name a patient: a check of what people write, before anybody else reads it. Pure Python, no network.

`scan` finds identifiers and says of each how serious it is, what it is, and what could stand in its place. Its parts:
`own.py` says which words a trust adds; `normal.py` reads disguised characters and keeps every position; `stops.py`
finds what is never sent (level A), `cautions.py` what is better said otherwise (B), `jigsaw.py` what counts only
together (C), `direct_care.py` what belongs into the clinical system; `safe.py` names what only looks like an
identifier; `words.py` lists names, places and the capitalised words of medicine. `uploads.py` makes of a file something
that may be kept; `images.py` is the program that it runs in a child process for a picture, and `chunks.py` reads the
result byte by byte. `self_naming.py` finds an author's own name, for boards on which nobody may know it: the one
finder that is not about patients. Not here: what a room does with a finding or a file.
"""

from lti_tool.confidentiality.own import SHORTEST_NAME, is_shape, pattern_of, using_words
from lti_tool.confidentiality.rules import NOTHING_OF_ITS_OWN, Finding, Level, TrustWords
from lti_tool.confidentiality.self_naming import OWN_NAME, find_own_name
from lti_tool.confidentiality.stops import label_start
from lti_tool.confidentiality.text import jigsaw_score, needs_second_reviewer, scan
from lti_tool.confidentiality.uploads import MOST_PICTURE_BYTES, Cleaned, Unfit, clean_upload

__all__ = [
    "MOST_PICTURE_BYTES",
    "NOTHING_OF_ITS_OWN",
    "OWN_NAME",
    "SHORTEST_NAME",
    "Cleaned",
    "Finding",
    "Level",
    "TrustWords",
    "Unfit",
    "clean_upload",
    "find_own_name",
    "is_shape",
    "jigsaw_score",
    "label_start",
    "needs_second_reviewer",
    "pattern_of",
    "scan",
    "using_words",
]
