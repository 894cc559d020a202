"""Teaching: everybody of a course reads its programme; those who set the course up plan it."""

from lti_tool.access.courses import EVERYBODY, RUNS_EDUCATION, SETS_UP
from lti_tool.access.predicates import Policy, is_open

POLICY: Policy = {
    "session.read": ((EVERYBODY,), (RUNS_EDUCATION,)),
    "session.plan": ((SETS_UP,), (RUNS_EDUCATION,)),
    "session.delete": ((SETS_UP, is_open), (RUNS_EDUCATION, is_open)),
}
