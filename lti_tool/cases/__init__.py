"""Cases that people learn from: commit an answer, then see what happened.

A case is a cover sheet upon a thread of `boards`, with one text a slot (presentation, explanation, learning points).
It goes draft → in review → published, returned or rejected. A reviewer's ticks close the thread's holds, the last one
publishes; a committed answer opens the thread's gate for its reader. Before that nothing of how the case ends leaves
the database (`queries.py`). Its author's consent, once withdrawn, opens a hold again and takes the case down for good.
A published case is not edited: its author withdraws it and begins another.

Files beside the usual ones: `checking.py` (the identifier check of a case, between its texts and its forms), `lists.py`
(cases as lists show them; with `queries.py` too long to know), `reviewing.py` (what reviewers decide, apart from what
authors and readers do), `writing.py` (the pages of an author).
Not here: the discussion beneath a case and reports of it (`boards`, `moderation`).
"""

from lti_tool.cases.actions import (
    begin_case,
    commit_answer,
    save_answer,
    save_consent,
    save_question,
    save_story,
    send_case,
    withdraw_case,
)
from lti_tool.cases.forms import (
    answer_draft,
    capture_draft,
    commit_draft,
    consent_draft,
    question_draft,
    review_draft,
    story_draft,
)
from lti_tool.cases.lists import (
    CaseLine,
    decisions_on_cases,
    my_unfinished,
    newest_case,
    waiting_cases,
    waiting_cases_count,
)
from lti_tool.cases.models import Case
from lti_tool.cases.queries import CaseFacts, CaseStory, get_case, landmark_of, stands, story_of_case, visible_cases
from lti_tool.cases.reviewing import end_consent, review_case, widen_case
from lti_tool.cases.rules import CaseState, past_of_case, specialities
from lti_tool.cases.views import bar
from lti_tool.cases.writing import blueprint

landmarks = (landmark_of,)

__all__ = [
    "Case",
    "CaseFacts",
    "CaseLine",
    "CaseState",
    "CaseStory",
    "answer_draft",
    "bar",
    "begin_case",
    "blueprint",
    "capture_draft",
    "commit_answer",
    "commit_draft",
    "consent_draft",
    "decisions_on_cases",
    "end_consent",
    "get_case",
    "landmarks",
    "my_unfinished",
    "newest_case",
    "past_of_case",
    "question_draft",
    "review_case",
    "review_draft",
    "save_answer",
    "save_consent",
    "save_question",
    "save_story",
    "send_case",
    "specialities",
    "stands",
    "story_draft",
    "story_of_case",
    "visible_cases",
    "waiting_cases",
    "waiting_cases_count",
    "widen_case",
    "withdraw_case",
]
