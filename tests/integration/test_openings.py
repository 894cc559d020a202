"""Who wrote a post on a board with hidden names is opened by two people, with a reason; the author is told."""

import re
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from lti_tool.access import Duty
from lti_tool.boards.models import SealedAuthor
from lti_tool.core import clock
from lti_tool.core.ids import new_public_id
from lti_tool.journal import JournalLine
from lti_tool.moderation.duty_models import Opening
from tests.factories.ward import Ward

WHY = "They write of harming themselves tonight."
TOLD = "Two people of your trust opened who wrote your post. The information governance lead says why"


class Glass(Ward):
    """A post whose author is sealed, a safeguarding lead and an information governance lead."""

    def __init__(self, house) -> None:
        super().__init__(house, pseudonymous=True)
        self.post = self.published()
        self.ruth = self.browser(self.person("Ruth Calder", Duty.SAFEGUARDING))
        self.ivy = self.browser(self.person("Ivy Lorne", Duty.INFORMATION_GOVERNANCE))

    def request(self, who, **given: str) -> str:
        """Ask for the name; returns the request's public id."""
        given = {"reason": WHY, "once": new_public_id()} | given
        answer = who.post(f"/posts/{self.post}/author", given)
        assert answer.status_code == 303, answer.text
        return re.search(r"/openings/(\w{16})", answer.location)[1]

    def act(self, who, opening: str, do: str):
        return who.post(f"/courses/{who.visit.course_public_id}/openings/{opening}", {"do": do})

    def journal(self) -> str:
        """Everything that the journal says, in one text."""
        with self.inside.reading() as db:
            lines = db.scalars(select(JournalLine).where(JournalLine.verb.like("author.%")).order_by(JournalLine.id))
            return "\n".join(f"{line.actor} {line.verb} {line.subject} {line.details}" for line in lines)


@pytest.fixture
def glass(house) -> Glass:
    return Glass(house)


def test_one_asks_another_confirms_and_the_name_is_shown_once(glass):
    opening = glass.request(glass.ruth)
    assert glass.act(glass.ruth, opening, "show").status_code == 409, "nobody has confirmed"
    assert glass.act(glass.ivy, opening, "confirm").status_code == 303
    shown = glass.act(glass.ruth, opening, "show")
    assert "Sam Okafor" in shown.text
    assert glass.act(glass.ruth, opening, "show").status_code == 409
    for who in (glass.ruth, glass.ivy):
        page = who.get(f"/courses/{who.visit.course_public_id}/openings/{opening}").text
        assert "Sam" not in page
        assert WHY in page


def test_nobody_confirms_their_own_request_and_only_who_asked_sees_the_name(glass):
    opening = glass.request(glass.ruth)
    assert glass.act(glass.ruth, opening, "confirm").status_code == 403
    glass.act(glass.ivy, opening, "confirm")
    assert glass.act(glass.ivy, opening, "show").status_code == 403
    helen = glass.browser(glass.helen)
    assert glass.act(helen, opening, "confirm").status_code == 403
    assert helen.get(f"/posts/{glass.post}/author").status_code == 403


def test_a_day_later_it_is_over(glass):
    opening = glass.request(glass.ruth)
    with time_machine.travel(clock.now() + timedelta(hours=24, minutes=1)):
        ivy = glass.browser(glass.person("Ivy Later", Duty.INFORMATION_GOVERNANCE))
        assert glass.act(ivy, opening, "confirm").status_code == 409


def test_a_refusal_opens_nothing(glass):
    opening = glass.request(glass.ruth)
    assert glass.act(glass.ivy, opening, "refuse").status_code == 303
    assert glass.act(glass.ivy, opening, "confirm").status_code == 409
    assert glass.act(glass.ruth, opening, "show").status_code == 409


def test_the_other_is_told_and_the_author_afterwards(glass):
    opening = glass.request(glass.ruth)
    glass.work()
    assert "A colleague asks to open who wrote a post" in glass.ivy.get(_inbox(glass.ivy)).text
    assert "A colleague asks" not in glass.ruth.get(_inbox(glass.ruth)).text
    assert TOLD not in glass.told(glass.sam)
    glass.act(glass.ivy, opening, "confirm")
    glass.act(glass.ruth, opening, "show")
    glass.work()
    assert TOLD in glass.told(glass.sam)
    assert TOLD not in glass.told(glass.priya)


def _inbox(browser) -> str:
    return f"/courses/{browser.visit.course_public_id}/inbox"


def test_safeguarding_alone_may_keep_it_from_the_author_and_says_why(glass):
    ask = f"/posts/{glass.post}/author"
    secret = {"reason": WHY, "untold": "yes", "untold_because": "They may be coerced.", "once": new_public_id()}
    assert glass.ivy.post(ask, secret).status_code == 400
    assert glass.ruth.post(ask, secret | {"untold_because": ""}).status_code == 400
    opening = glass.request(glass.ruth, **secret)
    glass.act(glass.ivy, opening, "confirm")
    glass.act(glass.ruth, opening, "show")
    glass.work()
    assert TOLD not in glass.told(glass.sam)
    assert "author.opened_untold" in glass.journal()


def test_the_journal_says_who_opened_what_and_never_the_name(glass):
    opening = glass.request(glass.ruth)
    glass.act(glass.ivy, opening, "confirm")
    glass.act(glass.ruth, opening, "show")
    said = glass.journal()
    for verb in ("author.opening_asked", "author.opening_confirmed", "author.opened"):
        assert verb in said
    assert "Sam" not in said
    assert glass.sam.public_id not in said
    with glass.inside.reading() as db:
        rows = db.execute(select(Opening.__table__)).all()
    assert "Sam" not in str(rows)
    assert glass.sam.public_id not in str(rows)


def test_a_reason_is_needed_and_a_sealed_author(glass):
    assert glass.ruth.post(f"/posts/{glass.post}/author", {"reason": " "}).status_code == 400
    named = glass.house.board(glass.course, glass.helen, moderated=False)
    post = glass.house.question(glass.sam, glass.course, named)
    assert glass.ruth.get(f"/posts/{post}/author").status_code == 404
    assert glass.ruth.post(f"/posts/{post}/author", {"reason": WHY}).status_code == 409


def test_a_seal_that_is_gone_is_said(glass):
    opening = glass.request(glass.ruth)
    glass.act(glass.ivy, opening, "confirm")
    with glass.inside.transaction() as db:
        db.delete(db.scalars(select(SealedAuthor)).one())
    answer = glass.act(glass.ruth, opening, "show")
    assert answer.status_code == 409
    assert "nobody can open it" in answer.text


def test_a_pasted_link_finds_the_post(glass):
    duties = f"/courses/{glass.ivy.visit.course_public_id}/duties"
    for address in (f"https://grand-round.example/go/{glass.post}", f"/threads/x#{glass.post}", glass.post):
        assert glass.ivy.post(duties, {"address": address}).location.endswith(f"/posts/{glass.post}/moderate")
    wrong = glass.ivy.post(duties, {"address": "the one of yesterday"})
    assert wrong.status_code == 400
    assert "the one of yesterday" in wrong.text
