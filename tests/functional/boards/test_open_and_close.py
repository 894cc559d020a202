"""When one can write on a board, why one cannot, and the rules before the first post."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from lti_tool.boards.charter_models import RuleAcceptance
from lti_tool.core import clock
from tests.factories.charter import Ward
from tests.factories.house import House

ASKED = {"title": "Where?", "text": "Tell me."}


@pytest.fixture
def ward(house: House) -> Ward:
    return Ward(house)


def day(days: int) -> str:
    """The date in so many days."""
    return (clock.now() + timedelta(days=days)).astimezone(clock.LONDON).date().isoformat()


def sends(ward: Ward, board: str, **given: str) -> int:
    """What Sam is answered who asks there."""
    return ward.at(ward.sam).post(f"/boards/{board}/ask", ASKED | given).status_code


def test_a_closed_board_says_who_closed_it_when_why_and_where_to_go(ward: Ward) -> None:
    board, following = ward.board("Old"), ward.board("Ask anew")
    question = ward.ask(ward.sam, board)
    settings = f"/boards/{board}/settings/open"
    assert ward.at(ward.helen).post(settings, {"locked": "yes"}).status_code == 400, "why?"
    form = {"locked": "yes", "reason": "The rotation is over.", "next": following}
    ward.at(ward.helen).post(settings, form)
    for path in (f"/boards/{board}", ward.thread(ward.sam, question)):
        page = ward.at(ward.sam).get(path).text
        assert "Closed by Dr Helen Marsh, Today " in page
        assert "The rotation is over." in page
        assert f'href="/boards/{following}">Ask anew</a>' in page
    assert sends(ward, board) == 403
    ward.at(ward.helen).post(settings, {})
    assert "Closed by" not in ward.at(ward.sam).get(f"/boards/{board}").text
    assert sends(ward, board) == 303


def test_whoever_may_not_read_the_next_board_is_not_told_of_it(ward: Ward) -> None:
    cohort = ward.cohort("F2", ward.priya)
    board, following = ward.board("Old"), ward.board("Among F2", audience="cohort", cohort=cohort)
    form = {"locked": "yes", "reason": "Over.", "next": following}
    ward.at(ward.helen).post(f"/boards/{board}/settings/open", form)
    assert "Among F2" not in ward.at(ward.sam).get(f"/boards/{board}").text
    assert "Among F2" in ward.at(ward.priya).get(f"/boards/{board}").text


def test_it_opens_closes_and_archives_itself_by_its_dates(ward: Ward) -> None:
    board, listed = ward.board("Before you come"), f"/courses/{ward.course.public_id}/boards"
    form = {"opens_on": day(2), "closes_on": day(4), "archives_on": day(6)}
    ward.at(ward.helen).post(f"/boards/{board}/settings/open", form)
    now, found = clock.now(), {}
    for days in (0, 2, 4, 5, 6):
        with clock.at(now + timedelta(days=days)):
            page = ward.at(ward.sam).get(listed).text
            found[days] = (sends(ward, board), "1 archived board" in page)
            assert ward.at(ward.sam).get(f"/boards/{board}").status_code == 200
    assert found == {0: (403, False), 2: (303, False), 4: (303, False), 5: (403, False), 6: (403, True)}


def test_what_is_archived_leaves_home_and_can_come_back(ward: Ward) -> None:
    board, helen = ward.board("Winter 2025"), ward.at(ward.helen)
    helen.post(f"/boards/{board}/settings/open", {"do": "archive"})
    assert "Winter 2025" not in ward.at(ward.sam).get(f"/courses/{ward.course.public_id}/").text
    helen.post(f"/boards/{board}/settings/open", {"do": "restore"})
    assert "Winter 2025" in ward.at(ward.sam).get(f"/courses/{ward.course.public_id}/").text


class TestRules:
    def test_they_are_accepted_before_the_first_post_and_once(self, ward: Ward) -> None:
        board = ward.board()
        ward.rule(board)
        refused = ward.at(ward.sam).post(f"/boards/{board}/ask", ASKED)
        assert refused.status_code == 400
        assert "Be kind: somebody dared to ask." in refused.text
        assert "Tell me." in refused.text, "nothing typed is lost"
        assert sends(ward, board, rules="1") == 303
        assert sends(ward, board) == 303, "once"
        assert "You accepted version 1 of the rules, Today" in ward.at(ward.sam).get(f"/boards/{board}/ask").text

    def test_a_changed_rule_asks_once_again(self, ward: Ward) -> None:
        board = ward.board()
        assert ward.rule(board) == 1
        assert ward.rule(board) == 1, "nothing was changed"
        assert sends(ward, board, rules="1") == 303
        assert ward.rule(board, "Be brief.") == 2
        assert "The rules of this board have changed" in ward.at(ward.sam).get(f"/boards/{board}/ask").text
        assert sends(ward, board, rules="1") == 400, "those were other rules"
        assert sends(ward, board, rules="2") == 303
        assert sends(ward, board) == 303

    def test_a_reply_asks_for_them_too(self, ward: Ward) -> None:
        board = ward.board()
        question = ward.ask(ward.helen, board)
        ward.rule(board)
        reply = f"{ward.thread(ward.sam, question)}/reply"
        assert ward.at(ward.sam).post(reply, {"text": "Here."}).status_code == 400
        assert ward.at(ward.sam).post(reply, {"text": "Here.", "rules": "1"}).status_code == 303

    def test_who_accepted_is_kept_without_a_name(self, ward: Ward) -> None:
        board = ward.board(names="hidden")
        ward.rule(board)
        sends(ward, board, rules="1")
        assert "person_id" not in RuleAcceptance.__table__.columns
        with ward.house.database.reading() as db:
            assert [row.version for row in db.scalars(select(RuleAcceptance))] == [1]

    def test_they_can_be_ended_and_name_nobody(self, ward: Ward) -> None:
        board, helen = ward.board(), ward.at(ward.helen)
        rules = f"/boards/{board}/settings/rules"
        named = helen.post(rules, {"rules": "Not as with NHS number 943 476 5919."})
        assert named.status_code == 400
        assert "Take out “943 476 5919”" in named.text
        ward.rule(board)
        helen.post(rules, {"rules": ""})
        assert sends(ward, board) == 303


def test_a_second_moderator_is_named(ward: Ward) -> None:
    board = ward.board()
    form = {"title": "Ask", "checked": "all", "second": ward.rhys.public_id}
    assert ward.at(ward.helen).post(f"/boards/{board}/settings", form).status_code == 303
    assert "When the others are away: Dr Rhys Pennant." in ward.at(ward.sam).get(f"/boards/{board}").text
    learner = form | {"second": ward.sam.public_id}
    assert ward.at(ward.helen).post(f"/boards/{board}/settings", learner).status_code == 409
