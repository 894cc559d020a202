"""Filling an installation: trusts, courses, people, boards and posts, and a browser for each person."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

import time_machine
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.access import Actor, Duty, Role
from lti_tool.app import listeners
from lti_tool.boards import (
    BoardDraft,
    BoardLine,
    BoardPolicy,
    PostFacts,
    find_board,
    get_post_facts,
    make_board,
    reply,
    start_thread,
)
from lti_tool.core import clock
from lti_tool.core.db import Database
from lti_tool.core.ids import digest, new_public_id
from lti_tool.journal import deliver, due_deliveries
from lti_tool.moderation import Decision
from lti_tool.people import (
    Course,
    CourseLine,
    OpenVisit,
    Person,
    Trust,
    appoint,
    enrol,
    find_visit,
    get_actor,
    make_course,
    make_person,
    make_trust,
    start_visit,
)
from lti_tool.programme import SessionDraft, add_session, london_moment
from lti_tool.texts import prepare
from lti_tool.web import VISIT_COOKIE

FRAME = "https://vle.example"


@dataclass
class Browser:
    """A person at a browser with a live visit. `post` adds what one of our own pages would send."""

    client: FlaskClient
    visit: OpenVisit
    token: str

    def get(self, path: str, **options: object):
        """Read a page."""
        return self.client.get(path, **options)

    def post(self, path: str, data: dict[str, str] | None = None, **options: object):
        """Send a form of one of our pages."""
        secret = self.client.application.config["SECRET_KEY"]
        token = URLSafeTimedSerializer(secret, salt="wtf-csrf-token").dumps(self.visit.form_key)
        headers = {"Sec-Fetch-Site": "same-origin"} | dict(options.pop("headers", {}))
        return self.client.post(path, data={"csrf_token": token} | (data or {}), headers=headers, **options)


class House:
    """An installation under test."""

    def __init__(self, app: Flask, database: Database) -> None:
        self.app = app
        self.database = database

    def trust(self, name: str = "Northmoor University Hospitals") -> Trust:
        """A trust."""
        with self.database.transaction() as db:
            return make_trust(db, name, clock.now())

    def course(self, trust: Trust, title: str = "Cardiology ST4") -> Course:
        """A course of the trust."""
        with self.database.within(trust.id).transaction() as db:
            return make_course(db, trust.id, title, clock.now())

    def person(self, trust: Trust, name: str, roles: dict[int, Role] | None = None, *duties: Duty) -> Person:
        """Somebody of the trust with roles by course number, and duties."""
        with self.database.within(trust.id).transaction() as db:
            person = make_person(db, trust.id, name, clock.now())
            for course_id, role in (roles or {}).items():
                enrol(db, person.id, db.get_one(Course, course_id), role, clock.now())
            for duty in duties:
                appoint(db, person, duty, clock.now(), None)
            return person

    def person_of(self, course: Course, name: str, role: Role) -> Person:
        """Somebody with a role in one course."""
        with self.database.within(course.trust_id).transaction() as db:
            person = make_person(db, course.trust_id, name, clock.now())
            enrol(db, person.id, db.get_one(Course, course.id), role, clock.now())
            return person

    def visit(self, db: Session, person: Person, course: Course) -> tuple[OpenVisit, str]:
        """A live visit of the person and its token."""
        _visit, token = start_visit(db, person, course.id, FRAME, clock.now())
        found = find_visit(db, digest(token), clock.now(), timedelta(hours=1), timedelta(hours=8))
        assert found is not None
        return found, token

    def browser(self, person: Person, course: Course) -> Browser:
        """A browser in which the person has launched from the course."""
        with self.database.transaction() as db:
            visit, token = self.visit(db, person, course)
        client = self.app.test_client()
        client.set_cookie(VISIT_COOKIE, token, secure=True, httponly=True)
        client.environ_base["wsgi.url_scheme"] = "https"
        return Browser(client, visit, token)

    def actor(self, db: Session, person: Person, course: Course) -> Actor:
        """The person as the policy sees them."""
        return get_actor(db, self.visit(db, person, course)[0], clock.now())

    def board(
        self,
        course: Course,
        tutor: Person,
        *,
        pseudonymous: bool = False,
        moderated: bool = True,
        title: str = "Ask",
        policy: BoardPolicy | None = None,
    ) -> str:
        """A board of the course; returns its public id."""
        with self.database.transaction() as db:
            actor = self.actor(db, tutor, course)
            line = CourseLine.of(course)
            usual = BoardPolicy.ALL if moderated else BoardPolicy.OFF
            draft = BoardDraft(title, "Questions from the wards.", pseudonymous, policy or usual)
            return make_board(db, actor, line, draft).public_id

    def line(self, db: Session, actor: Actor, board: str) -> BoardLine:
        """The board as its room reads it."""
        found = find_board(db, actor, board)
        assert found is not None
        return found

    def question(self, person: Person, course: Course, board: str, title: str = "When?", text: str = "Tell me.") -> str:
        """A question; returns the post's public id."""
        with self.database.transaction() as db:
            actor = self.actor(db, person, course)
            prepared = prepare(text, title)
            return start_thread(db, actor, self.line(db, actor, board), prepared, new_public_id()).public_id

    def facts(self, person: Person, course: Course, post: str) -> PostFacts:
        """What this person may know of a post."""
        with self.database.transaction() as db:
            return get_post_facts(db, self.actor(db, person, course), post)

    def answer(self, person: Person, course: Course, question: str, text: str = "Because.") -> str:
        """A reply to a question; returns the post's public id."""
        with self.database.transaction() as db:
            actor = self.actor(db, person, course)
            facts = get_post_facts(db, actor, question)
            return reply(db, actor, facts, None, prepare(text), new_public_id()).public_id

    def last_decision(self, trust: Trust) -> str:
        """The public id of the newest decision of a moderator."""
        with self.database.within(trust.id).transaction() as db:
            return db.scalars(select(Decision.public_id).order_by(Decision.id.desc()).limit(1)).one()

    def teaching(self, planner: Person, course: Course, title: str = "Morning report", **given: object) -> str:
        """A session from 13:00 to 14:00 tomorrow, but for what is `given` (see SessionDraft); returns its public id."""
        starts_at = london_moment(tomorrow(), time(13))
        draft = SessionDraft(title, starts_at, starts_at + timedelta(hours=1))
        with self.database.transaction() as db:
            actor = self.actor(db, planner, course)
            line = CourseLine.of(course)
            return add_session(db, actor, line, replace(draft, **given), new_public_id()).public_id

    def work(self, later: timedelta = timedelta(seconds=11)) -> None:
        """What the worker does in the meantime: every delivery that will then be due."""
        jobs = {listener.job.name: listener.job for listener in listeners()}
        with time_machine.travel(clock.now() + later):
            with self.database.reading() as db:
                due = due_deliveries(db, clock.now())
            for delivery_id, _due_at in due:
                deliver(self.database, jobs, delivery_id)


def tomorrow() -> date:
    """The next day in the United Kingdom."""
    return clock.now().astimezone(clock.LONDON).date() + timedelta(days=1)


def moment(text: str) -> datetime:
    """A moment from ISO text with its zone."""
    return datetime.fromisoformat(text)
