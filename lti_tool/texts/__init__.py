"""Everything that people write: source → clean → revision, and drafts.

A Text has numbered revisions. `published` points at the one that everybody reads and `offered` at the one that waits
for a decision, so an edit waits while the approved version stands. Rendering, cleaning and the check for what may name
a patient happen once, in `prepare`, before any lock is taken; `findings.py` is what becomes of that check on pages and
in a revision, `answering.py` what an author says to it, `evidence.py` how strong an answer is: pure, and files of their
own because several rooms use them. `differences.py` compares two versions; `suggesting.py` keeps what a moderator
suggests instead. `own_words.py` keeps what a trust adds to the check: one small table with all that belongs to it.
`purging.py` overwrites what names a patient, and proves it by hashes. Not here: who wrote a text and who may read it
(the room whose text it is knows), and what is refused or held because of a finding.
"""

from lti_tool.texts.actions import (
    drop_draft,
    erase_files_of,
    keep_draft,
    publish,
    purge_revisions,
    rescue,
    revise,
    set_aside,
    write,
)
from lti_tool.texts.answering import answers_of, kept_of, problem_of, typed_in, wish_of
from lti_tool.texts.differences import differences
from lti_tool.texts.evidence import (
    REFERENCES_AT_MOST,
    Evidence,
    EvidenceLevel,
    Reference,
    evidence_from_row,
    level_names,
    read_evidence,
)
from lti_tool.texts.findings import (
    Check,
    FieldFinding,
    accept,
    beside_own_names,
    check_of,
    from_rows,
    look_through,
    own_names,
)
from lti_tool.texts.forms import Attachment, Prepared, name_nobody, prepare
from lti_tool.texts.models import Draft, Revision, Suggestion, Text
from lti_tool.texts.own_words import OwnWordsDraft, keep_own_words, own_words_draft, trust_words
from lti_tool.texts.purging import drop_drafts_with, is_overwritten, lines_of, overwrite
from lti_tool.texts.queries import (
    DRAFT_AS_WORDS,
    IS_DRAFT,
    DraftLine,
    Version,
    all_drafts,
    files_by_version,
    find_draft,
    get_revision,
    has_files,
    versions_of,
    with_rest_of,
)
from lti_tool.texts.rules import ASKED, CARE, CONTACTS, SOURCE_LENGTH, TITLE_LENGTH, draft_place
from lti_tool.texts.rules import kinds as finding_kinds
from lti_tool.texts.suggesting import (
    Change,
    changes_between,
    changes_of,
    drop_suggestion,
    find_suggestion,
    redacted,
    suggest,
)
from lti_tool.texts.views import blueprint

__all__ = [
    "ASKED",
    "CARE",
    "CONTACTS",
    "DRAFT_AS_WORDS",
    "IS_DRAFT",
    "REFERENCES_AT_MOST",
    "SOURCE_LENGTH",
    "TITLE_LENGTH",
    "Attachment",
    "Change",
    "Check",
    "Draft",
    "DraftLine",
    "Evidence",
    "EvidenceLevel",
    "FieldFinding",
    "OwnWordsDraft",
    "Prepared",
    "Reference",
    "Revision",
    "Suggestion",
    "Text",
    "Version",
    "accept",
    "all_drafts",
    "answers_of",
    "beside_own_names",
    "blueprint",
    "changes_between",
    "changes_of",
    "check_of",
    "differences",
    "draft_place",
    "drop_draft",
    "drop_drafts_with",
    "drop_suggestion",
    "elsewhere",
    "erase_files_of",
    "evidence_from_row",
    "files_by_version",
    "find_draft",
    "find_suggestion",
    "finding_kinds",
    "from_rows",
    "get_revision",
    "has_files",
    "is_overwritten",
    "keep_draft",
    "keep_own_words",
    "kept_of",
    "level_names",
    "lines_of",
    "look_through",
    "name_nobody",
    "overwrite",
    "own_names",
    "own_words_draft",
    "prepare",
    "problem_of",
    "publish",
    "purge_revisions",
    "read_evidence",
    "redacted",
    "rescue",
    "revise",
    "set_aside",
    "suggest",
    "trust_words",
    "typed_in",
    "versions_of",
    "wish_of",
    "with_rest_of",
    "write",
]
