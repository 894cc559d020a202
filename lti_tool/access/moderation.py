"""Moderation: tutors and assistants decide in their own courses, never on their own posts."""

from lti_tool.access.boards import IS_TRUSTED
from lti_tool.access.courses import EVERYBODY, RUNS_EDUCATION
from lti_tool.access.predicates import Policy, in_state, is_not_mine, waits

POLICY: Policy = {
    "queue.read": ((IS_TRUSTED,),),
    "post.decide": ((IS_TRUSTED, is_not_mine, waits),),
    "post.remove": ((IS_TRUSTED, is_not_mine, in_state("published", "hidden")),),
    "post.undo": ((IS_TRUSTED, is_not_mine),),
    "post.reverse": ((IS_TRUSTED, is_not_mine, in_state("published", "returned", "rejected", "removed")),),
    "figures.read": ((IS_TRUSTED,), (RUNS_EDUCATION,)),
    "figures.trust": ((RUNS_EDUCATION,),),
    "log.read": ((EVERYBODY,), (RUNS_EDUCATION,)),
}
