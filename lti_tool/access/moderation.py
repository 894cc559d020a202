"""Moderation: tutors and assistants decide in their own courses, never on their own posts.

Beyond the queue: an appeal is answered by somebody else than who decided. Concerns for safety are read by those of one
duty, and no tutor. A sealed author is opened by two people of these duties, whom no role in a course replaces.
"""

from lti_tool.access.actor import Duty
from lti_tool.access.boards import EVERYBODY_WHERE_SHARED, IS_TRUSTED
from lti_tool.access.courses import EVERYBODY, RUNS_EDUCATION
from lti_tool.access.predicates import (
    Policy,
    has_duty,
    in_state,
    is_mine,
    is_not_cover,
    is_not_mine,
    is_not_own_decision,
    waits,
)

SAFEGUARDS = has_duty(Duty.SAFEGUARDING)
GOVERNS = has_duty(Duty.INFORMATION_GOVERNANCE)
REFUSED = in_state("returned", "rejected", "removed")

POLICY: Policy = {
    "queue.read": ((IS_TRUSTED,),),
    "post.decide": ((IS_TRUSTED, is_not_mine, waits),),
    "post.remove": ((IS_TRUSTED, is_not_mine, in_state("published", "hidden")),),
    "post.undo": ((IS_TRUSTED, is_not_mine),),
    "post.reverse": ((IS_TRUSTED, is_not_mine, in_state("published", "returned", "rejected", "removed")),),
    "figures.read": ((IS_TRUSTED,), (RUNS_EDUCATION,)),
    "figures.trust": ((RUNS_EDUCATION,),),
    "log.read": ((EVERYBODY,), (RUNS_EDUCATION,)),
    "post.handle": ((IS_TRUSTED,), (SAFEGUARDS,), (GOVERNS,)),
    "post.correct": ((IS_TRUSTED, in_state("published", "removed")),),
    "post.concern": tuple(
        (who, is_not_mine, in_state("pending", "published", "hidden")) for who in (EVERYBODY, EVERYBODY_WHERE_SHARED)
    ),
    "post.purge": ((IS_TRUSTED,), (GOVERNS,)),
    "post.appeal": tuple((is_mine, is_not_cover, REFUSED, who) for who in (EVERYBODY, EVERYBODY_WHERE_SHARED)),
    "appeal.decide": tuple((who, is_not_mine, is_not_own_decision) for who in (IS_TRUSTED, RUNS_EDUCATION)),
    "pause.begin": ((IS_TRUSTED, is_not_mine),),
    "pause.lift": ((IS_TRUSTED,), (RUNS_EDUCATION,)),
    "duties.read": ((SAFEGUARDS,), (GOVERNS,), (RUNS_EDUCATION,)),
    "concern.read": ((SAFEGUARDS,), (RUNS_EDUCATION,)),
    "numbers.change": ((RUNS_EDUCATION,),),
    "author.open": ((SAFEGUARDS,), (GOVERNS,)),
    "author.open_untold": ((SAFEGUARDS,),),
}
