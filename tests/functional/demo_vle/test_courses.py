"""A teacher changes a course: edit mode, deleting, enrolments, grades, a copy."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from lti_tool.demo_platform import VleConfig, create_vle

from .administrator import Administrator
from .fake_tool import AGS, LTI, ROSTER_SCOPE, FakeTool
from .walk import SITE, TOOL, Walk, fields_of

ALEX, HELEN, RHYS, SAM, PRIYA, TOM, JON = 2, 3, 4, 6, 7, 8, 9
COURSE = 3
ASK_MEDICINE = 5
ADD = "Add an activity or resource<span"


@pytest.fixture
def rhys(own_vle: Flask) -> Walk:
    """A teacher of F1 Medicine."""
    walk = Walk(own_vle)
    walk.become(RHYS)
    return walk


@pytest.fixture
def served(administrator: Administrator, tool: FakeTool) -> Walk:
    """The demo's own tool with keys that can be fetched."""
    administrator.set_up("1", keyset_url=f"{tool.url}/lti/jwks.json")
    return administrator


def text(walk: Walk, path: str) -> str:
    return walk.get(path).get_data(as_text=True)


def bearer(walk: Walk, tool: FakeTool, *scopes: str) -> dict[str, str]:
    answer = walk.post("/mod/lti/token.php", tool.token_form("northmoorDemo01", " ".join(scopes)))
    return {"Authorization": f"Bearer {json.loads(answer.data)['access_token']}"}


def roster(walk: Walk, tool: FakeTool, course: int = COURSE) -> dict[str, list[str]]:
    address = f"/mod/lti/services.php/CourseSection/{course}/bindings/1/memberships"
    answer = walk.get(address, headers=bearer(walk, tool, ROSTER_SCOPE))
    return {member["user_id"]: member["roles"] for member in answer.json["members"]}


def test_edit_mode_is_a_switch_for_teachers(rhys: Walk, own_vle: Flask) -> None:
    assert 'role="switch" aria-checked="false"' in text(rhys, f"/course/view.php?id={COURSE}")
    assert ADD not in text(rhys, f"/course/view.php?id={COURSE}")
    on = rhys.submit(f"/editmode.php?id={COURSE}", {"setmode": "1"}, follow_redirects=True).get_data(as_text=True)
    assert 'role="switch" aria-checked="true"' in on
    assert on.count(ADD) == 4, "one for each section"
    off = rhys.submit(f"/editmode.php?id={COURSE}", {"setmode": "0"}, follow_redirects=True).get_data(as_text=True)
    assert ADD not in off
    student = Walk(own_vle)
    student.become(PRIYA)
    assert 'role="switch"' not in text(student, f"/course/view.php?id={COURSE}")
    assert student.submit(f"/editmode.php?id={COURSE}", {"setmode": "1"}).status_code == 403


def test_an_activity_is_deleted_after_a_question(rhys: Walk, own_vle: Flask) -> None:
    assert "Delete activity?" in text(rhys, f"/course/mod.php?delete={ASK_MEDICINE}")
    assert "column in the grade book" in text(rhys, f"/course/mod.php?delete={ASK_MEDICINE}")
    student = Walk(own_vle)
    student.become(PRIYA)
    assert student.submit(f"/course/mod.php?delete={ASK_MEDICINE}", {}).status_code == 403
    page = rhys.submit(f"/course/mod.php?delete={ASK_MEDICINE}", {}, follow_redirects=True).get_data(as_text=True)
    assert "“Ask medicine” was deleted." in page
    assert f"/mod/lti/view.php?id={ASK_MEDICINE}" not in page
    assert student.get(f"/mod/lti/view.php?id={ASK_MEDICINE}").status_code == 404
    assert "No column yet" in text(rhys, f"/grade/report/index.php?id={COURSE}")
    assert rhys.submit(f"/course/mod.php?delete={ASK_MEDICINE}", {}).status_code == 404
    assert "Open “Ask medicine”" not in page, "a step leaves with its activity"
    assert "Answer something with the guideline you would use." in page


def test_somebody_is_enrolled_suspended_and_taken_out(rhys: Walk, served: Walk, tool: FakeTool, own_vle: Flask) -> None:
    assert str(SAM) not in roster(served, tool)
    said = {"person": str(SAM), "role": "Learner"}
    page = rhys.submit(f"/enrol/manual/manage.php?id={COURSE}", said, follow_redirects=True).get_data(as_text=True)
    assert "Sam Okafor is enrolled as student." in page
    assert roster(served, tool)[str(SAM)] == ["Learner"]
    sam = Walk(own_vle)
    sam.become(SAM)
    assert sam.get(f"/course/view.php?id={COURSE}").status_code == 200
    edit = f"/enrol/editenrolment.php?id={COURSE}&user={SAM}"
    assert "selected>Student</option>" in text(rhys, edit)
    rhys.submit(edit, {"role": "Learner", "status": "suspended"})
    assert str(SAM) not in roster(served, tool), "the roster holds active enrolments only"
    assert sam.get(f"/course/view.php?id={COURSE}").status_code == 403
    assert "Suspended" in text(rhys, f"/user/index.php?id={COURSE}")
    colleague = Walk(own_vle)
    colleague.become(PRIYA)
    assert "Sam Okafor" not in text(colleague, f"/user/index.php?id={COURSE}")
    rhys.submit(edit, {"role": "Learner", "status": "active"})
    assert str(SAM) in roster(served, tool)
    gone = rhys.submit(f"/enrol/unenroluser.php?id={COURSE}&user={SAM}", {}, follow_redirects=True)
    assert "Sam Okafor is no longer enrolled." in gone.get_data(as_text=True)
    assert str(SAM) not in roster(served, tool)
    assert rhys.get(edit).status_code == 404


def test_a_non_editing_teacher_is_an_instructor_at_launch_and_a_learner_in_the_roster(
    rhys: Walk, served: Walk, tool: FakeTool, own_vle: Flask
) -> None:
    said = {"role": "NonEditingInstructor", "status": "active"}
    rhys.submit(f"/enrol/editenrolment.php?id={COURSE}&user={TOM}", said)
    tom = Walk(own_vle)
    tom.become(TOM)
    assert tom.launch(ASK_MEDICINE)[f"{LTI}roles"] == ["http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"]
    assert roster(served, tool)[str(TOM)] == ["Learner"]
    page = text(rhys, f"/user/index.php?id={COURSE}")
    assert "Learner in the roster, Instructor at launch" in page
    own = text(tom, f"/course/view.php?id={COURSE}")
    assert "<strong>non-editing teacher</strong>" in own
    assert 'role="switch"' not in own
    assert "Open “Ask medicine” and reply to somebody." in own, "what one can try stays"
    assert "Grader report" in text(tom, f"/grade/report/index.php?id={COURSE}")


def test_enrolments_are_a_teachers_business(rhys: Walk, own_vle: Flask) -> None:
    student = Walk(own_vle)
    student.become(PRIYA)
    for path in ("manual/manage.php", "editenrolment.php", "unenroluser.php"):
        said = {"person": str(SAM), "role": "Learner"}
        assert student.submit(f"/enrol/{path}?id={COURSE}&user={TOM}", said).status_code == 403
        assert rhys.post(f"/enrol/{path}?id={COURSE}&user={TOM}", said | {"sesskey": "no"}).status_code == 403
    assert rhys.submit(f"/enrol/unenroluser.php?id={COURSE}&user={RHYS}", {}).status_code == 403, "not oneself"
    assert rhys.submit(f"/enrol/unenroluser.php?id=2&user={TOM}&x=1", {}).status_code == 303, "his other course"
    for said in ({"person": "99", "role": "Learner"}, {"person": "x", "role": "Learner"}):
        assert rhys.submit(f"/enrol/manual/manage.php?id={COURSE}", said).status_code == 404
    bad_role = {"person": str(SAM), "role": "Emperor"}
    assert rhys.submit(f"/enrol/manual/manage.php?id={COURSE}", bad_role).status_code == 400


def give(walk: Walk, tool: FakeTool, person: int, **changed: Any) -> int:
    """Send a score to the column of "Ask medicine"; the status of the answer."""
    score = {
        "timestamp": "2026-11-22T12:25:32.000+00:00",
        "scoreGiven": 7,
        "scoreMaximum": 10,
        "comment": "3 posts",
        "activityProgress": "Completed",
        "gradingProgress": "FullyGraded",
        "userId": str(person),
    } | changed
    address = f"/mod/lti/services.php/{COURSE}/lineitems/4/lineitem/scores?type_id=1"
    return walk.browser.post(address, base_url=SITE, json=score, headers=bearer(walk, tool, f"{AGS}score")).status_code


def test_a_teacher_sees_all_scores_and_a_student_their_own(
    rhys: Walk, served: Walk, tool: FakeTool, own_vle: Flask
) -> None:
    assert give(served, tool, PRIYA) == 200
    assert give(served, tool, TOM, scoreGiven=9, comment="<b>Good</b>") == 200
    report = text(rhys, f"/grade/report/index.php?id={COURSE}")
    assert re.search(r"Priya Nadar</th>\s*<td>\s*70\s", report), "7 of 10 in a column of 100"
    assert "&lt;b&gt;Good&lt;/b&gt;" in report
    student = Walk(own_vle)
    student.become(PRIYA)
    own = text(student, f"/grade/report/index.php?id={COURSE}")
    assert "3 posts" in own
    assert "Good" not in own
    assert "Tom Ashdown" not in own
    student.become(SAM)
    assert student.get(f"/grade/report/index.php?id={COURSE}").status_code == 403


def test_scores_and_columns_survive_a_restart(served: Walk, tool: FakeTool, tmp_path: Path) -> None:
    assert give(served, tool, PRIYA) == 200
    again = Walk(create_vle(VleConfig(SITE, TOOL, tmp_path)))
    again.become(RHYS)
    assert "3 posts" in text(again, f"/grade/report/index.php?id={COURSE}")
    restarted = Administrator(again.app)
    restarted.set_up("1", keyset_url=f"{tool.url}/lti/jwks.json")
    assert give(restarted, tool, PRIYA) == 409, "the last timestamp is remembered"


def copied(walk: Walk, course: int, short: str) -> int:
    said = {"fullname": f"Copy {short}", "shortname": short}
    answer = walk.submit(f"/backup/copy.php?id={course}", said)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return int(answer.location.rpartition("=")[2])


def test_a_copy_has_the_activities_and_says_where_it_is_from(
    rhys: Walk, served: Walk, tool: FakeTool, own_vle: Flask
) -> None:
    first = copied(rhys, COURSE, "F1-2027")
    second = copied(rhys, first, "F1-2028")
    page = text(rhys, f"/course/view.php?id={second}")
    assert "Hyperkalaemia" in page
    number = int(re.findall(r'/mod/lti/view\.php\?id=(\d+)">Ask medicine', page)[0])
    assert number != ASK_MEDICINE
    claims = rhys.launch(number)
    assert claims[f"{LTI}context"]["id"] == str(second)
    assert claims[f"{LTI}resource_link"]["id"] == str(number)
    custom = claims[f"{LTI}custom"]
    assert (custom["place"], custom["context_history"]) == ("askf1medicine001", f"{first},{COURSE}")
    assert rhys.launch(ASK_MEDICINE)[f"{LTI}custom"]["context_history"] == ""
    assert roster(served, tool, second) == {str(RHYS): ["Instructor"]}
    assert "Ask medicine" in text(rhys, f"/grade/report/index.php?id={second}")
    student = Walk(own_vle)
    student.become(PRIYA)
    assert student.get(f"/course/view.php?id={second}").status_code == 403


def test_a_copy_needs_names_of_its_own(rhys: Walk) -> None:
    fields = fields_of(text(rhys, f"/backup/copy.php?id={COURSE}"))
    assert (fields["fullname"], fields["shortname"]) == ("F1 Medicine copy 1", "F1-MED_1")
    taken = rhys.post(f"/backup/copy.php?id={COURSE}", fields | {"shortname": "F1-MED"})
    assert taken.status_code == 400
    assert "Short name is already used" in taken.get_data(as_text=True)
    assert "F1 Medicine copy 1" in taken.get_data(as_text=True)
    assert rhys.post(f"/backup/copy.php?id={COURSE}", fields | {"fullname": " "}).status_code == 400
    assert rhys.post(f"/backup/copy.php?id={COURSE}", fields | {"sesskey": "no"}).status_code == 403


@pytest.mark.parametrize("person", [ALEX, RHYS, PRIYA])
def test_every_course_page_says_what_can_be_tried(walk: Walk, person: int) -> None:
    walk.become(person)
    page = text(walk, f"/course/view.php?id={COURSE}")
    assert "Open “" in page
    assert ("Turn “Edit mode” on" in page) is (person != PRIYA)
    assert "connect a tool as the VLE administrator" in text(walk, "/")
