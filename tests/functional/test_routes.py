"""Every route × every role × own course, another course, another trust: the answers are those of the policy.

The test walks the URL map, so a new route without a row here fails. What somebody may not see is 404; what they see and
may not do is 403; without a visit it is 401.
"""

import re
import shutil
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

import pytest
from sqlalchemy import select

from lti_tool.access import Duty, Role, Thing, may
from lti_tool.app import create_app, open_database
from lti_tool.boards import Post
from lti_tool.core import clock
from lti_tool.core.ids import new_public_id
from lti_tool.core.settings import Settings
from lti_tool.launch import PlatformDraft, connect_platform
from lti_tool.launch.models import Placement
from lti_tool.moderation.actions import decide
from lti_tool.moderation.forms import DecisionDraft
from lti_tool.moderation.rules import Verb
from tests.conftest import make_settings
from tests.factories.boards import CHARTER, rooms_of_boards
from tests.factories.cases import CONSENT, ENDING, QUESTION, STORY, Room
from tests.factories.files import add, files_in, screenshot, send
from tests.factories.house import House, tomorrow
from tests.factories.matters import make_matters
from tests.factories.services import offer_services


@dataclass(frozen=True)
class Row:
    """A route as a person would use it: the address, what is sent, which permission it asks, on which post."""

    path: str
    permission: str = "course.read"
    form: tuple[tuple[str, str], ...] = ()
    on: str = ""
    done: int = 0  # 303 for what is sent, unless it says otherwise


def form(**fields):
    return tuple(fields.items())


TEACHING = form(title="ECG clinic", day="{tomorrow}", begins="09:00", ends="10:00")
HELD_AT = "2026-11-27T09:00:00+00:00"
ROWS = {
    "GET home.front": Row("/courses/{course}/"),
    "GET home.drafts": Row("/courses/{course}/drafts"),
    "GET home.rotation": Row("/courses/{course}/rotation"),
    "POST home.rotation": Row("/courses/{course}/rotation", form=form(grade="F1")),
    "GET boards.index": Row("/courses/{course}/boards", "board.read"),
    "GET boards.board": Row("/boards/{board}", "board.read"),
    "GET boards.new_board": Row("/courses/{course}/boards/new", "board.manage"),
    "POST boards.new_board": Row(
        "/courses/{course}/boards/new", "board.manage", form(title="New", names="shown", checked="all")
    ),
    "GET boards.settings": Row("/boards/{board}/settings", "board.manage"),
    "GET boards.take_part": Row("/boards/{board}/taking-part", "board.mark"),
    "POST boards.take_part": Row(
        "/boards/{board}/taking-part", "board.mark", form(asks="posts", number="2", due="{tomorrow}")
    ),
    "GET boards.export": Row("/boards/{board}/export", "board.export"),
    "POST boards.export": Row("/boards/{board}/export", "board.export", (("as", "csv"),), done=200),
    "GET boards.contributions": Row("/courses/{course}/contributions", "own.export"),
    "POST boards.contributions": Row("/courses/{course}/contributions", "own.export", (("as", "html"),), done=200),
    "POST boards.settings": Row("/boards/{board}/settings", "board.manage", form(title="Renamed", checked="all")),
    "GET boards.rules": Row("/boards/{board}/settings/rules", "board.manage"),
    "POST boards.rules": Row("/boards/{board}/settings/rules", "board.manage", form(rules="Be kind.")),
    "GET boards.dates": Row("/boards/{board}/settings/open", "board.manage"),
    "POST boards.dates": Row("/boards/{board}/settings/open", "board.manage", form(locked="yes", reason="Over.")),
    "GET boards.readers": Row("/boards/{shared}/settings/readers", "board.manage"),
    "POST boards.readers": Row("/boards/{shared}/settings/readers", "board.manage", form(ask="{elsewhere}")),
    "POST boards.join": Row("/courses/{course}/boards/{asking}/join", "board.join", form(do="accept")),
    "GET boards.cohorts": Row("/courses/{course}/cohorts", "cohort.manage"),
    "POST boards.cohorts": Row("/courses/{course}/cohorts", "cohort.manage", form(name="F2 2027")),
    "GET boards.cohort": Row("/courses/{course}/cohorts/{cohort}", "cohort.manage"),
    "POST boards.cohort": Row("/courses/{course}/cohorts/{cohort}", "cohort.manage", form(name="F1 2027")),
    "GET boards.keep": Row("/posts/{answer}/know-how", "post.keep", on="published"),
    "POST boards.keep": Row(
        "/posts/{answer}/know-how", "post.keep", form(owner="{tutor}", review_on="{tomorrow}"), "published"
    ),
    "POST boards.ask_public": Row("/posts/{private}/ask-public", "thread.ask_public", on="private"),
    "POST boards.answer_public": Row("/posts/{private}/public", "thread.make_public", form(do="agree"), "private"),
    "GET boards.ask": Row("/boards/{board}/ask", "thread.start"),
    "POST boards.ask": Row("/boards/{board}/ask", "thread.start", form(title="Title", text="Words.")),
    "GET boards.people": Row("/boards/{board}/people", "thread.start"),
    "GET boards.thread": Row("/threads/{thread}", "board.read"),
    "POST boards.vote_in_poll": Row("/threads/{polled}/vote", "poll.vote", form(choice="0"), "published"),
    "POST boards.reply": Row("/threads/{thread}/reply", "post.reply", form(text="Words."), "published"),
    "GET boards.edit": Row("/posts/{published}/edit", "post.edit", on="published"),
    "POST boards.edit": Row("/posts/{published}/edit", "post.edit", form(title="T", text="W.", seen="1"), "published"),
    "GET boards.versions": Row("/posts/{published}/versions", "post.versions", on="published"),
    "GET boards.withdraw": Row("/posts/{published}/withdraw", "post.withdraw", on="published"),
    "POST boards.withdraw": Row("/posts/{published}/withdraw", "post.withdraw", on="published"),
    "POST boards.accept": Row("/posts/{replied}/accept", "answer.accept", on="replied"),
    "POST boards.endorse": Row("/posts/{replied}/endorse", "answer.endorse", on="replied"),
    "GET boards.supersede": Row("/posts/{replied}/supersede", "answer.supersede", on="replied"),
    "POST boards.supersede": Row("/posts/{replied}/supersede", "answer.supersede", form(do="clear"), "replied"),
    "GET boards.file": Row("/posts/{published}/files/{file}", "board.read", on="published"),
    "GET texts.own_words": Row("/courses/{course}/words", "words.keep"),
    "POST texts.own_words": Row("/courses/{course}/words", "words.keep", form(hospitals="The Lodge", seen="0")),
    "POST boards.react": Row(
        "/threads/{thread}/reactions", "post.react", form(react="{published}:useful"), "published"
    ),
    "POST boards.follow": Row("/threads/{thread}/follow", "thread.keep", form(follow="on")),
    "POST boards.follow_board": Row("/boards/{board}/follow", "thread.keep", form(follow="on")),
    "GET boards.bookmark": Row("/threads/{thread}/bookmark", "thread.keep"),
    "POST boards.bookmark": Row("/threads/{thread}/bookmark", "thread.keep", form(note="Read again.")),
    "GET boards.bookmarks": Row("/courses/{course}/bookmarks"),
    "POST boards.mark_all": Row("/courses/{course}/read", form=form(until="1")),
    "GET boards.tend": Row("/threads/{thread}/tend", "thread.tend"),
    "POST boards.tend": Row("/threads/{thread}/tend", "thread.tend", form(do="pin")),
    "GET boards.tags": Row("/boards/{board}/tags", "thread.tend"),
    "POST boards.tags": Row("/boards/{board}/tags", "thread.tend", form(tags="Sepsis")),
    "GET moderation.queue": Row("/courses/{course}/waiting", "queue.read"),
    "GET moderation.item": Row("/courses/{course}/waiting/{pending}", "post.decide", on="pending"),
    "POST moderation.decide": Row(
        "/courses/{course}/waiting/{pending}", "post.decide", form(verb="approve", seen="1"), "pending"
    ),
    "POST moderation.take": Row("/courses/{course}/waiting/{pending}/take", "post.decide", on="pending"),
    "POST moderation.second": Row(
        "/courses/{course}/waiting/{pending}/second", "post.decide", form(who="{colleague}", note="Is it?"), "pending"
    ),
    "GET moderation.case": Row("/courses/{course}/waiting/case/{case_pending}", "case.review", on="pending", done=303),
    "POST moderation.several": Row(
        "/courses/{course}/waiting/ticked", "queue.read", form(verb="approve", tick="{pending}:1")
    ),
    "GET moderation.figures": Row("/courses/{course}/figures", "figures.read"),
    "POST moderation.away": Row("/courses/{course}/away", "queue.read", form(do="back")),
    "POST boards.take_suggestion": Row("/posts/{published}/take", "post.edit", form(seen="1"), "published"),
    "GET moderation.log": Row("/courses/{course}/log", "log.read"),
    "GET moderation.decisions": Row("/courses/{course}/decisions", "queue.read"),
    "GET moderation.report": Row("/posts/{published}/report", "post.report", on="published"),
    "POST moderation.report": Row("/posts/{published}/report", "post.report", form(reason="unkind"), "published"),
    "GET moderation.remove": Row("/posts/{published}/remove", "post.remove", on="published"),
    "POST moderation.remove": Row("/posts/{published}/remove", "post.remove", form(reason="spam"), "published"),
    "GET moderation.more": Row("/posts/{published}/moderate", "post.handle", on="published"),
    "GET moderation.purge": Row("/posts/{published}/erase", "post.purge", on="published"),
    "POST moderation.purge": Row("/posts/{published}/erase", "post.purge", form(sure="patient"), "published"),
    "GET moderation.correct": Row("/posts/{published}/correct", "post.correct", on="published"),
    "POST moderation.correct": Row("/posts/{published}/correct", "post.correct", form(text="2 mg."), "published"),
    "GET moderation.pause": Row("/posts/{published}/pause", "pause.begin", on="published"),
    "POST moderation.pause": Row(
        "/posts/{published}/pause", "pause.begin", form(reason="Be kind.", until="{tomorrow}"), "published"
    ),
    "GET moderation.pauses": Row("/courses/{course}/pauses", "pause.lift"),
    "POST moderation.lift": Row("/courses/{course}/pauses/{pause}/lift", "pause.lift"),
    "GET moderation.appeal": Row("/posts/{rejected}/appeal", "post.appeal", on="rejected"),
    "POST moderation.appeal": Row("/posts/{rejected}/appeal", "post.appeal", form(note="Look again."), "rejected"),
    "GET moderation.appeal_item": Row("/courses/{course}/appeals/{appeal}", "appeal.decide"),
    "POST moderation.appeal_item": Row(
        "/courses/{course}/appeals/{appeal}", "appeal.decide", form(outcome="uphold", answer="It stands.")
    ),
    "GET moderation.concern_about": Row("/posts/{published}/concern", "post.concern", on="published"),
    "POST moderation.concern_about": Row("/posts/{published}/concern", "post.concern", on="published"),
    "GET moderation.turn_to": Row("/courses/{course}/help"),
    "GET moderation.duties": Row("/courses/{course}/duties", "duties.read"),
    "POST moderation.find_post": Row("/courses/{course}/duties", "duties.read", form(address="{published}")),
    "GET moderation.concern": Row("/courses/{course}/concerns/{concern}", "concern.read"),
    "POST moderation.concern": Row("/courses/{course}/concerns/{concern}", "concern.read", form(do="take")),
    "GET moderation.numbers": Row("/courses/{course}/numbers", "numbers.change"),
    "POST moderation.numbers": Row("/courses/{course}/numbers", "numbers.change", form(numbers="Call the switchboard")),
    "GET moderation.author": Row("/posts/{published}/author", "author.open", on="published"),
    "POST moderation.author": Row("/posts/{published}/author", "author.open", form(reason="Why."), "published"),
    "GET moderation.opening": Row("/courses/{course}/openings/{opening}", "author.open"),
    "POST moderation.opening": Row("/courses/{course}/openings/{opening}", "author.open", form(do="confirm")),
    "GET cases.index": Row("/courses/{course}/cases"),
    "GET cases.new": Row("/courses/{course}/cases/new", "case.write"),
    "POST cases.new": Row("/courses/{course}/cases/new", "case.write", form(speciality="cardiology", note="A line.")),
    "GET cases.write": Row("/cases/{case_draft}/write", "case.edit", on="draft"),
    "GET cases.story": Row("/cases/{case_draft}/story", "case.edit", on="draft"),
    "POST cases.story": Row("/cases/{case_draft}/story", "case.edit", form(**STORY), "draft"),
    "GET cases.question": Row("/cases/{case_draft}/question", "case.edit", on="draft"),
    "POST cases.question": Row("/cases/{case_draft}/question", "case.edit", form(**QUESTION), "draft"),
    "GET cases.answer": Row("/cases/{case_draft}/answer", "case.edit", on="draft"),
    "POST cases.answer": Row("/cases/{case_draft}/answer", "case.edit", form(**ENDING), "draft"),
    "GET cases.consent": Row("/cases/{case_draft}/consent", "case.edit", on="draft"),
    "POST cases.consent": Row("/cases/{case_draft}/consent", "case.edit", form(**CONSENT), "draft"),
    "GET cases.send": Row("/cases/{case_draft}/send", "case.edit", on="draft"),
    "POST cases.send": Row("/cases/{case_draft}/send", "case.edit", on="draft"),
    "GET cases.case": Row("/courses/{course}/cases/{case}", on="published"),
    "POST cases.commit": Row("/courses/{course}/cases/{case}/commit", "case.answer", form(answer="1"), "published"),
    "GET cases.find": Row("/cases/{case}", on="published", done=303),
    "GET cases.of_thread": Row("/threads/{case_thread}/case", on="published", done=303),
    "GET cases.review": Row("/cases/{case_pending}/review", "case.review", on="pending"),
    "POST cases.review": Row(
        "/cases/{case_pending}/review", "case.review", form(verb="tick", seen="1", clinical="yes"), "pending"
    ),
    "POST cases.widen": Row("/cases/{case}/audience", "case.widen", form(audience="trust"), "published"),
    "GET cases.end_consent": Row("/cases/{case}/consent-withdrawn", "case.end_consent", on="published"),
    "POST cases.end_consent": Row("/cases/{case}/consent-withdrawn", "case.end_consent", on="published"),
    "GET cases.withdraw": Row("/cases/{case}/withdraw", "case.withdraw", on="published"),
    "POST cases.withdraw": Row("/cases/{case}/withdraw", "case.withdraw", on="published"),
    "GET programme.week": Row("/courses/{course}/teaching"),
    "GET programme.plan": Row("/courses/{course}/teaching/add", "session.plan"),
    "POST programme.plan": Row("/courses/{course}/teaching/add", "session.plan", TEACHING),
    "GET programme.session": Row("/sessions/{session}", "session.read"),
    "GET feeds.board_link": Row("/boards/{board}/feed", "feed.make"),
    "POST feeds.board_link": Row("/boards/{board}/feed", "feed.make"),
    "GET feeds.phone": Row("/courses/{course}/teaching/phone", "feed.make"),
    "POST feeds.phone": Row("/courses/{course}/teaching/phone", "feed.make"),
    "GET feeds.new_feed": Row("/courses/{course}/teaching/phone/new", "feed.make"),
    "POST feeds.new_feed": Row("/courses/{course}/teaching/phone/new", "feed.make", form(name="Core")),
    "GET programme.change": Row("/sessions/{session}/change", "session.plan"),
    "POST programme.change": Row("/sessions/{session}/change", "session.plan", (*TEACHING, ("seen", "1"))),
    "GET programme.cancel": Row("/sessions/{session}/cancel", "session.plan"),
    "POST programme.cancel": Row("/sessions/{session}/cancel", "session.plan", form(note="Away.", seen="1")),
    "POST programme.restore": Row("/sessions/{session}/restore", "session.plan", form(seen="1")),
    "GET programme.delete": Row("/sessions/{session}/delete", "session.delete"),
    "POST programme.delete": Row("/sessions/{session}/delete", "session.delete", form(seen="1")),
    "GET launch.activity": Row("/activities/{activity}"),
    "GET launch.change": Row("/activities/{activity}/change", "course.place"),
    "POST launch.place": Row("/activities/{activity}", "course.place", form(do="use", thing="{board}")),
    "GET launch.activities": Row("/courses/{course}/activities", "course.place"),
    "GET launch.follow": Row("/courses/{course}/link"),
    "GET launch.check_connection": Row("/courses/{course}/connection", "course.connection"),
    "GET services.people": Row("/courses/{course}/people", "course.roster"),
    "POST services.update": Row("/courses/{course}/people", "course.roster"),
    "POST services.decide": Row("/courses/{course}/people/left", "course.roster", form(do="keep", seen=HELD_AT)),
    "GET services.show_marks": Row("/activities/{activity}/marks", "course.mark"),
    "POST services.give_marks": Row("/activities/{activity}/marks", "course.mark"),
    "GET search.results": Row("/courses/{course}/search?q=when"),
    "GET search.similar": Row("/boards/{board}/similar?title=when", "board.read"),
    "GET notifications.inbox": Row("/courses/{course}/inbox"),
    "POST notifications.read_all": Row("/courses/{course}/inbox/read"),
    "GET notifications.preferences": Row("/courses/{course}/inbox/settings", "preferences.change"),
    "POST notifications.preferences": Row(
        "/courses/{course}/inbox/settings", "preferences.change", form(replies="off")
    ),
}
# Routes about the visitor alone, or about nobody; each is tested where its room is.
FOR_THEMSELVES = {
    "texts.check_now",
    "texts.save_draft",
    "texts.throw_away",
    "home.finish",
    "home.keys",
    "launch.new_window",
}
FOR_THEMSELVES |= {"feeds.replace", "feeds.switch_off", "files.unsent"}
FOR_THEMSELVES |= {"moderation.undo", "moderation.take_back"}  # one's own decisions: functional/test_queue.py
FOR_ITS_CHOOSER = {"launch.choose", "launch.answer"}
FOR_ANYBODY = {"health.alive", "health.ready", "health.metrics", "feeds.calendar", "launch.go"}
FOR_ANYBODY |= {"feeds.news", "mail.stop"}
LEARNER_WHO_WROTE = "the author"
PEOPLE = [*Role, Duty.EDUCATION_ADMINISTRATOR, LEARNER_WHO_WROTE, "of another course", "of another trust", "nobody"]


class Scene:
    """A course with a published and a waiting question, and one person of every kind."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.trust, other = house.trust(), house.trust("Another trust")
        self.course, self.elsewhere = house.course(self.trust), house.course(self.trust, "F1 Medicine")
        abroad = house.course(other, "Their course")
        here = self.course.id
        people = {role: house.person(self.trust, role.title(), {here: role}) for role in Role}
        people[LEARNER_WHO_WROTE] = house.person(self.trust, "Sam", {here: Role.LEARNER})
        duty = Duty.EDUCATION_ADMINISTRATOR
        people[duty] = house.person(self.trust, "Ruth", {self.elsewhere.id: Role.READER}, duty)
        people["of another course"] = house.person(self.trust, "Jon", {self.elsewhere.id: Role.TUTOR})
        people["of another trust"] = house.person(other, "Eve", {abroad.id: Role.TUTOR}, duty)
        self.people, self.abroad = people, abroad
        author, tutor = people[LEARNER_WHO_WROTE], people[Role.TUTOR]
        self.board = house.board(self.course, tutor)
        self.published = house.question(author, self.course, self.board)
        self.approve(tutor, self.published)
        self.replied = house.answer(author, self.course, self.published)
        self.approve(tutor, self.replied)
        self.pending = house.question(author, self.course, self.board)
        self.thread = house.facts(author, self.course, self.published).thread_public_id
        self.session = house.teaching(tutor, self.course)
        self.activity = self.place()
        self.tutor = tutor.public_id

    @cached_property
    def charter(self) -> dict[str, str]:
        """By names of addresses: boards of several courses, a cohort, an answer on a board of know-how, and a question
        that only the tutors read, whose author was asked whether all may.
        """
        return rooms_of_boards(self.house, self.course, self.elsewhere, self.people[Role.TUTOR],
                               self.people["of another course"], self.people[LEARNER_WHO_WROTE])  # fmt: skip

    def place(self) -> str:
        """An activity of the VLE in which nothing stands yet."""
        draft = PlatformDraft(
            name="VLE",
            issuer="https://vle.example",
            client_id="1",
            auth_url="https://vle.example/auth",
            token_url="https://vle.example/token",
            keys_url="https://vle.example/keys",
            deployments=("1",),
        )
        with self.house.database.transaction() as db:
            connect_platform(db, self.trust.name, draft, clock.now())
            placement = Placement(
                public_id=new_public_id(),
                trust_id=self.trust.id,
                deployment_id=1,
                course_id=self.course.id,
                link_id="1",
                title="Board",
                is_copy=False,
                asked="",
                kind="",
                thing="",
            )
            db.add(placement)
            db.flush()
            offer_services(db, placement, "https://vle.example", held_at=datetime.fromisoformat(HELD_AT))
            return placement.public_id

    def approve(self, tutor, post, seen=1) -> None:
        facts = self.house.facts(tutor, self.course, post)
        with self.house.database.transaction() as db:
            decide(db, self.house.actor(db, tutor, self.course), facts, DecisionDraft(Verb.APPROVE, seen))

    def path(self, row: Row) -> str:
        return row.path.format(
            course=self.course.public_id,
            board=self.board,
            thread=self.thread,
            published=self.published,
            replied=self.replied,
            pending=self.pending,
            activity=self.activity,
            session=self.session,
            polled=self.polled if "{polled}" in row.path else "",
            file=self.file if "{file}" in row.path else "",
            **(self.charter if any(f"{{{name}}}" in row.path for name in CHARTER) else {}),
            **(self.cases if "{case" in row.path else {}),
            **(self.beyond if re.search("{(rejected|appeal|concern|pause|opening)}", row.path) else {}),
        )

    @cached_property
    def file(self) -> str:
        """A picture of the published post. Made for the route that needs it."""
        author = self.house.browser(self.people[LEARNER_WHO_WROTE], self.course)
        path, words = f"/posts/{self.published}/edit", {"seen": "1", "title": "T", "text": "W."}
        (file,) = files_in(add(author, path, screenshot(), **words).text)
        send(author, path, [file], **words)
        self.approve(self.people[Role.TUTOR], self.published, 2)
        return file

    @cached_property
    def polled(self) -> str:
        """A thread with a poll. Made for the route that needs it."""
        author = self.people[LEARNER_WHO_WROTE]
        words = {"title": "Which?", "text": "Say.", "options": "This\nThat"}
        self.house.browser(author, self.course).post(f"/boards/{self.board}/ask", words)
        with self.house.database.within(self.trust.id).reading() as db:
            post = db.scalars(select(Post).order_by(Post.id.desc())).first().public_id
        self.approve(self.people[Role.TUTOR], post)
        return self.house.facts(author, self.course, post).thread_public_id

    @cached_property
    def cases(self) -> dict[str, str]:
        """A published case, one in review and a draft, by names of addresses. Made for the routes that need them."""
        room, author = Room(self.house, self.course), self.people[LEARNER_WHO_WROTE]
        made = {"case": room.publish(author, self.people[Role.TUTOR])}
        for name in ("case_draft", "case_pending"):
            made[name] = room.begin(author)
            room.write(author, made[name])
        room.send(author, made["case_pending"])
        return made | {"case_thread": str(room.facts(author, made["case"]).thread_public_id)}

    @cached_property
    def beyond(self) -> dict[str, str]:
        """What goes beyond the queue, by names of addresses: decided by a tutor who asks for no page here."""
        second = self.house.person(self.trust, "Second", {self.course.id: Role.TUTOR})
        return make_matters(self.house, self.course, self.people[LEARNER_WHO_WROTE], second, self.board)

    def expected(self, row: Row, who) -> int:
        """What the policy says: done, 403 for what is seen, 404 for what is not, 401 for nobody."""
        if who == "nobody":
            return 401
        person, mine = self.people[who], who == LEARNER_WHO_WROTE
        with self.house.database.transaction() as db:
            actor = self.house.actor(db, person, self.course)
        if row.on in ("draft", "rejected") and not mine:
            return 404
        state = {"replied": "published"}.get(row.on, row.on) or None
        if row.on == "private":
            return self.expected_of_private(row, actor, mine=mine)
        thing = Thing(self.trust.id, self.course.id, is_mine=mine, state=state, waits=state == "pending")
        if not may(actor, "course.read", thing):
            return 404
        is_held = row.on == "pending" and not mine and not may(actor, "post.skip_queue", thing)
        if is_held:
            return 403 if row.path.startswith("/courses/") and not may(actor, "queue.read", thing) else 404
        return 200 if may(actor, row.permission, thing) else 403

    def expected_of_private(self, row: Row, actor, *, mine: bool) -> int:
        """Nobody but its author and the tutors knows of a private question."""
        facts = {"state": "published", "is_private": True, "is_asked_public": True}
        thing = Thing(self.trust.id, self.course.id, is_mine=mine, **facts)
        if not mine and not may(actor, "post.skip_queue", thing):
            return 404
        return 200 if may(actor, row.permission, thing) else 403


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, empty_database_file: Path) -> Scene:
    return filled_once(tmp_path_factory.mktemp("filled"), empty_database_file)


@pytest.fixture
def scene(filled: Scene, tmp_path: Path) -> Iterator[Scene]:
    yield from copied(filled, tmp_path)


def filled_once(place: Path, empty_database_file: Path) -> Scene:
    """The scene of which each test gets a copy: to make it takes ten times as long as to copy its file."""
    shutil.copy(empty_database_file, place / empty_database_file.name)
    house = open_house(make_settings(place))
    scene = Scene(house)
    house.database.close()
    return scene


def copied(scene: Scene, place: Path) -> Iterator[Scene]:
    """The same scene in an installation of its own, in this empty folder."""
    shutil.copytree(scene.house.database.notes["settings"].var_dir, place, dirs_exist_ok=True)
    mine = copy(scene)
    mine.house = open_house(make_settings(place))
    yield mine
    mine.house.database.close()


def open_house(settings: Settings) -> House:
    database = open_database(settings)
    return House(create_app(settings, database), database)


def walk(app):
    """Every route and method of the app, as in ROWS."""
    for rule in app.url_map.iter_rules():
        for method in sorted(rule.methods & {"GET", "POST", "PUT", "PATCH", "DELETE"}):
            yield f"{method} {rule.endpoint}"


def test_every_route_has_a_row(house):
    apart = FOR_THEMSELVES | FOR_ANYBODY | FOR_ITS_CHOOSER
    found = {key for key in walk(house.app) if key.split()[1] not in apart and not key.split()[1].startswith("lti.")}
    assert found == set(ROWS)


@pytest.mark.parametrize("key", ROWS)
@pytest.mark.parametrize("who", PEOPLE, ids=str)
def test_the_answer_is_the_policys(scene: Scene, key, who):
    row, method = ROWS[key], key.split()[0]
    expected = scene.expected(row, who)
    if who == "nobody":
        client = scene.house.app.test_client()
        answer = client.get(scene.path(row)) if method == "GET" else client.post(scene.path(row))
        assert answer.status_code in ((401,) if method == "GET" else (401, 403, 409))
        return
    course = scene.abroad if who == "of another trust" else scene.course
    browser = scene.house.browser(scene.people[who], course)
    words = {"board": scene.board, "published": scene.published, "pending": scene.pending, "tutor": scene.tutor}
    words |= {"tomorrow": tomorrow().isoformat(), "elsewhere": scene.elsewhere.public_id}
    words["colleague"] = str(scene.people[Role.ASSISTANT if who == Role.TUTOR else Role.TUTOR].id)
    given = {name: value.format(**words) for name, value in row.form} | {"once": new_public_id()}
    answer = browser.get(scene.path(row)) if method == "GET" else browser.post(scene.path(row), given)
    wanted = row.done or (303 if method == "POST" else 200) if expected == 200 else expected
    assert answer.status_code == wanted, answer.get_data(as_text=True)[-1500:]
