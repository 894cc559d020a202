"""What a composer's buttons ask for: preview, check, draft, send. Whatever goes wrong, the text comes back."""

import json
from collections.abc import Callable, Mapping

from flask import request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lti_tool.access import Actor
from lti_tool.boards import attaching
from lti_tool.boards.attaching import FindSpot
from lti_tool.boards.forms import Composer, wish_of
from lti_tool.boards.mentions import names_said, people_named, spans_of
from lti_tool.boards.models import Thread
from lti_tool.boards.pauses import Paused
from lti_tool.boards.queries import BoardLine
from lti_tool.boards.rules import PostState, next_look
from lti_tool.boards.slips import Slip, Slips, inquiry
from lti_tool.core import clock
from lti_tool.core.errors import Invalid
from lti_tool.core.language import gettext as _
from lti_tool.texts import (
    DRAFT_AS_WORDS,
    IS_DRAFT,
    Attachment,
    FieldFinding,
    Prepared,
    accept,
    beside_own_names,
    check_of,
    find_draft,
    keep_draft,
    name_nobody,
    own_names,
    prepare,
    problem_of,
    read_evidence,
)
from lti_tool.web import changing, come_back, reading, say, soon, the_visit

Answer = str | Response | tuple[str, int]
Show = Callable[..., str]
Send = Callable[[Composer, Prepared], Response]


def from_draft(place: str, **given: str) -> Composer:
    """What the draft of this place holds; what the address gives counts where the draft has nothing."""
    with reading() as (db, actor):
        draft = find_draft(db, actor, place)
        return _composer(draft.fields if draft else {}, given)


_DRAFT = inquiry("draft", 0, DRAFT_AS_WORDS).where(IS_DRAFT)


def draft_slip(actor: Actor, place: str) -> Slip:
    """The draft to be asked with others."""
    return Slip(_DRAFT, {"person": actor.person_id, "place": place})


def draft_in(slips: Slips, **given: str) -> Composer:
    """The same as `from_draft`, from the answer."""
    for _number, (fields,) in slips.get("draft", ()):
        return _composer(json.loads(fields), given)
    return _composer({}, given)


def _composer(draft: Mapping[str, str], given: Mapping[str, str]) -> Composer:
    return Composer.of({**given, **draft} | {k: v for k, v in given.items() if v})


def open_composer(place: str, show: Show, go_on: Callable[[], Response]) -> Answer:
    """From a board's own box to the composer, which is a page to come back to: the words go there as a draft."""
    composer = from_draft(place, title=request.form.get("title", ""), text=request.form.get("text", ""))
    try:
        with changing() as (db, actor):
            keep_draft(db, actor.trust_id, actor.person_id, place, {"title": composer.title, "text": composer.text})
    except Invalid as problem:
        return show(composer, problem=problem.message), 400
    return go_on()


def compose(
    place: str, show: Show, send: Send, find_spot: FindSpot, *, has_title: bool, leave: Callable[[], Response]
) -> Answer:
    """What a composer's button asks for. Whatever goes wrong, the text comes back in the page."""
    composer, wish = Composer.of(request.form), wish_of(request.form)
    try:
        before, composer = composer, attaching.changed(composer, place, find_spot)
        if wish == "draft":
            with changing() as (db, actor):
                keep_draft(db, actor.trust_id, actor.person_id, place, composer.draft)
            say(_("Draft saved. You find it on Home."))
            return leave()
        if wish == "attach" or composer is not before:
            return show(composer)
        hung = attaching.attachments(composer, find_spot)
        named = _mentioned(composer, find_spot)
        prepared = _prepare(composer, hung, named, has_title=has_title)
        if "accept" in request.form:
            told = _told(composer, prepared, find_spot)
            composer = composer.saying(accept(prepared.fields, told, request.form["accept"]))
            prepared = _prepare(composer, attaching.described(hung, composer), named, has_title=has_title)
        if wish == "preview":
            return show(composer, preview=prepared.html)
        check = check_of(prepared.fields, _told(composer, prepared, find_spot))
        if wish == "check" or check.stops or check.names_author or (check.open and wish != "review"):
            attaching.keep(place, composer)
            problem, errors = problem_of(check)
            answer = show(composer, check=check, problem=problem, errors=errors)
            return answer if wish == "check" else (answer, 400)
        return send(composer, prepared.for_review())
    except Paused:
        attaching.keep(place, composer)
        raise
    except Invalid as problem:
        return show(composer, problem=problem.message, errors=problem.fields), 400


def _prepare(composer: Composer, hung: tuple[Attachment, ...], named: set[str], *, has_title: bool) -> Prepared:
    title, options = None, ""
    if has_title:
        title, options = composer.title, "\n".join(composer.poll.options) if composer.poll else ""
    prepared = prepare(composer.text, title, composer.answers, hung, options, lambda words: spans_of(words, named))
    if has_title:
        return prepared
    if problems := name_nobody({"references": composer.references}):
        raise Invalid(_("Not sent yet. Your text is safe."), problems)
    return prepared.standing_on(read_evidence(composer.level, composer.references))


def _told(composer: Composer, prepared: Prepared, find_spot: FindSpot) -> tuple[FieldFinding, ...]:
    """What its author is told of: what was found and, where nobody may know who writes, their own name.

    That is never kept with the text: whoever decides on it would read there who wrote it.
    """
    own = own_names(prepared.fields, the_visit().given_name, composer.answers)
    if own:
        with reading() as (db, actor):
            own = own if find_spot(db, actor).board.is_pseudonymous else ()
    return beside_own_names(prepared.findings, own)


def _mentioned(composer: Composer, find_spot: FindSpot) -> set[str]:
    """Whose names stand in it after an `@`: of people who read the board, where names are shown."""
    said = names_said(f"{composer.title}\n{composer.text}")
    if not said:
        return set()
    with reading() as (db, actor):
        board = find_spot(db, actor).board
        return set() if board.is_pseudonymous else set(people_named(db, board.id, said))


def sent(db: Session, line: BoardLine, thread_id: int, state: PostState, *, is_private: bool = False) -> Response:
    """Say what happens now, and go to the thread."""
    look = next_look(clock.now(), line.look_days, line.look_times, clock.LONDON)
    if is_private and state == PostState.PUBLISHED:
        say(_("Sent. Only its author and the tutors can read it."))
    elif state == PostState.PUBLISHED:
        say(_("Sent. Everybody on this board can read it."))
    elif look is None:
        say(_("Sent. It waits for a tutor."))
    else:
        say(_("Sent. It waits for a tutor, who next looks %(when)s.") % {"when": soon(look, clock.now())})
    return come_back("boards.thread", thread_id=db.get_one(Thread, thread_id).public_id)
