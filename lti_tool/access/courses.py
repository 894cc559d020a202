"""Courses: who may come in, and who may set them up."""

from lti_tool.access.actor import Duty, Role
from lti_tool.access.predicates import Policy, has_duty, has_role

EVERYBODY = has_role(*Role)
SETS_UP = has_role(Role.TUTOR, Role.DESIGNER, Role.ADMINISTRATOR)
MARKS = has_role(Role.TUTOR)
RUNS_EDUCATION = has_duty(Duty.EDUCATION_ADMINISTRATOR)

POLICY: Policy = {
    "course.read": ((EVERYBODY,), (RUNS_EDUCATION,)),
    "course.place": ((SETS_UP,), (RUNS_EDUCATION,)),
    "course.connection": ((has_duty(Duty.VLE_ADMINISTRATOR),), (has_role(Role.ADMINISTRATOR),)),
    "words.keep": ((RUNS_EDUCATION,), (has_duty(Duty.VLE_ADMINISTRATOR),)),
    "course.roster": ((SETS_UP,), (RUNS_EDUCATION,)),
    "course.mark": ((MARKS,),),
}
