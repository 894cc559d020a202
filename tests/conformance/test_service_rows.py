"""The rows of tokens, roster (NRPS) and grade book (AGS), each asked of the running tool beside a VLE over HTTP.

A row is named as the want of it, and says in its function what a person or a VLE would see.
"""

import json
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from threading import Thread
from typing import Any
from urllib.parse import parse_qs

import jwt
import pytest
import time_machine
from sqlalchemy import select

from lti_tool.core import clock
from lti_tool.launch import keys
from lti_tool.launch.access_tokens import ServiceError, Trouble, fetch_token
from lti_tool.launch.jobs import sync_rosters
from lti_tool.launch.marks import MarksWait, send_marks
from lti_tool.launch.models import RosterService
from lti_tool.launch.roster import iter_members, read_roster_page
from lti_tool.launch.services import MEMBERS, Grants, grants_of
from lti_tool.people import Enrolment
from tests.factories.platform import LTI
from tests.factories.served_course import TUTOR, Scene
from tests.factories.services import (
    GRADE_SCOPES,
    MEMBERS_SCOPE,
    SCORE_SCOPE,
    always,
    answer,
    member,
    says_once,
    to,
)
from tests.factories.vle import says, served

Check = Callable[[Scene], None]
ROWS: dict[str, Check] = {}


def row(name: str) -> Callable[[Check], Check]:
    """Put a row into the table."""

    def put(check: Check) -> Check:
        assert name not in ROWS
        ROWS[name] = check
        return check

    return put


# Tokens


@row("tokens: cached by scope until expires_in")
def cached(scene: Scene) -> None:
    database, partner = scene.house.database, scene.partner()
    for _ in range(3):
        for scopes in ([MEMBERS_SCOPE], [SCORE_SCOPE], GRADE_SCOPES):
            fetch_token(database, partner, scopes)
    assert [sorted(form(one)["scope"].split()) for one in scene.services.asked_for("/token.php", "POST")] == [
        [MEMBERS_SCOPE],
        [SCORE_SCOPE],
        sorted(GRADE_SCOPES),
    ]
    with time_machine.travel(clock.now() + timedelta(seconds=3500), tick=False):
        fetch_token(database, partner, [SCORE_SCOPE])
    assert len(scene.services.asked_for("/token.php", "POST")) == 3
    with time_machine.travel(clock.now() + timedelta(seconds=3599), tick=False):
        fetch_token(database, partner, [SCORE_SCOPE])
    assert len(scene.services.asked_for("/token.php", "POST")) == 4


def form(request: Any) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(request.body.decode()).items()}


@row("tokens: signed from a loaded key")
def loaded_key(scene: Scene) -> None:
    keys._opened.cache_clear()
    scene.services.token_seconds = 1
    spent = []
    for _ in range(11):
        scene.services.granted = (MEMBERS_SCOPE,)
        with scene.house.database.reading() as db:
            began = time.thread_time()
            keys.sign(db, {"iss": "client-1"}, clock.now())
            spent.append(time.thread_time() - began)
    assert keys._opened.cache_info().misses == 1, "the key is read from PEM once"
    assert sorted(spent)[5] < 0.02, "a signature takes milliseconds, reading the key a tenth of a second"


@row("tokens: aud as Moodle wants it")
def audience(scene: Scene) -> None:
    scene.read_roster()
    [request] = scene.services.asked_for("/token.php", "POST")
    sent = form(request)
    assert sent["grant_type"] == "client_credentials"
    assert sent["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    slip = jwt.decode(sent["client_assertion"], options={"verify_signature": False})
    assert slip["aud"] == scene.services.token_url
    assert slip["iss"] == slip["sub"] == "client-1"
    assert 0 < slip["exp"] - slip["iat"] <= 300
    assert slip["iat"] <= clock.now().timestamp()
    assert slip["jti"]


@row("tokens: another slip each time")
def other_slip(scene: Scene) -> None:
    for scopes in ([MEMBERS_SCOPE], [SCORE_SCOPE]):
        fetch_token(scene.house.database, scene.partner(), scopes)
    slips = [form(one)["client_assertion"] for one in scene.services.asked_for("/token.php", "POST")]
    ids = [jwt.decode(slip, options={"verify_signature": False})["jti"] for slip in slips]
    assert len(set(ids)) == 2


@row("tokens: always a User-Agent")
def user_agent(scene: Scene) -> None:
    scene.read_roster()
    scene.mark(s4="70")
    assert len(scene.services.asked) >= 5
    assert all(one.headers["user-agent"].startswith("GrandRound") for one in scene.services.asked)


@row("tokens: JSON under the name of text/html")
def text_html(scene: Scene) -> None:
    assert fetch_token(scene.house.database, scene.partner(), [MEMBERS_SCOPE]).scopes == {MEMBERS_SCOPE}


@row("tokens: scopes dropped without a word")
def dropped(scene: Scene) -> None:
    scene.services.granted = (MEMBERS_SCOPE,)
    token = fetch_token(scene.house.database, scene.partner(), [MEMBERS_SCOPE, SCORE_SCOPE])
    assert token.scopes == {MEMBERS_SCOPE}


@pytest.mark.parametrize(
    ("status", "body", "trouble"),
    [
        (400, b'{"error": "invalid_scope"}', Trouble.NOT_GRANTED),
        (400, b'{"error": "invalid_client"}', Trouble.REFUSED),
        (400, b"", Trouble.NONSENSE),
        (503, b"<h1>Maintenance</h1>", Trouble.BUSY),
        (200, b"<h1>Sign in</h1>", Trouble.NONSENSE),
        (200, b"[]", Trouble.NONSENSE),
        (200, b'{"access_token": ""}', Trouble.NONSENSE),
        (200, b'{"access_token": "a\\r\\nX-Evil: 1"}', Trouble.NONSENSE),
        (200, b'{"access_token": "a", "token_type": "mac"}', Trouble.NONSENSE),
        (200, b"[" * 100_000, Trouble.NONSENSE),
    ],
)
def test_a_token_answer_that_is_none(scene: Scene, status: int, body: bytes, trouble: Trouble) -> None:
    scene.services.trick = always(says(body, status), to("/token.php"))
    with pytest.raises(ServiceError) as raised:
        fetch_token(scene.house.database, scene.partner(), [MEMBERS_SCOPE])
    assert raised.value.trouble is trouble


@pytest.mark.parametrize(("said", "after"), [({}, 200), ({"expires_in": "600"}, 500), ({"expires_in": -1}, 200)])
def test_a_token_answer_with_little_in_it(scene: Scene, said: dict[str, Any], after: int) -> None:
    body = json.dumps({"access_token": "short", **said}).encode()
    scene.services.trick = always(says(body), to("/token.php"))
    token = fetch_token(scene.house.database, scene.partner(), [MEMBERS_SCOPE])
    assert token.scopes == {MEMBERS}
    assert token.until > clock.now() + timedelta(seconds=after)


# Roster


@row("NRPS: bearer and Accept header right")
def headers(scene: Scene) -> None:
    scene.read_roster()
    [request] = scene.services.asked_for("/memberships")
    kind, token = request.headers["authorization"].split(" ")
    assert kind == "Bearer"
    assert scene.services.tokens[token] == {MEMBERS_SCOPE}
    assert request.headers["accept"] == "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
    assert "cookie" not in request.headers


@row("NRPS: read at the first launch of a course")
def at_first_launch(scene: Scene) -> None:
    assert scene.here() == {"3"}
    scene.house.work()
    assert scene.here() == {str(number) for number in range(3, 9)}


LINKS: dict[str, Callable[[str], str]] = {
    "straight": lambda url: f'<{url}>; rel="next"',
    "mixed case": lambda url: f'<{url}>; REL="Next"',
    "unquoted": lambda url: f"<{url}>;rel=next",
    "single quotes": lambda url: f"<{url}>; rel='next'",
    "among others": lambda url: f'<{url}&x=1,2>; rel="first", <{url}>; title="a, b"; rel="next", <{url}>; rel="last"',
    "one of several relations": lambda url: f'<{url}>; rel="canonical next"',
    "relative": lambda url: f'</{url.split("/", 3)[3]}>; rel="next"',
    "query only": lambda url: f'<?{url.split("?")[1]}>; rel="next"',
    "curly quotes and &amp;": lambda url: f"<{url.replace('&', '&amp;')}>; rel=\u201cnext\u201d",
}


@pytest.mark.parametrize("link", LINKS)
def test_link_next(scene: Scene, link: str) -> None:
    scene.services.link, scene.services.most_members = LINKS[link], 2
    service = scene.read_roster()
    assert service.reason == ""
    assert len(scene.services.asked_for("/memberships")) == 3
    assert scene.here() == {str(number) for number in range(3, 9)}


@pytest.mark.parametrize(
    "link", ["<http://[>; rel=next", "<ftp://x/>; rel=next", "<//a@b/>; rel=next", "<http://127.0.0.1:1/>; rel=next"]
)
def test_a_next_page_that_is_none(scene: Scene, link: str) -> None:
    scene.services.most_members, scene.services.link = 2, lambda _url: link
    assert "another machine" in scene.read_roster().reason


@row("NRPS: Link next in mixed case and unquoted")
def mixed(scene: Scene) -> None:
    scene.services.link, scene.services.most_members = lambda url: f"<{url}>; Rel=NEXT", 2
    scene.read_roster()
    assert len(scene.here()) == 6


@row("NRPS: page loop")
def loop(scene: Scene) -> None:
    scene.services.most_members = 2
    back = f"{scene.services.members_url}?limit=500"
    scene.services.link = lambda url: f'<{back}>; rel="next"' if "from=4" in url else f'<{url}>; rel="next"'
    service = scene.read_roster()
    assert "circle" in service.reason
    assert len(scene.services.asked_for("/memberships")) == 2
    assert service.read_at is None


@row("NRPS: next on another host refused")
def other_host(scene: Scene) -> None:
    scene.services.most_members = 2
    stolen: list[Any] = []
    with served(lambda handler: stolen.append(handler.headers["Authorization"])) as elsewhere:
        scene.services.link = lambda _url: f'<{elsewhere}/memberships?from=2>; rel="next"'
        service = scene.read_roster()
    assert "another machine" in service.reason
    assert stolen == []


@row("NRPS: an address on another host is never kept")
def address_elsewhere(scene: Scene) -> None:
    with served(says(b"{}")) as elsewhere:
        claims = scene.services.claims(column=2)
        text = json.dumps(claims).replace(scene.services.address, elsewhere)
        link = {LTI + "resource_link": {"id": "link-9", "title": "x"}, LTI + "context": {"id": "course-9"}}
        scene.vle.arrive(scene.vle.browser(), **TUTOR, **link, **json.loads(text))
    with scene.house.database.reading() as db:
        assert [service.members_url for service in db.scalars(select(RosterService))] == [scene.services.members_url]


@row("NRPS: 401 once → new token")
def new_token(scene: Scene) -> None:
    scene.services.trick = says_once(401, to("/memberships"))
    scene.read_roster()
    assert len(scene.here()) == 6
    first, second = scene.services.asked_for("/memberships")
    assert first.headers["authorization"] != second.headers["authorization"]
    assert len(scene.services.asked_for("/token.php", "POST")) == 2


@row("NRPS: 401 for ever is not asked for ever")
def no_token(scene: Scene) -> None:
    scene.services.trick = always(says(b"{}", 401), to("/memberships"))
    service = scene.read_roster()
    assert "access token" in service.reason
    assert len(scene.services.asked_for("/memberships")) == 2


@row("NRPS: Inactive and Deleted")
def inactive(scene: Scene) -> None:
    scene.services.members += [member(20, status="Inactive"), member(21, status="Deleted")]
    scene.read_roster()
    assert len(scene.here()) == 6
    scene.services.members[2]["status"] = "Inactive"
    scene.read_roster()
    assert scene.here() == {"3", "4", "6", "7", "8"}


@row("NRPS: member without name")
def no_name(scene: Scene) -> None:
    nothing = dict.fromkeys(("name", "given_name", "family_name", "email"))
    scene.services.members += [member(30, **nothing), member(31, name=None), member(32, **nothing, roles=None)]
    scene.read_roster()
    page = scene.get("/courses/{course}/people").text
    assert f"Member {scene.person(30)[:4].upper()}" in page
    assert "Stu31 Dent31" in page
    assert scene.people()["32"].role == "reader"


@row("NRPS: members that are none")
def odd(scene: Scene) -> None:
    odd: list[Any] = [None, 7, {}, {"user_id": ""}, {"user_id": "x" * 256}, {"user_id": "a\0b"}, {"user_id": ["4"]}]
    scene.services.members += [*odd, {"user_id": "half\ud800"}, member(40, name="half \ud800 name", given_name=None)]
    scene.read_roster()
    assert scene.here() == {*(str(number) for number in range(3, 9)), "40"}


@row("NRPS: short roles")
def short_roles(scene: Scene) -> None:
    scene.services.members += [member(50, "Instructor"), member(51, roles=["ContentDeveloper", "nonsense"])]
    scene.services.members += [member(52, roles=[LTI + "odd"]), member(53, roles="Instructor")]
    scene.read_roster()
    people = scene.people()
    assert [people[number].role for number in ("4", "50", "51", "52", "53")] == [
        "learner",
        "tutor",
        "designer",
        "reader",
        "reader",
    ]


@row("NRPS: rlid")
def rlid(scene: Scene) -> None:
    database, partner, url = scene.house.database, scene.partner(), scene.services.members_url
    of_link = list(iter_members(database, partner, url, link_id="1"))
    assert len(of_link) == 6
    assert scene.services.asked_for("/memberships")[-1].query["rlid"] == "1"
    assert len(list(iter_members(database, partner, f"{url}?rlid=1"))) == 6
    assert scene.services.asked_for("/memberships")[-1].query == {"rlid": "1", "limit": "500"}
    with pytest.raises(ServiceError) as raised:
        list(iter_members(database, partner, url, link_id="999"))
    assert raised.value.trouble is Trouble.MISSING
    assert "999" not in raised.value.words


@row("NRPS: 20,000 members")
def many(scene: Scene) -> None:
    scene.services.members = [member(3, "Instructor"), *(member(number) for number in range(4, 20_003))]
    service = scene.read_roster()
    assert service.members == 20_000
    assert len(scene.services.asked_for("/memberships")) == 40
    with scene.house.database.reading() as db:
        assert len(db.scalars(select(Enrolment.person_id)).all()) == 20_000
    page = scene.get("/courses/{course}/people")
    assert "People: 20000. Have opened Grand Round here: 1." in page.text
    assert len(page.data) < 120_000


@row("NRPS: 20,000 members in one page, from a VLE that will not page")
def one_page(scene: Scene) -> None:
    scene.services.members = [member(number) for number in range(3, 20_003)]
    scene.services.most_members = 100_000
    page = read_roster_page(scene.house.database, scene.partner(), f"{scene.services.members_url}?limit=20000")
    assert len(page.members) == 20_000
    assert page.next_url is None


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (404, b"{}", "has no list"),
        (500, b"oh", "could not give"),
        (403, b"{}", "refused"),
        (200, b"<h1>Sign in</h1>", "could not be read"),
        (200, b"[]", "holds no list"),
        (200, b'{"members": {}}', "holds no list"),
        (200, b'{"members": []}', "empty"),
        (200, b" " * 9_000_000, "sent more than"),
        (302, b"", "sent us on"),
    ],
)
def test_a_roster_that_cannot_be_read_changes_nothing(scene: Scene, status: int, body: bytes, words: str) -> None:
    scene.read_roster()
    scene.services.trick = always(says(body, status), to("/memberships"))
    service = scene.read_roster()
    assert words in service.reason
    assert len(scene.here()) == 6
    page = scene.get("/courses/{course}/people").text
    assert "It could not be read" in page
    assert "Last read:" in page, "what was known before stays there"


def test_a_roster_that_breaks_off_takes_nobodys_access(scene: Scene) -> None:
    scene.read_roster()
    scene.services.most_members = 2
    scene.services.trick = always(says(b"", 503), lambda handler: "from=4" in handler.path)
    assert scene.read_roster().outcome == "busy"
    assert len(scene.here()) == 6


def test_a_hanging_platform_does_not_hold_the_worker(scene: Scene) -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        for _ in range(200):
            handler.wfile.write(b" ")
            time.sleep(0.1)

    scene.services.trick = always(drip, to("/token.php"))
    began = time.monotonic()
    assert scene.read_roster().outcome == "unreachable"
    assert time.monotonic() - began < 7


@row("NRPS: scope dropped by the token → feature hidden")
def not_shared(scene: Scene) -> None:
    scene.services.granted = GRADE_SCOPES
    assert scene.read_roster().outcome == "not_granted"
    page = scene.get("/courses/{course}/people").text
    assert "The VLE does not share its list" in page
    assert "Update from the VLE now" not in page
    scene.services.granted = (MEMBERS_SCOPE, *GRADE_SCOPES)
    with time_machine.travel(clock.now() + timedelta(days=1)):
        sync_rosters(scene.house.database, clock.now())
        scene.open()
        assert "Update from the VLE now" in scene.get("/courses/{course}/people").text


@row("both: whether a course grants them can be asked")
def grants(scene: Scene) -> None:
    with scene.house.database.reading() as db:
        course_id = db.scalars(select(RosterService.course_id)).one()
        assert grants_of(db, course_id, clock.now()) == Grants(roster=True, marks=True)
        assert grants_of(db, course_id + 1, clock.now()) == Grants(roster=False, marks=False)


# Grade book


@row("AGS: line item found or created once")
def created_once(scene: Scene) -> None:
    scene.read_roster()
    scene.mark(s4="70", s5="80")
    scene.mark(s6="90")
    [made] = scene.services.asked_for("/lineitems", "POST")
    activity = scene.path("{activity}")
    assert made.json == {"label": "Questions", "scoreMaximum": 100, "resourceId": activity, "tag": "participation"}
    assert made.headers["content-type"] == "application/vnd.ims.lis.v2.lineitem+json"
    assert {user: score["scoreGiven"] for (_column, user), score in scene.services.scores.items()} == {
        "4": 70,
        "5": 80,
        "6": 90,
    }


@row("AGS: the line item of the launch is used")
def of_launch(scene: Scene) -> None:
    scene.services.columns = [{"id": scene.services.column_url(2), "resourceLinkId": "link-1"}]
    scene.open(**scene.services.claims(column=2))
    scene.read_roster()
    scene.mark(s4="70")
    assert scene.services.asked_for("/lineitems") == []
    assert (2, "4") in scene.services.scores


@row("AGS: a line item of the activity is found")
def found_by_link(scene: Scene) -> None:
    scene.services.columns = [
        {"id": scene.services.column_url(2), "resourceLinkId": "another", "label": "Probe activity"},
        {"id": scene.services.column_url(3), "resourceLinkId": "link-1", "label": "Board 0"},
    ]
    scene.read_roster()
    scene.mark(s4="70")
    assert scene.services.asked_for("/lineitems", "POST") == []
    assert (3, "4") in scene.services.scores


@row("AGS: a line item whose answer was lost is found again")
def lost_answer(scene: Scene) -> None:
    scene.read_roster()

    def lose(handler: BaseHTTPRequestHandler) -> bool:
        if handler.command == "POST" and to("/lineitems")(handler) and not scene.services.columns:
            said = scene.services.asked[-1].json
            scene.services.columns.append({**said, "id": scene.services.column_url(2)})
            answer(handler, 502, {})
            return True
        return False

    scene.services.trick = lose
    scene.mark(s4="70")
    assert scene.marks()["4"].state == "waiting"
    assert "try again by ourselves" in scene.get("/activities/{activity}/marks").text
    scene.house.work(timedelta(minutes=1))
    assert scene.marks()["4"].state == "sent"
    assert len(scene.services.columns) == 1


@pytest.mark.parametrize("address", ["http://[", "https://evil.example/column", "", 7, None, "javascript:alert(1)"])
def test_a_column_that_is_elsewhere_gets_no_score(scene: Scene, address: object) -> None:
    scene.read_roster()
    scene.services.columns = [{"id": address, "resourceLinkId": "link-1"}]
    scene.mark(s4="70")
    assert scene.marks()["4"].reason == "The VLE named a column that is on another machine, or none at all."
    assert scene.services.asked_for("/scores", "POST") == []


@row("AGS: four workers at once make one line item")
def four_workers(scene: Scene) -> None:
    scene.read_roster()
    said = scene.typed(s4="70", s5="80")
    assert scene.post("/activities/{activity}/marks", do="save", **said).status_code == 303

    def work() -> None:
        with suppress(MarksWait):
            send_marks(scene.house.database, scene.path("{activity}"), 30)

    workers = [Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    scene.house.work(timedelta(minutes=2))
    assert len(scene.services.columns) == 1
    assert {mark.state for mark in scene.marks().values()} == {"sent"}


@row("AGS: a column that is gone from the VLE is made anew")
def column_gone(scene: Scene) -> None:
    scene.read_roster()
    scene.mark(s4="70")
    scene.services.columns[0] = {"id": scene.services.column_url(99), "resourceId": "gone"}
    scene.mark(s4="75")
    assert scene.marks()["4"].state == "sent"
    assert len(scene.services.asked_for("/lineitems", "POST")) == 2


@row("AGS: score with a query in the URL (Moodle’s ?type_id=)")
def score(scene: Scene) -> None:
    scene.read_roster()
    scene.mark(s4="70")
    [request] = scene.services.asked_for("/scores", "POST")
    assert request.path.endswith("/lineitems/2/lineitem/scores")
    assert request.query == {"type_id": "1"}
    assert request.headers["content-type"] == "application/vnd.ims.lis.v1.score+json"
    said = request.json
    stamp = scene.marks()["4"].stamp
    assert said.pop("timestamp") == stamp.isoformat(timespec="milliseconds")
    assert stamp.microsecond == 0
    assert said == {
        "userId": "4",
        "scoreGiven": 70,
        "scoreMaximum": 100,
        "activityProgress": "Completed",
        "gradingProgress": "FullyGraded",
    }
    assert "Sent" in scene.get("/activities/{activity}/marks").text


@row("AGS: the timestamp grows with every change")
def stamps(scene: Scene) -> None:
    scene.read_roster()
    with time_machine.travel(clock.now(), tick=False):
        for mark in ("70", "71", "72"):
            assert scene.mark(s4=mark).status_code == 303
            assert scene.marks()["4"].state == "sent"
    assert scene.services.scores[2, "4"]["scoreGiven"] == 72
    times = [one.json["timestamp"] for one in scene.services.asked_for("/scores", "POST")]
    assert times == sorted(set(times))


@row("AGS: 409 on an older timestamp, when it is our own mark")
def older_own(scene: Scene) -> None:
    scene.read_roster()

    def lose(handler: BaseHTTPRequestHandler) -> bool:
        """The score arrives and its answer does not."""
        if not to("/scores")(handler) or scene.services.scores:
            return False
        scene.services.scores[2, "4"] = scene.services.asked[-1].json
        answer(handler, 503, {})
        return True

    scene.services.trick = lose
    scene.mark(s4="70")
    assert scene.marks()["4"].state == "waiting"
    scene.house.work(timedelta(minutes=1))
    assert scene.marks()["4"].state == "sent"
    first, second = scene.services.asked_for("/scores", "POST")
    assert first.json == second.json, "the same at every try"


@row("AGS: 409 on an older timestamp, when somebody gave another mark there")
def older_other(scene: Scene) -> None:
    scene.read_roster()
    later = (clock.now() + timedelta(hours=1)).isoformat()
    scene.services.scores[2, "4"] = {"scoreGiven": 35, "scoreMaximum": 50, "timestamp": later}
    scene.mark(s4="10")
    assert scene.marks()["4"].state == "refused"
    page = scene.get("/activities/{activity}/marks").text
    assert "The VLE holds a newer mark" in page
    assert len(scene.services.asked_for("/scores", "POST")) == 1
    with time_machine.travel(clock.now() + timedelta(hours=2)):
        scene.open()
        scene.post("/activities/{activity}/marks", do="again")
        scene.house.work(timedelta())
    assert scene.services.scores[2, "4"]["scoreGiven"] == 10


@row("AGS: 409 where results may not be read is tried anew once")
def older_blind(scene: Scene) -> None:
    scene.services.granted = tuple(scope for scope in scene.services.granted if "result" not in scope)
    scene.read_roster()
    scene.services.trick = always(says(b"[]", 409), to("/scores"))
    scene.mark(s4="10")
    first, second = scene.services.asked_for("/scores", "POST")
    assert first.json["timestamp"] < second.json["timestamp"]
    assert scene.marks()["4"].state == "refused"
    scene.house.work(timedelta(days=1))
    assert len(scene.services.asked_for("/scores", "POST")) == 2, "never without end"


@row("AGS: user unknown")
def unknown(scene: Scene) -> None:
    scene.read_roster()
    scene.services.members = [one for one in scene.services.members if one["user_id"] != "4"]
    scene.mark(s4="70", s5="80")
    assert (scene.marks()["4"].state, scene.marks()["5"].state) == ("refused", "sent")
    assert "The VLE does not know this person in the course" in scene.get("/activities/{activity}/marks").text


@row("AGS: a mark taken back")
def taken_back(scene: Scene) -> None:
    scene.read_roster()
    scene.mark(s4="70")
    scene.mark(s4="")
    said = scene.services.asked_for("/scores", "POST")[-1].json
    assert "scoreGiven" not in said
    assert said["gradingProgress"] == "NotReady"
    assert scene.marks()["4"].state == "sent"


@row("AGS: scope absent → feature hidden")
def hidden(scene: Scene) -> None:
    assert ">Marks<" in scene.get("/courses/{course}/activities").text
    scopes = tuple(scope for scope in GRADE_SCOPES if scope != SCORE_SCOPE)
    scene.open(**scene.services.claims(scopes=scopes))
    assert ">Marks<" not in scene.get("/courses/{course}/activities").text
    refused = scene.get("/activities/{activity}/marks")
    assert refused.status_code == 404
    assert "The VLE takes no marks from Grand Round for this activity." in refused.text
    scene.open()
    assert scene.get("/activities/{activity}/marks").status_code == 200


@row("AGS: scope dropped by the token → feature hidden")
def withheld(scene: Scene) -> None:
    scene.read_roster()
    scene.services.granted = (MEMBERS_SCOPE,)
    scene.mark(s4="70")
    assert scene.get("/activities/{activity}/marks").status_code == 404
    assert scene.marks()["4"].reason == "The VLE does not grant this to Grand Round."


@row("AGS: a VLE that is away is waited for")
def away(scene: Scene) -> None:
    scene.read_roster()
    scene.services.trick = always(says(b"", 503), to("/scores"))
    scene.mark(s4="70", s5="80", s6="90", s7="20", s8="30")
    assert {mark.state for mark in scene.marks().values()} == {"waiting"}
    assert len(scene.services.asked_for("/scores", "POST")) == 3, "not everybody is tried"
    scene.services.trick = None
    scene.house.work(timedelta(minutes=2))
    assert {mark.state for mark in scene.marks().values()} == {"sent"}


@pytest.mark.parametrize("name", ROWS)
def test_row(name: str, scene: Scene) -> None:
    """Every row of the services."""
    ROWS[name](scene)
