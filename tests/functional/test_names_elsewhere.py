"""What names a person is stopped in every other form as well, and nothing that was typed is lost."""

import pytest

from lti_tool.access import Role
from tests.factories.cases import ENDING, QUESTION, STORY, Room
from tests.factories.house import House, tomorrow

NUMBER = "943 476 5919"
NAMED = f"The patient with NHS number {NUMBER} taught me this."
MUST_GO = "An NHS number must be taken out."
TAKE_OUT = f"Take out “{NUMBER}”. An NHS number names one person."


class Ward:
    def __init__(self, house: House) -> None:
        self.house = house
        trust = house.trust()
        self.course = house.course(trust)
        self.sam = house.person(trust, "Sam Okafor", {self.course.id: Role.LEARNER})
        self.priya = house.person(trust, "Priya Nadar", {self.course.id: Role.LEARNER})
        self.helen = house.person(trust, "Dr Helen Marsh", {self.course.id: Role.TUTOR})
        self.room = Room(house, self.course)
        self.here = f"/courses/{self.course.public_id}"

    def at(self, who):
        return self.house.browser(who, self.course)

    def stopped(self, who, path, form, says=TAKE_OUT):
        """The form comes back with a sentence and with what was typed."""
        answer = self.at(who).post(path, form)
        assert answer.status_code == 400, answer.text[-600:]
        assert says in answer.text
        assert answer.text.count(NUMBER) > 2
        return answer.text


@pytest.fixture
def ward(house: House) -> Ward:
    return Ward(house)


@pytest.mark.parametrize(
    ("part", "form"),
    [
        ("story", STORY | {"title": NAMED}),
        ("story", STORY | {"text": NAMED}),
        ("question", QUESTION | {"title": NAMED}),
        ("question", QUESTION | {"text": f"Wait\n{NAMED}"}),
        ("answer", ENDING | {"text": NAMED}),
        ("answer", ENDING | {"note": NAMED}),
        ("consent", {"basis": "trust", "note": NAMED}),
    ],
)
def test_no_part_of_a_case_is_kept_with_an_nhs_number(ward, part, form):
    case = ward.room.begin(ward.sam)
    ward.stopped(ward.sam, f"/cases/{case}/{part}", form, MUST_GO)
    assert NUMBER not in ward.at(ward.sam).get(f"/cases/{case}/send").text


def test_nor_is_a_capture(ward):
    ward.stopped(ward.sam, f"{ward.here}/cases/new", {"speciality": "cardiology", "note": NAMED}, MUST_GO)


def test_nor_is_a_committed_answer(ward):
    case = ward.room.publish(ward.sam, ward.helen, question={"text": ""})
    ward.stopped(ward.priya, f"{ward.here}/cases/{case}/commit", {"text": NAMED})
    assert ward.room.facts(ward.priya, case).answered_at is None


def test_a_request_for_care_is_no_answer(ward):
    case = ward.room.publish(ward.sam, ward.helen, question={"text": ""})
    page = ward.at(ward.priya).post(f"{ward.here}/cases/{case}/commit", {"text": "Please review bed 6 now."})
    assert page.status_code == 400
    assert "Use the clinical system." in page.text


def test_what_is_only_doubtful_in_a_case_is_shown_to_its_author_and_to_the_reviewer(ward):
    case = ward.room.begin(ward.sam)
    ward.room.write(ward.sam, case, story={"text": "Mrs Thackeray, a 71-year-old Somali bus driver, came to ward 7."})
    mine = ward.at(ward.sam).get(f"/cases/{case}/send").text
    assert "differently before you send" in mine
    assert "Write “the patient”." in mine
    ward.room.send(ward.sam, case)
    review = ward.at(ward.helen).get(f"/cases/{case}/review").text
    assert '<mark class="gr-found">Mrs Thackeray<sup>\u00a0' in review
    assert "Several details together may describe one person:" in review


def test_a_case_without_any_of_it_says_nothing(ward):
    case = ward.room.begin(ward.sam)
    ward.room.write(ward.sam, case)
    assert "before you send" not in ward.at(ward.sam).get(f"/cases/{case}/send").text
    ward.room.send(ward.sam, case)
    assert "What may name a patient" not in ward.at(ward.helen).get(f"/cases/{case}/review").text


def test_a_reviewer_names_nobody_in_a_note(ward):
    case = ward.room.begin(ward.sam)
    ward.room.write(ward.sam, case)
    ward.room.send(ward.sam, case)
    ward.stopped(ward.helen, f"/cases/{case}/review", {"verb": "return", "seen": "1", "note": NAMED})


def test_nor_does_a_moderator_or_a_reporter(ward):
    board = ward.house.board(ward.course, ward.helen)
    post = ward.house.question(ward.sam, ward.course, board)
    form = {"verb": "return", "seen": "1", "asked": "yes", "note": NAMED}
    ward.stopped(ward.helen, f"{ward.here}/waiting/{post}", form)
    ward.stopped(ward.helen, f"{ward.here}/waiting/{post}", form | {"verb": "reject", "reason": "patient"})
    ward.at(ward.helen).post(f"{ward.here}/waiting/{post}", {"verb": "approve", "seen": "1"})
    ward.stopped(ward.priya, f"/posts/{post}/report", {"reason": "patient", "note": NAMED})
    ward.stopped(ward.helen, f"/posts/{post}/remove", {"reason": "patient", "note": NAMED})


def test_a_report_may_ask_to_look_at_a_bed_that_it_quotes(ward):
    board = ward.house.board(ward.course, ward.helen, moderated=False)
    post = ward.house.question(ward.sam, ward.course, board)
    form = {"reason": "patient", "note": "Please review bed 6 in the second line."}
    assert ward.at(ward.priya).post(f"/posts/{post}/report", form).status_code == 303


def test_teaching_names_no_patient_but_says_whom_to_write_to(ward):
    form = {"title": "Morning report", "day": tomorrow().isoformat(), "begins": "13:00", "ends": "14:00"}
    ward.stopped(ward.helen, f"{ward.here}/teaching/add", form | {"text": NAMED})
    contact = {"text": "Sign up: education@northmoor.example, or ring 01632 960983."}
    assert ward.at(ward.helen).post(f"{ward.here}/teaching/add", form | contact).status_code == 303
    planned = ward.house.teaching(ward.helen, ward.course)
    ward.stopped(ward.helen, f"/sessions/{planned}/cancel", {"note": NAMED})
