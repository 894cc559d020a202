"""Reports weigh by how often their reporter was right; a concern for safety goes another way."""

import re
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from lti_tool.access import Duty
from lti_tool.core import clock
from lti_tool.core.ids import new_public_id
from lti_tool.journal import JournalLine
from lti_tool.moderation import Report, Verb
from lti_tool.moderation.flags import WEIGHT_THAT_HIDES, weight_of
from lti_tool.moderation.safety import call_again
from tests.factories.ward import Ward

pytestmark = pytest.mark.sql


@pytest.fixture
def ward(house) -> Ward:
    return Ward(house)


def is_hidden(ward: Ward, post: str) -> bool:
    return ward.facts(ward.helen, post).state == "hidden"


def was_wrong(ward: Ward, who, times: int) -> None:
    """This person has reported so many posts that a moderator kept."""
    for _time in range(times):
        post = ward.published()
        ward.report(who, post)
        ward.decide(post, Verb.RESTORE)


def test_two_reporters_of_whom_nothing_is_known_hide_and_one_does_not(ward):
    post = ward.published()
    ward.report(ward.priya, post)
    assert not is_hidden(ward, post)
    ward.report(ward.rhys, post)
    assert is_hidden(ward, post)


def test_the_same_person_counts_once(ward):
    post = ward.published()
    assert ward.report(ward.priya, post)
    assert not ward.report(ward.priya, post, "spam")
    assert not is_hidden(ward, post)


def test_who_was_often_wrong_weighs_little(ward):
    was_wrong(ward, ward.priya, 2)
    post = ward.published()
    ward.report(ward.priya, post)
    ward.report(ward.rhys, post)
    assert not is_hidden(ward, post), "they and a newcomer do not hide it"
    ward.report(ward.learner("Tom"), post)
    assert is_hidden(ward, post), "two newcomers and they do"


def test_who_was_right_makes_up_for_who_was_wrong(ward):
    was_wrong(ward, ward.priya, 1)
    for _time in range(2):
        post = ward.published()
        ward.report(ward.rhys, post)
        ward.decide(post, Verb.REMOVE, "unkind")
    post = ward.published()
    ward.report(ward.priya, post)
    ward.report(ward.rhys, post)
    assert is_hidden(ward, post)


def test_who_reported_what_was_then_corrected_was_right(ward):
    post = ward.published()
    ward.report(ward.priya, post, "unsafe")
    ward.browser(ward.helen).post(f"/posts/{post}/correct", {"text": "It is 15 mg.", "once": new_public_id()})
    ward.decide(post, Verb.RESTORE)
    ward.report(ward.rhys, post, "unkind")
    ward.decide(post, Verb.RESTORE)
    with ward.inside.reading() as db:
        assert list(db.scalars(select(Report.upheld).order_by(Report.id))) == [True, False]


def test_what_may_name_a_patient_is_hidden_at_once_whoever_says_so(ward):
    was_wrong(ward, ward.priya, 3)
    post = ward.published()
    ward.report(ward.priya, post, "patient")
    assert is_hidden(ward, post)


def test_nobody_alone_hides_by_weight():
    assert weight_of(0, 0) * 2 == WEIGHT_THAT_HIDES
    assert all(weight_of(times, 0) < WEIGHT_THAT_HIDES for times in (1, 10, 1000))
    assert weight_of(0, 1) > weight_of(0, 5) > 0


def test_no_page_shows_a_weight(ward):
    was_wrong(ward, ward.priya, 2)
    post = ward.published()
    ward.report(ward.priya, post)
    for who in (ward.helen, ward.priya, ward.sam):
        browser = ward.browser(who)
        for path in (f"/threads/{ward.thread(post)}", f"{ward.home}/log", f"{ward.home}/"):
            text = browser.get(path).text
            assert "weight" not in text
            assert "accura" not in text
    assert "Priya" not in ward.browser(ward.helen).get(f"{ward.home}/waiting/{post}").text


def lead(ward: Ward):
    return ward.person("Ruth Calder", Duty.SAFEGUARDING)


def worry(ward: Ward, post: str, **given: str):
    """Priya says that somebody may be at risk."""
    given = {"reason": "risk", "note": "She writes of not wanting to wake up."} | given
    return ward.browser(ward.priya).post(f"/posts/{post}/report", given, follow_redirects=True)


def test_whoever_fears_for_somebody_reads_at_once_whom_to_call(ward):
    post = ward.published()
    answer = worry(ward, post)
    assert answer.status_code == 200
    assert "999 in an emergency" in answer.text
    before = ward.browser(ward.priya).get(f"/posts/{post}/concern").text
    assert "999 in an emergency" in before, "and before anything is sent"


def test_the_trusts_own_numbers_stand_there_once_it_has_written_them_down(ward):
    ed = ward.browser(ward.person("Ed", Duty.EDUCATION_ADMINISTRATOR))
    given = {"numbers": "Occupational health, extension 4417\nChaplain on call: switchboard"}
    assert ed.post(f"{ward.home}/numbers", given).status_code == 303
    answer = worry(ward, ward.published())
    assert "Occupational health, extension 4417" in answer.text
    assert "Samaritans" not in answer.text
    assert ward.browser(ward.helen).post(f"{ward.home}/numbers", given).status_code == 403


def test_it_goes_to_the_safeguarding_lead_and_no_tutor_reads_it(ward):
    ruth = lead(ward)
    post = ward.published()
    worry(ward, post)
    ward.work()
    assert ward.told(ruth) == ["Someone may be at risk: look now"]
    assert ward.told(ward.helen) == []
    browser = ward.browser(ruth)
    home = f"/courses/{browser.visit.course_public_id}"
    duties = browser.get(f"{home}/duties").text
    [concern] = set(re.findall(r"/concerns/(\w{16})", duties))
    page = browser.get(f"{home}/concerns/{concern}").text
    assert "not wanting to wake up" in page
    assert "After a stent" in page, "the words that caused it"
    assert "Priya" not in page
    for path in (f"{ward.home}/waiting", f"{ward.home}/waiting/{post}", f"{ward.home}/log"):
        assert "wake up" not in ward.browser(ward.helen).get(path).text
    assert ward.browser(ward.helen).get(f"{ward.home}/concerns/{concern}").status_code == 403
    assert "safety" in ward.browser(ward.helen).get(f"{ward.home}/waiting/{post}").text
    assert not is_hidden(ward, post)


def test_who_may_be_asked_is_named_to_the_lead_alone(ward):
    ruth = lead(ward)
    worry(ward, ward.published(), may_name="yes")
    browser = ward.browser(ruth)
    home = f"/courses/{browser.visit.course_public_id}"
    [concern] = set(re.findall(r"/concerns/(\w{16})", browser.get(f"{home}/duties").text))
    assert "Priya Nadar" in browser.get(f"{home}/concerns/{concern}").text


def test_one_takes_it_on_and_the_other_sees_who(ward):
    ruth, mo = lead(ward), ward.person("Mo Teller", Duty.SAFEGUARDING)
    worry(ward, ward.published())
    browsers = [ward.browser(one) for one in (ruth, mo)]
    homes = [f"/courses/{browser.visit.course_public_id}" for browser in browsers]
    [concern] = set(re.findall(r"/concerns/(\w{16})", browsers[0].get(f"{homes[0]}/duties").text))
    for status in (303, 303):  # twice by the same person is a double click
        assert browsers[0].post(f"{homes[0]}/concerns/{concern}", {"do": "take"}).status_code == status
    assert browsers[1].post(f"{homes[1]}/concerns/{concern}", {"do": "take"}).status_code == 409
    assert "Ruth Calder sees to it" in browsers[1].get(f"{homes[1]}/concerns/{concern}").text
    browsers[0].post(f"{homes[0]}/concerns/{concern}", {"do": "done"})
    assert "Nothing waits for you" in browsers[1].get(f"{homes[1]}/duties").text


def test_where_nobody_is_appointed_the_education_administrator_is_told(ward):
    ed = ward.person("Ed", Duty.EDUCATION_ADMINISTRATOR)
    worry(ward, ward.published())
    ward.work()
    assert ward.told(ed) == ["Someone may be at risk: look now"]
    assert "Someone may be at risk" in ward.browser(ed).get(f"{ward.home}/duties").text


def test_the_education_administrator_reads_nothing_where_a_lead_is_appointed(ward):
    lead(ward)
    ed = ward.person("Ed", Duty.EDUCATION_ADMINISTRATOR)
    worry(ward, ward.published())
    assert "Nothing waits for you" in ward.browser(ed).get(f"{ward.home}/duties").text


def test_what_nobody_takes_on_is_told_again_once(ward):
    ruth, ed = lead(ward), ward.person("Ed", Duty.EDUCATION_ADMINISTRATOR)
    worry(ward, ward.published())
    for minutes in (20, 40, 60):
        with time_machine.travel(clock.now() + timedelta(minutes=minutes)), ward.house.database.transaction() as db:
            call_again(db, clock.now())
    ward.work(timedelta(hours=2))
    again = "Someone may be at risk, and nobody has taken it on: look now"
    assert ward.told(ruth) == [again, "Someone may be at risk: look now"]
    assert ward.told(ed) == [again]
    assert "Someone may be at risk" in ward.browser(ed).get(f"{ward.home}/duties").text


def test_a_second_worry_after_another_report_still_reaches_the_lead(ward):
    ruth = lead(ward)
    post = ward.published()
    ward.report(ward.priya, post, "unkind")
    worry(ward, post)
    worry(ward, post)
    ward.work()
    assert ward.told(ruth) == ["Someone may be at risk: look now"]
    with ward.inside.reading() as db:
        assert [(one.reason, one.note) for one in db.scalars(select(Report))] == [("unkind", "")]


def test_the_journal_names_no_reporter_and_holds_no_word(ward):
    lead(ward)
    worry(ward, ward.published(), may_name="yes", once=new_public_id())
    with ward.inside.reading() as db:
        [line] = db.scalars(select(JournalLine).where(JournalLine.verb == "concern.raised"))
    assert (line.actor, line.details) == ("reporter", {"goes_to": "safeguarding"})
