"""How often pages ask the database. On a server, entering the trust comes on top and is counted apart."""

import pytest
from sqlalchemy import event

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
    term = Term(house)
    sam = house.browser(term.sam, term.course)
    assert sam.get(f"/boards/{term.named}").status_code == 200
    asked, entered = statements(house, lambda: sam.get(f"/boards/{term.named}"))
    assert len(asked) <= 6, asked
    assert entered == (0 if engine == "sqlite" else 2), "once for the visit, once for the page"


@pytest.mark.parametrize("is_hidden", [False, True], ids=["named", "hidden names"])
def test_a_thread_asks_no_more_than_eight_times_on_either_engine(house: House, engine, is_hidden):
    """Visit, actor, inbox, draft, board, posts, what is the reader's own, bar; and the alias where names are hidden."""
    term = Term(house)
    sam = house.browser(term.sam, term.course)
    path = f"/threads/{term.thread_of(term.mine_waiting if is_hidden else term.question)}"
    assert sam.get(path).status_code == 200
    asked, entered = statements(house, lambda: sam.get(path))
    assert len(asked) <= 8, asked
    if engine == "postgresql":
        assert entered == 3, "the visit, the inbox and the page"
