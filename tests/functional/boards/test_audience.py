"""Who reads a board: its course, a cohort, several courses. Nobody else finds it, wherever they look."""

import pytest
from sqlalchemy import delete, update

from lti_tool.access import Duty, Role
from lti_tool.boards import Template, followers_after, get_board
from lti_tool.core import clock
from lti_tool.people import CohortMember, Enrolment, join_vle_groups
from tests.factories.charter import Ward
from tests.factories.house import House


@pytest.fixture
def ward(house: House) -> Ward:
    return Ward(house)


def answers(ward: Ward, person, path: str) -> int:
    """What this person is answered there."""
    return ward.at(person).get(path).status_code


class TestCohort:
    def test_its_people_and_the_tutors_read_and_nobody_else(self, ward: Ward) -> None:
        board = ward.board("F1 alone", audience="cohort", cohort=ward.cohort("F1 2027", ward.sam))
        thread = ward.thread(ward.sam, ward.ask(ward.sam, board, "Where do you sleep?"))
        for path in (f"/boards/{board}", thread):
            found = {
                person.name: answers(ward, person, path) for person in (ward.sam, ward.priya, ward.helen, ward.jon)
            }
            assert found == {"Sam Okafor": 200, "Priya Nadar": 404, "Dr Helen Marsh": 200, "Jon Adeyemi": 404}
        assert answers(ward, ward.priya, f"/boards/{board}/ask") == 404
        for path in ("boards", ""):
            assert "F1 alone" not in ward.at(ward.priya).get(f"/courses/{ward.course.public_id}/{path}").text
        assert "Cohort F1 2027: 1 person in Stroke F1 and 2 tutors" in ward.at(ward.sam).get(f"/boards/{board}").text

    def test_who_leaves_it_reads_no_longer(self, ward: Ward) -> None:
        cohort = ward.cohort("F1 2027", ward.sam, ward.priya)
        board = ward.board(audience="cohort", cohort=cohort)
        path = f"/courses/{ward.course.public_id}/cohorts/{cohort}"
        form = {"name": "F1 2027", "person": ward.priya.public_id}
        assert ward.at(ward.helen).post(path, form).status_code == 303
        assert (answers(ward, ward.sam, f"/boards/{board}"), answers(ward, ward.priya, f"/boards/{board}")) == (
            404,
            200,
        )

    def test_people_of_another_course_cannot_be_put_into_it(self, ward: Ward) -> None:
        cohort = ward.cohort("F1 2027")
        board = ward.board(audience="cohort", cohort=cohort)
        path = f"/courses/{ward.course.public_id}/cohorts/{cohort}"
        ward.at(ward.helen).post(path, {"name": "F1 2027", "person": ward.jon.public_id})
        assert answers(ward, ward.jon, f"/boards/{board}") == 404

    def test_the_vles_groups_follow_each_launch_and_are_named_once(self, ward: Ward) -> None:
        def launch(*groups: str) -> None:
            ward.acting(ward.sam, lambda db, actor: join_vle_groups(db, ward.course, actor.person_id, groups))

        cohorts = f"/courses/{ward.course.public_id}/cohorts"
        launch("12")
        listed = ward.at(ward.helen).get(cohorts).text
        assert "Group 12 of the VLE" in listed
        assert "Needs a name" in listed
        new = f"/courses/{ward.course.public_id}/boards/new?template=discussion"
        assert "This course has no cohort yet." in ward.at(ward.helen).get(new).text, "nobody knows what 12 is"
        path = listed.partition(f'href="{cohorts}/')[2].partition('"')[0]
        assert ward.at(ward.helen).post(f"{cohorts}/{path}", {"name": "CT2"}).status_code == 303
        assert ward.at(ward.helen).post(f"{cohorts}/{path}", {"name": "F1"}).status_code == 409
        board = ward.board(audience="cohort", cohort=path)
        assert answers(ward, ward.sam, f"/boards/{board}") == 200
        launch("13")
        assert answers(ward, ward.sam, f"/boards/{board}") == 404

    def test_one_must_be_chosen(self, ward: Ward) -> None:
        form = {"title": "Ours", "names": "shown", "checked": "off", "audience": "cohort", "cohort": "nonsense"}
        answer = ward.at(ward.helen).post(f"/courses/{ward.course.public_id}/boards/new", form)
        assert answer.status_code == 400
        assert "Choose one of the cohorts of this course." in answer.text
        assert 'value="Ours"' in answer.text


class TestSeveralCourses:
    def test_another_course_reads_once_its_own_side_has_accepted(self, ward: Ward) -> None:
        board = ward.board("Ask the registrars", audience="courses")
        ward.at(ward.helen).post(f"/boards/{board}/settings/readers", {"ask": ward.other.public_id})
        assert answers(ward, ward.jon, f"/boards/{board}") == 404
        boards = f"/courses/{ward.other.public_id}/boards"
        assert "Ask the registrars" not in ward.at(ward.jon).get(boards).text
        assert "Stroke F1 asks whether your course joins its board" in ward.at(ward.vera).get(boards).text
        assert ward.at(ward.jon).post(f"{boards}/{board}/join", {"do": "accept"}).status_code == 403
        assert ward.at(ward.vera).post(f"{boards}/{board}/join", {"do": "accept"}).status_code == 303
        assert "Ask the registrars" in ward.at(ward.jon).get(boards).text
        assert "2 courses: 3 people and 3 tutors" in ward.at(ward.jon).get(f"/boards/{board}").text
        ward.at(ward.vera).post(f"{boards}/{board}/join", {"do": "leave"})
        assert answers(ward, ward.jon, f"/boards/{board}") == 404

    def test_its_people_ask_and_reply_and_the_owning_tutors_alone_decide(self, ward: Ward) -> None:
        board = ward.board(audience="courses", moderated=True)
        ward.share(board)
        post = ward.ask(ward.jon, board, "Which clinic sees a TIA on a Sunday?")
        assert ward.at(ward.vera).get(f"/posts/{post}/remove").status_code == 404, "it waits for Helen"
        decide = f"/courses/{ward.course.public_id}/waiting/{post}"
        assert ward.at(ward.helen).post(decide, {"verb": "approve", "seen": "1"}).status_code == 303
        thread = ward.thread(ward.jon, post)
        assert ward.at(ward.vera).get(f"/posts/{post}/remove").status_code == 403
        assert ward.at(ward.vera).get(f"/boards/{board}/settings").status_code == 403
        assert ward.at(ward.sam).post(f"{thread}/reply", {"text": "The stroke unit."}).status_code == 303
        assert ward.at(ward.vera).post(f"{thread}/reply", {"text": "Ours too."}).status_code == 303
        for form in ({"title": "Which?", "text": "Tell me.", "seen": "1"},):
            assert ward.at(ward.jon).post(f"/posts/{post}/edit", form).status_code == 303
        assert ward.at(ward.jon).get(f"/posts/{post}/withdraw").status_code == 200

    def test_who_only_reads_in_the_joined_course_only_reads_here(self, ward: Ward) -> None:
        board = ward.board(audience="courses")
        ward.share(board)
        reader = ward.house.person_of(ward.other, "Rita Reader", Role.READER)
        browser = ward.house.browser(reader, ward.other)
        assert browser.get(f"/boards/{board}").status_code == 200
        assert browser.get(f"/boards/{board}/ask").status_code == 403

    def test_an_education_administrator_may_accept(self, ward: Ward) -> None:
        board = ward.board(audience="courses")
        ruth = ward.house.person(ward.trust, "Ruth", {ward.other.id: Role.READER}, Duty.EDUCATION_ADMINISTRATOR)
        ward.at(ward.helen).post(f"/boards/{board}/settings/readers", {"ask": ward.other.public_id})
        join = f"/courses/{ward.other.public_id}/boards/{board}/join"
        assert ward.house.browser(ruth, ward.other).post(join, {"do": "accept"}).status_code == 303
        assert answers(ward, ward.jon, f"/boards/{board}") == 200

    def test_a_course_of_another_trust_cannot_be_asked(self, ward: Ward) -> None:
        board = ward.board(audience="courses")
        abroad = ward.house.course(ward.house.trust("Another trust"), "Theirs")
        assert "Theirs" not in ward.at(ward.helen).get(f"/boards/{board}/settings/readers").text
        answer = ward.at(ward.helen).post(f"/boards/{board}/settings/readers", {"ask": abroad.public_id})
        assert answer.status_code == 404


def test_nobody_else_comes_in_once_somebody_has_written(ward: Ward) -> None:
    cohort = ward.cohort("F1 2027", ward.sam)
    board = ward.board(audience="cohort", cohort=cohort)
    readers, helen = f"/boards/{board}/settings/readers", ward.at(ward.helen)
    assert helen.post(readers, {"audience": "course"}).status_code == 303
    assert answers(ward, ward.priya, f"/boards/{board}") == 200
    assert helen.post(readers, {"audience": "cohort", "cohort": cohort}).status_code == 303
    ward.ask(ward.sam, board)
    assert helen.post(readers, {"audience": "course"}).status_code == 409
    assert answers(ward, ward.priya, f"/boards/{board}") == 404


@pytest.mark.sql
@pytest.mark.parametrize("names", ["shown", "hidden"])
def test_followers_are_those_who_read_the_board_now(house: House, engine: str, names: str) -> None:
    ward = Ward(house)
    shared = ward.board(audience="courses", names=names)
    ward.share(shared)
    of_cohort = ward.board(audience="cohort", cohort=ward.cohort("F1 2027", ward.sam, ward.priya), names=names)
    ours, theirs = (ward.thread(ward.sam, ward.ask(ward.sam, board)) for board in (of_cohort, shared))
    for person, path in ((ward.priya, ours), (ward.rhys, ours), (ward.jon, theirs), (ward.priya, theirs)):
        assert ward.at(person).post(f"{path}/follow", {"follow": "on"}).status_code == 303
    assert told(ward, ours) == {ward.priya.id, ward.rhys.id}
    assert told(ward, theirs) == {ward.jon.id, ward.priya.id}
    with house.database.within(ward.trust.id).transaction() as db:
        db.execute(delete(CohortMember).where(CohortMember.person_id == ward.priya.id))
        db.execute(update(Enrolment).where(Enrolment.person_id == ward.jon.id).values(left_at=clock.now()))
    assert told(ward, ours) == {ward.rhys.id}, "a tutor reads every cohort's board"
    assert told(ward, theirs) == {ward.priya.id}


@pytest.mark.sql
@pytest.mark.parametrize("names", ["shown", "hidden"])
def test_who_has_replied_is_told_of_the_replies_behind_the_gate(house: House, engine: str, names: str) -> None:
    ward = Ward(house)
    board = ward.board(names=names, template=Template.ANSWER_FIRST)
    path = ward.thread(ward.helen, ward.ask(ward.helen, board))
    for person in (ward.sam, ward.priya):
        ward.at(person).post(f"{path}/follow", {"follow": "on"})
    assert told(ward, path) == set()
    assert ward.at(ward.sam).post(f"{path}/reply", {"text": "I would wait.", "do": "send"}).status_code == 303
    assert told(ward, path) == {ward.sam.id}


def told(ward: Ward, path: str) -> set[int]:
    with ward.house.database.within(ward.trust.id).reading() as db:
        one_by_one, after = set(), 0
        while after is not None:
            people, after = followers_after(db, path.rpartition("/")[2], after, 1)
            one_by_one |= set(people)
        return one_by_one


@pytest.mark.sql
def test_both_engines_count_who_reads(house: House, engine: str) -> None:
    ward = Ward(house)
    shared = ward.board(audience="courses")
    ward.share(shared)
    of_cohort = ward.board(audience="cohort", cohort=ward.cohort("F1 2027", ward.sam))
    lines = [ward.acting(ward.helen, lambda db, actor, board=board: get_board(db, actor, board))
             for board in (shared, of_cohort, ward.board())]  # fmt: skip
    assert [(line.readers, line.tutors, line.joined) for line in lines] == [
        (3, 3, {ward.other.id}),
        (1, 2, set()),
        (2, 2, set()),
    ]
