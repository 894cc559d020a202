"""Playing the script: every event by the room's own action, in its own transaction, with the clock held at its moment.

The installation is filled in a folder beside its own and renamed when all is played, so that a demo that was stopped
half way begins again from nothing.
"""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from lti_tool.access import Actor, Duty
from lti_tool.app import listeners, open_database
from lti_tool.boards import (
    BoardDraft,
    BoardPolicy,
    PostFacts,
    WaitsFor,
    edit_post,
    get_board,
    get_post_facts,
    keep_tags,
    make_board,
    reply,
    start_thread,
    story_of,
    tag_own_question,
)
from lti_tool.core import clock
from lti_tool.core.db import Database
from lti_tool.core.ids import new_public_id
from lti_tool.core.settings import Settings
from lti_tool.demo.arrivals import announce_everybody, connect
from lti_tool.demo.cases import CaseEvent, act
from lti_tool.demo.lessons import Lesson, Step, plan_lesson, read_lessons, take_step
from lti_tool.demo.readers import read_and_react
from lti_tool.demo.script import BoardLines, Does, Event, Script, read_script
from lti_tool.journal import deliver, due_deliveries, seal_all
from lti_tool.migrations import upgrade_tables
from lti_tool.moderation import DecisionDraft, ReportDraft, Verb, decide, remove, report_post
from lti_tool.notifications import mark_thread_read
from lti_tool.people import CourseLine, appoint, get_person, state_rotation
from lti_tool.texts import prepare

BEGAN = timedelta(days=28)
DELIVERED_WITHIN = timedelta(seconds=30)
MOST_DELIVERIES = 100
READ_AFTER = timedelta(hours=20)


@dataclass(slots=True)
class Stage:
    """Who and what is there: `actors` by username, `courses` by the VLE's number, `posts` by the script's name."""

    database: Database
    actors: Mapping[str, Actor]
    courses: Mapping[int, CourseLine]
    posts: dict[str, str] = field(default_factory=dict)
    threads: dict[str, "ThreadSoFar"] = field(default_factory=dict)


@dataclass(slots=True)
class ThreadSoFar:
    """Who takes part in a thread, and when something last happened in it."""

    people: set[str]
    last_at: datetime


def set_the_stage(settings: Settings, issuer: str) -> None:
    """Make the demo's installation if there is none, and bring it to this version and to the VLE's address."""
    home = Path(settings.var_dir)
    if not home.exists():
        unfinished = home.with_name(f"{home.name}.new")
        shutil.rmtree(unfinished, ignore_errors=True)
        _fill(replace(settings, var_dir=str(unfinished)), issuer)
        unfinished.rename(home)
        return
    database = open_database(settings)
    upgrade_tables(database)
    connect(database, issuer)
    database.close()


def _fill(settings: Settings, issuer: str) -> None:
    Path(settings.var_dir).mkdir(parents=True)
    database = open_database(settings)
    database.notes.pop("nudge")  # what happened weeks ago is delivered here, not by a worker today
    upgrade_tables(database)
    play(database, read_script(clock.now()), issuer, clock.now())
    seal_all(database)
    database.close()


def play(database: Database, script: Script, issuer: str, now: datetime) -> None:
    """Play the whole script into a database that has tables and nothing in them. It ends at `now`."""
    with clock.at(now - BEGAN):
        connect(database, issuer)
        known = announce_everybody(database)
        stage = Stage(database, _appointed(database, known.actors, script), known.courses)
        for board in script.boards:
            _open_board(stage, board)
        lessons = read_lessons(now)
        _plan(stage, lessons)
        steps = [step for lesson in lessons for step in lesson.steps]
        played: list[Event | CaseEvent | Step] = [*script.events, *script.cases, *steps]
        for event in sorted(played, key=lambda event: event.at):
            if isinstance(event, Step):
                _replan(stage, event)
            elif isinstance(event, CaseEvent):
                _perform_case(stage, event)
            else:
                _perform(stage, event)
    for thread, so_far in stage.threads.items():
        if so_far.last_at + READ_AFTER < now:
            _read(stage, thread, so_far)
    read_and_react(stage, now)


def _appointed(database: Database, actors: Mapping[str, Actor], script: Script) -> dict[str, Actor]:
    """The actors with their duties; those who say where they work have said so."""
    appointed = dict(actors)
    with database.transaction() as db:
        for line in script.duties:
            actor, duty = actors[line["who"]], Duty(line["duty"])
            appoint(db, get_person(db, actor.person_id), duty, clock.now(), None)
            appointed[line["who"]] = replace(actor, duties=actor.duties | {duty})
        for line in script.rotations:
            person = get_person(db, actors[line["who"]].person_id)
            today = clock.now().astimezone(clock.LONDON).date()
            state_rotation(db, person, line["grade"], line["site"], line["speciality"], today, "self")
    return appointed


def _open_board(stage: Stage, board: BoardLines) -> None:
    draft = BoardDraft(board.title, board.purpose, board.is_pseudonymous, BoardPolicy.ALL)
    actor = stage.actors[board.opened_by]
    with stage.database.transaction() as db:
        make_board(db, actor, stage.courses[board.course], draft, board.public_id)
        if board.tags:
            keep_tags(db, actor, get_board(db, actor, board.public_id), board.tags)


def _plan(stage: Stage, lessons: list[Lesson]) -> None:
    with stage.database.transaction() as db:
        for lesson in lessons:
            plan_lesson(db, stage.actors[lesson.who], stage.courses[lesson.course], lesson)


def _replan(stage: Stage, step: Step) -> None:
    with clock.at(step.at), stage.database.transaction() as db:
        take_step(db, stage.actors[step.who], step)
    _deliver(stage.database, step.at + DELIVERED_WITHIN)


def _perform(stage: Stage, event: Event) -> None:
    """One event, and what the worker would have done within half a minute."""
    actor = stage.actors[event.who]
    with clock.at(event.at), stage.database.transaction() as db:
        stage.posts.setdefault(event.post, ACTS[event.does](db, actor, stage, event))
        thread = _thread_of(db, stage, event)
        mark_thread_read(db, actor, thread)
    so_far = stage.threads.setdefault(thread, ThreadSoFar(set(), event.at))
    so_far.people.add(event.who)
    so_far.last_at = event.at
    _deliver(stage.database, event.at + DELIVERED_WITHIN)


def _perform_case(stage: Stage, event: CaseEvent) -> None:
    """The same for what happens to a case."""
    with clock.at(event.at), stage.database.transaction() as db:
        act(db, stage.actors[event.who], stage, event)
    _deliver(stage.database, event.at + DELIVERED_WITHIN)


def _deliver(database: Database, at: datetime) -> None:
    known = {listener.job.name: listener.job for listener in listeners()}
    with clock.at(at):
        with database.reading() as db:
            due = due_deliveries(db, at, MOST_DELIVERIES)
        for delivery_id, _due_at in due:
            deliver(database, known, delivery_id)


def _read(stage: Stage, thread: str, so_far: ThreadSoFar) -> None:
    """Those who take part look in again on the next day."""
    with clock.at(so_far.last_at + READ_AFTER), stage.database.transaction() as db:
        for who in sorted(so_far.people):
            mark_thread_read(db, stage.actors[who], thread)


def _thread_of(db: Session, stage: Stage, event: Event) -> str:
    story = story_of(db, stage.posts[event.post])
    assert story is not None, "the event before this line was about it"
    return story.thread_public_id


def _ask(db: Session, actor: Actor, _stage: Stage, event: Event) -> str:
    board = get_board(db, actor, event.board)
    post = start_thread(db, actor, board, prepare(event.text, event.title), new_public_id())
    tag_own_question(db, actor, board, post, event.tags)
    return post.public_id


def _reply(db: Session, actor: Actor, stage: Stage, event: Event) -> str:
    answered = get_post_facts(db, actor, stage.posts[event.to])
    if answered.is_first:
        question, parent = answered, None
    else:
        question, parent = _question_of(db, actor, answered), answered
    return reply(db, actor, question, parent, prepare(event.text), new_public_id()).public_id


def _question_of(db: Session, actor: Actor, facts: PostFacts) -> PostFacts:
    story = story_of(db, facts.public_id)
    assert story is not None, "whoever has facts of a post finds its story"
    return get_post_facts(db, actor, story.first_post_public_id)


def _edit(db: Session, actor: Actor, stage: Stage, event: Event) -> str:
    facts = get_post_facts(db, actor, stage.posts[event.post])
    prepared = prepare(event.text, event.title if facts.is_first else None)
    return edit_post(db, actor, facts, prepared, facts.latest).public_id


def _report(db: Session, actor: Actor, stage: Stage, event: Event) -> str:
    facts = get_post_facts(db, actor, stage.posts[event.post])
    report_post(db, actor, facts, ReportDraft(event.reason, event.note))
    return facts.public_id


def _decide(db: Session, actor: Actor, stage: Stage, event: Event) -> str:
    facts = get_post_facts(db, actor, stage.posts[event.post])
    if event.does is Does.REMOVE and facts.waits_for != WaitsFor.REPORT:
        remove(db, actor, facts, ReportDraft(event.reason, event.note))
    else:
        decide(db, actor, facts, DecisionDraft(Verb(event.does), facts.latest, event.reason, event.note))
    return facts.public_id


ACTS: Mapping[Does, Callable[[Session, Actor, Stage, Event], str]] = {
    Does.ASK: _ask,
    Does.REPLY: _reply,
    Does.EDIT: _edit,
    Does.REPORT: _report,
    Does.APPROVE: _decide,
    Does.RETURN: _decide,
    Does.REJECT: _decide,
    Does.REMOVE: _decide,
}
