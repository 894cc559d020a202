"""The address that a VLE sends along: kept only where mail is sent, and changed when the VLE changes it."""

from dataclasses import replace

import pytest

from lti_tool.people import find_address
from tests.factories.vle import Vle


def address_of(vle: Vle, **claims: object) -> str:
    """What is kept of who launches with these claims."""
    assert vle.arrive(vle.browser(), **claims).status_code == 200
    with vle.inside().reading() as db:
        return find_address(db, 1).address


@pytest.fixture
def mailing(vle: Vle) -> Vle:
    """A VLE whose installation sends mail."""
    notes = vle.house.database.notes
    notes["settings"] = replace(notes["settings"], smtp_url="smtps://mail.example", mail_from="post@trust.example")
    return vle


def test_where_no_mail_is_sent_the_address_is_not_kept(vle: Vle) -> None:
    assert address_of(vle, email="sam@trust.example") == ""


def test_the_address_comes_with_a_launch_and_changes_with_it(mailing: Vle) -> None:
    assert address_of(mailing, email=None) == "", "most VLEs keep it to themselves"
    assert address_of(mailing, email="sam@trust.example") == "sam@trust.example"
    assert address_of(mailing, email=None) == "sam@trust.example"
    assert address_of(mailing, email="sam@new.example") == "sam@new.example"


@pytest.mark.parametrize(
    "odd", [7, None, "", ["sam@trust.example"], "sam@trust.example\r\nBcc: x@y.example", "x" * 999]
)
def test_an_odd_address_is_as_if_there_were_none(mailing: Vle, odd: object) -> None:
    assert address_of(mailing, email=odd) == ""
