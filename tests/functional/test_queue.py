"""The queue of moderators, as they and the authors meet it: who has what, two at once, undo, other words, lateness."""

import re
import sys
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from lti_tool.access import Duty, Role
from lti_tool.boards import BoardPolicy
from lti_tool.core import clock
from lti_tool.journal import Delivery, JournalLine
from lti_tool.moderation import Decision, Report
from lti_tool.moderation.jobs import note_late
from lti_tool.texts import Revision
from tests.factories.cases import Room
from tests.factories.house import Browser, House, tomorrow

NAMED = "Mr Thackeray came to us on 14 November. He stayed on ward 7 bed 12."


class Ward:
    """A course with a learner, two tutors and a board."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.trust = house.trust()
        self.course = house.course(self.trust)
        self.sam = house.person(self.trust, "Sam Okafor", {self.course.id: Role.LEARNER})
        self.helen = house.person(self.trust, "Dr Helen Marsh", {self.course.id: Role.TUTOR})
        self.rhys = house.person(self.trust, "Dr Rhys Pennant", {self.course.id: Role.TUTOR})
        self.board = house.board(self.course, self.helen)
        self.asks, self.helens, self.rhyss = (
            house.browser(who, self.course) for who in (self.sam, self.helen, self.rhys)
        )
        self.path = f"/courses/{self.course.public_id}"
        self.queue = f"{self.path}/waiting"

    def ask(self, title: str = "When?", text: str = "Tell me.", board: str = "") -> str:
        return self.house.question(self.sam, self.course, board or self.board, title, text)

    def ask_named(self, title: str = "Too late?") -> str:
        """A question that the check holds, sent for review all the same."""
        self.asks.post(f"/boards/{self.board}/ask", {"title": title, "text": NAMED, "do": "review"})
        return re.findall(r"/waiting/([A-Za-z0-9]{16})#item-h\"[^<]*>Too late", text(self.rhyss, self.queue))[-1]

    def state(self, post: str) -> str:
        return self.house.facts(self.sam, self.course, post).state

    def decide(self, who: Browser, post: str, verb: str, **given: str):
        return who.post(f"{self.queue}/{post}", {"verb": verb, "seen": "1", **given})

    def rows(self, statement):
        with self.house.database.within(self.trust.id).transaction() as db:
            return db.scalars(statement).all()

    def late(self) -> None:
        with self.house.database.within(self.trust.id).transaction() as db:
            note_late(db, clock.now())
        self.house.work()


def text(browser: Browser, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200, answer.get_data(as_text=True)[-500:]
    return answer.get_data(as_text=True)


def undo_in(page: str) -> str:
    """Where the newest Undo button of a page leads."""
    return re.findall(r'action="([^"]*/undo/[A-Za-z0-9]{16})"', page)[-1]


def titles(page: str) -> list[str]:
    listed = page[page.index('id="tick"') : page.index("</nav>", page.index('id="tick"'))]
    return [" ".join(found.split()) for found in re.findall(r'gr-row__title"><a[^>]*>\s*(.*?)</a>', listed, re.DOTALL)]


@pytest.fixture
def ward(house: House) -> Ward:
    return Ward(house)


@pytest.mark.sql
def test_privacy_comes_first_then_safety_conduct_and_spam_then_the_oldest(ward):
    house = ward.house
    usual = ward.ask("Usual, oldest")
    shown = {name: ward.ask(name) for name in ("Spam", "Conduct", "Safety", "Privacy")}
    for post in shown.values():
        ward.decide(ward.helens, post, "approve")
    for name, reason in (("Spam", "spam"), ("Conduct", "unkind"), ("Safety", "unsafe"), ("Privacy", "patient")):
        reporter = house.browser(house.person_of(ward.course, f"R {name}", Role.LEARNER), ward.course)
        assert reporter.post(f"/posts/{shown[name]}/report", {"reason": reason}).status_code == 303
    ward.ask("Usual, newest")
    assert titles(text(ward.rhyss, ward.queue)) == [
        "Privacy",
        "Safety",
        "Conduct",
        "Spam",
        "Usual, oldest",
        "Usual, newest",
    ]
    assert ward.state(usual) == "pending"


def test_who_opens_an_item_has_it_for_a_quarter_of_an_hour(ward):
    post = ward.ask()
    assert "yours until" in text(ward.helens, f"{ward.queue}/{post}")
    assert "claimed by Dr Helen Marsh" in text(ward.rhyss, ward.queue)
    page = text(ward.rhyss, f"{ward.queue}/{post}")
    assert "Claimed by Dr Helen Marsh until" in page
    assert 'value="approve"' not in page[page.index('id="item-h"') :]
    with time_machine.travel(clock.now() + timedelta(minutes=16), tick=True):
        assert "yours until" in text(ward.rhyss, f"{ward.queue}/{post}")


def test_two_decide_at_once_and_the_second_loses_nothing(ward):
    post = ward.ask()
    text(ward.helens, f"{ward.queue}/{post}")
    refused = ward.decide(ward.rhyss, post, "return", asked="yes", note="Say which drug.")
    words = refused.get_data(as_text=True)
    assert refused.status_code == 409
    assert "Say which drug." in words
    assert "Helen" not in words, "it says that somebody was faster, not who"
    assert ward.decide(ward.helens, post, "approve").status_code == 303
    again = ward.decide(ward.rhyss, post, "return", asked="yes", note="Say which drug.")
    assert (again.status_code, "Say which drug." in again.get_data(as_text=True)) == (409, True)
    assert ward.state(post) == "published"


def test_an_item_is_taken_over(ward):
    post = ward.ask()
    text(ward.helens, f"{ward.queue}/{post}")
    assert ward.rhyss.post(f"{ward.queue}/{post}/take").status_code == 303
    assert ward.decide(ward.helens, post, "approve").status_code == 409
    assert ward.decide(ward.rhyss, post, "approve").status_code == 303


def test_a_double_click_decides_once(ward):
    post = ward.ask()
    answers = [ward.decide(ward.helens, post, "approve").status_code for _click in range(2)]
    assert answers == [303, 303]
    assert len(ward.rows(select(Decision))) == 1


def test_an_expired_visit_keeps_what_was_typed_and_decides_nothing(ward):
    post = ward.ask()
    old = ward.house.browser(ward.helen, ward.course)
    with time_machine.travel(clock.now() + timedelta(hours=9), tick=True):
        typed = {"asked": "yes", "note": "Say which drug.", "draft_place": f"decide:{post}"}
        assert ward.decide(old, post, "return", **typed).status_code in (401, 409)
        fresh = ward.house.browser(ward.helen, ward.course)
        page = ward.decide(fresh, post, "return").get_data(as_text=True)
    assert "Say which drug." in page
    assert ward.state(post) == "pending"


@pytest.mark.sql
def test_undo_puts_a_post_back_before_anybody_is_told(ward):
    post = ward.ask()
    ward.decide(ward.helens, post, "reject", reason="topic")
    page = text(ward.helens, ward.queue)
    path = undo_in(page)
    assert ward.helens.post(path).status_code == 303
    assert ward.state(post) == "pending"
    assert ward.helens.post(path).status_code == 303, "a second click changes nothing"
    ward.house.work()
    assert "rejected" not in text(ward.asks, f"{ward.path}/inbox")
    assert "Rejected" not in text(ward.asks, f"{ward.path}/log"), "nobody was told, so the log says nothing"
    ward.decide(ward.helens, post, "approve")
    ward.house.work()
    inbox = text(ward.asks, f"{ward.path}/inbox")
    assert inbox.count("was approved") == 1
    assert [each.verb for each in ward.rows(select(Decision).order_by(Decision.id))] == ["reject", "undo", "approve"]


def test_what_is_undone_at_once_is_told_by_no_worker(ward):
    post = ward.ask()
    for _time in range(2):
        ward.decide(ward.helens, post, "approve")
        path = undo_in(text(ward.helens, ward.queue))
        ward.helens.post(path)
        text(ward.helens, ward.queue)
    open_ones = select(JournalLine.verb).join(Delivery, Delivery.line_id == JournalLine.id)
    waiting = ward.rows(open_ones.where(Delivery.done_at.is_(None)))
    assert set(waiting) <= {"decision.undone"}  # of that the search hears, and no person


def test_it_is_too_late_to_undo_when_the_author_is_told(ward):
    post = ward.ask()
    ward.decide(ward.helens, post, "approve")
    path = undo_in(text(ward.helens, ward.queue))
    with time_machine.travel(clock.now() + timedelta(seconds=11), tick=True):
        ward.helens.post(path)
        assert "Too late to undo" in text(ward.helens, f"{ward.path}/decisions")
    assert ward.state(post) == "published"


def test_nobody_undoes_what_somebody_else_decided(ward):
    post = ward.ask()
    ward.decide(ward.helens, post, "approve")
    path = undo_in(text(ward.helens, ward.queue))
    assert ward.rhyss.post(path).status_code == 404
    assert ward.asks.post(path).status_code == 403
    assert ward.state(post) == "published"


def test_a_report_that_was_answered_and_undone_is_open_again(ward):
    post = ward.ask()
    ward.decide(ward.helens, post, "approve")
    jon = ward.house.browser(ward.house.person_of(ward.course, "Jon", Role.LEARNER), ward.course)
    jon.post(f"/posts/{post}/report", {"reason": "patient", "note": "It says which ward."})
    ward.decide(ward.helens, post, "restore")
    path = undo_in(text(ward.helens, ward.queue))
    ward.helens.post(path)
    assert ward.state(post) == "hidden"
    assert ward.rows(select(Report.upheld)) == [None]
    assert "It says which ward." in text(ward.helens, f"{ward.queue}/{post}")


def test_a_decision_is_taken_back_later_with_a_reason(ward):
    post = ward.ask()
    ward.decide(ward.helens, post, "reject", reason="topic")
    ward.house.work()
    with time_machine.travel(clock.now() + timedelta(days=1), tick=True):
        later = ward.house.browser(ward.helen, ward.course)
        (path,) = set(
            re.findall(r'href="([^"]*/decisions/[A-Za-z0-9]{16}/back)"', text(later, f"{ward.path}/decisions"))
        )
        assert later.post(path, {"note": ""}).status_code == 400
        assert later.post(path, {"note": "I had misread it."}).status_code == 303
        assert ward.state(post) == "published"
        assert later.post(path, {"note": "Again."}).status_code == 409
        page = text(later, f"{ward.path}/log")
    assert "an earlier decision taken back" in page
    assert [each.verb for each in ward.rows(select(Decision).order_by(Decision.id))] == ["reject", "approve"]


def test_several_are_decided_at_once_and_what_changed_meanwhile_is_told_apart(ward):
    posts = {name: ward.ask(name) for name in ("One", "Two", "Three")}
    ward.decide(ward.rhyss, posts["Two"], "approve")
    ticks = [f"{post}:1" for post in posts.values()]
    answer = ward.helens.post(f"{ward.queue}/ticked", {"verb": "approve", "tick": ticks})
    assert answer.status_code == 303
    page = text(ward.helens, ward.queue)
    assert "Approved: 2 posts." in page
    assert re.search(r"Not these[^<]*Two", page)
    made = ward.rows(select(Decision).where(Decision.decided_by == ward.helen.id))
    assert len({each.public_id for each in made}) == 2
    assert len({each.batch for each in made}) == 1
    path = undo_in(page)
    ward.helens.post(path)
    assert [ward.state(posts[name]) for name in ("One", "Two", "Three")] == ["pending", "published", "pending"]


def test_several_are_rejected_with_one_reason(ward):
    ticks = [f"{ward.ask(name)}:1" for name in ("One", "Two")]
    asked = ward.helens.post(f"{ward.queue}/ticked", {"verb": "reject", "tick": ticks})
    assert "Reject 2 posts" in asked.get_data(as_text=True)
    given = {"verb": "reject", "tick": ticks, "asked": "yes", "reason": "spam", "note": "Not here."}
    ward.helens.post(f"{ward.queue}/ticked", given)
    assert [(each.verb, each.reason) for each in ward.rows(select(Decision))] == [("reject", "spam")] * 2


def test_what_may_name_a_patient_is_never_decided_by_a_tick(ward):
    post = ward.ask_named()
    assert f'value="{post}:1"' not in text(ward.helens, ward.queue)
    ward.helens.post(f"{ward.queue}/ticked", {"verb": "approve", "tick": f"{post}:1"})
    assert ward.state(post) == "pending"


def test_the_moderator_sees_the_findings_struck_through_and_the_author_takes_the_words(ward):
    post = ward.ask_named()
    page = ward.decide(ward.helens, post, "return").get_data(as_text=True)
    struck = re.findall(r"<del><span[^>]*>out: </span>(.*?)</del>", page)
    assert any("Thackeray" in words for words in struck)
    box = re.search(r"<textarea[^>]*name=\"text\"[^>]*>(.*?)</textarea>", page, re.DOTALL).group(1)
    assert "Thackeray" not in box
    suggested = "A patient came to us on day 1. They stayed on a ward."
    ward.decide(ward.helens, post, "return", asked="yes", title="Too late?", text=suggested)
    thread = f"/threads/{ward.house.facts(ward.sam, ward.course, post).thread_public_id}"
    page = text(ward.asks, thread)
    assert "The moderator suggests:" in page
    assert "Accept and send again" in page
    assert ward.asks.post(f"/posts/{post}/take", {"seen": "1"}).status_code == 303
    assert ward.asks.post(f"/posts/{post}/take", {"seen": "1"}).status_code == 303, "a double click"
    facts = ward.house.facts(ward.sam, ward.course, post)
    assert (facts.state, facts.latest) == ("pending", 2)
    assert suggested in str(facts.html)
    assert "exactly what a moderator suggested" in text(ward.helens, f"{ward.queue}/{post}")


def test_an_author_may_go_on_from_the_suggestion(ward):
    post = ward.ask_named()
    ward.decide(ward.helens, post, "return", asked="yes", title="Too late?", text="A patient came on day 1.")
    assert "A patient came on day 1." in text(ward.asks, f"/posts/{post}/edit?of=suggestion")
    assert "Thackeray" in text(ward.asks, f"/posts/{post}/edit")


def test_a_suggestion_that_names_a_patient_is_not_sent(ward):
    post = ward.ask_named()
    given = {"asked": "yes", "title": "Too late?", "text": "NHS number 999 000 0000 came."}
    answer = ward.decide(ward.helens, post, "return", **given)
    assert answer.status_code == 400
    assert "NHS number 999 000 0000 came." in answer.get_data(as_text=True)
    assert ward.state(post) == "pending"


@pytest.mark.sql
def test_approving_with_redaction_leaves_nothing_of_what_stood_before(ward):
    post = ward.ask_named()
    words = {"asked": "yes", "title": "Too late?", "text": "A patient came on day 1."}
    assert ward.decide(ward.helens, post, "redact", **words).status_code == 303
    assert "A patient came on day 1." in str(ward.house.facts(ward.sam, ward.course, post).html)
    for revision in ward.rows(select(Revision)):
        assert "Thackeray" not in revision.source + revision.html + revision.title
    ward.house.work()
    assert "approved with changed words" in text(ward.asks, f"{ward.path}/inbox")
    (made,) = ward.rows(select(Decision))
    assert made.verb == "redact"
    assert "titled_name" in made.held_by


def test_a_reported_post_comes_back_with_other_words(ward):
    post = ward.ask("Where?", "On the ward of the famous singer.")
    ward.decide(ward.helens, post, "approve")
    jon = ward.house.browser(ward.house.person_of(ward.course, "Jon", Role.LEARNER), ward.course)
    jon.post(f"/posts/{post}/report", {"reason": "patient"})
    ward.decide(ward.rhyss, post, "redact", asked="yes", title="Where?", text="On a ward.")
    facts = ward.house.facts(ward.sam, ward.course, post)
    assert (facts.state, facts.waits_for) == ("published", None)
    assert all("singer" not in revision.source for revision in ward.rows(select(Revision)))


def test_a_second_opinion_stands_first_with_its_note(ward):
    ward.ask("An older question")
    post = ward.ask("A newer question")
    given = {"who": str(ward.rhys.id), "note": "Is the dose right?"}
    assert ward.helens.post(f"{ward.queue}/{post}/second", given).status_code == 303
    page = text(ward.rhyss, ward.queue)
    assert titles(page) == ["A newer question", "An older question"]
    assert "Dr Helen Marsh asks you" in page
    assert "Is the dose right?" in text(ward.rhyss, f"{ward.queue}/{post}")
    refused = ward.helens.post(f"{ward.queue}/{post}/second", {"who": str(ward.sam.id), "note": "You?"})
    assert refused.status_code in (400, 409)


def test_after_a_decision_the_next_item_is_there(ward):
    first, second = ward.ask("First"), ward.ask("Second")
    answer = ward.decide(ward.helens, first, "reject", reason="topic")
    assert answer.headers["Location"].endswith(f"{ward.queue}/{second}#item-h")


@pytest.mark.sql
def test_what_is_late_is_said_once_to_the_second_moderator(ward):
    given = {"title": "Ask", "checked": "all", "target": "30", "second": ward.rhys.public_id}
    assert ward.helens.post(f"/boards/{ward.board}/settings", given).status_code == 303
    post = ward.ask()
    ward.late()
    assert "waited longer" not in text(ward.rhyss, f"{ward.path}/inbox")
    with time_machine.travel(clock.now() + timedelta(minutes=31), tick=True):
        for _time in range(3):
            ward.late()
        assert text(ward.rhyss, f"{ward.path}/inbox").count("waited longer") == 1
        page = text(ward.helens, ward.queue)
        assert "Late:" in page
        assert "the second moderator was told" in page
        assert "waited longer" not in text(ward.helens, f"{ward.path}/inbox")
    assert ward.state(post) == "pending"


def test_whoever_is_away_is_not_told_but_the_education_administrators_are(ward):
    ruth = ward.house.person(ward.trust, "Ruth", {ward.course.id: Role.READER}, Duty.EDUCATION_ADMINISTRATOR)
    given = {"title": "Ask", "checked": "all", "target": "30", "second": ward.rhys.public_id}
    ward.helens.post(f"/boards/{ward.board}/settings", given)
    assert ward.rhyss.post(f"{ward.path}/away", {"day": tomorrow().isoformat()}).status_code == 303
    assert "Away until" in text(ward.helens, ward.queue)
    ward.ask()
    with time_machine.travel(clock.now() + timedelta(minutes=31), tick=True):
        ward.late()
        ruths = ward.house.browser(ruth, ward.course)
        assert "waited longer" in text(ruths, f"{ward.path}/inbox")
        assert "waited longer" not in text(ward.rhyss, f"{ward.path}/inbox")
    assert ward.rhyss.post(f"{ward.path}/away", {"day": "2020-01-01"}).status_code == 400
    ward.rhyss.post(f"{ward.path}/away", {"do": "back"})
    assert "Away until" not in text(ward.helens, ward.queue)


@pytest.mark.sql
def test_many_that_are_late_hide_none_of_those_that_come_later(ward, monkeypatch):
    monkeypatch.setattr(sys.modules[note_late.__module__], "MOST_AT_ONCE", 1)
    given = {"title": "Ask", "checked": "all", "target": "30", "second": ward.rhys.public_id}
    ward.helens.post(f"/boards/{ward.board}/settings", given)
    ward.ask("First"), ward.ask("Second")
    with time_machine.travel(clock.now() + timedelta(minutes=31), tick=True):
        for told in (1, 2, 2):
            ward.late()
            assert text(ward.rhyss, f"{ward.path}/inbox").count("waited longer") == told


@pytest.mark.sql
def test_a_case_that_nobody_reviews_is_told_to_the_education_administrators(ward):
    ruth = ward.house.person(ward.trust, "Ruth", {ward.course.id: Role.READER}, Duty.EDUCATION_ADMINISTRATOR)
    board = Room(ward.house, ward.course)
    case = board.begin(ward.sam)
    board.write(ward.sam, case)
    board.send(ward.sam, case)
    ruths = ward.house.browser(ruth, ward.course)
    ward.late()
    assert "waited longer" not in text(ruths, f"{ward.path}/inbox")
    with time_machine.travel(clock.now() + timedelta(days=2, minutes=1), tick=True):
        ruths = ward.house.browser(ruth, ward.course)
        for _time in range(2):
            ward.late()
        page = text(ruths, f"{ward.path}/inbox")
        assert page.count("A case has waited longer than it should for a reviewer") == 1
        assert "remind them" in page
        helens = ward.house.browser(ward.helen, ward.course)
        assert "waited longer" not in text(helens, f"{ward.path}/inbox")
        assert "the education administrators were told" in text(helens, ward.queue)


def test_a_privacy_hold_never_releases_itself(ward):
    post, held = ward.ask(), ward.ask_named()
    ward.decide(ward.helens, post, "approve")
    jon = ward.house.browser(ward.house.person_of(ward.course, "Jon", Role.LEARNER), ward.course)
    jon.post(f"/posts/{post}/report", {"reason": "patient"})
    with time_machine.travel(clock.now() + timedelta(days=60), tick=True):
        ward.late()
        assert [ward.state(each) for each in (post, held)] == ["hidden", "pending"]


def test_figures_say_how_it_went_without_names(ward):
    held = ward.ask_named()
    ward.decide(ward.helens, held, "return", asked="yes", note="Leave the name out.")
    wrongly = ward.ask_named("Too late, again?")
    ward.decide(ward.helens, wrongly, "approve")
    undone = ward.ask("Undone")
    ward.decide(ward.helens, undone, "reject", reason="topic")
    path = undo_in(text(ward.helens, ward.queue))
    ward.helens.post(path)
    page = text(ward.helens, f"{ward.path}/figures")
    rows = dict(re.findall(r'<th scope="row">([^<]*)</th><td>([^<]*)</td>', page))
    assert rows["Approved"] == "1"
    assert rows["Returned with a note"] == "1"
    assert "Rejected" not in rows
    assert re.search(r"A title with a surname</th><td>1</td><td>1</td>", page)
    assert "Thackeray" not in page + text(ward.asks, f"{ward.path}/log")
    assert "This month: 2 decisions" in text(ward.asks, f"{ward.path}/log")
    assert ward.helens.get(f"{ward.path}/figures?of=trust").status_code == 403
    assert ward.helens.get(f"{ward.path}/figures?period=year").status_code == 404
    ruth = ward.house.person(ward.trust, "Ruth", {ward.course.id: Role.READER}, Duty.EDUCATION_ADMINISTRATOR)
    assert "All courses of the trust." in text(ward.house.browser(ruth, ward.course), f"{ward.path}/figures?of=trust")


@pytest.mark.parametrize("is_sealed", [False, True])
@pytest.mark.sql
def test_trust_is_earned_quietly_and_lost_by_a_removal(ward, is_sealed):
    board = ward.house.board(ward.course, ward.helen, policy=BoardPolicy.FIRST, pseudonymous=is_sealed)
    given = {"title": "Ask", "checked": "first", "first_posts": "2"}
    assert ward.helens.post(f"/boards/{board}/settings", given).status_code == 303
    first = [ward.ask(board=board), ward.ask(board=board)]
    for post in first:
        assert ward.state(post) == "pending"
        ward.decide(ward.helens, post, "approve")
    assert ward.state(ward.ask(board=board)) == "published"
    ward.helens.post(f"/posts/{first[0]}/remove", {"reason": "unkind"})
    assert ward.state(ward.ask(board=board)) == "pending"


@pytest.mark.parametrize(
    ("policy", "is_sealed", "state", "words"),
    [
        ("off", False, "published", "It appears at once."),
        ("all", False, "pending", "A tutor reads it before others see it."),
        ("anonymous", False, "published", "It appears at once."),
        ("anonymous", True, "pending", "A tutor reads it before others see it."),
        ("images", False, "published", "unless it holds an image"),
        ("check", False, "published", "unless the check finds"),
        ("first", False, "pending", "your first 3 posts here"),
    ],
)
def test_a_boards_policy_decides_and_the_words_under_send_follow_it(ward, policy, is_sealed, state, words):
    board = ward.house.board(ward.course, ward.helen, policy=BoardPolicy(policy), pseudonymous=is_sealed)
    assert words in text(ward.asks, f"/boards/{board}/ask")
    assert ward.state(ward.ask(board=board)) == state


@pytest.mark.parametrize("policy", list(BoardPolicy))
def test_what_the_check_holds_waits_whatever_the_policy(ward, policy):
    board = ward.house.board(ward.course, ward.helen, policy=policy)
    ward.asks.post(f"/boards/{board}/ask", {"title": "Too late?", "text": NAMED, "do": "review"})
    assert "May name a patient" in text(ward.helens, ward.queue)
