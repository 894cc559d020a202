"""Mails, sent to a real server: what they say and do not say, when they go, and what happens when they cannot."""

import os
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import text, update

from lti_tool.access import Role
from lti_tool.core import clock
from lti_tool.core.errors import Invalid
from lti_tool.core.settings import Settings, SettingsError
from lti_tool.journal import undone_deliveries
from lti_tool.moderation.rules import Verb
from lti_tool.notifications.actions import choose
from lti_tool.notifications.forms import chosen
from lti_tool.notifications.jobs import plan_digests, tidy_inbox
from lti_tool.notifications.queries import page_of_entries, told_how
from lti_tool.notifications.rules import DIGEST_LINES, How, Topic
from lti_tool.operations.inside import look_at_mail
from lti_tool.people import CourseLine, Enrolment, find_address, keep_address
from lti_tool.programme import cancel_session, get_session
from tests.conftest import make_settings
from tests.factories.house import House
from tests.factories.post_office import PostOffice
from tests.integration.test_inbox import TITLE, Ward

pytestmark = pytest.mark.sql
GOLDEN = Path(__file__).parents[1] / "snapshots" / "mails"
TO = "sam.okafor@trust.example"


@pytest.fixture
def office() -> Iterator[PostOffice]:
    """A mail server that answers."""
    office = PostOffice()
    office.open()
    yield office
    office.close()


@pytest.fixture
def settings(settings: Settings, office: PostOffice) -> Settings:
    """Of an installation that sends mail."""
    return replace(settings, smtp_url=office.url, mail_from="Grand Round <post@trust.example>")


class MailedWard(Ward):
    """A ward whose Sam has a mail address."""

    def __init__(self, house: House, pseudonymous: bool = False) -> None:
        super().__init__(house, pseudonymous)
        with self.inside.transaction() as db:
            keep_address(db, self.sam.id, self.sam.trust_id, TO)

    @property
    def line(self) -> CourseLine:
        return CourseLine.of(self.course)

    def choose(self, **hows: How) -> None:
        with self.inside.transaction() as db:
            wanted = {Topic(topic): how for topic, how in hows.items()}
            choose(db, self.house.actor(db, self.sam, self.course), self.line, wanted)

    def digest(self) -> None:
        with self.house.database.transaction() as db:
            plan_digests(db, clock.now())
        self.house.work()

    def approved(self, times: int = 1) -> list[str]:
        posts = [self.ask() for _time in range(times)]
        for post in posts:
            self.decide(post, Verb.APPROVE)
        self.house.work()
        return posts

    def waits(self) -> int:
        with self.house.database.reading() as db:
            return sum(one.waiting for one in undone_deliveries(db))


@pytest.fixture
def ward(house: House) -> MailedWard:
    return MailedWard(house)


@pytest.fixture
def sealed(house: House) -> MailedWard:
    return MailedWard(house, pseudonymous=True)


def parts(mail: EmailMessage) -> tuple[str, str]:
    """A mail as text and as a page."""
    found = {part.get_content_type(): part.get_content() for part in mail.walk() if not part.is_multipart()}
    return found["text/plain"], found["text/html"]


def whole(mail: EmailMessage) -> str:
    return "\n".join([*(f"{name}: {value}" for name, value in mail.items()), *parts(mail)])


def compare(name: str, mail: EmailMessage) -> None:
    """With the golden file that somebody has read: ids, times and tokens apart."""
    said = whole(mail)
    said = re.sub(r"/mail/stop/[\w=-]+", "/mail/stop/TOKEN", said)
    said = re.sub(r"/go/\w{16}", "/go/ID", said)
    said = re.sub(r"<\w{16}@", "<ID@", said)
    said = re.sub(r"\w{3}, \d\d \w{3} \d{4} [\d:]{8} \+0000", "DATE", said)
    said = re.sub(r"\w{3} \d{1,2} \w{3}, ", "DAY, ", said)
    said = re.sub(r'boundary="[^"]+"', 'boundary="B"', said).replace("\r\n", "\n")
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        path.write_text(said, encoding="utf-8")
    assert said == path.read_text(encoding="utf-8")


def test_a_decision_is_mailed_at_once_to_who_wants_it_so(ward, office):
    ward.choose(posts=How.MAIL)
    (post,) = ward.approved()
    assert office.taken == [], "ten seconds are for Undo, and then the mail is a delivery of its own"
    ward.house.work(timedelta(minutes=1))
    ((to, mail),) = office.taken
    assert to == TO
    assert mail["Subject"] == "Your question was approved"
    assert f"/go/{post}" in parts(mail)[0]
    assert f"/go/{post}" in parts(mail)[1]
    for word in ("Sam", "Okafor", "Helen", "clopidogrel", TITLE, "stent"):
        assert word not in whole(mail).replace(TO, ""), word
    compare("decision-at-once", mail)


def test_who_has_chosen_nothing_gets_one_mail_a_day(ward, office):
    ward.approved()
    ward.house.work(timedelta(hours=1))
    assert office.taken == []
    ward.digest()
    ward.digest()
    ((_to, mail),) = office.taken
    assert mail["Subject"] == "1 new thing for you"
    compare("digest", mail)


def test_what_was_read_in_the_tool_is_not_mailed(ward, office):
    ward.approved()
    sam = ward.house.browser(ward.sam, ward.course)
    inbox = sam.get(f"/courses/{ward.course.public_id}/inbox").get_data(as_text=True)
    newest = re.search(r'name="newest" value="(\w+)"', inbox)[1]
    sam.post(f"/courses/{ward.course.public_id}/inbox/read", {"newest": newest})
    ward.digest()
    assert office.taken == []


def test_a_digest_has_ten_lines_at_most_and_says_how_many_more(ward, office):
    ward.approved(DIGEST_LINES + 4)
    ward.digest()
    plain, page = parts(office.taken[0][1])
    assert plain.count("/go/") == page.count("/go/") == DIGEST_LINES - 1
    assert "And 5 more in your inbox." in plain
    compare("digest-of-many", office.taken[0][1])


def test_a_mail_about_a_board_without_names_tells_nothing_and_never_at_once(sealed, office):
    """A mail log must not show who wrote which post: no board, no post, no moment."""
    sealed.choose(posts=How.MAIL, replies=How.MAIL)
    (post,) = sealed.approved()
    answer = sealed.reply(sealed.priya, post)
    sealed.decide(answer, Verb.APPROVE)
    sealed.house.work()
    sealed.house.work(timedelta(hours=2))
    assert office.taken == []
    sealed.digest()
    ((_to, mail),) = office.taken
    said = whole(mail)
    thread = sealed.house.facts(sealed.helen, sealed.course, post).thread_public_id
    alias = sealed.house.facts(sealed.helen, sealed.course, post).author
    for word in (post, answer, thread, sealed.board, sealed.course.title, "question", "reply", alias, TITLE, "Ask"):
        assert word not in said, word
    compare("digest-without-names", mail)
    entry = re.search(r"/go/(\w{16})", said)[1]
    way = sealed.house.browser(sealed.sam, sealed.course).get(f"/go/{entry}")
    assert way.status_code == 303
    assert way.location.endswith("/inbox")


def test_teaching_that_is_cancelled_late_is_mailed_at_once(ward, office):
    session = ward.house.teaching(ward.helen, ward.course)
    with ward.house.database.transaction() as db:
        actor = ward.house.actor(db, ward.helen, ward.course)
        line = get_session(db, actor, session)
        cancel_session(db, actor, line, "Dr Marsh is away.", line.version)
    ward.house.work()
    ward.house.work(timedelta(minutes=1))
    ((_to, mail),) = office.taken
    assert mail["Subject"] == "Teaching was cancelled: see why"
    assert "Marsh" not in whole(mail)
    compare("teaching-cancelled", mail)


def test_a_server_that_is_down_is_tried_again_under_the_same_number(ward, office):
    ward.choose(posts=How.MAIL)
    office.close()
    ward.approved()
    ward.house.work(timedelta(minutes=1))
    assert ward.waits() == 1
    office.open()
    office.data_answer = "451 4.3.0 later"  # it keeps the mail and forgets to say so
    ward.house.work(timedelta(minutes=5))
    assert ward.waits() == 1
    office.data_answer = ""
    ward.house.work(timedelta(minutes=30))
    assert ward.waits() == 0
    first, second = (mail["Message-ID"] for _to, mail in office.taken)
    assert first == second


def test_an_address_that_the_server_does_not_know_is_given_up_and_said(ward, office):
    ward.choose(posts=How.MAIL)
    office.rcpt_answer = "550 5.1.1 no such mailbox here"
    ward.approved()
    ward.house.work(timedelta(minutes=1))
    assert ward.waits() == 0, "never is not asked twice"
    with ward.inside.reading() as db:
        assert find_address(db, ward.sam.id).is_refused
        assert told_how(db, ward.sam.id)[Topic.POSTS] == How.TOOL
    page = ward.house.browser(ward.sam, ward.course).get(f"/courses/{ward.course.public_id}/inbox/settings")
    assert "The mail server did not know this address" in page.get_data(as_text=True)
    found = look_at_mail(ward.house.database)
    assert found.state == "note"
    assert "1 with 550" in found.says
    with ward.inside.transaction() as db:
        keep_address(db, ward.sam.id, ward.sam.trust_id, "sam@new.example")
        assert find_address(db, ward.sam.id).is_usable


def test_a_mail_that_the_server_will_not_take_is_given_up_and_the_address_stays(ward, office):
    ward.choose(posts=How.MAIL)
    office.data_answer = "554 5.7.1 we do not like its looks"
    ward.approved()
    ward.house.work(timedelta(minutes=1))
    assert ward.waits() == 0
    with ward.inside.reading() as db:
        assert find_address(db, ward.sam.id).is_usable
    assert "1 with 554" in look_at_mail(ward.house.database).says


def test_the_doctor_says_what_is_wrong_with_the_mail_server(ward, office):
    assert look_at_mail(ward.house.database).state == "ok"
    office.close()
    found = look_at_mail(ward.house.database)
    assert found.state == "wrong"
    assert "cannot be reached" in found.says


def stop_path(mail: EmailMessage) -> str:
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    return re.fullmatch(r"<http://localhost:5000(/mail/stop/[\w=-]+)>", mail["List-Unsubscribe"])[1]


def test_one_click_stops_these_mails_without_a_visit(ward, office):
    ward.choose(posts=How.MAIL)
    ward.approved()
    ward.house.work(timedelta(minutes=1))
    path, anybody = stop_path(office.taken[0][1]), ward.house.app.test_client()
    looked = anybody.get(path)
    assert looked.status_code == 200
    assert "Stop these mails?" in looked.get_data(as_text=True)
    assert "Sam" not in looked.get_data(as_text=True)
    with ward.inside.reading() as db:
        assert told_how(db, ward.sam.id)[Topic.POSTS] == How.MAIL, "a program that follows links stops nothing"
    for _time in range(2):
        assert anybody.post(path, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    with ward.inside.reading() as db:
        assert told_how(db, ward.sam.id)[Topic.POSTS] == How.TOOL
        assert told_how(db, ward.sam.id)[Topic.TEACHING] == How.MAIL, "only these"
    anybody.post(path, data={"do": "all"})
    with ward.inside.reading() as db:
        assert set(told_how(db, ward.sam.id).values()) == {How.TOOL}
    ward.approved()
    ward.digest()
    assert len(office.taken) == 1
    assert len(ward.told(ward.sam)) == 2, "the inbox goes on"


def test_what_waits_for_the_daily_mail_is_not_mailed_after_the_stop(ward, office):
    ward.approved()
    ward.digest()
    ward.approved()
    ward.house.app.test_client().post(stop_path(office.taken[0][1]), data={"List-Unsubscribe": "One-Click"})
    ward.digest()
    assert len(office.taken) == 1


@pytest.mark.parametrize("token", ["x", "gAAAAABm", "A" * 120])
def test_a_token_that_we_did_not_seal_stops_nothing(house, token):
    assert house.app.test_client().post(f"/mail/stop/{token}").status_code == 404


@pytest.mark.parametrize(
    "address",
    [
        "sam@trust.example\r\nBcc: all@trust.example",
        "sam@trust.example\nSubject: x",
        "sam@trust.example, eve@evil.example",
        "<sam@trust.example>",
        "Sam <sam@trust.example>",
        "sam@trust.example>\x00",
        "sam@localhost",
        "ſam@trust.example",
        "a" * 65 + "@trust.example",
        "a@" + "b." * 200 + "example",
        "",
    ],
)
def test_an_address_that_could_change_a_header_is_not_kept(ward, address):
    with ward.inside.transaction() as db:
        keep_address(db, ward.priya.id, ward.priya.trust_id, address)
        assert find_address(db, ward.priya.id).address == ""


def test_the_rows_hold_no_address_in_the_clear(ward):
    with ward.inside.transaction() as db:
        rows = db.execute(text("SELECT sealed FROM mail_addresses")).all()
    assert len(rows) == 1
    assert b"okafor" not in bytes(rows[0][0]).lower()


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({"smtp_url": "http://mail.example"}, "smtp_url"),
        ({"smtp_url": "smtp://"}, "smtp_url"),
        ({"smtp_url": "smtp+plain://name:word@mail.example"}, "not encrypted"),
        ({"smtp_url": "smtps://mail.example", "mail_from": "Grand Round"}, "mail_from"),
        ({"smtp_url": "smtps://mail.example", "mail_from": "G <a@b.example>\nBcc: c@d.example"}, "mail_from"),
    ],
)
def test_settings_of_mail_that_cannot_work_are_refused(tmp_path, given, word):
    with pytest.raises(SettingsError, match=word):
        make_settings(tmp_path, **{"mail_from": "a@trust.example"} | given)


def test_where_no_mail_is_sent_no_address_is_kept(ward):
    database, notes = ward.house.database, ward.house.database.notes
    notes["settings"] = replace(notes["settings"], smtp_url="")
    with database.within(ward.sam.trust_id).transaction() as db:
        keep_address(db, ward.priya.id, ward.priya.trust_id, "priya@trust.example")
        assert find_address(db, ward.priya.id).address == ""
    with database.transaction() as db:
        tidy_inbox(db, clock.now())
    with ward.inside.transaction() as db:
        assert find_address(db, ward.sam.id).address == "", "what was kept goes with the mail server"


def test_who_wants_no_address_kept_is_not_asked_again(ward):
    settings = f"/courses/{ward.course.public_id}/inbox/settings"
    sam = ward.house.browser(ward.sam, ward.course)
    assert TO in sam.get(settings).get_data(as_text=True)
    sam.post(settings, {"do": "forget"})
    with ward.inside.transaction() as db:
        keep_address(db, ward.sam.id, ward.sam.trust_id, TO)
        assert find_address(db, ward.sam.id).address == ""
    assert "keep no mail address" in sam.get(settings).get_data(as_text=True)
    sam.post(settings, {"do": "allow"})
    with ward.inside.transaction() as db:
        keep_address(db, ward.sam.id, ward.sam.trust_id, TO)
        assert find_address(db, ward.sam.id).is_usable


def test_replies_can_be_switched_off_and_what_becomes_of_ones_own_words_cannot(ward):
    settings = f"/courses/{ward.course.public_id}/inbox/settings"
    sam = ward.house.browser(ward.sam, ward.course)
    assert sam.post(settings, {"replies": "off"}).status_code == 303
    assert 400 <= sam.post(settings, {"posts": "off"}).status_code < 500
    (post,) = ward.approved()
    answer = ward.reply(ward.priya, post)
    ward.decide(answer, Verb.APPROVE)
    ward.house.work()
    assert ward.told(ward.sam) == ["Your question was approved"]
    assert ward.told(ward.priya) == ["Your reply was approved"]


def test_mail_cannot_be_chosen_where_it_cannot_reach():
    assert chosen({"posts": "mail"}, can_mail=True) == {Topic.POSTS: How.MAIL}
    with pytest.raises(Invalid):
        chosen({"posts": "mail"}, can_mail=False)


def test_who_has_left_gets_no_digest_of_what_they_may_not_read(ward, office):
    ward.approved()
    with ward.inside.transaction() as db:
        db.execute(update(Enrolment).values(left_at=clock.now()))
    ward.digest()
    assert office.taken == []
    with ward.inside.transaction() as db:
        tidy_inbox(db, clock.now())
        assert find_address(db, ward.sam.id).address == "", "an address of somebody who is in no course goes"


def test_old_news_is_not_mailed(ward, office):
    ward.approved()
    with time_machine.travel(clock.now() + timedelta(days=9)):
        ward.digest()
    assert office.taken == []


def test_the_inbox_page_leads_to_the_preferences(ward):
    page = ward.house.browser(ward.sam, ward.course).get(f"/courses/{ward.course.public_id}/inbox")
    assert "/inbox/settings" in page.get_data(as_text=True)
    with ward.inside.transaction() as db:
        assert page_of_entries(db, ward.house.actor(db, ward.sam, ward.course)).rows == []


def test_roles_do_not_matter_for_how_one_is_told(ward):
    with ward.inside.transaction() as db:
        helen = ward.house.actor(db, ward.helen, ward.course)
        assert helen.role_in(ward.course.id) == Role.TUTOR
        choose(db, helen, ward.line, {Topic.REPLIES: How.OFF})
        assert told_how(db, ward.helen.id)[Topic.REPLIES] == How.OFF
