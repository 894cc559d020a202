"""Boards: reading, asking, replying, and what an author may do with their own posts.

What is shared with the whole trust is answered and reported by people of its other courses as well. On a board that
other courses have joined their people write as if they were here; only the owning course's tutors decide.
"""

from lti_tool.access.actor import TEACHERS, Role
from lti_tool.access.courses import EVERYBODY, RUNS_EDUCATION, SETS_UP
from lti_tool.access.predicates import (
    Policy,
    allows_private,
    has_role,
    has_role_where_joined,
    has_role_where_shared,
    in_state,
    is_asked_public,
    is_mine,
    is_not_cover,
    is_not_mine,
    is_not_paused,
    is_open,
    is_private,
    is_unlocked,
)

WRITERS = (Role.LEARNER, Role.TUTOR, Role.ASSISTANT, Role.MENTOR)
WRITES, WRITES_WHERE_SHARED = has_role(*WRITERS), has_role_where_shared(*WRITERS)
EVERYBODY_WHERE_SHARED = has_role_where_shared(*Role)
TEACHES = has_role(Role.TUTOR)
WRITES_WHERE_JOINED, EVERYBODY_WHERE_JOINED = has_role_where_joined(*WRITERS), has_role_where_joined(*Role)
ALL_WHO_WRITE = (WRITES, WRITES_WHERE_SHARED, WRITES_WHERE_JOINED)
ALL_WHO_READ = (EVERYBODY, EVERYBODY_WHERE_SHARED, EVERYBODY_WHERE_JOINED)
IS_TRUSTED = has_role(*TEACHERS)
IS_OUT = in_state("published")
STANDS = in_state("pending", "published", "returned", "rejected")

POLICY: Policy = {
    "board.read": ((EVERYBODY,), (EVERYBODY_WHERE_JOINED,), (RUNS_EDUCATION,)),
    "board.manage": ((SETS_UP,), (RUNS_EDUCATION,)),
    "poll.vote": tuple((who, is_open, is_unlocked, in_state("published")) for who in ALL_WHO_WRITE),
    "post.versions": (
        *((is_mine, is_not_cover, who) for who in ALL_WHO_READ),
        (IS_TRUSTED, is_not_cover, in_state("pending", "published", "hidden")),
    ),
    "board.mark": ((has_role(Role.TUTOR),),),
    "part.take": ((has_role(Role.LEARNER),),),
    "board.export": ((has_role(Role.TUTOR),),),
    "own.export": ((EVERYBODY,), (RUNS_EDUCATION,)),
    "answer.accept": (*((who, is_mine, IS_OUT) for who in ALL_WHO_WRITE), (TEACHES, IS_OUT)),  # asked of the question
    "answer.endorse": ((TEACHES, is_not_mine, IS_OUT),),
    "answer.supersede": (*((who, is_mine, IS_OUT) for who in ALL_WHO_WRITE), (TEACHES, IS_OUT)),
    "post.react": tuple((who, is_not_mine, is_open, is_unlocked, in_state("published")) for who in ALL_WHO_READ),
    "thread.keep": tuple((who,) for who in ALL_WHO_READ),
    "thread.tend": ((IS_TRUSTED,),),
    "board.join": ((SETS_UP,), (RUNS_EDUCATION,)),
    "cohort.manage": ((SETS_UP,), (RUNS_EDUCATION,)),
    "thread.start": tuple((who, is_open, is_not_paused) for who in (WRITES, WRITES_WHERE_JOINED)),
    "thread.start_private": tuple(
        (who, is_open, is_not_paused, allows_private) for who in (WRITES, WRITES_WHERE_JOINED)
    ),
    "thread.ask_public": ((IS_TRUSTED, is_private, is_not_mine, in_state("published")),),
    "thread.make_public": tuple(
        (is_mine, is_private, is_asked_public, who) for who in (EVERYBODY, EVERYBODY_WHERE_JOINED)
    ),
    "post.reply": tuple((who, is_open, is_not_paused, is_unlocked, in_state("published")) for who in ALL_WHO_WRITE),
    "post.edit": tuple((is_mine, is_not_cover, is_open, is_not_paused, who, STANDS) for who in ALL_WHO_WRITE),
    "post.withdraw": tuple((is_mine, is_not_cover, who, STANDS) for who in ALL_WHO_READ),
    "post.report": tuple((who, is_not_mine, in_state("published")) for who in ALL_WHO_READ),
    "post.skip_queue": ((IS_TRUSTED,),),
    "post.keep": ((IS_TRUSTED, in_state("published")),),
}
