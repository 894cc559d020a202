"""The one who acts: a person with roles in courses and duties in the trust, read afresh for each request."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """What a person is in one course. Launches and rosters give it (LTI Core §A.2.2 mapped by `launch`)."""

    TUTOR = "tutor"
    ASSISTANT = "assistant"
    DESIGNER = "designer"
    ADMINISTRATOR = "administrator"
    MENTOR = "mentor"
    LEARNER = "learner"
    READER = "reader"


class Duty(StrEnum):
    """What a person is appointed to in the trust, by name and with dates (`lti-tool appoint`)."""

    EDUCATION_ADMINISTRATOR = "education_administrator"
    VLE_ADMINISTRATOR = "vle_administrator"
    INFORMATION_GOVERNANCE = "information_governance"
    SAFEGUARDING = "safeguarding"


TEACHERS = (Role.TUTOR, Role.ASSISTANT)
"""Who decides on the posts and cases of a course."""


@dataclass(frozen=True, slots=True)
class Actor:
    """A person at work. `roles` maps course number → Role; `duties` hold in `trust_id` only."""

    person_id: int
    public_id: str
    trust_id: int
    name: str
    roles: Mapping[int, Role] = field(default_factory=dict)
    duties: frozenset[Duty] = frozenset()

    def role_in(self, course_id: int) -> Role | None:
        """The role in a course, or None for someone who does not belong to it."""
        return self.roles.get(course_id)

    @property
    def courses(self) -> list[int]:
        """The courses to which they belong."""
        return list(self.roles)

    def courses_as(self, *roles: Role) -> list[int]:
        """The courses in which the person has one of these roles, for a query that must not ask of each."""
        return [course for course, role in self.roles.items() if role in roles]

    @property
    def teaches_in(self) -> list[int]:
        """The courses in which they are a teacher."""
        return self.courses_as(*TEACHERS)

    @property
    def runs_education(self) -> bool:
        """Whether everything in the trust is theirs to see, whatever course it is in."""
        return Duty.EDUCATION_ADMINISTRATOR in self.duties
