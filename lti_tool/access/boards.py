"""Boards: reading, asking, replying, and what an author may do with their own posts.

What is shared with the whole trust is answered and reported by people of its other courses as well.
"""

from lti_tool.access.actor import Role
from lti_tool.access.courses import EVERYBODY, RUNS_EDUCATION, SETS_UP
from lti_tool.access.predicates import (
    Policy,
    has_role,
    has_role_where_shared,
    in_state,
    is_mine,
    is_not_cover,
    is_not_mine,
    is_open,
    is_unlocked,
)

WRITERS = (Role.LEARNER, Role.TUTOR, Role.ASSISTANT, Role.MENTOR)
WRITES, WRITES_WHERE_SHARED = has_role(*WRITERS), has_role_where_shared(*WRITERS)
EVERYBODY_WHERE_SHARED = has_role_where_shared(*Role)
TEACHES = has_role(Role.TUTOR)
IS_TRUSTED = has_role(Role.TUTOR, Role.ASSISTANT)
IS_OUT = in_state("published")
STANDS = in_state("pending", "published", "returned", "rejected")

POLICY: Policy = {
    "board.read": ((EVERYBODY,), (RUNS_EDUCATION,)),
    "board.manage": ((SETS_UP,), (RUNS_EDUCATION,)),
    "thread.start": ((WRITES, is_open),),
    "post.reply": tuple((who, is_open, is_unlocked, in_state("published")) for who in (WRITES, WRITES_WHERE_SHARED)),
    "poll.vote": tuple((who, is_open, is_unlocked, in_state("published")) for who in (WRITES, WRITES_WHERE_SHARED)),
    "post.edit": tuple((is_mine, is_not_cover, is_open, who, STANDS) for who in (WRITES, WRITES_WHERE_SHARED)),
    "post.withdraw": tuple((is_mine, is_not_cover, who, STANDS) for who in (EVERYBODY, EVERYBODY_WHERE_SHARED)),
    "post.versions": (
        *((is_mine, is_not_cover, who) for who in (EVERYBODY, EVERYBODY_WHERE_SHARED)),
        (IS_TRUSTED, is_not_cover, in_state("pending", "published", "hidden")),
    ),
    "post.report": tuple((who, is_not_mine, in_state("published")) for who in (EVERYBODY, EVERYBODY_WHERE_SHARED)),
    "board.mark": ((has_role(Role.TUTOR),),),
    "part.take": ((has_role(Role.LEARNER),),),
    "board.export": ((has_role(Role.TUTOR),),),
    "own.export": ((EVERYBODY,), (RUNS_EDUCATION,)),
    "answer.accept": ((WRITES, is_mine, IS_OUT), (TEACHES, IS_OUT)),  # asked of the question
    "answer.endorse": ((TEACHES, is_not_mine, IS_OUT),),
    "answer.supersede": ((WRITES, is_mine, IS_OUT), (TEACHES, IS_OUT)),
    "post.react": tuple(
        (who, is_not_mine, is_open, is_unlocked, in_state("published")) for who in (EVERYBODY, EVERYBODY_WHERE_SHARED)
    ),
    "thread.keep": ((EVERYBODY,), (EVERYBODY_WHERE_SHARED,)),
    "thread.tend": ((IS_TRUSTED,),),
    "post.skip_queue": ((IS_TRUSTED,),),
}
