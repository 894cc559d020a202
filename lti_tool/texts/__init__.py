"""Everything that people write: source → clean → revision, and drafts.

A Text has numbered revisions. `published` points at the one that everybody reads and `offered` at the one that waits
for a decision, so an edit waits while the approved version stands. Rendering and cleaning happen once, in `prepare`,
before any lock is taken. Not here: who wrote a text and who may read it (the room whose text it is knows).
"""

from lti_tool.texts.actions import drop_draft, keep_draft, publish, rescue, revise, set_aside, write
from lti_tool.texts.forms import Prepared, prepare
from lti_tool.texts.models import Draft, Revision, Text
from lti_tool.texts.queries import DraftLine, all_drafts, find_draft, get_revision
from lti_tool.texts.rules import SOURCE_LENGTH, TITLE_LENGTH, draft_place
from lti_tool.texts.views import blueprint

__all__ = [
    "SOURCE_LENGTH",
    "TITLE_LENGTH",
    "Draft",
    "DraftLine",
    "Prepared",
    "Revision",
    "Text",
    "all_drafts",
    "blueprint",
    "draft_place",
    "drop_draft",
    "find_draft",
    "get_revision",
    "keep_draft",
    "prepare",
    "publish",
    "rescue",
    "revise",
    "set_aside",
    "write",
]
