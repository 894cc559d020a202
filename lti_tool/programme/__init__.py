"""The teaching programme: sessions of a course, planned, moved, cancelled; and where to find them.

Times are entered and shown in London time and stored in UTC. How pages arrange them is `weeks.py`, beside `rules.py`,
because together they were too long to know. Not here: calendar feeds (`feeds`); inboxes (`notifications` listens to the
journal).
"""

from lti_tool.programme.actions import (
    add_session,
    cancel_session,
    change_session,
    delete_session,
    restore_session,
)
from lti_tool.programme.models import Programme, TeachingSession
from lti_tool.programme.queries import (
    Clash,
    SessionLine,
    clashes,
    find_session,
    get_session,
    grade_for,
    next_session,
    session_facts,
    sessions_between,
    sessions_named,
    visible_sessions,
)
from lti_tool.programme.rules import SessionDraft, SessionState, is_for, london_moment
from lti_tool.programme.views import bar, blueprint, landmarks

__all__ = [
    "Clash",
    "Programme",
    "SessionDraft",
    "SessionLine",
    "SessionState",
    "TeachingSession",
    "add_session",
    "bar",
    "blueprint",
    "cancel_session",
    "change_session",
    "clashes",
    "delete_session",
    "find_session",
    "get_session",
    "grade_for",
    "is_for",
    "landmarks",
    "london_moment",
    "next_session",
    "restore_session",
    "session_facts",
    "sessions_between",
    "sessions_named",
    "visible_sessions",
]
