"""Calendar feeds: everybody has their own, and nobody touches another person's."""

from lti_tool.access.courses import EVERYBODY, RUNS_EDUCATION
from lti_tool.access.predicates import Policy, is_mine

POLICY: Policy = {
    "feed.make": ((EVERYBODY,), (RUNS_EDUCATION,)),
    "feed.change": ((is_mine, EVERYBODY), (is_mine, RUNS_EDUCATION)),
}
