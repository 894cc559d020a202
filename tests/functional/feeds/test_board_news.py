"""The news of a board, read by a parser that we did not write, as a program somewhere else would read it."""

import re
from xml.etree import ElementTree

import feedparser
import pytest
from sqlalchemy import update

from lti_tool.boards import get_post_facts
from lti_tool.core import clock
from lti_tool.moderation.actions import remove
from lti_tool.moderation.forms import ReportDraft
from lti_tool.moderation.rules import Verb
from lti_tool.people import Enrolment
from tests.factories.house import House
from tests.functional.test_exports import Place

pytestmark = pytest.mark.sql


@pytest.fixture
def place(house: House) -> Place:
    return Place(house)


@pytest.fixture
def sealed(house: House) -> Place:
    return Place(house, pseudonymous=True)


def link(place: Place, who) -> str:
    """The path of somebody's feed, made as they would make it."""
    browser = place.house.browser(who, place.course)
    assert browser.post(f"/boards/{place.board}/feed").status_code == 303
    page = browser.get(f"/boards/{place.board}/feed").get_data(as_text=True)
    return re.search(r'value="http://localhost:5000(/feed/[\w-]+\.atom)"', page)[1]


def fetch(place: Place, path: str, **headers: str):
    return place.house.app.test_client().get(path, headers=headers)


def read(place: Place, path: str):
    answer = fetch(place, path)
    assert answer.status_code == 200
    found = feedparser.parse(answer.get_data(), response_headers={"content-type": answer.headers["Content-Type"]})
    assert not found.bozo, found.get("bozo_exception")
    assert found.version == "atom10"
    return found


def test_a_program_sees_questions_and_replies_with_who_wrote_and_the_way_back(place):
    found = read(place, link(place, place.sam))
    assert found.feed.title == "Ask"
    newest, oldest = found.entries
    assert newest.title == "Reply: When does it stop?"
    assert (oldest.title, oldest.author) == ("When does it stop?", "Sam Okafor")
    assert oldest.link == f"http://localhost:5000/go/{place.question}"
    assert "summary" not in oldest
    assert "content" not in oldest, "words stay in the house"
    assert len({entry.id for entry in found.entries}) == 2
    assert all(entry.id.startswith("urn:uuid:") for entry in found.entries)


def test_where_names_are_hidden_there_is_no_author_no_alias_and_no_moment(sealed):
    path = link(sealed, sealed.priya)
    text = fetch(sealed, path).get_data(as_text=True)
    alias = sealed.house.facts(sealed.helen, sealed.course, sealed.question).author
    for word in (alias, "Sam", "Priya", sealed.sam.public_id):
        assert word not in text
    for entry in read(sealed, path).entries:
        assert "author" not in entry
        assert re.search(r"T00:00:00(\+0[01]:00|Z)$", entry.updated)
    assert text.count("<author>") == 1, "the feed's own, which Atom asks for"


def test_two_peoples_feeds_cannot_be_laid_side_by_side(sealed):
    sam, priya = (read(sealed, link(sealed, who)) for who in (sealed.sam, sealed.priya))
    assert {entry.id for entry in sam.entries}.isdisjoint(entry.id for entry in priya.entries)
    assert [entry.id for entry in read(sealed, link(sealed, sealed.sam)).entries] == [e.id for e in sam.entries]


def test_only_what_is_published_and_still_there(place):
    path = link(place, place.priya)
    waiting = place.house.question(place.sam, place.course, place.board, "WAITING?", "Words.")
    assert "WAITING" not in fetch(place, path).get_data(as_text=True)
    tag = fetch(place, path).headers["ETag"]
    place.decide(waiting, Verb.APPROVE)
    answer = fetch(place, path, **{"If-None-Match": tag})
    assert answer.status_code == 200
    assert "WAITING" in answer.get_data(as_text=True)
    with place.inside.transaction() as db:
        helen = place.house.actor(db, place.helen, place.course)
        remove(db, helen, get_post_facts(db, helen, waiting), ReportDraft("patient", ""))
    after = fetch(place, path, **{"If-None-Match": answer.headers["ETag"]})
    assert after.status_code == 200
    assert "WAITING" not in after.get_data(as_text=True)


def test_who_has_it_already_is_told_so(place):
    path = link(place, place.sam)
    first = fetch(place, path)
    again = fetch(place, path, **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.get_data()) == (304, b"")
    zipped = fetch(place, path, **{"Accept-Encoding": "gzip"})
    assert zipped.headers["Content-Encoding"] == "gzip"
    assert zipped.headers["ETag"] != first.headers["ETag"]
    assert "Last-Modified" not in first.headers, "what was taken down has no date"
    assert "Set-Cookie" not in first.headers


def test_a_replaced_and_a_switched_off_address_are_gone(place):
    old = link(place, place.sam)
    browser = place.house.browser(place.sam, place.course)
    page = browser.get(f"/boards/{place.board}/feed").get_data(as_text=True)
    replace = re.search(r'href="(/courses/\w+/teaching/phone/\w+/replace)"', page)[1]
    assert "Ask" in browser.get(replace).get_data(as_text=True)
    answer = browser.post(replace, {"seen": "1"})
    assert answer.location.endswith(f"/boards/{place.board}/feed")
    assert fetch(place, old).status_code == 410
    new = link(place, place.sam)
    assert new != old
    assert fetch(place, new).status_code == 200
    browser.post(replace.replace("/replace", "/off"), {"seen": "2"})
    assert fetch(place, new).status_code == 410


def test_an_address_ends_with_the_right_to_read_the_board(place):
    path = link(place, place.sam)
    with place.inside.transaction() as db:
        db.execute(update(Enrolment).where(Enrolment.person_id == place.sam.id).values(left_at=clock.now()))
    assert fetch(place, path).status_code == 410


def test_a_feed_of_a_board_is_no_calendar_and_a_calendar_no_feed(place):
    path = link(place, place.sam)
    assert fetch(place, path.replace("/feed/", "/calendar/").replace(".atom", ".ics")).status_code == 404
    browser = place.house.browser(place.sam, place.course)
    assert "Ask" not in browser.get(f"/courses/{place.course.public_id}/teaching/phone").get_data(as_text=True)
    assert fetch(place, "/feed/nothing.atom").status_code == 404


def test_two_clicks_make_one_link_and_others_have_their_own(place):
    assert link(place, place.sam) == link(place, place.sam)
    assert link(place, place.sam) != link(place, place.priya)


def test_hostile_titles_stay_text(place):
    title = "<b>&amp; ]]> \u0001 \ufffe 🫀"
    place.published(title, "Text.")
    path = link(place, place.priya)
    read(place, path)
    root = ElementTree.fromstring(fetch(place, path).get_data())
    newest = root.find("{http://www.w3.org/2005/Atom}entry/{http://www.w3.org/2005/Atom}title")
    assert newest.text.startswith("<b>&amp; ]]>")
    assert newest.text.endswith("🫀")
    assert len(newest) == 0


def test_that_it_was_fetched_shows_on_the_page(place):
    path = link(place, place.sam)
    browser = place.house.browser(place.sam, place.course)
    assert "Never fetched." in browser.get(f"/boards/{place.board}/feed").get_data(as_text=True)
    fetch(place, path)
    assert "Last fetched" in browser.get(f"/boards/{place.board}/feed").get_data(as_text=True)
