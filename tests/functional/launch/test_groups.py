"""The VLE's groups: a launch may say to which of them its person belongs, and they become cohorts."""

from typing import Any

from sqlalchemy import select

from lti_tool.people import Cohort, CohortMember, Person
from tests.factories.platform import LTI
from tests.factories.vle import Vle


def groups_of(vle: Vle, subject: str, groups: Any) -> set[str]:
    """In which of the VLE's groups this person is after a launch that says so."""
    parameters = {} if groups is None else {"groups": groups}
    vle.launch(vle.browser(), **{LTI + "custom": parameters, "sub": subject, "name": subject})
    with vle.inside().reading() as db:
        found = select(Cohort.vle_id).join(CohortMember).join(Person).where(Person.name == subject)
        return set(db.scalars(found))


def test_each_launch_says_anew(vle: Vle) -> None:
    assert groups_of(vle, "Sam", "12,15") == {"12", "15"}
    assert groups_of(vle, "Priya", "15") == {"15"}
    assert groups_of(vle, "Sam", "15, 15") == {"15"}
    assert groups_of(vle, "Sam", None) == {"15"}, "a launch that does not speak of groups changes nothing"
    assert groups_of(vle, "Sam", "$Moodle.Person.userGroupIds") == {"15"}, "nor does one whose VLE does not know them"
    assert groups_of(vle, "Sam", "") == set()
    with vle.inside().reading() as db:
        assert db.execute(select(Cohort.vle_id, Cohort.name).order_by(Cohort.vle_id)).all() == [("12", ""), ("15", "")]


def test_what_is_no_number_of_a_group_is_left_out(vle: Vle) -> None:
    assert groups_of(vle, "Sam", f"<script>,{'x' * 61},,A-1") == {"A-1"}
    assert len(groups_of(vle, "Sam", ",".join(str(number) for number in range(500)))) == 30
