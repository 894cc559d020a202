"""Roles as pairs of scope and type, read from every way in which platforms write them."""

import pytest

from lti_tool.access import Role
from lti_tool.launch.rules import LOWEST_FIRST, PlatformRole, Scope, enrolment_role, read_role
from tests.factories.platform import INSTITUTION, MEMBERSHIP, SYSTEM

SUB = "http://purl.imsglobal.org/vocab/lis/v2/membership/"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (MEMBERSHIP + "Instructor", PlatformRole(Scope.COURSE, "Instructor")),
        (SUB + "Instructor#GuestInstructor", PlatformRole(Scope.COURSE, "Instructor", "GuestInstructor")),
        (INSTITUTION + "Administrator", PlatformRole(Scope.INSTITUTION, "Administrator")),
        (SYSTEM + "SysAdmin", PlatformRole(Scope.SYSTEM, "SysAdmin")),
        ("Learner", PlatformRole(Scope.COURSE, "Learner")),
        ("urn:lti:role:ims/lis/Instructor", PlatformRole(Scope.COURSE, "Instructor")),
        (
            "urn:lti:role:ims/lis/Instructor/TeachingAssistant",
            PlatformRole(Scope.COURSE, "Instructor", "TeachingAssistant"),
        ),
        ("urn:lti:sysrole:ims/lis/Administrator", PlatformRole(Scope.SYSTEM, "Administrator")),
        ("urn:lti:instrole:ims/lis/Administrator", PlatformRole(Scope.INSTITUTION, "Administrator")),
        ("", None),
        ("http://evil.example/vocab/lis/v2/membership#Instructor", None),
        (MEMBERSHIP + "Instructor ", None),
        (MEMBERSHIP + "Instructor\n", None),
        (MEMBERSHIP + "Instructor#Administrator", None),
    ],
)
def test_read(written: str, meant: PlatformRole | None) -> None:
    assert read_role(written) == meant


@pytest.mark.parametrize(
    ("written", "ours"),
    [
        ([], Role.READER),
        (["Instructor", "Learner"], Role.TUTOR),
        (["Learner", "Mentor"], Role.LEARNER),
        ([SUB + "Instructor#TeachingAssistantSection"], Role.ASSISTANT),
        ([MEMBERSHIP + "Instructor", SUB + "Instructor#TeachingAssistant"], Role.ASSISTANT),
        ([MEMBERSHIP + "Instructor", SUB + "Instructor#TeachingAssistant", SUB + "Instructor#Lecturer"], Role.TUTOR),
        ([SUB + "Learner#Instructor"], Role.LEARNER),
        ([INSTITUTION + "Instructor"], Role.READER),
        ([INSTITUTION + "Faculty", "Learner"], Role.LEARNER),
        ([MEMBERSHIP + "Manager"], Role.READER),
        (["instructor"], Role.READER),
        (["Admin\u0131strator"], Role.READER),
    ],
)
def test_ours(written: list[str], ours: Role) -> None:
    assert enrolment_role(written, {}) is ours


def test_a_platforms_own_table_has_the_last_word_on_a_role() -> None:
    table = {MEMBERSHIP + "Manager": Role.TUTOR, MEMBERSHIP + "Instructor": Role.LEARNER}
    assert enrolment_role([MEMBERSHIP + "Manager"], table) is Role.TUTOR
    assert enrolment_role([MEMBERSHIP + "Instructor"], table) is Role.LEARNER
    assert enrolment_role(["Instructor"], table) is Role.TUTOR


def test_every_role_of_ours_has_its_place() -> None:
    assert sorted(LOWEST_FIRST) == sorted(Role)
