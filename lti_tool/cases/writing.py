"""Pages of an author: a capture of sixty seconds, then a list of parts, each a page. Whatever is typed stays.

Each part can be saved as it is. Between two saves the browser keeps what is typed as a draft of `texts`, from which the
page goes on; a form that is refused comes back whole.
"""

from collections.abc import Callable, Mapping
from typing import Any

from flask import request
from sqlalchemy.orm import Session

from lti_tool.access import Actor, require
from lti_tool.cases import actions, queries, rules
from lti_tool.cases.forms import answer_draft, capture_draft, consent_draft, question_draft, story_draft
from lti_tool.cases.queries import CaseFacts
from lti_tool.cases.rules import Section, Slot
from lti_tool.cases.views import Answer, bar_course_id, blueprint, check_case, page_of, words
from lti_tool.core.errors import Invalid
from lti_tool.core.ids import is_public_id, new_public_id
from lti_tool.core.language import gettext as _
from lti_tool.people import get_course
from lti_tool.texts import draft_place, drop_draft, find_draft
from lti_tool.web import changing, come_back, page, reading, say

__all__ = ["blueprint"]  # with every page on it: this module is the last to add some

Save = Callable[[Session, Actor, CaseFacts, Any], None]
PLACES = {section: f"case{section}" for section in Section}
TEMPLATES = {
    Section.STORY: "cases/story.html",
    Section.QUESTION: "cases/question.html",
    Section.ANSWER: "cases/answer.html",
    Section.CONSENT: "cases/consent.html",
}


@blueprint.route("/courses/<course_id>/cases/new", methods=["GET", "POST"])
def new(course_id: str) -> Answer:
    """Keep a speciality and a learning point; the rest can wait."""
    if request.method == "GET":
        return _show_new(course_id)
    once = request.form.get("once", "")
    try:
        draft = capture_draft(request.form)
        with changing() as (db, actor):
            course = get_course(db, actor, course_id)
            begun = actions.begin_case(db, actor, course, draft, once if is_public_id(once) else new_public_id())
            drop_draft(db, actor.person_id, draft_place("casenew", course_id))
    except Invalid as problem:
        return _show_new(course_id, errors=problem.fields, problem=problem.message), 400
    say(_("Saved. Only you see it. Go on now, or later from Home."))
    return come_back("cases.write", case_id=begun.public_id)


def _show_new(course_id: str, **data: Any) -> str:
    with reading() as (db, actor):
        course = get_course(db, actor, course_id)
        require(actor, "case.write", course.thing)
        place = draft_place("casenew", course.public_id)
        draft = find_draft(db, actor, place)
        given = request.form if request.method == "POST" else draft.fields if draft else {}
        data = {"errors": {}, "problem": ""} | data | {"given": given, "place": place}
        once = given.get("once") or new_public_id()
        return page(db, actor, course, "cases", "cases/new.html", once=once, specialities=rules.specialities(), **data)


@blueprint.get("/cases/<case_id>/write")
def write(case_id: str) -> str:
    """The parts of my case, each with how far it is."""
    with reading() as (db, actor):
        facts = _mine(db, actor, case_id)
        progress = rules.progress(facts.sheet)
        return page_of(db, actor, facts, "cases/write.html", progress=progress, **words())


def _mine(db: Session, actor: Actor, case_id: str) -> CaseFacts:
    facts = queries.get_case(db, actor, case_id)
    require(actor, "case.edit", facts.thing)
    return facts


@blueprint.route("/cases/<case_id>/story", methods=["GET", "POST"])
def story(case_id: str) -> Answer:
    """Title, speciality, setting, stage of life, presentation."""
    return _part(case_id, Section.STORY, story_draft, actions.save_story)


@blueprint.route("/cases/<case_id>/question", methods=["GET", "POST"])
def question(case_id: str) -> Answer:
    """The one question."""
    return _part(case_id, Section.QUESTION, question_draft, actions.save_question)


@blueprint.route("/cases/<case_id>/answer", methods=["GET", "POST"])
def answer(case_id: str) -> Answer:
    """What happened, and what there is to learn."""
    return _part(case_id, Section.ANSWER, answer_draft, actions.save_answer)


@blueprint.route("/cases/<case_id>/consent", methods=["GET", "POST"])
def consent(case_id: str) -> Answer:
    """On which consent the case stands."""
    return _part(case_id, Section.CONSENT, consent_draft, actions.save_consent)


def _part(case_id: str, section: Section, read: Callable[[Mapping[str, str]], Any], save: Save) -> Answer:
    """Show a part of the case, or save it and go back to the list of parts."""
    if request.method == "GET":
        return _show_part(case_id, section)
    try:
        draft = read(request.form)
        with changing() as (db, actor):
            save(db, actor, _mine(db, actor, case_id), draft)
            drop_draft(db, actor.person_id, draft_place(PLACES[section], case_id))
    except Invalid as problem:
        return _show_part(case_id, section, errors=problem.fields, problem=problem.message), 400
    say(_("Saved."))
    return come_back("cases.write", case_id=case_id)


def _show_part(case_id: str, section: Section, **data: Any) -> str:
    place = draft_place(PLACES[section], case_id)
    with reading() as (db, actor):
        facts = _mine(db, actor, case_id)
        draft = find_draft(db, actor, place)
        saved = _fields(facts, section) | (dict(draft.fields) if draft else {})
        given = request.form.to_dict() if request.method == "POST" else saved
        data = {"errors": {}, "problem": "", "place": place, "given": {"text": ""} | given} | data | words()
        return page_of(db, actor, facts, TEMPLATES[section], **data)


def _fields(facts: CaseFacts, section: Section) -> dict[str, str]:
    """What is saved of a part, as its form has it."""
    if section == Section.STORY:
        cover = {"speciality": facts.speciality, "setting": facts.setting, "life_stage": facts.life_stage}
        return cover | {"title": facts.title, "text": facts.source.get(Slot.PRESENTATION, "")}
    if section == Section.QUESTION:
        return {"title": facts.question, "text": "\n".join(facts.options)}
    if section == Section.CONSENT:
        return {"basis": facts.basis, "note": facts.basis_note}
    best = "" if facts.best is None else str(facts.best)
    learnt = {"text": facts.source.get(Slot.EXPLANATION, ""), "note": "\n".join(facts.points)}
    return learnt | {"certainty": facts.certainty, "best": best}


@blueprint.route("/cases/<case_id>/send", methods=["GET", "POST"])
def send(case_id: str) -> Answer:
    """Read the whole case as others will, and send it to a tutor."""
    if request.method == "GET":
        return _show_send(case_id)
    try:
        with changing() as (db, actor):
            facts = queries.get_case(db, actor, case_id)
            actions.send_case(db, actor, facts, bool(request.form.get("asks_trust")))
    except Invalid as problem:
        return _show_send(case_id, errors=problem.fields, problem=problem.message), 400
    say(_("Sent. A tutor looks at it before others do; you are told what they decide."))
    return come_back("cases.find", case_id=case_id)


def _show_send(case_id: str, **data: Any) -> str:
    with reading() as (db, actor):
        facts = _mine(db, actor, case_id)
        gaps = {section: found for section, found in rules.missing(facts.sheet).items() if found}
        data = {"errors": {}, "problem": "", "gaps": gaps} | data | {"check": check_case(facts)} | words()
        return page_of(db, actor, facts, "cases/send.html", **data)


@blueprint.route("/cases/<case_id>/withdraw", methods=["GET", "POST"])
def withdraw(case_id: str) -> Answer:
    """Take my case back, after one question."""
    if request.method == "GET":
        with reading() as (db, actor):
            facts = queries.get_case(db, actor, case_id)
            require(actor, "case.withdraw", facts.thing)
            return page_of(db, actor, facts, "cases/withdraw.html")
    with changing() as (db, actor):
        facts = queries.get_case(db, actor, case_id)
        actions.withdraw_case(db, actor, facts)
    say(_("Your case is withdrawn."))
    return come_back("cases.index", course_id=bar_course_id(actor, facts.course))
