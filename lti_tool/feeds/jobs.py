"""What the worker does for feeds: render a session when it has changed, and make up what nobody rendered."""

from datetime import datetime

from sqlalchemy.orm import Session

from lti_tool.feeds.actions import keep_block
from lti_tool.feeds.queries import unrendered_sessions
from lti_tool.journal import Job, JournalLine, Listener
from lti_tool.people import each_trust
from lti_tool.programme import session_facts

CHANGES = ("session.added", "session.changed", "session.cancelled", "session.restored")


def render_session(db: Session, line: JournalLine) -> None:
    """Store the session's block as it is now. Of a deleted one nothing is asked any more."""
    facts = session_facts(db, line.subject.removeprefix("session:"))
    if facts is not None:
        keep_block(db, facts)


def render_missing(db: Session, _slot: datetime) -> None:
    """Render sessions that have no block, because they came before there were any."""
    for trust_id in each_trust(db):
        for facts in unrendered_sessions(db, trust_id):
            keep_block(db, facts)


_RENDER = Job("render_session", render_session)
listeners = tuple(Listener(verb, _RENDER) for verb in CHANGES)
jobs = (Job("render_missing", render_missing),)
