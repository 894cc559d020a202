"""What a view needs: a session with the actor, a page with its bar, a message for the next page."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import current_app, flash, redirect, render_template, request, session
from sqlalchemy import ScalarSelect, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lti_tool.access import Actor, may
from lti_tool.core import clock
from lti_tool.people import CourseLine, get_actor
from lti_tool.web.addresses import page_url
from lti_tool.web.visits import is_in_path, the_visit


@dataclass(frozen=True, slots=True)
class BarEntry:
    """A need in the bar. `count` makes a scalar subquery; all bars' counts are asked in one query a page."""

    label: str
    endpoint: str
    section: str
    permission: str = "course.read"
    count: Callable[[Actor], ScalarSelect[int]] | None = None
    counted: str = ""


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
    """A snapshot and the person who looks. Raises NoVisit."""
    visit = the_visit()
    with current_app.extensions["database"].reading() as db:
        yield db, get_actor(db, visit, clock.now())


@contextmanager
def changing() -> Iterator[tuple[Session, Actor]]:
    """A transaction and the person who acts; committed when the block ends. Raises NoVisit."""
    visit = the_visit()
    with current_app.extensions["database"].transaction() as db:
        yield db, get_actor(db, visit, clock.now())


def page(
    db: Session, actor: Actor, course: CourseLine, section: str, template: str, *, who: str | None = None, **data: Any
) -> str:
    """Render a page with its bar. `who` replaces the person's name where a page must not show it."""
    bar = _bar(db, actor, course, section)
    return render_template(
        template, bar=bar, course=course, who=actor.name if who is None else who, actor=actor, **data
    )


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


def ask_before_showing() -> str | None:
    """An address with a visit in it that was typed, or taken from the history, asks whose visit it is (LTI.md, 7).

    Somebody else may have found it there. Following the button is a request from our own page and shows the content.
    """
    visit = getattr(session, "visit", None)
    was_typed = request.method == "GET" and request.headers.get("Sec-Fetch-Site") == "none"
    if visit is None or not (was_typed and is_in_path()):
        return None
    address = request.full_path.removesuffix("?")
    return render_template("errors/continue.html", visit=visit, address=f"{request.script_root}{address}")


def come_back(endpoint: str, **values: Any) -> Response:
    """Answer a form: 303 to a page, so that a reload is a GET."""
    return redirect(page_url(endpoint, **values), code=303)


def say(message: str) -> None:
    """Leave a message for the next page."""
    flash(message)
