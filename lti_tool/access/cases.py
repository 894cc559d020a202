"""Cases: who writes, reviews, answers, widens and takes down. A tutor never reviews their own case.

What is shared with the whole trust is answered by people of its other courses. Who reviews a course's cases reads the
answers there, so commits none.
"""

from lti_tool.access.actor import TEACHERS
from lti_tool.access.boards import EVERYBODY_WHERE_SHARED, IS_TRUSTED, WRITES
from lti_tool.access.courses import EVERYBODY, RUNS_EDUCATION
from lti_tool.access.predicates import Policy, in_state, is_mine, is_not_mine, lacks_role

NOT_REVIEWING = lacks_role(*TEACHERS)
WITH_ITS_AUTHOR = in_state("draft", "returned", "rejected")
SENT = in_state("pending", "published", "returned", "rejected")

POLICY: Policy = {
    "case.write": ((WRITES,),),
    "case.edit": ((is_mine, WRITES, WITH_ITS_AUTHOR),),
    "case.withdraw": ((is_mine, EVERYBODY, in_state("draft", "pending", "published", "returned", "rejected")),),
    "case.review": ((IS_TRUSTED, is_not_mine, in_state("pending")),),
    "case.answer": tuple(
        (who, NOT_REVIEWING, is_not_mine, in_state("published")) for who in (EVERYBODY, EVERYBODY_WHERE_SHARED)
    ),
    "case.widen": tuple((who, is_not_mine, in_state("published")) for who in (IS_TRUSTED, RUNS_EDUCATION)),
    "case.end_consent": tuple((who, SENT) for who in (IS_TRUSTED, RUNS_EDUCATION)),
}
