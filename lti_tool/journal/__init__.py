"""What happened: the audit line, the deliveries it causes, and the schedule.

`record` writes a line and its deliveries in the caller's transaction, so nothing happens without a trace and nothing is
announced that did not happen (transactional outbox). The worker (`worker.py`, the one home of huey) runs deliveries by
id, seals lines into a hash chain every few seconds, and starts what `config/schedule.toml` names. Lines are never
changed. Not here: what a delivery does (the room that listens exports its jobs), and who may read the journal.
"""

from lti_tool.journal.actions import recall, record, retry_given_up
from lti_tool.journal.jobs import deliver, seal_all
from lti_tool.journal.models import Delivery, JournalLine
from lti_tool.journal.queries import (
    Undone,
    chain_head,
    count_unsealed,
    due_deliveries,
    latest_runs,
    undone_deliveries,
    verify,
)
from lti_tool.journal.rules import Job, Listener, Reach, Verdict
from lti_tool.journal.worker import make_nudge, run_worker

__all__ = [
    "Delivery",
    "Job",
    "JournalLine",
    "Listener",
    "Reach",
    "Undone",
    "Verdict",
    "chain_head",
    "count_unsealed",
    "deliver",
    "due_deliveries",
    "latest_runs",
    "make_nudge",
    "recall",
    "record",
    "retry_given_up",
    "run_worker",
    "seal_all",
    "undone_deliveries",
    "verify",
]
