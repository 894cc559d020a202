"""Inboxes: everybody chooses how they are told, and nobody chooses for another person."""

from lti_tool.access.courses import EVERYBODY, RUNS_EDUCATION
from lti_tool.access.predicates import Policy

POLICY: Policy = {
    "preferences.change": ((EVERYBODY,), (RUNS_EDUCATION,)),
}
