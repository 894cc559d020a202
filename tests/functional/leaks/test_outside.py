"""What leaves the house: mails, feeds of boards, files to keep, marks. None tells who wrote what."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from lti_tool.core import clock
from lti_tool.core.settings import Settings
from lti_tool.notifications.actions import choose
from lti_tool.notifications.jobs import plan_digests
from lti_tool.notifications.rules import How, Topic
from lti_tool.people import CourseLine, keep_address
from tests.factories.leaks import FIRST, WORDS, Played, Scene
from tests.factories.post_office import PostOffice

ADDRESS = "zephyrine.quillfeather@trust.example"


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


def mailed(scene: Scene, how: How) -> None:
    """The author, a peer and a tutor have addresses, and wish to be told everything so."""
    course = scene.course
    line = CourseLine.of(course)
    with scene.house.database.within(scene.trust.id).transaction() as db:
        for person, address in (
            (scene.author, ADDRESS),
            (scene.peer, "sam@trust.example"),
            (scene.helen, "h@trust.example"),
        ):
            keep_address(db, person.id, scene.trust.id, address)
            choose(db, scene.house.actor(db, person, course), line, dict.fromkeys(Topic, how))


@pytest.mark.parametrize("how", [How.MAIL, How.DIGEST])
def test_mail_headers_links_and_digest_text(scene: Scene, office: PostOffice, how: How) -> None:
    mailed(scene, how)
    scene.play()
    scene.house.work()
    with scene.house.database.transaction() as db:
        plan_digests(db, clock.now())
    scene.house.work()
    told = {to for to, _mail in office.taken}
    assert {ADDRESS, "sam@trust.example"} <= told
    marks = [mark for mark in scene.marks() if mark in WORDS or " " in mark]
    for to, mail in office.taken:
        words = str(mail) + "".join(part.get_content() for part in mail.walk() if part.get_content_maintype() == "text")
        assert not [mark for mark in marks if mark in words], "a mail on a glass desk holds neither words nor alias"
        if to != ADDRESS:
            assert not scene.told_by(words)
        else:
            assert FIRST not in words.replace(ADDRESS, "").replace(ADDRESS.title(), "")
        assert all(link.startswith("http://localhost:5000/") for link in re.findall(r"https?://\S+", words))


def test_feed_author_and_guid(played: Played) -> None:
    """What a program reads of the board, and that two people's feeds do not show that they hold the same."""
    texts = [played.feed_of(person) for person in (played.peer, played.helen)]
    guids = [set(re.findall(r"<id>(urn:uuid:[^<]*)</id>", text)) for text in texts]
    for text in texts:
        assert text.count("<entry>") >= 2
        assert text.count("<author>") == 1, "the feed's own, which Atom asks for"
        assert not played.told_by(text)
        assert not [mark for mark in played.found if " " in mark and mark in text]
    assert guids[0].isdisjoint(guids[1])


@pytest.mark.parametrize("kind", ["csv", "json", "html"])
def test_export_of_another_person(played: Played, kind: str) -> None:
    """A tutor's file of the board, and what each of the others may keep of their own."""
    board = played.at(played.helen).post(f"/boards/{played.board}/export", {"as": kind})
    assert board.status_code == 200
    assert WORDS[0] in board.text
    assert not played.told_by(board.text + str(board.headers))
    for person in (played.peer, played.helen, played.rhys):
        own = played.at(person).post(f"/courses/{played.course.public_id}/contributions", {"as": kind})
        assert own.status_code == 200
        assert not [word for word in WORDS[1:] if word in own.text], "but for the question that they answered"
        assert not played.told_by(own.text)
    asked = {"as": kind, "person": played.author.public_id, "author": played.author.public_id}
    own = played.at(played.helen).post(f"/courses/{played.course.public_id}/contributions", asked)
    assert not [word for word in WORDS[1:] if word in own.text]


def test_nobody_is_marked_for_what_they_write_there(scene: Scene) -> None:
    rule = {"asks": "either", "number": "1", "due": f"{clock.now():%Y-%m-%d}"}
    answer = scene.at(scene.helen).post(f"/boards/{scene.board}/taking-part", rule)
    assert answer.status_code in (400, 403, 404, 409)
