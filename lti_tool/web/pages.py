"""What a view needs: a session with the actor, a page with its bar, a message for the next page."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import current_app, flash, redirect, render_template
from markupsafe import Markup
from sqlalchemy import ColumnElement, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lti_tool.access import Actor, Role, may
from lti_tool.core import clock
from lti_tool.core.language import gettext as _
from lti_tool.people import CourseLine, get_actor, get_course
from lti_tool.web.addresses import page_url
from lti_tool.web.visits import the_session, the_visit


@dataclass(frozen=True, slots=True)
class BarEntry:
    """A need in the bar. `count` makes a scalar subquery; all bars' counts are asked in one query a page."""

    label: str
    endpoint: str
    section: str
    permission: str = "course.read"
    count: Callable[[Actor], ColumnElement[int]] | None = None
    counted: str = ""


@dataclass(frozen=True, slots=True)
class Landmark:
    """Where a public id leads: a page of ours, and the course in whose VLE page one finds it.

    A door exports `landmarks`, functions `(db, public_id) -> Landmark | None`; nobody is known yet when they are asked.
    """

    endpoint: str
    values: Mapping[str, str]
    course_id: int


@dataclass(frozen=True, slots=True)
class BarItem:
    """A bar entry as the template draws it."""

    label: str
    href: str
    is_current: bool
    count: int | None
    counted: str


@contextmanager
def reading() -> Iterator[tuple[Session, Actor]]:
    """A snapshot and the person who looks. Raises NoVisit.

    A page may read more than once; what its person may do is asked once, and again after anything was changed.
    """
    visit, here = the_visit(), the_session()
    with current_app.extensions["database"].within(visit.trust_id).reading() as db:
        here.actor = here.actor or get_actor(db, visit, clock.now())
        yield db, here.actor


@contextmanager
def changing() -> Iterator[tuple[Session, Actor]]:
    """A transaction and the person who acts; committed when the block ends. Raises NoVisit."""
    visit = the_visit()
    the_session().actor = None
    with current_app.extensions["database"].within(visit.trust_id).transaction() as db:
        yield db, get_actor(db, visit, clock.now())


def page(
    db: Session, actor: Actor, course: CourseLine, section: str, template: str, *, who: str | None = None, **data: Any
) -> str:
    """Render a page with its bar. `who` replaces name and hat where a page must not show them."""
    bar = _bar(db, actor, course, section)
    who = _name_and_hat(actor, course) if who is None else who
    return render_template(template, bar=bar, course=course, who=who, actor=actor, **data)


def bar_course(db: Session, actor: Actor, course: CourseLine) -> CourseLine:
    """Whose bar a page about a thing of `course` gets: its own, or the visitor's where another course shares it."""
    return course if may(actor, "course.read", course.thing) else get_course(db, actor, the_visit().course_public_id)


def _name_and_hat(actor: Actor, course: CourseLine) -> str:
    hats = {
        Role.TUTOR: _("tutor"),
        Role.ASSISTANT: _("teaching assistant"),
        Role.DESIGNER: _("course designer"),
        Role.ADMINISTRATOR: _("administrator"),
        Role.MENTOR: _("mentor"),
        Role.LEARNER: _("learner"),
        Role.READER: _("reader"),
        None: _("education administrator"),
    }
    return f"{actor.name}, {hats[actor.role_in(course.id)]}"


def _bar(db: Session, actor: Actor, course: CourseLine, section: str) -> list[BarItem]:
    entries: list[BarEntry] = [
        entry for entry in current_app.extensions["bar"] if may(actor, entry.permission, course.thing)
    ]
    counted = [entry for entry in entries if entry.count]
    counts = db.execute(select(*(entry.count(actor) for entry in counted if entry.count))).one() if counted else ()
    numbers = dict(zip((entry.endpoint for entry in counted), counts, strict=True))
    return [
        BarItem(
            label=entry.label,
            href=page_url(entry.endpoint, course_id=course.public_id),
            is_current=entry.section == section,
            count=numbers.get(entry.endpoint),
            counted=entry.counted,
        )
        for entry in entries
    ]


def forget(words: Sequence[str]) -> bool | None:
    """Whether none of these words is in the database's file any more, after a transaction that overwrote them.

    None where a server keeps the files; False as well when the file could not be looked through now.
    """
    try:
        gone: bool | None = current_app.extensions["database"].forget(words)
    except OperationalError:
        return False
    return gone


def beside(place: str, db: Session, actor: Actor, *given: Any) -> Markup:
    """What a higher room shows at this place of a lower one's page: nothing where none does.

    A door exports `asides`, place → function; the front door hands them down.
    """
    show = current_app.extensions["asides"].get(place)
    return show(db, actor, *given) if show else Markup()


def come_back(endpoint: str, **values: Any) -> Response:
    """Answer a form: 303 to a page, so that a reload is a GET."""
    return redirect(page_url(endpoint, **values), code=303)


def say(message: str, *, undo: str = "", seconds: int = 0) -> None:
    """Leave a message for the next page. With `undo`, a path of ours, it carries a button for so many seconds."""
    flash({"words": message, "undo": undo, "seconds": seconds} if undo else message)  # type: ignore[arg-type]
