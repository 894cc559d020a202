"""Decisions: the queue, approve, return, reject, restore, remove; reports; the public log.

Each decision writes one append-only Decision and one journal line. It moderates texts, not people: the author is told
why and fixes the post in place. Not here: the life of a post (`boards` is the one writer of its state).
"""

from lti_tool.moderation.actions import decide, remove, report_post
from lti_tool.moderation.forms import DecisionDraft, ReportDraft
from lti_tool.moderation.models import Decision, Report
from lti_tool.moderation.queries import median_minutes
from lti_tool.moderation.rules import REASONS, Verb
from lti_tool.moderation.views import bar, blueprint

__all__ = [
    "REASONS",
    "Decision",
    "DecisionDraft",
    "Report",
    "ReportDraft",
    "Verb",
    "bar",
    "blueprint",
    "decide",
    "median_minutes",
    "remove",
    "report_post",
]
