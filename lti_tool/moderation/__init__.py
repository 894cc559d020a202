"""Decisions: the queue, approve, return, reject, restore, remove; reports; the public log; and what goes beyond it.

Each decision writes one append-only Decision and one journal line. It moderates texts, not people: the author is told
why and fixes the post in place. Not here: the life of a post (`boards` is the one writer of its state).

Beyond the queue, a module a subject, because each has few readers and rules of its own: `flags.py` (reports and what
they weigh), `safety.py` (somebody may be at risk), `correcting.py`, `pausing.py`, `appeals.py`, `openings.py` (who
wrote a sealed post), `purging.py` (erasing for good). `handling.py` is the post that they have in hand and `places.py`
where it stands; `safety_queries.py`, `appeal_queries.py` and `opening_queries.py` read, `duty_models.py`,
`duty_rules.py`, `duty_forms.py` and `duty_jobs.py` are this furniture once more for what those of a duty do, and
`duty_views.py` and `safety_views.py` add its pages to the room's one blueprint.

A room that keeps words of posts elsewhere (an index, files) exports `purgers`: functions `(db, Purging) -> Mapping`
that overwrite them in the same transaction, and return counts or hashes for the journal.
"""

from lti_tool.moderation import duty_views, safety_views  # noqa: F401 - they add their pages to the blueprint
from lti_tool.moderation.actions import decide, remove
from lti_tool.moderation.duty_jobs import jobs, listeners
from lti_tool.moderation.flags import report_post
from lti_tool.moderation.forms import DecisionDraft, ReportDraft
from lti_tool.moderation.models import Decision, Report
from lti_tool.moderation.purging import Purger, Purging
from lti_tool.moderation.queries import median_minutes
from lti_tool.moderation.rules import REASONS, Verb
from lti_tool.moderation.views import bar, blueprint

__all__ = [
    "REASONS",
    "Decision",
    "DecisionDraft",
    "Purger",
    "Purging",
    "Report",
    "ReportDraft",
    "Verb",
    "bar",
    "blueprint",
    "decide",
    "jobs",
    "listeners",
    "median_minutes",
    "remove",
    "report_post",
]
