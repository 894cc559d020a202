"""The connection check: what shows itself of a connection, and who is told to do what. And the first deployment."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from click.testing import CliRunner
from sqlalchemy import event, select

from lti_tool.access import Duty, Role
from lti_tool.core import clock
from lti_tool.core.db import as_trust
from lti_tool.journal import JournalLine
from lti_tool.launch import commands, facts
from lti_tool.launch.check import Line, Reachable, State, checklist, trusts_of
from lti_tool.launch.faults import Fault
from lti_tool.launch.models import (
    Deployment,
    Mark,
    Placement,
    Platform,
    PlatformFacts,
    RosterService,
    ToolKeyReading,
)
from lti_tool.launch.shelf import OwnAddress
from lti_tool.people import Course, Person, Trust
from tests.conformance.test_registration import connect, invite, is_told
from tests.factories.house import House
from tests.factories.platform import GONE, INSTITUTION, LTI
from tests.factories.registering_vle import TOOL, RegisteringVle, registering_vle
from tests.factories.served_course import course_with_services
from tests.factories.vle import FROM_THE_VLE, OURS, Vle, says
from tests.functional.launch.test_activities import TUTOR

PUBLIC = Reachable("https://grandround.trust.nhs.uk", is_private=False)
NAMELESS = {"name": GONE, "given_name": GONE, "family_name": GONE}


def lines(vle: Vle, address: Reachable = PUBLIC) -> dict[str, Line]:
    with vle.house.database.reading() as db:
        platform = db.scalars(select(Platform)).one()
        return {line.about: line for line in checklist(db, platform, address, trusts_of(db, platform))}


def known(vle: Vle) -> PlatformFacts:
    with vle.house.database.reading() as db:
        return db.scalars(select(PlatformFacts)).one()


def launched(vle: Vle, **changes: Any) -> None:
    assert vle.launch(vle.browser(), **changes).status_code == 303


def clock_told(vle: Vle, seconds: int) -> None:
    with vle.house.database.transaction() as db:
        facts.note_clock(db, db.scalars(select(Platform.public_id)).one(), seconds)


def roster_tried(fault: str = "") -> Callable[[Vle], None]:
    """The worker has read the roster of the course, or could not."""

    def do(vle: Vle) -> None:
        launched(vle)
        now = clock.now()
        with vle.house.database.transaction() as db:
            as_trust(db, db.scalars(select(Trust.id)).one())
            course, deployment = db.scalars(select(Course)).one(), db.scalars(select(Deployment)).one()
            told = {"outcome": "refused" if fault else "read", "reason": fault, "read_at": None if fault else now}
            row = {"course_id": course.id, "trust_id": course.trust_id, "deployment_id": deployment.id}
            address = "https://vle.example/members"
            db.add(RosterService(**row, **told, tried_at=now, next_at=now, members_url=address))

    return do


def mark_sent(fault: str = "") -> Callable[[Vle], None]:
    """The worker has taken a mark to the VLE, or could not."""

    def do(vle: Vle) -> None:
        launched(vle)
        with vle.house.database.transaction() as db:
            as_trust(db, db.scalars(select(Trust.id)).one())
            placement, person = db.scalars(select(Placement)).one(), db.scalars(select(Person)).one()
            row = {"trust_id": person.trust_id, "placement_id": placement.id, "person_id": person.id, "mark": 70}
            told = {"state": "refused" if fault else "sent", "reason": fault, "stamp": clock.now()}
            db.add(Mark(**row, **told, given_by_id=person.id))

    return do


def refused(vle: Vle, **changes: Any) -> None:
    assert vle.launch(vle.browser(), **changes).status_code == 401


def at(seconds: int) -> dict[str, int]:
    now = int(clock.now().timestamp())
    return {"iat": now + seconds, "exp": now + seconds + 60}


def unreadable(vle: Vle) -> None:
    vle.talk = says(b"no keys here", 500)
    refused(vle)


def switched_off(vle: Vle) -> None:
    with vle.house.database.transaction() as db:
        db.scalars(select(Platform)).one().disabled_at = clock.now()


def keys_read(vle: Vle) -> None:
    vle.browser().get("/lti/jwks.json")


def framed_elsewhere(vle: Vle) -> None:
    launched(vle, **{LTI + "launch_presentation": {"return_url": "https://frame.example/back?sesskey=s"}})


ROWS: dict[str, tuple[str, Callable[[Vle], Any], State, str]] = {
    "registered": ("registered", lambda vle: None, State.DONE, "https://vle.example"),
    "switched off": ("registered", switched_off, State.WRONG, "platform enable --name “Northmoor Moodle”"),
    "pending": ("activated", lambda vle: None, State.WAITING, "press Activate on Grand Round, which says “Pending”"),
    "first launch": ("activated", launched, State.DONE, "First opened"),
    "unknown deployment": (
        "activated",
        lambda vle: refused(vle, **{LTI + "deployment_id": "9"}),
        State.WRONG,
        "platform add",
    ),
    "keys not read": ("keys", lambda vle: None, State.WAITING, "Not read yet"),
    "keys read": ("keys", launched, State.DONE, "Read "),
    "keys unreadable": ("keys", unreadable, State.WRONG, "allow_private_hosts"),
    "clock unknown": ("clock", lambda vle: None, State.WAITING, "not told us the time"),
    "clock right": ("clock", lambda vle: clock_told(vle, 5), State.DONE, "They do"),
    "clock ahead": ("clock", lambda vle: clock_told(vle, 6), State.WRONG, "6 seconds ahead of ours"),
    "clock behind": ("clock", lambda vle: clock_told(vle, -40), State.WRONG, "40 seconds behind ours"),
    "a launch in time": ("clock", launched, State.DONE, "They do"),
    "a clock that was mended": ("clock", lambda vle: (clock_told(vle, 90), launched(vle)), State.DONE, "They do"),
    "a launch from ahead": ("clock", lambda vle: launched(vle, **at(30)), State.WRONG, "seconds ahead of ours"),
    "a launch from behind": ("clock", lambda vle: launched(vle, **at(-50)), State.WRONG, "seconds behind ours"),
    "a slow browser": ("clock", lambda vle: launched(vle, **at(-10)), State.WAITING, "not told us"),
    "too far ahead": ("clock", lambda vle: refused(vle, **at(300)), State.WRONG, "NTP"),
    "too far behind": ("clock", lambda vle: refused(vle, **at(-400)), State.WRONG, "NTP"),
    "names unknown": ("names", lambda vle: None, State.WAITING, "first launch"),
    "names arrive": ("names", launched, State.DONE, "their own names"),
    "no names": ("names", lambda vle: launched(vle, **NAMELESS), State.WRONG, "Share launcher’s name with tool"),
    "frame": ("frame", launched, State.DONE, "https://vle.example"),
    "frame of another host": ("frame", framed_elsewhere, State.WRONG, "--origin https://frame.example"),
    "our keys waiting": ("our_keys", lambda vle: None, State.WAITING, "has not yet"),
    "our keys read": ("our_keys", keys_read, State.DONE, "They were read"),
    "our keys used": ("our_keys", roster_tried(), State.DONE, "rosters"),
    "roster not tried": ("roster", lambda vle: None, State.WAITING, "after the first launch"),
    "roster not offered": ("roster", launched, State.WAITING, "Names and Role Provisioning"),
    "roster read": ("roster", roster_tried(), State.DONE, "Last "),
    "roster refused": ("roster", roster_tried("The VLE gives no access."), State.WRONG, "no access"),
    "scores not tried": ("scores", lambda vle: None, State.WAITING, "first gives a mark"),
    "scores accepted": ("scores", mark_sent(), State.DONE, "Last "),
    "scores refused": ("scores", mark_sent("Unknown person."), State.WRONG, "Delegate to teacher"),
}


@pytest.mark.sql
@pytest.mark.parametrize("row", ROWS)
def test_a_line_of_the_check(vle: Vle, row: str) -> None:
    about, happens, state, words = ROWS[row]
    happens(vle)
    line = lines(vle)[about]
    assert line.state is state, line
    assert words in f"{line.words} {line.todo}"
    assert line.todo or state is not State.WRONG, "a red line says who must do what"


@pytest.mark.parametrize(
    ("base_url", "is_private", "words"),
    [
        ("https://10.1.2.3", True, "is on a private address"),
        ("https://gr.trust.nhs.uk", True, "is on a private address"),
        ("https://gr.trust.nhs.uk:8443", False, "a port that Moodle does not call"),
        ("http://localhost:5000", True, "is on a private address"),
    ],
)
def test_an_address_that_moodle_does_not_call(vle: Vle, base_url: str, is_private: bool, words: str) -> None:
    address = Reachable(base_url, is_private)
    line = lines(vle, address)["our_keys"]
    assert line.state is State.WRONG
    assert words in line.words
    assert "lti-tool keys show --pem" in line.todo
    keys_read(vle)
    assert lines(vle, address)["our_keys"].state is State.DONE


@pytest.mark.parametrize(
    ("base_url", "is_private"), [("https://127.0.0.1", True), ("https://1.1.1.1", False), ("https://[::1]:5000", True)]
)
def test_where_our_own_address_leads_is_looked_up(base_url: str, is_private: bool) -> None:
    assert OwnAddress(base_url).find().is_private is is_private


@pytest.mark.sql
class TestFacts:
    def test_nobody_can_paint_a_line_red_from_outside(self, vle: Vle) -> None:
        launched(vle)
        refused(vle, **{"aud": "another-tool"})
        vle.login(vle.browser(), lti_deployment_id="9")
        login = vle.login(vle.browser())
        vle.post(vle.browser(), "e30.e30.e30", login.state)
        assert known(vle).fault == ""

    def test_a_launch_that_is_let_in_clears_a_fault(self, vle: Vle) -> None:
        refused(vle, **at(300))
        assert known(vle).fault == Fault.FROM_THE_FUTURE.name
        launched(vle)
        assert known(vle).fault == ""

    def test_what_is_no_news_is_not_written(self, vle: Vle) -> None:
        launched(vle)
        before, sent = known(vle), []

        def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            sent.append(statement)

        event.listen(vle.house.database.engine, "before_cursor_execute", note)
        launched(vle)
        assert not [statement for statement in sent if "platform_facts" in statement and "UPDATE" in statement]
        assert known(vle).launched_at == before.launched_at

    def test_our_keys_are_noted_once_an_hour_and_after_a_connection(self, vle: Vle) -> None:
        def read_at() -> datetime:
            keys_read(vle)
            with vle.house.database.reading() as db:
                return db.scalars(select(ToolKeyReading.read_at)).one()

        first = read_at()
        with time_machine.travel(clock.now() + timedelta(minutes=30), tick=False):
            assert read_at() == first
            vle.connect(name="Other", client_id="client-2")
        with time_machine.travel(clock.now() + timedelta(minutes=31), tick=False):
            second = read_at()
            assert second > first
        with time_machine.travel(second + timedelta(minutes=61), tick=False):
            assert read_at() > second


@pytest.mark.sql
class TestTheCommand:
    def run(self, vle: Vle, name: str = "Northmoor Moodle") -> Any:
        words = ["check", "--name", name]
        return CliRunner().invoke(commands[0], words, obj=lambda: vle.house.database)

    def test_it_reads_the_keys_first(self, vle: Vle) -> None:
        result = self.run(vle)
        assert re.search(r"^done +We can read the VLE’s keys: Read ", result.output, re.MULTILINE)
        assert re.search(r"^waiting +Switched on", result.output, re.MULTILINE)
        assert result.exit_code == 1, "the tests' own address is private"

    def test_it_says_why_they_cannot_be_read(self, vle: Vle) -> None:
        vle.talk = says(b"", 503)
        result = self.run(vle)
        assert "wrong    We can read the VLE’s keys" in result.output
        assert "answered with 503" in result.output
        vle.talk = None
        assert "done     We can read the VLE’s keys" in self.run(vle).output

    def test_a_vle_that_is_none(self, vle: Vle) -> None:
        result = self.run(vle, "Nobody")
        assert result.exit_code == 1
        assert "no platform called" in result.output


@pytest.fixture
def registering() -> Iterator[RegisteringVle]:
    with registering_vle() as found:
        yield found


def watch_on(text: str) -> str:
    found = re.search(r"/lti/connection/[A-Za-z0-9_.-]+", text)
    assert found, text
    return found.group(0)


@pytest.mark.sql
class TestTheSecretPage:
    def test_it_is_printed_with_the_invite_and_waits(self, house: House) -> None:
        result = CliRunner().invoke(commands[0], ["invite", "--trust", "Northmoor"], obj=lambda: house.database)
        page = house.app.test_client().get(watch_on(result.output))
        assert page.status_code == 200
        assert "Nobody has used the address yet" in page.text

    def test_it_shows_the_connection_and_nobody(self, house: House, registering: RegisteringVle) -> None:
        path = watch_on(connect(house, registering).text)
        page = house.app.test_client().get(path)
        assert "Registered in the VLE" in page.text
        assert "Pending" in page.text
        assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in page.text
        assert "frame-ancestors *" in page.headers["Content-Security-Policy"]

    def test_it_is_drawn_anew_only_when_something_changed(self, house: House, registering: RegisteringVle) -> None:
        path = watch_on(connect(house, registering).text)
        browser = house.app.test_client()
        again = re.search(r'hx-get="([^"]+)"', browser.get(path).text)
        assert again
        assert browser.get(again.group(1)).status_code == 204
        browser.get("/lti/jwks.json")
        assert browser.get(again.group(1)).status_code == 200

    @pytest.mark.parametrize("slip", ["x", "A" * 43, "é"])
    def test_no_other_address_shows_it(self, house: House, slip: str) -> None:
        is_told(house.app.test_client().get(f"/lti/connection/{slip}"), Fault.CHECKLIST_UNKNOWN, 404)

    def test_it_ends_after_fourteen_days(self, house: House, registering: RegisteringVle) -> None:
        path = watch_on(connect(house, registering).text)
        with time_machine.travel(clock.now() + timedelta(days=13, hours=23), tick=False):
            assert house.app.test_client().get(path).status_code == 200
        with time_machine.travel(clock.now() + timedelta(days=14, seconds=1), tick=False):
            is_told(house.app.test_client().get(path), Fault.CHECKLIST_UNKNOWN, 404)


@pytest.mark.sql
class TestInsideAVisit:
    def test_for_the_vles_administrator(self, vle: Vle) -> None:
        browser = vle.browser()
        administrator = {LTI + "roles": [INSTITUTION + "Administrator"]}
        vle.arrive(browser, **administrator)
        with vle.inside().reading() as db:
            line = db.scalars(select(JournalLine.subject).where(JournalLine.verb == "enrolment.changed")).one()
        course = f"/courses/{line.partition(':')[2]}"
        page = browser.get(f"{course}/connection")
        assert page.status_code == 200
        assert "Northmoor Moodle" in page.text
        assert "First opened" in page.text
        assert f"{course}/connection" in browser.get(f"{course}/").text

    def test_for_who_is_appointed_and_for_no_tutor(self, house: House) -> None:
        trust = house.trust()
        course = house.course(trust)
        appointed = house.person(trust, "Vera", {course.id: Role.READER}, Duty.VLE_ADMINISTRATOR)
        tutor = house.person(trust, "Helen", {course.id: Role.TUTOR})
        path = f"/courses/{course.public_id}/connection"
        assert house.browser(appointed, course).get(path).status_code == 200
        assert house.browser(tutor, course).get(path).status_code == 403


@pytest.fixture
def undeployed(vle: Vle) -> Vle:
    """A VLE that connected itself without naming a deployment, an hour ago."""
    with registering_vle() as registering:
        registering.answer_changes = {TOOL: GONE}
        registering.keys = vle.keys
        connect(vle.house, registering)
    with vle.house.database.transaction() as db:
        old, new = db.scalars(select(Platform).order_by(Platform.id))
        new.keys_url, client_id, issuer = old.keys_url, new.client_id, new.issuer
        old.disabled_at = clock.now()
    vle.platform = replace(vle.platform, client_id=client_id, issuer=issuer)
    return vle


def deployments(vle: Vle) -> list[str]:
    with vle.house.database.reading() as db:
        newest = db.scalars(select(Platform.id).order_by(Platform.id.desc())).first()
        return list(db.scalars(select(Deployment.deployment_id).where(Deployment.platform_id == newest)))


@pytest.mark.sql
class TestTheFirstDeployment:
    def test_a_tutors_first_launch_brings_it(self, undeployed: Vle) -> None:
        launched(undeployed, **TUTOR, **{LTI + "deployment_id": "1"})
        assert deployments(undeployed) == ["1"]
        with undeployed.inside().reading() as db:
            line = db.scalars(select(JournalLine).where(JournalLine.verb == "deployment.adopted")).one()
        assert line.details == {"deployment": "1"}
        launched(undeployed)

    def test_a_learners_does_not(self, undeployed: Vle) -> None:
        answer = undeployed.launch(undeployed.browser())
        assert Fault.DEPLOYMENT_UNKNOWN.happened in answer.text
        assert deployments(undeployed) == []

    def test_only_one_is_adopted(self, undeployed: Vle) -> None:
        launched(undeployed, **TUTOR)
        entrance = undeployed.house.app.extensions["entrance"]
        entrance.registrations._read.clear()
        answer = undeployed.launch(undeployed.browser(), **TUTOR, **{LTI + "deployment_id": "2"})
        assert Fault.DEPLOYMENT_UNKNOWN.happened in answer.text
        assert deployments(undeployed) == ["1"]

    def test_not_even_while_the_first_is_not_yet_known_everywhere(self, undeployed: Vle) -> None:
        """A process believes for some seconds that none is known; the transaction looks again."""
        launched(undeployed, **TUTOR)
        login = undeployed.login(browser := undeployed.browser())
        token = undeployed.token(login, **TUTOR, **{LTI + "deployment_id": "2"})
        assert Fault.DEPLOYMENT_UNKNOWN.happened in undeployed.post(browser, token, login.state).text

    def test_not_after_fourteen_days(self, undeployed: Vle) -> None:
        with time_machine.travel(clock.now() + timedelta(days=14, seconds=1)):
            login = undeployed.login(undeployed.browser())
        assert login.answer.status_code == 400
        assert Fault.DEPLOYMENT_UNKNOWN.happened in login.answer.text

    def test_not_for_a_platform_that_was_connected_by_command(self, vle: Vle) -> None:
        with vle.house.database.transaction() as db:
            db.delete(db.scalars(select(Deployment)).one())
        assert Fault.DEPLOYMENT_UNKNOWN.happened in vle.login(vle.browser()).answer.text


def test_a_page_for_an_invite_that_was_never_pressed(house: House, registering: RegisteringVle) -> None:
    """The address of the closing page alone says that nothing was connected."""
    browser = house.app.test_client()
    page = browser.get(registering.opening(invite(house)), headers=FROM_THE_VLE)
    slip = watch_on(page.text).rpartition("/")[2]
    is_told(browser.get(f"/lti/registered/{slip}", headers=OURS), Fault.REGISTRATION_FAILED)


@pytest.mark.sql
class TestServicesAsTheyRun:
    """Nothing is pretended here: the worker reads the roster and takes a mark to a VLE over HTTP."""

    def test_a_roster_and_a_mark_turn_their_lines_green(self, house: House) -> None:
        with course_with_services(house) as scene:
            assert lines(scene.vle)["roster"].state is State.WAITING
            scene.read_roster()
            assert lines(scene.vle)["roster"].state is State.DONE
            assert lines(scene.vle)["our_keys"].state is State.DONE
            scene.mark(s4="70")
            assert lines(scene.vle)["scores"].state is State.DONE

    def test_a_roster_that_the_vle_does_not_grant(self, house: House) -> None:
        with course_with_services(house) as scene:
            scene.services.granted = ()
            scene.read_roster()
            line = lines(scene.vle)["roster"]
            assert line.state is State.WRONG
            assert "Names and Role Provisioning" in line.todo
            assert line.words[0].isupper()
