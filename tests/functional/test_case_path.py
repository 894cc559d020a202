"""A case from its capture between two patients to its last reader, over HTTP, as author, tutors and readers meet it."""

import pytest

from lti_tool.access import Duty, Role
from lti_tool.cases import CaseState, landmarks
from lti_tool.core.ids import new_public_id
from lti_tool.web import Landmark
from tests.benchmarks.pages import count_queries
from tests.factories.cases import CONSENT, ENDING, QUESTION, STORY, TICKS, Room
from tests.factories.house import House


class Ward:
    """Two courses of one trust and one of another, each with its people."""

    def __init__(self, house: House) -> None:
        self.house = house
        trust, foreign = house.trust(), house.trust("Another trust")
        self.course, self.other = house.course(trust), house.course(trust, "F1 Medicine")
        self.abroad = house.course(foreign, "Their course")
        here, there = self.course.id, self.other.id
        self.sam = house.person(trust, "Sam Okafor", {here: Role.LEARNER})
        self.priya = house.person(trust, "Priya Nadar", {here: Role.LEARNER})
        self.helen = house.person(trust, "Dr Helen Marsh", {here: Role.TUTOR})
        self.rhys = house.person(trust, "Dr Rhys Pennant", {here: Role.TUTOR})
        self.jon = house.person(trust, "Jon Whitlock", {there: Role.LEARNER})
        self.ruth = house.person(trust, "Ruth Calder", {there: Role.READER}, Duty.EDUCATION_ADMINISTRATOR)
        self.eve = house.person(foreign, "Eve", {self.abroad.id: Role.TUTOR})
        self.room = Room(house, self.course)
        self.cases = f"/courses/{self.course.public_id}/cases"

    def at(self, who, course=None):
        return self.house.browser(who, course or self.course)

    def read(self, who, path, course=None, status=200) -> str:
        answer = self.at(who, course).get(path)
        assert answer.status_code == status, answer.get_data(as_text=True)[-800:]
        return answer.get_data(as_text=True)

    def sees(self, who, case, course=None) -> bool:
        path = f"/courses/{(course or self.course).public_id}/cases/{case}"
        return self.at(who, course).get(path).status_code == 200


@pytest.fixture
def ward(house: House) -> Ward:
    return Ward(house)


def capture(ward, once=None) -> str:
    form = {"speciality": "cardiology", "note": "Protect the heart first.", "once": once or new_public_id()}
    answer = ward.at(ward.sam).post(f"{ward.cases}/new", form)
    assert answer.status_code == 303
    return answer.headers["Location"].split("/")[2]


def test_a_case_is_captured_in_a_minute_and_completed_later(ward):
    once = new_public_id()
    case = capture(ward, once)
    assert capture(ward, once) == case, "a double click begins one case"
    page = ward.read(ward.sam, f"/cases/{case}/write")
    assert page.count("Not begun") == 3
    assert "Begun" in page, "the learning point is there already"
    for who in (ward.priya, ward.helen):
        ward.read(who, f"/cases/{case}/write", status=404)
        assert "without a title" not in ward.read(who, ward.cases)
    assert "A case without a title yet" in ward.read(ward.sam, f"/courses/{ward.course.public_id}/")


def test_every_part_is_saved_as_it_is_and_nothing_typed_is_lost(ward):
    case, sam = capture(ward), ward.at(ward.sam)
    for part, form in (("story", STORY), ("question", QUESTION), ("answer", ENDING), ("consent", CONSENT)):
        assert sam.post(f"/cases/{case}/{part}", form).status_code == 303
        page = sam.get(f"/cases/{case}/{part}").get_data(as_text=True)
        for words in (form.get("title", ""), form.get("note", "").split("\n")[0]):
            assert words in page
    refused = sam.post(f"/cases/{case}/story", {"title": "x" * 151, "text": "A long story that I typed."})
    assert refused.status_code == 400
    assert "A long story that I typed." in refused.get_data(as_text=True)
    assert sam.get(f"/cases/{case}/story").get_data(as_text=True).count(STORY["title"]), "what was saved stands"
    assert ward.read(ward.sam, f"/cases/{case}/write").count("Complete") == 4


def test_what_is_typed_between_two_saves_waits_as_a_draft(ward):
    case, sam = capture(ward), ward.at(ward.sam)
    half = {"draft_place": f"casestory:{case}", "title": "Half a title", "text": "Half a story"}
    assert "Draft saved" in sam.post("/drafts", half).get_data(as_text=True)
    assert "Half a story" in sam.get(f"/cases/{case}/story").get_data(as_text=True)
    assert f"/cases/{case}/story" in ward.read(ward.sam, f"/courses/{ward.course.public_id}/drafts")
    sam.post(f"/cases/{case}/story", STORY)
    assert "Half a story" not in sam.get(f"/cases/{case}/story").get_data(as_text=True)


def written(ward, **given) -> str:
    case = capture(ward)
    ward.room.write(ward.sam, case, **given)
    return case


def test_an_incomplete_case_and_an_unsure_author_cannot_send(ward):
    case = capture(ward)
    answer = ward.at(ward.sam).post(f"/cases/{case}/send")
    assert answer.status_code == 400
    assert "Ask one question." in answer.get_data(as_text=True)
    unsure = written(ward, consent={"basis": "unsure"})
    answer = ward.at(ward.sam).post(f"/cases/{unsure}/send")
    assert answer.status_code == 400
    assert "While you are unsure" in answer.get_data(as_text=True)
    assert ward.room.facts(ward.sam, unsure).state == CaseState.DRAFT


def test_two_tutors_may_share_the_ticks_and_the_last_one_publishes(ward):
    case, sam = written(ward), ward.at(ward.sam)
    for _click in range(2):
        assert sam.post(f"/cases/{case}/send").status_code == 303
    assert ward.room.facts(ward.sam, case).sent == 1
    assert "Waiting <span" in ward.read(ward.helen, ward.cases), "the bar counts it"
    assert STORY["title"] in ward.read(ward.helen, f"/courses/{ward.course.public_id}/waiting")
    assert sam.get(f"/cases/{case}/review").status_code == 403
    first = {"verb": "tick", "seen": "1", "clinical": "yes"}
    for _click in range(2):
        assert ward.at(ward.helen).post(f"/cases/{case}/review", first).status_code == 303
    assert not ward.sees(ward.priya, case)
    page = ward.read(ward.rhys, f"/cases/{case}/review")
    assert "Ticked by Dr Helen Marsh" in page
    rest = {"verb": "tick", "seen": "1", "privacy": "yes", "consent": "yes"}
    for _click in range(2):
        assert ward.at(ward.rhys).post(f"/cases/{case}/review", rest).status_code == 303
    assert ward.sees(ward.priya, case)
    assert "Waiting <span" not in ward.read(ward.helen, ward.cases)
    ward.house.work()
    inbox = ward.read(ward.sam, f"/courses/{ward.course.public_id}/inbox")
    thread = ward.room.facts(ward.sam, case).thread_public_id
    assert "Your case is published" in inbox
    assert f'href="/threads/{thread}/case"' in inbox
    log = ward.read(ward.priya, f"/courses/{ward.course.public_id}/log")
    assert "Privacy check made" in log
    assert STORY["title"] not in log


def test_a_tutors_own_case_needs_another_tutor(ward):
    case = ward.room.begin(ward.helen)
    ward.room.write(ward.helen, case)
    ward.room.send(ward.helen, case)
    form = TICKS | {"seen": "1"}
    assert ward.at(ward.helen).post(f"/cases/{case}/review", form).status_code == 403
    assert "Waiting <span" not in ward.read(ward.helen, ward.cases), "it is not hers to decide, so it is not counted"
    assert ward.at(ward.rhys).post(f"/cases/{case}/review", form).status_code == 303


def test_a_returned_case_is_fixed_in_place_and_looked_at_anew(ward):
    case = written(ward)
    ward.room.send(ward.sam, case)
    helen = ward.at(ward.helen)
    refused = helen.post(f"/cases/{case}/review", {"verb": "return", "seen": "1", "note": ""})
    assert refused.status_code == 400
    helen.post(f"/cases/{case}/review", {"verb": "tick", "seen": "1", "clinical": "yes"})
    helen.post(f"/cases/{case}/review", {"verb": "return", "seen": "1", "note": "Say “day 3”."})
    assert "Say “day 3”." in ward.read(ward.sam, f"/cases/{case}/write")
    assert "Say “day 3”." not in ward.read(ward.helen, ward.cases)
    ward.room.write(ward.sam, case, story={"title": "Weak legs on day three"})
    ward.room.send(ward.sam, case)
    stale = helen.post(f"/cases/{case}/review", TICKS | {"seen": "1"})
    assert stale.status_code == 409, "the tutor had the former sending on the screen"
    helen.post(f"/cases/{case}/review", {"verb": "tick", "seen": "2", "privacy": "yes", "consent": "yes"})
    assert not ward.sees(ward.priya, case), "the clinical tick is needed again"
    helen.post(f"/cases/{case}/review", {"verb": "tick", "seen": "2", "clinical": "yes"})
    assert "Weak legs on day three" in ward.read(ward.priya, ward.cases)


def test_an_answer_is_committed_once_whatever_is_clicked(ward):
    case = ward.room.publish(ward.sam, ward.helen)
    priya, path = ward.at(ward.priya), f"{ward.cases}/{case}"
    assert priya.post(f"{path}/commit", {}).status_code == 400
    for answer in ("1", "1", "0"):
        assert priya.post(f"{path}/commit", {"answer": answer}).status_code == 303
    facts = ward.room.facts(ward.priya, case)
    assert (facts.my_option, facts.answers) == (1, 1)
    page = ward.read(ward.priya, path)
    assert "Your answer" in page
    assert "Commit answer" not in page
    assert "1 has answered" in page
    assert "<table" not in page.split("Learning points")[0].split("What happened")[1], "fewer than five"


def test_how_others_answered_shows_from_five_up(ward):
    case = ward.room.publish(ward.sam, ward.helen)
    for number in range(4):
        peer = ward.house.person_of(ward.course, f"Peer {number}", Role.LEARNER)
        ward.room.commit(peer, case, answer="0")
    ward.room.commit(ward.priya, case)
    page = ward.read(ward.priya, f"{ward.cases}/{case}")
    assert "How 5 people answered" in page
    assert "80%" in page
    assert "20%" in page
    assert "Peer" not in page


def test_a_free_answer_is_its_writers_alone(ward):
    case = ward.room.publish(ward.sam, ward.helen, question={"text": ""})
    ward.room.commit(ward.priya, case, text="Calcium, I think.")
    assert "Calcium, I think." in ward.read(ward.priya, f"{ward.cases}/{case}")
    for who in (ward.sam, ward.helen):
        assert "Calcium, I think." not in ward.read(who, f"{ward.cases}/{case}")


def test_a_case_is_widened_to_the_trust_and_never_beyond(ward):
    case = ward.room.publish(ward.sam, ward.helen)
    elsewhere = f"/courses/{ward.other.public_id}/cases"
    assert STORY["title"] not in ward.read(ward.jon, elsewhere, ward.other)
    assert ward.at(ward.sam).post(f"/cases/{case}/audience", {"audience": "trust"}).status_code == 403
    assert ward.at(ward.ruth, ward.other).post(f"/cases/{case}/audience", {"audience": "trust"}).status_code == 303
    page = ward.read(ward.jon, elsewhere, ward.other)
    assert STORY["title"] in page
    assert "From Cardiology ST4" in page
    jon = ward.at(ward.jon, ward.other)
    assert jon.post(f"{elsewhere}/{case}/commit", {"answer": "0"}).status_code == 303
    thread = ward.room.facts(ward.sam, case).thread_public_id
    reply = jon.post(f"/threads/{thread}/reply", {"text": "And in pregnancy?", "do": "send"})
    assert reply.status_code == 303
    assert "And in pregnancy?" in ward.read(ward.helen, f"/courses/{ward.course.public_id}/waiting")
    abroad = f"/courses/{ward.abroad.public_id}/cases"
    assert STORY["title"] not in ward.read(ward.eve, abroad, ward.abroad)
    ward.read(ward.eve, f"{abroad}/{case}", ward.abroad, status=404)
    ward.read(ward.eve, f"/threads/{thread}", ward.abroad, status=404)
    ward.at(ward.helen).post(f"/cases/{case}/audience", {"audience": "course"})
    assert not ward.sees(ward.jon, case, ward.other)
    ward.read(ward.jon, f"/threads/{thread}", ward.other, status=404)


@pytest.mark.parametrize("how", ["consent-withdrawn", "withdraw", "report"])
def test_it_disappears_everywhere_at_once(ward, how):
    """Withdrawn consent, an author who takes it back, a report that it names a patient."""
    case = ward.room.publish(ward.sam, ward.helen)
    ward.room.widen(ward.helen, case)
    ward.room.commit(ward.priya, case)
    facts = ward.room.facts(ward.sam, case)
    if how == "report":
        form, path = {"reason": "patient"}, f"/posts/{facts.opening_public_id}/report"
        done = ward.at(ward.jon, ward.other).post(path, form)
    else:
        who = ward.helen if how == "consent-withdrawn" else ward.sam
        done = ward.at(who).post(f"/cases/{case}/{how}")
    assert done.status_code == 303
    for who, course in ((ward.priya, ward.course), (ward.jon, ward.other)):
        assert not ward.sees(who, case, course)
        assert STORY["title"] not in ward.read(who, f"/courses/{course.public_id}/cases", course)
        assert STORY["title"] not in ward.read(who, f"/courses/{course.public_id}/", course)
        page = ward.at(who, course).get(f"/threads/{facts.thread_public_id}").get_data(as_text=True)
        assert STORY["text"][:30] not in page
    assert ward.sees(ward.sam, case), "its author still sees what became of it"


def test_what_is_with_its_author_is_theirs_alone(ward):
    """A draft, one thrown away before it was sent, one that came back: no tutor reads along while it is written."""
    draft, thrown, returned = (written(ward) for _each in range(3))
    ward.room.withdraw(ward.sam, thrown)
    ward.room.send(ward.sam, returned)
    ward.room.review(ward.helen, returned, verb="return", note="Again.")
    for case in (draft, thrown, returned):
        assert not ward.sees(ward.helen, case)
        assert ward.sees(ward.sam, case)
    assert ward.sees(ward.sam, capture(ward)), "also one that holds a learning point and nothing else"


def test_public_ids_lead_to_the_case(ward):
    """`landmarks` of the door: for links that leave the house and come back through the VLE."""
    case = ward.room.publish(ward.sam, ward.helen)
    thread = ward.room.facts(ward.sam, case).thread_public_id
    wanted = Landmark("cases.case", {"course_id": ward.course.public_id, "case_id": case}, ward.course.id)
    with ward.house.database.reading() as db:
        assert landmarks[0](db, case) == landmarks[0](db, str(thread)) == wanted
        assert landmarks[0](db, "AAAAAAAAAAAAAAAA") is None


def test_pages_cost_a_constant_number_of_queries(ward):
    """Holds and gates are read in the queries that were there; a card costs none of its own."""
    board = ward.house.board(ward.course, ward.helen)
    ward.house.question(ward.sam, ward.course, board)
    case = ward.room.publish(ward.sam, ward.helen)
    thread = ward.room.facts(ward.sam, case).thread_public_id
    ward.room.commit(ward.priya, case)
    priya = ward.at(ward.priya)
    priya.get(f"/threads/{thread}")  # notes how far she has read, once
    few = {path: count_queries(ward.house, lambda path=path: priya.get(path)) for path in (
        f"/boards/{board}", f"/threads/{thread}", ward.cases, f"{ward.cases}/{case}"
    )}  # fmt: skip
    assert few[f"/boards/{board}"] <= 6
    assert max(few.values()) <= 9, few
    for _more in range(3):
        ward.room.publish(ward.sam, ward.helen)
    assert count_queries(ward.house, lambda: priya.get(ward.cases)) == few[ward.cases]
