"""`@tutors` on every board, and `@` with the full name of somebody of the course where names are shown.

Nothing is kept: the words are read when a text is checked (a colleague's name is no finding then) and once more when
a version is published, to tell those who are meant. Without names there is nobody to mention but the tutors together,
so that no board tells who belongs to it.
"""

import re
from collections.abc import Iterable

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from lti_tool.boards.audience import ENROLLED, enrolled_on
from lti_tool.boards.models import Board, Post, Thread
from lti_tool.boards.queries import BoardLine
from lti_tool.boards.rules import BoardKind, Gate, PostState
from lti_tool.people import Person, tutors_of
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


def people_named(db: Session, board_id: int, said: Iterable[str]) -> dict[str, int]:
    """Those of these names that belong to one person who reads the board now: name → person's number."""
    names = set(said)
    if not names:
        return {}
    is_said = or_(Person.name.in_(names), func.lower(Person.name).in_({name.lower() for name in names}))
    rows = db.execute(_readers(board_id).with_only_columns(Person.name, Person.id).where(is_said).distinct()).all()
    everybody = [name.lower() for name, _id in rows]
    return {name: number for name, number in rows if everybody.count(name.lower()) == 1}


def people_like(db: Session, board: BoardLine, said: str) -> list[str]:
    """A few names of people who read the board that hold these letters; none on a board without names."""
    said = " ".join(said.split())
    if board.is_pseudonymous or not LEAST_SAID <= len(said) <= MOST_SAID:
        return []
    fits = Person.name.icontains(said, autoescape=True)
    return list(db.scalars(_readers(board.id).where(fits).distinct().order_by(Person.name).limit(MOST_OFFERED)))


def _readers(board_id: int) -> Select[str]:
    """The names of who reads a board, each once for every enrolment by which they do."""
    return select(Person.name).join(ENROLLED, ENROLLED.person_id == Person.id).where(enrolled_on(board_id))


def spans_of(text: str, names: Iterable[str]) -> list[tuple[int, int]]:
    """Where these people are mentioned in a text, with the `@`."""
    either = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    pattern = re.compile(rf"(?<![\w@])@(?:{either})(?!\w)", re.IGNORECASE) if either else None
    return [match.span() for match in pattern.finditer(text)] if pattern else []


def people_mentioned(db: Session, post_public_id: str, version: int | None = None) -> set[int]:
    """The numbers of those whom a published post of an ordinary board mentions: in the version that stands, or in this
    one. For the notifier alone."""
    number = Text.published if version is None else version
    row = db.execute(
        select(Board.id, Board.course_id, Board.is_pseudonymous, Revision.title, Revision.source)
        .join(Post, Post.board_id == Board.id)
        .join(Thread, Thread.id == Post.thread_id)
        .join(Text, Text.id == Post.text_id)
        .join(Revision, (Revision.text_id == Text.id) & (Revision.number == number))
        .where(Post.public_id == post_public_id, Post.state == PostState.PUBLISHED)
        .where(Board.kind == BoardKind.BOARD, Thread.gate == Gate.OPEN, ~Thread.is_private)
    ).first()
    if row is None:
        return set()
    words = f"{row.title}\n{row.source}"
    told = {number for number, _name in tutors_of(db, row.course_id)} if _TUTORS.search(words) else set()
    if not row.is_pseudonymous:
        named = people_named(db, row.id, names_said(words))
        told |= {number for name, number in named.items() if spans_of(words, [name])}
    return told
