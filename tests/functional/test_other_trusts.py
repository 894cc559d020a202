"""What a query forgets, the database remembers: with every condition of ours taken out, no row of another trust.

Somebody of one trust asks as the application would let a tutor of another trust ask: with that tutor's authority, about
that tutor's things, and with the visibility expressions replaced by "everything". SQLite shows it all, which proves
that nothing of ours stood in the way; PostgreSQL shows nothing.
"""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text, true
from sqlalchemy.exc import NoResultFound, ProgrammingError
from sqlalchemy.orm import Session

from lti_tool.access import Actor, Duty, Role
from lti_tool.boards import (
    attachments,
    authors,
    corrections,
    exports,
    keeping,
    marks,
    pauses,
    polls,
    posts,
    reactions,
    sight,
    stories,
    taking_part,
)
from lti_tool.boards import queries as boards
from lti_tool.boards import reading as news
from lti_tool.boards.charter import put_second
from lti_tool.boards.models import BoardPause, Correction, Post, ThreadHold
from lti_tool.boards.rules import Hold
from lti_tool.cases import queries as cases
from lti_tool.core import clock
from lti_tool.core.db import Database
from lti_tool.core.errors import NotFound, Problem
from lti_tool.core.ids import new_public_id
from lti_tool.core.paging import Page
from lti_tool.core.settings import Settings
from lti_tool.feeds import queries as feeds
from lti_tool.feeds.actions import make_feed
from lti_tool.feeds.forms import usual_draft
from lti_tool.feeds.rules import Window
from lti_tool.files import queries as files
from lti_tool.files.storage import Storage
from lti_tool.journal import JournalLine, record
from lti_tool.journal import queries as journal
from lti_tool.launch import PlatformDraft, connect_platform, known
from lti_tool.launch import queries as launch
from lti_tool.launch import service_queries as services
from lti_tool.launch.claims import CourseClaims
from lti_tool.launch.models import Choosing, CourseLink, Deployment, Identity, Mark, Placement
from lti_tool.migrations.row_security import OUTSIDE, known_tables
from lti_tool.moderation import appeal_queries as appeals
from lti_tool.moderation import figures, queue
from lti_tool.moderation import opening_queries as openings
from lti_tool.moderation import queries as moderation
from lti_tool.moderation import safety_queries as safety
from lti_tool.moderation.claims import be_away, claim
from lti_tool.moderation.duty_models import SafetyNumbers
from lti_tool.moderation.models import Report
from lti_tool.moderation.rules import Period, QueueKind
from lti_tool.notifications import queries as notifications
from lti_tool.notifications.actions import choose
from lti_tool.notifications.rules import How, MailDue, Topic
from lti_tool.people import Course, CourseLine, Person, appoint, find_trust, state_rotation
from lti_tool.people import queries as people
from lti_tool.programme import queries as programme
from lti_tool.programme.actions import add_session, delete_session
from lti_tool.search import queries as search
from lti_tool.search.rules import Wanted
from lti_tool.texts import Text, draft_place, prepare
from lti_tool.texts import queries as texts
from lti_tool.web import pages
from tests.factories.boards import rooms_of_boards
from tests.factories.cases import Room
from tests.factories.files import add, files_in, screenshot, send
from tests.factories.house import House
from tests.factories.matters import make_matters
from tests.factories.pages import Term
from tests.factories.services import offer_services
from tests.functional.test_routes import ROWS

pytestmark = pytest.mark.sql

SENT = new_public_id()
TITLE = "AF and a new stent: when does the P2Y12 inhibitor stop?"
VLE = PlatformDraft(
    name="VLE",
    issuer="https://vle.example",
    client_id="1",
    auth_url="https://vle.example/auth",
    token_url="https://vle.example/token",
    keys_url="https://vle.example/keys",
    deployments=("1",),
)


@dataclass
class Scene:
    """A trust in mid-term, and Eve, who teaches and runs education in another one."""

    house: House
    term: Term
    eve: Person
    abroad: Course
    helen: Actor
    sam: Actor
    course: CourseLine
    board: boards.BoardLine
    post: posts.PostFacts
    deployment: Deployment
    activity: str
    choosing: str
    reported: int
    teaching: programme.SessionLine
    deleted: str
    held: int
    cases: dict[str, str]
    sent: str
    calendar: feeds.FeedLine
    file: str
    unsent: str
    pictured: posts.PostFacts
    polled: posts.PostFacts
    charter: dict[str, str]

    @property
    def theirs(self) -> Database:
        """The database as any request of Eve's sees it."""
        return self.house.database.within(self.eve.trust_id)

    @property
    def ours(self) -> Database:
        return self.house.database.within(self.course.trust_id)

    @property
    def fresh(self) -> posts.PostFacts:
        """A question that waits."""
        with self.ours.reading() as db:
            return posts.get_post_facts(db, self.helen, self.term.fresh)

    @property
    def audience(self) -> feeds.Audience:
        return feeds.Audience(self.course.trust_id, (self.course.id,), (), (), False)

    @property
    def lead(self) -> Actor:
        """Helen, if she were appointed to safeguarding."""
        return replace(self.helen, duties=frozenset({Duty.SAFEGUARDING}))

    def numbered(self, name: str) -> int:
        """The number of a post of `make_matters`."""
        with self.ours.reading() as db:
            return db.scalars(select(Post.id).where(Post.public_id == self.cases[name])).one()

    @property
    def paused(self) -> tuple[int, datetime]:
        """The board on which Sam is paused, and until when."""
        with self.ours.reading() as db:
            pause = db.scalars(select(BoardPause)).one()
        return pause.board_id, pause.until_at

    @property
    def corrected(self) -> int:
        """The thread that has a correction."""
        with self.ours.reading() as db:
            return db.scalars(select(Correction.thread_id)).one()

    @property
    def placed(self) -> launch.Activity:
        with self.ours.reading() as db:
            return launch.get_activity(db, self.helen, self.activity)


@pytest.fixture
def scene(house: House) -> Scene:
    term = Term(house)
    course = CourseLine.of(term.course)
    with house.database.transaction() as db:
        connect_platform(db, house_name(db, course), VLE, clock.now())
    with house.database.within(course.trust_id).transaction() as db:
        deployment = db.scalars(select(Deployment)).one()
        activity, choosing = fill_launch(db, term, deployment)
        helen, sam = (house.actor(db, person, term.course) for person in (term.helen, term.sam))
        for person in (term.helen, term.sam):
            state_rotation(db, person, "F1", "", "", clock.now().date(), "self")
        choose(db, sam, course, {Topic.REPLIES: How.OFF})
        taught = fill_teaching(db, term, helen, course)
        board = house.line(db, helen, term.named)
        part = taking_part.Rule(taking_part.Asks.POSTS, 2, clock.now().date())
        taking_part.set_rule(db, helen, board, part)
        db.flush()
        board = house.line(db, helen, term.named)
        post = posts.get_post_facts(db, helen, term.question)
        reported = db.scalars(select(Report.post_id)).first()
        keeping.follow_thread(db, sam, post, True)
        keeping.follow_board(db, sam, board, "", True)
        keeping.keep_bookmark(db, sam, post, "Read again.")
        marks.move_mark(db, helen, post.thread_id, course.id, marks.microseconds_of(clock.now()))
        fill_queue(db, term, helen, board)
    taught["cases"] = fill_cases(house, term) | fill_matters(house, term)
    taught |= fill_files(house, term)
    taught["charter"] = rooms_of_boards(house, term.course, term.empty_course, term.helen, term.helen, term.sam)
    other = house.trust("Another trust")
    abroad = house.course(other, "Their course")
    eve = house.person(other, "Eve", {abroad.id: Role.TUTOR}, Duty.EDUCATION_ADMINISTRATOR)
    facts = {"deployment": deployment, "activity": activity, "choosing": choosing, "reported": reported} | taught
    return Scene(house, term, eve, abroad, helen, sam, course, board, post, **facts)


def fill_queue(db: Session, term: Term, helen: Actor, board: boards.BoardLine) -> None:
    """A claim, an absence, a second moderator, and somebody who runs education."""
    put_second(db, board.id, term.course, term.rhys.public_id)
    fresh = posts.get_post_facts(db, helen, term.fresh)
    claim(db, helen, QueueKind.POST, term.fresh, fresh.waiting_since)
    be_away(db, helen, clock.now().date() + timedelta(days=9))
    appoint(db, db.get_one(Person, term.vera.id), Duty.EDUCATION_ADMINISTRATOR, clock.now(), None)


def house_name(db: Session, course: CourseLine) -> str:
    name = db.scalar(text("SELECT name FROM trusts WHERE id = :id"), {"id": course.trust_id})
    assert find_trust(db, name) is not None
    return name


def fill_launch(db: Session, term: Term, deployment: Deployment) -> tuple[str, str]:
    """What a launch leaves behind: an identity, a course link, an activity, a visit to the chooser."""
    here = {"trust_id": term.course.trust_id, "deployment_id": deployment.id, "course_id": term.course.id}
    db.add(CourseLink(**here, context_id="55"))
    ids = {"platform_id": deployment.platform_id, "trust_id": term.course.trust_id}
    db.add(Identity(**ids, subject="7", person_id=term.helen.id))
    placed = {"title": "Board", "is_copy": False, "asked": "", "kind": "", "thing": ""}
    placement = Placement(public_id=new_public_id(), **here, link_id="1", **placed)
    until = clock.now() + clock.HOUR
    chooses = {"person_id": term.helen.id, "sealed": b"x", "expires_at": until}
    choosing = Choosing(public_id=new_public_id(), **here, **chooses)
    db.add_all((placement, choosing))
    db.flush()
    offer_services(db, placement, "https://vle.example")
    given = {"mark": 5, "stamp": clock.now(), "state": "waiting", "reason": "busy", "given_by_id": term.helen.id}
    db.add(Mark(trust_id=term.course.trust_id, placement_id=placement.id, person_id=term.sam.id, **given))
    return placement.public_id, choosing.public_id


def fill_cases(house: House, term: Term) -> dict[str, str]:
    """A published case, one in review and a draft, by names of addresses (`test_routes.ROWS`)."""
    room = Room(house, term.course)
    made = {"case": room.publish(term.sam, term.helen)}
    for name in ("case_draft", "case_pending"):
        made[name] = room.begin(term.sam)
        room.write(term.sam, made[name])
    room.send(term.sam, made["case_pending"])
    return made | {"case_thread": str(room.facts(term.sam, made["case"]).thread_public_id)}


def fill_matters(house: House, term: Term) -> dict[str, str]:
    """What goes beyond the queue, by names of addresses; and whom this trust says one may turn to."""
    with house.database.within(term.course.trust_id).transaction() as db:
        said = {"changed_by": term.helen.id, "changed_at": clock.now()}
        db.add(SafetyNumbers(trust_id=term.course.trust_id, words="The switchboard", **said))
    board = house.board(term.course, term.helen, title="Ask the team")
    return make_matters(house, term.course, term.sam, term.rhys, board)


def fill_teaching(db: Session, term: Term, helen: Actor, course: CourseLine) -> dict[str, Any]:
    """A session with a block, one that is deleted, one that nobody has rendered yet, and a calendar link."""
    line, sent = programme.get_session(db, helen, term.teaching), new_public_id()
    add_session(db, helen, course, replace(line.draft, title="Fresh"), sent)
    gone = add_session(db, helen, course, replace(line.draft, title="Gone"), new_public_id()).public_id
    delete_session(db, helen, programme.get_session(db, helen, gone), 1)
    make_feed(db, helen, course, usual_draft(), new_public_id())
    held = posts.get_post_facts(db, helen, term.fresh).thread_id
    db.add(ThreadHold(thread_id=held, kind=Hold.PRIVACY, trust_id=course.trust_id, opened_at=clock.now()))
    return {"held": held, "teaching": line, "deleted": gone, "sent": sent, "calendar": feeds.feeds_of(db, helen)[0]}


def fill_files(house: House, term: Term) -> dict[str, Any]:
    """A question with a picture and a poll, and a picture that Sam has not sent."""
    sam, path = house.browser(term.sam, term.course), f"/boards/{term.open}/ask"
    (file,) = files_in(add(sam, path, screenshot()).text)
    send(sam, path, [file], options="This\nThat", once=SENT)
    (unsent,) = files_in(add(sam, path, screenshot()).text)
    with house.database.within(term.trust.id).reading() as db:
        post = db.scalars(select(Post.public_id).where(Post.once == SENT)).one()
    facts = house.facts(term.sam, term.course, post)
    return {"file": file, "unsent": unsent, "pictured": facts, "polled": facts}


VISIBILITY = ("visible_boards", "decides", "visible_sessions", "visible_threads", "visible_cases", "readable")


@pytest.fixture
def all_is_visible(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Take the application's visibility out, wherever a room has one."""
    for name in ("visible_words", "visible_posts"):
        monkeypatch.setattr(sight.Sight, name, true())
    for module in (sight, boards, posts, exports, keeping, news, programme, cases, search):
        for name in VISIBILITY:
            if hasattr(module, name):
                monkeypatch.setattr(module, name, lambda *_: true())
    forget_made_statements()
    yield
    monkeypatch.undo()
    forget_made_statements()


def forget_made_statements() -> None:
    """Statements are made once, with the visibility of that moment."""
    for module in (sight, boards, posts):
        for _name, function in inspect.getmembers(module, lambda member: hasattr(member, "cache_clear")):
            function.cache_clear()


Ask = Callable[[Session, Scene], Any]
ASKED: dict[Any, Ask] = {
    boards.get_board: lambda db, s: boards.get_board(db, s.helen, s.board.public_id),
    boards.find_board: lambda db, s: boards.find_board(db, s.helen, s.board.public_id),
    boards.find_board_of_thread: lambda db, s: boards.find_board_of_thread(db, s.helen, s.post.thread_public_id),
    boards.find_board_of_post: lambda db, s: boards.find_board_of_post(db, s.helen, s.post.public_id),
    boards.find_landmark: lambda db, s: boards.find_landmark(db, s.board.public_id),
    cases.get_case: lambda db, s: cases.get_case(db, s.helen, s.cases["case"]),
    cases.story_of_case: lambda db, s: cases.story_of_case(db, s.cases["case"]),
    cases.landmark_of: lambda db, s: cases.landmark_of(db, s.cases["case"]),
    boards.is_thread_held: lambda db, s: boards.is_thread_held(db, s.held),
    boards.is_sealed_thread: lambda db, s: boards.is_sealed_thread(db, s.term.thread_of(s.term.mine_waiting)),
    boards.course_of_thread: lambda db, s: boards.course_of_thread(db, s.post.thread_public_id),
    exports.posts_after: lambda db, s: exports.posts_after(db, s.helen, s.board, (0, 0, 0)),
    exports.own_posts_before: lambda db, s: exports.own_posts_before(db, s.sam),
    exports.newest_posts: lambda db, s: exports.newest_posts(db, s.helen, s.board),
    taking_part.find_rule: lambda db, s: taking_part.find_rule(db, s.board.id),
    taking_part.own_progress: lambda db, s: taking_part.own_progress(db, s.sam, s.board),
    taking_part.reckon: lambda db, s: taking_part.reckon(db, s.course.trust_id, clock.now()),
    boards.open_holds: lambda db, s: boards.open_holds(db, s.held),
    boards.boards_of: lambda db, s: boards.boards_of(db, s.helen, s.course),
    boards.page_of_threads: lambda db, s: boards.page_of_threads(db, s.helen, s.board).rows,
    boards.unanswered: lambda db, s: later(lambda: boards.unanswered(db, s.helen, s.course)),
    boards.board_lines: lambda db, s: boards.board_lines(db, {s.board.id}),
    posts.get_thread: lambda db, s: posts.get_thread(db, s.helen, s.post.thread_public_id),
    posts.get_post_facts: lambda db, s: posts.get_post_facts(db, s.helen, s.post.public_id),
    posts.with_files: lambda db, s: posts.with_files(db, [s.pictured])[0].files,
    polls.find_poll: lambda db, s: polls.find_poll(db, s.sam, s.polled),
    attachments.file_of_post: lambda db, s: attachments.file_of_post(db, s.helen, s.pictured.public_id, s.file),
    files.files_of: lambda db, s: files.files_of(db, {s.pictured.text_id: 1}),
    files.find_file: lambda db, s: files.find_file(db, s.pictured.text_id, [1], s.file),
    files.files_for: lambda db, s: files.files_for(db, s.sam, [s.unsent]),
    files.find_own: lambda db, s: files.find_own(db, s.sam, s.unsent),
    files.count_missing: lambda db, s: files.count_missing(db, Storage(Path("nowhere"))),
    texts.files_by_version: lambda db, s: texts.files_by_version(db, texts.get_revision(db, s.pictured.text_id, 1))[1],
    texts.with_rest_of: lambda db, s: (
        texts.with_rest_of(db, texts.get_revision(db, s.pictured.text_id, 1), prepare("x")).files
    ),
    texts.has_files: lambda db, s: texts.has_files(db, db.get_one(Text, s.pictured.text_id)),
    posts.waiting_posts: lambda db, s: posts.waiting_posts(db, s.helen),
    posts.mine_waiting: lambda db, s: posts.mine_waiting(db, s.sam, s.course),
    posts.history_on_board: lambda db, s: posts.history_on_board(db, s.post.id),
    posts.posts_within_hour: lambda db, s: posts.posts_within_hour(db, s.sam, s.board),
    stories.story_of: lambda db, s: stories.story_of(db, s.post.public_id),
    stories.thread_names: lambda db, s: stories.thread_names(db, s.helen, {s.post.thread_public_id}),
    keeping.bookmarks_of: lambda db, s: keeping.bookmarks_of(db, s.sam),
    keeping.count_bookmarks: lambda db, s: keeping.count_bookmarks(db, s.sam),
    keeping.followed_by: lambda db, s: keeping.followed_by(db, s.sam),
    keeping.board_followers_after: lambda db, s: keeping.board_followers_after(db, s.post.public_id, 0, 9)[0],
    keeping.followers_after: lambda db, s: keeping.followers_after(db, s.post.thread_public_id, 0, 9)[0],
    marks.readers_of: lambda db, s: marks.readers_of(db, s.post.public_id),
    news.news_of: lambda db, s: news.news_of(db, s.sam, s.course),
    news.mine_of_thread: lambda db, s: news.mine_of_thread(db, s.sam, Page([s.post])).follows,
    people.everybody_ever: lambda db, s: people.everybody_ever(db, s.course.trust_id, s.course.id),
    authors.author_of: lambda db, s: authors.author_of(db, s.post.public_id),
    authors.find_alias: lambda db, s: authors.find_alias(db, *alias_of_sam(db, s)),
    moderation.page_of_log: lambda db, s: moderation.page_of_log(db, s.helen, s.course).rows,
    moderation.page_of_own: lambda db, s: moderation.page_of_own(db, s.helen).rows,
    moderation.open_reports: lambda db, s: moderation.open_reports(db, s.reported),
    moderation.has_reported: lambda db, s: moderation.has_reported(db, s.sam, s.reported),
    moderation.median_minutes: lambda db, s: moderation.median_minutes(db, [s.course.id]) is not None,
    moderation.who_is_told_late: lambda db, s: moderation.who_is_told_late(db, s.term.fresh),
    queue.all_waiting: lambda db, s: queue.all_waiting(db, s.helen),
    queue.next_free: lambda db, s: queue.next_free(db, s.helen),
    queue.marks_of: lambda db, s: queue.marks_of(db, s.helen, [s.term.fresh]),
    queue.mark_line: lambda db, s: queue.mark_line(db, s.helen, s.term.fresh, s.fresh.waiting_since),
    queue.who_is_away: lambda db, s: queue.who_is_away(db, s.helen, [s.term.helen.id]),
    figures.figures_of: lambda db, s: figures.figures_of(db, s.helen, s.course, Period.WEEK).decided,
    figures.this_month: lambda db, s: figures.this_month(db, s.helen, s.course).decided,
    notifications.page_of_entries: lambda db, s: notifications.page_of_entries(db, s.sam).rows,
    notifications.has_unread_of_thread: lambda db, s: notifications.has_unread_of_thread(
        db, s.sam, s.post.thread_public_id
    ),
    notifications.entries_to_mail: lambda db, s: notifications.entries_to_mail(db, s.sam, MailDue.NOTHING, long_ago()),
    notifications.people_to_mail: lambda db, s: notifications.people_to_mail(
        db, s.course.trust_id, MailDue.NOTHING, long_ago()
    ),
    notifications.person_of_entry: lambda db, s: notifications.person_of_entry(db, entry_of_sam(s)),
    notifications.find_landmark: lambda db, s: notifications.find_landmark(db, entry_of_sam(s)),
    notifications.hows_of: lambda db, s: (
        notifications.hows_of(db, [s.sam.person_id], Topic.REPLIES)[s.sam.person_id] == How.OFF
    ),
    notifications.told_how: lambda db, s: notifications.told_how(db, s.sam.person_id)[Topic.REPLIES] == How.OFF,
    notifications.offer_of: lambda db, s: How.OFF in [how for _t, how, _w in notifications.offer_of(db, s.sam).topics],
    people.actor_of: lambda db, s: people.actor_of(db, s.sam.person_id, clock.now()),
    people.find_person_number: lambda db, s: people.find_person_number(db, s.sam.public_id),
    people.get_actor: lambda db, s: people.get_actor(db, visit_of_helen(s), clock.now()).roles,
    people.get_person: lambda db, s: people.get_person(db, s.term.helen.id),
    people.get_course: lambda db, s: people.get_course(db, s.helen, s.course.public_id),
    people.head_count: lambda db, s: any(people.head_count(db, s.course.id)),
    people.education_administrators: lambda db, s: people.education_administrators(db, s.course.trust_id),
    people.tutors_of: lambda db, s: people.tutors_of(db, s.course.id),
    people.find_rotation: lambda db, s: people.find_rotation(db, s.helen.person_id, clock.now().date()),
    texts.get_revision: lambda db, s: texts.get_revision(db, s.post.text_id, 1),
    texts.with_rest_of: lambda db, s: (
        texts.with_rest_of(db, texts.get_revision(db, s.pictured.text_id, 1), prepare("Words.")).files
    ),
    texts.versions_of: lambda db, s: texts.versions_of(db, s.post.text_id),
    posts.words_of: lambda db, s: posts.words_of(db, s.post),
    texts.find_draft: lambda db, s: texts.find_draft(db, s.sam, draft_place("ask", s.board.public_id)),
    texts.all_drafts: lambda db, s: texts.all_drafts(db, s.sam),
    launch.find_person: lambda db, s: launch.find_person(db, s.deployment, "7"),
    launch.find_course: lambda db, s: launch.find_course(db, s.deployment, CourseClaims("55")),
    launch.find_placement: lambda db, s: launch.find_placement(db, s.deployment, s.term.course, "1"),
    launch.get_activity: lambda db, s: launch.get_activity(db, s.helen, s.activity),
    launch.activities_of: lambda db, s: launch.activities_of(db, s.helen, s.course),
    launch.get_choosing: lambda db, s: launch.get_choosing(db, s.helen, s.choosing, clock.now()),
    people.enrolled_after: lambda db, s: people.enrolled_after(db, s.course.id, clock.now().date(), 0, 9),
    people.find_person_number: lambda db, s: people.find_person_number(db, s.helen.public_id),
    people.holders_of: lambda db, s: people.holders_of(db, s.course.trust_id, Duty.SAFEGUARDING, clock.now()),
    safety.open_concerns: lambda db, s: safety.open_concerns(db, s.lead),
    safety.get_concern: lambda db, s: safety.get_concern(db, s.lead, s.cases["concern"]),
    safety.written_numbers: lambda db, s: safety.written_numbers(db, s.course.trust_id),
    appeals.open_appeals: lambda db, s: appeals.open_appeals(db, s.helen),
    appeals.get_appeal: lambda db, s: appeals.get_appeal(db, s.helen, s.cases["appeal"]),
    appeals.find_appeal_of: lambda db, s: appeals.find_appeal_of(db, s.sam, s.numbered("appealed")),
    appeals.last_refusal: lambda db, s: appeals.last_refusal(db, s.numbered("appealed")),
    openings.open_openings: lambda db, s: openings.open_openings(db, s.lead),
    openings.get_opening: lambda db, s: openings.get_opening(db, s.lead, s.cases["opening"]),
    pauses.find_pause: lambda db, s: pauses.find_pause(db, s.sam, *s.paused),
    pauses.running_pauses: lambda db, s: pauses.running_pauses(db, s.helen, s.course.id),
    corrections.corrections_of: lambda db, s: corrections.corrections_of(db, s.corrected),
    corrections.last_correction: lambda db, s: corrections.last_correction(db, s.numbered("read")),
    corrections.correction_story: lambda db, s: corrections.correction_story(db, s.cases["correction"]),
    corrections.writers_in: lambda db, s: corrections.writers_in(db, s.corrected, clock.now()),
    people.find_course_number: lambda db, s: people.find_course_number(db, s.course.public_id),
    services.find_roster: lambda db, s: services.find_roster(db, s.course),
    services.has_stuck_marks: lambda db, s: services.has_stuck_marks(db, s.placed),
    services.marked_activities: lambda db, s: services.marked_activities(db, s.helen, s.course),
    services.page_of_marks: lambda db, s: services.page_of_marks(db, s.placed, "").rows,
    services.page_of_people: lambda db, s: services.page_of_people(db, s.course, "").rows,
    services.platform_name: lambda db, s: services.platform_name(db, s.course),
    programme.clashes: lambda db, s: programme.clashes(db, s.helen, s.course, s.teaching.draft),
    programme.find_deleted: lambda db, s: programme.find_deleted(db, s.helen, s.deleted),
    programme.find_session: lambda db, s: programme.find_session(db, s.helen, s.teaching.public_id),
    programme.get_session: lambda db, s: programme.get_session(db, s.helen, s.teaching.public_id),
    programme.grade_for: lambda db, s: programme.grade_for(db, s.sam, s.course),
    programme.next_session: lambda db, s: programme.next_session(db, s.helen, s.course, None),
    programme.session_facts: lambda db, s: programme.session_facts(db, s.teaching.public_id),
    programme.sessions_between: lambda db, s: programme.sessions_between(db, s.helen, *weeks()),
    programme.sessions_named: lambda db, s: programme.sessions_named(db, s.helen, {s.teaching.public_id}),
    programme.was_sent: lambda db, s: programme.was_sent(db, s.helen, s.sent),
    feeds.blocks_of: lambda db, s: feeds.blocks_of(db, s.audience, Window.at(clock.now())),
    feeds.change_mark: lambda db, s: feeds.change_mark(db, s.audience)[0],
    feeds.count_ahead: lambda db, s: feeds.count_ahead(db, s.audience, *weeks()),
    feeds.courses_of: lambda db, s: feeds.courses_of(db, s.helen),
    feeds.find_block: lambda db, s: feeds.find_block(db, s.teaching.id),
    feeds.own_grade: lambda db, s: feeds.own_grade(db, s.helen.person_id, clock.now().date()),
    feeds.reader_of: lambda db, s: feeds.reader_of(db, s.calendar, clock.now().date()).courses,
    search.find: lambda db, s: search.find(db, s.helen, Wanted(("p2y12",))).rows,
    search.similar_questions: lambda db, s: search.similar_questions(db, s.helen, TITLE),
    search.boards_to_search: lambda db, s: search.boards_to_search(db, s.helen, s.course),
    feeds.unrendered_sessions: lambda db, s: feeds.unrendered_sessions(db, s.course.trust_id),
}
COUNTED: dict[str, Callable[[Scene], Any]] = {
    "posts.waiting_count": lambda s: posts.waiting_count(s.helen),
    "appeals.appeals_count": lambda s: appeals.appeals_count(s.helen),
    "openings.duties_count": lambda s: openings.duties_count(s.lead),
    "notifications.unread_count": lambda s: notifications.unread_count(s.sam),
}
# These learn from a token, a ticket or a sealed launch whose trust it is, and enter it.
ENTER = {
    people.find_visit,
    people.find_visit_of_form,
    people.each_trust,
    known.get_known,
    launch.get_guest,
    feeds.find_feed,
}
# These ask tables that stand outside (`row_security.OUTSIDE`), ask with what another query has found, or ask nothing.
OPEN = {
    people.find_trust, launch.get_registration, launch.get_registration_of_state, launch.overrides_of,
    launch.is_consumed, launch.get_platform_of, launch.find_platform, launch.all_platforms, launch.find_shelved_keys,
    launch.published_keys, launch.find_signing_key, journal.due_deliveries, journal.undone_deliveries,
    safety.numbers_of,
    journal.latest_runs, authors.tag_of, authors.tags_of, feeds.feeds_of, feeds.get_feed, feeds.find_feed_of_board,
    notifications.can_mail,
    marks.reader_tag, reactions.reactor_tag, launch.find_invite_of, cases.counts_of, cases.ticks_of,
}  # fmt: skip
# Expressions and writes, and the journal's own reading of every trust's lines, which test_sealing.py tries.
NO_LIST = {
    search.readable,
    keeping.drop_bookmark, keeping.follow_board, keeping.follow_thread, keeping.keep_bookmark, marks.forget_marks,
    marks.mark_of, marks.move_mark, news.mark_all_read, reactions.own_reactions, reactions.react,
    sight.sight_values, authors.alias_of, authors.seal_author,
    authors.likely_alias, authors.seal_for, journal.chain_head, journal.count_unsealed, journal.unsealed_lines,
    corrections.add_correction, pauses.pause_author, pauses.lift_pause,
    journal.verify, exports.begin_export, exports.begin_own_export, taking_part.set_rule,
    taking_part.end_rule,
    polls.set_poll, polls.erase_poll, polls.vote, attachments.hang_files, attachments.forget_files,
    authors.free_alias, polls.poll_slips,
}  # fmt: skip
ROOMS = (
    boards,
    sight,
    posts,
    exports,
    taking_part,
    stories,
    authors,
    polls,
    attachments,
    files,
    keeping,
    marks,
    news,
    reactions,
    moderation,
    safety,
    appeals,
    openings,
    pauses,
    corrections,
    queue,
    figures,
    notifications,
    people,
    texts,
    launch,
    known,
    services,
    journal,
    programme,
    feeds,
    cases,
    search,
)


def weeks() -> tuple[datetime, datetime]:
    return clock.now(), clock.now() + timedelta(days=60)


def later(ask: Callable[[], Any]) -> Any:
    with clock.at(clock.now() + clock.HOUR * 24 * 30):
        return ask()


def alias_of_sam(db: Session, scene: Scene) -> tuple[int, bytes]:
    with scene.ours.reading() as ours:
        hidden = scene.house.line(ours, scene.helen, scene.term.hidden)
    return hidden.id, authors.tag_of(db, scene.sam.person_id, hidden.id)


def long_ago() -> datetime:
    return clock.now() - timedelta(days=90)


def entry_of_sam(scene: Scene) -> str:
    with scene.ours.reading() as ours:
        return notifications.page_of_entries(ours, scene.sam).rows[0].public_id


def visit_of_helen(scene: Scene) -> people.OpenVisit:
    with scene.house.database.transaction() as db:
        return scene.house.visit(db, scene.term.helen, scene.term.course)[0]


def questions() -> Iterator[Any]:
    for module in ROOMS:
        for name, function in inspect.getmembers(module, inspect.isfunction):
            is_own = function.__module__ == module.__name__ and not name.startswith("_")
            if is_own and next(iter(inspect.signature(function).parameters), "") == "db":
                yield function


def test_every_query_is_asked():
    assert set(questions()) == set(ASKED) | ENTER | OPEN | NO_LIST


def answers(scene: Scene) -> Iterator[tuple[str, Any]]:
    for asked, ask in ASKED.items():
        with scene.theirs.reading() as db:
            try:
                found = ask(db, scene)
            except (NotFound, NoResultFound):
                found = None
        yield f"{asked.__module__}.{asked.__name__}", found
    for name, count in COUNTED.items():
        with scene.theirs.reading() as db:
            yield name, db.scalar(select(count(scene)))


def test_no_list_and_no_look_up_shows_a_row_of_another_trust(scene: Scene, all_is_visible, engine):
    shown = {name: bool(found) for name, found in answers(scene)}
    if engine == "sqlite":
        assert [name for name, is_shown in shown.items() if not is_shown] == [], "the test must be able to fail"
    else:
        assert [name for name, is_shown in shown.items() if is_shown] == []


def path_of(scene: Scene, path: str) -> str:
    term = scene.term
    return path.format(
        course=scene.course.public_id,
        board=scene.board.public_id,
        thread=scene.post.thread_public_id,
        published=term.question,
        replied=term.reply,
        pending=term.fresh,
        colleague=term.rhys.id,
        activity=scene.activity,
        session=scene.teaching.public_id,
        file=scene.file,
        polled=scene.polled.thread_public_id,
        **scene.cases,
        **scene.charter,
        tutor=term.helen.public_id,
        elsewhere=term.empty_course.public_id,
        tomorrow=(clock.now() + timedelta(days=1)).date().isoformat(),
    )


def test_no_route_shows_or_changes_anything_of_another_trust(
    scene: Scene, all_is_visible, engine, settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    """Every route, by Eve's own visit, while the application takes her for Helen."""
    browser = scene.house.browser(scene.eve, scene.abroad)
    monkeypatch.setattr(pages, "get_actor", lambda *_: scene.helen)
    secrets = (TITLE, "P2Y12", "Okafor", scene.course.title, scene.board.title)
    before, seen = everything(settings, scene), {}
    for key, row in ROWS.items():
        path, sent = path_of(scene, row.path), {name: path_of(scene, value) for name, value in row.form}
        answer = browser.get(path) if key.startswith("GET") else browser.post(path, sent | {"once": new_public_id()})
        seen[key] = answer.status_code, [word for word in secrets if word in answer.text]
    if engine == "sqlite":
        assert [key for key, (status, _words) in seen.items() if status < 400], "the test must be able to fail"
        assert before != everything(settings, scene)
    else:
        assert {key: found for key, found in seen.items() if found[0] < 400 or found[1]} == {}
        assert before == everything(settings, scene)


def everything(settings: Settings, scene: Scene) -> dict[str, Any]:
    """Every row of the trust, as the owner of the tables sees them."""
    owner = Database(settings.sqlalchemy_owner_url)
    with owner.transaction() as db:
        rows = {
            table.name: sorted(map(str, db.execute(select(table).where(table.c.trust_id == scene.course.trust_id))))
            for table in known_tables()
            if table.name not in OUTSIDE
        }
    owner.close()
    return rows


def test_who_has_entered_no_trust_sees_no_row(scene: Scene, engine):
    filled = set()
    with scene.house.database.reading() as db:
        for table in known_tables():
            if table.name not in OUTSIDE:
                filled |= (
                    {table.name} if db.execute(select(table).where(table.c.trust_id.is_not(None))).first() else set()
                )
    assert bool(filled) == (engine == "sqlite")


FORGED = "INSERT INTO drafts (public_id, trust_id, person_id, place, fields, updated_at) VALUES "
REFUSED = [
    FORGED + "('x', {ours}, {helen}, 'ask:x', '{{}}', now())",
    "UPDATE courses SET trust_id = {ours}",
    "UPDATE journal_lines SET verb = 'x'",
    "DELETE FROM journal_lines",
    "DELETE FROM journal_seals",
    "ALTER TABLE posts DISABLE ROW LEVEL SECURITY",
    "DROP POLICY of_trust ON posts",
    "SET ROLE grand_round_owner",
    "UPDATE alembic_version SET version_num = 'x'",
]
NOT_ALLOWED = r"row-level security|permission denied|must be owner"
WITHOUT_EFFECT = ["UPDATE posts SET state = 'removed'", "DELETE FROM inbox_entries", "DELETE FROM drafts"]


@pytest.mark.sql("postgresql")
def test_postgresql_refuses_what_eves_requests_may_not_do(scene: Scene) -> None:
    names = {"ours": scene.course.trust_id, "helen": scene.helen.person_id}
    with scene.theirs.transaction() as db:
        for statement in REFUSED:
            with (
                pytest.raises(ProgrammingError, match=NOT_ALLOWED),
                db.begin_nested(),
            ):
                db.execute(text(statement.format(**names)))
        for statement in WITHOUT_EFFECT:
            assert db.connection().execute(text(statement)).rowcount == 0
    with pytest.raises(ProgrammingError, match="row-level security"), scene.theirs.transaction() as db:
        record(db, trust_id=scene.course.trust_id, actor="x", verb="test.forged", subject="test:1")


@pytest.mark.sql("postgresql")
def test_the_whole_journal_is_shown_when_asked_for_and_opens_nothing_else(scene: Scene) -> None:
    of_ours = select(JournalLine).where(JournalLine.trust_id == scene.course.trust_id)
    with scene.theirs.transaction() as db:
        assert db.scalars(of_ours).first() is None
        assert journal.count_unsealed(db) > 0
        assert db.scalars(of_ours).first() is not None
        assert db.scalars(select(Post)).first() is None
    with scene.theirs.transaction() as db:
        assert db.scalars(of_ours).first() is None, "it ends with the transaction"


def test_a_request_that_fails_in_one_trust_leaves_nothing_for_the_next(scene: Scene, engine):
    """The connection goes back to the pool; the trust that it was in does not."""
    with pytest.raises(Problem), scene.ours.transaction() as db:
        assert db.scalars(select(Post)).first() is not None
        raise NotFound("gone")
    for _connection in range(12):
        with scene.house.database.transaction() as db:
            assert (db.scalars(select(Post)).first() is None) == (engine != "sqlite")
