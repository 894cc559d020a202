"""Corrections and pauses cost a page one query where there are some, and none where there are none."""

import pytest

from lti_tool.core.ids import new_public_id
from tests.factories.house import tomorrow
from tests.factories.ward import Ward
from tests.functional.test_statements import statements

pytestmark = pytest.mark.sql


def asked(ward: Ward, path: str) -> int:
    """How often this page of Sam's asks the database."""
    browser = ward.browser(ward.sam)
    assert browser.get(path).status_code == 200
    return len(statements(ward.house, lambda: browser.get(path))[0])


def test_what_is_not_there_costs_nothing(house):
    ward = Ward(house)
    question = ward.published()
    post = ward.answer(ward.priya, question)
    thread, board = f"/threads/{ward.thread(question)}", f"/boards/{ward.board}"
    before = asked(ward, thread), asked(ward, board)
    helen = ward.browser(ward.helen)
    for _each in range(3):
        helen.post(f"/posts/{post}/correct", {"text": "It is 15 mg.", "once": new_public_id()})
    assert (asked(ward, thread), asked(ward, board)) == (before[0] + 1, before[1])
    helen.post(f"/posts/{question}/pause", {"reason": "Be kind.", "until": tomorrow().isoformat()})
    assert (asked(ward, thread), asked(ward, board)) == (before[0] + 2, before[1] + 1)
