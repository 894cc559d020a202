"""Where a post stands, as those of a duty read it who need not belong to its course; joined to what it is about."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from lti_tool.boards import Board, Post, Thread
from lti_tool.people import Course, Person, display_name
from lti_tool.texts import Revision, Text

MOST_LISTED = 50


@dataclass(frozen=True, slots=True)
class PostPlace:
    """Where a post stands, for somebody who need not belong to its course. `html` and `author` only where asked for."""

    post_public_id: str
    thread_public_id: str
    board_title: str
    course_title: str
    is_first: bool
    is_pseudonymous: bool
    state: str
    created_at: datetime
    author: str = ""
    html: Markup | None = None
    title: str = ""


def place_columns() -> tuple[Any, ...]:
    return (
        Post.public_id.label("post"), Thread.public_id.label("thread"), Board.title.label("board"),
        Course.title.label("course"), Post.is_first, Board.is_pseudonymous, Post.state, Post.created_at, Post.alias,
        Person.name.label("author_name"), Person.public_id.label("author_id"),
    )  # fmt: skip


def placed(statement: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    return (
        statement.join(Thread, Thread.id == Post.thread_id)
        .join(Board, Board.id == Post.board_id)
        .join(Course, Course.id == Post.course_id)
        .outerjoin(Person, Person.id == Post.author_id)
    )


def place(row: Any, html: Markup | None = None, title: str = "") -> PostPlace:
    named = display_name(row.author_name or "", row.author_id) if row.author_id else ""
    return PostPlace(
        row.post, row.thread, row.board, row.course, row.is_first, row.is_pseudonymous, row.state, row.created_at,
        row.alias or named, html, title,
    )  # fmt: skip


def words(db: Session, text_id: int) -> tuple[Markup | None, str]:
    """What was last published of a text, or else its newest version. The caller may read it by duty."""
    row = db.execute(
        select(Revision.html, Revision.title)
        .join(Text, Text.id == Revision.text_id)
        .where(Text.id == text_id, Revision.number == func.coalesce(Text.published, Text.latest))
    ).first()
    return (row.html, row.title) if row else (None, "")
