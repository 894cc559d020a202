"""Who is in a course: the roster adds, never demotes, and takes access only when it is sure or somebody says so."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
import time_machine
from sqlalchemy import event, func, select

from lti_tool.access import Role
from lti_tool.core import clock
from lti_tool.journal import Delivery, JournalLine
from lti_tool.launch.jobs import sync_rosters
from lti_tool.launch.models import Platform, RosterService
from lti_tool.launch.registering import override_role
from lti_tool.launch.rules import again_after
from lti_tool.launch.syncing import sync_course
from lti_tool.people import Course, Enrolment, Person, is_doubtful
from tests.factories.platform import GONE, LTI
from tests.factories.served_course import Scene
from tests.factories.services import AGS_CLAIM, NRPS_CLAIM, always, member, to
from tests.factories.vle import Vle, says
from tests.functional.launch.test_activities import TUTOR

DAY = timedelta(days=1)


@contextmanager
def later(scene: Scene, days: float = 1) -> Iterator[None]:
    """Another day, on which the tutor opens the activity again."""
    with time_machine.travel(clock.now() + timedelta(days=days)):
        scene.open()
        yield


def without(scene: Scene, *numbers: int) -> None:
    """The VLE lists these people no longer."""
    gone = {str(number) for number in numbers}
    scene.services.members = [one for one in scene.services.members if one["user_id"] not in gone]


def big_course(scene: Scene, learners: int = 59) -> None:
    """A tutor and so many learners, known by their roster."""
    scene.services.members[1:] = [member(number) for number in range(4, 4 + learners)]
    scene.read_roster()


def people_page(scene: Scene) -> str:
    page = scene.get("/courses/{course}/people")
    assert page.status_code == 200, page.text
    return page.text


def decide(scene: Scene, what: str, seen: str = "") -> Any:
    found = re.search(r'name="seen" value="([^"]+)"', people_page(scene))
    return scene.post("/courses/{course}/people/left", do=what, seen=seen or (found[1] if found else ""))


def lines(scene: Scene, *verbs: str) -> list[JournalLine]:
    with scene.vle.inside().reading() as db:
        return list(db.scalars(select(JournalLine).where(JournalLine.verb.in_(verbs)).order_by(JournalLine.id)))


@pytest.mark.sql
class TestRoles:
    def test_a_roster_does_not_demote_a_launch(self, scene: Scene) -> None:
        """Moodle's non-editing teacher: Instructor at launch, Learner on the roster."""
        scene.learner(4, **{LTI + "roles": ["Instructor"]})
        scene.read_roster()
        assert scene.people()["4"].role == "tutor"
        assert scene.people()["4"].given_by == "launch"

    def test_a_roster_changes_what_a_roster_said(self, scene: Scene) -> None:
        scene.read_roster()
        assert (scene.people()["4"].role, scene.people()["4"].given_by) == ("learner", "roster")
        scene.services.members[1]["roles"] = ["Instructor"]
        scene.read_roster()
        assert scene.people()["4"].role == "tutor"
        scene.services.members[1]["roles"] = ["Learner"]
        scene.read_roster()
        assert scene.people()["4"].role == "learner"
        changed = [line.details["role"] for line in lines(scene, "enrolment.changed") if line.actor == "system"]
        assert changed == ["tutor", "learner"]

    def test_a_launch_has_the_last_word(self, scene: Scene) -> None:
        scene.services.members[1]["roles"] = ["Instructor"]
        scene.read_roster()
        scene.learner(4)
        scene.read_roster()
        assert scene.people()["4"].role == "learner"

    def test_the_platforms_own_table_of_roles_holds_for_rosters(self, scene: Scene) -> None:
        with scene.vle.inside().transaction() as db:
            override_role(db, db.scalars(select(Platform.name)).one(), "Learner", Role.MENTOR)
        scene.read_roster()
        assert scene.people()["4"].role == "mentor"

    def test_names_follow_the_roster(self, scene: Scene) -> None:
        scene.read_roster()
        scene.services.members[1]["name"] = "Stella Married"
        scene.services.members[2].update({"name": "", "given_name": "", "family_name": ""})
        scene.read_roster()
        page = people_page(scene)
        assert "Stella Married" in page
        assert "Stu5 Dent5" in page, "a name that is kept back now does not take away the one that we know"


@pytest.mark.sql
class TestLeaving:
    def test_who_is_gone_loses_access_and_keeps_their_texts_until_they_come_back(self, scene: Scene) -> None:
        browser = scene.learner(4)
        front = scene.path("/courses/{course}/")
        scene.read_roster()
        with time_machine.travel(clock.now() + timedelta(hours=9)):
            browser = scene.learner(4)
            scene.open()
        with later(scene):
            scene.vle.arrive(browser, sub="4", name="Stu4 Dent4", **scene.services.claims())
            assert browser.get(front).status_code == 200
            without(scene, 4)
        with later(scene, 1.4):
            scene.read_roster()
            assert "4" not in scene.here()
            assert "Stu4" not in people_page(scene)
            gone = scene.people()["4"]
            assert gone.left_at is not None
            [line] = lines(scene, "enrolment.left")
            assert line.subject == f"person:{scene.person(4)}"
            back = scene.learner(4)
            assert "4" in scene.here()
            assert back.get(front).status_code == 200

    def test_a_visit_that_goes_on_ends_with_the_access(self, scene: Scene) -> None:
        browser = scene.learner(4)
        front = scene.path("/courses/{course}/")
        assert browser.get(front).status_code == 200
        with scene.vle.inside().transaction() as db:
            db.execute(Enrolment.__table__.update().values(left_at=clock.now()))  # type: ignore[attr-defined]
        assert browser.get(front).status_code == 404

    def test_who_has_just_come_in_is_not_gone_whatever_the_roster_says(self, scene: Scene) -> None:
        """A site administrator is in no course's roster, and opens the course to set it up."""
        scene.learner(99, **{LTI + "roles": ["Instructor"]})
        scene.read_roster()
        assert "99" in scene.here()
        with later(scene):
            scene.read_roster()
            assert "99" not in scene.here()

    def test_somebody_on_the_roster_again_is_back(self, scene: Scene) -> None:
        scene.read_roster()
        without(scene, 4)
        scene.read_roster()
        assert "4" not in scene.here()
        scene.services.members.append(member(4))
        scene.read_roster()
        assert "4" in scene.here()
        assert len(lines(scene, "enrolment.returned")) == 1

    def test_people_of_whom_the_vle_told_nothing_are_not_taken_away(self, scene: Scene) -> None:
        with scene.vle.inside().transaction() as db:
            db.scalars(select(Platform)).one().allows_anonymous = True
        scene.house.app.extensions["entrance"].registrations._read.clear()
        scene.vle.arrive(scene.vle.browser(), sub=GONE, **scene.services.claims())
        with later(scene):
            scene.read_roster()
        with scene.vle.inside().reading() as db:
            assert db.scalar(select(func.count()).select_from(Enrolment).where(Enrolment.left_at.is_(None))) == 7


@pytest.mark.sql
class TestDoubt:
    @pytest.mark.parametrize(
        ("gone", "of", "is_held"), [(5, 5, False), (5, 20, False), (6, 60, False), (6, 59, True), (61, 600, True)]
    )
    def test_more_than_five_and_more_than_a_tenth(self, gone: int, of: int, is_held: bool) -> None:
        assert is_doubtful(gone, of) is is_held

    def test_six_of_sixty_leave_without_a_question(self, scene: Scene) -> None:
        big_course(scene)
        without(scene, *range(10, 16))
        assert scene.read_roster().left == 6
        assert len(scene.here()) == 54
        assert "People: 54." in people_page(scene)

    def test_seven_of_sixty_wait_for_a_person(self, scene: Scene) -> None:
        big_course(scene)
        without(scene, *range(10, 17))
        service = scene.read_roster()
        assert (service.held, service.held_of, service.left) == (7, 60, 0)
        assert len(scene.here()) == 60
        page = people_page(scene)
        assert "Have 7 of 60 people left?" in page
        assert page.count("Not on the VLE’s list") == 7
        front = "The VLE’s list of this course leaves out 7 people."
        assert front in scene.get("/courses/{course}/").text
        assert decide(scene, "left").status_code == 303
        assert len(scene.here()) == 53
        assert "Have 7 of 60" not in people_page(scene)
        assert front not in scene.get("/courses/{course}/").text
        assert len(lines(scene, "enrolment.left")) == 7
        assert lines(scene, "roster.leaving_confirmed")[0].details == {"people": 7}

    def test_they_stay_when_a_person_says_so(self, scene: Scene) -> None:
        big_course(scene)
        without(scene, *range(10, 17))
        scene.read_roster()
        assert decide(scene, "keep").status_code == 303
        assert len(scene.here()) == 60
        scene.read_roster()
        assert "people left?" not in people_page(scene), "nobody is asked about the same people every day"
        scene.services.members.append(member(10))
        scene.read_roster()
        without(scene, 10)
        scene.read_roster()
        assert "10" not in scene.here()

    def test_a_second_press_decides_nothing(self, scene: Scene) -> None:
        big_course(scene)
        without(scene, *range(10, 17))
        seen = scene.read_roster().held_at
        assert seen is not None
        assert decide(scene, "keep", seen.isoformat()).status_code == 303
        again = decide(scene, "left", seen.isoformat())
        assert again.status_code == 409
        assert "somebody has decided already" in again.text
        assert len(scene.here()) == 60

    def test_an_answer_to_an_older_reading_is_not_taken(self, scene: Scene) -> None:
        big_course(scene)
        without(scene, *range(10, 17))
        seen = scene.read_roster().held_at
        assert seen is not None
        without(scene, *range(20, 30))
        scene.read_roster()
        assert decide(scene, "left", seen.isoformat()).status_code == 409
        assert "Have 17 of 60 people left?" in people_page(scene)

    def test_the_question_is_over_when_the_vle_lists_them_again(self, scene: Scene) -> None:
        big_course(scene)
        everybody = list(scene.services.members)
        without(scene, *range(10, 17))
        scene.read_roster()
        scene.services.members = everybody
        scene.read_roster()
        page = people_page(scene)
        assert "people left?" not in page
        assert "Not on the VLE’s list" not in page

    def test_who_opens_the_course_meanwhile_is_not_missing(self, scene: Scene) -> None:
        big_course(scene)
        without(scene, *range(10, 17))
        scene.read_roster()
        scene.learner(12)
        scene.open()
        assert "Have 6 of 60 people left?" in people_page(scene)
        decide(scene, "left")
        assert "12" in scene.here()
        assert len(scene.here()) == 54


@pytest.mark.sql
class TestPage:
    def test_everybody_by_name_whether_they_have_opened_it_or_not(self, scene: Scene) -> None:
        scene.learner(6)
        scene.read_roster()
        page = people_page(scene)
        rows = re.findall(r'<th scope="row">([^<]+)</th><td>([^<]+)</td><td>([^<]+)</td>', page)
        assert rows == [
            ("Stu4 Dent4", "learner", "not yet"),
            ("Stu5 Dent5", "learner", "not yet"),
            ("Stu6 Dent6", "learner", "yes"),
            ("Stu7 Dent7", "learner", "not yet"),
            ("Stu8 Dent8", "learner", "not yet"),
            ("Tess Teacher", "tutor", "yes"),
        ]
        assert "People: 6. Have opened Grand Round here: 2." in page
        assert "People on it: 6, new: 4, left: 0." in page

    def test_long_lists_have_pages(self, scene: Scene) -> None:
        big_course(scene, 250)
        first = people_page(scene)
        onward = re.search(r'href="([^"]+after=[^"]+)" rel="next"', first)
        assert onward
        second = scene.browser.get(onward[1]).text
        names = re.findall(r'<th scope="row">([^<]+)</th>', first + second)
        assert len(names) == len(set(names)) == 251
        assert names == sorted(names, key=str.lower)

    def test_where_the_vle_grants_no_roster(self, vle: Vle) -> None:
        browser = vle.browser()
        vle.arrive(browser, **TUTOR)
        with vle.inside().reading() as db:
            course = db.scalars(select(Course.public_id)).one()
        page = browser.get(f"/courses/{course}/people").text
        assert "The VLE does not share its list" in page
        assert "Update from the VLE now" not in page
        assert "Dr Helen Marsh" in page

    def test_a_double_click_asks_once(self, scene: Scene) -> None:
        scene.read_roster()
        asked = len(scene.services.asked_for("/memberships"))
        scene.post("/courses/{course}/people")
        assert "It is being read" in people_page(scene)
        scene.post("/courses/{course}/people")
        scene.house.work(timedelta())
        assert len(scene.services.asked_for("/memberships")) == asked + 1
        assert "It is being read" not in people_page(scene)

    def test_the_journal_names_nobody(self, scene: Scene) -> None:
        scene.read_roster()
        with scene.vle.inside().reading() as db:
            told = str([(line.subject, line.details, line.actor) for line in db.scalars(select(JournalLine))])
        assert "Stu" not in told
        assert "Dent" not in told


@pytest.mark.sql
class TestWork:
    def test_two_workers_read_it_once(self, scene: Scene) -> None:
        with scene.vle.inside().reading() as db:
            course = db.scalars(select(RosterService.course_id)).one()
        workers = [Thread(target=sync_course, args=(scene.vle.inside(), course, 10.0)) for _ in range(4)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        with scene.vle.inside().reading() as db:
            assert db.scalar(select(func.count()).select_from(Person)) == 6
            assert len(lines(scene, "roster.read")) <= 4
        assert len(scene.here()) == 6

    def test_the_schedule_reads_it_daily(self, scene: Scene) -> None:
        scene.read_roster()
        asked = len(scene.services.asked_for("/memberships"))
        sync_rosters(scene.vle.inside(), clock.now())
        assert len(scene.services.asked_for("/memberships")) == asked
        with time_machine.travel(clock.now() + DAY):
            sync_rosters(scene.vle.inside(), clock.now())
        assert len(scene.services.asked_for("/memberships")) == asked + 1

    def test_what_fails_is_tried_again_later_and_later(self, scene: Scene) -> None:
        scene.services.trick = always(says(b"", 503), to("/memberships"))
        assert scene.read_roster().failures == 1
        assert [again_after(failures) / timedelta(hours=1) for failures in (1, 2, 3, 30)] == [1, 2, 4, 168]
        with time_machine.travel(clock.now() + timedelta(hours=1, minutes=1)):
            sync_rosters(scene.vle.inside(), clock.now())
        with scene.vle.inside().reading() as db:
            assert db.scalars(select(RosterService.failures)).one() == 2

    def test_a_platform_that_is_switched_off_is_not_asked(self, scene: Scene) -> None:
        with scene.vle.inside().transaction() as db:
            db.scalars(select(Platform)).one().disabled_at = clock.now()
        scene.house.work()
        assert scene.services.asked == []

    def test_nothing_is_written_for_who_stays_as_they_are(self, scene: Scene) -> None:
        scene.read_roster()
        written: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            if statement.startswith(("INSERT", "UPDATE")):
                written.append(" ".join(statement.split()[:3]))

        with scene.vle.inside().reading() as db:
            course = db.scalars(select(RosterService.course_id)).one()
        event.listen(scene.vle.inside().engine, "before_cursor_execute", note)
        sync_course(scene.vle.inside(), course, 10.0)
        assert {statement for statement in written if not statement.startswith("UPDATE roster_services")} == {
            "INSERT INTO journal_lines"
        }


@pytest.mark.sql
class TestLaunches:
    def statements(self, scene: Scene, **changes: Any) -> list[str]:
        sent: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            sent.append(" ".join(statement.split()[:3]))

        vle = scene.vle
        login = vle.login(browser := vle.browser())
        engines = (vle.house.database.engine, vle.house.database.reader)
        for engine in engines:
            event.listen(engine, "before_cursor_execute", note)
        said = {"sub": "4", "name": "Stu4 Dent4", **scene.services.claims(), **changes}
        assert vle.post(browser, vle.token(login, **said), login.state).status_code == 303
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)
        return [statement for statement in sent if statement.startswith(("INSERT", "UPDATE"))]

    def test_a_returning_person_costs_three_rows(self, scene: Scene) -> None:
        scene.learner(4)
        usual = ["INSERT INTO consumed", "INSERT INTO visits", "INSERT INTO journal_lines"]
        assert self.statements(scene) == usual
        without_claims = {NRPS_CLAIM: None, AGS_CLAIM: None}
        assert self.statements(scene, **without_claims) == usual, "a learner's launch takes nothing away"
        news = self.statements(scene, **scene.services.claims(column=7))
        assert sorted(news) == sorted([*usual, "UPDATE grade_services SET"])

    def test_who_was_known_by_the_roster_costs_one_more(self, scene: Scene) -> None:
        scene.read_roster()
        assert self.statements(scene).count("UPDATE enrolments SET") == 1
        assert scene.people()["4"].given_by == "launch"

    def test_only_the_first_launch_of_a_course_asks_for_the_roster(self, scene: Scene) -> None:
        scene.learner(4)
        scene.open()
        with scene.vle.inside().reading() as db:
            assert db.scalar(select(func.count()).select_from(Delivery).where(Delivery.job == "sync_roster")) == 1

    def test_a_tutors_launch_without_it_takes_the_roster_away(self, scene: Scene) -> None:
        scene.read_roster()
        scene.open(**{NRPS_CLAIM: None})
        page = people_page(scene)
        assert "The VLE does not share its list" in page
        assert "Stu4 Dent4" in page
        assert scene.post("/courses/{course}/people").status_code == 404

    @pytest.mark.parametrize("odd", ["x", [], {"context_memberships_url": 7}, {"context_memberships_url": "//x"}, 3])
    def test_an_odd_claim_keeps_nobody_out(self, vle: Vle, odd: object) -> None:
        assert vle.arrive(vle.browser(), **{NRPS_CLAIM: odd, AGS_CLAIM: odd}).status_code == 200
        with vle.house.database.reading() as db:
            assert db.scalars(select(RosterService)).all() == []
