"""Decisions: the queue, approve, return, reject, restore, remove; reports; the public log; and what goes beyond it.

One list holds what waits, whatever room it comes from (`queue.py`); who opens an item has it for a quarter of an hour,
may hand it to a colleague, or is away (`claims.py`). Several posts are decided on at once, what was decided is undone
within ten seconds or taken back later (`undoing.py`); a moderator's own words are suggested or published
(`redacting.py`); `figures.py` counts. `desk.py` has the pages of all that, which `views.py` had no room for.

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

from lti_tool.moderation import desk, duty_jobs, duty_views, safety_views  # noqa: F401 - their pages join the blueprint
from lti_tool.moderation.actions import decide, remove
from lti_tool.moderation.duty_jobs import listeners
from lti_tool.moderation.flags import report_post
from lti_tool.moderation.forms import DecisionDraft, ReportDraft
from lti_tool.moderation.jobs import jobs as jobs_of_queue
from lti_tool.moderation.models import Decision, Report
from lti_tool.moderation.purging import Purger, Purging
from lti_tool.moderation.queries import median_minutes, who_is_told_late
from lti_tool.moderation.rules import REASONS, UNDO_FOR, QueueKind, Verb
from lti_tool.moderation.views import bar, blueprint

jobs = (*jobs_of_queue, *duty_jobs.jobs)

__all__ = [
    "REASONS",
    "UNDO_FOR",
    "Decision",
    "DecisionDraft",
    "Purger",
    "Purging",
    "QueueKind",
    "Report",
    "ReportDraft",
    "Verb",
    "bar",
    "blueprint",
    "decide",
    "desk",
    "jobs",
    "listeners",
    "median_minutes",
    "remove",
    "report_post",
    "who_is_told_late",
]
