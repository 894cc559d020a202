"""Decisions: the queue, approve, return, reject, restore, remove; reports; the public log.

One list holds what waits, whatever room it comes from (`queue.py`); who opens an item has it for a quarter of an hour,
may hand it to a colleague, or is away (`claims.py`). Several posts are decided on at once, what was decided is undone
within ten seconds or taken back later (`undoing.py`); a moderator's own words are suggested or published
(`redacting.py`); `figures.py` counts. `desk.py` has the pages of all that, which `views.py` had no room for.

Each decision writes one append-only Decision and one journal line. It moderates texts, not people: the author is told
why and fixes the post in place. Not here: the life of a post (`boards` is the one writer of its state).
"""

from lti_tool.moderation import desk
from lti_tool.moderation.actions import decide, remove, report_post
from lti_tool.moderation.forms import DecisionDraft, ReportDraft
from lti_tool.moderation.jobs import jobs
from lti_tool.moderation.models import Decision, Report
from lti_tool.moderation.queries import median_minutes, who_is_told_late
from lti_tool.moderation.rules import REASONS, UNDO_FOR, Verb
from lti_tool.moderation.views import bar, blueprint

__all__ = [
    "REASONS",
    "UNDO_FOR",
    "Decision",
    "DecisionDraft",
    "Report",
    "ReportDraft",
    "Verb",
    "bar",
    "blueprint",
    "decide",
    "desk",
    "jobs",
    "median_minutes",
    "remove",
    "report_post",
    "who_is_told_late",
]
