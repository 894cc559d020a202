"""What people in the demo have read and how they reacted: by a rule, so that every start tells the same.

Everybody has read what is older than a day, so that a few things are new to each.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zlib import crc32

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.access import Actor, may
from lti_tool.boards import (
    Board,
    Post,
    PostState,
    Reaction,
    Thread,
    ThreadActivity,
    get_post_facts,
    microseconds_of,
    move_mark,
    react,
)
from lti_tool.core import clock
from lti_tool.core.errors import NotFound

if TYPE_CHECKING:
    from lti_tool.demo.stage import Stage

READ_BEFORE = timedelta(hours=26)
ONE_IN = 6  # so many readers of a post react to it


def read_and_react(stage: "Stage", now: datetime) -> None:
    """Play it, shortly before the demo begins."""
    with clock.at(now), stage.database.transaction() as db:
        for actor in stage.actors.values():
            _read(db, actor, now - READ_BEFORE)
        for who, name, word in _reactions(stage.actors, stage.posts):
            _react(db, stage.actors[who], stage.posts[name], word)


def _read(db: Session, actor: Actor, until: datetime) -> None:
    """What was published then has been seen."""
    threads = db.execute(
        select(ThreadActivity.thread_id, Thread.course_id)
        .join(Thread, Thread.id == ThreadActivity.thread_id)
        .join(Board, Board.id == Thread.board_id)
        .join(Post, (Post.thread_id == Thread.id) & Post.is_first)
        .where(Post.state == PostState.PUBLISHED, Post.published_at < until, Board.kind == "")
    )
    for thread_id, course_id in threads:
        if course_id in actor.roles:
            move_mark(db, actor, thread_id, course_id, microseconds_of(until))


def _reactions(people: Iterable[str], posts: Iterable[str]) -> list[tuple[str, str, Reaction]]:
    """(username, the script's name of a post, reaction). Most find things useful."""
    words: Mapping[int, Reaction] = {0: Reaction.AGREE, 1: Reaction.AGREE, 2: Reaction.SAME, 3: Reaction.EXPLAIN}
    drawn = [(who, name, crc32(f"{who} {name}".encode())) for name in posts for who in people]
    return [
        (who, name, words.get(number // ONE_IN % 9, Reaction.USEFUL))
        for who, name, number in drawn
        if number % ONE_IN == 0
    ]


def _react(db: Session, actor: Actor, post_id: str, word: Reaction) -> None:
    try:
        post = get_post_facts(db, actor, post_id)
    except NotFound:
        return  # of another course, or not out yet
    if may(actor, "post.react", post.thing):
        react(db, actor, post, word)
