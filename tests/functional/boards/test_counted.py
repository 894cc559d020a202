"""What a board is costs no page more than a few questions to the database, however much there is of it."""

from datetime import timedelta

import pytest

from lti_tool.core import clock
from tests.factories.charter import Ward
from tests.factories.house import House
from tests.functional.test_statements import statements

BOARD, THREAD = 8, 10


@pytest.mark.parametrize("template", ["discussion", "know_how", "answer_first"])
def test_boards_and_threads_keep_to_their_budget(house: House, template: str) -> None:
    ward = Ward(house)
    board = ward.board(audience="courses", template=template, allows_private=True, names="shown")
    ward.share(board)
    asked = [ward.ask(ward.helen, board, f"Question {number}?") for number in range(3)]
    answers = [house.answer(ward.priya, ward.course, post) for post in asked]
    if template == "know_how":
        day = (clock.now() + timedelta(days=30)).date().isoformat()
        form = {"owner": ward.helen.public_id, "review_on": day}
        for post in answers:
            assert ward.at(ward.helen).post(f"/posts/{post}/know-how", form).status_code == 303
    ward.rule(board)
    following = ward.board("Next")
    thread, sam = ward.thread(ward.helen, asked[0]), ward.at(ward.sam)
    found = {}
    for state in ("open", "closed"):
        if state == "closed":
            form = {"locked": "yes", "reason": "Over.", "next": following}
            ward.at(ward.helen).post(f"/boards/{board}/settings/open", form)
        for path in (f"/boards/{board}", thread):
            assert sam.get(path).status_code == 200
            found[state, path[:4]] = len(statements(house, lambda path=path: sam.get(path))[0])
    assert max(found["open", "/boa"], found["closed", "/boa"]) <= BOARD, found
    assert max(found["open", "/thr"], found["closed", "/thr"]) <= THREAD, found


def test_a_plain_board_and_its_thread_ask_as_often_as_ever(house: House) -> None:
    ward = Ward(house)
    board = ward.board()
    thread, sam = ward.thread(ward.sam, ward.ask(ward.sam, board)), ward.at(ward.sam)
    for path, most in ((f"/boards/{board}", 6), (thread, 8)):
        assert sam.get(path).status_code == 200
        asked, _entered = statements(house, lambda path=path: sam.get(path))
        assert len(asked) <= most, asked
