"""`@tutors` on every board, and `@` with the full name of somebody of the course where names are shown.

Nothing is kept: the words are read when a text is checked (a colleague's name is no finding then) and once more when it
is published, to tell those who are meant. Without names there is nobody to mention but the tutors together, so that no
board tells who belongs to it.
"""

import re
from collections.abc import Iterable

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from lti_tool.boards.models import Board, Post, Thread
from lti_tool.boards.queries import BoardLine
from lti_tool.boards.rules import BoardKind, Gate, PostState
from lti_tool.people import Enrolment, Person, tutors_of
from lti_tool.texts import Revision, Text

MOST_MENTIONS, MOST_OFFERED = 10, 6
LEAST_SAID, MOST_SAID = 2, 60
_WORD = r"[^\W\d_][\w.'’-]*"
_MENTION = re.compile(rf"(?<![\w@])@({_WORD}(?: {_WORD}){{0,4}})")
_TUTORS = re.compile(r"(?<![\w@])@tutors?\b", re.IGNORECASE)


def names_said(text: str) -> set[str]:
    """Every name that may be meant after an `@`: its first word, its first two, … without the stop after it."""
    said: set[str] = set()
    for match in list(_MENTION.finditer(text))[:MOST_MENTIONS]:
        words = match[1].split(" ")
        said |= {" ".join(words[:many]).rstrip(".'’-") for many in range(1, len(words) + 1)}
    return said


def people_named(db: Session, course_id: int, said: Iterable[str]) -> dict[str, int]:
    """Those of these names that belong to one person who is in the course now: name → person's number."""
    names = set(said)
    if not names:
        return {}
    rows = db.execute(
        select(Person.name, Person.id)
        .join(Enrolment, Enrolment.person_id == Person.id)
        .where(
            Enrolment.course_id == course_id,
            Enrolment.left_at.is_(None),
            or_(Person.name.in_(names), func.lower(Person.name).in_({name.lower() for name in names})),
        )
    ).all()
    everybody = [name.lower() for name, _id in rows]
    return {name: number for name, number in rows if everybody.count(name.lower()) == 1}


def people_like(db: Session, board: BoardLine, said: str) -> list[str]:
    """A few names of people of the board's course that hold these letters; none on a board without names."""
    said = " ".join(said.split())
    if board.is_pseudonymous or not LEAST_SAID <= len(said) <= MOST_SAID:
        return []
    fits = Person.name.icontains(said, autoescape=True)
    here = (Enrolment.course_id == board.course.id) & Enrolment.left_at.is_(None)
    rows = select(Person.name).join(Enrolment, Enrolment.person_id == Person.id).where(here, fits)
    return list(db.scalars(rows.distinct().order_by(Person.name).limit(MOST_OFFERED)))


def spans_of(text: str, names: Iterable[str]) -> list[tuple[int, int]]:
    """Where these people are mentioned in a text, with the `@`."""
    either = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    pattern = re.compile(rf"(?<![\w@])@(?:{either})(?!\w)", re.IGNORECASE) if either else None
    return [match.span() for match in pattern.finditer(text)] if pattern else []


def people_mentioned(db: Session, post_public_id: str) -> set[int]:
    """The numbers of those whom a published post of an ordinary board mentions. For the notifier alone."""
    row = db.execute(
        select(Board.course_id, Board.is_pseudonymous, Revision.title, Revision.source)
        .join(Post, Post.board_id == Board.id)
        .join(Thread, Thread.id == Post.thread_id)
        .join(Text, Text.id == Post.text_id)
        .join(Revision, (Revision.text_id == Text.id) & (Revision.number == Text.published))
        .where(Post.public_id == post_public_id, Post.state == PostState.PUBLISHED)
        .where(Board.kind == BoardKind.BOARD, Thread.gate == Gate.OPEN, ~Thread.is_private)
    ).first()
    if row is None:
        return set()
    words = f"{row.title}\n{row.source}"
    told = {number for number, _name in tutors_of(db, row.course_id)} if _TUTORS.search(words) else set()
    if not row.is_pseudonymous:
        named = people_named(db, row.course_id, names_said(words))
        told |= {number for name, number in named.items() if spans_of(words, [name])}
    return told
