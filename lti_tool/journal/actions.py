"""Writing down what happened."""

from typing import Any

from sqlalchemy.orm import Session

from lti_tool.core import clock
from lti_tool.core.db import after_commit
from lti_tool.core.ids import new_public_id
from lti_tool.journal.models import Delivery, JournalLine


def record(
    db: Session, *, trust_id: int | None, actor: str, verb: str, subject: str, details: dict[str, Any] | None = None
) -> JournalLine:
    """Write a line and the deliveries that listen for its verb, in the caller's transaction.

    `actor` is a public id, an alias or "system"; `subject` reads `kind:public id`. Nothing that a person typed belongs
    into `details`. After the commit the worker is nudged, so that deliveries need not wait for the next sweep.
    """
    now = clock.now()
    line = JournalLine(trust_id=trust_id, at=now, actor=actor, verb=verb, subject=subject, details=details or {})
    db.add(line)
    db.flush()
    deliveries = [
        Delivery(
            public_id=new_public_id(), line_id=line.id, job=listener.job.name, due_at=now + listener.after, attempts=0
        )
        for listener in db.info.get("listeners", {}).get(verb, ())
    ]
    if deliveries:
        db.add_all(deliveries)
        db.flush()
        due = [(delivery.id, delivery.due_at) for delivery in deliveries]
        if nudge := db.info.get("nudge"):
            after_commit(db, lambda: nudge(due))
    return line
