"""Everything that people write: source → clean → revision, and drafts.

A Text has numbered revisions. `published` points at the one that everybody reads and `offered` at the one that waits
for a decision, so an edit waits while the approved version stands. Rendering, cleaning and the check for what may name
a patient happen once, in `prepare`, before any lock is taken; `findings.py` is what becomes of that check on pages and
in a revision, pure and used by several rooms. `purging.py` overwrites what names a patient, and proves it by hashes.
Not here: who wrote a text and who may read it (the room whose text it is knows), and what is refused or held because of
a finding.
"""

from lti_tool.texts.actions import drop_draft, keep_draft, publish, rescue, revise, set_aside, write
from lti_tool.texts.findings import Check, FieldFinding, accept, check_of, from_rows, look_through
from lti_tool.texts.forms import Prepared, elsewhere, name_nobody, prepare
from lti_tool.texts.models import Draft, Revision, Text
from lti_tool.texts.purging import drop_drafts_with, is_overwritten, lines_of, overwrite
from lti_tool.texts.queries import DraftLine, all_drafts, find_draft, get_revision
from lti_tool.texts.rules import ASKED, CARE, CONTACTS, SOURCE_LENGTH, TITLE_LENGTH, draft_place
from lti_tool.texts.views import blueprint

__all__ = [
    "ASKED",
    "CARE",
    "CONTACTS",
    "SOURCE_LENGTH",
    "TITLE_LENGTH",
    "Check",
    "Draft",
    "DraftLine",
    "FieldFinding",
    "Prepared",
    "Revision",
    "Text",
    "accept",
    "all_drafts",
    "blueprint",
    "check_of",
    "draft_place",
    "drop_draft",
    "drop_drafts_with",
    "elsewhere",
    "find_draft",
    "from_rows",
    "get_revision",
    "is_overwritten",
    "keep_draft",
    "lines_of",
    "look_through",
    "name_nobody",
    "overwrite",
    "prepare",
    "publish",
    "rescue",
    "revise",
    "set_aside",
    "write",
]
