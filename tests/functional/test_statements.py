"""How often pages ask the database. On a server, entering the trust comes on top and is counted apart."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import event

from lti_tool.boards.patterns import Template
from lti_tool.core import clock
from tests.factories.charter import Ward
from tests.factories.files import add, files_in, screenshot, send
from tests.factories.house import House
from tests.factories.pages import Term

pytestmark = pytest.mark.sql
ENTERS = "SELECT set_config"


def statements(house: House, request) -> tuple[list[str], int]:
    """What a request sends to the database, BEGIN apart; and how often it enters a trust."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    engines = (house.database.engine, house.database.reader)
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    request()
    for engine in engines:
        event.remove(engine, "before_cursor_execute", note)
    asked = [statement for statement in sent if not statement.startswith(("BEGIN", ENTERS))]
    return asked, sum(statement.startswith(ENTERS) for statement in sent)


def test_a_board_asks_no_more_than_six_times_on_either_engine(house: House, engine):
    """Visit, actor, board, threads, bar, and all small questions at once."""
    term = Term(house)
    sam = house.browser(term.sam, term.course)
    assert sam.get(f"/boards/{term.named}").status_code == 200
    asked, entered = statements(house, lambda: sam.get(f"/boards/{term.named}"))
    assert len(asked) <= 6, asked
    assert entered == (0 if engine == "sqlite" else 2), "once for the visit, once for the page"


@pytest.mark.parametrize("is_hidden", [False, True], ids=["named", "hidden names"])
def test_a_thread_asks_no_more_than_seven_times_on_either_engine(house: House, engine, is_hidden):
    """Visit, actor, inbox, board, posts, bar, and what is the reader's own: their draft and their alias are in it.

    Once more for whose own post has come back: what a moderator suggests.
    """
    term = Term(house)
    sam = house.browser(term.sam, term.course)
    path = f"/threads/{term.thread_of(term.mine_waiting if is_hidden else term.question)}"
    assert sam.get(path).status_code == 200
    asked, entered = statements(house, lambda: sam.get(path))
    suggested = [one for one in asked if "suggestions" in one]
    assert len(asked) - len(suggested) <= 7, asked
    assert len(suggested) <= 1
    if engine == "postgresql":
        assert entered == 3, "the visit, the inbox and the page"


@pytest.mark.parametrize("is_closed", [False, True], ids=["open", "closed"])
@pytest.mark.parametrize("names", ["shown", "hidden"])
def test_rules_an_entry_a_poll_files_and_a_closed_board_are_asked_within_eight(house: House, engine, names, is_closed):
    ward = Ward(house)
    board = ward.board("Ask", names=names, template=Template.KNOW_HOW)
    sam, helen = ward.at(ward.sam), ward.at(ward.helen)
    ward.rule(board)
    ask = f"/boards/{board}/ask"
    (file,) = files_in(add(sam, ask, screenshot()).text)
    assert send(sam, ask, [file], title="Which first?", options="Apixaban\nWarfarin", rules="1").status_code == 303
    path = re.findall(r'href="(/threads/\w+)"', sam.get(f"/boards/{board}").text)[0]
    assert helen.post(f"{path}/reply", {"text": "Here.", "do": "send", "rules": "1"}).status_code == 303
    answer = re.findall(r'<article class="gr-post[^"]*" id="([^"]+)"', helen.get(path).text)[-1]
    kept = {"owner": ward.helen.public_id, "review_on": (clock.now() + timedelta(days=90)).date().isoformat()}
    assert helen.post(f"/posts/{answer}/know-how", kept).status_code == 303
    if is_closed:
        helen.post(f"/boards/{board}/settings/open", {"locked": "yes", "reason": "It is done."})
    for address in (path, f"/boards/{board}"):
        page = sam.get(address).text
        assert "looks after it" in page
        assert ("It is done." in page) is is_closed
        asked, _entered = statements(house, lambda address=address: sam.get(address))
        assert len(asked) <= 8, asked
