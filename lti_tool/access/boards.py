"""Boards: reading, asking, replying, and what an author may do with their own posts."""

from lti_tool.access.actor import Role
from lti_tool.access.courses import EVERYBODY, RUNS_EDUCATION, SETS_UP
from lti_tool.access.predicates import Policy, has_role, in_state, is_mine, is_not_mine, is_open

WRITES = has_role(Role.LEARNER, Role.TUTOR, Role.ASSISTANT, Role.MENTOR)
IS_TRUSTED = has_role(Role.TUTOR, Role.ASSISTANT)

POLICY: Policy = {
    "board.read": ((EVERYBODY,), (RUNS_EDUCATION,)),
    "board.manage": ((SETS_UP,), (RUNS_EDUCATION,)),
    "thread.start": ((WRITES, is_open),),
    "post.reply": ((WRITES, is_open, in_state("published")),),
    "post.edit": ((is_mine, is_open, WRITES, in_state("pending", "published", "returned", "rejected")),),
    "post.withdraw": ((is_mine, EVERYBODY, in_state("pending", "published", "returned", "rejected")),),
    "post.report": ((EVERYBODY, is_not_mine, in_state("published")),),
    "post.skip_queue": ((IS_TRUSTED,),),
}
