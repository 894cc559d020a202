"""What a trust adds to the check: who may, what is refused; every check of that trust uses it, and of no other."""

import json
import time

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from lti_tool.access import Duty, Role
from lti_tool.cli import main
from lti_tool.confidentiality import TrustWords, is_shape, pattern_of, scan
from lti_tool.journal.models import JournalLine
from tests.factories.house import House


class Ward:
    def __init__(self, house: House) -> None:
        self.house = house
        trust, other = house.trust(), house.trust("Another trust")
        self.course, self.abroad = house.course(trust), house.course(other)
        self.ruth = house.person(trust, "Ruth", {self.course.id: Role.READER}, Duty.EDUCATION_ADMINISTRATOR)
        self.sam = house.person(trust, "Sam Okafor", {self.course.id: Role.LEARNER})
        self.eve = house.person(other, "Eve", {self.abroad.id: Role.LEARNER})

    def keep(self, hospitals="The Lodge", shapes="NM#####", seen="0"):
        path = f"/courses/{self.course.public_id}/words"
        form = {"hospitals": hospitals, "shapes": shapes, "seen": seen}
        return self.house.browser(self.ruth, self.course).post(path, form)

    def found(self, who, course, text):
        return self.house.browser(who, course).post("/check", {"text": text}).text


@pytest.fixture
def ward(house: House) -> Ward:
    return Ward(house)


def test_every_check_of_the_trust_knows_them_and_no_other_trusts(ward):
    text = "NM12345 was seen at the lodge."
    assert "“NM12345”" not in ward.found(ward.sam, ward.course, text)
    assert ward.keep().status_code == 303
    found = ward.found(ward.sam, ward.course, text)
    assert "“NM12345”" in found
    assert "“the lodge”" in found
    assert "“NM12345”" not in ward.found(ward.eve, ward.abroad, text)
    rotation = {"grade": "F1", "site": "NM12345"}
    stopped = ward.house.browser(ward.sam, ward.course).post(f"/courses/{ward.course.public_id}/rotation", rotation)
    assert stopped.status_code == 400


def test_a_page_says_what_is_kept_and_the_journal_how_much(ward):
    ward.keep(hospitals="The Lodge\nThe Lodge\n\n  East   Wing ")
    page = ward.house.browser(ward.ruth, ward.course).get(f"/courses/{ward.course.public_id}/words").text
    assert "The Lodge\nEast Wing" in page
    with ward.house.database.transaction() as db:
        line = db.scalars(select(JournalLine).where(JournalLine.verb == "words.kept")).one()
        assert line.details == {"hospitals": 2, "shapes": 1}


def test_the_same_twice_changes_nothing_and_an_older_form_is_told(ward):
    assert ward.keep().status_code == 303
    assert ward.keep().status_code == 303
    older = ward.keep(hospitals="Another")
    assert older.status_code == 409
    assert "Somebody has changed these words meanwhile." in older.text
    assert "Another" in older.text


@pytest.mark.parametrize(
    "shape", ["####", "##/##", "(a+)+$", "NM.*", "AB###", "#" * 31, "\\d{9}", "^NM#####", "NM12345"]
)
def test_a_shape_that_would_alarm_at_everything_or_is_none_is_refused(ward, shape):
    answer = ward.keep(shapes=shape)
    assert answer.status_code == 400
    assert "Change “" in answer.text
    assert not is_shape(shape)


def test_a_name_that_is_too_short_is_refused(ward):
    answer = ward.keep(hospitals="St")
    assert answer.status_code == 400
    assert "Change “St”: a name has 4 to 80 characters." in answer.text


def test_a_shape_finds_numbers_that_stand_alone():
    own = TrustWords(numbers=(pattern_of("RX-######"), pattern_of("??####")))
    texts = {finding.text for finding in scan("RX-123456, rx-123456, RX-1234567, XRX-123456, ab1234.", own)}
    assert texts == {"RX-123456", "rx-123456", "ab1234"}


def test_a_long_text_cannot_make_it_slow():
    own = TrustWords(numbers=tuple(pattern_of("?" * n + "#" * (30 - n)) for n in range(1, 26)))
    began = time.process_time()
    scan("a1" * 10_000, own)
    scan("1" * 20_000, own)
    assert time.process_time() - began < 3


def test_the_command_knows_them_by_the_trusts_name(ward, monkeypatch):
    ward.keep()
    monkeypatch.setattr("lti_tool.cli.get_database", lambda: ward.house.database)
    answer = CliRunner().invoke(main, ["scan", "--trust", "Northmoor University Hospitals"], input="Seen: NM12345.\n")
    assert [json.loads(line)["text"] for line in answer.stdout.splitlines()] == ["NM12345"]
    assert CliRunner().invoke(main, ["scan"], input="Seen: NM12345.\n").stdout == ""
    unknown = CliRunner().invoke(main, ["scan", "--trust", "None"], input="x\n")
    assert unknown.exit_code == 1
    assert "There is no trust called “None”." in unknown.output
